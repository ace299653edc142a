/* tests/unit/store/test_check.c
 *
 * skein check's parts of the store: each kind of damage is told, and what only looks like one is not.
 */
#include "base/cleanup.h"
#include "lib/check.h"
#include "lib/scratch.h"
#include "store/check.h"
#include "store/inside.h"
#include "store/wishes.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HASH_A "0a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223242526272829"
#define HASH_B "1a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223242526272829"
#define MEMBER "01JDQ0A1B2C3D4E5F6G7H8J9KA"
#define TIME   "2026-11-26T09:30:00.000Z "

static struct scratch scratch;
static struct store *store;
static struct err err;
static struct buf told; /* every sentence, and every thing that was looked at */
static size_t damages;

static const char *path_of(const char *name)
{
    return scratch_name(&scratch, "", name);
}

static void open_as(enum store_role role)
{
    struct store_options options = {.folder = path_of("data"), .role = role};
    store_close(store);
    store = NULL;
    if (store_open(&options, &store, &err) != 0)
        fail_msg("%s", err.text);
}

static int make(void **state)
{
    (void)state;
    scratch_make(&scratch);
    buf_init(&told, 1 << 20);
    store = NULL;
    open_as(STORE_OWNER);
    return 0;
}

static int end(void **state)
{
    (void)state;
    store_close(store);
    store = NULL;
    buf_release(&told);
    scratch_remove(&scratch);
    return 0;
}

static void on_damage(void *context, const char *sentence)
{
    (void)context;
    damages++;
    buf_printf(&told, "%s\n", sentence);
}

static void on_looked(void *context, const char *what, uint64_t n, uint64_t damaged)
{
    (void)context;
    buf_printf(&told, "%s: %llu, %llu damaged\n", what, (unsigned long long)n, (unsigned long long)damaged);
}

/* As a command beside the owner. Returns how many damages were told. */
static size_t check(void)
{
    static const struct check_report report = {.damage = on_damage, .looked = on_looked};
    struct checking checking = {.store = store, .report = &report};
    buf_clear(&told);
    damages = 0;
    assert_int_equal(store_connect(store, DB_READER, &checking.db, &err), 0);
    int failed = check_database(&checking, &err);
    if (!failed)
        failed = db_begin(checking.db, &err);
    if (!failed)
        failed = check_wishes(&checking, &err);
    if (!failed)
        failed = check_numbers(&checking, 10, &err);
    db_rollback(checking.db);
    db_close(checking.db);
    if (failed)
        fail_msg("%s", err.text);
    return damages;
}

static void assert_told(const char *words)
{
    if (!strstr(buf_string(&told), words))
        fail_msg("'%s' is not in: %s", words, buf_string(&told));
}

static void run(const char *sql)
{
    if (db_script(store->writer, text_of(sql), &err) != 0)
        fail_msg("%s", err.text);
}

static void write_log(const char *lines)
{
    scratch_write(path_of("data/left-out.log"), text_of(lines));
}

static void put_sealed(const char *bound_to, uint32_t seal_key)
{
    CLEANUP(buf_release) struct buf box;
    struct sealed_row row = {.kind = TEXT("blocks"), .seal_key = seal_key};
    buf_init(&box, 4096);
    assert_true(id_parse(TEXT(MEMBER), &row.owner));
    assert_int_equal(keys_seal(store->keys, &random_system, TEXT("who is blocked"), text_of(bound_to), &box), 0);
    row.box = buf_text(&box);
    assert_int_equal(sealed_put(store->writer, &row, &err), 0);
}

/* --- nothing is damaged ----------------------------------------------------------------------------------------------- */

static void what_is_sound_is_counted(void **state)
{
    (void)state;
    struct keyed_hash hash = {{1, 2, 3}};
    put_sealed(MEMBER "/blocks", 1);
    assert_int_equal(db_begin(store->writer, &err), 0);
    assert_int_equal(left_out_opt_out(store, store->writer, &hash, &err), 0);
    assert_int_equal(db_commit(store->writer, &err), 0);
    run("INSERT INTO same_as VALUES (1, 10, '2024-01-01', '2024-02-01', 'archive')");
    assert_int_equal(check(), 0);
    assert_told("database: 1, 0 damaged\nkey file: 1, 0 damaged\nsealed rows: 1, 0 damaged\n"
                "lines of left-out.log: 1, 0 damaged\n");
    assert_told("handles and whose they were: 1, 0 damaged\n");
    open_as(STORE_OWNER);
    assert_int_equal(check(), 0);
}

/* --- the database ----------------------------------------------------------------------------------------------------- */

/* Turns bytes in the middle of what the text is found in. */
static void damage_file(const char *name, const char *text)
{
    CLEANUP(buf_release) struct buf content;
    buf_init(&content, 64 << 20);
    scratch_read(path_of(name), &content);
    size_t at = text_find(buf_text(&content), text_of(text), 0);
    assert_int_not_equal(at, TEXT_NOWHERE);
    for (size_t i = 0; i < strlen(text); i++)
        content.data[at + i] = (char)(content.data[at + i] ^ 0x55);
    scratch_write(path_of(name), buf_text(&content));
}

static void a_damaged_page_is_told(void **state)
{
    (void)state;
    run("INSERT INTO community VALUES ('01JDQ0A1B2C3D4E5F6G7H8J9KB', 'pottery-people', 'Pottery', 'open', 1)");
    store_close(store);
    store = NULL;
    damage_file("data/skein.db", "pottery-people"); /* the table or its index: one of the two is other now */
    open_as(STORE_READER);
    assert_true(check() > 0);
    assert_told("the database: ");
    assert_told("restore the last backup");
}

/* --- sealed rows and numbers ------------------------------------------------------------------------------------------ */

static void sealed_rows_that_do_not_open_are_told(void **state)
{
    (void)state;
    put_sealed("another row", 1);
    assert_int_equal(check(), 1);
    assert_told("the sealed row " MEMBER "/blocks: ");
    put_sealed(MEMBER "/blocks", 2);
    assert_int_equal(check(), 1);
    assert_told("another seal key");
    run("UPDATE sealed SET owner = 'nobody'");
    assert_int_equal(check(), 1); /* the walk ended there, and the rest was looked at */
    assert_told("the table sealed holds a row whose owner is damaged");
    assert_told("members: 0, 0 damaged\n");
}

static void numbers_that_were_never_given_are_told(void **state)
{
    (void)state;
    run("INSERT INTO pair VALUES ('public', 11, 'bluesky', 'did:plc:a', 'likely', 0.9, 1, '[]', 1, '', 1, 1)");
    run("INSERT INTO pair VALUES ('public', 10, 'bluesky', 'did:plc:b', 'likely', 0.9, 1, '[]', 1, '', 1, 1)");
    run("INSERT INTO lookup VALUES ('bluesky', 0, 1, 'found', '', 1, 1, 0)");
    run("INSERT INTO same_as VALUES (1, 11, '2024-01-01', '2024-02-01', 'archive')");
    run("INSERT INTO x_public VALUES (12, 'a', '', '', '', '', 0, 0, 1, 'roster', '')");
    run("INSERT INTO member VALUES ('" MEMBER "', '', '', 13, 'terminal', 1, 1)");
    assert_int_equal(check(), 5);
    assert_told("pairs: 1 of 2 name an X account that has no number (the last is 10)");
    assert_told("look-ups: 1 of 1 name");
    assert_told("X accounts told to everybody: 1 of 1 name");
    assert_told("handles and whose they were: 1 of 1 name");
    assert_told("members: 1 of 1 name");
}

/* --- left-out.log ----------------------------------------------------------------------------------------------------- */

static void a_file_cut_in_its_last_line_is_no_damage(void **state)
{
    (void)state;
    write_log(TIME "opt-out " HASH_A "\n");
    open_as(STORE_OWNER);
    write_log(TIME "opt-out " HASH_A "\n" TIME "opt-out 1a0b");
    assert_int_equal(check(), 0);
    assert_told("bytes of a line that a crash cut: 37, 0 damaged\n");
}

static void a_file_cut_elsewhere_is(void **state)
{
    (void)state;
    write_log(TIME "opt-out " HASH_A "\n" TIME "opt-out " HASH_B "\n");
    open_as(STORE_OWNER);
    write_log(TIME "opt-out 0a0b\n" TIME "opt-out " HASH_B "\n");
    assert_int_equal(check(), 1);
    assert_told("data/left-out.log: line 1 has no hash of 64 hexadecimal digits; mend it");
}

static void lines_that_were_lost_are_told(void **state)
{
    (void)state;
    write_log(TIME "opt-out " HASH_A "\n" TIME "opt-out " HASH_B "\n");
    open_as(STORE_OWNER);
    write_log(TIME "opt-out " HASH_A "\n");
    assert_int_equal(check(), 2);
    assert_told("is shorter than it was");
    assert_told("1 wishes of the database have no line in it");
    assert_int_equal(unlink(path_of("data/left-out.log")), 0);
    assert_true(check() > 0);
    assert_told("data/left-out.log");
}

static void rows_that_were_lost_are_told(void **state)
{
    (void)state;
    write_log(TIME "opt-out " HASH_A "\n" TIME "shield " HASH_B " " MEMBER "\n");
    open_as(STORE_OWNER);
    assert_int_equal(check(), 0);
    run("DELETE FROM shield");
    assert_int_equal(check(), 1);
    assert_told("1 of its wishes are not in the database");
    run("DELETE FROM opt_out");
    assert_int_equal(check(), 1);
    assert_told("2 of its wishes are not in the database");
}

static void the_last_word_counts(void **state)
{
    (void)state;
    write_log(TIME "opt-out " HASH_A "\n" TIME "opt-in " HASH_A "\n" TIME "opt-out " HASH_B "\n" TIME "shield " HASH_A
                   " " MEMBER "\n" TIME "unshield " MEMBER "\n" TIME "shield " HASH_B " " MEMBER "\n");
    open_as(STORE_OWNER);
    assert_int_equal(check(), 0);
    run("DELETE FROM opt_out");
    assert_int_equal(check(), 1);
}

/* A step that failed behind its line, or that a server is in the middle of. */
static void a_line_that_nobody_has_replayed_waits(void **state)
{
    (void)state;
    write_log(TIME "opt-out " HASH_A "\n");
    open_as(STORE_OWNER);
    write_log(TIME "opt-out " HASH_A "\n" TIME "opt-out " HASH_B "\n" TIME "opt-in " HASH_A "\n");
    assert_int_equal(check(), 0);
    assert_told("wishes that the next start takes in: 2, 0 damaged\n");
    open_as(STORE_OWNER);
    assert_int_equal(check(), 0);
    assert_null(strstr(buf_string(&told), "next start"));
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, make, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(what_is_sound_is_counted),
        IN_SCRATCH(a_damaged_page_is_told),
        IN_SCRATCH(sealed_rows_that_do_not_open_are_told),
        IN_SCRATCH(numbers_that_were_never_given_are_told),
        IN_SCRATCH(a_file_cut_in_its_last_line_is_no_damage),
        IN_SCRATCH(a_file_cut_elsewhere_is),
        IN_SCRATCH(lines_that_were_lost_are_told),
        IN_SCRATCH(rows_that_were_lost_are_told),
        IN_SCRATCH(the_last_word_counts),
        IN_SCRATCH(a_line_that_nobody_has_replayed_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

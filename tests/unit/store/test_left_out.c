/* tests/unit/store/test_left_out.c
 *
 * left-out.log: what was wished outlives a database that is older, a crash in the middle of a line, and a full disk.
 */
#include "base/cleanup.h"
#include "lib/check.h"
#include "lib/scratch.h"
#include "store/inside.h"
#include "store/wishes.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define HASH_A "0a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223242526272829"
#define MEMBER "01JDQ0A1B2C3D4E5F6G7H8J9KA"
#define TIME   "2026-11-26T09:30:00.000Z "

static struct scratch scratch;
static struct store *store;
static struct err err;
static struct buf content;

static const char *path_of(const char *name)
{
    return scratch_name(&scratch, "", name);
}

static int try_open(void)
{
    struct store_options options = {.folder = path_of("data"), .role = STORE_OWNER};
    store = NULL;
    return store_open(&options, &store, &err);
}

static void reopen(void)
{
    store_close(store);
    if (try_open() != 0)
        fail_msg("%s", err.text);
}

static int open_store(void **state)
{
    (void)state;
    scratch_make(&scratch);
    buf_init(&content, 1 << 20);
    return try_open();
}

static int close_store(void **state)
{
    (void)state;
    store_close(store);
    buf_release(&content);
    scratch_remove(&scratch);
    return 0;
}

/* The hash of HASH_A, with its first byte turned to `first`. */
static struct keyed_hash hash_of(unsigned char first)
{
    struct keyed_hash hash;
    for (unsigned i = 0; i < sizeof hash.bytes; i++)
        hash.bytes[i] = (unsigned char)(0x0a + i);
    hash.bytes[0] = first;
    return hash;
}

static struct id member(void)
{
    struct id id;
    assert_true(id_parse(TEXT(MEMBER), &id));
    return id;
}

static int pass_line(void *context, const struct left_out_line *line, off_t end)
{
    (void)context;
    (void)line;
    assert_true(end > 0);
    return 0;
}

/* As `skein check` reads the file. */
static int read_log(void)
{
    size_t cut;
    return left_out_walk(path_of("data/left-out.log"), pass_line, NULL, &cut, &err);
}

/* Each in a transaction of its own, as on the writer lane. */
static int wish(int (*write)(struct store *, struct db *, const struct keyed_hash *, struct err *), unsigned char first)
{
    struct keyed_hash hash = hash_of(first);
    int failed = db_begin(store->writer, &err);
    if (!failed)
        failed = write(store, store->writer, &hash, &err);
    if (!failed)
        failed = db_commit(store->writer, &err);
    db_rollback(store->writer);
    return failed;
}

static bool is_out(unsigned char first)
{
    struct keyed_hash hash = hash_of(first);
    bool has = false;
    assert_int_equal(opt_out_has(store->writer, &hash, &has, &err), 0);
    return has;
}

static bool is_shielded(unsigned char first)
{
    struct keyed_hash hash = hash_of(first);
    struct id id = member();
    bool has = false;
    assert_int_equal(shield_has(store->writer, &hash, &id, &has, &err), 0);
    return has;
}

/* The database as it was before anybody wished anything: what a restored backup is. */
static void forget_rows(void)
{
    assert_int_equal(
        db_script(store->writer,
                  TEXT("DELETE FROM opt_out; DELETE FROM shield; DELETE FROM server WHERE name = 'left_out'"), &err),
        0);
}

static void shield(unsigned char first, size_t n)
{
    struct keyed_hash hashes[3];
    struct id id = member();
    for (unsigned i = 0; i < n; i++)
        hashes[i] = hash_of((unsigned char)(first + i));
    assert_int_equal(left_out_shield(store, store->writer, hashes, n, &id, &err), 0);
}

static void write_log(struct text lines)
{
    store_close(store);
    store = NULL;
    scratch_write(path_of("data/left-out.log"), lines);
}

/* --- lines ------------------------------------------------------------------------------------------------------------ */

static void a_wish_is_a_line_and_a_row(void **state)
{
    (void)state;
    struct id id = member();
    assert_int_equal(wish(left_out_opt_out, 0x0a), 0);
    shield(0x0a, 1);
    assert_int_equal(left_out_unshield(store, store->writer, &id, &err), 0);
    assert_int_equal(wish(left_out_opt_in, 0x0a), 0);
    scratch_read(path_of("data/left-out.log"), &content);
    static const char *const ends[] = {" opt-out " HASH_A, " shield " HASH_A " " MEMBER, " unshield " MEMBER,
                                       " opt-in " HASH_A};
    struct text rest = buf_text(&content);
    struct text line;
    for (size_t i = 0; i < 4; i++) {
        int64_t ms;
        assert_true(text_cut(&rest, '\n', &line));
        assert_true(clock_parse(text_slice(line, 0, 24), &ms));
        assert_true(text_equal(text_slice(line, 24, line.len), text_of(ends[i])));
    }
    assert_int_equal(rest.len, 0);
}

static void an_older_database_learns_what_was_wished_since(void **state)
{
    (void)state;
    struct id id = member();
    assert_int_equal(wish(left_out_opt_out, 1), 0);
    assert_int_equal(wish(left_out_opt_out, 2), 0);
    assert_int_equal(wish(left_out_opt_in, 2), 0);
    shield(10, 3);
    forget_rows();
    reopen();
    assert_true(is_out(1));
    assert_false(is_out(2)); /* the last word counts */
    for (unsigned char first = 10; first < 13; first++)
        assert_true(is_shielded(first));
    assert_int_equal(left_out_unshield(store, store->writer, &id, &err), 0);
    shield(20, 1);
    forget_rows();
    reopen();
    assert_false(is_shielded(10));
    assert_true(is_shielded(20));
    reopen(); /* once more changes nothing */
    assert_true(is_out(1));
    assert_false(is_out(2));
}

static void only_what_the_database_may_not_have_is_replayed(void **state)
{
    (void)state;
    assert_int_equal(wish(left_out_opt_out, 1), 0);
    reopen();
    assert_int_equal(db_script(store->writer, TEXT("DELETE FROM opt_out"), &err), 0);
    assert_int_equal(wish(left_out_opt_out, 2), 0);
    reopen();
    assert_false(is_out(1)); /* seen before, and not looked at again */
    assert_true(is_out(2));
}

static void another_file_is_replayed_from_its_beginning(void **state)
{
    (void)state;
    assert_int_equal(wish(left_out_opt_out, 1), 0);
    reopen();
    write_log(TEXT(TIME "opt-out ff0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223242526272829\n" TIME
                        "opt-out fe0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223242526272829\n"));
    assert_int_equal(try_open(), 0);
    assert_true(is_out(0xff));
    assert_true(is_out(0xfe));
    assert_true(is_out(1));
    write_log(TEXT_NONE); /* shorter than what was noted */
    assert_int_equal(try_open(), 0);
    assert_int_equal(wish(left_out_opt_out, 3), 0);
    forget_rows();
    reopen();
    assert_true(is_out(3));
}

/* --- broken ends ------------------------------------------------------------------------------------------------------ */

static void a_last_line_without_its_end_is_dropped(void **state)
{
    (void)state;
    static const struct text tails[] = {TEXT_INIT(TIME "opt-out 0a0b"), TEXT_INIT("2"), TEXT_INIT("\0\0\0\0\0\0"),
                                        TEXT_INIT(TIME "shield " HASH_A), TEXT_INIT(TIME "shield " HASH_A " 01JD")};
    CLEANUP(buf_release) struct buf torn;
    buf_init(&torn, 4096);
    assert_int_equal(wish(left_out_opt_out, 1), 0);
    for (size_t i = 0; i < ARRAY_LEN(tails); i++) {
        scratch_read(path_of("data/left-out.log"), &content);
        buf_clear(&torn);
        buf_add(&torn, buf_text(&content));
        buf_add(&torn, tails[i]);
        write_log(buf_text(&torn));
        assert_int_equal(try_open(), 0);
        assert_int_equal(wish(left_out_opt_out, (unsigned char)(100 + i)), 0);
        reopen(); /* and nothing was written behind half a line */
        assert_true(is_out((unsigned char)(100 + i)));
    }
    assert_false(is_out(0x0a));
}

static void a_last_line_that_lacks_only_its_end_is_completed(void **state)
{
    (void)state;
    write_log(TEXT(TIME "opt-out " HASH_A));
    assert_int_equal(try_open(), 0);
    assert_true(is_out(0x0a));
    assert_int_equal(wish(left_out_opt_out, 1), 0);
    reopen();
    assert_true(is_out(1));
}

static void a_line_that_is_not_understood_is_refused_with_its_number(void **state)
{
    (void)state;
    static const struct {
        struct text line;
        const char *why;
    } lines[] = {
        {TEXT_INIT(TIME "erase " MEMBER), "does not know"},
        {TEXT_INIT(TIME "opt-out 0a0b"), "64 hexadecimal digits"},
        {TEXT_INIT(TIME "opt-out " HASH_A "00"), "64 hexadecimal digits"},
        {TEXT_INIT(TIME "opt-out " HASH_A " " MEMBER), "where it should end"},
        {TEXT_INIT(TIME "opt-out " HASH_A " "), "where it should end"},
        {TEXT_INIT(TIME "shield " HASH_A " 01jdq0a1b2c3d4e5f6g7h8j9ka"), "no id"},
        {TEXT_INIT(TIME "shield " HASH_A), "no id"},
        {TEXT_INIT("yesterday opt-out " HASH_A), "no time"},
        {TEXT_INIT(""), "no time"},
    };
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, 4096);
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        buf_clear(&text);
        buf_printf(&text, TIME "opt-out " HASH_A "\n%.*s\n" TIME "opt-in " HASH_A "\n", TEXT_ARG(lines[i].line));
        write_log(buf_text(&text));
        assert_int_equal(try_open(), E_BAD_INPUT);
        assert_non_null(strstr(err.text, "data/left-out.log: line 2 "));
        assert_non_null(strstr(err.text, lines[i].why));
        assert_int_equal(read_log(), E_BAD_INPUT);
        scratch_read(path_of("data/left-out.log"), &content);
        assert_true(text_equal(buf_text(&content), buf_text(&text)));
    }
    write_log(TEXT(TIME "opt-out " HASH_A "\n"));
    assert_int_equal(read_log(), 0);
    assert_int_equal(try_open(), 0);
}

/* --- full disks ------------------------------------------------------------------------------------------------------- */

static void what_cannot_be_written_whole_is_not_written_at_all(void **state)
{
    (void)state;
    struct rlimit limit;
    struct rlimit small;
    assert_int_equal(wish(left_out_opt_out, 1), 0);
    scratch_read(path_of("data/left-out.log"), &content);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    small = limit;
    small.rlim_cur = content.len + 40; /* half of a line fits */
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int failed = wish(left_out_opt_out, 2);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_int_equal(failed, E_IO);
    assert_false(is_out(2));
    size_t before = content.len;
    scratch_read(path_of("data/left-out.log"), &content);
    assert_int_equal(content.len, before);
    assert_int_equal(wish(left_out_opt_out, 3), 0);
    reopen();
    assert_true(is_out(1));
    assert_false(is_out(2));
    assert_true(is_out(3));
}

static void a_line_whose_transaction_failed_holds_from_the_next_start_on(void **state)
{
    (void)state;
    struct keyed_hash hash = hash_of(1);
    assert_int_equal(db_begin(store->writer, &err), 0);
    assert_int_equal(left_out_opt_out(store, store->writer, &hash, &err), 0);
    db_rollback(store->writer);
    assert_false(is_out(1));
    reopen();
    assert_true(is_out(1));
}

#define ON_STORE(test) cmocka_unit_test_setup_teardown(test, open_store, close_store)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_STORE(a_wish_is_a_line_and_a_row),
        ON_STORE(an_older_database_learns_what_was_wished_since),
        ON_STORE(only_what_the_database_may_not_have_is_replayed),
        ON_STORE(another_file_is_replayed_from_its_beginning),
        ON_STORE(a_last_line_without_its_end_is_dropped),
        ON_STORE(a_last_line_that_lacks_only_its_end_is_completed),
        ON_STORE(a_line_that_is_not_understood_is_refused_with_its_number),
        ON_STORE(what_cannot_be_written_whole_is_not_written_at_all),
        ON_STORE(a_line_whose_transaction_failed_holds_from_the_next_start_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tests/unit/store/test_backup.c
 *
 * A backup holds one state of everything but the keys, from both databases; and comes back to life where its keys are,
 * without losing a wish that came after it.
 */
#include "store/backup.h"

#include "archive/bundle.h"
#include "base/cleanup.h"
#include "lib/check.h"
#include "lib/postgres_cluster.h"
#include "lib/scratch.h"
#include "store/inside.h"
#include "store/people.h"
#include "store/schema.h"
#include "store/wishes.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HASH_A "0a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223242526272829"
#define HASH_B "1a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223242526272829"
#define TIME   "2026-11-26T09:30:0"

static struct postgres_cluster *cluster;
static const char *database; /* of the tests; NULL: SQLite's file in the folder */
static bool on_postgres;
static struct scratch scratch;
static struct store *store;
static struct err err;

static const char *path_of(const char *name)
{
    return scratch_name(&scratch, "", name);
}

static void must(int rc)
{
    if (rc != 0)
        fail_msg("%s", err.text);
}

static int open_in(const char *folder, const char *address, enum store_role role)
{
    struct store_options options = {.folder = path_of(folder), .database = text_of(address), .role = role};
    store_close(store);
    store = NULL;
    return store_open(&options, &store, &err);
}

static int make(void **state)
{
    (void)state;
    scratch_make(&scratch);
    store = NULL;
    database = on_postgres ? postgres_cluster_database(cluster, &err) : NULL;
    must(open_in("data", database, STORE_OWNER));
    return 0;
}

static int end(void **state)
{
    (void)state;
    store_close(store);
    store = NULL;
    scratch_remove(&scratch);
    return 0;
}

static void close_store(void)
{
    store_close(store);
    store = NULL;
}

static struct keyed_hash hash_of(unsigned char first)
{
    struct keyed_hash hash = {{first}};
    return hash;
}

static void wish(int (*write)(struct store *, struct db *, const struct keyed_hash *, struct err *),
                 unsigned char first)
{
    struct keyed_hash hash = hash_of(first);
    must(db_begin(store->writer, &err));
    must(write(store, store->writer, &hash, &err));
    must(db_commit(store->writer, &err));
}

static bool has_wish(unsigned char first)
{
    struct keyed_hash hash = hash_of(first);
    bool has = false;
    must(opt_out_has(store->writer, &hash, &has, &err));
    return has;
}

static bool reader_has_wish(unsigned char first)
{
    struct keyed_hash hash = hash_of(first);
    struct db *db = NULL;
    bool has = false;
    must(store_connect(store, DB_READER, &db, &err));
    must(opt_out_has(db, &hash, &has, &err));
    db_close(db);
    return has;
}

static void put_community(const char *slug, const char *id)
{
    struct community_row row = {
        .slug = text_of(slug), .name = TEXT("Pottery"), .state = TEXT(COMMUNITY_OPEN), .created_ms = 1};
    assert_true(id_parse(text_of(id), &row.id));
    must(db_begin(store->writer, &err));
    must(community_put(store->writer, &row, &err));
    must(db_commit(store->writer, &err));
}

static bool has_community(const char *slug)
{
    CLEANUP(arena_release) struct arena arena;
    struct community_row row;
    arena_init(&arena, 1 << 16);
    return community_by_slug(store->writer, text_of(slug), &arena, &row, &err) == 0;
}

static int64_t last_step(void)
{
    int64_t last = 0;
    for (const struct schema_text *text = schema_sqlite; text->number != 0; text++)
        last = text->number;
    return last;
}

static void back_up(const char *file)
{
    struct backup_about about;
    must(backup_write(store, path_of(file), &about, &err));
    assert_int_equal(about.schema, last_step());
}

static int restore_into(const char *folder, const char *file, bool replace)
{
    struct store_options options = {.folder = path_of(folder)};
    struct backup_about about;
    return backup_restore(&options, path_of(file), replace, &about, &err);
}

static void copy_file(const char *from, const char *to)
{
    CLEANUP(buf_release) struct buf content;
    buf_init(&content, 64 << 20);
    scratch_read(path_of(from), &content);
    scratch_write(path_of(to), buf_text(&content));
    assert_int_equal(chmod(path_of(to), 0600), 0);
}

/* A new folder with nothing but the key file. */
static void make_place(const char *folder, const char *keys)
{
    assert_int_equal(mkdir(path_of(folder), 0700), 0);
    copy_file("data/keys", keys);
}

static bool is_there(const char *name)
{
    return access(path_of(name), F_OK) == 0;
}

/* --- both databases --------------------------------------------------------------------------------------------------- */

/* From PostgreSQL as well it is an SQLite file that comes back. */
static void a_backup_beside_its_owner_comes_back_elsewhere(void **state)
{
    (void)state;
    struct stat status;
    put_community("pottery", "01JDQ0A1B2C3D4E5F6G7H8J9KB");
    wish(left_out_opt_out, 1);
    back_up("one.backup");
    put_community("later", "01JDQ0A1B2C3D4E5F6G7H8J9KC");
    assert_int_equal(stat(path_of("one.backup"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_false(is_there("one.backup.part"));
    assert_false(is_there("one.backup.db-part"));
    make_place("other", "other/keys");
    must(restore_into("other", "one.backup", false));
    must(open_in("other", NULL, STORE_OWNER));
    assert_true(has_community("pottery"));
    assert_false(has_community("later"));
    assert_true(has_wish(1));
    assert_false(is_there("other/skein.db.restoring"));
    assert_false(is_there("other/left-out.log.restoring"));
}

static void a_backup_holds_no_keys_and_says_which(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf manifest;
    struct bundle *bundle = NULL;
    char fingerprint[KEYS_FINGERPRINT];
    back_up("one.backup");
    buf_init(&manifest, 4096);
    must(bundle_open(path_of("one.backup"), &bundle, &err));
    must(bundle_read(bundle, BACKUP_MANIFEST, &manifest, &err));
    keys_fingerprint(store_keys(store), fingerprint);
    assert_non_null(strstr(buf_string(&manifest), fingerprint));
    assert_int_equal(bundle_read(bundle, KEYS_FILE, &manifest, &err), E_NOT_FOUND);
    bundle_close(bundle);
}

static void a_reader_backs_up_too(void **state)
{
    (void)state;
    wish(left_out_opt_out, 1);
    must(open_in("data", database, STORE_READER));
    back_up("one.backup");
    assert_true(is_there("one.backup"));
}

/* --- wishes ----------------------------------------------------------------------------------------------------------- */

static void wishes_after_the_backup_are_not_lost(void **state)
{
    (void)state;
    wish(left_out_opt_out, 1);
    wish(left_out_opt_out, 2);
    back_up("one.backup");
    wish(left_out_opt_out, 3);
    wish(left_out_opt_in, 1);
    close_store();
    must(restore_into("data", "one.backup", true));
    must(open_in("data", NULL, STORE_READER)); /* at once, not only when an owner comes */
    assert_false(reader_has_wish(1));
    assert_true(reader_has_wish(2));
    assert_true(reader_has_wish(3));
}

static void wishes_of_the_backup_come_back_where_the_file_is_lost(void **state)
{
    (void)state;
    wish(left_out_opt_out, 1);
    back_up("one.backup");
    close_store();
    assert_int_equal(unlink(path_of("data/left-out.log")), 0);
    must(restore_into("data", "one.backup", true));
    must(open_in("data", NULL, STORE_OWNER));
    assert_true(has_wish(1));
    assert_true(store->left_out.size > 0);
}

static void a_line_that_was_cut_is_completed_or_left_out(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf lines;
    buf_init(&lines, 4096);
    scratch_write(path_of("log"), TEXT(TIME "0Z opt-out " HASH_A "\n" TIME "1Z opt-out " HASH_B));
    must(left_out_read(path_of("log"), &lines, &err));
    assert_text(buf_text(&lines), TIME "0Z opt-out " HASH_A "\n" TIME "1Z opt-out " HASH_B "\n");
    buf_clear(&lines);
    scratch_write(path_of("log"), TEXT(TIME "0Z opt-out " HASH_A "\n" TIME "1Z opt-out 1a0b"));
    must(left_out_read(path_of("log"), &lines, &err));
    assert_text(buf_text(&lines), TIME "0Z opt-out " HASH_A "\n");
}

#define LINE(second, word, hash) TIME second "Z " word " " hash "\n"

static void two_files_become_one_with_the_last_word_last(void **state)
{
    static const struct {
        struct text a;
        struct text b;
        struct text both;
    } cases[] = {
        {TEXT_INIT(""), TEXT_INIT(""), TEXT_INIT("")},
        {TEXT_INIT(LINE("1", "opt-out", HASH_A)), TEXT_INIT(""), TEXT_INIT(LINE("1", "opt-out", HASH_A))},
        {TEXT_INIT(LINE("1", "opt-out", HASH_A) LINE("2", "opt-in", HASH_A)), TEXT_INIT(LINE("1", "opt-out", HASH_A)),
         TEXT_INIT(LINE("1", "opt-out", HASH_A) LINE("2", "opt-in", HASH_A))},
        {TEXT_INIT(LINE("1", "opt-out", HASH_A) LINE("4", "opt-in", HASH_A)),
         TEXT_INIT(LINE("1", "opt-out", HASH_A) LINE("2", "opt-out", HASH_B) LINE("5", "opt-in", HASH_B)),
         TEXT_INIT(LINE("1", "opt-out", HASH_A) LINE("2", "opt-out", HASH_B) LINE("4", "opt-in", HASH_A)
                       LINE("5", "opt-in", HASH_B))},
        /* a clock that was put back: what one file says keeps its order */
        {TEXT_INIT(LINE("9", "opt-out", HASH_A) LINE("1", "opt-in", HASH_A)), TEXT_INIT(LINE("3", "opt-out", HASH_B)),
         TEXT_INIT(LINE("3", "opt-out", HASH_B) LINE("9", "opt-out", HASH_A) LINE("1", "opt-in", HASH_A))},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(buf_release) struct buf out;
        buf_init(&out, 4096);
        must(left_out_merge(cases[i].a, cases[i].b, &out, &err));
        assert_true(text_equal(buf_text(&out), cases[i].both));
        buf_clear(&out);
        must(left_out_merge(cases[i].b, cases[i].a, &out, &err));
        assert_true(text_equal(buf_text(&out), cases[i].both));
    }
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, 4096);
    assert_int_equal(left_out_merge(TEXT("nonsense\n"), TEXT(""), &out, &err), E_BAD_INPUT);
}

/* --- what is refused -------------------------------------------------------------------------------------------------- */

static void nothing_is_written_over(void **state)
{
    (void)state;
    struct backup_about about;
    CLEANUP(buf_release) struct buf content;
    buf_init(&content, 4096);
    scratch_write(path_of("mine"), TEXT("mine"));
    assert_int_equal(backup_write(store, path_of("mine"), &about, &err), E_BAD_INPUT);
    assert_non_null(strstr(err.text, "is there already"));
    scratch_read(path_of("mine"), &content);
    assert_text(buf_text(&content), "mine");
    back_up("one.backup");
    close_store();
    assert_int_equal(restore_into("data", "one.backup", false), E_BAD_INPUT);
    assert_non_null(strstr(err.text, "--replace"));
    must(restore_into("data", "one.backup", true));
}

static void a_folder_that_is_owned_is_left_alone(void **state)
{
    (void)state;
    back_up("one.backup");
    assert_int_equal(restore_into("data", "one.backup", true), E_BUSY);
    assert_non_null(strstr(err.text, "end the server first"));
}

static void keys_must_be_there_and_fit(void **state)
{
    (void)state;
    char fingerprint[KEYS_FINGERPRINT];
    back_up("one.backup");
    keys_fingerprint(store_keys(store), fingerprint);
    assert_int_equal(restore_into("nowhere", "one.backup", false), E_FORBIDDEN);
    assert_non_null(strstr(err.text, "nowhere/keys is missing"));
    assert_non_null(strstr(err.text, fingerprint));
    assert_false(is_there("nowhere"));
    must(open_in("other", NULL, STORE_OWNER));
    close_store();
    assert_int_equal(restore_into("other", "one.backup", true), E_FORBIDDEN);
    assert_non_null(strstr(err.text, fingerprint));
    must(open_in("other", NULL, STORE_OWNER)); /* as it was */
}

static void a_damaged_backup_changes_nothing(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf content;
    buf_init(&content, 64 << 20);
    put_community("pottery", "01JDQ0A1B2C3D4E5F6G7H8J9KB");
    back_up("one.backup");
    close_store();
    scratch_read(path_of("one.backup"), &content);
    assert_true(content.len > 2000);
    for (size_t at = 100; at < content.len; at += content.len / 20) {
        content.data[at] = (char)(content.data[at] ^ 0x10);
        scratch_write(path_of("bad.backup"), buf_text(&content));
        content.data[at] = (char)(content.data[at] ^ 0x10);
        int rc = restore_into("data", "bad.backup", true);
        assert_true(rc == 0 || rc == E_BAD_INPUT || rc == E_NOT_FOUND || rc == E_FORBIDDEN); /* 0: a date of the zip */
        must(open_in("data", NULL, STORE_OWNER));
        assert_true(has_community("pottery"));
        assert_false(is_there("data/skein.db.restoring"));
        close_store();
    }
    scratch_write(path_of("bad.backup"), text_slice(buf_text(&content), 0, content.len / 2));
    assert_int_equal(restore_into("data", "bad.backup", true), E_BAD_INPUT);
    scratch_write(path_of("bad.backup"), TEXT("no zip"));
    assert_int_equal(restore_into("data", "bad.backup", true), E_BAD_INPUT);
    assert_int_equal(restore_into("data", "none.backup", true), E_NOT_FOUND);
}

/* Another one's log beside it would be taken for the new database's. */
static void the_old_log_goes(void **state)
{
    (void)state;
    back_up("one.backup");
    close_store();
    scratch_write(path_of("data/skein.db-wal"), TEXT("of the old database"));
    must(restore_into("data", "one.backup", true));
    assert_false(is_there("data/skein.db-wal"));
    must(open_in("data", NULL, STORE_OWNER));
}

static void postgres_is_told_its_own_way(void **state)
{
    (void)state;
    struct backup_about about;
    struct store_options options = {.folder = path_of("data"), .database = TEXT("postgres://127.0.0.1/skein")};
    assert_int_equal(backup_restore(&options, path_of("one.backup"), true, &about, &err), E_USAGE);
    assert_non_null(strstr(err.text, "pg_dump"));
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, make, end)

#define ON_BOTH                                                                                                        \
    IN_SCRATCH(a_backup_beside_its_owner_comes_back_elsewhere), IN_SCRATCH(a_backup_holds_no_keys_and_says_which),     \
        IN_SCRATCH(a_reader_backs_up_too)

int main(void)
{
    const struct CMUnitTest sqlite[] = {
        ON_BOTH,
        IN_SCRATCH(wishes_after_the_backup_are_not_lost),
        IN_SCRATCH(wishes_of_the_backup_come_back_where_the_file_is_lost),
        IN_SCRATCH(a_line_that_was_cut_is_completed_or_left_out),
        IN_SCRATCH(two_files_become_one_with_the_last_word_last),
        IN_SCRATCH(nothing_is_written_over),
        IN_SCRATCH(a_folder_that_is_owned_is_left_alone),
        IN_SCRATCH(keys_must_be_there_and_fit),
        IN_SCRATCH(a_damaged_backup_changes_nothing),
        IN_SCRATCH(the_old_log_goes),
        IN_SCRATCH(postgres_is_told_its_own_way),
    };
    const struct CMUnitTest postgres[] = {ON_BOTH};
    static const struct postgres_options plain = {0};
    int failed = cmocka_run_group_tests_name("SQLite", sqlite, NULL, NULL);
    cluster = postgres_cluster_start(&plain, &err);
    if (!cluster) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    on_postgres = true;
    failed += cmocka_run_group_tests_name("PostgreSQL", postgres, NULL, NULL);
    postgres_cluster_end(cluster);
    return failed;
}

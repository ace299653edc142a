/* tests/unit/store/test_sqlite.c
 *
 * What the driver of SQLite promises beyond db.h: rights of its files, readers that leave no trace, full disks, ends.
 */
#include "base/cleanup.h"
#include "lib/check.h"
#include "lib/scratch.h"
#include "store/driver.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

STATEMENT(test_put, "INSERT INTO t (k, b) VALUES ($1, $2)");
STATEMENT(test_count, "SELECT COUNT(*) FROM t", .scans = "a test");
STATEMENT(test_long,
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) SELECT MAX(i) FROM n");
STATEMENT(test_long_write,
          "INSERT INTO t (k) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) "
          "SELECT i FROM n");

static struct scratch scratch;

static int make_scratch(void **state)
{
    (void)state;
    scratch_make(&scratch);
    return 0;
}

static int remove_scratch(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

static const char *path_of(const char *name)
{
    return scratch_name(&scratch, "", name);
}

static struct db *connect(enum db_access access)
{
    struct err err = {0};
    struct db *db = NULL;
    if (db_open(text_of(scratch_name(&scratch, "sqlite:", "t.db")), access, &db, &err) != 0)
        fail_msg("%s", err.text);
    return db;
}

static struct db *new_database(void)
{
    struct err err = {0};
    struct db *db = connect(DB_WRITER);
    assert_int_equal(db_script(db, TEXT("CREATE TABLE t (k INTEGER PRIMARY KEY, b BLOB)"), &err), 0);
    return db;
}

static int put(struct db *db, int64_t key, size_t size, struct err *err)
{
    static const char zeros[1 << 20];
    assert_in_range(size, 0, sizeof zeros);
    struct db_value values[] = {db_i64(key), db_blob((struct text){zeros, size})};
    return db_run(db, &test_put, values, 2, NULL, err);
}

/* 4,000 bytes under each key, a hundred keys to a transaction. */
static void put_many(struct db *db, int64_t first, int64_t last)
{
    struct err err = {0};
    for (int64_t key = first; key <= last; key++) {
        if ((key - first) % 100 == 0)
            assert_int_equal(db_begin(db, &err), 0);
        assert_int_equal(put(db, key, 4000, &err), 0);
        if ((key - first) % 100 == 99 || key == last)
            assert_int_equal(db_commit(db, &err), 0);
    }
}

static int64_t count(struct db *db)
{
    struct err err = {0};
    struct db_rows *rows;
    if (db_query(db, &test_count, NULL, 0, &rows, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(db_next(rows, &err), 1);
    int64_t n = db_get_i64(rows, 0);
    db_done(rows);
    return n;
}

static off_t size_of(const char *name)
{
    struct stat status;
    return stat(path_of(name), &status) == 0 ? status.st_size : -1;
}

/* --- files ------------------------------------------------------------------------------------------------------------ */

static void nobody_else_may_read_its_files(void **state)
{
    (void)state;
    struct err err = {0};
    struct stat status;
    struct db *db = new_database();
    assert_int_equal(put(db, 1, 10, &err), 0);
    assert_int_equal(db_own(db, &err), 0);
    const char *names[] = {"t.db", "t.db-wal", "t.db-shm", "t.db-lock"};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(stat(path_of(names[i]), &status), 0);
        assert_int_equal(status.st_mode & 0777, 0600);
    }
    db_close(db);
}

static void a_reader_makes_no_database(void **state)
{
    (void)state;
    struct err err = {0};
    struct db *db;
    assert_int_equal(db_open(text_of(scratch_name(&scratch, "sqlite:", "t.db")), DB_READER, &db, &err), E_NOT_FOUND);
    assert_int_equal(size_of("t.db"), -1);
    assert_int_equal(db_open(text_of(scratch_name(&scratch, "sqlite:", "no/t.db")), DB_WRITER, &db, &err), E_NOT_FOUND);
}

static void what_is_no_database_is_said_to_be_damaged(void **state)
{
    (void)state;
    struct err err = {0};
    struct db *db;
    scratch_write(path_of("t.db"),
                  TEXT("Dear diary, this file is long enough to have a head, and it is none of SQLite's."
                       " More words follow, so that it does not look as if it had been cut short."));
    assert_int_equal(db_open(text_of(scratch_name(&scratch, "sqlite:", "t.db")), DB_WRITER, &db, &err), E_IO);
    assert_non_null(strstr(err.text, "skein restore"));
}

static void settings_are_what_the_header_says(void **state)
{
    (void)state;
    struct err err = {0};
    static const struct {
        struct statement ask;
        int64_t writer;
        int64_t reader;
    } settings[] = {
        {{.name = "synchronous", .sql = "PRAGMA synchronous"}, 2, 2},
        {{.name = "secure_delete", .sql = "PRAGMA secure_delete"}, 1, 1},
        {{.name = "foreign_keys", .sql = "PRAGMA foreign_keys"}, 0, 0},
        {{.name = "trusted_schema", .sql = "PRAGMA trusted_schema"}, 0, 0},
        {{.name = "page_size", .sql = "PRAGMA page_size"}, 4096, 4096},
        {{.name = "query_only", .sql = "PRAGMA query_only"}, 0, 1},
        {{.name = "wal_autocheckpoint", .sql = "PRAGMA wal_autocheckpoint"}, 4000, 0},
    };
    struct db *db[] = {new_database(), connect(DB_READER)};
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        for (int reader = 0; reader < 2; reader++) {
            struct db_rows *rows;
            assert_int_equal(db_query(db[reader], &settings[i].ask, NULL, 0, &rows, &err), 0);
            assert_int_equal(db_next(rows, &err), 1);
            assert_int_equal(db_get_i64(rows, 0), reader ? settings[i].reader : settings[i].writer);
            db_done(rows);
        }
    }
    db_close(db[1]);
    db_close(db[0]);
}

/* --- readers ----------------------------------------------------------------------------------------------------------- */

static void a_reader_sees_one_state(void **state)
{
    (void)state;
    struct err err = {0};
    struct db *writer = new_database();
    struct db *reader = connect(DB_READER);
    assert_int_equal(put(writer, 1, 10, &err), 0);
    assert_int_equal(db_begin(reader, &err), 0);
    assert_int_equal(count(reader), 1);
    assert_int_equal(put(writer, 2, 10, &err), 0);
    assert_int_equal(count(reader), 1);
    assert_int_equal(db_commit(reader, &err), 0);
    assert_int_equal(count(reader), 2);
    db_close(reader);
    db_close(writer);
}

static void a_reader_cannot_write(void **state)
{
    (void)state;
    struct err err = {0};
    struct db *writer = new_database();
    struct db *reader = connect(DB_READER);
    assert_int_equal(put(reader, 1, 10, &err), E_IO);
    assert_int_equal(db_script(reader, TEXT("PRAGMA query_only = OFF"), &err), 0);
    assert_int_equal(put(reader, 1, 10, &err), E_IO); /* the file itself is opened for reading */
    assert_int_equal(count(writer), 0);
    db_close(reader);
    db_close(writer);
}

/* Leaves a log of `rows` rows behind, as a process does that is killed. */
static void die_with_a_log(int rows)
{
    pid_t child = fork();
    if (child == 0) {
        put_many(new_database(), 1, rows);
        kill(getpid(), SIGKILL);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

static void a_reader_reads_what_a_killed_writer_left_and_changes_nothing(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf before;
    CLEANUP(buf_release) struct buf after;
    buf_init(&before, 64 << 20);
    buf_init(&after, 64 << 20);
    die_with_a_log(3000);
    for (int i = 0; i < 2; i++) {
        const char *name = path_of(i == 0 ? "t.db" : "t.db-wal");
        scratch_read(name, &before);
        struct db *reader = connect(DB_READER); /* the only connection, so its close is the last */
        assert_int_equal(count(reader), 3000);
        db_close(reader);
        scratch_read(name, &after);
        assert_true(text_equal(buf_text(&before), buf_text(&after)));
    }
    assert_true(size_of("t.db-wal") > 0);
    db_close(connect(DB_WRITER)); /* makes the checkpoint, and takes the log away */
    assert_int_equal(size_of("t.db-wal"), -1);
}

static void the_writer_makes_checkpoints_while_readers_come_and_go(void **state)
{
    (void)state;
    struct db *writer = new_database();
    struct db *reader = connect(DB_READER);
    for (int key = 1; key <= 5000; key += 100) {
        put_many(writer, key, key + 99);
        assert_int_equal(count(reader), key + 99);
    }
    assert_true(size_of("t.db") > 3900 * 4096);
    assert_true(size_of("t.db-wal") < 5000 * 4200);
    db_close(reader);
    db_close(writer);
}

/* --- the owner --------------------------------------------------------------------------------------------------------- */

static void one_process_owns_a_file(void **state)
{
    (void)state;
    struct err err = {0};
    struct db *db = new_database();
    struct db *second = connect(DB_WRITER);
    char words[64];
    assert_int_equal(db_own(db, &err), 0);
    assert_int_equal(db_own(db, &err), 0); /* it does already */
    assert_int_equal(db_own(second, &err), E_BUSY);
    snprintf(words, sizeof words, "held by process %d", getpid());
    assert_non_null(strstr(err.text, words));
    db_close(db);
    assert_int_equal(db_own(second, &err), 0);
    db_close(second);
}

/* --- failures ---------------------------------------------------------------------------------------------------------- */

/* Fills the database within a transaction until it says so; the number of rows that went in. */
static int fill(struct db *db, struct err *err)
{
    for (int key = 1; key < 10000; key++) {
        int failed = put(db, key, 100000, err);
        if (!failed)
            continue;
        assert_int_equal(failed, E_IO);
        assert_non_null(strstr(err->text, "the disk is full"));
        return key - 1;
    }
    fail_msg("it never was full");
    return 0;
}

static void a_full_disk_ends_the_whole_transaction(void **state)
{
    (void)state;
    struct err err = {0};
    struct db *db = new_database();
    assert_int_equal(put(db, 0, 10, &err), 0);
    assert_int_equal(db_script(db, TEXT("PRAGMA max_page_count = 1000"), &err), 0);
    assert_int_equal(db_begin(db, &err), 0);
    assert_int_equal(db_savepoint(db, &err), 0);
    assert_true(fill(db, &err) > 10);
    /* SQLite has rolled back by itself, and what would have run now would have run outside of any transaction. */
    assert_int_equal(put(db, 20000, 10, &err), E_IO);
    assert_int_equal(db_rollback_to(db, &err), E_IO);
    assert_non_null(strstr(err.text, "the disk is full"));
    assert_int_equal(db_savepoint(db, &err), E_IO);
    assert_int_equal(db_release(db, &err), E_IO);
    assert_int_equal(db_commit(db, &err), E_IO);
    db_rollback(db);
    assert_int_equal(count(db), 1);
    assert_int_equal(db_begin(db, &err), 0);
    assert_int_equal(put(db, 1, 10, &err), 0);
    assert_int_equal(db_commit(db, &err), 0);
    assert_int_equal(count(db), 2);
    db_close(db);
}

static void a_disk_that_is_really_full_gets_the_same_sentence(void **state)
{
    (void)state;
    struct err err = {0};
    if (mount("tmpfs", scratch.path, "tmpfs", 0, "size=4m") != 0)
        skip(); /* mounting is not allowed here */
    struct db *db = new_database();
    assert_int_equal(put(db, 0, 10, &err), 0);
    assert_int_equal(db_begin(db, &err), 0);
    assert_true(fill(db, &err) > 0);
    db_rollback(db);
    int64_t rows = 1;
    while (put(db, 10000 + rows, 100000, &err) == 0) /* each with a commit of its own */
        rows++;
    assert_non_null(strstr(err.text, "the disk is full"));
    assert_int_equal(count(db), rows);
    db_close(db);
    db = connect(DB_WRITER);
    assert_int_equal(count(db), rows);
    db_close(db);
    assert_int_equal(umount(scratch.path), 0);
}

/* SQLite does not tell why: it tries again without making the file, and loses errno. */
static void a_log_that_cannot_be_made_is_said_with_what_to_look_at(void **state)
{
    (void)state;
    struct err err = {0};
    struct db *db = new_database();
    db_close(db);
    assert_int_equal(mkdir(path_of("t.db-wal"), 0700), 0);
    int rc = db_open(text_of(scratch_name(&scratch, "sqlite:", "t.db")), DB_WRITER, &db, &err);
    assert_int_equal(rc, E_IO);
    assert_non_null(strstr(err.text, "disk is full"));
    assert_non_null(strstr(err.text, "t.db"));
    assert_int_equal(rmdir(path_of("t.db-wal")), 0);
    db_close(connect(DB_WRITER));
}

/* Cancels after 50 ms, and again until it is told to stop: what has not begun by then is not cancelled, and would count
 * for a quarter of an hour. */
struct canceller {
    struct db *db;
    atomic_bool stop;
    pthread_t thread;
};

static void *keep_cancelling(void *argument)
{
    struct canceller *canceller = argument;
    while (!atomic_load(&canceller->stop)) {
        usleep(50000);
        db_cancel(canceller->db);
    }
    return NULL;
}

static void canceller_start(struct canceller *canceller, struct db *db)
{
    canceller->db = db;
    atomic_store(&canceller->stop, false);
    assert_int_equal(pthread_create(&canceller->thread, NULL, keep_cancelling, canceller), 0);
}

static void canceller_stop(struct canceller *canceller)
{
    atomic_store(&canceller->stop, true);
    pthread_join(canceller->thread, NULL);
}

static void what_runs_can_be_cancelled_from_another_thread(void **state)
{
    (void)state;
    struct err err = {0};
    struct db_value values[] = {db_i64(INT64_C(1000000000))};
    struct db *db = new_database();
    struct db_rows *rows;
    struct canceller canceller;
    canceller_start(&canceller, db);
    assert_int_equal(db_query(db, &test_long, values, 1, &rows, &err), E_CANCELLED);
    canceller_stop(&canceller);
    assert_int_equal(count(db), 0);

    assert_int_equal(db_begin(db, &err), 0);
    assert_int_equal(put(db, -1, 10, &err), 0);
    assert_int_equal(db_savepoint(db, &err), 0);
    canceller_start(&canceller, db);
    assert_int_equal(db_run(db, &test_long_write, values, 1, NULL, &err), E_CANCELLED);
    canceller_stop(&canceller);
    assert_int_equal(db_rollback_to(db, &err), E_CANCELLED); /* a write that is cut takes the transaction with it */
    db_rollback(db);
    assert_int_equal(count(db), 0);
    db_close(db);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, make_scratch, remove_scratch)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(nobody_else_may_read_its_files),
        IN_SCRATCH(a_reader_makes_no_database),
        IN_SCRATCH(what_is_no_database_is_said_to_be_damaged),
        IN_SCRATCH(settings_are_what_the_header_says),
        IN_SCRATCH(a_reader_sees_one_state),
        IN_SCRATCH(a_reader_cannot_write),
        IN_SCRATCH(a_reader_reads_what_a_killed_writer_left_and_changes_nothing),
        IN_SCRATCH(the_writer_makes_checkpoints_while_readers_come_and_go),
        IN_SCRATCH(one_process_owns_a_file),
        IN_SCRATCH(a_full_disk_ends_the_whole_transaction),
        IN_SCRATCH(a_disk_that_is_really_full_gets_the_same_sentence),
        IN_SCRATCH(a_log_that_cannot_be_made_is_said_with_what_to_look_at),
        IN_SCRATCH(what_runs_can_be_cancelled_from_another_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

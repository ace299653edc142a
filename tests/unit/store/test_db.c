/* tests/unit/store/test_db.c
 *
 * One connection, to either database: what is bound and read, what a failure does to a transaction, and what SQL is
 * refused.
 */
#include "lib/check.h"
#include "lib/postgres_cluster.h"
#include "lib/scratch.h"
#include "store/db.h"

#include <math.h>
#include <string.h>

STATEMENT(test_put, "INSERT INTO t (b, s, f, k) VALUES ($4, $3, $2, $1)");
STATEMENT(test_get, "SELECT f, s, b FROM t WHERE k = $1");
STATEMENT(test_count, "SELECT COUNT(*) FROM t", .scans = "a test");
STATEMENT(test_keys, "SELECT k FROM t ORDER BY k", .scans = "a test");
STATEMENT(test_drop, "DELETE FROM t WHERE k >= $1");
STATEMENT(test_put_new, "INSERT INTO t (k) VALUES ($1) ON CONFLICT DO NOTHING");
STATEMENT(test_put_back, "INSERT INTO t (k) VALUES ($1) RETURNING k");

/* What the tests run on: the first group sets it to SQLite, the second to PostgreSQL. */
static struct kind {
    const char *address;
    const char *make;
} kind;

static struct scratch scratch;
static struct postgres_cluster *cluster;
static struct db *db;

static int use_sqlite(void **state)
{
    (void)state;
    scratch_make(&scratch);
    kind = (struct kind){.address = scratch_name(&scratch, "sqlite:", "t.db"),
                         .make = "DROP TABLE IF EXISTS t; "
                                 "CREATE TABLE t (k INTEGER PRIMARY KEY, f REAL, s TEXT, b BLOB)"};
    return 0;
}

static int leave_sqlite(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

static int use_postgres(void **state)
{
    static const struct postgres_options plain = {0};
    struct err err = {0};
    (void)state;
    cluster = postgres_cluster_start(&plain, &err);
    kind = (struct kind){.address = cluster ? postgres_cluster_database(cluster, &err) : NULL,
                         .make = "DROP TABLE IF EXISTS t; "
                                 "CREATE TABLE t (k BIGINT PRIMARY KEY, f DOUBLE PRECISION, s TEXT, b BYTEA)"};
    if (!kind.address)
        print_error("%s\n", err.text);
    return kind.address ? 0 : -1;
}

static int leave_postgres(void **state)
{
    (void)state;
    postgres_cluster_end(cluster);
    return 0;
}

static int open_database(void **state)
{
    (void)state;
    struct err err = {0};
    int failed = db_open(text_of(kind.address), DB_WRITER, &db, &err);
    if (!failed)
        failed = db_script(db, text_of(kind.make), &err);
    if (failed)
        print_error("%s\n", err.text);
    return failed;
}

static int close_database(void **state)
{
    (void)state;
    db_close(db);
    return 0;
}

#define RUN(statement, ...)                                                                                            \
    db_run(db, &(statement), (struct db_value[]){__VA_ARGS__},                                                         \
           sizeof((struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value), NULL, &err)

static int put(int64_t key)
{
    struct err err = {0};
    return RUN(test_put, db_i64(key), db_f64(0.5), db_text(TEXT("a")), db_blob(TEXT("b")));
}

static int64_t count(void)
{
    struct err err = {0};
    struct db_rows *rows;
    assert_int_equal(db_query(db, &test_count, NULL, 0, &rows, &err), 0);
    assert_int_equal(db_next(rows, &err), 1);
    int64_t n = db_get_i64(rows, 0);
    assert_int_equal(db_next(rows, &err), 0);
    db_done(rows);
    return n;
}

/* --- values ---------------------------------------------------------------------------------------------------------- */

static void get(int64_t key, struct db_rows **ret_rows)
{
    struct err err = {0};
    struct db_value values[] = {db_i64(key)};
    assert_int_equal(db_query(db, &test_get, values, 1, ret_rows, &err), 0);
    assert_int_equal(db_next(*ret_rows, &err), 1);
}

static void values_come_back_as_they_went_in(void **state)
{
    (void)state;
    struct err err = {0};
    struct db_rows *rows;
    struct text bytes = {"\0\xff\0x", 4};
    assert_int_equal(RUN(test_put, db_i64(INT64_MIN), db_f64(-0.1), db_text(TEXT("Zo\xc3\xab")), db_blob(bytes)), 0);
    assert_int_equal(RUN(test_put, db_i64(INT64_MAX), db_null(), db_null(), db_null()), 0);
    assert_int_equal(RUN(test_put, db_i64(0), db_f64(INFINITY), db_text(TEXT_NONE), db_blob(TEXT_NONE)), 0);

    get(INT64_MIN, &rows);
    assert_true(db_get_f64(rows, 0) == -0.1);
    assert_text(db_get_text(rows, 1), "Zo\xc3\xab");
    assert_true(text_equal(db_get_blob(rows, 2), bytes));
    db_done(rows);

    get(INT64_MAX, &rows);
    for (int column = 0; column < 3; column++)
        assert_true(db_is_null(rows, column));
    assert_true(db_get_f64(rows, 0) == 0);
    assert_int_equal(db_get_text(rows, 1).len, 0);
    assert_int_equal(db_get_blob(rows, 2).len, 0);
    db_done(rows);

    get(0, &rows);
    assert_true(isinf(db_get_f64(rows, 0)));
    for (int column = 1; column < 3; column++)
        assert_false(db_is_null(rows, column));
    assert_int_equal(db_get_text(rows, 1).len, 0);
    assert_int_equal(db_get_blob(rows, 2).len, 0);
    db_done(rows);
}

static void values_that_one_database_refuses_are_refused(void **state)
{
    (void)state;
    struct err err = {0};
    struct text broken[] = {{"a\0b", 3}, {"\xc3", 1}, {"\xed\xa0\x80", 3}};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(RUN(test_put, db_i64(1), db_f64(0), db_text(broken[i]), db_null()), E_BUG);
    assert_string_equal(err.text, "test_put: $3 is no valid UTF-8 without NUL");
    assert_int_equal(RUN(test_put, db_i64(1), db_f64(NAN), db_null(), db_null()), E_BUG);
    assert_int_equal(RUN(test_put, db_i64(1), db_null(), db_null()), E_BUG);
    assert_string_equal(err.text, "test_put: it has 4 parameters and was given 3");
    assert_int_equal(count(), 0);
}

/* --- queries --------------------------------------------------------------------------------------------------------- */

static void one_query_is_open_at_a_time(void **state)
{
    (void)state;
    struct err err = {0};
    struct db_rows *rows;
    struct db_rows *second;
    for (int key = 1; key <= 3; key++)
        assert_int_equal(put(key), 0);
    assert_int_equal(db_query(db, &test_keys, NULL, 0, &rows, &err), 0);
    assert_int_equal(db_next(rows, &err), 1);
    assert_int_equal(db_query(db, &test_count, NULL, 0, &second, &err), E_BUG);
    assert_string_equal(err.text, "test_count: the query test_keys is still open");
    assert_int_equal(put(4), E_BUG);
    assert_int_equal(db_next(rows, &err), 1);
    assert_int_equal(db_get_i64(rows, 0), 2);
    db_done(rows); /* before its end */
    assert_int_equal(put(4), 0);
    assert_int_equal(count(), 4);
}

static void the_end_of_a_query_stays_its_end(void **state)
{
    (void)state;
    struct err err = {0};
    struct db_rows *rows;
    assert_int_equal(put(1), 0);
    assert_int_equal(db_query(db, &test_keys, NULL, 0, &rows, &err), 0);
    assert_int_equal(db_next(rows, &err), 1);
    for (int i = 0; i < 3; i++)
        assert_int_equal(db_next(rows, &err), 0);
    db_done(rows);
}

static void a_query_that_writes_has_written_before_its_rows_are_read(void **state)
{
    (void)state;
    struct err err = {0};
    struct db_rows *rows;
    struct db_value values[] = {db_i64(7)};
    assert_int_equal(db_query(db, &test_put_back, values, 1, &rows, &err), 0);
    db_done(rows);
    assert_int_equal(count(), 1);
}

static void rows_that_changed_are_counted(void **state)
{
    (void)state;
    struct err err = {0};
    int64_t changed = -1;
    struct db_value values[] = {db_i64(2)};
    for (int key = 1; key <= 3; key++)
        assert_int_equal(put(key), 0);
    assert_int_equal(db_run(db, &test_put_new, values, 1, &changed, &err), 0);
    assert_int_equal(changed, 0);
    assert_int_equal(db_run(db, &test_drop, values, 1, &changed, &err), 0);
    assert_int_equal(changed, 2);
}

static void a_statement_is_run_as_what_it_is(void **state)
{
    (void)state;
    struct err err = {0};
    struct db_rows *rows;
    struct db_value values[] = {db_i64(2)};
    assert_int_equal(db_run(db, &test_count, NULL, 0, NULL, &err), E_BUG);
    assert_int_equal(db_query(db, &test_drop, values, 1, &rows, &err), E_BUG);
}

/* --- transactions ---------------------------------------------------------------------------------------------------- */

static void a_savepoint_takes_back_what_came_after_it(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_equal(db_begin(db, &err), 0);
    assert_int_equal(db_savepoint(db, &err), 0);
    assert_int_equal(put(1), 0);
    assert_int_equal(db_release(db, &err), 0);
    assert_int_equal(db_savepoint(db, &err), 0);
    assert_int_equal(put(2), 0);
    assert_int_equal(db_rollback_to(db, &err), 0);
    assert_int_equal(count(), 1);
    assert_int_equal(db_savepoint(db, &err), 0);
    assert_int_equal(put(3), 0);
    assert_int_equal(db_release(db, &err), 0);
    assert_int_equal(db_commit(db, &err), 0);
    assert_int_equal(count(), 2);
}

static void a_failure_spoils_what_came_after_the_savepoint(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_equal(db_begin(db, &err), 0);
    assert_int_equal(put(1), 0);
    assert_int_equal(db_savepoint(db, &err), 0);
    assert_int_equal(put(2), 0);
    assert_int_equal(put(1), E_BUG);
    assert_int_equal(put(3), E_BUG); /* as PostgreSQL does */
    assert_int_equal(db_release(db, &err), E_BUG);
    assert_int_equal(db_commit(db, &err), E_BUG);
    assert_non_null(strcasestr(err.text, "unique constraint"));
    assert_int_equal(db_rollback_to(db, &err), 0);
    assert_int_equal(put(4), 0);
    assert_int_equal(db_commit(db, &err), 0);
    assert_int_equal(count(), 2);
}

static void a_rollback_ends_whatever_is_open(void **state)
{
    (void)state;
    struct err err = {0};
    struct db_rows *rows;
    db_rollback(db); /* nothing is */
    assert_int_equal(put(1), 0);
    assert_int_equal(db_begin(db, &err), 0);
    assert_int_equal(db_savepoint(db, &err), 0);
    assert_int_equal(put(2), 0);
    assert_int_equal(db_query(db, &test_keys, NULL, 0, &rows, &err), 0);
    db_rollback(db);
    assert_int_equal(count(), 1);
    assert_int_equal(db_commit(db, &err), E_BUG);
    assert_int_equal(db_begin(db, &err), 0);
    assert_int_equal(db_begin(db, &err), E_BUG);
    assert_int_equal(db_commit(db, &err), 0);
}

static void outside_of_a_transaction_a_failure_spoils_nothing(void **state)
{
    (void)state;
    assert_int_equal(put(1), 0);
    assert_int_equal(put(1), E_BUG);
    assert_int_equal(put(2), 0);
    assert_int_equal(count(), 2);
}

/* --- what is refused ------------------------------------------------------------------------------------------------- */

static void parameters_are_one_to_n(void **state)
{
    (void)state;
    struct err err = {0};
    struct statement bad[] = {
        {.name = "gap", .sql = "SELECT $1, $3"},
        {.name = "question", .sql = "SELECT ?"},
        {.name = "named", .sql = "SELECT :a"},
        {.name = "cast", .sql = "SELECT $1::bigint"},
        {.name = "letter", .sql = "SELECT $a"},
        {.name = "zero", .sql = "SELECT $0"},
        {.name = "leading", .sql = "SELECT $01"},
        {.name = "many", .sql = "SELECT $33"},
        {.name = "behind", .sql = "SELECT $1a"},
        {.name = "at", .sql = "SELECT @a"},
        {.name = "huge", .sql = "SELECT $99999999999999999999"},
    };
    struct db_value values[] = {db_i64(1), db_i64(2), db_i64(3)};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        for (size_t n = 0; n <= 3; n++) {
            struct db_rows *rows;
            assert_int_equal(db_query(db, &bad[i], values, n, &rows, &err), E_BUG);
        }
}

static void quoted_texts_and_comments_hold_no_parameters(void **state)
{
    (void)state;
    struct err err = {0};
    struct db_rows *rows;
    struct statement odd = {.name = "odd",
                            .sql = "SELECT '$7 it''s ? :x', /* $8 */ \"k\" -- $9 ?\n FROM t WHERE k = $1"};
    struct db_value values[] = {db_i64(1)};
    assert_int_equal(put(1), 0);
    assert_int_equal(db_query(db, &odd, values, 1, &rows, &err), 0);
    assert_int_equal(db_next(rows, &err), 1);
    assert_text(db_get_text(rows, 0), "$7 it's ? :x");
    db_done(rows);
}

static void statements_that_are_no_sql_are_refused_by_name(void **state)
{
    (void)state;
    struct err err = {0};
    struct statement wrong = {.name = "wrong", .sql = "SELEKT"};
    struct statement quoted = {.name = "quoted", .sql = "INSERT INTO t (s) VALUES (\"not a string\")"};
    assert_int_equal(db_run(db, &wrong, NULL, 0, NULL, &err), E_BUG);
    assert_memory_equal(err.text, "wrong: ", 7);
    assert_int_equal(db_run(db, &quoted, NULL, 0, NULL, &err), E_BUG);
}

static void a_script_runs_all_of_its_statements(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_equal(
        db_script(db, TEXT("INSERT INTO t (k) VALUES (1); -- one\n\nINSERT INTO t (k) VALUES (2);\n"), &err), 0);
    assert_int_equal(count(), 2);
    assert_int_equal(db_script(db, TEXT("INSERT INTO t (k) VALUES (3); NONSENSE;"), &err), E_BUG);
}

static void addresses_without_a_database_get_a_sentence(void **state)
{
    (void)state;
    struct err err = {0};
    struct db *other;
    assert_int_equal(db_open(TEXT("mysql://root:secret@h/x"), DB_WRITER, &other, &err), E_BAD_INPUT);
    assert_null(strstr(err.text, "secret"));
    assert_non_null(strstr(err.text, "mysql"));
    assert_int_equal(db_open(TEXT("sqlite:"), DB_WRITER, &other, &err), E_BAD_INPUT);
    assert_int_equal(db_open(TEXT(""), DB_WRITER, &other, &err), E_BAD_INPUT);
}

#define ON_DATABASE(test) cmocka_unit_test_setup_teardown(test, open_database, close_database)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_DATABASE(values_come_back_as_they_went_in),
        ON_DATABASE(values_that_one_database_refuses_are_refused),
        ON_DATABASE(one_query_is_open_at_a_time),
        ON_DATABASE(the_end_of_a_query_stays_its_end),
        ON_DATABASE(a_query_that_writes_has_written_before_its_rows_are_read),
        ON_DATABASE(rows_that_changed_are_counted),
        ON_DATABASE(a_statement_is_run_as_what_it_is),
        ON_DATABASE(a_savepoint_takes_back_what_came_after_it),
        ON_DATABASE(a_failure_spoils_what_came_after_the_savepoint),
        ON_DATABASE(a_rollback_ends_whatever_is_open),
        ON_DATABASE(outside_of_a_transaction_a_failure_spoils_nothing),
        ON_DATABASE(parameters_are_one_to_n),
        ON_DATABASE(quoted_texts_and_comments_hold_no_parameters),
        ON_DATABASE(statements_that_are_no_sql_are_refused_by_name),
        ON_DATABASE(a_script_runs_all_of_its_statements),
        cmocka_unit_test(addresses_without_a_database_get_a_sentence),
    };
    int failed = cmocka_run_group_tests_name("sqlite", tests, use_sqlite, leave_sqlite);
    return failed + cmocka_run_group_tests_name("postgres", tests, use_postgres, leave_postgres);
}

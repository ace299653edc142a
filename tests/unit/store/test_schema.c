/* tests/unit/store/test_schema.c
 *
 * The runner of the schema: each step once, in order, or the database is refused.
 */
#include "lib/check.h"
#include "lib/scratch.h"
#include "store/schema.h"
#include "store/store.h"

#include <string.h>

#define FIRST                                                                                                          \
    {                                                                                                                  \
        1, "0001_ground", "CREATE TABLE a (k INTEGER); INSERT INTO a (k) VALUES (1);"                                  \
    }
#define SECOND                                                                                                         \
    {                                                                                                                  \
        2, "0002_more", "INSERT INTO a (k) VALUES (2);"                                                                \
    }
#define END                                                                                                            \
    {                                                                                                                  \
        0, NULL, NULL                                                                                                  \
    }

static const struct schema_text one_step[] = {FIRST, END};
static const struct schema_text two_steps[] = {FIRST, SECOND, END};

STATEMENT(test_sum, "SELECT SUM(k) FROM a", .scans = "a test");

static struct scratch scratch;
static struct db *db;
static struct err err;

static struct db *connect(enum db_access access)
{
    struct db *made = NULL;
    if (db_open(text_of(scratch_name(&scratch, "sqlite:", "t.db")), access, &made, &err) != 0)
        fail_msg("%s", err.text);
    return made;
}

static int open_database(void **state)
{
    (void)state;
    scratch_make(&scratch);
    db = connect(DB_WRITER);
    return 0;
}

static int close_database(void **state)
{
    (void)state;
    db_close(db);
    scratch_remove(&scratch);
    return 0;
}

static int update(const struct schema_text *texts)
{
    return schema_update(db, texts, &clock_system, &err);
}

static int64_t sum(void)
{
    struct db_rows *rows;
    assert_int_equal(db_query(db, &test_sum, NULL, 0, &rows, &err), 0);
    assert_int_equal(db_next(rows, &err), 1);
    int64_t value = db_get_i64(rows, 0);
    db_done(rows);
    return value;
}

static void each_step_is_applied_once(void **state)
{
    (void)state;
    assert_int_equal(update(one_step), 0);
    assert_int_equal(sum(), 1);
    assert_int_equal(update(one_step), 0);
    assert_int_equal(sum(), 1);
    assert_int_equal(update(two_steps), 0);
    assert_int_equal(sum(), 3);
    assert_int_equal(update(two_steps), 0);
    assert_int_equal(sum(), 3);
}

static void a_database_of_a_newer_skein_is_refused(void **state)
{
    (void)state;
    assert_int_equal(update(two_steps), 0);
    assert_int_equal(update(one_step), E_FORBIDDEN);
    assert_non_null(strstr(err.text, "newer Skein"));
    assert_non_null(strstr(err.text, "0002_more"));
    assert_int_equal(schema_check(db, one_step, &err), E_FORBIDDEN);
}

static void a_step_with_another_text_or_name_is_refused(void **state)
{
    (void)state;
    static const struct schema_text changed[] = {
        {1, "0001_ground", "CREATE TABLE a (k INTEGER); INSERT INTO a (k) VALUES (9);"}, END};
    static const struct schema_text renamed[] = {
        {1, "0001_floor", "CREATE TABLE a (k INTEGER); INSERT INTO a (k) VALUES (1);"}, END};
    assert_int_equal(update(one_step), 0);
    assert_int_equal(update(changed), E_FORBIDDEN);
    assert_non_null(strstr(err.text, "0001_ground"));
    assert_int_equal(update(renamed), E_FORBIDDEN);
    assert_int_equal(update(one_step), 0);
}

static void a_step_that_fails_leaves_nothing_behind(void **state)
{
    (void)state;
    static const struct schema_text broken[] = {
        FIRST, {2, "0002_more", "INSERT INTO a (k) VALUES (2); NONSENSE;"}, END};
    assert_int_equal(update(broken), E_BUG);
    assert_non_null(strstr(err.text, "0002_more"));
    assert_int_equal(sum(), 1);
    assert_int_equal(update(two_steps), 0);
    assert_int_equal(sum(), 3);
}

static void a_reader_only_looks(void **state)
{
    (void)state;
    struct db *reader = connect(DB_READER);
    assert_int_equal(schema_check(reader, one_step, &err), E_NOT_FOUND);
    assert_int_equal(update(one_step), 0);
    assert_int_equal(schema_check(reader, one_step, &err), 0);
    assert_int_equal(schema_check(reader, two_steps, &err), E_FORBIDDEN);
    assert_non_null(strstr(err.text, "0002_more"));
    assert_int_equal(schema_update(reader, two_steps, &clock_system, &err), E_IO);
    db_close(reader);
}

static void the_steps_of_both_databases_are_in_the_binary(void **state)
{
    (void)state;
    size_t n = 0;
    for (; schema_sqlite[n].number != 0; n++) {
        assert_int_equal(schema_sqlite[n].number, n + 1);
        assert_int_equal(schema_postgres[n].number, n + 1);
        assert_string_equal(schema_sqlite[n].name, schema_postgres[n].name);
    }
    assert_true(n > 0);
    assert_int_equal(schema_postgres[n].number, 0);
}

static void the_schema_can_be_shown(void **state)
{
    (void)state;
    struct schema_step steps[64];
    size_t n = 0;
    assert_int_equal(store_schema(db, steps, 64, &n, &err), 0);
    assert_true(n > 0);
    assert_int_equal(steps[0].applied_ms, 0);
    assert_int_equal(update(schema_texts(DB_SQLITE)), 0);
    assert_int_equal(schema_check(db, schema_texts(DB_SQLITE), &err), 0);
    assert_int_equal(store_schema(db, steps, 64, &n, &err), 0);
    assert_string_equal(steps[0].name, "0001_ground");
    assert_true(steps[n - 1].applied_ms > 0);
    assert_int_equal(store_schema(db, steps, 0, &n, &err), 0);
    assert_int_equal(n, 0);
}

#define ON_DATABASE(test) cmocka_unit_test_setup_teardown(test, open_database, close_database)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_DATABASE(each_step_is_applied_once),
        ON_DATABASE(a_database_of_a_newer_skein_is_refused),
        ON_DATABASE(a_step_with_another_text_or_name_is_refused),
        ON_DATABASE(a_step_that_fails_leaves_nothing_behind),
        ON_DATABASE(a_reader_only_looks),
        ON_DATABASE(the_steps_of_both_databases_are_in_the_binary),
        ON_DATABASE(the_schema_can_be_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

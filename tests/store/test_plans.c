/* tests/store/test_plans.c
 *
 * At a hundred thousand rows a table, every statement finds its rows by an index, on both databases; and so does whoever
 * erases everything of one owner, one X account or one profile.
 *
 * Statements that may read a whole table say why, where they stand (db.h, .scans); one that need not, says nothing.
 */
#include "base/cleanup.h"
#include "lib/check.h"
#include "store/both.h"
#include "store/many_rows.h"
#include "store/plan.h"
#include "store/scenario.h"

/* Pages of one statement that finds or writes a few rows: three or four for each index that it goes through. */
#define BUFFERS_MAX 50

static struct both both;

static int run_part(struct scenario *scenario, void (*part)(struct scenario *scenario), bool keep)
{
    struct err err = {0};
    int failed = db_begin(scenario->db, &err);
    if (!failed)
        part(scenario);
    if (!failed && keep)
        failed = db_commit(scenario->db, &err);
    if (failed)
        print_error("%s\n", err.text);
    db_rollback(scenario->db);
    return failed;
}

/* The scenario says how each statement is used. Its rows stay, so that each finds some; but a step of the schema is noted
 * only once, and its statement is run again to be explained. */
static int make_both(void **state)
{
    (void)state;
    int failed = 0;
    both_make(&both);
    for (int kind = 0; kind < KINDS && !failed; kind++) {
        struct scenario scenario;
        many_rows_put(both.dbs[kind]);
        scenario_start(&scenario, both.dbs[kind]);
        failed = run_part(&scenario, scenario_put, true) || run_part(&scenario, scenario_read, true) ||
                 run_part(&scenario, scenario_remove, false);
        failed = failed || db_script(both.dbs[kind], TEXT("DELETE FROM schema_step"), &scenario.err);
        scenario_end(&scenario);
    }
    return failed;
}

static int remove_both(void **state)
{
    (void)state;
    both_remove(&both);
    return 0;
}

/* --- the store's statements ------------------------------------------------------------------------------------------- */

/* What is wrong with the plan of a run is printed. */
static bool is_good(enum db_kind kind, const struct recorded *run, bool *ret_scans)
{
    struct plan plan;
    plan_make(&plan, both.dbs[kind], run);
    bool scans = plan.scans && !run->statement->scans;
    bool large = plan.buffers > BUFFERS_MAX && !run->statement->scans;
    if (scans)
        print_error("%s reads a whole table on %s, and does not say why\n", run->statement->name, kind_name(kind));
    if (large)
        print_error("%s takes %lld pages on %s\n", run->statement->name, (long long)plan.buffers, kind_name(kind));
    if (scans || large)
        print_error("%s", buf_string(&plan.text));
    *ret_scans = plan.scans;
    plan_release(&plan);
    return !scans && !large;
}

static void every_statement_finds_its_rows_by_an_index(void **state)
{
    (void)state;
    const struct statement *const *statement;
    const struct statement *const *end;
    int bad = 0;
    for (statements_all(&statement, &end); statement < end; statement++) {
        bool needed = false;
        for (int kind = 0; kind < KINDS; kind++) {
            bool scans = false;
            const struct recorded *run = recorder_find(&both.recorders[kind], *statement);
            bad += !run || !is_good((enum db_kind)kind, run, &scans);
            needed |= scans;
        }
        if ((*statement)->scans && !needed) {
            print_error("%s says why it reads a whole table, and does not read one\n", (*statement)->name);
            bad++;
        }
    }
    assert_int_equal(bad, 0);
}

/* --- who erases -------------------------------------------------------------------------------------------------------- */

#define CONSTANT(literal)                                                                                              \
    {                                                                                                                  \
        .type = DB_TEXT, .bytes = { literal, sizeof(literal) - 1 }                                                     \
    }
#define ID CONSTANT("01MANY00000000000010000007")
#define X                                                                                                              \
    {                                                                                                                  \
        .type = DB_I64, .i64 = 7                                                                                       \
    }
#define NET CONSTANT("bluesky")
#define DID CONSTANT("did:many:7")

/* What stands in the migration's comment: everything of one owner, of one X account, and of one profile; and what has an
 * end, or a key that is to go. No statement of the store asks all of these yet. */
static const struct question {
    const char *sql;
    struct db_value values[2];
    size_t n;
} questions[] = {
    {"DELETE FROM member WHERE id = $1", {ID}, 1},
    {"DELETE FROM membership WHERE member = $1", {ID}, 1},
    {"DELETE FROM membership WHERE community = $1", {ID}, 1},
    {"DELETE FROM import WHERE owner = $1", {ID}, 1},
    {"DELETE FROM import WHERE community = $1", {ID}, 1},
    {"DELETE FROM follow_set WHERE owner = $1", {ID}, 1},
    {"DELETE FROM fact_set WHERE owner = $1", {ID}, 1},
    {"DELETE FROM fact_set WHERE import = $1", {ID}, 1},
    {"DELETE FROM x_public WHERE import = $1", {ID}, 1},
    {"DELETE FROM shield WHERE member = $1", {ID}, 1},
    {"DELETE FROM sealed WHERE owner = $1", {ID}, 1},
    {"DELETE FROM wish WHERE member = $1", {ID}, 1},
    {"DELETE FROM pair WHERE scope = $1", {ID}, 1},
    {"DELETE FROM pair WHERE decided = $1 AND decided <> ''", {ID}, 1},
    {"DELETE FROM batch WHERE member = $1", {ID}, 1},
    {"DELETE FROM batch WHERE community = $1", {ID}, 1},
    {"DELETE FROM batch_item WHERE batch = $1", {ID}, 1},
    {"DELETE FROM batch_item WHERE x = $1", {X}, 1},
    {"DELETE FROM batch_item WHERE profile = $1", {DID}, 1},
    {"DELETE FROM community WHERE id = $1", {ID}, 1},
    {"DELETE FROM x_public WHERE number = $1", {X}, 1},
    {"DELETE FROM same_as WHERE number = $1", {X}, 1},
    {"DELETE FROM same_as WHERE id_number = $1", {X}, 1},
    {"DELETE FROM pair WHERE x = $1", {X}, 1},
    {"DELETE FROM lookup WHERE network = $1 AND x = $2", {NET, X}, 2},
    {"DELETE FROM profile WHERE network = $1 AND id = $2", {NET, DID}, 2},
    {"DELETE FROM pair WHERE network = $1 AND profile = $2", {NET, DID}, 2},
    {"SELECT import FROM fact_set WHERE seal_key = $1", {X}, 1},
    {"SELECT owner FROM sealed WHERE seal_key = $1", {X}, 1},
};

static void everything_of_somebody_is_found_by_an_index(void **state)
{
    (void)state;
    int bad = 0;
    for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
        const struct question *question = &questions[i];
        const struct statement statement = {.name = question->sql, .sql = question->sql};
        struct recorded run = {.statement = &statement, .n = question->n};
        for (size_t j = 0; j < question->n; j++)
            run.values[j] = question->values[j];
        for (int kind = 0; kind < KINDS; kind++) {
            bool scans;
            bad += !is_good((enum db_kind)kind, &run, &scans);
        }
    }
    assert_int_equal(bad, 0);
}

/* A plan that scans is seen to: else the others would prove nothing. */
static void a_scan_is_noticed(void **state)
{
    (void)state;
    const struct statement statement = {.name = "a scan", .sql = "SELECT id FROM member WHERE x_handle = $1"};
    const struct recorded run = {.statement = &statement, .values = {db_text(TEXT("w7"))}, .n = 1};
    for (int kind = 0; kind < KINDS; kind++) {
        struct plan plan;
        plan_make(&plan, both.dbs[kind], &run);
        assert_true(plan.scans);
        assert_true(kind == DB_SQLITE || plan.buffers > BUFFERS_MAX);
        plan_release(&plan);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_statement_finds_its_rows_by_an_index),
        cmocka_unit_test(everything_of_somebody_is_found_by_an_index),
        cmocka_unit_test(a_scan_is_noticed),
    };
    return cmocka_run_group_tests(tests, make_both, remove_both);
}

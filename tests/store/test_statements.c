/* tests/store/test_statements.c
 *
 * Every statement of the store, run on both databases with the same rows: the same comes back, and the same is written.
 */
#include "lib/check.h"
#include "store/both.h"
#include "store/scenario.h"

#include <string.h>

static struct both both;

static int make_both(void **state)
{
    (void)state;
    both_make(&both);
    return 0;
}

static int remove_both(void **state)
{
    (void)state;
    both_remove(&both);
    return 0;
}

static void in_transaction(struct scenario *scenario, void (*part)(struct scenario *scenario))
{
    struct err err = {0};
    if (db_begin(scenario->db, &err) != 0)
        fail_msg("%s", err.text);
    part(scenario);
    if (db_commit(scenario->db, &err) != 0)
        fail_msg("%s", err.text);
}

/* The line of `text` that begins at `at`. */
static struct text line_at(struct text text, size_t at)
{
    return text_slice(text, at, text_find_byte(text, '\n', at));
}

/* Says where two texts begin to differ. */
static void assert_same(const char *what, struct text a, struct text b)
{
    size_t line = 0;
    for (size_t i = 0; i < a.len && i < b.len && a.data[i] == b.data[i]; i++)
        if (a.data[i] == '\n')
            line = i + 1;
    if (!text_equal(a, b))
        fail_msg("%s: SQLite says \"%.*s\", PostgreSQL \"%.*s\"", what, TEXT_ARG(line_at(a, line)),
                 TEXT_ARG(line_at(b, line)));
}

static void both_give_the_same(void **state)
{
    (void)state;
    struct scenario scenarios[KINDS];
    for (int kind = 0; kind < KINDS; kind++) {
        struct scenario *scenario = &scenarios[kind];
        scenario_start(scenario, both.dbs[kind]);
        in_transaction(scenario, scenario_put);
        in_transaction(scenario, scenario_read);
        in_transaction(scenario, scenario_remove);
        in_transaction(scenario, scenario_read);
    }
    assert_true(scenarios[0].out.len > 5000);
    assert_same("what was read", buf_text(&scenarios[DB_SQLITE].out), buf_text(&scenarios[DB_POSTGRES].out));
    assert_same("what was written", buf_text(&both.recorders[DB_SQLITE].lines),
                buf_text(&both.recorders[DB_POSTGRES].lines));
    for (int kind = 0; kind < KINDS; kind++)
        scenario_end(&scenarios[kind]);
}

/* After the scenario: whoever writes a statement adds what runs it. */
static void none_was_forgotten(void **state)
{
    (void)state;
    const struct statement *const *statement;
    const struct statement *const *end;
    int n = 0;
    int forgotten = 0;
    for (statements_all(&statement, &end); statement < end; statement++, n++) {
        for (int kind = 0; kind < KINDS; kind++) {
            if (recorder_find(&both.recorders[kind], *statement))
                continue;
            print_error("%s was not run on %s: tests/store/scenario*.c should\n", (*statement)->name,
                        kind_name((enum db_kind)kind));
            forgotten++;
        }
    }
    print_message("%d statements\n", n);
    assert_true(n > 50);
    assert_int_equal(forgotten, 0);
}

static void names_tell_them_apart(void **state)
{
    (void)state;
    const struct statement *const *begin;
    const struct statement *const *end;
    statements_all(&begin, &end);
    for (const struct statement *const *a = begin; a < end; a++)
        for (const struct statement *const *b = begin; b < a; b++)
            if (strcmp((*a)->name, (*b)->name) == 0)
                fail_msg("two statements are called %s", (*a)->name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_give_the_same),
        cmocka_unit_test(none_was_forgotten),
        cmocka_unit_test(names_tell_them_apart),
    };
    return cmocka_run_group_tests(tests, make_both, remove_both);
}

/* tests/unit/matching/test_asker.c
 *
 * A list of questions: a few at a time, within a budget, and given up where nobody answers.
 */
#include "base/cleanup.h"
#include "base/limits.h"
#include "lib/check.h"
#include "lib/fake_network.h"
#include "matching/asker.h"

#include <string.h>

struct fixture {
    struct loop *loop;
    struct arena arena;
    struct fake_network fake;
    struct asker asker;
    size_t idle;
    size_t last_answered;
};

static void on_idle(void *context)
{
    ((struct fixture *)context)->idle++;
}

static void on_progress(void *context, size_t answered, size_t all)
{
    struct fixture *fixture = context;
    assert_true(answered >= fixture->last_answered);
    assert_true(answered <= all);
    fixture->last_answered = answered;
}

static void set_up(struct fixture *fixture, size_t questions)
{
    memset(fixture, 0, sizeof *fixture);
    fixture->loop = loop_new(NULL, NULL);
    arena_init(&fixture->arena, 1 << 20);
    fake_network_init(&fixture->fake, fixture->loop);
    fixture->asker = (struct asker){.network = &fixture->fake.network,
                                    .arena = &fixture->arena,
                                    .budget = UINT64_MAX,
                                    .idle = on_idle,
                                    .progress = on_progress,
                                    .context = fixture};
    for (size_t i = 0; i < questions; i++)
        asker_add(&fixture->asker, QUESTION_SEARCH)->words = TEXT("anna");
}

static size_t count(const struct fixture *fixture, enum question_state state)
{
    size_t n = 0;
    for (size_t i = 0; i < fixture->asker.n; i++)
        n += fixture->asker.questions[i]->state == state;
    return n;
}

static void run(struct fixture *fixture)
{
    if (asker_start(&fixture->asker))
        loop_run(fixture->loop);
}

static void tear_down(struct fixture *fixture)
{
    loop_run(fixture->loop); /* closes what was cancelled */
    assert_int_equal(fixture->fake.under_way, 0);
    assert_int_equal(count(fixture, QUESTION_OPEN), 0);
    loop_free(fixture->loop);
    arena_release(&fixture->arena);
}

static void test_all_are_asked_a_few_at_a_time(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture, 50);
    run(&fixture);
    assert_int_equal(fixture.fake.questions, 50);
    assert_int_equal(fixture.fake.most_under_way, LIMIT_QUESTIONS_AT_ONCE);
    assert_int_equal(count(&fixture, QUESTION_ANSWERED), 50);
    assert_int_equal(fixture.idle, 1);
    assert_int_equal(fixture.last_answered, 50);
    tear_down(&fixture);
}

static void test_nothing_to_ask_is_no_wait(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture, 0);
    assert_false(asker_start(&fixture.asker));
    assert_int_equal(fixture.idle, 0);
    tear_down(&fixture);
}

static void test_the_budget_ends_it(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture, 20);
    fixture.asker.budget = 12;
    run(&fixture);
    assert_int_equal(fixture.fake.questions, 12);
    assert_int_equal(count(&fixture, QUESTION_ANSWERED), 12);
    assert_int_equal(count(&fixture, QUESTION_FAILED), 8);
    assert_string_equal(fixture.asker.questions[19]->why, "the budget of questions was used up");
    assert_null(fixture.asker.gave_up); /* it is not the network's fault */
    tear_down(&fixture);
}

static void test_a_network_that_never_answered_is_given_up_at_once(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture, 50);
    fixture.fake.fail_from = 1;
    run(&fixture);
    assert_int_equal(fixture.fake.questions, LIMIT_QUESTIONS_AT_ONCE);
    assert_int_equal(count(&fixture, QUESTION_FAILED), 50);
    assert_string_equal(fixture.asker.gave_up, "the fake network is down");
    assert_string_equal(fixture.asker.questions[49]->why, "the fake network is down");
    assert_int_equal(fixture.idle, 1);

    /* What is added later fails at once, with the same reason. */
    asker_add(&fixture.asker, QUESTION_SEARCH)->words = TEXT("anna");
    assert_false(asker_start(&fixture.asker));
    assert_string_equal(fixture.asker.questions[50]->why, "the fake network is down");
    tear_down(&fixture);
}

static void test_a_hiccup_costs_its_own_question_only(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture, 50);
    fixture.fake.fail_from = 20;
    fixture.fake.fail_until = 20 + ASKER_FAILURES - 1;
    run(&fixture);
    assert_int_equal(fixture.fake.questions, 50);
    assert_int_equal(count(&fixture, QUESTION_FAILED), ASKER_FAILURES - 1);
    assert_null(fixture.asker.gave_up);
    tear_down(&fixture);
}

static void test_failures_in_a_row_end_it(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture, 200);
    fixture.fake.fail_from = 20;
    run(&fixture);
    assert_true(fixture.fake.questions < 20 + ASKER_FAILURES + LIMIT_QUESTIONS_AT_ONCE);
    assert_int_equal(count(&fixture, QUESTION_ANSWERED), 19);
    assert_string_equal(fixture.asker.gave_up, "the fake network is down");
    tear_down(&fixture);
}

static void test_cancel(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture, 20);
    fixture.fake.never_answer = true;
    assert_true(asker_start(&fixture.asker));
    asker_cancel(&fixture.asker);
    assert_int_equal(fixture.fake.cancelled, LIMIT_QUESTIONS_AT_ONCE);
    assert_int_equal(fixture.idle, 0);
    tear_down(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_are_asked_a_few_at_a_time),
        cmocka_unit_test(test_nothing_to_ask_is_no_wait),
        cmocka_unit_test(test_the_budget_ends_it),
        cmocka_unit_test(test_a_network_that_never_answered_is_given_up_at_once),
        cmocka_unit_test(test_a_hiccup_costs_its_own_question_only),
        cmocka_unit_test(test_failures_in_a_row_end_it),
        cmocka_unit_test(test_cancel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

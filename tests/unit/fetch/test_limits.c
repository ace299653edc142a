/* tests/unit/fetch/test_limits.c
 *
 * Budget, circuit, back-off and what answers say of limits: pure rules, with times and lots that the test gives.
 */
#include "base/cleanup.h"
#include "base/limits.h"
#include "fetch/backoff.h"
#include "fetch/budget.h"
#include "fetch/circuit.h"
#include "fetch/outcome.h"
#include "fetch/ratelimit.h"
#include "lib/check.h"

#include <string.h>

/* --- lots -----------------------------------------------------------------------------------------------------------*/

/* Counting up gives every remainder in turn: lots without luck. */
static uint64_t counter;
static void fill_by_counting(void *context, void *bytes, size_t len)
{
    (void)context;
    counter++;
    memset(bytes, 0, len);
    memcpy(bytes, &counter, len < sizeof counter ? len : sizeof counter);
}
static const struct random_source counting = {.fill = fill_by_counting};

static void test_backoff_doubles_up_to_its_most(void **state)
{
    (void)state;
    assert_int_equal(backoff_ceiling(100, 1000, 0), 100);
    assert_int_equal(backoff_ceiling(100, 1000, 3), 800);
    assert_int_equal(backoff_ceiling(100, 1000, 4), 1000);
    assert_int_equal(backoff_ceiling(100, 1000, 4000000000U), 1000);
}

static void test_backoff_draws_every_pause(void **state)
{
    bool full[5] = {false};
    bool half[5] = {false};
    (void)state;
    for (int i = 0; i < 20; i++) {
        full[backoff_full(&counting, 1, 4, 2)] = true;
        half[backoff_half(&counting, 1, 4, 2)] = true;
    }
    for (int i = 0; i <= 4; i++) {
        assert_true(full[i]);
        assert_int_equal(half[i], i >= 2);
    }
}

/* --- budget ---------------------------------------------------------------------------------------------------------*/

static const struct fetch_rate ten = {.per_second = 10, .burst = 3, .at_once = 6};

static void test_budget_burst_then_pace(void **state)
{
    struct budget budget;
    int64_t now = 1000;
    (void)state;
    budget_init(&budget, ten, now);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(budget_wait(&budget, now), 0);
        budget_spend(&budget);
    }
    for (int i = 0; i < 50; i++) {
        assert_int_equal(budget_wait(&budget, now), 100);
        assert_int_equal(budget_wait(&budget, now + 99), 1);
        now += 100;
        assert_int_equal(budget_wait(&budget, now), 0);
        budget_spend(&budget);
    }
    assert_false(budget_is_full(&budget, now));
    assert_true(budget_is_full(&budget, now + 300));
}

static void test_budget_keeps_its_rate_over_an_hour(void **state)
{
    struct budget budget;
    unsigned sent = 0;
    (void)state;
    budget_init(&budget, ten, 0);
    for (int64_t now = 0; now < HOUR_MS; now += 7) {
        if (budget_wait(&budget, now) > 0)
            continue;
        budget_spend(&budget);
        sent++;
    }
    assert_in_range(sent, 36000 - 3, 36000 + 3);
}

static void test_budget_halves_and_recovers(void **state)
{
    struct budget budget;
    int64_t now = 5000;
    (void)state;
    budget_init(&budget, ten, now);
    budget_punish(&budget, now - 10, now, now + 60000);
    assert_int_equal(budget_wait(&budget, now), 60000); /* no tokens gather in the pause but one */
    now += 60000;
    assert_int_equal(budget_wait(&budget, now), 0);
    budget_spend(&budget);
    assert_in_range(budget_wait(&budget, now), 199, 201); /* half of ten a second */
    (void)budget_wait(&budget, now + 60000);
    assert_true(budget.per_second > 5.99 && budget.per_second < 6.01); /* one more after a minute */
    (void)budget_wait(&budget, now + 10 * 60000);
    assert_true(budget.per_second == 10);
}

static void test_budget_halves_once_for_tries_sent_together(void **state)
{
    struct budget budget;
    (void)state;
    budget_init(&budget, ten, 0);
    for (int i = 0; i < 6; i++)
        budget_punish(&budget, 100, 200 + i, 300);
    assert_true(budget.per_second >= 5 && budget.per_second < 5.1);
    budget_punish(&budget, 400, 450, 500); /* sent after the first halving: a lesson of its own */
    assert_true(budget.per_second >= 2.5 && budget.per_second < 2.6);
}

static void test_budget_never_falls_below_one_a_second(void **state)
{
    struct budget budget;
    struct fetch_rate slow = {.per_second = 0.25, .burst = 1, .at_once = 1};
    (void)state;
    budget_init(&budget, ten, 0);
    for (int i = 1; i < 20; i++)
        budget_punish(&budget, i * 100, i * 100 + 50, i * 100 + 60);
    assert_true(budget.per_second >= 1 && budget.per_second < 1.1);
    budget_init(&budget, slow, 0);
    budget_punish(&budget, 100, 200, 300);
    assert_true(budget.per_second == 0.25);
}

static void test_budget_recovery_is_the_area_under_the_line(void **state)
{
    struct budget once;
    struct budget often;
    struct fetch_rate rate = {.per_second = 10, .burst = 1000000, .at_once = 6};
    (void)state;
    budget_init(&once, rate, 0);
    once.tokens = 0;
    budget_punish(&once, 1, 1, 1);
    often = once;
    (void)budget_wait(&once, HOUR_MS);
    for (int64_t now = 0; now <= HOUR_MS; now += 1000)
        (void)budget_wait(&often, now);
    assert_true(once.tokens - often.tokens < 0.1 && often.tokens - once.tokens < 0.1);
    assert_true(once.tokens > 35200 && once.tokens < 35300); /* 36,000 less the 5 * 300 / 2 of the first 5 minutes */
}

static void test_budget_takes_a_new_rate_at_once(void **state)
{
    struct budget budget;
    (void)state;
    budget_init(&budget, ten, 0);
    budget_set_rate(&budget, (struct fetch_rate){.per_second = 2, .burst = 1, .at_once = 1}, 0);
    assert_int_equal(budget_wait(&budget, 0), 0);
    budget_spend(&budget);
    assert_int_equal(budget_wait(&budget, 0), 500);
}

/* --- circuit --------------------------------------------------------------------------------------------------------*/

static const struct circuit_pauses pauses = {1000, 60000};

static void test_circuit_opens_after_five_in_a_row(void **state)
{
    struct circuit circuit = {0};
    (void)state;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < FETCH_CIRCUIT_FAILURES - 1; i++)
            circuit_failure(&circuit, false, 0, pauses, &counting);
        assert_int_equal(circuit_wait(&circuit, 0), 0);
        circuit_success(&circuit); /* not in a row any more */
    }
    for (int i = 0; i < FETCH_CIRCUIT_FAILURES; i++) {
        assert_int_equal(circuit_wait(&circuit, 0), 0);
        assert_false(circuit_send(&circuit));
        circuit_failure(&circuit, false, 0, pauses, &counting);
    }
    assert_int_equal(circuit.state, CIRCUIT_OPEN);
    assert_in_range(circuit_wait(&circuit, 0), 500, 1000);
}

static void open_circuit(struct circuit *circuit)
{
    *circuit = (struct circuit){0};
    for (int i = 0; i < FETCH_CIRCUIT_FAILURES; i++)
        circuit_failure(circuit, false, 0, pauses, &counting);
}

static void test_circuit_probes_one_at_a_time_with_growing_pauses(void **state)
{
    static const int64_t ceilings[] = {1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000};
    struct circuit circuit;
    int64_t now = 0;
    (void)state;
    open_circuit(&circuit);
    for (size_t i = 0; i < ARRAY_LEN(ceilings); i++) {
        int64_t wait = circuit_wait(&circuit, now);
        assert_in_range(wait, ceilings[i] / 2, ceilings[i]);
        now += wait - 1;
        assert_int_equal(circuit_wait(&circuit, now), 1);
        now++;
        assert_int_equal(circuit_wait(&circuit, now), 0);
        assert_true(circuit_send(&circuit));
        assert_int_equal(circuit_wait(&circuit, now), CIRCUIT_ASK_LATER);
        circuit_failure(&circuit, false, now, pauses, &counting); /* a try from before: says nothing new */
        assert_int_equal(circuit.state, CIRCUIT_PROBING);
        circuit_failure(&circuit, true, now, pauses, &counting);
    }
    assert_true(circuit_send(&circuit));
    circuit_success(&circuit);
    assert_int_equal(circuit_wait(&circuit, now), 0);
    for (int i = 0; i < FETCH_CIRCUIT_FAILURES - 1; i++)
        circuit_failure(&circuit, false, now, pauses, &counting);
    assert_int_equal(circuit.state, CIRCUIT_CLOSED);
}

static void test_circuit_cancelled_probe_lets_the_next_one_go(void **state)
{
    struct circuit circuit;
    (void)state;
    open_circuit(&circuit);
    assert_true(circuit_send(&circuit));
    circuit_forget_probe(&circuit, 5000);
    assert_int_equal(circuit_wait(&circuit, 5000), 0);
    assert_true(circuit_send(&circuit));
}

static void test_circuit_late_answer_closes_and_late_probe_is_ordinary(void **state)
{
    struct circuit circuit;
    (void)state;
    open_circuit(&circuit);
    assert_true(circuit_send(&circuit));
    circuit_success(&circuit); /* of a try that was sent before */
    circuit_failure(&circuit, true, 0, pauses, &counting);
    assert_int_equal(circuit.state, CIRCUIT_CLOSED);
    assert_int_equal(circuit.failures, 1);
}

/* --- what answers say of limits -------------------------------------------------------------------------------------*/

#define NOW_S  INT64_C(1795347331) /* 2026-11-22T11:35:31Z */
#define NOW_MS (NOW_S * 1000)
#define MOST   (15 * MINUTE_MS)

static int64_t pause_of(long status, const char *retry_after, const char *remaining, const char *reset,
                        const char *date)
{
    struct ratelimit_fields fields = {text_of(retry_after), text_of(remaining), text_of(reset), text_of(date)};
    return ratelimit_pause(status, &fields, NOW_MS, MOST);
}

static void test_retry_after(void **state)
{
    (void)state;
    assert_int_equal(pause_of(429, "7", NULL, NULL, NULL), 7000);
    assert_int_equal(pause_of(503, "7", NULL, NULL, NULL), 7000);
    assert_int_equal(pause_of(429, "Sun, 22 Nov 2026 11:35:41 GMT", NULL, NULL, NULL), 10000);
    assert_int_equal(pause_of(429, "Sunday, 22-Nov-26 11:35:41 GMT", NULL, NULL, NULL), 10000);
    assert_int_equal(pause_of(429, "Sun Nov 22 11:35:41 2026", NULL, NULL, NULL), 10000);
    assert_int_equal(pause_of(200, "7", NULL, NULL, NULL), RATELIMIT_NO_PAUSE);
    assert_int_equal(pause_of(500, "7", NULL, NULL, NULL), RATELIMIT_NO_PAUSE);
}

static void test_reset_is_a_date_or_seconds(void **state)
{
    (void)state;
    assert_int_equal(pause_of(429, NULL, "0", "1795347361", NULL), 30000);
    assert_int_equal(pause_of(429, NULL, NULL, "30", NULL), 30000);
    assert_int_equal(pause_of(429, "5", "0", "1795347361", NULL), 5000); /* Retry-After is meant for this */
    assert_int_equal(pause_of(200, NULL, "0", "1795347361", NULL), 30000);
    assert_int_equal(pause_of(400, NULL, "0", "1795347361", NULL), 30000);
    assert_int_equal(pause_of(200, NULL, "1", "1795347361", NULL), RATELIMIT_NO_PAUSE);
    assert_int_equal(pause_of(200, NULL, NULL, "1795347361", NULL), RATELIMIT_NO_PAUSE);
    assert_int_equal(pause_of(200, NULL, "0", NULL, NULL), RATELIMIT_NO_PAUSE);
}

static void test_a_wrong_clock_of_ours_does_not_matter(void **state)
{
    (void)state; /* the answer was given an hour before what our clock says */
    assert_int_equal(pause_of(429, NULL, "0", "1795343761", "Sun, 22 Nov 2026 10:35:31 GMT"), 30000);
    assert_int_equal(pause_of(429, "Sun, 22 Nov 2026 10:35:41 GMT", NULL, NULL, "Sun, 22 Nov 2026 10:35:31 GMT"),
                     10000);
    assert_int_equal(pause_of(429, NULL, "0", "1795347361", "no date"), 30000);
}

static void test_nonsense_is_no_time(void **state)
{
    static const char *const nonsense[] = {
        "", "soon", "-5", "1e9", "99999999999999999999999", "0", "Sun, 22 Nov 1998 11:35:41 GMT", " 5", "5 "};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(nonsense); i++) {
        assert_int_equal(pause_of(429, nonsense[i], NULL, NULL, NULL), RATELIMIT_SAYS_STOP);
        assert_int_equal(pause_of(429, NULL, "0", nonsense[i], NULL), RATELIMIT_SAYS_STOP);
        assert_int_equal(pause_of(200, NULL, "0", nonsense[i], NULL), RATELIMIT_NO_PAUSE);
        assert_int_equal(pause_of(503, nonsense[i], NULL, NULL, NULL), RATELIMIT_NO_PAUSE);
    }
    assert_int_equal(pause_of(429, NULL, NULL, NULL, NULL), RATELIMIT_SAYS_STOP);
}

static void test_pauses_are_bounded(void **state)
{
    (void)state;
    assert_int_equal(pause_of(429, "86400", NULL, NULL, NULL), MOST);
    assert_int_equal(pause_of(429, NULL, NULL, "99999999999", NULL), MOST);
    assert_int_equal(pause_of(200, NULL, "0", "1895347361", NULL), MOST);
}

/* --- verdicts -------------------------------------------------------------------------------------------------------*/

static void check_verdict(struct try_end end, enum outcome_kind kind, int code, bool host_failed, bool unsent)
{
    struct outcome outcome = outcome_of(&end);
    assert_int_equal(outcome.kind, kind);
    assert_int_equal(outcome.code, code);
    assert_int_equal(outcome.host_failed, host_failed);
    assert_int_equal(outcome.unsent, unsent);
}

static void test_verdicts_over_answers(void **state)
{
    static const long answers[] = {200, 201, 204, 206, 304, 300, 400, 401, 403, 404, 409, 410, 413, 451, 501};
    static const long failures[] = {500, 502, 503, 504, 507, 599};
    static const long redirects[] = {301, 302, 303, 307, 308};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(answers); i++)
        check_verdict((struct try_end){.status = answers[i], .sent = true}, OUTCOME_ANSWER, 0, false, false);
    for (size_t i = 0; i < ARRAY_LEN(failures); i++)
        check_verdict((struct try_end){.status = failures[i], .sent = true}, OUTCOME_FAILURE, E_UNAVAILABLE, true,
                      false);
    for (size_t i = 0; i < ARRAY_LEN(redirects); i++) {
        check_verdict((struct try_end){.status = redirects[i]}, OUTCOME_REFUSED, E_PROTOCOL, false, false);
        check_verdict((struct try_end){.status = redirects[i], .follow = true}, OUTCOME_REDIRECT, 0, false, false);
    }
    check_verdict((struct try_end){.status = 408, .sent = true}, OUTCOME_FAILURE, E_UNAVAILABLE, false, false);
    check_verdict((struct try_end){.status = 429}, OUTCOME_STOP, E_RATE_LIMITED, false, false);
    check_verdict((struct try_end){.status = 503, .asks_pause = true}, OUTCOME_STOP, E_RATE_LIMITED, false, false);
}

static void test_verdicts_over_errors(void **state)
{
    (void)state;
    check_verdict((struct try_end){.result = CURLE_COULDNT_CONNECT}, OUTCOME_FAILURE, E_UNAVAILABLE, true, true);
    check_verdict((struct try_end){.result = CURLE_RECV_ERROR, .sent = true}, OUTCOME_FAILURE, E_UNAVAILABLE, true,
                  false);
    check_verdict((struct try_end){.result = CURLE_GOT_NOTHING, .sent = true}, OUTCOME_FAILURE, E_UNAVAILABLE, true,
                  false);
    check_verdict((struct try_end){.result = CURLE_PARTIAL_FILE, .status = 200, .sent = true}, OUTCOME_FAILURE,
                  E_UNAVAILABLE, true, false);
    check_verdict((struct try_end){.result = CURLE_OPERATION_TIMEDOUT, .sent = true}, OUTCOME_FAILURE, E_TIMEOUT, true,
                  false);
    check_verdict((struct try_end){.result = CURLE_OPERATION_TIMEDOUT}, OUTCOME_FAILURE, E_TIMEOUT, true, true);
    check_verdict((struct try_end){.result = CURLE_PEER_FAILED_VERIFICATION}, OUTCOME_REFUSED, E_PROTOCOL, false,
                  false);
    check_verdict((struct try_end){.result = CURLE_COULDNT_CONNECT, .guarded = true}, OUTCOME_REFUSED, E_FORBIDDEN,
                  false, false);
    check_verdict((struct try_end){.result = CURLE_WRITE_ERROR, .too_large = true, .status = 200}, OUTCOME_REFUSED,
                  E_TOO_LARGE, false, false);
    check_verdict((struct try_end){.result = CURLE_FILESIZE_EXCEEDED, .status = 200}, OUTCOME_REFUSED, E_TOO_LARGE,
                  false, false);
    check_verdict((struct try_end){.result = CURLE_WRITE_ERROR, .no_memory = true}, OUTCOME_REFUSED, E_NOMEM, false,
                  false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_backoff_doubles_up_to_its_most),
        cmocka_unit_test(test_backoff_draws_every_pause),
        cmocka_unit_test(test_budget_burst_then_pace),
        cmocka_unit_test(test_budget_keeps_its_rate_over_an_hour),
        cmocka_unit_test(test_budget_halves_and_recovers),
        cmocka_unit_test(test_budget_halves_once_for_tries_sent_together),
        cmocka_unit_test(test_budget_never_falls_below_one_a_second),
        cmocka_unit_test(test_budget_recovery_is_the_area_under_the_line),
        cmocka_unit_test(test_budget_takes_a_new_rate_at_once),
        cmocka_unit_test(test_circuit_opens_after_five_in_a_row),
        cmocka_unit_test(test_circuit_probes_one_at_a_time_with_growing_pauses),
        cmocka_unit_test(test_circuit_cancelled_probe_lets_the_next_one_go),
        cmocka_unit_test(test_circuit_late_answer_closes_and_late_probe_is_ordinary),
        cmocka_unit_test(test_retry_after),
        cmocka_unit_test(test_reset_is_a_date_or_seconds),
        cmocka_unit_test(test_a_wrong_clock_of_ours_does_not_matter),
        cmocka_unit_test(test_nonsense_is_no_time),
        cmocka_unit_test(test_pauses_are_bounded),
        cmocka_unit_test(test_verdicts_over_answers),
        cmocka_unit_test(test_verdicts_over_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tests/unit/fetch/test_alarm.c
 *
 * The heap of alarms against a list, with a clock that the test turns and a loop that turns once at a time.
 */
#include "base/cleanup.h"
#include "fetch/alarm.h"
#include "lib/check.h"

#include <stdlib.h>

static int64_t now_ms = 1000;

static int64_t read_now(void *context)
{
    (void)context;
    return now_ms;
}

static const struct clock turned = {.wall_ms = read_now, .monotonic_ms = read_now};

struct bell {
    struct alarm alarm;
    struct alarms *alarms;
    int rung;
    int64_t rung_at;
    uint64_t rung_as; /* the how-manyeth of all */
    struct bell *stops;
    bool again;
};

static uint64_t rung_so_far;

static void ring(struct alarm *alarm)
{
    struct bell *bell = CONTAINER_OF(alarm, struct bell, alarm);
    bell->rung++;
    bell->rung_at = now_ms;
    bell->rung_as = ++rung_so_far;
    if (bell->stops)
        alarm_stop(bell->alarms, &bell->stops->alarm);
    if (bell->again)
        alarm_set(bell->alarms, &bell->alarm, 0);
}

struct stage {
    uv_loop_t loop;
    struct alarms *alarms;
    bool closed;
};

static int set_up(void **state)
{
    struct stage *stage = calloc(1, sizeof *stage);
    assert_non_null(stage);
    assert_int_equal(uv_loop_init(&stage->loop), 0);
    stage->alarms = alarms_new(&stage->loop, &turned);
    assert_non_null(stage->alarms);
    *state = stage;
    return 0;
}

static void on_closed(void *context)
{
    *(bool *)context = true;
}

static int tear_down(void **state)
{
    struct stage *stage = *state;
    alarms_close(stage->alarms, on_closed, &stage->closed);
    assert_false(stage->closed);
    uv_run(&stage->loop, UV_RUN_DEFAULT);
    assert_true(stage->closed);
    assert_int_equal(uv_loop_close(&stage->loop), 0);
    free(stage);
    return 0;
}

/* Turns the clock, and the loop as often as it needs to notice. */
static void turn_to(struct stage *stage, int64_t ms)
{
    now_ms = ms;
    struct bell wake = {.alarm = {.ring = ring}, .alarms = stage->alarms};
    alarm_set(stage->alarms, &wake.alarm, 0);
    for (int i = 0; i < 3; i++)
        uv_run(&stage->loop, UV_RUN_NOWAIT);
    assert_int_equal(wake.rung, 1);
}

static void test_rings_when_due_and_once(void **state)
{
    struct stage *stage = *state;
    struct bell bell = {.alarm = {.ring = ring}, .alarms = stage->alarms};
    int64_t start = now_ms;
    alarm_set(stage->alarms, &bell.alarm, 50);
    turn_to(stage, start + 49);
    assert_int_equal(bell.rung, 0);
    turn_to(stage, start + 50);
    assert_int_equal(bell.rung, 1);
    turn_to(stage, start + 500);
    assert_int_equal(bell.rung, 1);
}

static void test_never_rings_inside_alarm_set(void **state)
{
    struct stage *stage = *state;
    struct bell bell = {.alarm = {.ring = ring}, .alarms = stage->alarms};
    alarm_set(stage->alarms, &bell.alarm, 0);
    assert_int_equal(bell.rung, 0);
    turn_to(stage, now_ms);
    assert_int_equal(bell.rung, 1);
}

static void test_equal_times_ring_in_order(void **state)
{
    struct stage *stage = *state;
    struct bell bells[20];
    for (size_t i = 0; i < ARRAY_LEN(bells); i++) {
        bells[i] = (struct bell){.alarm = {.ring = ring}, .alarms = stage->alarms};
        alarm_set(stage->alarms, &bells[i].alarm, 10);
    }
    turn_to(stage, now_ms + 10);
    for (size_t i = 1; i < ARRAY_LEN(bells); i++)
        assert_int_equal(bells[i].rung_as, bells[i - 1].rung_as + 1);
}

static void test_one_may_stop_another(void **state)
{
    struct stage *stage = *state;
    struct bell second = {.alarm = {.ring = ring}, .alarms = stage->alarms};
    struct bell first = {.alarm = {.ring = ring}, .alarms = stage->alarms, .stops = &second};
    alarm_set(stage->alarms, &first.alarm, 5);
    alarm_set(stage->alarms, &second.alarm, 5);
    turn_to(stage, now_ms + 5);
    assert_int_equal(first.rung, 1);
    assert_int_equal(second.rung, 0);
}

/* An alarm that sets itself again at once must not keep the loop from its sockets. */
static void test_again_and_again_lets_the_loop_turn(void **state)
{
    struct stage *stage = *state;
    struct bell bell = {.alarm = {.ring = ring}, .alarms = stage->alarms, .again = true};
    alarm_set(stage->alarms, &bell.alarm, 0);
    for (int i = 0; i < 10; i++) {
        int before = bell.rung;
        uv_run(&stage->loop, UV_RUN_NOWAIT);
        assert_in_range(bell.rung - before, 0, 1);
    }
    assert_in_range(bell.rung, 5, 10);
    alarm_stop(stage->alarms, &bell.alarm);
}

#define BELLS 300

static void check_against_list(struct bell *bells, const int64_t *due, int64_t now)
{
    for (size_t i = 0; i < BELLS; i++) {
        bool over = due[i] > 0 && due[i] <= now;
        assert_int_equal(bells[i].rung, over);
        assert_int_equal(bells[i].alarm.is_set, due[i] > now);
    }
}

static void test_any_order_of_setting_and_stopping(void **state)
{
    struct stage *stage = *state;
    static struct bell bells[BELLS];
    static int64_t due[BELLS];
    unsigned seed = 20261122;
    print_message("seed %u\n", seed);
    for (int round = 0; round < 20; round++) {
        int64_t start = now_ms;
        for (size_t i = 0; i < BELLS; i++) {
            bells[i] = (struct bell){.alarm = {.ring = ring}, .alarms = stage->alarms};
            due[i] = 0;
        }
        for (int step = 0; step < 1000; step++) {
            size_t i = (size_t)rand_r(&seed) % BELLS;
            if (rand_r(&seed) % 4 == 0) {
                alarm_stop(stage->alarms, &bells[i].alarm);
                due[i] = 0;
            } else {
                int64_t in = 1 + rand_r(&seed) % 400;
                alarm_set(stage->alarms, &bells[i].alarm, in);
                due[i] = start + in;
            }
        }
        for (int64_t later = 0; later <= 400; later += 1 + rand_r(&seed) % 50) {
            turn_to(stage, start + later);
            check_against_list(bells, due, start + later);
        }
        turn_to(stage, start + 400);
        check_against_list(bells, due, start + 400);
        for (size_t a = 0; a < BELLS; a++)
            for (size_t b = 0; b < BELLS; b++)
                if (due[a] > 0 && due[b] > 0 && due[a] < due[b])
                    assert_true(bells[a].rung_as < bells[b].rung_as);
    }
}

static void test_closing_silences(void **state)
{
    struct stage *stage = *state;
    static struct bell bell;
    bell = (struct bell){.alarm = {.ring = ring}, .alarms = stage->alarms};
    alarm_set(stage->alarms, &bell.alarm, 0);
    tear_down(state);
    assert_int_equal(bell.rung, 0);
    assert_false(bell.alarm.is_set);
    set_up(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_rings_when_due_and_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_never_rings_inside_alarm_set, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_equal_times_ring_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_one_may_stop_another, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_again_and_again_lets_the_loop_turn, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_any_order_of_setting_and_stopping, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_closing_silences, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tests/unit/refollow/test_pace.c
 *
 * No account is driven over half of a published rule: a year of steps on a clock of the test's own.
 */
#include "refollow/pace.h"

#include "base/cleanup.h"
#include "lib/check.h"

#define MOST 20000

/* When each follow or removal was written. */
static int64_t written[MOST];
static size_t n_written;

static int64_t count_since(int64_t since_ms)
{
    int64_t n = 0;
    for (size_t i = 0; i < n_written; i++)
        n += written[i] >= since_ms;
    return n;
}

static int64_t room_at(enum batch_pace pace, enum batch_doing doing, int64_t now_ms, int64_t *ret_wait_ms)
{
    int64_t hour = count_since(now_ms - HOUR_MS), day = count_since(now_ms - DAY_MS);
    struct pace_past past = {.hour = {hour, hour}, .day = {day, day}};
    return pace_room(pace_limits(pace, doing), doing, &past, ret_wait_ms);
}

/* Writes whatever there is room for, for ten days; returns the most of any day. */
static int64_t busiest_day(enum batch_pace pace, enum batch_doing doing)
{
    int64_t now_ms = 100 * DAY_MS, end_ms = now_ms + 10 * DAY_MS, most = 0;
    n_written = 0;
    while (now_ms < end_ms) {
        int64_t wait_ms = 0;
        int64_t room = room_at(pace, doing, now_ms, &wait_ms);
        assert_true(room >= 0 && n_written + (size_t)room <= MOST);
        for (int64_t i = 0; i < room; i++)
            written[n_written++] = now_ms;
        int64_t day = count_since(now_ms - DAY_MS);
        most = day > most ? day : most;
        assert_true(wait_ms > 0);
        now_ms += room > 0 ? SECOND_MS : wait_ms;
    }
    return most;
}

static void no_day_has_more_than_half_of_the_rule(void **state)
{
    (void)state;
    assert_int_equal(busiest_day(PACE_GENTLE, BATCH_FOLLOW), 300);
    assert_int_equal(busiest_day(PACE_BRISK, BATCH_FOLLOW), 1500);
    assert_int_equal(busiest_day(PACE_GENTLE, BATCH_UNDO), 400);
    assert_int_equal(busiest_day(PACE_BRISK, BATCH_UNDO), 400);
}

static void gentle_begins_with_fifty_then_twenty_an_hour(void **state)
{
    (void)state;
    int64_t wait_ms;
    struct pace_past past = {0};
    const struct pace_limits *limits = pace_limits(PACE_GENTLE, BATCH_FOLLOW);
    assert_int_equal(pace_room(limits, BATCH_FOLLOW, &past, &wait_ms), 50);
    past.hour.follows = past.day.follows = 50;
    assert_int_equal(pace_room(limits, BATCH_FOLLOW, &past, &wait_ms), 0);
    past.hour.follows = 0;
    assert_int_equal(pace_room(limits, BATCH_FOLLOW, &past, &wait_ms), 20);
    past.day.follows = 295;
    assert_int_equal(pace_room(limits, BATCH_FOLLOW, &past, &wait_ms), 5);
}

static void a_plan_says_how_long_it_takes(void **state)
{
    (void)state;
    const struct pace_limits *gentle = pace_limits(PACE_GENTLE, BATCH_FOLLOW);
    assert_int_equal(pace_lasts_ms(gentle, 0), 0);
    assert_int_equal(pace_lasts_ms(gentle, 50), 0);
    assert_int_equal(pace_lasts_ms(gentle, 51), HOUR_MS);
    assert_int_equal(pace_lasts_ms(gentle, 110), 3 * HOUR_MS);
    assert_int_equal(pace_lasts_ms(gentle, 301), DAY_MS + HOUR_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_day_has_more_than_half_of_the_rule),
        cmocka_unit_test(gentle_begins_with_fifty_then_twenty_an_hour),
        cmocka_unit_test(a_plan_says_how_long_it_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

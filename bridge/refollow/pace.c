/* bridge/refollow/pace.c
 *
 * Two paces. Gentle is what a person could do by hand in an evening: fifty at first, then twenty an hour, at most three
 * hundred a day. Brisk is 600 an hour, which is 1,800 of the 5,000 points that a PDS gives (3 a follow, 1 a removal), and
 * the day's 1,500 follows.
 */
#include "refollow/pace.h"

static const struct pace_limits follows[] = {
    [PACE_GENTLE] = {.first = 50, .hourly = 20, .daily = 300},
    [PACE_BRISK] = {.first = 600, .hourly = 600, .daily = 1500},
};

static const struct pace_limits removals[] = {
    [PACE_GENTLE] = {.first = 400, .hourly = 400, .daily = 400},
    [PACE_BRISK] = {.first = 400, .hourly = 400, .daily = 400},
};

const struct pace_limits *pace_limits(enum batch_pace pace, enum batch_doing doing)
{
    return doing == BATCH_UNDO ? &removals[pace] : &follows[pace];
}

/* How long a full window is waited for: a part of it, since its oldest writes leave it one by one. */
#define HOUR_STEP (10 * MINUTE_MS)
#define DAY_STEP  HOUR_MS

int64_t pace_room(const struct pace_limits *limits, enum batch_doing doing, const struct pace_past *past,
                  int64_t *ret_wait_ms)
{
    int64_t hour = doing == BATCH_UNDO ? past->hour.removals : past->hour.follows;
    int64_t day = doing == BATCH_UNDO ? past->day.removals : past->day.follows;
    int64_t room = day == 0 ? limits->first : limits->hourly - hour;
    if (room > limits->daily - day)
        room = limits->daily - day;
    *ret_wait_ms = day >= limits->daily ? DAY_STEP : HOUR_STEP;
    return room > 0 ? room : 0;
}

int64_t pace_lasts_ms(const struct pace_limits *limits, int64_t n)
{
    int64_t days = (n - 1) / limits->daily;
    int64_t last = n - days * limits->daily;
    if (days == 0)
        last -= limits->first;
    return days * DAY_MS + (last > 0 ? (last + limits->hourly - 1) / limits->hourly * HOUR_MS : 0);
}

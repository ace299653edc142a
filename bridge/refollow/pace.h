/* bridge/refollow/pace.h
 *
 * How many follows or removals are due now, and when the next are.
 *
 * Networks publish how much is too much; Skein stays under half of it at any pace, counted over all batches of an
 * account: at most 1,500 follows and 400 removals a day. Pure.
 */
#ifndef SKEIN_REFOLLOW_PACE_H
#define SKEIN_REFOLLOW_PACE_H

#include "base/clock.h"
#include "store/batches.h"

struct pace_limits {
    int64_t first;  /* at once, while nothing was written within a day */
    int64_t hourly; /* within any hour */
    int64_t daily;  /* within any day */
};

const struct pace_limits *pace_limits(enum batch_pace pace, enum batch_doing doing);

/* What an account's batches wrote: within the last hour and the last day. */
struct pace_past {
    struct batch_written hour;
    struct batch_written day;
};

/* So many may be written now; where it is 0, ret_wait_ms says in how long to ask again. */
int64_t pace_room(const struct pace_limits *limits, enum batch_doing doing, const struct pace_past *past,
                  int64_t *ret_wait_ms);

/* How long `n` will take from now on, for a plan: 0 where all go at once. */
int64_t pace_lasts_ms(const struct pace_limits *limits, int64_t n);

#endif

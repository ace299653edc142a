/* bridge/fetch/alarm.h
 *
 * Many alarms on one timer of the loop: a pairing heap of records that live inside their owners.
 *
 * A call has a deadline and a pause, a host a next turn, a look-up an end. As timers of the loop each would need a
 * turn to be closed before its owner may be freed; an alarm is taken off and forgotten at once, which is what makes
 * cancelling simple. For the loop thread.
 */
#ifndef SKEIN_FETCH_ALARM_H
#define SKEIN_FETCH_ALARM_H

#include "base/clock.h"

#include <uv.h>

struct alarms;

struct alarm {
    void (*ring)(struct alarm *alarm); /* called once for each setting, from the loop */
    int64_t due_ms;                    /* monotonic */
    uint64_t order;                    /* of those due together the one set first rings first */
    struct alarm *child;               /* borrowed, as the next two: the first of those below it */
    struct alarm *next;                /* its sibling */
    struct alarm *before;              /* the sibling before it, or what it hangs below */
    bool is_set;
};

/* NULL without memory. `clock` is borrowed. */
struct alarms *alarms_new(uv_loop_t *loop, const struct clock *clock);

/* No alarm rings any more. Calls done(context) from the loop when the timer is closed, and frees. */
void alarms_close(struct alarms *alarms, void (*done)(void *context), void *context);

int64_t alarms_now(const struct alarms *alarms);

/* Rings in_ms from now (0: at the next turn), instead of when it was set for before. Needs no memory. */
void alarm_set(struct alarms *alarms, struct alarm *alarm, int64_t in_ms);
void alarm_stop(struct alarms *alarms, struct alarm *alarm);

#endif

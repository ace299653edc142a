/* bridge/fetch/ratelimit.h
 *
 * What a host's answer says about when it may be asked again.
 *
 * Read from: Retry-After (RFC 9110, seconds or an HTTP date) and the fields of the AT Protocol's servers,
 * RateLimit-Remaining and RateLimit-Reset. Reset is seconds since 1970 there, and seconds from now in the IETF draft
 * whose name it borrows; a number under a thousand million cannot be a date of this century and is taken for the second.
 * Dates are compared with the answer's own Date where it has one: so a clock of ours that is wrong does not matter.
 *
 * Pure.
 */
#ifndef SKEIN_FETCH_RATELIMIT_H
#define SKEIN_FETCH_RATELIMIT_H

#include "base/text.h"

/* The fields of one answer, empty where it has none. */
struct ratelimit_fields {
    struct text retry_after;
    struct text remaining;
    struct text reset;
    struct text date;
};

#define RATELIMIT_NO_PAUSE  INT64_C(0)
#define RATELIMIT_SAYS_STOP INT64_C(-1) /* stop, but for how long it does not say */

/* Milliseconds for which nothing more should be sent, at most most_ms: after 429 and 503 what the answer says (a 503
 * that says nothing asks for no pause), after any other answer until the reset where nothing remains.
 * wall_ms: our own clock. */
int64_t ratelimit_pause(long status, const struct ratelimit_fields *fields, int64_t wall_ms, int64_t most_ms);

#endif

/* bridge/fetch/ratelimit.c
 *
 * Retry-After and RateLimit-Reset.
 */
#include "fetch/ratelimit.h"

#include "base/clock.h"

#include <curl/curl.h>
#include <string.h>

/* Above it, seconds are a date (September 2001); below, they are counted from now. */
#define SMALLEST_DATE_S UINT64_C(1000000000)
/* The largest that milliseconds still hold, with room for sums. */
#define LARGEST_S UINT64_C(100000000000)

#define UNKNOWN_MS INT64_MIN

static int64_t wall_of_date(struct text t)
{
    char copy[64]; /* the longest of RFC 9110's three forms has 33 bytes */
    if (t.len == 0 || t.len >= sizeof copy)
        return UNKNOWN_MS;
    memcpy(copy, t.data, t.len);
    copy[t.len] = '\0';
    time_t seconds = curl_getdate(copy, NULL);
    return seconds < 0 ? UNKNOWN_MS : (int64_t)seconds * SECOND_MS;
}

static bool seconds_of(struct text t, uint64_t *ret_seconds)
{
    return text_to_u64(t, ret_seconds) && *ret_seconds <= LARGEST_S;
}

static int64_t wait_of_retry_after(struct text t, int64_t now_ms)
{
    uint64_t seconds;
    if (seconds_of(t, &seconds))
        return (int64_t)seconds * SECOND_MS;
    int64_t at = wall_of_date(t);
    return at == UNKNOWN_MS ? UNKNOWN_MS : at - now_ms;
}

static int64_t wait_of_reset(struct text t, int64_t now_ms)
{
    uint64_t seconds;
    if (!seconds_of(t, &seconds))
        return UNKNOWN_MS;
    if (seconds < SMALLEST_DATE_S)
        return (int64_t)seconds * SECOND_MS;
    return (int64_t)seconds * SECOND_MS - now_ms;
}

int64_t ratelimit_pause(long status, const struct ratelimit_fields *fields, int64_t wall_ms, int64_t most_ms)
{
    bool refused = status == 429 || status == 503;
    int64_t silent = status == 429 ? RATELIMIT_SAYS_STOP : RATELIMIT_NO_PAUSE;
    int64_t date = wall_of_date(fields->date);
    int64_t now = date == UNKNOWN_MS ? wall_ms : date;
    int64_t wait = UNKNOWN_MS;
    uint64_t remaining;

    if (refused)
        wait = wait_of_retry_after(fields->retry_after, now);
    else if (!text_to_u64(fields->remaining, &remaining) || remaining > 0)
        return RATELIMIT_NO_PAUSE;
    if (wait == UNKNOWN_MS && status != 503)
        wait = wait_of_reset(fields->reset, now);
    if (wait <= 0) /* unknown, over already, or a clock that lies */
        return silent;
    return wait < most_ms ? wait : most_ms;
}

/* bridge/base/clock.h
 *
 * The one clock and the one source of randomness, passed in, so that tests can turn both.
 *
 * Times are int64 milliseconds: wall time since 1970 in UTC, or monotonic since an arbitrary start. Never mix the two:
 * deadlines and intervals are monotonic; dates of records are wall time.
 */
#ifndef SKEIN_BASE_CLOCK_H
#define SKEIN_BASE_CLOCK_H

#include "base/text.h"

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS   (60 * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)

struct clock {
    int64_t (*wall_ms)(void *context);
    int64_t (*monotonic_ms)(void *context);
    void *context; /* borrowed */
};

extern const struct clock clock_system;

int64_t clock_wall(const struct clock *clock);
int64_t clock_monotonic(const struct clock *clock);

/* RFC 3339 in UTC with milliseconds: "2024-11-14T09:30:00.000Z" (CLOCK_TEXT_MAX bytes with the end). */
#define CLOCK_TEXT_MAX 32
void clock_print(int64_t wall_ms, char ret_text[CLOCK_TEXT_MAX]);

/* Reads RFC 3339 ("2024-11-14T09:30:00Z", any fraction, any offset) into wall milliseconds. */
bool clock_parse(struct text t, int64_t *ret_wall_ms);

/* Days: "2024-11-14" (CLOCK_DAY_MAX bytes with the end), and as a number since 1970-01-01, 0 for one that is not known. */
#define CLOCK_DAY_MAX 11
uint32_t clock_day(int64_t wall_ms);
void clock_day_print(uint32_t day, char ret_text[CLOCK_DAY_MAX]); /* empty for 0 */
bool clock_day_parse(struct text t, uint32_t *ret_day);           /* exactly so, and no day before 1970-01-02 */

struct random_source {
    void (*fill)(void *context, void *bytes, size_t len);
    void *context; /* borrowed */
};

extern const struct random_source random_system; /* the kernel's, through libsodium */

void random_bytes(const struct random_source *source, void *bytes, size_t len);

/* A number in [0, bound), every one as likely; bound > 0. */
uint64_t random_below(const struct random_source *source, uint64_t bound);

#endif

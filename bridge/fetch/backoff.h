/* bridge/fetch/backoff.h
 *
 * Pauses that double and are drawn by lot, so that those who failed together do not come back together.
 *
 * Pure. Full jitter is what spreads many callers best; half jitter keeps a least pause where one prober is enough.
 */
#ifndef SKEIN_FETCH_BACKOFF_H
#define SKEIN_FETCH_BACKOFF_H

#include "base/clock.h"

/* base * 2^n, at most `most`; n counts from 0. */
int64_t backoff_ceiling(int64_t base_ms, int64_t most_ms, unsigned n);

/* Every pause from 0 to the ceiling is as likely. */
int64_t backoff_full(const struct random_source *random, int64_t base_ms, int64_t most_ms, unsigned n);

/* From half the ceiling to the ceiling. */
int64_t backoff_half(const struct random_source *random, int64_t base_ms, int64_t most_ms, unsigned n);

#endif

/* bridge/fetch/backoff.c
 *
 * Doubling pauses with jitter.
 */
#include "fetch/backoff.h"

int64_t backoff_ceiling(int64_t base_ms, int64_t most_ms, unsigned n)
{
    int64_t ceiling = base_ms;
    for (unsigned i = 0; i < n && ceiling < most_ms; i++)
        ceiling *= 2;
    return ceiling < most_ms ? ceiling : most_ms;
}

static int64_t draw(const struct random_source *random, int64_t most)
{
    return (int64_t)random_below(random, (uint64_t)most + 1);
}

int64_t backoff_full(const struct random_source *random, int64_t base_ms, int64_t most_ms, unsigned n)
{
    return draw(random, backoff_ceiling(base_ms, most_ms, n));
}

int64_t backoff_half(const struct random_source *random, int64_t base_ms, int64_t most_ms, unsigned n)
{
    int64_t ceiling = backoff_ceiling(base_ms, most_ms, n);
    return ceiling - draw(random, ceiling / 2);
}

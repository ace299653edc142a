/* bridge/app/stats.c
 *
 * Counts of a command, in a file.
 */
#include "app/stats.h"

#include "app/file.h"
#include "base/clock.h"
#include "base/limits.h"

#include <sys/resource.h>

int stats_write(const struct invocation *invocation, uint64_t accounts, json_t *requests, uint64_t cache_hits,
                int64_t started_ms, struct err *err)
{
    const char *path = invocation_option(invocation, "stats");
    struct rusage usage;
    if (!path)
        return 0;
    getrusage(RUSAGE_SELF, &usage);
    double seconds = (double)(clock_monotonic(&clock_system) - started_ms) / (double)SECOND_MS;
    CLEANUP(buf_release) struct buf out;
    CLEANUP_JSON json_t *stats =
        json_pack("{sI so sI sf sI}", "accounts", (json_int_t)accounts, "requests",
                  requests ? json_incref(requests) : json_object(), "cache_hits", (json_int_t)cache_hits, "seconds",
                  seconds, "peak_rss_bytes", (json_int_t)usage.ru_maxrss * 1024);
    buf_init(&out, LIMIT_METRICS);
    if (!stats || json_write(stats, &out) < 0 || buf_add_byte(&out, '\n') < 0)
        return err_set(err, E_NOMEM, "no memory for the counts");
    return file_write(path, buf_text(&out), err);
}

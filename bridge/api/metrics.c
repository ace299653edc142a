/* bridge/api/metrics.c
 *
 * Metrics in Prometheus' words: base units, _total for counters.
 */
#include "api/metrics.h"

#include "base/err.h"
#include "fetch/fetch.h"
#include "graph/numbers.h"
#include "http/http.h"
#include "loop/lane.h"
#include "loop/loop.h"

#include <inttypes.h>

static void add_head(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void add_requests_in(const struct http *http, struct buf *out)
{
    static const char *const classes[] = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
    struct http_counts counts;
    http_counts(http, &counts);
    add_head(out, "skein_http_requests_total", "counter", "Requests that ended, by class of status; none: cut off.");
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        buf_printf(out, "skein_http_requests_total{status=\"%s\"} %" PRIu64 "\n", classes[i], counts.by_class[i]);
    add_head(out, "skein_http_slow_total", "counter", "Connections cut because the client was too slow.");
    buf_printf(out, "skein_http_slow_total %" PRIu64 "\n", counts.slow + counts.events_slow);
    add_head(out, "skein_http_connections", "gauge", "Connections open now.");
    buf_printf(out, "skein_http_connections %zu\n", counts.connections);
    add_head(out, "skein_http_event_streams", "gauge", "Streams of events open now.");
    buf_printf(out, "skein_http_event_streams %zu\n", counts.streams);
}

static void add_loop(const struct loop *loop, struct buf *out)
{
    struct loop_hold hold;
    uint64_t below = 0;
    loop_hold(loop, &hold);
    add_head(out, "skein_loop_hold_seconds", "histogram",
             "How long a turn held the loop thread, without the time it waited for a core.");
    for (size_t i = 0; i + 1 < LOOP_HOLD_BUCKETS; i++) {
        below += hold.buckets[i];
        buf_printf(out, "skein_loop_hold_seconds_bucket{le=\"%g\"} %" PRIu64 "\n", (double)loop_hold_ends_us[i] / 1e6,
                   below);
    }
    buf_printf(out, "skein_loop_hold_seconds_bucket{le=\"+Inf\"} %" PRIu64 "\n", hold.turns);
    buf_printf(out, "skein_loop_hold_seconds_sum %g\n", (double)hold.total_us / 1e6);
    buf_printf(out, "skein_loop_hold_seconds_count %" PRIu64 "\n", hold.turns);
    add_head(out, "skein_loop_hold_max_seconds", "gauge", "The longest turn since the start.");
    buf_printf(out, "skein_loop_hold_max_seconds %g\n", (double)hold.max_us / 1e6);
}

static void add_requests_out(const struct fetch *fetch, struct buf *out)
{
    const struct fetch_count *counts;
    size_t n = fetch ? fetch_counts(fetch, &counts) : 0;
    add_head(out, "skein_fetch_requests_total", "counter", "Requests sent to other servers, each try counted.");
    for (size_t i = 0; i < n; i++)
        buf_printf(out, "skein_fetch_requests_total{call=\"%s\"} %" PRIu64 "\n", counts[i].label, counts[i].requests);
    add_head(out, "skein_fetch_failed_total", "counter", "Calls to other servers that ended without an answer.");
    for (size_t i = 0; i < n; i++)
        buf_printf(out, "skein_fetch_failed_total{call=\"%s\"} %" PRIu64 "\n", counts[i].label, counts[i].failed);
}

static void add_store(struct lanes *lanes, const struct numbers *numbers, struct buf *out)
{
    struct lane_counts counts;
    lanes_counts(lanes, &counts);
    add_head(out, "skein_store_writes_total", "counter", "Steps that wrote to the store.");
    buf_printf(out, "skein_store_writes_total %" PRIu64 "\n", counts.writes);
    add_head(out, "skein_store_commits_total", "counter", "Transactions that they shared.");
    buf_printf(out, "skein_store_commits_total %" PRIu64 "\n", counts.groups);
    add_head(out, "skein_store_again_total", "counter", "Transactions that had to be begun anew.");
    buf_printf(out, "skein_store_again_total %" PRIu64 "\n", counts.again);
    add_head(out, "skein_store_reads_total", "counter", "Steps that read from the store.");
    buf_printf(out, "skein_store_reads_total %" PRIu64 "\n", counts.reads);
    add_head(out, "skein_store_waiting", "gauge", "Steps that wait for the store.");
    buf_printf(out, "skein_store_waiting %" PRIu64 "\n", counts.waiting);
    add_head(out, "skein_x_accounts", "gauge", "X accounts that lists or uploads name.");
    buf_printf(out, "skein_x_accounts %" PRIu32 "\n", numbers_count(numbers));
}

int metrics_print(const struct metrics_sources *sources, struct buf *out)
{
    add_requests_in(sources->http, out);
    add_loop(sources->loop, out);
    add_requests_out(sources->fetch, out);
    if (sources->lanes)
        add_store(sources->lanes, sources->numbers, out);
    return out->failed ? E_NOMEM : 0;
}

/* bridge/api/metrics.h
 *
 * What /metrics says, in Prometheus' text format 0.0.4: how the process is, never who uses it.
 */
#ifndef SKEIN_API_METRICS_H
#define SKEIN_API_METRICS_H

#include "base/buf.h"

struct http;
struct lanes;
struct numbers;
struct fetch;
struct loop;

struct metrics_sources {
    const struct loop *loop;       /* borrowed */
    const struct http *http;       /* borrowed */
    const struct fetch *fetch;     /* borrowed */
    struct lanes *lanes;           /* borrowed; NULL while the store is not there */
    const struct numbers *numbers; /* borrowed; likewise */
};

int metrics_print(const struct metrics_sources *sources, struct buf *out);

#endif

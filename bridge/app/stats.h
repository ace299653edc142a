/* bridge/app/stats.h
 *
 * The option --stats FILE: one JSON object of counts, for scripts and measurements.
 */
#ifndef SKEIN_APP_STATS_H
#define SKEIN_APP_STATS_H

#include "app/command.h"
#include "base/json.h"

/* Writes the file that --stats names; does nothing without the option. requests: by endpoint, borrowed; NULL: none. */
int stats_write(const struct invocation *invocation, uint64_t accounts, json_t *requests, uint64_t cache_hits,
                int64_t started_ms, struct err *err);

#endif

/* bridge/api/api.h
 *
 * Every URL that Skein answers: one table of routes, thin handlers.
 */
#ifndef SKEIN_API_API_H
#define SKEIN_API_API_H

#include "base/err.h"
#include "base/text.h"

#include <stdint.h>

struct loop;
struct lanes;
struct numbers;
struct fetch;
struct api;

struct api_options {
    struct text listen;        /* "127.0.0.1:8080"; port 0: any */
    const struct fetch *fetch; /* borrowed; its counts stand in /metrics. NULL: none */
};

/* Listens. NULL and a sentence. Stops with the loop. */
struct api *api_new(struct loop *loop, const struct api_options *options, struct err *err);
void api_free(struct api *api); /* after loop_run has returned 0 */

/* From now on /readyz says that it may be sent work, and /metrics tells of the store: both are borrowed, until a call with
 * NULL takes them back. */
void api_ready(struct api *api, struct lanes *lanes, const struct numbers *numbers);

uint16_t api_port(const struct api *api);

#endif

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
struct fetch;
struct api;

struct api_options {
    struct text listen;        /* "127.0.0.1:8080"; port 0: any */
    const struct fetch *fetch; /* borrowed; its counts stand in /metrics. NULL: none */
};

/* Listens. NULL and a sentence. Stops with the loop. */
struct api *api_new(struct loop *loop, const struct api_options *options, struct err *err);
void api_free(struct api *api); /* after loop_run has returned 0 */

uint16_t api_port(const struct api *api);

#endif

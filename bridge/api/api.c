/* bridge/api/api.c
 *
 * The table of routes, and the handlers of the answers that need no store.
 */
#include "api/api.h"

#include "api/metrics.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "http/http.h"
#include "loop/loop.h"

#include <stdlib.h>

struct api {
    struct http *http;             /* owned */
    struct http_prepared *welcome; /* owned */
    struct metrics_sources sources;
    bool ready;
};

static const char welcome_page[] =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Skein</title>"
    "<style>:root{color-scheme:light dark}body{margin:0;background:#f6f3ec;color:#17262e;font:1.0625rem/1.6 system-ui,"
    "sans-serif}main{max-width:36rem;margin:14vh auto;padding:0 1.125rem}h1{font:600 2rem/1.2 Georgia,serif}"
    "code{background:#ece7dc;border-radius:.25rem;padding:.1em .35em}"
    "@media(prefers-color-scheme:dark){body{background:#0f1c24;color:#eef1ec}code{background:#172831}}</style>"
    "<main><h1>Skein is running.</h1><p>This version finds people from a terminal: give it your X archive or a list of "
    "handles, and it prints who is on Bluesky, and why it thinks so.</p><p><code>skein match twitter-archive.zip</code>"
    "</p><p>The pages for groups and members come with a later version.</p></main></html>";

static const struct http_header welcome_headers[] = {
    {"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"},
    {"Cache-Control", "no-cache"},
};

static struct api *api_of(const struct http_request *request)
{
    return request->app;
}

/* --- handlers ---------------------------------------------------------------------------------------------------- */

static int show_welcome(struct op *op)
{
    struct http_request *request = http_request_of(op);
    return http_reply_prepared(request, api_of(request)->welcome);
}

/* The process turns its loop: that it answers at all is the answer. */
static int show_health(struct op *op)
{
    return http_reply(http_request_of(op), 200, "text/plain; charset=utf-8", TEXT("ok\n"));
}

/* May it be sent new work? Not before the store is loaded, nor once it is on its way to stop. */
static int show_readiness(struct op *op)
{
    struct http_request *request = http_request_of(op);
    if (loop_stopping(op->loop))
        return http_reply_error(request, 503, "stopping", "this process is stopping", NULL);
    if (!api_of(request)->ready)
        return http_reply_error(request, 503, "loading", "the store is being loaded", NULL);
    return http_reply(request, 200, "text/plain; charset=utf-8", TEXT("ready\n"));
}

static int show_metrics(struct op *op)
{
    struct http_request *request = http_request_of(op);
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, LIMIT_METRICS);
    int rc = metrics_print(&api_of(request)->sources, &out);
    return rc < 0 ? rc : http_reply_buf(request, 200, "text/plain; version=0.0.4; charset=utf-8", &out);
}

static const struct op_step welcome_steps[] = {STEP(show_welcome, ON_LOOP), STEP_END};
static const struct op_step health_steps[] = {STEP(show_health, ON_LOOP), STEP_END};
static const struct op_step readiness_steps[] = {STEP(show_readiness, ON_LOOP), STEP_END};
static const struct op_step metrics_steps[] = {STEP(show_metrics, ON_LOOP), STEP_END};

static const struct http_route routes[] = {
    {.method = "GET", .path = "/", .steps = welcome_steps},
    {.method = "GET", .path = "/healthz", .steps = health_steps},
    {.method = "GET", .path = "/readyz", .steps = readiness_steps},
    {.method = "GET", .path = "/metrics", .steps = metrics_steps},
};

/* --- start and end ----------------------------------------------------------------------------------------------- */

struct api *api_new(struct loop *loop, const struct api_options *options, struct err *err)
{
    struct api *api = calloc(1, sizeof *api);
    if (!api) {
        err_set(err, E_NOMEM, "no memory to serve");
        return NULL;
    }
    struct http_options http_options = {
        .listen = options->listen, .routes = routes, .n_routes = ARRAY_LEN(routes), .app = api};
    api->http = http_new(loop, &http_options, err);
    if (!api->http) {
        free(api);
        return NULL;
    }
    api->sources = (struct metrics_sources){.loop = loop, .http = api->http, .fetch = options->fetch};
    api->welcome = http_prepare(api->http, 200, "text/html; charset=utf-8", text_of(welcome_page), welcome_headers,
                                ARRAY_LEN(welcome_headers));
    if (!api->welcome) {
        err_set(err, E_NOMEM, "no memory to serve");
        loop_stop(loop); /* closes what listens already; the owner runs the loop to its end */
    }
    return api;
}

void api_free(struct api *api)
{
    if (api->welcome)
        http_prepared_free(api->welcome);
    http_free(api->http);
    free(api);
}

void api_ready(struct api *api, struct lanes *lanes, const struct numbers *numbers)
{
    api->ready = true;
    api->sources.lanes = lanes;
    api->sources.numbers = numbers;
}

uint16_t api_port(const struct api *api)
{
    return http_port(api->http);
}

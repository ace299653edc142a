/* bridge/http/server.c
 *
 * libmicrohttpd inside the loop: its epoll descriptor is one handle of ours, and it is driven, never threaded.
 *
 * It has no wake-up in this mode: after a resume, or when bytes are left in its buffers, it must be called again though
 * its epoll says nothing. http_kick notes that: an idle handle keeps the loop from waiting, and the prepare handle
 * drives once more before the poll. Never a timer of 0, which would keep libuv 1.44 from ever polling.
 *
 *     listening ── http_stop ──> draining: no listener; answers close; streams end; what is slow is cut at drain_ms
 *     no request in flight ──> the daemon is stopped, with nothing suspended (it would abort the process), handles close
 */
#include "base/limits.h"
#include "base/log.h"
#include "http/inside.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROUNDS 8 /* of MHD_run in one turn; then others have theirs */

uint64_t http_now(const struct http *http)
{
    return uv_now(loop_uv(http->loop));
}

uint16_t http_port(const struct http *http)
{
    return http->listener.port;
}

void http_counts(const struct http *http, struct http_counts *ret_counts)
{
    *ret_counts = http->counts;
}

/* --- driving ------------------------------------------------------------------------------------------------------- */

static void on_kick(uv_idle_t *kick)
{
    (void)kick; /* that it is active is what counts */
}

void http_kick(struct http *http)
{
    http->kicked = true;
    if (!http->driving)
        uv_idle_start(&http->kick, on_kick);
}

static bool more_pending(struct http *http)
{
    MHD_UNSIGNED_LONG_LONG ms;
    return http->kicked || (MHD_get_timeout(http->daemon, &ms) == MHD_YES && ms == 0);
}

static void daemon_stop(struct http *http);

static void drive(struct http *http)
{
    bool more = true;
    if (!http->daemon || http->driving)
        return;
    http->driving = true;
    for (int round = 0; round < ROUNDS && more; round++) {
        http->kicked = false;
        MHD_run(http->daemon);
        more = more_pending(http);
    }
    http->driving = false;
    http->kicked = more;
    if (more)
        uv_idle_start(&http->kick, on_kick);
    else
        uv_idle_stop(&http->kick);
    if (http->draining && http->in_flight == 0)
        daemon_stop(http);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    drive(poll->data);
}

static void on_before_wait(uv_prepare_t *prepare)
{
    struct http *http = prepare->data;
    if (http->kicked)
        drive(http);
}

/* --- stopping ------------------------------------------------------------------------------------------------------ */

static void on_handle_closed(uv_handle_t *handle)
{
    struct http *http = handle->data;
    http->handles--;
}

static void handles_close(struct http *http)
{
    uv_handle_t *handles[] = {(uv_handle_t *)&http->poll, (uv_handle_t *)&http->before_wait, (uv_handle_t *)&http->kick,
                              (uv_handle_t *)&http->tick, (uv_handle_t *)&http->drain};
    for (size_t i = 0; i < ARRAY_LEN(handles); i++)
        if (!uv_is_closing(handles[i]))
            uv_close(handles[i], on_handle_closed);
}

static void daemon_stop(struct http *http)
{
    struct MHD_Daemon *daemon = http->daemon;
    uv_poll_stop(&http->poll);
    http->daemon = NULL;
    MHD_stop_daemon(daemon); /* closes the idle connections */
    handles_close(http);
}

/* Whatever is left has had its time. */
static void on_drained(uv_timer_t *timer)
{
    struct http *http = timer->data;
    for (struct client *client = http->newest; client; client = client->older) {
        if (client->exchange.state == EX_NONE || client->exchange.state == EX_HEAD)
            continue;
        log_line(LOG_INFO, "http", "a request was cut by the stop");
        client_cut(client);
        client_left(client);
    }
    http_kick(http);
}

static void streams_end(struct http *http)
{
    for (struct client *client = http->newest; client; client = client->older)
        http_events_end(&client->exchange.request);
}

void http_stop(struct http *http)
{
    if (http->draining)
        return;
    http->draining = true;
    close(MHD_quiesce_daemon(http->daemon));
    listener_forget(&http->listener);
    streams_end(http);
    uv_timer_start(&http->drain, on_drained, (uint64_t)http->options.drain_ms, 0);
    http_kick(http);
}

static void on_loop_stop(void *context)
{
    http_stop(context);
}

/* --- starting ------------------------------------------------------------------------------------------------------ */

__attribute__((format(printf, 2, 0))) static void on_log(void *cls, const char *format, va_list args)
{
    char words[LOG_LINE_MAX];
    (void)cls;
    if (!log_wants(LOG_DEBUG)) /* every client that leaves early is a line */
        return;
    vsnprintf(words, sizeof words, format, args);
    log_line(LOG_DEBUG, "http", "libmicrohttpd: %s", words);
}

static int daemon_start(struct http *http, struct err *err)
{
    http->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_access, http,
        MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL, /* first, so that it hears of the others */
        MHD_OPTION_LISTEN_SOCKET, http->listener.fd, MHD_OPTION_CONNECTION_LIMIT, http->options.connections,
        MHD_OPTION_CONNECTION_TIMEOUT, 0u, /* the clock is ours */
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, LIMIT_HTTP_HEAD, MHD_OPTION_URI_LOG_CALLBACK, on_target, http,
        MHD_OPTION_NOTIFY_CONNECTION, on_client, http, MHD_OPTION_NOTIFY_COMPLETED, on_completed, http, MHD_OPTION_END);
    if (!http->daemon)
        return err_set(err, E_IO, "libmicrohttpd does not start");
    return 0;
}

static int handles_open(struct http *http, struct err *err)
{
    uv_loop_t *uv = loop_uv(http->loop);
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (!info || uv_poll_init(uv, &http->poll, info->epoll_fd) != 0)
        return err_set(err, E_IO, "libmicrohttpd's epoll cannot be polled");
    uv_prepare_init(uv, &http->before_wait);
    uv_idle_init(uv, &http->kick);
    uv_timer_init(uv, &http->tick);
    uv_timer_init(uv, &http->drain);
    http->poll.data = http->before_wait.data = http->kick.data = http->tick.data = http->drain.data = http;
    http->handles = 5;
    uv_prepare_start(&http->before_wait, on_before_wait);
    uv_poll_start(&http->poll, UV_READABLE, on_readable);
    return 0;
}

static void options_fill(struct http_options *options)
{
    struct http_options *o = options;
    o->connections = o->connections ? o->connections : LIMIT_HTTP_CONNECTIONS;
    o->head_ms = o->head_ms ? o->head_ms : LIMIT_HTTP_HEAD_MS;
    o->body_ms = o->body_ms ? o->body_ms : LIMIT_HTTP_BODY_MS;
    o->idle_ms = o->idle_ms ? o->idle_ms : LIMIT_HTTP_IDLE_MS;
    o->heartbeat_ms = o->heartbeat_ms ? o->heartbeat_ms : LIMIT_HTTP_HEARTBEAT_MS;
    o->drain_ms = o->drain_ms ? o->drain_ms : LIMIT_HTTP_DRAIN_MS;
    o->events_queue = o->events_queue ? o->events_queue : LIMIT_HTTP_EVENTS_QUEUE;
}

static int http_start(struct http *http, struct err *err)
{
    int failed = route_table_init(&http->routes, http->options.routes, http->options.n_routes, err);
    if (failed)
        return failed;
    failed = listener_open(&http->listener, http->options.listen, err);
    if (failed)
        return failed;
    failed = daemon_start(http, err);
    if (failed) {
        close(http->listener.fd);
        return failed;
    }
    if (loop_on_stop(http->loop, on_loop_stop, http) != 0)
        return err_set(err, E_NOMEM, "no memory for the server");
    return handles_open(http, err);
}

struct http *http_new(struct loop *loop, const struct http_options *options, struct err *err)
{
    struct http *http = calloc(1, sizeof *http);
    if (!http) {
        err_set(err, E_NOMEM, "no memory for the server");
        return NULL;
    }
    http->loop = loop;
    http->options = *options;
    options_fill(&http->options);
    if (http_start(http, err) == 0)
        return http;
    http_free(http);
    return NULL;
}

void http_free(struct http *http)
{
    if (!http)
        return;
    loop_forget(http->loop, http);
    if (http->daemon) /* it never ran: there is no connection */
        MHD_stop_daemon(http->daemon);
    listener_forget(&http->listener);
    route_table_release(&http->routes);
    free(http);
}

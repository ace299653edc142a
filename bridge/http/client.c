/* bridge/http/client.c
 *
 * Connections: their clock, suspending and resuming, and noticing that the client left.
 *
 * One timer for all looks at each connection's deadline. A connection that waits for us is suspended and has no
 * deadline; libmicrohttpd has then taken it out of its epoll and cannot see the client leave, so after a tick of the
 * clock a handle of libuv's watches it (event streams: at once). Most requests never need one.
 */
#include "base/log.h"
#include "http/inside.h"

#include <stdlib.h>
#include <sys/socket.h>

struct watch {
    uv_poll_t uv;
    struct client *client; /* borrowed; NULL once the client is closed */
    bool active;
};

/* --- the clock ----------------------------------------------------------------------------------------------------- */

void client_due_in(struct client *client, int64_t ms)
{
    client->due_ms = http_now(client->http) + (uint64_t)ms;
}

void client_due_never(struct client *client)
{
    client->due_ms = UINT64_MAX;
}

void client_cut(struct client *client)
{
    client_due_never(client);
    shutdown(client->fd, SHUT_RDWR);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Often enough that a deadline is kept to an eighth. */
static uint64_t tick_ms(const struct http_options *options)
{
    int64_t shortest = least(least(options->head_ms, options->body_ms), least(options->idle_ms, options->heartbeat_ms));
    int64_t ms = least(shortest / 8, 1000);
    return ms > 1 ? (uint64_t)ms : 1;
}

static void tick(struct client *client, uint64_t now_ms)
{
    struct exchange *exchange = &client->exchange;
    if (now_ms >= client->due_ms && answer_is_taken(client)) {
        client_due_in(client, client->http->options.idle_ms);
    } else if (now_ms >= client->due_ms) {
        log_line(LOG_DEBUG, "http", "a connection was cut: too slow");
        client->http->counts.slow++;
        client_cut(client);
    }
    if (exchange->events.sent)
        events_tick(client, now_ms);
    else if (client->suspended && exchange->op_runs && ++client->ticks > 1)
        client_watch(client);
}

void on_tick(uv_timer_t *timer)
{
    struct http *http = timer->data;
    uint64_t now_ms = http_now(http);
    for (struct client *client = http->newest; client; client = client->older)
        tick(client, now_ms);
}

/* --- suspending ---------------------------------------------------------------------------------------------------- */

static void watch_stop(struct client *client)
{
    if (client->watch && client->watch->active) {
        uv_poll_stop(&client->watch->uv);
        client->watch->active = false;
    }
}

void client_suspend(struct client *client)
{
    MHD_suspend_connection(client->mhd);
    client->suspended = true;
    client->ticks = 0;
    client_due_never(client);
}

void client_resume(struct client *client)
{
    if (!client->suspended)
        return;
    client->suspended = false;
    watch_stop(client);
    MHD_resume_connection(client->mhd);
    http_kick(client->http);
}

/* --- leaving ------------------------------------------------------------------------------------------------------- */

void client_left(struct client *client)
{
    if (client->exchange.events.sent)
        client->exchange.events.gone = true;
    else
        client->abandoned = true;
    client_resume(client);
}

static void on_watch(uv_poll_t *uv, int status, int events)
{
    struct watch *watch = uv->data;
    if (watch->client && (status < 0 || (events & UV_DISCONNECT)))
        client_left(watch->client);
}

static void on_watch_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static struct watch *watch_new(struct client *client)
{
    struct watch *watch = calloc(1, sizeof *watch);
    if (!watch)
        return NULL;
    if (uv_poll_init(loop_uv(client->http->loop), &watch->uv, client->fd) != 0) {
        free(watch);
        return NULL;
    }
    watch->uv.data = watch;
    watch->client = client;
    return watch;
}

/* Without memory nobody watches: the heartbeat, or the end of the operation, finds out later. */
void client_watch(struct client *client)
{
    if (!client->watch)
        client->watch = watch_new(client);
    if (client->watch && !client->watch->active)
        client->watch->active = uv_poll_start(&client->watch->uv, UV_DISCONNECT, on_watch) == 0;
}

static void watch_close(struct client *client)
{
    if (!client->watch)
        return;
    watch_stop(client);
    client->watch->client = NULL;
    uv_close((uv_handle_t *)&client->watch->uv, on_watch_closed);
    client->watch = NULL;
}

/* --- life ---------------------------------------------------------------------------------------------------------- */

static struct client *client_new(struct http *http, struct MHD_Connection *mhd)
{
    struct client *client = calloc(1, sizeof *client);
    const union MHD_ConnectionInfo *fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (!client || !fd) {
        free(client);
        return NULL;
    }
    client->http = http;
    client->mhd = mhd;
    client->fd = fd->connect_fd;
    client->older = http->newest;
    if (http->newest)
        http->newest->newer = client;
    http->newest = client;
    if (http->counts.connections++ == 0)
        uv_timer_start(&http->tick, on_tick, tick_ms(&http->options), tick_ms(&http->options));
    client_due_in(client, http->options.head_ms);
    return client;
}

static void client_close(struct client *client)
{
    struct http *http = client->http;
    watch_close(client);
    if (client->newer)
        client->newer->older = client->older;
    else
        http->newest = client->older;
    if (client->older)
        client->older->newer = client->newer;
    if (--http->counts.connections == 0)
        uv_timer_stop(&http->tick);
    client->mhd = NULL;
    client_drop(client);
    http_kick(http); /* at its limit libmicrohttpd listens again only when it is next called */
}

void client_drop(struct client *client)
{
    if (!client->mhd && !client->exchange.op_runs)
        free(client);
}

void on_client(void *cls, struct MHD_Connection *mhd, void **context, enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        *context = client_new(cls, mhd);
    else if (*context)
        client_close(*context);
}

/* bridge/http/events.c
 *
 * Server-sent events (HTML Standard, section 9.2): an answer that has no end until somebody ends it.
 *
 * Events wait in a bounded queue. libmicrohttpd asks for bytes; when the queue is empty the connection is suspended and
 * watched, and the next event resumes it.
 */
#include "base/limits.h"
#include "base/log.h"
#include "http/inside.h"

#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

/* How long the kernel keeps trying to reach a client that has vanished without a word; its own limit is 15 minutes. */
#define VANISHED_MS 30000

static struct events *events_of(struct http_request *request)
{
    return &client_of(request)->exchange.events;
}

int http_events_start(struct http_request *request, void (*on_close)(struct http_request *request, void *context),
                      void *context)
{
    struct http *http = client_of(request)->http;
    struct events *events = events_of(request);
    buf_init(&events->queue, http->options.events_queue);
    events->wanted = true;
    events->ending = http->draining;
    events->on_close = on_close;
    events->context = context;
    events->written_ms = http_now(http);
    http->counts.streams++;
    int failed = http_reply_header(request, "X-Accel-Buffering", TEXT("no")); /* a proxy may not collect them */
    return failed ? failed : http_reply(request, 200, "text/event-stream", TEXT_NONE);
}

void events_over(struct exchange *exchange)
{
    struct events *events = &exchange->events;
    if (!events->wanted)
        return;
    events->wanted = events->sent = false;
    client_of(&exchange->request)->http->counts.streams--;
    buf_release(&events->queue);
    if (events->on_close)
        events->on_close(&exchange->request, events->context);
}

/* --- out ----------------------------------------------------------------------------------------------------------- */

static ssize_t on_wants_bytes(void *cls, uint64_t position, char *bytes, size_t max)
{
    struct client *client = cls;
    struct events *events = &client->exchange.events;
    (void)position;
    if (events->gone)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (events->queue.len > 0) {
        size_t n = events->queue.len < max ? events->queue.len : max;
        memcpy(bytes, events->queue.data, n);
        buf_drop(&events->queue, n);
        return (ssize_t)n;
    }
    if (events->ending)
        return MHD_CONTENT_READER_END_OF_STREAM;
    client_suspend(client);
    client_watch(client);
    return 0;
}

struct MHD_Response *events_response(struct client *client)
{
    unsigned vanished_ms = VANISHED_MS;
    client->exchange.events.sent = true;
    setsockopt(client->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &vanished_ms, sizeof vanished_ms); /* not on a Unix socket */
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, on_wants_bytes, client, NULL);
}

/* --- in ------------------------------------------------------------------------------------------------------------ */

static int add_line(struct buf *queue, struct text field, struct text value)
{
    int failed = buf_add(queue, field);
    if (failed == 0)
        failed = buf_add(queue, value);
    return failed ? failed : buf_add_byte(queue, '\n');
}

static int add_event(struct buf *queue, struct text event, struct text data)
{
    struct text line;
    int failed = add_line(queue, TEXT("event: "), event);
    while (failed == 0 && text_cut(&data, '\n', &line))
        failed = add_line(queue, TEXT("data: "), line);
    return failed ? failed : buf_add_byte(queue, '\n');
}

static void wake(struct client *client)
{
    client->exchange.events.written_ms = http_now(client->http);
    if (client->exchange.events.sent)
        client_resume(client);
}

/* Half an event may be in the queue: nothing of it is sent any more. */
static void drop(struct client *client)
{
    log_line(LOG_DEBUG, "http", "an event stream was cut: its client reads too slowly");
    client->http->counts.events_slow++;
    client->exchange.events.gone = true;
    client_resume(client);
    client_cut(client);
}

int http_events_send(struct http_request *request, struct text event, struct text data)
{
    struct client *client = client_of(request);
    struct events *events = events_of(request);
    if (!events->wanted || events->ending || events->gone)
        return 0;
    if (text_find_byte(event, '\n', 0) != TEXT_NOWHERE || text_find_byte(event, '\r', 0) != TEXT_NOWHERE ||
        text_find_byte(data, '\r', 0) != TEXT_NOWHERE)
        return E_BUG;
    if (add_event(&events->queue, event, data) != 0) {
        drop(client);
        return E_TOO_LARGE;
    }
    wake(client);
    return 0;
}

void http_events_end(struct http_request *request)
{
    struct events *events = events_of(request);
    if (!events->wanted || events->ending)
        return;
    events->ending = true;
    wake(client_of(request));
}

/* A comment, where nothing was sent for long: proxies keep the stream, and a client that vanished is found out. */
void events_tick(struct client *client, uint64_t now_ms)
{
    struct events *events = &client->exchange.events;
    bool due = now_ms - events->written_ms >= (uint64_t)client->http->options.heartbeat_ms;
    if (!due || events->queue.len > 0 || events->ending || events->gone)
        return;
    if (buf_add(&events->queue, TEXT(":\n\n")) == 0)
        wake(client);
}

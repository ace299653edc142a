/* bridge/http/body.c
 *
 * Bodies: whole, or piece by piece with back-pressure.
 *
 * A stream has two halves of a window. libmicrohttpd's bytes fill one while the steps work on the other, perhaps on
 * another thread; http_body_next, on the loop, changes them over. When the half is full the connection is suspended,
 * and TCP makes the client wait.
 */
#include "base/limits.h"
#include "http/inside.h"

static void wake_taker(struct exchange *exchange)
{
    if (!exchange->window.wanted)
        return;
    exchange->window.wanted = false;
    op_resume(&exchange->request.op);
}

static int window_add(struct exchange *exchange, struct text bytes, size_t *ret_taken)
{
    struct buf *half = &exchange->window.halves[exchange->window.filling];
    size_t room = half->max - half->len;
    size_t n = bytes.len < room ? bytes.len : room;
    int failed = buf_add(half, text_slice(bytes, 0, n));
    if (failed)
        return failed;
    *ret_taken = n;
    wake_taker(exchange);
    return 0;
}

int body_add(struct exchange *exchange, const char *data, size_t *n_data)
{
    struct text bytes = {data, *n_data};
    size_t taken = bytes.len;
    int failed = exchange->request.route->body == HTTP_BODY_STREAM ? window_add(exchange, bytes, &taken)
                                                                   : buf_add(&exchange->body, bytes);
    *n_data = failed ? 0 : bytes.len - taken;
    return failed;
}

void body_completed(struct exchange *exchange)
{
    exchange->request.body = buf_text(&exchange->body);
    wake_taker(exchange);
}

void body_release(struct exchange *exchange)
{
    buf_release(&exchange->body);
    for (unsigned i = 0; i < 2; i++)
        buf_release(&exchange->window.halves[i]);
}

static void ask(struct client *client)
{
    struct exchange *exchange = &client->exchange;
    if (exchange->window.asked)
        return;
    exchange->window.asked = true;
    if (exchange->held)
        client_resume(client);
}

enum http_body_state http_body_next(struct http_request *request, struct text *ret_bytes)
{
    struct exchange *exchange = exchange_of(request);
    struct client *client = client_of(request);
    struct window *window = &exchange->window;
    struct buf *filled = &window->halves[window->filling];
    ask(client);
    if (filled->len == 0)
        return exchange->complete ? HTTP_BODY_END : HTTP_BODY_WAIT;
    window->filling = 1 - window->filling;
    buf_clear(&window->halves[window->filling]);
    *ret_bytes = buf_text(filled);
    if (window->full) {
        window->full = false;
        client_resume(client);
        client_due_in(client, client->http->options.body_ms);
    }
    return HTTP_BODY_DATA;
}

/* The connection's clock cuts a client that stands still long before this deadline. */
int http_body_wait(struct http_request *request, op_step_fn *step)
{
    exchange_of(request)->window.wanted = true;
    return op_wait_at(&request->op, step, 10 * MINUTE_MS);
}

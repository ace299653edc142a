/* bridge/http/exchange.c
 *
 * One request, from its head to the end of its answer.
 *
 * libmicrohttpd calls in this order: on_target; on_access with the head; on_access with each piece of the body;
 * on_access with the end of the body; on_completed, also where the request broke off. An answer that is queued in the
 * first on_access closes the connection (what else came is not read), one in the last keeps it. Between the pieces of a
 * body none can be queued at all. A suspended call is made again when it is resumed.
 *
 *     EX_NONE ─> EX_HEAD ─┬─ refused ──> EX_SWALLOW ──────────────┐
 *        ▲                └─> EX_BODY ─> EX_RUN (suspended) ──────┴─> EX_SENT ─┐
 *        └─────────────────────────────────────────────────────────────────────┘ on_completed
 */
#include "base/limits.h"
#include "base/log.h"
#include "http/inside.h"

#include <string.h>

/* --- the operation ------------------------------------------------------------------------------------------------- */

static void exchange_release(struct exchange *exchange)
{
    answer_clear(&exchange->answer);
    body_release(exchange);
    op_release(&exchange->request.op);
}

static void on_finish(struct op *op)
{
    struct http_request *request = http_request_of(op);
    struct client *client = client_of(request);
    struct exchange *exchange = &client->exchange;
    exchange->op_runs = false;
    exchange->op_ended = true;
    if (op->err.code)
        events_over(exchange);
    if (exchange->state == EX_NONE) { /* the client left while a step was running */
        exchange_release(exchange);
        client_drop(client);
        return;
    }
    if (op->err.code || exchange->answer.status == 0)
        answer_from_error(exchange);
    if (!client->in_handler)
        client_resume(client);
}

static void start(struct client *client)
{
    struct exchange *exchange = &client->exchange;
    struct op *op = &exchange->request.op;
    exchange->op_runs = true;
    op->steps = exchange->request.route->steps;
    op->finish = on_finish;
    op_start_now(op, client->http->loop);
}

/* --- the head ------------------------------------------------------------------------------------------------------ */

static void exchange_begin(struct client *client, const char *target)
{
    struct exchange *exchange = &client->exchange;
    struct http_request *request = &exchange->request;
    memset(exchange, 0, offsetof(struct exchange, room));
    exchange->state = EX_HEAD;
    arena_init(&request->op.arena, LIMIT_HTTP_ARENA);
    request->app = client->http->options.app;
    exchange->raw = target;
    exchange->target_len = target ? strlen(target) : 0;
    exchange->target = exchange->room;
    if (exchange->target_len > TARGET_ROOM)
        exchange->target = ARENA_ARRAY(&request->op.arena, char, exchange->target_len);
    if (exchange->target && target)
        memcpy(exchange->target, target, exchange->target_len);
}

void *on_target(void *cls, const char *target, struct MHD_Connection *mhd)
{
    (void)cls;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct client *client = info ? info->socket_context : NULL;
    if (!client)
        return NULL;
    exchange_begin(client, target);
    return client;
}

/* The steps may ask for the method on any thread, when libmicrohttpd's memory may be gone. */
static const char *lasting_method(const char *method)
{
    static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    for (size_t i = 0; i < ARRAY_LEN(methods); i++)
        if (strcmp(methods[i], method) == 0)
            return methods[i];
    return method; /* stands in no table: it is only looked at until the request is refused */
}

static void refuse(struct exchange *exchange, unsigned status, const char *code, const char *message)
{
    if (http_reply_error(&exchange->request, status, code, message, NULL) < 0)
        exchange->answer.status = status; /* without words, where there is no memory for them */
}

/* Whether head and target are well formed. */
static bool check_shape(struct client *client, const char *method, const char *version)
{
    struct exchange *exchange = &client->exchange;
    struct http_request *request = &exchange->request;
    const char *wrong = "there is no memory for the address";
    if (exchange->target)
        wrong = head_read(client->mhd, method, version, exchange->raw, exchange->target_len, &exchange->head);
    request->host = exchange->head.host;
    if (!wrong)
        wrong = target_decode(exchange->target, exchange->target_len, &request->op.arena, &request->path,
                              &request->query, &request->n_query);
    if (wrong)
        refuse(exchange, 400, "bad_request", wrong);
    return !wrong;
}

static bool check_route(struct client *client)
{
    struct exchange *exchange = &client->exchange;
    struct http_request *request = &exchange->request;
    char allow[ALLOW_MAX];
    unsigned status;
    request->route = route_find(&client->http->routes, request->method, request->path, request->params, &status);
    if (request->route)
        return true;
    if (status == 405) {
        route_allow(&client->http->routes, request->path, allow);
        http_reply_header(request, "Allow", text_of(allow));
        refuse(exchange, status, "method_not_allowed", "this address does not take this method");
    } else if (status == 404) {
        refuse(exchange, status, err_word(E_NOT_FOUND), "there is nothing at this address");
    } else {
        refuse(exchange, status, "not_implemented", "no address here takes this method");
    }
    return false;
}

static bool check_body(struct client *client)
{
    struct exchange *exchange = &client->exchange;
    const struct http_route *route = exchange->request.route;
    if (exchange->head.chunked || (route->body == HTTP_BODY_STREAM && !exchange->head.has_length)) {
        refuse(exchange, 411, "length_required", "the body needs a Content-Length");
        return false;
    }
    if (exchange->head.length > route->body_limit) {
        refuse(exchange, 413, err_word(E_TOO_LARGE),
               route->body == HTTP_BODY_NONE ? "this address takes no body"
                                             : "the body is longer than this address takes");
        return false;
    }
    return true;
}

static bool check_admission(struct client *client)
{
    struct http_request *request = &client->exchange.request;
    int result = client->http->options.admit ? client->http->options.admit(request) : 0;
    if (result < 0)
        err_set(&request->op.err, result, "%s", err_word(result));
    if (result != 0 && (result < 0 || client->exchange.answer.status == 0))
        answer_from_error(&client->exchange);
    return result == 0;
}

static bool make_room(struct exchange *exchange)
{
    struct http_request *request = &exchange->request;
    const struct http_route *route = request->route;
    if (route->body == HTTP_BODY_WHOLE)
        buf_init(&exchange->body, route->body_limit);
    for (unsigned i = 0; i < 2; i++)
        buf_init(&exchange->window.halves[i], LIMIT_HTTP_WINDOW / 2);
    if (route->state_size == 0)
        return true;
    request->state = arena_alloc(&request->op.arena, 1, route->state_size);
    if (!request->state)
        refuse(exchange, 503, err_word(E_NOMEM), "there is no memory for this request now");
    return request->state != NULL;
}

/* --- the calls of the access handler ------------------------------------------------------------------------------- */

/* The answer is known before the body has come. */
static enum MHD_Result answer_early(struct client *client)
{
    struct exchange *exchange = &client->exchange;
    const struct head *head = &exchange->head;
    if (head->chunked || head->expects || head->length > LIMIT_HTTP_SWALLOW)
        return answer_send(client);
    exchange->state = EX_SWALLOW;
    client_due_in(client, client->http->options.body_ms);
    return MHD_YES;
}

/* A taker that has not asked for the body yet may still refuse it, before the client is told to send it. */
static enum MHD_Result hold_or_go_on(struct client *client)
{
    struct exchange *exchange = &client->exchange;
    exchange->held = false;
    if (exchange->op_ended)
        return answer_early(client);
    if (exchange->window.asked || exchange->head.length == 0) {
        client_due_in(client, client->http->options.body_ms);
        return MHD_YES;
    }
    exchange->held = true;
    client_suspend(client);
    return MHD_YES;
}

static enum MHD_Result head_came(struct client *client, const char *method, const char *version)
{
    struct exchange *exchange = &client->exchange;
    client->http->in_flight++;
    loop_work_begin(client->http->loop);
    exchange->state = EX_BODY;
    exchange->request.method = lasting_method(method);
    if (!check_shape(client, method, version))
        return answer_send(client);
    if (!check_admission(client) || !check_route(client) || !check_body(client) || !make_room(exchange))
        return answer_early(client);
    client_due_in(client, client->http->options.body_ms);
    if (exchange->request.route->body != HTTP_BODY_STREAM)
        return MHD_YES;
    start(client);
    return hold_or_go_on(client);
}

/* Every byte earns its time at the lowest rate, but no more ahead than a body may stand still. */
static void earn(struct client *client, size_t n)
{
    uint64_t most = http_now(client->http) + (uint64_t)client->http->options.body_ms;
    client->due_ms += n * 1000 / LIMIT_HTTP_RATE;
    if (client->due_ms > most)
        client->due_ms = most;
}

static enum MHD_Result body_came(struct client *client, const char *data, size_t *n_data)
{
    struct exchange *exchange = &client->exchange;
    size_t n = *n_data;
    int failed = 0;
    if (exchange->state != EX_BODY || exchange->op_ended)
        *n_data = 0;
    else
        failed = body_add(exchange, data, n_data);
    if (failed && exchange->op_runs) /* the answer is the operation's: nothing can be said but by closing */
        return MHD_NO;
    if (failed) {
        refuse(exchange, 503, err_word(E_NOMEM), "there is no memory for this body now");
        exchange->state = EX_SWALLOW;
    }
    exchange->received += n - *n_data;
    earn(client, n - *n_data);
    if (*n_data > 0) {
        exchange->window.full = true;
        client_suspend(client);
    }
    return MHD_YES;
}

static enum MHD_Result body_ended(struct client *client)
{
    struct exchange *exchange = &client->exchange;
    if (exchange->state == EX_SWALLOW)
        return answer_send(client);
    if (exchange->state == EX_BODY) {
        exchange->state = EX_RUN;
        exchange->complete = true;
        body_completed(exchange);
        if (!exchange->op_runs && !exchange->op_ended)
            start(client);
    }
    if (exchange->op_ended)
        return answer_send(client);
    client_suspend(client);
    return MHD_YES;
}

enum MHD_Result on_access(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
                          const char *version, const char *data, size_t *n_data, void **context)
{
    struct client *client = *context;
    enum MHD_Result result;
    (void)cls;
    (void)mhd;
    (void)url;
    if (!client || client->abandoned)
        return MHD_NO;
    client->in_handler = true;
    if (client->exchange.state == EX_HEAD)
        result = head_came(client, method, version);
    else if (client->exchange.held)
        result = hold_or_go_on(client);
    else if (*n_data > 0)
        result = body_came(client, data, n_data);
    else
        result = body_ended(client);
    client->in_handler = false;
    return result;
}

/* --- the end ------------------------------------------------------------------------------------------------------- */

static void count(struct client *client, enum MHD_RequestTerminationCode code)
{
    struct exchange *exchange = &client->exchange;
    struct http_counts *counts = &client->http->counts;
    unsigned status = exchange->state == EX_SENT ? exchange->answer.status : 0;
    if (exchange->state == EX_HEAD && code == MHD_REQUEST_TERMINATED_WITH_ERROR)
        status = 400; /* libmicrohttpd answered by itself: no header, or too many */
    counts->requests++;
    counts->by_class[status / 100 < 6 ? status / 100 : 0]++;
    if (log_wants(LOG_DEBUG) && exchange->request.route) /* never the target: it may hold an invitation */
        log_line(LOG_DEBUG, "http", "%s %s %u", exchange->request.method, exchange->request.route->path, status);
}

void on_completed(void *cls, struct MHD_Connection *mhd, void **context, enum MHD_RequestTerminationCode code)
{
    struct client *client = *context;
    (void)mhd;
    (void)cls;
    if (!client)
        return;
    struct exchange *exchange = &client->exchange;
    count(client, code);
    if (exchange->state != EX_HEAD) {
        client->http->in_flight--;
        loop_work_end(client->http->loop);
    }
    exchange->state = EX_NONE;
    client_due_in(client, client->http->options.idle_ms);
    events_over(exchange);
    if (exchange->op_runs)
        op_cancel(&exchange->request.op);
    else
        exchange_release(exchange);
}

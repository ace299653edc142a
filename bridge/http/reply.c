/* bridge/http/reply.c
 *
 * Answers: made by steps on any thread, sent from the loop when the operation has ended.
 */
#include "http/inside.h"

#include "base/limits.h"
#include "base/log.h"

#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

/* What a browser may do with our answers: nothing that a page did not ask for by a header of its own.
 * Sources: OWASP HTTP Headers Cheat Sheet; CSP Level 3; Fetch's CORP; HTML's COOP. */
const struct http_header http_security_headers[] = {
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    {"X-Frame-Options", "DENY"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), geolocation=(), microphone=(), browsing-topics=()"},
    {"X-Robots-Tag", "noindex"},
    {"Cache-Control", "no-store"},
};
const size_t n_http_security_headers = ARRAY_LEN(http_security_headers);

unsigned http_status_of(int code)
{
    static const struct {
        int code;
        unsigned status;
    } statuses[] = {
        {E_BAD_INPUT, 400}, {E_FORBIDDEN, 403}, {E_NOT_FOUND, 404},   {E_BUSY, 409},
        {E_TOO_LARGE, 413}, {E_PROTOCOL, 502},  {E_UNAVAILABLE, 502}, {E_RATE_LIMITED, 503},
        {E_CANCELLED, 503}, {E_NOMEM, 503},     {E_TIMEOUT, 504},
    };
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
        if (statuses[i].code == code)
            return statuses[i].status;
    return 500;
}

/* --- made by steps ------------------------------------------------------------------------------------------------- */

bool answer_is_taken(struct client *client)
{
    struct answer *answer = &client->exchange.answer;
    int waiting = 0; /* in the kernel, not acknowledged */
    if (client->exchange.state != EX_SENT || answer->given == 0 || ioctl(client->fd, SIOCOUTQ, &waiting) != 0)
        return false;
    uint64_t least = (uint64_t)client->http->options.idle_ms * LIMIT_HTTP_RATE / 1000;
    uint64_t taken = answer->given > (uint64_t)waiting ? answer->given - (uint64_t)waiting : 0;
    bool enough = taken >= answer->taken + least;
    answer->taken = taken;
    return enough;
}

void answer_clear(struct answer *answer)
{
    buf_release(&answer->body);
    answer->prepared = NULL;
    answer->status = 0;
}

static struct answer *answer_new(struct http_request *request, unsigned status, const char *content_type)
{
    struct answer *answer = &exchange_of(request)->answer;
    answer_clear(answer);
    buf_init(&answer->body, LIMIT_HTTP_ANSWER);
    answer->status = status;
    answer->content_type = content_type;
    return answer;
}

int http_reply(struct http_request *request, unsigned status, const char *content_type, struct text body)
{
    struct answer *answer = answer_new(request, status, content_type);
    int failed = buf_add(&answer->body, body);
    return failed ? err_set(&request->op.err, failed, "the answer of %zu bytes cannot be held", body.len) : OP_DONE;
}

int http_reply_buf(struct http_request *request, unsigned status, const char *content_type, struct buf *body)
{
    struct answer *answer = answer_new(request, status, content_type);
    size_t max = body->max;
    answer->body = *body;
    buf_init(body, max);
    return OP_DONE;
}

int http_reply_json(struct http_request *request, unsigned status, const json_t *value)
{
    struct answer *answer = answer_new(request, status, "application/json");
    int failed = json_write(value, &answer->body);
    return failed ? err_set(&request->op.err, failed, "the answer cannot be written as JSON") : OP_DONE;
}

int http_reply_error(struct http_request *request, unsigned status, const char *code, const char *message,
                     const char *field)
{
    CLEANUP_JSON json_t *text = json_from_view(text_of(message));
    CLEANUP_JSON json_t *value =
        json_pack("{s:{s:s, s:O, s:s?}}", "error", "code", code, "message", text, "field", field);
    if (!value)
        return err_set(&request->op.err, E_NOMEM, "no memory for the answer");
    return http_reply_json(request, status, value);
}

int http_reply_prepared(struct http_request *request, struct http_prepared *prepared)
{
    answer_new(request, prepared->status, NULL)->prepared = prepared;
    return OP_DONE;
}

static bool can_stand_in_header(const char *name, struct text value)
{
    for (const char *at = name; *at; at++)
        if (!byte_is_letter(*at) && !byte_is_digit(*at) && *at != '-')
            return false;
    for (size_t i = 0; i < value.len; i++)
        if ((unsigned char)value.data[i] < ' ' || value.data[i] == 0x7f)
            return false;
    return *name != '\0';
}

int http_reply_header(struct http_request *request, const char *name, struct text value)
{
    struct answer *answer = &exchange_of(request)->answer;
    struct arena *arena = &request->op.arena;
    struct text copies[2];
    if (!can_stand_in_header(name, value))
        return err_set(&request->op.err, E_BUG, "%s cannot be sent with that value", name);
    struct http_field *headers = arena_grow(arena, answer->headers, answer->n_headers, sizeof *headers);
    if (!headers || !arena_text(arena, text_of(name), &copies[0]) || !arena_text(arena, value, &copies[1]))
        return err_set(&request->op.err, E_NOMEM, "no memory for the header %s", name);
    answer->headers = headers;
    headers[answer->n_headers++] = (struct http_field){copies[0], copies[1]};
    return 0;
}

/* --- errors that steps left ---------------------------------------------------------------------------------------- */

/* Errors that the asker can do something about are told in our words; the rest are ours, and the log has them. */
void answer_from_error(struct exchange *exchange)
{
    struct http_request *request = &exchange->request;
    struct op *op = &request->op;
    const char *path = request->route ? request->route->path : "";
    if (op->err.code == 0)
        err_set(&op->err, E_BUG, "the operation ended without an answer");
    struct err err = op->err;
    unsigned status = http_status_of(err.code);
    exchange->answer.n_headers = 0; /* they were for another answer */
    if (status >= 500 && err.code != E_CANCELLED)
        log_line(err.code == E_TIMEOUT || err.code == E_UNAVAILABLE ? LOG_WARN : LOG_ERROR, "http", "%s %s: %s: %s",
                 request->method, path, op->steps ? op_step_name(op) : "admit", err.text);
    bool told = status < 500 || client_of(request)->http->options.tell_all;
    const char *message = told ? err.text : "this did not work here; the operator's log says why";
    if (http_reply_error(request, status, err_word(err.code), message, NULL) < 0)
        exchange->answer.status = status;
}

/* --- sending ------------------------------------------------------------------------------------------------------- */

static bool among(const char *name, const struct http_field *own, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (text_equal_fold(own[i].name, text_of(name)))
            return true;
    return false;
}

static bool add_common(const struct http *http, struct MHD_Response *response, const struct http_field *own, size_t n)
{
    const struct http_options *options = &http->options;
    for (size_t i = 0; i < options->n_headers; i++)
        if (!among(options->headers[i].name, own, n) &&
            MHD_add_response_header(response, options->headers[i].name, options->headers[i].value) != MHD_YES)
            return false;
    for (size_t i = 0; i < n_http_security_headers; i++) {
        const struct http_header *header = &http_security_headers[i];
        bool replaced = among(header->name, own, n);
        for (size_t k = 0; k < options->n_headers && !replaced; k++)
            replaced = text_equal_fold(text_of(options->headers[k].name), text_of(header->name));
        if (!replaced && MHD_add_response_header(response, header->name, header->value) != MHD_YES)
            return false;
    }
    return true;
}

static bool add_headers(const struct http *http, struct MHD_Response *response, const char *content_type,
                        const struct http_field *own, size_t n)
{
    if (content_type && MHD_add_response_header(response, "Content-Type", content_type) != MHD_YES)
        return false;
    for (size_t i = 0; i < n; i++)
        if (MHD_add_response_header(response, own[i].name.data, own[i].value.len ? own[i].value.data : "") != MHD_YES)
            return false;
    return add_common(http, response, own, n);
}

/* A large answer goes out piece by piece, so that its clock sees whether the client takes it. */
static ssize_t on_wants_piece(void *cls, uint64_t position, char *bytes, size_t max)
{
    struct client *client = cls;
    struct text rest = text_slice(buf_text(&client->exchange.answer.body), (size_t)position, SIZE_MAX);
    size_t n = rest.len < max ? rest.len : max;
    memcpy(bytes, rest.data, n);
    client->exchange.answer.given = position + n;
    return (ssize_t)n;
}

/* A small one is the library's: it takes the bytes and frees them by free(3), as buf does. */
static struct MHD_Response *response_of(struct client *client, struct buf *body)
{
    if (body->len == 0)
        return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    if (body->len > LIMIT_HTTP_WINDOW)
        return MHD_create_response_from_callback(body->len, LIMIT_HTTP_WINDOW / 4, on_wants_piece, client, NULL);
    struct MHD_Response *response = MHD_create_response_from_buffer(body->len, body->data, MHD_RESPMEM_MUST_FREE);
    if (response)
        *body = (struct buf){.max = body->max};
    return response;
}

static struct MHD_Response *answer_response(struct client *client)
{
    struct exchange *exchange = &client->exchange;
    struct answer *answer = &exchange->answer;
    struct MHD_Response *response =
        exchange->events.wanted ? events_response(client) : response_of(client, &answer->body);
    if (!response)
        return NULL;
    bool added = add_headers(client->http, response, answer->content_type, answer->headers, answer->n_headers);
    if (added && client->http->draining)
        added = MHD_add_response_header(response, "Connection", "close") == MHD_YES;
    if (added)
        return response;
    MHD_destroy_response(response);
    return NULL;
}

static struct MHD_Response *prepared_response(struct client *client, struct http_prepared *prepared)
{
    if (client->http->draining && !prepared->closes)
        prepared->closes = MHD_add_response_header(prepared->response, "Connection", "close") == MHD_YES;
    return prepared->response;
}

static uint64_t answer_size(const struct answer *answer)
{
    return answer->prepared ? answer->prepared->size : answer->body.len;
}

enum MHD_Result answer_send(struct client *client)
{
    struct exchange *exchange = &client->exchange;
    struct answer *answer = &exchange->answer;
    uint64_t size = answer_size(answer);
    bool streams = exchange->events.wanted;
    struct http_prepared *prepared = answer->prepared;
    struct MHD_Response *response = prepared ? prepared_response(client, prepared) : answer_response(client);
    enum MHD_Result queued = response ? MHD_queue_response(client->mhd, answer->status, response) : MHD_NO;
    if (response && !prepared)
        MHD_destroy_response(response);
    if (queued != MHD_YES) {
        log_line(LOG_ERROR, "http", "an answer %u could not be sent: the connection is closed", answer->status);
        return MHD_NO;
    }
    exchange->state = EX_SENT;
    if (streams)
        client_due_never(client);
    else if (answer->body.len > 0) /* it goes out in pieces, and is looked at again */
        client_due_in(client, client->http->options.idle_ms);
    else
        client_due_in(client, client->http->options.idle_ms + (int64_t)(size * 1000 / LIMIT_HTTP_RATE));
    return MHD_YES;
}

/* --- prepared ------------------------------------------------------------------------------------------------------ */

static bool prepared_add(const struct http *http, struct MHD_Response *response, const char *content_type,
                         const struct http_header *headers, size_t n)
{
    struct http_field own[16];
    if (n > ARRAY_LEN(own))
        return false;
    for (size_t i = 0; i < n; i++) {
        own[i] = (struct http_field){text_of(headers[i].name), text_of(headers[i].value)};
        if (!can_stand_in_header(headers[i].name, own[i].value))
            return false;
    }
    return add_headers(http, response, content_type, own, n);
}

struct http_prepared *http_prepare(const struct http *http, unsigned status, const char *content_type, struct text body,
                                   const struct http_header *headers, size_t n_headers)
{
    struct http_prepared *prepared = calloc(1, sizeof *prepared);
    if (!prepared)
        return NULL;
    *prepared = (struct http_prepared){.status = status, .size = body.len};
    prepared->response = MHD_create_response_from_buffer(body.len, (void *)(uintptr_t)body.data, MHD_RESPMEM_MUST_COPY);
    if (prepared->response && prepared_add(http, prepared->response, content_type, headers, n_headers))
        return prepared;
    http_prepared_free(prepared);
    return NULL;
}

void http_prepared_free(struct http_prepared *prepared)
{
    if (!prepared)
        return;
    if (prepared->response)
        MHD_destroy_response(prepared->response);
    free(prepared);
}

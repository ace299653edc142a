/* bridge/http/http.h
 *
 * Requests in: libmicrohttpd inside the loop, one route table, and an operation for each request.
 *
 *     head complete ─> shape (400, 501) ─> admit ─> route (404, 405) ─> limits (411, 413) ─> body ─> steps ─> reply
 *
 * A route names the steps of an operation (loop/op.h); each finds its request with http_request_of(op). A step answers
 * by `return http_reply...(request, ...)`, which ends the operation; the answer goes out when it has ended. An
 * operation that ends with an error and without a reply is answered from the error's code (http_status_of), and logged
 * here, once, where it is our fault.
 *
 * What libmicrohttpd would let pass is refused before routing, with 400 and the connection closed: Content-Length and
 * Transfer-Encoding together or twice, a coding other than chunked or one in HTTP/1.0, no Host or several, another
 * version than 1.0 and 1.1; lines that end in a bare line feed, folded ones, NULs, header names that are no tokens,
 * control characters in values; a target that does not begin with "/", that holds raw blanks, control characters or
 * bytes beyond ASCII, escapes that are broken or decode to a slash (in the path), to NUL, to control characters or to
 * bad UTF-8. A chunked body gets 411: a length is needed everywhere. A method that stands in no row of the table (TRACE
 * and CONNECT never do) gets 501, one that this address does not have 405 with Allow; HEAD is answered wherever GET is.
 * Segments "." and "..", and empty ones, match no route: 404.
 *
 * A body refused by its head is swallowed up to LIMIT_HTTP_SWALLOW so that the client reads why; a larger one, or one
 * announced by Expect: 100-continue, is answered before it comes and the connection closed.
 *
 * A client that leaves cancels its operation, at the latest two ticks of the clock later (a tick is an eighth of the
 * shortest of the times below, and at most a second). Closing the sending side alone counts as leaving.
 *
 * Every connection has a clock of ours: the head must be complete within head_ms (the first from the connect, later
 * ones within idle_ms of the last answer); a body must come at LIMIT_HTTP_RATE and never stand still for body_ms; an
 * answer must be taken within idle_ms and its time at that rate, and of a large one some more every idle_ms. Who is
 * slower is cut by shutdown(2).
 *
 * Everything here is for the loop thread, but for the http_reply functions, which any step may call.
 */
#ifndef SKEIN_HTTP_HTTP_H
#define SKEIN_HTTP_HTTP_H

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/text.h"
#include "loop/op.h"

#include <netinet/in.h>

struct http;
struct http_request;
struct http_prepared;

/* --- routes -------------------------------------------------------------------------------------------------------- */

enum http_body {
    HTTP_BODY_NONE,   /* a body gets 413 */
    HTTP_BODY_WHOLE,  /* the steps begin when it is complete, in request->body; without a length it is empty */
    HTTP_BODY_STREAM, /* the steps begin with the head and take it piece by piece; a length is needed (411) */
};

#define HTTP_PARAMS_MAX 4 /* ":names" in one path */

struct http_route {
    const char *method; /* "GET", "POST", ...; HEAD comes with GET */
    const char *path;   /* "/api/v1/communities/:slug": a segment that begins with ":" matches any one segment */
    const struct op_step *steps;
    enum http_body body;
    size_t body_limit; /* bytes; a longer body gets 413 before it is read */
    size_t state_size; /* request->state: zeroed bytes for the steps; 0: none */
};

struct http_header {
    const char *name;
    const char *value;
};

/* On every answer, unless the reply set one of the same name. The page's answers bring their own
 * Content-Security-Policy. */
extern const struct http_header http_security_headers[];
extern const size_t n_http_security_headers;

struct http_options {
    struct text listen; /* "127.0.0.1:8080", "[::1]:8080"; port 0: any (http_port tells). "unix:PATH": a socket for this
                           user alone (0600); whoever listens there knows that nobody else does, since a socket that
                           lies there is taken for one left behind, and its place taken */
    const struct http_route *routes; /* borrowed, static */
    size_t n_routes;
    const struct http_header *headers; /* borrowed, static; more for every answer, before the security headers */
    size_t n_headers;
    void *app;     /* borrowed; request->app */
    bool tell_all; /* also what is wrong on our side: only the operator can ask here. Otherwise the log alone has it */

    /* Called once for each well-formed request before routing (Host and Origin checks): 0, or the result of
     * http_reply_error. NULL: everybody is admitted. */
    int (*admit)(struct http_request *request);

    /* 0: the limit of base/limits.h. */
    unsigned connections; /* LIMIT_HTTP_CONNECTIONS */
    int64_t head_ms;      /* LIMIT_HTTP_HEAD_MS */
    int64_t body_ms;      /* LIMIT_HTTP_BODY_MS */
    int64_t idle_ms;      /* LIMIT_HTTP_IDLE_MS */
    int64_t heartbeat_ms; /* LIMIT_HTTP_HEARTBEAT_MS */
    int64_t drain_ms;     /* LIMIT_HTTP_DRAIN_MS */
    size_t events_queue;  /* LIMIT_HTTP_EVENTS_QUEUE */
};

/* Listens. NULL and a sentence: the address cannot be read or is taken, or a row of the table can never be reached or
 * is malformed (E_BUG). Stops by itself with the loop. */
struct http *http_new(struct loop *loop, const struct http_options *options, struct err *err);

/* Frees. After loop_run has returned 0. */
void http_free(struct http *http);

/* The port it listens on; 0 for a Unix socket. */
uint16_t http_port(const struct http *http);

/* The orderly stop, which the loop's stop also begins: no new connections, a Unix socket's file is gone, event streams end, running requests are
 * answered with Connection: close; after drain_ms what is left is cut. Ends by itself when nothing is left. */
void http_stop(struct http *http);

struct http_counts {
    uint64_t requests;    /* ended, however */
    uint64_t by_class[6]; /* of them, by first digit of the status; [0]: no answer was sent */
    uint64_t slow;        /* connections cut by our clock */
    uint64_t events_slow; /* event streams dropped because the client read too slowly */
    size_t connections;   /* open now */
    size_t streams;       /* open event streams */
};
void http_counts(const struct http *http, struct http_counts *ret_counts);

/* --- a request ----------------------------------------------------------------------------------------------------- */

struct http_field {
    struct text name;
    struct text value;
};

struct http_request {
    struct op op;
    const struct http_route *route;      /* borrowed; NULL in admit */
    const char *method;                  /* borrowed, until the request ends: "GET"; a HEAD is "HEAD" */
    void *app;                           /* borrowed; the options' */
    void *state;                         /* in op.arena; route->state_size bytes */
    struct text path;                    /* decoded; valid UTF-8 without control characters */
    struct text params[HTTP_PARAMS_MAX]; /* decoded, in the order of the route's path; never empty */
    const struct http_field *query;      /* decoded, in the order of the target; "+" is a space */
    size_t n_query;
    struct text body; /* HTTP_BODY_WHOLE; any bytes */
    struct text host; /* the Host header: only letters, digits and ".-:[]_" */
};

static inline struct http_request *http_request_of(struct op *op)
{
    return CONTAINER_OF(op, struct http_request, op);
}

/* The segment that ":name" of the route's path matched; empty where the path has no such name. Any thread. */
struct text http_param(const struct http_request *request, const char *name);

/* The first value under this name; false where there is none. Any thread. */
bool http_query(const struct http_request *request, const char *name, struct text *ret_value);

/* A header (any case) or cookie of the request, the first of this name; empty where there is none. On the loop thread;
 * valid until the step returns. Values hold no control characters but may be any bytes otherwise. */
struct text http_header(const struct http_request *request, const char *name);
struct text http_cookie(const struct http_request *request, const char *name);

/* Where the request came from; v4-mapped addresses as AF_INET. On the loop thread. False where nobody knows. */
bool http_peer(const struct http_request *request, struct sockaddr_storage *ret_peer);

/* --- bodies as they come ------------------------------------------------------------------------------------------- */

enum http_body_state {
    HTTP_BODY_DATA, /* ret_bytes holds some; valid until the next call, also for steps on other threads */
    HTTP_BODY_WAIT, /* none yet: return http_body_wait(request, this_step) */
    HTTP_BODY_END,  /* the whole body was taken */
};

/* For steps ON_LOOP of HTTP_BODY_STREAM routes. Before the first call nothing is read of a body that has not come with
 * its head; while the steps are busy at most LIMIT_HTTP_WINDOW is read ahead, then the client waits. A client that
 * leaves cancels the operation. An operation that ends before the body does is answered after it. */
enum http_body_state http_body_next(struct http_request *request, struct text *ret_bytes);
int http_body_wait(struct http_request *request, op_step_fn *step);

/* --- replies ------------------------------------------------------------------------------------------------------- */

/* Each returns OP_DONE, or E_NOMEM and the like: `return` it from a step. The last reply before the operation ends is
 * the one that is sent. content_type is static. The body is copied. */
int http_reply(struct http_request *request, unsigned status, const char *content_type, struct text body);

/* Takes the bytes out of `body`, which is empty afterwards. */
int http_reply_buf(struct http_request *request, unsigned status, const char *content_type, struct buf *body);

/* application/json; the value stays the caller's. */
int http_reply_json(struct http_request *request, unsigned status, const json_t *value);

/* {"error":{"code":...,"message":...,"field":...}}; field NULL: null. */
int http_reply_error(struct http_request *request, unsigned status, const char *code, const char *message,
                     const char *field);

/* A header for the answer, whichever reply it will be (not a prepared one); instead of a security header of this name,
 * beside an earlier one of this call. Returns 0, E_NOMEM, or E_BUG where name or value cannot stand in a header. */
int http_reply_header(struct http_request *request, const char *name, struct text value);

/* The status for an error code of base/err.h: E_NOT_FOUND 404, E_BUG 500. */
unsigned http_status_of(int code);

/* An answer made once and sent often: for pages that do not change. All its headers are given here, beside those of
 * every answer. NULL: no memory, or a header cannot stand in an answer. */
struct http_prepared *http_prepare(const struct http *http, unsigned status, const char *content_type, struct text body,
                                   const struct http_header *headers, size_t n_headers);
int http_reply_prepared(struct http_request *request, struct http_prepared *prepared); /* it must outlive the step */
void http_prepared_free(struct http_prepared *prepared); /* answers on their way keep what they need */

/* --- server-sent events -------------------------------------------------------------------------------------------- */

/* Turns the answer into a stream of events; return its result. The operation ends and the stream goes on: on_close is
 * called once, on the loop, when it has ended for whatever reason (the client left or was too slow, http_events_end,
 * the stop); until then http_events_send may be called with the request. A heartbeat goes out every heartbeat_ms. */
int http_events_start(struct http_request *request, void (*on_close)(struct http_request *request, void *context),
                      void *context);

/* Sends an event; data may hold line feeds. Returns 0, or E_TOO_LARGE where the client is events_queue bytes behind:
 * then the stream is cut, and on_close comes. Does nothing on a stream that ends. */
int http_events_send(struct http_request *request, struct text event, struct text data);

/* Ends the stream after what was sent. */
void http_events_end(struct http_request *request);

#endif

/* tests/lib/script_server.h
 *
 * An HTTP/1.1 server on 127.0.0.1 that answers as it was told, misbehaves as it was told, and remembers what it was
 * asked.
 *
 *     struct script_server *server = script_server_new(uv);
 *     script_server_on(server, "GET /list", (struct script_answer){.status = 503, .headers = "Retry-After: 1"});
 *     script_server_on(server, "GET /list", (struct script_answer){.body = "[]"});
 *     ... ask script_server_url(server, "/list") until something happens ...
 *     assert_int_equal(script_server_hits(server, "GET /list"), 2);
 *     script_server_close(server);       and let the loop run until its handles are closed
 *
 * A pattern is "METHOD /path", "METHOD /path?query" or "METHOD host/path": without a query any query fits, without a
 * host any Host; "*" fits every method. The answers of one pattern come in the order in which they were given, and the
 * last one for ever. The pattern that was given first decides. What fits none is answered 404 {"error":"NotScripted"}.
 *
 * Connections are kept alive unless an answer ends them. Runs on the loop of the test, one thread; without memory it
 * aborts.
 */
#ifndef SKEIN_TESTS_LIB_SCRIPT_SERVER_H
#define SKEIN_TESTS_LIB_SCRIPT_SERVER_H

#include "base/text.h"

#include <uv.h>

struct script_server;

enum script_how {
    SCRIPT_LENGTH,      /* head with Content-Length, body */
    SCRIPT_CHUNKED,     /* body in chunks of about 1 KiB */
    SCRIPT_UNTIL_CLOSE, /* no length: the end of the connection ends the body */
    SCRIPT_RAW,         /* `body` instead of an HTTP answer, then the end of the connection */
    SCRIPT_CLOSE,       /* the connection ends without a word */
    SCRIPT_RESET,       /* the same, by RST */
    SCRIPT_CUT,         /* head, half of the body, end of the connection */
    SCRIPT_STALL,       /* head, half of the body, then nothing more */
    SCRIPT_NEVER,       /* nothing, and the connection stays */
};

struct script_answer {
    int status;          /* 0: 200 */
    const char *headers; /* lines, "\n" between them: "Retry-After: 1\nContent-Type: text/plain" */
    const char *body;    /* NULL: empty */
    size_t body_len;     /* 0: up to the NUL */
    size_t body_repeat;  /* > 0: the body again and again until it has this many bytes, made while it is sent */
    int64_t delay_ms;    /* before the first byte */
    enum script_how how;
};

struct script_request {
    const char *method;
    const char *target; /* "/path?query" */
    const char *host;   /* of the Host header, without port */
    const char *head;   /* request line and headers as they came */
    struct text body;
    unsigned connection; /* the how-manyeth it came on, from 1 */
    uint64_t at_ms;      /* uv_now */
};

/* Listens on a free port. */
struct script_server *script_server_new(uv_loop_t *loop);

/* Ends every connection and frees itself in the next turns of the loop. */
void script_server_close(struct script_server *server);

unsigned script_server_port(const struct script_server *server);

/* "http://127.0.0.1:<port>" and the path; belongs to the server. */
const char *script_server_url(struct script_server *server, const char *path);

/* Texts are copied. */
void script_server_on(struct script_server *server, const char *pattern, struct script_answer answer);

/* An answer made for each request; what it points to must live until the next one. */
typedef void script_fn(void *context, const struct script_request *request, struct script_answer *ret_answer);
void script_server_call(struct script_server *server, const char *pattern, script_fn *fn, void *context);

/* Forgets every pattern, keeps what was recorded. */
void script_server_forget(struct script_server *server);

/* Requests so far that fit the pattern; NULL: all. */
size_t script_server_hits(const struct script_server *server, const char *pattern);

/* The i-th request, from 0; belongs to the server. NULL behind the last. */
const struct script_request *script_server_request(const struct script_server *server, size_t i);

/* A header of the request; empty where it has none. */
struct text script_request_header(const struct script_request *request, const char *name);

/* Connections accepted; the most requests that were without their whole answer at one time. */
unsigned script_server_connections(const struct script_server *server);
unsigned script_server_most_at_once(const struct script_server *server);

#endif

/* bridge/http/inside.h
 *
 * What the files of this room know of each other; for this room alone.
 *
 *     server.c   the daemon in the loop: driving it, stopping
 *     listen.c   the socket that it listens on
 *     client.c   connections: their clock, suspending and resuming, noticing that the client left
 *     exchange.c one request: from its head to the end of its answer
 *     shape.c    which heads are well formed
 *     target.c   the request target, decoded
 *     route.c    the route table
 *     body.c     bodies as they come
 *     request.c  what steps may ask of it
 *     reply.c    answers
 *     events.c   server-sent events
 *
 * A client's record (struct client) and that of its request (struct exchange, inside it) are one piece of memory: a
 * connection has one request at a time. It lives until the connection is closed and the operation has ended, whichever
 * comes last.
 */
#ifndef SKEIN_HTTP_INSIDE_H
#define SKEIN_HTTP_INSIDE_H

#include "http/http.h"
#include "loop/loop.h"

#include <microhttpd.h>

/* --- route.c --- */
#define SEGMENTS_MAX 12

struct route {
    const struct http_route *row; /* borrowed */
    size_t n_segments;
    struct text segments[SEGMENTS_MAX]; /* borrowed from row->path; ":name" for any */
};

struct route_table {
    struct route *routes; /* owned */
    size_t n;
};

int route_table_init(struct route_table *table, const struct http_route *rows, size_t n, struct err *err);
void route_table_release(struct route_table *table);

/* The row for this method and path, with its parameters. NULL: *ret_status is 404, 405 or 501. */
const struct http_route *route_find(const struct route_table *table, const char *method, struct text path,
                                    struct text *ret_params, unsigned *ret_status);

/* "GET, HEAD, POST": the methods that this path has. */
#define ALLOW_MAX 128
void route_allow(const struct route_table *table, struct text path, char ret_allow[ALLOW_MAX]);

/* --- target.c --- */
/* Decodes a raw target in place. NULL, or what is wrong with it. */
const char *target_decode(char *target, size_t len, struct arena *arena, struct text *ret_path,
                          const struct http_field **ret_query, size_t *ret_n_query);

/* --- shape.c --- */
struct head {
    uint64_t length; /* of the body; 0 where has_length is false */
    bool has_length;
    bool chunked;
    bool expects; /* Expect: 100-continue */
    struct text host;
};

/* NULL, or what is wrong with the head. `raw` is where libmicrohttpd keeps the target. */
const char *head_read(struct MHD_Connection *mhd, const char *method, const char *version, const char *raw,
                      size_t target_len, struct head *ret_head);

/* --- a request --- */
enum exchange_state {
    EX_NONE,    /* between requests */
    EX_HEAD,    /* the target has come */
    EX_BODY,    /* the head is good; the body comes, and perhaps the operation runs */
    EX_SWALLOW, /* refused: the body comes and is dropped */
    EX_RUN,     /* the whole request has come; the operation runs */
    EX_SENT,    /* the answer is libmicrohttpd's */
};

/* An answer under construction. The steps' thread owns it until the operation has ended. */
struct answer {
    unsigned status; /* 0: none yet */
    const char *content_type;
    struct buf body;
    struct http_prepared *prepared; /* borrowed until it is sent */
    uint64_t given;                 /* bytes of a large body that libmicrohttpd has asked for */
    uint64_t taken;                 /* of them, acknowledged by the client when its clock last looked */
    struct http_field *headers;     /* in the operation's arena; NUL-terminated texts */
    size_t n_headers;
};

struct events {
    bool wanted; /* http_events_start was called, and on_close was not */
    bool sent;   /* the head is on its way */
    bool ending; /* nothing more is added */
    bool gone;   /* the client left or was too slow */
    struct buf queue;
    void (*on_close)(struct http_request *request, void *context);
    void *context;       /* borrowed */
    uint64_t written_ms; /* when something was last put into the queue */
};

struct window {
    struct buf halves[2];
    unsigned filling; /* the half that libmicrohttpd's bytes go into; the other is the taker's */
    bool asked;       /* http_body_next was called */
    bool wanted;      /* the taker waits for bytes */
    bool full;        /* libmicrohttpd was suspended because the half is full */
};

#define TARGET_ROOM 256

struct exchange {
    struct http_request request; /* first: what the steps see */
    enum exchange_state state;
    bool op_runs;
    bool op_ended;
    bool held;     /* suspended before the body: the taker has not asked for it yet */
    bool complete; /* the whole body has come */
    struct head head;
    uint64_t received; /* bytes of the body */
    struct buf body;   /* HTTP_BODY_WHOLE */
    struct window window;
    struct answer answer;
    struct events events;
    const char *raw; /* where libmicrohttpd keeps the target; for its address alone */
    char *target;    /* room, or in the operation's arena */
    size_t target_len;
    char room[TARGET_ROOM];
};

/* --- a connection --- */
struct watch; /* libuv's handle, which may outlive the client */

struct client {
    struct exchange exchange;
    struct http *http;          /* borrowed */
    struct MHD_Connection *mhd; /* borrowed; NULL once it is closed */
    struct client *older;       /* borrowed; the server's list */
    struct client *newer;       /* borrowed */
    struct watch *watch;        /* owned until it is handed to uv_close */
    int fd;                     /* borrowed */
    unsigned ticks;             /* of the clock, since the operation began */
    uint64_t due_ms;            /* uv_now; when it is cut; UINT64_MAX: never */
    bool suspended;
    bool abandoned;  /* the next call of the access handler closes it */
    bool in_handler; /* the access handler is on the stack */
};

static inline struct exchange *exchange_of(struct http_request *request)
{
    return CONTAINER_OF(request, struct exchange, request);
}

static inline struct client *client_of(struct http_request *request)
{
    return CONTAINER_OF(exchange_of(request), struct client, exchange);
}

void client_suspend(struct client *client);
void client_resume(struct client *client);
void client_cut(struct client *client); /* shutdown(2): libmicrohttpd closes it when it next looks */
void client_due_in(struct client *client, int64_t ms);
void client_due_never(struct client *client);
void client_watch(struct client *client); /* notices that the client leaves while it is suspended */
void client_left(struct client *client);
void client_drop(struct client *client); /* frees it where nothing needs it any more */
void on_client(void *cls, struct MHD_Connection *mhd, void **context, enum MHD_ConnectionNotificationCode code);
void on_tick(uv_timer_t *tick);

/* --- exchange.c --- */
void *on_target(void *cls, const char *target, struct MHD_Connection *mhd);
enum MHD_Result on_access(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
                          const char *version, const char *data, size_t *n_data, void **context);
void on_completed(void *cls, struct MHD_Connection *mhd, void **context, enum MHD_RequestTerminationCode code);

/* --- body.c --- */
/* Takes what fits of libmicrohttpd's bytes. */
int body_add(struct exchange *exchange, const char *data, size_t *n_data);
void body_completed(struct exchange *exchange);
void body_release(struct exchange *exchange);

/* --- reply.c --- */
/* Queues the answer. */
enum MHD_Result answer_send(struct client *client);
/* Makes one from the error of an operation that left none. */
void answer_from_error(struct exchange *exchange);
void answer_clear(struct answer *answer);
/* The clock looks: has the client taken enough of a large answer since it looked last? */
bool answer_is_taken(struct client *client);

struct http_prepared {
    struct MHD_Response *response; /* owned */
    unsigned status;
    uint64_t size;
    bool closes; /* Connection: close was added */
};

/* --- events.c --- */
struct MHD_Response *events_response(struct client *client);
void events_tick(struct client *client, uint64_t now_ms);
void events_over(struct exchange *exchange); /* on_close, once */

/* --- listen.c --- */
struct listener {
    int fd;        /* the daemon's, once that has started */
    uint16_t port; /* 0: a Unix socket */
    char *path;    /* owned; of a Unix socket, until it is taken away */
};

int listener_open(struct listener *listener, struct text listen_at, struct err *err);
void listener_forget(struct listener *listener); /* takes a Unix socket's file away; the descriptor stays open */

/* --- server.c --- */
struct http {
    struct loop *loop;           /* borrowed */
    struct http_options options; /* with the limits filled in */
    struct route_table routes;
    struct MHD_Daemon *daemon; /* owned; NULL once it is stopped */
    struct client *newest;     /* every connection */
    struct http_counts counts;
    size_t in_flight; /* requests from their target to the end of their answer */
    struct listener listener;
    bool draining;
    bool driving;             /* MHD_run is on the stack */
    bool kicked;              /* MHD_run has something to do that its epoll does not tell */
    unsigned handles;         /* of those below, open */
    uv_poll_t poll;           /* libmicrohttpd's epoll */
    uv_prepare_t before_wait; /* drives it once more where it was kicked */
    uv_idle_t kick;           /* keeps the loop from waiting; active while kicked */
    uv_timer_t tick;          /* the connections' clock; active while there are any */
    uv_timer_t drain;
};

void http_kick(struct http *http);
uint64_t http_now(const struct http *http);

#endif

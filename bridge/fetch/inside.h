/* bridge/fetch/inside.h
 *
 * What the files of fetch know of each other: the client, its hosts, its calls. Nobody else includes this.
 *
 *     fetch.c  the client and the public functions      call.c  the life of one request
 *     host.c   the table of hosts, their accounts       try.c   one try as one curl handle
 *     queue.c  who may go now, and to which address
 *
 * Callbacks of users (done, before_attempt) are called from alarms alone, never from inside curl or c-ares, so they may
 * send, cancel and close as they like.
 */
#ifndef SKEIN_FETCH_INSIDE_H
#define SKEIN_FETCH_INSIDE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "fetch/alarm.h"
#include "fetch/budget.h"
#include "fetch/circuit.h"
#include "fetch/curl_loop.h"
#include "fetch/dns.h"
#include "fetch/fetch.h"
#include "fetch/outcome.h"
#include "fetch/ratelimit.h"
#include "fetch/url.h"

/* --- the client -----------------------------------------------------------------------------------------------------*/

struct counts {
    struct fetch_count *items; /* owned */
    size_t count;
    size_t size;
};

struct fetch {
    const struct clock *clock;          /* borrowed */
    const struct random_source *random; /* borrowed */
    struct alarms *alarms;              /* owned, as the next two; closed last */
    struct dns *dns;
    struct curl_loop *curl;
    struct fetch_timing timing; /* no zeros */
    bool allow_loopback;
    char *user_agent; /* owned */
    char *ca_file;    /* owned; NULL: the system's */
    bool has_detour;
    struct address detour;
    unsigned detour_port;

    struct map hosts;         /* by key; owned */
    struct host *crowded;     /* borrowed: wait for a try of another host to end */
    unsigned under_way;       /* tries, to all hosts */
    struct fetch_call *calls; /* owned: every call, in any state */
    struct http_call *ended;  /* borrowed: wait for their callback */
    struct alarm deliver;     /* calls it */
    uint64_t next_place;      /* in the queues */
    struct counts counts;
    bool closing;
    void (*closed)(void *context);
    void *closed_context; /* borrowed */
};

/* NULL without memory. Valid until the next count_of. */
struct fetch_count *count_of(struct fetch *fetch, const char *label);

/* --- hosts ----------------------------------------------------------------------------------------------------------*/

/* Calls that the host counts for one account. */
struct quota {
    struct host *host; /* borrowed */
    char *account;     /* owned */
    int64_t until_ms;  /* monotonic: nothing for it goes before */
    unsigned silent;   /* 429s in a row that named no time */
    unsigned calls;    /* that refer to it */
};

struct host {
    struct fetch *fetch; /* borrowed */
    char *key;           /* owned: its origin */
    char *name;          /* owned: of the host alone */
    bool literal;        /* an address, or localhost: no look-up */
    bool configured;     /* never forgotten */
    unsigned calls;      /* in any state */
    unsigned under_way;  /* tries */
    struct budget budget;
    struct circuit circuit;
    int64_t until_ms; /* monotonic: nothing goes before */
    unsigned silent;  /* 429s in a row that named no time */
    struct map quotas;
    struct http_call *queue; /* borrowed; by place */
    struct alarm turn;       /* looks whether somebody may go */
    struct dns_query *lookup;
    struct address addresses[DNS_ADDRESSES_MAX]; /* vetted */
    size_t n_addresses;
    int64_t addresses_until_ms;
    bool is_crowded; /* in fetch->crowded */
    struct host *prev;
    struct host *next;
};

/* The host of a URL, made where it is new; NULL without memory. */
struct host *host_of(struct fetch *fetch, const struct url *url);
void host_free(struct host *host);

void host_configure(struct host *host, struct fetch_rate rate);

/* A call begins, and ceases, to belong to the host: kept, queued, sent or pausing. */
int host_enter(struct host *host, struct http_call *call);
void host_leave(struct http_call *call);

/* In its place in the queue, by age; and out of it. */
void host_queue(struct http_call *call);
void host_unqueue(struct http_call *call);

/* Looks at the queue at the next turn; now. */
void host_wake(struct host *host);
void host_turn(struct host *host);

/* A try of the call has ended (or was cut off): its slot is free. */
void host_try_over(struct http_call *call);

/* The try's answer asks for a pause. */
bool host_is_asked_to_pause(const struct http_call *call);

/* What the try's answer says of limits: stops the queue of the host or of the account; a try that was refused also
 * costs rate. */
void host_learn_limits(struct http_call *call, bool refused);

/* The pause that holds the call back: monotonic end, or 0. */
int64_t host_pause_of(const struct http_call *call);

/* Forgets addresses that did not answer. */
void host_doubt_addresses(struct host *host);

/* --- calls ----------------------------------------------------------------------------------------------------------*/

struct fetch_call {
    struct fetch *fetch; /* borrowed */
    void (*cancel)(struct fetch_call *call);
    struct fetch_call *prev;
    struct fetch_call *next;
};

enum call_state {
    CALL_QUEUED,  /* in the host's queue */
    CALL_SENT,    /* with curl */
    CALL_PAUSING, /* until its back-off is over */
    CALL_ENDED,   /* in fetch->ended */
};

/* One try: everything of it goes when the next begins. */
struct fetch_attempt {
    CURL *easy;                 /* owned; NULL: none under way */
    struct curl_slist *headers; /* owned */
    struct curl_slist *pin;     /* owned */
    struct arena arena;         /* owned: what before_attempt gave */
    struct fetch_header *signed_headers;
    size_t n_signed;
    struct buf head; /* owned: header lines of the answer */
    bool head_whole;
    struct buf body; /* owned */
    long status;
    int64_t sent_ms;
    bool probe; /* of the host's circuit */
    bool guarded;
    bool too_large;
    bool no_memory;
    char words[CURL_ERROR_SIZE]; /* curl's own, on failure */
};

struct http_call {
    struct fetch_call base;
    struct fetch_request request; /* its texts in the arena */
    struct arena arena;           /* owned */
    fetch_done_fn *done;
    void *context; /* borrowed */
    enum call_state state;
    struct url url;      /* owned: of this hop */
    struct host *host;   /* borrowed; NULL: refused before it had one */
    struct quota *quota; /* borrowed; NULL: counted for nobody */
    uint64_t place;      /* in queues: older calls first */
    struct http_call *prev;
    struct http_call *next; /* of the queue or of fetch->ended */
    struct alarm deadline;
    struct alarm pause;
    struct fetch_attempt attempt;
    unsigned tries; /* of this hop */
    unsigned redirects;
    bool foreign;   /* redirected to another origin */
    bool sent;      /* bytes of it left us, in whichever try */
    struct err err; /* code and sentence of the end; of the last failure before it */
    int64_t again_ms;
};

/* A new call with copies of what the request points to; NULL without memory. */
struct http_call *call_new(struct fetch *fetch, const struct fetch_request *request, fetch_done_fn *done,
                           void *context);

/* Into its host's queue, or refused. */
void call_begin(struct http_call *call);

bool call_may_repeat(const struct http_call *call);

/* The host lets it go: sends a try. */
void call_go(struct http_call *call);

/* Ends the call: done is called at the next turn. err is set already. */
void call_end(struct http_call *call);

/* A try failed, sent or not (a look-up): err tells how. Again after a pause, or the end. */
void call_failed(struct http_call *call, bool may_repeat);

/* Ends a call that may not be asked again before `until_ms` (monotonic), and has no time to wait. */
void call_end_limited(struct http_call *call, int64_t until_ms);

/* Calls `done` of every call that has ended. */
void call_deliver_ended(struct fetch *fetch);

/* curl is through with the try. */
void call_try_ended(struct http_call *call, CURLcode result);

/* --- tries ----------------------------------------------------------------------------------------------------------*/

/* Makes the curl handle and hands it to the loop. Returns 0, or the code with which the call ends. */
int try_start(struct http_call *call, struct err *err);

/* Bytes of the request left us; while its handle is there. */
bool try_was_sent(const struct fetch_attempt *attempt);

/* Takes the handle away from curl and frees it; the answer stays. */
void try_stop(struct http_call *call);

/* Frees everything of the last try. */
void try_clear(struct fetch_attempt *attempt);

/* A header line of the last try's answer. */
struct text try_header(const struct fetch_attempt *attempt, const char *name);

/* Can be sent as it is: no line breaks, a name of token characters. */
bool header_is_sound(const struct fetch_header *header);

#endif

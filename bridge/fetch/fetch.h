/* bridge/fetch/fetch.h
 *
 * Requests out: libcurl and c-ares on the loop, behind one guard, one budget and one circuit for each host.
 *
 *     fetch_send ─> in the host's queue ─> budget and circuit let it go ─> DNS, vetted ─> sent, pinned to that address
 *                        ▲                                                                   │
 *                        └──── back-off with jitter, Retry-After, RateLimit-Reset ◄── 429, 5xx, connection lost
 *
 * - Address guard: https only, port 443, names of at least two labels, and after DNS only addresses that are public
 *   unicast; the connection is pinned to the address that was vetted. allow_loopback lifts this for 127.0.0.0/8 and
 *   ::1 alone, over http and any port (tests, closed networks).
 * - Each host has one budget (requests a second, at once) for the whole server, and a circuit: after
 *   FETCH_CIRCUIT_FAILURES failures in a row nothing is sent but one probe at a time with growing pauses, and everyone
 *   waits for it until their own deadline.
 * - A 429 or 503 with Retry-After or RateLimit-Reset stops the host's queue until then, for everybody.
 * - Only GET is repeated without being asked; a POST goes out once unless the request says it may be repeated.
 * - Answers over response_max end the request with E_TOO_LARGE; redirects are errors unless asked for.
 *
 * Everything here is for the loop thread.
 */
#ifndef SKEIN_FETCH_FETCH_H
#define SKEIN_FETCH_FETCH_H

#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"

struct loop;
struct fetch;
struct fetch_call;

/* Failures in a row that open a host's circuit (design: "after five failures one probe with back-off"). */
#define FETCH_CIRCUIT_FAILURES 5

struct fetch_options {
    bool allow_loopback;                /* requests may reach 127.0.0.1 over http */
    struct text dns_servers;            /* "127.0.0.1:5353" for tests; empty: the system's */
    struct text user_agent;             /* empty: "Skein/<version>" */
    const struct clock *clock;          /* borrowed; NULL: clock_system */
    const struct random_source *random; /* borrowed; NULL: random_system */
};

/* Makes the client. NULL and a sentence where curl or c-ares cannot start. */
struct fetch *fetch_new(struct loop *loop, const struct fetch_options *options, struct err *err);

/* Cancels what is under way (their callbacks are not called) and frees. Closing handles needs turns of the loop:
 * `done` is called when nothing of it is left. */
void fetch_close(struct fetch *fetch, void (*done)(void *context), void *context);

/* How fast a host may be asked; hosts nobody configured have FETCH_DEFAULT_RATE. */
struct fetch_rate {
    double per_second; /* > 0 */
    unsigned burst;    /* requests that may go at once after a pause */
    unsigned at_once;  /* requests under way */
};
#define FETCH_DEFAULT_RATE ((struct fetch_rate){.per_second = 10, .burst = 10, .at_once = 6})
void fetch_set_rate(struct fetch *fetch, struct text url, struct fetch_rate rate); /* url: any URL of the host */

struct fetch_header {
    struct text name;
    struct text value;
};

struct fetch_attempt; /* one try of a request, for before_attempt */
/* Adds or replaces a header of this try only (a fresh DPoP proof). Returns 0 or E_NOMEM. */
int fetch_attempt_header(struct fetch_attempt *attempt, struct text name, struct text value);

struct fetch_request {
    const char *method; /* static: "GET", "POST"; NULL: GET */
    struct text url;
    const char *label;                  /* static: under what it is counted, e.g. "app.bsky.actor.getProfiles" */
    const struct fetch_header *headers; /* copied */
    size_t n_headers;
    struct text body;      /* copied; sent with the Content-Type among the headers */
    size_t response_max;   /* bytes of body; 0: 512 KiB (fetch-node's default for untrusted hosts) */
    int64_t deadline_ms;   /* for everything: queue, DNS, all tries; 0: 60 s */
    int64_t attempt_ms;    /* for one try; 0: 10 s */
    unsigned tries_max;    /* 0: 4 */
    bool may_repeat;       /* a POST that may safely be sent twice */
    bool follow_redirects; /* at most 3, each vetted like the first URL */
    int (*before_attempt)(struct fetch_attempt *attempt, void *context); /* signs each try anew; < 0 ends the call */
};

struct fetch_response {
    int code;           /* 0: an answer came (any final status). Else: E_RATE_LIMITED, E_UNAVAILABLE, E_TIMEOUT,
                           E_TOO_LARGE, E_FORBIDDEN (the guard), E_NOT_FOUND (no such host), E_PROTOCOL */
    const char *reason; /* one sentence where code < 0, naming the host; borrowed */
    long status;        /* of the last answer; 0 where none came */
    struct text body;   /* borrowed until the callback returns */
    const struct fetch_call *call; /* for fetch_header_of */
};

/* The last answer's header, case-insensitive; empty where it has none. Borrowed until the callback returns. */
struct text fetch_header_of(const struct fetch_response *response, const char *name);

typedef void fetch_done_fn(void *context, const struct fetch_response *response);

/* Starts a request; `done` is called exactly once, later, from the loop, never from inside fetch_send. Returns the call,
 * valid until done or fetch_cancel, or NULL without memory (then done is not called). */
struct fetch_call *fetch_send(struct fetch *fetch, const struct fetch_request *request, fetch_done_fn *done,
                              void *context);

/* Ends a call whose answer nobody wants; done is not called. */
void fetch_cancel(struct fetch_call *call);

/* DNS TXT records of a name, one view each, for handles. code as in fetch_response (E_NOT_FOUND: no such records). */
struct fetch_txt {
    int code;
    const char *reason;
    const struct text *records; /* borrowed until the callback returns */
    size_t n_records;
};
typedef void fetch_txt_fn(void *context, const struct fetch_txt *txt);
/* As fetch_send: done exactly once, later. deadline_ms 0: 3 s. */
struct fetch_call *fetch_txt(struct fetch *fetch, struct text name, int64_t deadline_ms, fetch_txt_fn *done,
                             void *context);

/* What was sent, by label, in the order of first use. Tries count: two tries are two requests. */
struct fetch_count {
    const char *label;
    uint64_t requests;
    uint64_t repeated; /* of them, tries after the first */
    uint64_t failed;   /* calls that ended with code < 0 */
};
size_t fetch_counts(const struct fetch *fetch,
                    const struct fetch_count **ret_counts); /* borrowed until the next send */

#endif

/* bridge/fetch/fetch.h
 *
 * Requests out: libcurl and c-ares on the loop, behind one guard, one budget and one circuit for each host.
 *
 *     fetch_send ─> in the host's queue ─> budget and circuit let it go ─> DNS, vetted ─> sent, pinned to that address
 *                        ▲                                                                   │
 *                        └──── back-off with jitter, Retry-After, RateLimit-Reset ◄── 429, 5xx, connection lost
 *
 * - Address guard: https only, port 443, names of at least two labels, and after DNS only addresses that are public
 *   unicast; the connection is pinned to the address that was vetted. allow_loopback lifts this for 127.0.0.0/8, ::1
 *   and "localhost" alone, over http and any port (tests, closed networks).
 * - Each host (scheme, name and port) has one budget (requests a second, at once) for the whole server, a queue that is
 *   first come, first served, and a circuit: after FETCH_CIRCUIT_FAILURES failures in a row nothing is sent but one
 *   probe at a time with growing pauses, and everyone waits for it until their own deadline.
 * - A 429, or a 503 with Retry-After, stops the host's queue until the time it names (Retry-After, RateLimit-Reset; else
 *   a growing pause), and so does an answer that says RateLimit-Remaining: 0. Who cannot wait that long is told at once
 *   with E_RATE_LIMITED. A call made for an `account` stops the calls for that account alone: a PDS counts writes for
 *   each account, and one member's must not stop a thousand others'. A 429 halves the host's rate, which then grows
 *   back slowly.
 * - Only GET and HEAD are repeated without being asked. Anything else goes out once unless the request says that it may
 *   be repeated; a try of which nothing was sent (no address, no connection) does not count as gone out.
 * - Answers over response_max, reckoned after decompression, end the request with E_TOO_LARGE; redirects are errors
 *   unless asked for.
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

/* Failures in a row that open a host's circuit (design: "after five failures one probe with back-off"). A failure is a
 * look-up, connection or answer that does not come, and a 5xx other than 501. */
#define FETCH_CIRCUIT_FAILURES 5

/* Pauses, in milliseconds; 0: what stands behind. For tests, which have no time. */
struct fetch_timing {
    int64_t retry_base_ms; /* before the second try, drawn from 0 to it, doubled at each; 250 */
    int64_t retry_most_ms; /* 10 s */
    int64_t probe_base_ms; /* before the first probe of an open circuit, doubled at each; 1 s */
    int64_t probe_most_ms; /* 60 s */
    int64_t pause_base_ms; /* after a 429 that names no time, doubled at each in a row; 1 s */
    int64_t pause_most_ms; /* of any pause a host asks for; LIMIT_PAUSE_MS */
};

struct fetch_options {
    bool allow_loopback;                /* requests may reach 127.0.0.1 over http */
    struct text dns_servers;            /* "127.0.0.1:5353" for tests; empty: the system's */
    struct text user_agent;             /* empty: "Skein/<version>" */
    struct text ca_file;                /* PEM; empty: the system's */
    const struct clock *clock;          /* borrowed; NULL: clock_system */
    const struct random_source *random; /* borrowed; NULL: random_system */
    struct fetch_timing timing;
    struct text
        detour; /* tests only, and only with allow_loopback: "127.0.0.1:8081". Every public name is looked up and
                           vetted as ever, and then asked there, over plain http, with its own name as Host */
};

/* Makes the client. NULL and a sentence where curl or c-ares cannot start. Texts are copied. SIGPIPE is ignored from here
 * on, where it had its default effect. */
struct fetch *fetch_new(struct loop *loop, const struct fetch_options *options, struct err *err);

/* Cancels what is under way (their callbacks are not called) and frees. Closing handles needs turns of the loop:
 * `done` is called when nothing of it is left. */
void fetch_close(struct fetch *fetch, void (*done)(void *context), void *context);

/* How fast a host may be asked; hosts nobody configured have FETCH_DEFAULT_RATE. */
struct fetch_rate {
    double per_second; /* > 0 */
    unsigned burst;    /* requests that may go at once after a pause; > 0 */
    unsigned at_once;  /* requests under way; > 0 */
};
#define FETCH_DEFAULT_RATE ((struct fetch_rate){.per_second = 10, .burst = 10, .at_once = 6})
/* url: any URL of the host. Returns 0, E_BAD_INPUT or E_FORBIDDEN (the URL, or a rate of 0), E_NOMEM. */
int fetch_set_rate(struct fetch *fetch, struct text url, struct fetch_rate rate);

struct fetch_header {
    struct text name;
    struct text value;
};

struct fetch_attempt; /* one try of a request, for before_attempt */
/* Adds or replaces a header of this try only (a fresh DPoP proof). Returns 0, E_BAD_INPUT or E_NOMEM. */
int fetch_attempt_header(struct fetch_attempt *attempt, struct text name, struct text value);

struct fetch_request {
    const char *method; /* static: "GET", "POST"; NULL: GET */
    struct text url;
    const char *label;                  /* static: under what it is counted, e.g. "app.bsky.actor.getProfiles" */
    const struct fetch_header *headers; /* copied */
    size_t n_headers;
    struct text body;      /* copied; sent with the Content-Type among the headers */
    struct text account;   /* copied; for whom the host counts it, e.g. the DID that writes: what the host says of its
                              limits then stops this account's calls alone. Empty: stops the host's */
    size_t response_max;   /* bytes of body; 0: LIMIT_RESPONSE */
    int64_t deadline_ms;   /* for everything: queue, DNS, all tries; 0: LIMIT_CALL_MS */
    int64_t attempt_ms;    /* for one try; 0: LIMIT_TRY_MS */
    unsigned tries_max;    /* 0: LIMIT_TRIES */
    bool may_repeat;       /* a POST that may safely be sent twice */
    bool secret;           /* passwords or tokens go or come: fetch's copies are wiped when the call goes */
    bool follow_redirects; /* GET and HEAD: at most LIMIT_REDIRECTS, each vetted like the first URL. Authorization, DPoP
                              and Cookie do not go to another origin, and with before_attempt nothing does */
    /* Signs each try anew; < 0 ends the call with that code. May call fetch_attempt_header and nothing else of fetch. */
    int (*before_attempt)(struct fetch_attempt *attempt, void *context);
};

struct fetch_response {
    int code;           /* 0: an answer came: any final status but 408, 429, 5xx other than 501, and redirects.
                             Else: E_RATE_LIMITED, E_UNAVAILABLE (no connection, 5xx), E_TIMEOUT, E_TOO_LARGE,
                             E_FORBIDDEN (the guard), E_NOT_FOUND (no such host), E_PROTOCOL (no HTTP, an untrusted
                             certificate, an unwanted redirect), E_BAD_INPUT (the request), E_NOMEM, or what
                             before_attempt returned */
    const char *reason; /* one sentence where code < 0, naming the host; borrowed */
    long status;        /* of the last try; 0 where it brought no answer */
    bool sent;          /* bytes of the request left us, in whichever try: false: the host cannot have heard of it */
    struct text body;   /* of the last try, also where code < 0; borrowed until the callback returns */
    int64_t again_ms;   /* wall time at which the host may be asked again, with E_RATE_LIMITED; 0: not known */
    const struct fetch_call *call; /* for fetch_header_of */
};

/* The last try's header, case-insensitive; empty where it has none. Borrowed until the callback returns. */
struct text fetch_header_of(const struct fetch_response *response, const char *name);

typedef void fetch_done_fn(void *context, const struct fetch_response *response);

/* Starts a request; `done` is called exactly once, later, from the loop, never from inside fetch_send: also where the
 * request is refused. `context` goes to before_attempt as well. Returns the call, valid until done or fetch_cancel, or
 * NULL without memory (then done is not called). */
struct fetch_call *fetch_send(struct fetch *fetch, const struct fetch_request *request, fetch_done_fn *done,
                              void *context);

/* Ends a call whose answer nobody wants, also between its end and its callback; done is not called. */
void fetch_cancel(struct fetch_call *call);

/* DNS TXT records of a name, one view each, for handles; the pieces of a record are joined, broken UTF-8 is repaired.
 * code: 0, E_NOT_FOUND (no such name or records), E_UNAVAILABLE, E_TIMEOUT, E_FORBIDDEN (the guard), E_NOMEM. */
struct fetch_txt {
    int code;
    const char *reason;
    const struct text *records; /* borrowed until the callback returns */
    size_t n_records;
};
typedef void fetch_txt_fn(void *context, const struct fetch_txt *txt);
/* As fetch_send: done exactly once, later. deadline_ms 0: LIMIT_DNS_TXT_MS. Counted as FETCH_TXT_LABEL. */
#define FETCH_TXT_LABEL "dns.txt"
struct fetch_call *fetch_txt(struct fetch *fetch, struct text name, int64_t deadline_ms, fetch_txt_fn *done,
                             void *context);

/* What was sent, by label, in the order of first use. Tries count: two tries are two requests. Look-ups of addresses
 * count as FETCH_ADDRESS_LABEL. */
#define FETCH_ADDRESS_LABEL "dns.address"
struct fetch_count {
    const char *label;
    uint64_t requests;
    uint64_t repeated; /* of them, tries after the first */
    uint64_t failed;   /* calls that ended with code < 0 */
};
size_t fetch_counts(const struct fetch *fetch,
                    const struct fetch_count **ret_counts); /* borrowed until the next send */

#endif

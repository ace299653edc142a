/* bridge/fetch/dns.h
 *
 * Look-ups through c-ares, its sockets on the loop: addresses (A and AAAA) and TXT records.
 *
 * Only the DNS is asked, never /etc/hosts or search domains: what a name means must not depend on the machine, and the
 * operator's own names are nobody's business. Nothing is vetted here; guard.h does that.
 *
 * c-ares cannot take back one question, so a cancelled or late one is let go of: its record waits, without an asker,
 * until c-ares gives it up (LIMIT_DNS_TRY_MS doubled at each of LIMIT_DNS_TRIES). For the loop thread.
 */
#ifndef SKEIN_FETCH_DNS_H
#define SKEIN_FETCH_DNS_H

#include "fetch/alarm.h"
#include "fetch/guard.h"

struct dns;
struct dns_query;

#define DNS_ADDRESSES_MAX 16 /* of one name; those beyond are neither vetted nor used */

struct dns_answer {
    int code;           /* 0, E_NOT_FOUND (no such name or records), E_UNAVAILABLE, E_TIMEOUT, E_BAD_INPUT, E_NOMEM */
    const char *reason; /* one sentence where code < 0 */
    const struct address *addresses;
    size_t n_addresses;
    const struct text *records;
    size_t n_records;
    int64_t ttl_ms; /* the least of the records' own; addresses only */
};

/* What the answer points to is borrowed until the callback returns. */
typedef void dns_done_fn(void *context, const struct dns_answer *answer);

/* servers: "127.0.0.1:5353,..."; empty: those of /etc/resolv.conf, read once, here. NULL and a sentence on failure. */
struct dns *dns_new(uv_loop_t *loop, struct alarms *alarms, struct text servers, struct err *err);

/* Every query has been told or cancelled. Calls done(context) from the loop when the sockets are closed, and frees. */
void dns_close(struct dns *dns, void (*done)(void *context), void *context);

/* `done` comes exactly once, later, from the loop; NULL without memory. The query is valid until then. */
struct dns_query *dns_addresses(struct dns *dns, struct text name, int64_t deadline_ms, dns_done_fn *done,
                                void *context);
struct dns_query *dns_txt(struct dns *dns, struct text name, int64_t deadline_ms, dns_done_fn *done, void *context);

/* `done` is not called. */
void dns_cancel(struct dns_query *query);

#endif

/* bridge/fetch/queue.c
 *
 * Who may go now: the queue of one host, its turns, and the look-up of its addresses.
 *
 * A turn is due when something changed that may let a call go: one came, one ended, a pause or a look-up is over. It
 * walks the queue from the oldest, skips calls of accounts that the host has stopped, and sends while the host has a
 * free slot, a closed circuit (or a due probe), vetted addresses and a token. The first thing that is missing decides
 * when the next turn is.
 */
#include "fetch/inside.h"

#include "base/cleanup.h"
#include "base/limits.h"

#include <string.h>
#include <utlist.h>

#define NO_TURN CIRCUIT_ASK_LATER /* what is waited for will wake the host itself */

static int by_place(const struct http_call *a, const struct http_call *b)
{
    return (a->place > b->place) - (a->place < b->place);
}

void host_queue(struct http_call *call)
{
    struct host *host = call->host;
    call->state = CALL_QUEUED;
    if (!host->queue || host->queue->prev->place < call->place) /* nearly always: utlist keeps the last in prev */
        DL_APPEND(host->queue, call);
    else
        DL_INSERT_INORDER(host->queue, call, by_place);
    host_wake(host);
}

void host_unqueue(struct http_call *call)
{
    DL_DELETE(call->host->queue, call);
}

void host_wake(struct host *host)
{
    alarm_set(host->fetch->alarms, &host->turn, 0);
}

/* --- addresses ------------------------------------------------------------------------------------------------------*/

/* What the DNS says of a name is the same for everyone who waits for it. */
static void end_everyone(struct host *host, int code, const char *reason)
{
    while (host->queue) {
        struct http_call *call = host->queue;
        err_set(&call->err, code, "%s", reason);
        call_end(call);
    }
}

/* A look-up that failed is a failed try of the oldest call, and the next one looks up again. */
static void fail_oldest(struct host *host, int code, const char *reason)
{
    struct fetch *fetch = host->fetch;
    struct circuit_pauses pauses = {fetch->timing.probe_base_ms, fetch->timing.probe_most_ms};
    struct http_call *call = host->queue;
    bool probe = circuit_send(&host->circuit); /* what failed was as good as a probe */
    circuit_failure(&host->circuit, probe, alarms_now(fetch->alarms), pauses, fetch->random);
    if (call) {
        host_unqueue(call);
        try_clear(&call->attempt);
        call->tries++;
        err_set(&call->err, code, "%s", reason);
        call_failed(call, true);
    }
    host_wake(host);
}

static int64_t between(int64_t value, int64_t least, int64_t most)
{
    return value < least ? least : value > most ? most : value;
}

static void keep_addresses(struct host *host, const struct dns_answer *answer)
{
    struct err err;
    for (size_t i = 0; i < answer->n_addresses; i++) {
        if (guard_address(&answer->addresses[i], text_of(host->name), false, &err) < 0) {
            end_everyone(host, E_FORBIDDEN, err.text);
            return;
        }
    }
    memcpy(host->addresses, answer->addresses, answer->n_addresses * sizeof host->addresses[0]);
    host->n_addresses = answer->n_addresses;
    host->addresses_until_ms =
        alarms_now(host->fetch->alarms) + between(answer->ttl_ms, LIMIT_ADDRESS_LEAST_MS, LIMIT_ADDRESS_MOST_MS);
    host_wake(host);
}

static void on_addresses(void *context, const struct dns_answer *answer)
{
    struct host *host = context;
    host->lookup = NULL;
    if (answer->code == 0)
        keep_addresses(host, answer);
    else if (answer->code == E_NOT_FOUND || answer->code == E_BAD_INPUT)
        end_everyone(host, answer->code, answer->reason);
    else
        fail_oldest(host, answer->code, answer->reason);
}

static bool knows_addresses(const struct host *host, int64_t now_ms)
{
    return host->literal || (host->n_addresses > 0 && host->addresses_until_ms > now_ms);
}

static void look_up(struct host *host)
{
    struct fetch *fetch = host->fetch;
    if (host->lookup)
        return;
    struct fetch_count *count = count_of(fetch, FETCH_ADDRESS_LABEL);
    if (count)
        count->requests++;
    host->lookup = dns_addresses(fetch->dns, text_of(host->name), LIMIT_DNS_LOOKUP_MS, on_addresses, host);
    if (!host->lookup)
        end_everyone(host, E_NOMEM, "no memory for a DNS look-up");
}

void host_doubt_addresses(struct host *host)
{
    if (!host->literal)
        host->n_addresses = 0;
}

/* --- turns ----------------------------------------------------------------------------------------------------------*/

/* Ends those whose deadline lies within the pause: they learn it now, not when it is too late to ask elsewhere. */
static void end_hopeless(struct host *host)
{
    struct http_call *next;
    for (struct http_call *call = host->queue; call; call = next) {
        next = call->next;
        int64_t until = host_pause_of(call);
        if (until > 0 && until >= call->deadline.due_ms)
            call_end_limited(call, until);
    }
}

/* The oldest call whose account is not stopped; the wait until the first of those before it may go in *at. */
static struct http_call *oldest_ready(const struct host *host, int64_t now_ms, int64_t *wait_ms)
{
    for (struct http_call *call = host->queue; call; call = call->next) {
        if (!call->quota || call->quota->until_ms <= now_ms)
            return call;
        if (call->quota->until_ms - now_ms < *wait_ms)
            *wait_ms = call->quota->until_ms - now_ms;
    }
    return NULL;
}

static int64_t wait_of(struct host *host, int64_t now_ms)
{
    if (host->under_way >= host->budget.rate.at_once)
        return NO_TURN;
    if (host->until_ms > now_ms)
        return host->until_ms - now_ms;
    int64_t wait = circuit_wait(&host->circuit, now_ms);
    return wait > 0 ? wait : budget_wait(&host->budget, now_ms);
}

static void wait_in_crowd(struct host *host)
{
    if (host->is_crowded)
        return;
    host->is_crowded = true;
    DL_APPEND(host->fetch->crowded, host);
}

/* One free slot, one host: if that host cannot use it, its turn passes the word on. */
static void let_next_host(struct fetch *fetch)
{
    struct host *host = fetch->crowded;
    if (!host || fetch->under_way >= LIMIT_TRIES_AT_ONCE)
        return;
    DL_DELETE(fetch->crowded, host);
    host->is_crowded = false;
    host_wake(host);
}

void host_turn(struct host *host)
{
    struct fetch *fetch = host->fetch;
    int64_t now = alarms_now(fetch->alarms);
    int64_t next = NO_TURN;
    struct http_call *call;
    end_hopeless(host);
    while ((call = oldest_ready(host, now, &next))) {
        int64_t wait = wait_of(host, now);
        if (wait > 0) {
            next = wait < next ? wait : next;
            break;
        }
        if (fetch->under_way >= LIMIT_TRIES_AT_ONCE) {
            wait_in_crowd(host);
            break;
        }
        if (!knows_addresses(host, now)) {
            look_up(host);
            break;
        }
        call_go(call);
    }
    if (next != NO_TURN && !host->turn.is_set) /* set: something changed meanwhile, and the next turn looks again */
        alarm_set(fetch->alarms, &host->turn, next);
    let_next_host(fetch);
}

void host_try_over(struct http_call *call)
{
    struct host *host = call->host;
    host->under_way--;
    host->fetch->under_way--;
    host_wake(host);
}

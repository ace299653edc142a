/* bridge/fetch/host.c
 *
 * The table of hosts, and the accounts for which a host counts.
 *
 * A host is made by the first URL that names it and forgotten when the table is full and nobody has a call to it. What
 * is lost then is a rate that had been halved or an open circuit: both are found out again by asking.
 */
#include "fetch/inside.h"

#include "base/cleanup.h"
#include "base/limits.h"
#include "fetch/backoff.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* Quotas of a host beyond which those that hold nobody are swept out. */
#define QUOTAS_BEFORE_SWEEP 256

static bool host_is_idle(struct host *host, int64_t now_ms)
{
    return host->circuit.state == CIRCUIT_CLOSED && host->circuit.failures == 0 && host->until_ms <= now_ms &&
           budget_is_full(&host->budget, now_ms);
}

/* Takes hosts without calls out of the table; with `all`, also those whose state still says something. */
static size_t forget_hosts(struct fetch *fetch, bool all)
{
    int64_t now = alarms_now(fetch->alarms);
    size_t forgotten = 0;
    struct map_entry *entry = map_first(&fetch->hosts);
    while (entry) {
        struct host *host = map_value(entry);
        entry = map_next(entry);
        if (host->calls > 0 || host->configured || (!all && !host_is_idle(host, now)))
            continue;
        map_take(&fetch->hosts, text_of(host->key));
        host_free(host);
        forgotten++;
    }
    return forgotten;
}

static void on_turn(struct alarm *alarm)
{
    host_turn(CONTAINER_OF(alarm, struct host, turn));
}

static struct host *host_new(struct fetch *fetch, const struct url *url, const char *key)
{
    struct host *host = calloc(1, sizeof *host);
    if (!host)
        return NULL;
    host->fetch = fetch;
    host->key = strdup(key);
    host->name = strdup(url->host);
    host->literal = url->literal;
    host->turn.ring = on_turn;
    map_init(&host->quotas);
    budget_init(&host->budget, FETCH_DEFAULT_RATE, alarms_now(fetch->alarms));
    if (url->literal || url_is_loopback(url)) { /* "localhost" is never looked up */
        host->literal = true;
        host->n_addresses = 1;
        host->addresses[0] = url->literal ? url->address : (struct address){.bytes = {127, 0, 0, 1}};
    }
    if (host->key && host->name && map_put(&fetch->hosts, text_of(host->key), host) == 0)
        return host;
    host_free(host);
    return NULL;
}

struct host *host_of(struct fetch *fetch, const struct url *url)
{
    char key[URL_ORIGIN_MAX];
    url_origin(url, key);
    struct host *host = map_get(&fetch->hosts, text_of(key));
    if (host)
        return host;
    if (map_count(&fetch->hosts) >= LIMIT_HOSTS && forget_hosts(fetch, false) == 0)
        forget_hosts(fetch, true);
    return host_new(fetch, url, key);
}

static void quota_free(struct quota *quota)
{
    free(quota->account);
    free(quota);
}

void host_free(struct host *host)
{
    struct fetch *fetch = host->fetch;
    for (struct map_entry *entry = map_first(&host->quotas); entry; entry = map_next(entry))
        quota_free(map_value(entry));
    map_release(&host->quotas);
    if (host->lookup)
        dns_cancel(host->lookup);
    if (host->is_crowded)
        DL_DELETE(fetch->crowded, host);
    alarm_stop(fetch->alarms, &host->turn);
    free(host->key);
    free(host->name);
    free(host);
}

void host_configure(struct host *host, struct fetch_rate rate)
{
    budget_set_rate(&host->budget, rate, alarms_now(host->fetch->alarms));
    host->configured = true;
    host_wake(host);
}

/* --- accounts -------------------------------------------------------------------------------------------------------*/

static void sweep_quotas(struct host *host)
{
    int64_t now = alarms_now(host->fetch->alarms);
    struct map_entry *entry = map_first(&host->quotas);
    while (entry) {
        struct quota *quota = map_value(entry);
        entry = map_next(entry);
        if (quota->calls > 0 || quota->until_ms > now)
            continue;
        map_take(&host->quotas, text_of(quota->account));
        quota_free(quota);
    }
}

static struct quota *quota_of(struct host *host, struct text account)
{
    struct quota *quota = map_get(&host->quotas, account);
    if (quota)
        return quota;
    if (map_count(&host->quotas) >= QUOTAS_BEFORE_SWEEP)
        sweep_quotas(host);
    quota = calloc(1, sizeof *quota);
    if (!quota)
        return NULL;
    quota->account = strndup(account.data, account.len);
    if (quota->account && map_put(&host->quotas, (struct text){quota->account, account.len}, quota) == 0)
        return quota;
    quota_free(quota);
    return NULL;
}

int host_enter(struct host *host, struct http_call *call)
{
    if (call->request.account.len > 0) {
        call->quota = quota_of(host, call->request.account);
        if (!call->quota)
            return E_NOMEM;
        call->quota->calls++;
    }
    call->host = host;
    host->calls++;
    return 0;
}

void host_leave(struct http_call *call)
{
    struct host *host = call->host;
    struct quota *quota = call->quota;
    host->calls--;
    call->host = NULL;
    call->quota = NULL;
    if (!quota || --quota->calls > 0 || quota->until_ms > alarms_now(host->fetch->alarms))
        return;
    map_take(&host->quotas, text_of(quota->account));
    quota_free(quota);
}

/* --- what it says of limits -----------------------------------------------------------------------------------------*/

int64_t host_pause_of(const struct http_call *call)
{
    int64_t until = call->host->until_ms;
    if (call->quota && call->quota->until_ms > until)
        until = call->quota->until_ms;
    return until > alarms_now(call->host->fetch->alarms) ? until : 0;
}

static int64_t pause_said(const struct http_call *call)
{
    const struct fetch_attempt *attempt = &call->attempt;
    const struct fetch *fetch = call->base.fetch;
    struct ratelimit_fields fields = {
        .retry_after = try_header(attempt, "Retry-After"),
        .remaining = try_header(attempt, "RateLimit-Remaining"),
        .reset = try_header(attempt, "RateLimit-Reset"),
        .date = try_header(attempt, "Date"),
    };
    return ratelimit_pause(attempt->status, &fields, clock_wall(fetch->clock), fetch->timing.pause_most_ms);
}

bool host_is_asked_to_pause(const struct http_call *call)
{
    return pause_said(call) != RATELIMIT_NO_PAUSE;
}

void host_learn_limits(struct http_call *call, bool refused)
{
    struct host *host = call->host;
    struct fetch *fetch = host->fetch;
    int64_t now = alarms_now(fetch->alarms);
    int64_t *until = call->quota ? &call->quota->until_ms : &host->until_ms;
    unsigned *silent = call->quota ? &call->quota->silent : &host->silent;
    int64_t pause = pause_said(call);
    if (pause != RATELIMIT_SAYS_STOP)
        *silent = 0;
    else
        pause = backoff_full(fetch->random, fetch->timing.pause_base_ms, fetch->timing.pause_most_ms, (*silent)++);
    if (now + pause > *until)
        *until = now + pause;
    if (refused)
        budget_punish(&host->budget, call->attempt.sent_ms, now, call->quota ? now : *until);
}

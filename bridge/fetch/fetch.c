/* bridge/fetch/fetch.c
 *
 * The client: made, closed, counted; and TXT look-ups, which need no queue.
 *
 * Closed in this order, each when the one before has closed its handles: curl's sockets, c-ares' sockets, the alarms.
 */
#include "fetch/inside.h"

#include "base/cleanup.h"
#include "base/limits.h"
#include "loop/loop.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* --- counts ---------------------------------------------------------------------------------------------------------*/

struct fetch_count *count_of(struct fetch *fetch, const char *label)
{
    struct counts *counts = &fetch->counts;
    for (size_t i = 0; i < counts->count; i++)
        if (strcmp(counts->items[i].label, label) == 0)
            return &counts->items[i];
    if (counts->count == counts->size) {
        size_t size = counts->size ? counts->size * 2 : 16;
        struct fetch_count *items = realloc(counts->items, size * sizeof *items);
        if (!items)
            return NULL;
        counts->items = items;
        counts->size = size;
    }
    counts->items[counts->count] = (struct fetch_count){.label = label};
    return &counts->items[counts->count++];
}

size_t fetch_counts(const struct fetch *fetch, const struct fetch_count **ret_counts)
{
    *ret_counts = fetch->counts.items;
    return fetch->counts.count;
}

/* --- life -----------------------------------------------------------------------------------------------------------*/

static int64_t or_else(int64_t value, int64_t otherwise)
{
    return value > 0 ? value : otherwise;
}

static struct fetch_timing timing_of(const struct fetch_timing *given)
{
    return (struct fetch_timing){
        .retry_base_ms = or_else(given->retry_base_ms, 250),
        .retry_most_ms = or_else(given->retry_most_ms, 10 * SECOND_MS),
        .probe_base_ms = or_else(given->probe_base_ms, SECOND_MS),
        .probe_most_ms = or_else(given->probe_most_ms, MINUTE_MS),
        .pause_base_ms = or_else(given->pause_base_ms, SECOND_MS),
        .pause_most_ms = or_else(given->pause_most_ms, LIMIT_PAUSE_MS),
    };
}

static int set_detour(struct fetch *fetch, struct text detour, struct err *err)
{
    size_t colon = text_find_byte(detour, ':', 0);
    uint64_t port;
    if (detour.len == 0)
        return 0;
    if (!fetch->allow_loopback || !address_parse(text_slice(detour, 0, colon), &fetch->detour) ||
        !address_is_loopback(&fetch->detour) || !text_to_u64(text_slice(detour, colon + 1, detour.len), &port) ||
        port == 0 || port > UINT16_MAX)
        return err_set(err, E_BAD_INPUT, "a detour is for tests: 127.0.0.1:PORT, together with allow_loopback");
    fetch->detour_port = (unsigned)port;
    fetch->has_detour = true;
    return 0;
}

static char *copy_of(struct text t)
{
    return strndup(t.data ? t.data : "", t.len);
}

static int copy_texts(struct fetch *fetch, const struct fetch_options *options, struct err *err)
{
    bool own_ca = options->ca_file.len > 0;
    fetch->user_agent = copy_of(options->user_agent.len > 0 ? options->user_agent : TEXT("Skein/" SKEIN_VERSION));
    fetch->ca_file = own_ca ? copy_of(options->ca_file) : NULL;
    if (!fetch->user_agent || (own_ca && !fetch->ca_file))
        return err_set(err, E_NOMEM, "no memory for requests");
    return set_detour(fetch, options->detour, err);
}

static void on_deliver(struct alarm *alarm)
{
    call_deliver_ended(CONTAINER_OF(alarm, struct fetch, deliver));
}

static void on_transfer_ended(void *context, CURL *easy, CURLcode result)
{
    char *call = NULL;
    (void)context;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &call);
    call_try_ended((struct http_call *)(void *)call, result);
}

static void free_client(struct fetch *fetch)
{
    free(fetch->counts.items);
    free(fetch->user_agent);
    free(fetch->ca_file);
    free(fetch);
}

static void on_alarms_closed(void *context)
{
    struct fetch *fetch = context;
    void (*closed)(void *context) = fetch->closed;
    void *closed_context = fetch->closed_context;
    free_client(fetch);
    if (closed)
        closed(closed_context);
}

static void on_dns_closed(void *context)
{
    struct fetch *fetch = context;
    alarms_close(fetch->alarms, on_alarms_closed, fetch);
}

static void on_curl_closed(void *context)
{
    struct fetch *fetch = context;
    dns_close(fetch->dns, on_dns_closed, fetch);
}

/* OpenSSL writes to a connection that the other side has closed, and the signal would end the process. */
static void ignore_sigpipe(void)
{
    struct sigaction now;
    if (sigaction(SIGPIPE, NULL, &now) == 0 && now.sa_handler == SIG_DFL)
        signal(SIGPIPE, SIG_IGN);
}

struct fetch *fetch_new(struct loop *loop, const struct fetch_options *options, struct err *err)
{
    uv_loop_t *uv = loop_uv(loop);
    struct fetch *fetch = calloc(1, sizeof *fetch);
    if (!fetch) {
        err_set(err, E_NOMEM, "no memory for requests");
        return NULL;
    }
    fetch->clock = options->clock ? options->clock : loop_clock(loop);
    fetch->random = options->random ? options->random : &random_system;
    fetch->timing = timing_of(&options->timing);
    fetch->allow_loopback = options->allow_loopback;
    fetch->deliver.ring = on_deliver;
    ignore_sigpipe();
    map_init(&fetch->hosts);
    if (copy_texts(fetch, options, err) < 0)
        goto failed;
    fetch->alarms = alarms_new(uv, fetch->clock);
    if (!fetch->alarms) {
        err_set(err, E_NOMEM, "no memory for requests");
        goto failed;
    }
    fetch->dns = dns_new(uv, fetch->alarms, options->dns_servers, err);
    if (!fetch->dns)
        goto failed;
    fetch->curl = curl_loop_new(uv, on_transfer_ended, fetch, err);
    if (fetch->curl)
        return fetch;
failed: /* handles that were opened close in the loop's next turns */
    if (fetch->dns)
        on_curl_closed(fetch);
    else if (fetch->alarms)
        on_dns_closed(fetch);
    else
        free_client(fetch);
    return NULL;
}

void fetch_close(struct fetch *fetch, void (*done)(void *context), void *context)
{
    fetch->closing = true;
    fetch->closed = done;
    fetch->closed_context = context;
    while (fetch->calls)
        fetch->calls->cancel(fetch->calls);
    for (struct map_entry *entry = map_first(&fetch->hosts); entry; entry = map_next(entry))
        host_free(map_value(entry));
    map_release(&fetch->hosts);
    alarm_stop(fetch->alarms, &fetch->deliver);
    curl_loop_close(fetch->curl, on_curl_closed, fetch);
}

int fetch_set_rate(struct fetch *fetch, struct text t, struct fetch_rate rate)
{
    CLEANUP(url_release) struct url url = {0};
    int rc = url_parse(t, &url, NULL);
    if (rc == 0)
        rc = url_guard(&url, fetch->allow_loopback, NULL);
    if (rc == 0 && (!(rate.per_second > 0) || rate.burst == 0 || rate.at_once == 0))
        rc = E_BAD_INPUT;
    struct host *host = rc == 0 ? host_of(fetch, &url) : NULL;
    if (!host)
        return rc < 0 ? rc : E_NOMEM;
    host_configure(host, rate);
    return 0;
}

/* --- calls ----------------------------------------------------------------------------------------------------------*/

struct fetch_call *fetch_send(struct fetch *fetch, const struct fetch_request *request, fetch_done_fn *done,
                              void *context)
{
    if (fetch->closing)
        return NULL;
    struct http_call *call = call_new(fetch, request, done, context);
    if (!call)
        return NULL;
    call_begin(call);
    return &call->base;
}

void fetch_cancel(struct fetch_call *call)
{
    call->cancel(call);
}

struct text fetch_header_of(const struct fetch_response *response, const char *name)
{
    const struct http_call *call = CONTAINER_OF(response->call, struct http_call, base);
    return try_header(&call->attempt, name);
}

/* --- TXT records ----------------------------------------------------------------------------------------------------*/

struct txt_call {
    struct fetch_call base;
    struct dns_query *query; /* NULL: refused, told from the alarm */
    struct alarm refused;
    struct err err;
    fetch_txt_fn *done;
    void *context; /* borrowed */
};

static void free_txt_call(struct txt_call *call)
{
    alarm_stop(call->base.fetch->alarms, &call->refused);
    free(call);
}

static void tell_txt(struct txt_call *call, const struct fetch_txt *txt)
{
    struct fetch *fetch = call->base.fetch;
    struct fetch_count *count = txt->code < 0 && txt->code != E_NOT_FOUND ? count_of(fetch, FETCH_TXT_LABEL) : NULL;
    if (count)
        count->failed++;
    DL_DELETE2(fetch->calls, &call->base, prev, next); /* fetch_close in `done` does not see it any more */
    call->done(call->context, txt);
    free_txt_call(call);
}

static void on_txt(void *context, const struct dns_answer *answer)
{
    tell_txt(context, &(struct fetch_txt){
                          .code = answer->code,
                          .reason = answer->reason,
                          .records = answer->records,
                          .n_records = answer->n_records,
                      });
}

static void on_refused(struct alarm *alarm)
{
    struct txt_call *call = CONTAINER_OF(alarm, struct txt_call, refused);
    tell_txt(call, &(struct fetch_txt){.code = call->err.code, .reason = call->err.text});
}

static void cancel_txt(struct fetch_call *base)
{
    struct txt_call *call = CONTAINER_OF(base, struct txt_call, base);
    if (call->query)
        dns_cancel(call->query);
    DL_DELETE2(base->fetch->calls, base, prev, next);
    free_txt_call(call);
}

struct fetch_call *fetch_txt(struct fetch *fetch, struct text name, int64_t deadline_ms, fetch_txt_fn *done,
                             void *context)
{
    struct txt_call *call = fetch->closing ? NULL : calloc(1, sizeof *call);
    struct fetch_count *count = count_of(fetch, FETCH_TXT_LABEL);
    if (!call)
        return NULL;
    *call = (struct txt_call){.base = {.fetch = fetch, .cancel = cancel_txt}, .done = done, .context = context};
    call->refused.ring = on_refused;
    if (guard_record_name(name, &call->err) < 0) {
        alarm_set(fetch->alarms, &call->refused, 0);
    } else {
        call->query = dns_txt(fetch->dns, name, or_else(deadline_ms, LIMIT_DNS_TXT_MS), on_txt, call);
        if (!call->query) {
            free(call);
            return NULL;
        }
    }
    if (count)
        count->requests++;
    DL_APPEND2(fetch->calls, &call->base, prev, next);
    return &call->base;
}

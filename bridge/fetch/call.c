/* bridge/fetch/call.c
 *
 * The life of one request.
 *
 *     fetch_send ─> QUEUED ── host lets it go ──> SENT ─┬─ an answer ─────────────────────────────> ENDED ─> done
 *                     ▲  ▲                              ├─ 429: back to its place in the queue ──┐     ▲
 *                     │  └──────────────────────────────┼────────────────────────────────────────┘     │
 *                     └─ back-off over ── PAUSING <─────┼─ failed, and may be tried again               │
 *                                                       └─ failed for good, deadline, refused ──────────┘
 *
 * ENDED calls are told from an alarm of the client's. A call that goes back to the queue stands there by its age, so
 * whoever came later does not overtake it by its bad luck.
 */
#include "fetch/inside.h"

#include "base/cleanup.h"
#include "base/limits.h"
#include "fetch/backoff.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

static struct circuit_pauses circuit_pauses_of(const struct fetch *fetch)
{
    return (struct circuit_pauses){fetch->timing.probe_base_ms, fetch->timing.probe_most_ms};
}

static bool is_read(const struct http_call *call)
{
    return strcmp(call->request.method, "GET") == 0 || strcmp(call->request.method, "HEAD") == 0;
}

bool call_may_repeat(const struct http_call *call)
{
    return call->request.may_repeat || is_read(call);
}

/* --- ends -----------------------------------------------------------------------------------------------------------*/

void call_end(struct http_call *call)
{
    struct fetch *fetch = call->base.fetch;
    if (call->host && call->state == CALL_QUEUED)
        host_unqueue(call);
    alarm_stop(fetch->alarms, &call->deadline);
    alarm_stop(fetch->alarms, &call->pause);
    if (call->host)
        host_leave(call);
    call->state = CALL_ENDED;
    DL_APPEND(fetch->ended, call);
    if (!fetch->deliver.is_set)
        alarm_set(fetch->alarms, &fetch->deliver, 0);
}

void call_end_limited(struct http_call *call, int64_t until_ms)
{
    struct fetch *fetch = call->base.fetch;
    char when[CLOCK_TEXT_MAX];
    int64_t wait = until_ms - alarms_now(fetch->alarms);
    call->again_ms = clock_wall(fetch->clock) + (wait > 0 ? wait : 0);
    clock_print(call->again_ms, when);
    err_set(&call->err, E_RATE_LIMITED, "%s has been asked too often%s%s; it may be asked again at %s", call->url.host,
            call->quota ? " for " : "", call->quota ? call->quota->account : "", when);
    call_end(call);
}

static void say_how_often(struct http_call *call)
{
    char once[ERR_TEXT_MAX];
    if (call->tries < 2)
        return;
    memcpy(once, call->err.text, sizeof once);
    err_set(&call->err, call->err.code, "%.400s (%u tries)", once, call->tries);
}

static void on_pause_over(struct alarm *alarm)
{
    host_queue(CONTAINER_OF(alarm, struct http_call, pause));
}

void call_failed(struct http_call *call, bool may_repeat)
{
    struct fetch *fetch = call->base.fetch;
    int64_t left = call->deadline.due_ms - alarms_now(fetch->alarms);
    int64_t pause = 0;
    call->state = CALL_PAUSING;
    if (may_repeat && call->tries < call->request.tries_max)
        pause = backoff_full(fetch->random, fetch->timing.retry_base_ms, fetch->timing.retry_most_ms, call->tries - 1);
    else
        left = 0;
    if (pause >= left) {
        say_how_often(call);
        call_end(call);
        return;
    }
    call->pause.ring = on_pause_over;
    alarm_set(fetch->alarms, &call->pause, pause);
}

/* --- the deadline ---------------------------------------------------------------------------------------------------*/

/* Of a call in the queue: what did it wait for? An earlier try's failure says more than any of these. */
static void explain_waiting(struct http_call *call)
{
    const struct host *host = call->host;
    if (call->err.code < 0)
        say_how_often(call);
    else if (host->circuit.state != CIRCUIT_CLOSED)
        err_set(&call->err, E_UNAVAILABLE, "%s has failed too often in a row, and a probe has not succeeded yet",
                host->name);
    else if (host->lookup)
        err_set(&call->err, E_TIMEOUT, "no DNS server answered in time for %s", host->name);
    else
        err_set(&call->err, E_TIMEOUT, "the request to %s did not have its turn in time", host->name);
}

/* A try that was cut short says nothing of the host unless it had had its fair time. */
static void cut_try(struct http_call *call)
{
    struct host *host = call->host;
    struct fetch *fetch = call->base.fetch;
    int64_t now = alarms_now(fetch->alarms);
    if (now - call->attempt.sent_ms >= call->request.attempt_ms / 2) {
        circuit_failure(&host->circuit, call->attempt.probe, now, circuit_pauses_of(fetch), fetch->random);
        host_doubt_addresses(host);
    } else if (call->attempt.probe) {
        circuit_forget_probe(&host->circuit, now);
    }
    call->sent = call->sent || try_was_sent(&call->attempt);
    try_stop(call);
    host_try_over(call);
}

static void on_deadline(struct alarm *alarm)
{
    struct http_call *call = CONTAINER_OF(alarm, struct http_call, deadline);
    switch (call->state) {
    case CALL_QUEUED:
        explain_waiting(call);
        break;
    case CALL_SENT:
        cut_try(call);
        err_set(&call->err, E_TIMEOUT, "%s did not answer in time", call->url.host);
        say_how_often(call);
        break;
    case CALL_PAUSING: /* the last failure is the reason */
        say_how_often(call);
        break;
    case CALL_ENDED:
        return;
    }
    call_end(call);
}

/* --- redirects ------------------------------------------------------------------------------------------------------*/

static int next_hop(struct http_call *call, struct url *ret_url)
{
    struct err *err = &call->err;
    CLEANUP(url_release) struct url url = {0};
    if (call->redirects >= LIMIT_REDIRECTS)
        return err_set(err, E_PROTOCOL, "%s redirects more than %d times", call->url.host, LIMIT_REDIRECTS);
    int rc = url_join(&call->url, try_header(&call->attempt, "Location"), &url, err);
    if (rc == 0)
        rc = url_guard(&url, call->base.fetch->allow_loopback, err);
    if (rc < 0) {
        err_prefix(err, "a redirect of %s: ", call->url.host);
        return rc;
    }
    if (call->request.before_attempt && !url_same_origin(&url, &call->url))
        return err_set(err, E_PROTOCOL, "%s redirects a signed request to %.200s", call->url.host, url.host);
    *ret_url = url;
    url = (struct url){0};
    return 0;
}

static void follow_redirect(struct http_call *call)
{
    struct url url;
    if (next_hop(call, &url) < 0) {
        call_end(call);
        return;
    }
    call->foreign = call->foreign || !url_same_origin(&url, &call->url);
    url_release(&call->url);
    call->url = url;
    call->redirects++;
    call->tries = 0;
    host_leave(call);
    struct host *host = host_of(call->base.fetch, &call->url);
    if (!host || host_enter(host, call) < 0) {
        err_set(&call->err, E_NOMEM, "no memory to follow a redirect");
        call_end(call);
        return;
    }
    host_queue(call);
}

/* --- tries ----------------------------------------------------------------------------------------------------------*/

void call_go(struct http_call *call)
{
    struct host *host = call->host;
    struct fetch *fetch = call->base.fetch;
    host_unqueue(call);
    call->state = CALL_SENT;
    host->under_way++;
    fetch->under_way++;
    call->tries++;
    int rc = try_start(call, &call->err);
    if (rc < 0) {
        host_try_over(call);
        call_end(call);
        return;
    }
    budget_spend(&host->budget);
    call->attempt.probe = circuit_send(&host->circuit);
}

static void explain(struct http_call *call, const struct outcome *outcome, CURLcode result)
{
    const struct fetch_attempt *attempt = &call->attempt;
    const char *host = call->url.host;
    const char *words = attempt->words[0] ? attempt->words : curl_easy_strerror(result);
    if (outcome->code == E_FORBIDDEN)
        err_set(&call->err, outcome->code, "%s leads to an address that is not public", host);
    else if (outcome->code == E_TOO_LARGE)
        err_set(&call->err, outcome->code, "%s answered with more than %zu bytes", host, call->request.response_max);
    else if (outcome->code == E_NOMEM)
        err_set(&call->err, outcome->code, "no memory for the answer of %s", host);
    else if (outcome->code == E_TIMEOUT)
        err_set(&call->err, outcome->code, "%s did not answer within %lld ms", host,
                (long long)call->request.attempt_ms);
    else if (result == CURLE_OK && attempt->status >= 300 && attempt->status < 400)
        err_set(&call->err, outcome->code, "%s answered %ld and points elsewhere", host, attempt->status);
    else if (result == CURLE_OK)
        err_set(&call->err, outcome->code, "%s answered %ld", host, attempt->status);
    else
        err_set(&call->err, outcome->code, "%s: %.300s", host, words);
}

/* A 429 of a call that may not, or cannot, wait for another try ends it; else its place in the queue holds it until the
 * pause is over. */
static void wait_or_end(struct http_call *call)
{
    int64_t until = host_pause_of(call);
    if (call_may_repeat(call) && call->tries < call->request.tries_max) {
        err_set(&call->err, E_RATE_LIMITED, "%s answered %ld", call->url.host, call->attempt.status);
        host_queue(call);
        return;
    }
    call_end_limited(call, until);
}

static void tell_circuit(struct http_call *call, const struct outcome *outcome)
{
    struct host *host = call->host;
    struct fetch *fetch = call->base.fetch;
    int64_t now = alarms_now(fetch->alarms);
    if (outcome->host_failed)
        circuit_failure(&host->circuit, call->attempt.probe, now, circuit_pauses_of(fetch), fetch->random);
    else if (outcome->code != E_FORBIDDEN && outcome->code != E_NOMEM)
        circuit_success(&host->circuit);
    else if (call->attempt.probe)
        circuit_forget_probe(&host->circuit, now);
}

void call_try_ended(struct http_call *call, CURLcode result)
{
    struct fetch_attempt *attempt = &call->attempt;
    bool sent = try_was_sent(attempt);
    curl_easy_getinfo(attempt->easy, CURLINFO_RESPONSE_CODE, &attempt->status);
    try_stop(call);
    call->sent = call->sent || sent;
    struct try_end end = {
        .result = result,
        .status = attempt->status,
        .sent = sent,
        .guarded = attempt->guarded,
        .too_large = attempt->too_large,
        .no_memory = attempt->no_memory,
        .asks_pause = host_is_asked_to_pause(call),
        .follow = call->request.follow_redirects && is_read(call) && !text_empty(try_header(attempt, "Location")),
    };
    struct outcome outcome = outcome_of(&end);
    tell_circuit(call, &outcome);
    if (attempt->status > 0)
        host_learn_limits(call, outcome.kind == OUTCOME_STOP);
    if (outcome.unsent)
        host_doubt_addresses(call->host);
    host_try_over(call);
    call->err.code = 0;
    switch (outcome.kind) {
    case OUTCOME_ANSWER:
        call_end(call);
        break;
    case OUTCOME_REDIRECT:
        follow_redirect(call);
        break;
    case OUTCOME_STOP:
        wait_or_end(call);
        break;
    case OUTCOME_FAILURE:
        explain(call, &outcome, result);
        call_failed(call, call_may_repeat(call) || outcome.unsent);
        break;
    case OUTCOME_REFUSED:
        explain(call, &outcome, result);
        call_end(call);
        break;
    }
}

/* --- beginning and cancelling ---------------------------------------------------------------------------------------*/

/* Views that point to our own arena, whose bytes may be written. */
static void wipe(struct text t)
{
    if (t.len > 0)
        sodium_memzero((char *)t.data, t.len);
}

/* What curl copied of the headers is out of reach. */
static void wipe_secrets(struct http_call *call)
{
    wipe(call->request.body);
    for (size_t i = 0; i < call->request.n_headers; i++)
        wipe(call->request.headers[i].value);
    wipe(buf_text(&call->attempt.body));
}

static void free_call(struct http_call *call)
{
    struct fetch *fetch = call->base.fetch;
    if (call->request.secret)
        wipe_secrets(call);
    DL_DELETE2(fetch->calls, &call->base, prev, next);
    try_clear(&call->attempt);
    url_release(&call->url);
    arena_release(&call->arena);
    free(call);
}

static void cancel(struct fetch_call *base)
{
    struct http_call *call = CONTAINER_OF(base, struct http_call, base);
    struct fetch *fetch = base->fetch;
    alarm_stop(fetch->alarms, &call->deadline);
    alarm_stop(fetch->alarms, &call->pause);
    switch (call->state) {
    case CALL_QUEUED:
        host_unqueue(call);
        host_wake(call->host); /* the next in the queue may be one whose account is not stopped */
        break;
    case CALL_SENT:
        if (call->attempt.probe)
            circuit_forget_probe(&call->host->circuit, alarms_now(fetch->alarms));
        try_stop(call);
        host_try_over(call);
        break;
    case CALL_PAUSING:
        break;
    case CALL_ENDED:
        DL_DELETE(fetch->ended, call);
        break;
    }
    if (call->host)
        host_leave(call);
    free_call(call);
}

void call_deliver_ended(struct fetch *fetch)
{
    while (fetch->ended) {
        struct http_call *call = fetch->ended;
        DL_DELETE(fetch->ended, call);
        struct fetch_count *count = call->err.code < 0 ? count_of(fetch, call->request.label) : NULL;
        if (count)
            count->failed++;
        struct fetch_response response = {
            .code = call->err.code,
            .reason = call->err.code < 0 ? call->err.text : "",
            .status = call->attempt.status,
            .sent = call->sent,
            .body = buf_text(&call->attempt.body),
            .again_ms = call->again_ms,
            .call = &call->base,
        };
        DL_DELETE2(fetch->calls, &call->base, prev, next); /* fetch_close in `done` does not see it any more */
        call->done(call->context, &response);
        DL_APPEND2(fetch->calls, &call->base, prev, next);
        free_call(call);
    }
}

/* Copies what the request points to. */
static int copy_request(struct http_call *call, const struct fetch_request *from)
{
    struct fetch_request *to = &call->request;
    struct fetch_header *headers = ARENA_ARRAY(&call->arena, struct fetch_header, from->n_headers);
    *to = *from;
    if (from->body.len > LIMIT_REQUEST) {
        to->body.len = 0;
        err_set(&call->err, E_TOO_LARGE, "a request body of %zu bytes; %zu is the most", from->body.len, LIMIT_REQUEST);
    }
    if (!headers || !arena_text(&call->arena, from->url, &to->url) || !arena_text(&call->arena, to->body, &to->body) ||
        !arena_text(&call->arena, from->account, &to->account))
        return E_NOMEM;
    for (size_t i = 0; i < from->n_headers; i++)
        if (!arena_text(&call->arena, from->headers[i].name, &headers[i].name) ||
            !arena_text(&call->arena, from->headers[i].value, &headers[i].value))
            return E_NOMEM;
    to->headers = headers;
    to->method = from->method ? from->method : "GET";
    to->label = from->label ? from->label : "";
    to->response_max = from->response_max ? from->response_max : LIMIT_RESPONSE;
    to->deadline_ms = from->deadline_ms > 0 ? from->deadline_ms : LIMIT_CALL_MS;
    to->attempt_ms = from->attempt_ms > 0 ? from->attempt_ms : LIMIT_TRY_MS;
    to->tries_max = from->tries_max ? from->tries_max : LIMIT_TRIES;
    return 0;
}

/* What can be said of the request before anything is asked. */
static int vet(struct http_call *call)
{
    if (call->err.code < 0)
        return call->err.code;
    for (size_t i = 0; i < call->request.n_headers; i++)
        if (!header_is_sound(&call->request.headers[i]))
            return err_set(&call->err, E_BAD_INPUT, "a request header holds what headers may not hold");
    int rc = url_parse(call->request.url, &call->url, &call->err);
    return rc < 0 ? rc : url_guard(&call->url, call->base.fetch->allow_loopback, &call->err);
}

struct http_call *call_new(struct fetch *fetch, const struct fetch_request *request, fetch_done_fn *done, void *context)
{
    struct http_call *call = calloc(1, sizeof *call);
    if (!call)
        return NULL;
    call->base = (struct fetch_call){.fetch = fetch, .cancel = cancel};
    call->done = done;
    call->context = context;
    call->deadline.ring = on_deadline;
    call->state = CALL_ENDED;
    arena_init(&call->arena, 2 * LIMIT_REQUEST); /* the body, and as much again for all else */
    DL_APPEND2(fetch->calls, &call->base, prev, next);
    if (copy_request(call, request) < 0) {
        call->request.secret = false; /* some of its texts may still be the asker's */
        free_call(call);
        return NULL;
    }
    return call;
}

void call_begin(struct http_call *call)
{
    struct fetch *fetch = call->base.fetch;
    alarm_set(fetch->alarms, &call->deadline, call->request.deadline_ms);
    if (vet(call) < 0) {
        call_end(call);
        return;
    }
    struct host *host = host_of(fetch, &call->url);
    if (!host || host_enter(host, call) < 0) {
        err_set(&call->err, E_NOMEM, "no memory for a request");
        call_end(call);
        return;
    }
    call->place = fetch->next_place++;
    host_queue(call);
}

/* bridge/fetch/local.c
 *
 * A curl handle in a multi handle of its own, since only that can be woken while it waits.
 */
#include "fetch/local.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/limits.h"
#include "fetch/event_stream.h"

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#define CONNECT_MS 5000 /* a queue of connections that is full for so long belongs to a process that is stuck */
#define WAIT_MS    1000

struct local {
    CURLM *multi; /* owned */
    atomic_bool cancelled;
};

/* One request under way. */
struct exchange {
    const struct local_request *request;
    CURL *easy;                 /* owned */
    struct curl_slist *headers; /* owned */
    struct event_stream events;
    struct buf *body; /* borrowed; of an answer that is no stream */
    bool is_stream;
    bool began; /* bytes of the answer's body have come */
    int failed; /* what a callback found wrong */
    int64_t heard_ms;
};

struct local *local_new(struct err *err)
{
    struct local *local = calloc(1, sizeof *local);
    bool curl_runs = local && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    if (curl_runs)
        local->multi = curl_multi_init();
    if (local && local->multi)
        return local;
    if (curl_runs)
        curl_global_cleanup();
    free(local);
    err_set(err, E_NOMEM, "curl cannot start");
    return NULL;
}

void local_free(struct local *local)
{
    if (!local)
        return;
    curl_multi_cleanup(local->multi);
    curl_global_cleanup();
    free(local);
}

void local_cancel(struct local *local)
{
    atomic_store(&local->cancelled, true);
    curl_multi_wakeup(local->multi);
}

/* --- what comes back ------------------------------------------------------------------------------------------------*/

static void begin(struct exchange *exchange)
{
    const char *type = NULL;
    curl_easy_getinfo(exchange->easy, CURLINFO_CONTENT_TYPE, &type);
    exchange->is_stream = exchange->request->event && text_starts(text_of(type), TEXT("text/event-stream"));
    exchange->began = true;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    struct exchange *exchange = context;
    struct text piece = {bytes, size * count};
    if (!exchange->began)
        begin(exchange);
    exchange->heard_ms = clock_monotonic(&clock_system);
    exchange->failed = exchange->is_stream ? event_stream_take(&exchange->events, piece, exchange->request->event,
                                                               exchange->request->context)
                                           : buf_add(exchange->body, piece);
    return exchange->failed < 0 ? 0 : piece.len;
}

/* --- setting up -----------------------------------------------------------------------------------------------------*/

#define SET(option, value) failed |= curl_easy_setopt(exchange->easy, (option), (value)) != CURLE_OK

static int set_up(struct exchange *exchange, const char *url)
{
    const struct local_request *request = exchange->request;
    int failed = 0;
    exchange->headers = curl_slist_append(NULL, "Content-Type: application/json");
    struct curl_slist *longer = exchange->headers ? curl_slist_append(exchange->headers, "Expect:") : NULL;
    if (!longer)
        return E_NOMEM;
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_URL, url);
    SET(CURLOPT_UNIX_SOCKET_PATH, request->socket);
    SET(CURLOPT_PROTOCOLS_STR, "http");
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOPROXY, "*");
    SET(CURLOPT_FRESH_CONNECT, 1L);
    SET(CURLOPT_FORBID_REUSE, 1L);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_HTTPHEADER, exchange->headers);
    SET(CURLOPT_POST, 1L);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
    SET(CURLOPT_POSTFIELDS, request->body.data ? request->body.data : "");
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, exchange);
    return failed ? E_NOMEM : 0;
}

static int check_path(const char *path, struct err *err)
{
    struct sockaddr_un address;
    size_t len = strlen(path);
    return len < sizeof address.sun_path
               ? 0
               : err_set(err, E_BAD_INPUT, "%s cannot be a socket: its path has %zu bytes, and the system takes %zu",
                         path, len, sizeof address.sun_path - 1);
}

/* --- the exchange ---------------------------------------------------------------------------------------------------*/

static int name_problem(const struct exchange *exchange, CURLcode result, struct err *err)
{
    const char *socket = exchange->request->socket;
    if (exchange->failed == E_TOO_LARGE)
        return err_set(err, E_TOO_LARGE, "the answer over %s is larger than it may be", socket);
    if (exchange->failed < 0 || result == CURLE_OUT_OF_MEMORY)
        return err_set(err, E_NOMEM, "no memory for the answer over %s", socket);
    if (result == CURLE_COULDNT_CONNECT)
        return err_set(err, E_UNAVAILABLE, "nobody answers on %s", socket);
    return err_set(err, E_IO, "the answer over %s broke off: %s", socket, curl_easy_strerror(result));
}

static int wait_for_end(struct local *local, struct exchange *exchange, struct err *err)
{
    int running = 1;
    while (curl_multi_perform(local->multi, &running) == CURLM_OK && running > 0) {
        if (atomic_load(&local->cancelled))
            return err_set(err, E_CANCELLED, "stopped before it was done");
        if (clock_monotonic(&clock_system) - exchange->heard_ms > LIMIT_LOCAL_SILENCE_MS)
            return err_set(err, E_TIMEOUT, "whoever listens on %s has said nothing for %d s", exchange->request->socket,
                           LIMIT_LOCAL_SILENCE_MS / 1000);
        curl_multi_poll(local->multi, NULL, 0, WAIT_MS, NULL);
    }
    int left;
    const CURLMsg *message = curl_multi_info_read(local->multi, &left);
    CURLcode result = message ? message->data.result : CURLE_OUT_OF_MEMORY;
    return result == CURLE_OK && exchange->failed == 0 ? 0 : name_problem(exchange, result, err);
}

static int run(struct local *local, struct exchange *exchange, struct err *err)
{
    char url[256];
    int len = snprintf(url, sizeof url, "http://skein%s", exchange->request->target);
    exchange->easy = curl_easy_init();
    int rc = exchange->easy && len > 0 && (size_t)len < sizeof url ? set_up(exchange, url) : E_NOMEM;
    if (rc == 0 && curl_multi_add_handle(local->multi, exchange->easy) != CURLM_OK)
        rc = E_NOMEM;
    if (rc < 0)
        return err_set(err, rc, "no memory to ask over %s", exchange->request->socket);
    rc = wait_for_end(local, exchange, err);
    curl_multi_remove_handle(local->multi, exchange->easy);
    return rc;
}

int local_post(struct local *local, const struct local_request *request, unsigned *ret_status, struct buf *ret_body,
               struct err *err)
{
    struct exchange exchange = {.request = request, .body = ret_body, .heard_ms = clock_monotonic(&clock_system)};
    long status = 0;
    int rc = check_path(request->socket, err);
    if (rc < 0)
        return rc;
    event_stream_init(&exchange.events, LIMIT_LOCAL_EVENT);
    rc = run(local, &exchange, err);
    if (rc == 0 && curl_easy_getinfo(exchange.easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
        *ret_status = (unsigned)status;
    curl_easy_cleanup(exchange.easy);
    curl_slist_free_all(exchange.headers);
    event_stream_release(&exchange.events);
    return rc;
}

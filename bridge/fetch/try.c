/* bridge/fetch/try.c
 *
 * One try: a curl handle with everything that must be said about it, and what comes back.
 *
 * A handle is made for each try: what is reused is the connection, which curl keeps by itself, and a handle that begins
 * empty cannot carry anything from one host to another. The connection goes to addresses that were vetted: they are
 * given to curl as if it had looked them up (CURLOPT_RESOLVE), and looked at once more where the socket is made.
 */
#include "fetch/inside.h"

#include "base/cleanup.h"
#include "base/limits.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <utlist.h>

#define MINUTE_S 60L

/* How long curl keeps a pinned address: longer than any try waits for its connection, since a try whose pin is gone
 * would ask the system's resolver. */
#define PIN_S (15 * MINUTE_S)

/* A connection is closed after it, so that a host that moved is not asked at its old place for ever. */
#define CONNECTION_AGE_S (10 * MINUTE_S)

/* --- headers --------------------------------------------------------------------------------------------------------*/

static bool is_token(struct text t)
{
    static const struct text others = TEXT("!#$%&'*+-.^_`|~"); /* RFC 9110, section 5.6.2 */
    for (size_t i = 0; i < t.len; i++)
        if (!byte_is_letter(t.data[i]) && !byte_is_digit(t.data[i]) &&
            text_find_byte(others, t.data[i], 0) == TEXT_NOWHERE)
            return false;
    return t.len > 0;
}

bool header_is_sound(const struct fetch_header *header)
{
    struct text value = header->value;
    for (size_t i = 0; i < value.len; i++)
        if (((unsigned char)value.data[i] < ' ' && value.data[i] != '\t') || value.data[i] == 0x7F)
            return false;
    return is_token(header->name);
}

int fetch_attempt_header(struct fetch_attempt *attempt, struct text name, struct text value)
{
    struct fetch_header header = {name, value};
    if (!header_is_sound(&header))
        return E_BAD_INPUT;
    struct fetch_header *grown = arena_grow(&attempt->arena, attempt->signed_headers, attempt->n_signed, sizeof header);
    if (!grown || !arena_text(&attempt->arena, name, &header.name) ||
        !arena_text(&attempt->arena, value, &header.value))
        return E_NOMEM;
    attempt->signed_headers = grown;
    attempt->signed_headers[attempt->n_signed++] = header;
    return 0;
}

static const struct fetch_header *find_header(const struct fetch_header *headers, size_t count, struct text name)
{
    for (size_t i = count; i > 0; i--) /* of two, the later one replaces */
        if (text_equal_fold(headers[i - 1].name, name))
            return &headers[i - 1];
    return NULL;
}

/* What may not be seen by an origin to which somebody else redirected us. */
static bool is_for_first_origin(struct text name)
{
    return text_equal_fold(name, TEXT("Authorization")) || text_equal_fold(name, TEXT("DPoP")) ||
           text_equal_fold(name, TEXT("Cookie"));
}

static int add_line(struct curl_slist **lines, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*lines, line);
    if (!longer)
        return E_NOMEM;
    *lines = longer;
    return 0;
}

static int add_header(struct curl_slist **lines, const struct fetch_header *header)
{
    CLEANUP(buf_release) struct buf line;
    buf_init(&line, LIMIT_REQUEST);
    bool empty = header->value.len == 0; /* "Name;" is how curl sends an empty one; "Name:" takes its own away */
    int rc = buf_printf(&line, "%.*s%s%.*s", TEXT_ARG(header->name), empty ? ";" : ": ", TEXT_ARG(header->value));
    return rc < 0 ? rc : add_line(lines, buf_string(&line));
}

static int add_headers(struct http_call *call)
{
    struct fetch_attempt *attempt = &call->attempt;
    const struct fetch_request *request = &call->request;
    int rc = add_line(&attempt->headers, "Expect:"); /* no second round trip before a body */
    for (size_t i = 0; i < request->n_headers && rc == 0; i++) {
        const struct fetch_header *header = &request->headers[i];
        bool replaced = find_header(attempt->signed_headers, attempt->n_signed, header->name);
        if (!replaced && !(call->foreign && is_for_first_origin(header->name)))
            rc = add_header(&attempt->headers, header);
    }
    for (size_t i = 0; i < attempt->n_signed && rc == 0; i++) {
        const struct fetch_header *header = &attempt->signed_headers[i];
        if (find_header(attempt->signed_headers, attempt->n_signed, header->name) == header)
            rc = add_header(&attempt->headers, header);
    }
    if (rc == 0 && !find_header(request->headers, request->n_headers, TEXT("Content-Type")))
        rc = add_line(&attempt->headers, "Content-Type:"); /* else curl calls every body a form */
    return rc;
}

/* --- what comes back ------------------------------------------------------------------------------------------------*/

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    struct fetch_attempt *attempt = context;
    int rc = buf_add(&attempt->body, (struct text){bytes, size * count});
    attempt->too_large = rc == E_TOO_LARGE;
    attempt->no_memory = rc == E_NOMEM;
    return rc < 0 ? 0 : size * count;
}

/* Line by line. Answers before the last (100 Continue) and lines behind the body are not kept. */
static size_t on_head(char *bytes, size_t size, size_t count, void *context)
{
    struct fetch_attempt *attempt = context;
    struct text line = {bytes, size * count};
    if (text_starts(line, TEXT("HTTP/"))) {
        buf_clear(&attempt->head);
        attempt->head_whole = false;
    }
    if (attempt->head_whole)
        return line.len;
    attempt->head_whole = text_empty(text_trim(line));
    int rc = buf_add(&attempt->head, line);
    attempt->too_large = rc == E_TOO_LARGE;
    attempt->no_memory = rc == E_NOMEM;
    return rc < 0 ? 0 : line.len;
}

struct text try_header(const struct fetch_attempt *attempt, const char *name)
{
    struct text rest = buf_text(&attempt->head);
    struct text line;
    while (text_cut(&rest, '\n', &line)) {
        size_t colon = text_find_byte(line, ':', 0);
        if (colon != TEXT_NOWHERE && text_equal_fold(text_slice(line, 0, colon), text_of(name)))
            return text_trim(text_slice(line, colon + 1, line.len));
    }
    return TEXT_NONE;
}

/* The second belt of the guard: whatever made curl open this socket, the address is looked at. */
static curl_socket_t on_open(void *context, curlsocktype purpose, struct curl_sockaddr *to)
{
    struct http_call *call = context;
    struct fetch *fetch = call->base.fetch;
    struct address address;
    bool loopback = fetch->allow_loopback && (fetch->has_detour || url_is_loopback(&call->url));
    if (purpose != CURLSOCKTYPE_IPCXN || !address_of_sockaddr(&to->addr, &address) ||
        guard_address(&address, text_of(call->url.host), loopback, NULL) < 0) {
        call->attempt.guarded = true;
        return CURL_SOCKET_BAD;
    }
    return socket(to->family, to->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, to->protocol);
}

/* --- setting up -----------------------------------------------------------------------------------------------------*/

/* Where curl connects to, as it would have looked it up: "+name:443:192.0.2.1,[2001:db8::1]". The plus lets curl forget
 * the entry in time. */
static int pin(struct http_call *call, bool detoured)
{
    const struct host *host = call->host;
    const struct fetch *fetch = call->base.fetch;
    const struct address *addresses = detoured ? &fetch->detour : host->addresses;
    size_t count = detoured ? 1 : host->n_addresses;
    char shown[ADDRESS_TEXT_MAX];
    CLEANUP(buf_release) struct buf entry;
    buf_init(&entry, 64 + 256 + DNS_ADDRESSES_MAX * (ADDRESS_TEXT_MAX + 3));
    int rc = buf_printf(&entry, "+%s:%u:", call->url.host, detoured ? fetch->detour_port : call->url.port);
    for (size_t i = 0; i < count && rc == 0; i++) {
        address_print(&addresses[i], shown);
        rc = buf_printf(&entry, addresses[i].v6 ? "%s[%s]" : "%s%s", i > 0 ? "," : "", shown);
    }
    return rc < 0 ? rc : add_line(&call->attempt.pin, buf_string(&entry));
}

/* The URL that is asked. A detour changes how it gets there, not whom it is for. */
static int set_url(struct http_call *call, bool detoured)
{
    struct fetch_attempt *attempt = &call->attempt;
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, LIMIT_URL + 64);
    if (!detoured)
        return curl_easy_setopt(attempt->easy, CURLOPT_URL, call->url.whole) == CURLE_OK ? 0 : E_NOMEM;
    struct text whole = text_of(call->url.whole);
    size_t path = text_find_byte(whole, '/', sizeof "https://" - 1);
    int rc = buf_printf(&text, "http://%s:%u%.*s", call->url.host, call->base.fetch->detour_port,
                        TEXT_ARG(text_slice(whole, path, whole.len)));
    if (rc == 0 && curl_easy_setopt(attempt->easy, CURLOPT_URL, buf_string(&text)) != CURLE_OK)
        rc = E_NOMEM;
    buf_clear(&text);
    if (rc == 0)
        rc = buf_printf(&text, "Host: %s", call->url.host);
    return rc < 0 ? rc : add_line(&attempt->headers, buf_string(&text));
}

/* curl's return codes are gathered: each of these fails only without memory. */
#define SET(option, value) failed |= curl_easy_setopt(easy, (option), (value)) != CURLE_OK

static int set_method(struct http_call *call)
{
    const struct fetch_request *request = &call->request;
    CURL *easy = call->attempt.easy;
    int failed = 0;
    if (strcmp(request->method, "HEAD") == 0) {
        SET(CURLOPT_NOBODY, 1L);
        return failed ? E_NOMEM : 0;
    }
    if (strcmp(request->method, "GET") != 0 || request->body.len > 0) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
        SET(CURLOPT_POSTFIELDS, request->body.data);
        SET(CURLOPT_CUSTOMREQUEST, request->method);
    }
    SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)request->response_max);
    /* On a connection that was used before and is found closed, curl sends anything again by itself: a POST twice, or
     * one proof twice. */
    bool once = !call_may_repeat(call) || request->before_attempt;
    SET(CURLOPT_FRESH_CONNECT, once ? 1L : 0L);
    SET(CURLOPT_FORBID_REUSE, once ? 1L : 0L);
    return failed ? E_NOMEM : 0;
}

static int set_trust(const struct fetch *fetch, CURL *easy)
{
    const char *folder = curl_version_info(CURLVERSION_NOW)->capath;
    int failed = 0;
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (fetch->ca_file) {
        SET(CURLOPT_CAINFO, fetch->ca_file);
        SET(CURLOPT_CAPATH, NULL);
    } else if (folder) { /* only what is needed is read from it: 2 ms; the system's one file is parsed whole: 40 ms */
        SET(CURLOPT_CAINFO, NULL);
        SET(CURLOPT_CAPATH, folder);
    }
    return failed ? E_NOMEM : 0;
}

static int set_connection(struct http_call *call, bool tls)
{
    const struct fetch *fetch = call->base.fetch;
    CURL *easy = call->attempt.easy;
    int failed = 0;
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L);
    SET(CURLOPT_PROTOCOLS_STR, tls ? "https" : "http");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOPROXY, "*");
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_TIMEOUT_MS, (long)call->request.attempt_ms);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)call->request.attempt_ms);
    SET(CURLOPT_HTTP_VERSION, (long)(tls ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
    SET(CURLOPT_PIPEWAIT, tls ? 1L : 0L);
    SET(CURLOPT_MAXLIFETIME_CONN, CONNECTION_AGE_S);
    SET(CURLOPT_DNS_CACHE_TIMEOUT, PIN_S);
    SET(CURLOPT_RESOLVE, call->attempt.pin);
    SET(CURLOPT_OPENSOCKETFUNCTION, on_open);
    SET(CURLOPT_OPENSOCKETDATA, call);
    return failed ? E_NOMEM : set_trust(fetch, easy);
}

static int set_exchange(struct http_call *call)
{
    struct fetch_attempt *attempt = &call->attempt;
    CURL *easy = attempt->easy;
    int failed = 0;
    SET(CURLOPT_PRIVATE, (void *)call);
    SET(CURLOPT_USERAGENT, call->base.fetch->user_agent);
    SET(CURLOPT_ACCEPT_ENCODING, "gzip");
    SET(CURLOPT_HTTPHEADER, attempt->headers);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, attempt);
    SET(CURLOPT_HEADERFUNCTION, on_head);
    SET(CURLOPT_HEADERDATA, attempt);
    SET(CURLOPT_ERRORBUFFER, attempt->words);
    return failed ? E_NOMEM : set_method(call);
}

static void begin_attempt(struct http_call *call)
{
    struct fetch_attempt *attempt = &call->attempt;
    try_clear(attempt);
    arena_init(&attempt->arena, LIMIT_REQUEST);
    buf_init(&attempt->head, LIMIT_RESPONSE_HEAD);
    buf_init(&attempt->body, call->request.response_max);
    attempt->sent_ms = alarms_now(call->base.fetch->alarms);
}

static void count_try(struct http_call *call)
{
    struct fetch_count *count = count_of(call->base.fetch, call->request.label);
    if (!count)
        return;
    count->requests++;
    count->repeated += call->tries > 1;
}

int try_start(struct http_call *call, struct err *err)
{
    struct fetch *fetch = call->base.fetch;
    struct fetch_attempt *attempt = &call->attempt;
    bool detoured = fetch->has_detour && !url_is_loopback(&call->url);
    begin_attempt(call);
    int rc = call->request.before_attempt ? call->request.before_attempt(attempt, call->context) : 0;
    if (rc < 0)
        return err_set(err, rc, "the request to %s could not be signed", call->url.host);
    attempt->easy = curl_easy_init();
    rc = attempt->easy ? add_headers(call) : E_NOMEM;
    if (rc == 0)
        rc = set_url(call, detoured);
    if (rc == 0)
        rc = pin(call, detoured);
    if (rc == 0)
        rc = set_connection(call, call->url.tls && !detoured);
    if (rc == 0)
        rc = set_exchange(call);
    if (rc == 0)
        rc = curl_loop_add(fetch->curl, attempt->easy);
    if (rc < 0) {
        try_clear(attempt);
        return err_set(err, rc, "no memory to ask %s", call->url.host);
    }
    count_try(call);
    return 0;
}

/* curl has let go of the handle. */
static void free_handle(struct fetch_attempt *attempt)
{
    curl_easy_cleanup(attempt->easy);
    curl_slist_free_all(attempt->headers);
    curl_slist_free_all(attempt->pin);
    attempt->easy = NULL;
    attempt->headers = NULL;
    attempt->pin = NULL;
}

bool try_was_sent(const struct fetch_attempt *attempt)
{
    long sent = 0;
    curl_easy_getinfo(attempt->easy, CURLINFO_REQUEST_SIZE, &sent);
    return sent > 0;
}

void try_stop(struct http_call *call)
{
    if (call->attempt.easy)
        curl_loop_remove(call->base.fetch->curl, call->attempt.easy);
    free_handle(&call->attempt);
}

void try_clear(struct fetch_attempt *attempt)
{
    free_handle(attempt);
    arena_release(&attempt->arena);
    buf_release(&attempt->head);
    buf_release(&attempt->body);
    *attempt = (struct fetch_attempt){0};
}

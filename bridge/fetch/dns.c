/* bridge/fetch/dns.c
 *
 * c-ares on the loop.
 *
 * A query has two holders: c-ares, until it has called back, and the asker, until it was told or has cancelled. What
 * c-ares says is kept in the query and told from an alarm, because c-ares may call back from inside the call that
 * starts a question, and from inside its own list of them.
 *
 *     started ──> c-ares answers ──> settled, told at the next turn ──> freed
 *        ├─ deadline ──> told E_TIMEOUT ──> waits for c-ares ──> freed
 *        └─ cancelled ────────────────────> waits for c-ares ──> freed
 */
#include "fetch/dns.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/utf8.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <stdlib.h>
#include <string.h>

CLEANUP_POINTER(struct ares_addrinfo, ares_freeaddrinfo)
CLEANUP_POINTER(struct ares_txt_ext, ares_free_data)

struct dns_socket {
    uv_poll_t poll;
    struct dns *dns; /* borrowed */
    ares_socket_t fd;
    struct dns_socket *next; /* owned */
};

struct dns {
    uv_loop_t *loop;       /* borrowed */
    struct alarms *alarms; /* borrowed */
    ares_channel channel;  /* owned */
    struct dns_socket *sockets;
    struct alarm retry; /* c-ares' own clockwork: resend, give up */
    bool closing;
    unsigned open_handles;
    void (*closed)(void *context);
    void *context; /* borrowed */
};

struct dns_query {
    struct dns *dns;    /* borrowed */
    struct alarm alarm; /* the deadline; once settled, the turn in which it is told */
    dns_done_fn *done;  /* NULL: nobody waits any more */
    void *context;      /* borrowed */
    bool with_ares;     /* c-ares has not called back yet */
    bool settled;       /* answer is what will be told */
    struct arena arena; /* owned: name, addresses, records */
    struct text name;   /* in the arena */
    struct err err;     /* the sentence of answer.reason */
    struct dns_answer answer;
};

/* --- sockets --------------------------------------------------------------------------------------------------------*/

static void arm_retry(struct dns *dns)
{
    struct timeval tv;
    const struct timeval *left = ares_timeout(dns->channel, NULL, &tv);
    if (!left) {
        alarm_stop(dns->alarms, &dns->retry);
        return;
    }
    alarm_set(dns->alarms, &dns->retry, left->tv_sec * SECOND_MS + (left->tv_usec + 999) / 1000);
}

static void on_retry(struct alarm *alarm)
{
    struct dns *dns = CONTAINER_OF(alarm, struct dns, retry);
    ares_process_fd(dns->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    arm_retry(dns);
}

static void on_socket(uv_poll_t *poll, int status, int events)
{
    struct dns_socket *socket = poll->data;
    struct dns *dns = socket->dns;
    bool broken = status < 0; /* c-ares finds out by reading */
    ares_process_fd(dns->channel, broken || (events & UV_READABLE) ? socket->fd : ARES_SOCKET_BAD,
                    broken || (events & UV_WRITABLE) ? socket->fd : ARES_SOCKET_BAD);
    arm_retry(dns);
}

static void finish_close(struct dns *dns)
{
    void (*closed)(void *context) = dns->closed;
    void *context = dns->context;
    free(dns);
    if (closed)
        closed(context);
}

static void on_socket_closed(uv_handle_t *handle)
{
    struct dns_socket *socket = handle->data;
    struct dns *dns = socket->dns;
    free(socket);
    if (--dns->open_handles == 0 && dns->closing)
        finish_close(dns);
}

static struct dns_socket *add_socket(struct dns *dns, ares_socket_t fd)
{
    struct dns_socket *socket = calloc(1, sizeof *socket);
    if (!socket)
        return NULL;
    if (uv_poll_init_socket(dns->loop, &socket->poll, fd) < 0) {
        free(socket);
        return NULL;
    }
    socket->poll.data = socket;
    socket->dns = dns;
    socket->fd = fd;
    socket->next = dns->sockets;
    dns->sockets = socket;
    dns->open_handles++;
    return socket;
}

static void drop_socket(struct dns_socket **at)
{
    struct dns_socket *socket = *at;
    *at = socket->next;
    uv_poll_stop(&socket->poll);
    uv_close((uv_handle_t *)&socket->poll, on_socket_closed);
}

/* c-ares tells which of its sockets it wants to read or write; neither means that it is about to close it. */
static void on_socket_state(void *context, ares_socket_t fd, int readable, int writable)
{
    struct dns *dns = context;
    struct dns_socket **at = &dns->sockets;
    while (*at && (*at)->fd != fd)
        at = &(*at)->next;
    if (!readable && !writable) {
        if (*at)
            drop_socket(at);
        return;
    }
    struct dns_socket *socket = *at ? *at : add_socket(dns, fd);
    if (!socket)
        return; /* without memory the question ends by its time-out */
    uv_poll_start(&socket->poll, (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0), on_socket);
}

/* --- queries --------------------------------------------------------------------------------------------------------*/

static void free_query_if_let_go(struct dns_query *query)
{
    if (query->with_ares || query->done)
        return;
    alarm_stop(query->dns->alarms, &query->alarm);
    arena_release(&query->arena);
    free(query);
}

static void tell(struct dns_query *query)
{
    dns_done_fn *done = query->done;
    query->answer.reason = query->err.text;
    done(query->context, &query->answer);
    query->done = NULL;
    free_query_if_let_go(query);
}

static void on_alarm(struct alarm *alarm)
{
    struct dns_query *query = CONTAINER_OF(alarm, struct dns_query, alarm);
    if (!query->settled) {
        query->settled = true;
        query->answer.code =
            err_set(&query->err, E_TIMEOUT, "no DNS server answered in time for %.*s", TEXT_ARG(query->name));
    }
    tell(query);
}

/* What c-ares said, where it was no answer, as one of our codes and a sentence. */
static int explain(struct dns_query *query, int status)
{
    struct err *err = &query->err;
    struct text name = query->name;
    switch (status) {
    case ARES_ENOTFOUND:
    case ARES_ENONAME:
        return err_set(err, E_NOT_FOUND, "the name %.*s does not exist in the DNS", TEXT_ARG(name));
    case ARES_ENODATA:
        return err_set(err, E_NOT_FOUND, "the DNS has no such records for %.*s", TEXT_ARG(name));
    case ARES_EBADNAME:
        return err_set(err, E_BAD_INPUT, "\"%.*s\" is not a name the DNS can be asked for", TEXT_ARG(name));
    case ARES_ENOMEM:
        return err_set(err, E_NOMEM, "no memory to look up %.*s", TEXT_ARG(name));
    case ARES_ETIMEOUT:
        return err_set(err, E_TIMEOUT, "no DNS server answered for %.*s", TEXT_ARG(name));
    default: /* c-ares' numbers, not an enum of ours */
        return err_set(err, E_UNAVAILABLE, "%.*s could not be looked up: %s", TEXT_ARG(name), ares_strerror(status));
    }
}

/* c-ares is through with the query. */
static void settle(struct dns_query *query, int code)
{
    query->with_ares = false;
    if (!query->done || query->settled) {
        free_query_if_let_go(query);
        return;
    }
    query->settled = true;
    query->answer.code = code;
    alarm_set(query->dns->alarms, &query->alarm, 0);
}

static int keep_addresses(struct dns_query *query, const struct ares_addrinfo *info)
{
    struct address *kept = ARENA_ARRAY(&query->arena, struct address, DNS_ADDRESSES_MAX);
    struct dns_answer *answer = &query->answer;
    if (!kept)
        return explain(query, ARES_ENOMEM);
    answer->addresses = kept;
    answer->ttl_ms = INT64_MAX;
    for (const struct ares_addrinfo_node *node = info->nodes; node; node = node->ai_next) {
        if (answer->n_addresses == DNS_ADDRESSES_MAX)
            break;
        if (!address_of_sockaddr(node->ai_addr, &kept[answer->n_addresses]))
            continue;
        answer->n_addresses++;
        if (node->ai_ttl * SECOND_MS < answer->ttl_ms)
            answer->ttl_ms = node->ai_ttl * SECOND_MS;
    }
    return answer->n_addresses > 0 ? 0 : explain(query, ARES_ENODATA);
}

static void on_addresses(void *context, int status, int timeouts, struct ares_addrinfo *result)
{
    CLEANUP(ares_freeaddrinfo_at) struct ares_addrinfo *info = result;
    struct dns_query *query = context;
    (void)timeouts;
    bool wanted = query->done && !query->settled;
    settle(query, !wanted ? 0 : status == ARES_SUCCESS ? keep_addresses(query, info) : explain(query, status));
}

/* A record comes in pieces of at most 255 bytes that belong together (RFC 7208, section 3.3, says so for all). */
static int keep_record(struct dns_query *query, const struct ares_txt_ext *piece, struct text *ret_record)
{
    CLEANUP(buf_release) struct buf whole;
    buf_init(&whole, LIMIT_TXT_RECORD);
    do {
        if (utf8_repair(&whole, (struct text){(const char *)piece->txt, piece->length}) < 0)
            break; /* longer than any record that means something to us: what fits is kept */
        piece = piece->next;
    } while (piece && !piece->record_start);
    return arena_text(&query->arena, buf_text(&whole), ret_record) ? 0 : E_NOMEM;
}

static int keep_records(struct dns_query *query, const struct ares_txt_ext *pieces)
{
    size_t count = 0;
    struct text *records = NULL;
    for (const struct ares_txt_ext *piece = pieces; piece; piece = piece->next) {
        if (!piece->record_start)
            continue;
        records = arena_grow(&query->arena, records, count, sizeof *records);
        if (!records || keep_record(query, piece, &records[count]) < 0)
            return explain(query, ARES_ENOMEM);
        count++;
    }
    query->answer.records = records;
    query->answer.n_records = count;
    return count > 0 ? 0 : explain(query, ARES_ENODATA);
}

static void on_txt(void *context, int status, int timeouts, unsigned char *bytes, int len)
{
    CLEANUP(ares_free_data_at) struct ares_txt_ext *pieces = NULL;
    struct dns_query *query = context;
    (void)timeouts;
    bool wanted = query->done && !query->settled;
    if (status == ARES_SUCCESS)
        status = ares_parse_txt_reply_ext(bytes, len, &pieces);
    settle(query, !wanted ? 0 : status == ARES_SUCCESS ? keep_records(query, pieces) : explain(query, status));
}

static struct dns_query *new_query(struct dns *dns, struct text name, int64_t deadline_ms, dns_done_fn *done,
                                   void *context)
{
    struct dns_query *query = calloc(1, sizeof *query);
    if (!query)
        return NULL;
    query->dns = dns;
    query->alarm.ring = on_alarm;
    query->done = done;
    query->context = context;
    query->with_ares = true;
    arena_init(&query->arena, LIMIT_DNS_ANSWER);
    if (!arena_text(&query->arena, name, &query->name)) {
        free(query);
        return NULL;
    }
    alarm_set(dns->alarms, &query->alarm, deadline_ms);
    return query;
}

struct dns_query *dns_addresses(struct dns *dns, struct text name, int64_t deadline_ms, dns_done_fn *done,
                                void *context)
{
    /* Unsorted: curl tries both families side by side by itself. */
    static const struct ares_addrinfo_hints hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = ARES_AI_NOSORT};
    struct dns_query *query = new_query(dns, name, deadline_ms, done, context);
    if (!query)
        return NULL;
    ares_getaddrinfo(dns->channel, query->name.data, NULL, &hints, on_addresses, query);
    arm_retry(dns);
    return query;
}

struct dns_query *dns_txt(struct dns *dns, struct text name, int64_t deadline_ms, dns_done_fn *done, void *context)
{
    struct dns_query *query = new_query(dns, name, deadline_ms, done, context);
    if (!query)
        return NULL;
    ares_query(dns->channel, query->name.data, C_IN, T_TXT, on_txt, query);
    arm_retry(dns);
    return query;
}

void dns_cancel(struct dns_query *query)
{
    query->done = NULL;
    alarm_stop(query->dns->alarms, &query->alarm);
    free_query_if_let_go(query);
}

/* --- life -----------------------------------------------------------------------------------------------------------*/

static int init_channel(struct dns *dns, struct text servers, struct err *err)
{
    char lookups[] = "b"; /* the DNS alone, no /etc/hosts */
    struct ares_options options = {
        .flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS,
        .ednspsz = 1232, /* fits every path without fragments (DNS flag day 2020) */
        .timeout = LIMIT_DNS_TRY_MS,
        .tries = LIMIT_DNS_TRIES,
        .lookups = lookups,
        .sock_state_cb = on_socket_state,
        .sock_state_cb_data = dns,
    };
    int mask = ARES_OPT_FLAGS | ARES_OPT_EDNSPSZ | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS |
               ARES_OPT_DOMAINS | ARES_OPT_SOCK_STATE_CB; /* no domains: names are whole */
    CLEANUP_FREE char *list = strndup(servers.data ? servers.data : "", servers.len);
    int rc = list ? ares_init_options(&dns->channel, &options, mask) : ARES_ENOMEM;
    if (rc == ARES_SUCCESS && servers.len > 0) {
        rc = ares_set_servers_ports_csv(dns->channel, list);
        if (rc != ARES_SUCCESS)
            ares_destroy(dns->channel);
    }
    if (rc != ARES_SUCCESS)
        return err_set(err, rc == ARES_ENOMEM ? E_NOMEM : E_IO, "c-ares cannot start with DNS servers \"%.*s\": %s",
                       TEXT_ARG(servers), ares_strerror(rc));
    return 0;
}

struct dns *dns_new(uv_loop_t *loop, struct alarms *alarms, struct text servers, struct err *err)
{
    struct dns *dns = calloc(1, sizeof *dns);
    if (!dns) {
        err_set(err, E_NOMEM, "no memory for DNS");
        return NULL;
    }
    dns->loop = loop;
    dns->alarms = alarms;
    dns->retry.ring = on_retry;
    if (init_channel(dns, servers, err) < 0) {
        free(dns);
        return NULL;
    }
    return dns;
}

static void on_nothing_open(struct alarm *alarm)
{
    finish_close(CONTAINER_OF(alarm, struct dns, retry));
}

void dns_close(struct dns *dns, void (*done)(void *context), void *context)
{
    dns->closing = true;
    dns->closed = done;
    dns->context = context;
    ares_destroy(dns->channel); /* calls back for every query that was let go of, and drops every socket */
    alarm_stop(dns->alarms, &dns->retry);
    if (dns->open_handles == 0) {
        dns->retry.ring = on_nothing_open;
        alarm_set(dns->alarms, &dns->retry, 0);
    }
}

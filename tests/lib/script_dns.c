/* tests/lib/script_dns.c
 *
 * The scripted DNS server (RFC 1035, one question a message, no compression but the name asked for).
 */
#include "lib/script_dns.h"

#include "base/arena.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_SIZE    256
#define MESSAGE_SIZE 4096
#define HEAD_SIZE    12
#define MEMORY       ((size_t)16 * 1024 * 1024)

struct dns_record {
    const char *name;
    enum script_dns_type type;
    const char *value;
    uint32_t ttl;
    bool removed;
    struct dns_record *next;
};

struct failure {
    const char *name; /* NULL: any */
    enum script_dns_how how;
    size_t times;
    struct failure *next;
};

struct question {
    char name[NAME_SIZE];
    int type;
    struct question *next;
};

struct script_dns {
    uv_udp_t udp;
    char address[32];
    struct arena arena;
    struct dns_record *records;
    struct failure *failures;
    struct question *questions;
    uint32_t ttl;
    char incoming[MESSAGE_SIZE];
};

struct message {
    unsigned char bytes[MESSAGE_SIZE];
    size_t len;
};

static void *must(void *pointer)
{
    if (pointer)
        return pointer;
    fprintf(stderr, "script_dns: no memory\n");
    abort();
}

static const char *keep(struct script_dns *dns, const char *string)
{
    struct text copy;
    if (!arena_text(&dns->arena, text_of(string), &copy))
        must(NULL);
    return copy.data;
}

static bool same_name(const char *a, const char *b)
{
    return text_equal_fold(text_of(a), text_of(b));
}

/* --- messages -------------------------------------------------------------------------------------------------------*/

static void put(struct message *message, const void *bytes, size_t len)
{
    if (message->len + len > sizeof message->bytes)
        abort(); /* a test with more records than a message holds */
    memcpy(message->bytes + message->len, bytes, len);
    message->len += len;
}

static void put_u16(struct message *message, unsigned value)
{
    uint16_t wire = htons((uint16_t)value);
    put(message, &wire, sizeof wire);
}

static void put_u32(struct message *message, uint32_t value)
{
    uint32_t wire = htonl(value);
    put(message, &wire, sizeof wire);
}

static void put_name(struct message *message, const char *name)
{
    struct text rest = text_of(name);
    struct text label;
    while (text_cut(&rest, '.', &label)) {
        unsigned char len = (unsigned char)label.len;
        put(message, &len, 1);
        put(message, label.data, label.len);
    }
    put(message, "", 1);
}

static void put_data(struct message *message, const struct dns_record *record)
{
    unsigned char address[16];
    struct text rest = text_of(record->value);
    switch (record->type) {
    case SCRIPT_A:
    case SCRIPT_AAAA:
        if (inet_pton(record->type == SCRIPT_A ? AF_INET : AF_INET6, record->value, address) != 1)
            abort();
        put(message, address, record->type == SCRIPT_A ? 4 : 16);
        break;
    case SCRIPT_CNAME:
        put_name(message, record->value);
        break;
    case SCRIPT_TXT:
        do {
            struct text piece = text_slice(rest, 0, 255);
            unsigned char len = (unsigned char)piece.len;
            put(message, &len, 1);
            put(message, piece.data ? piece.data : "", piece.len);
            rest = text_slice(rest, piece.len, rest.len);
        } while (rest.len > 0);
        break;
    }
}

static void put_record(struct message *message, const struct dns_record *record)
{
    struct message data = {.len = 0};
    put_data(&data, record);
    put_name(message, record->name);
    put_u16(message, record->type);
    put_u16(message, 1);
    put_u32(message, record->ttl);
    put_u16(message, (unsigned)data.len);
    put(message, data.bytes, data.len);
}

/* The question of a query: its name with dots, its type, and where it ends. False for what is no query. */
static bool read_question(const unsigned char *bytes, size_t len, struct question *ret_question, size_t *ret_end)
{
    size_t at = HEAD_SIZE;
    size_t out = 0;
    while (at < len && bytes[at] > 0) {
        size_t label = bytes[at++];
        if (label > 63 || at + label > len || out + label + 2 > NAME_SIZE)
            return false;
        if (out > 0)
            ret_question->name[out++] = '.';
        memcpy(ret_question->name + out, bytes + at, label);
        out += label;
        at += label;
    }
    if (at + 5 > len)
        return false;
    ret_question->name[out] = '\0';
    ret_question->type = bytes[at + 1] << 8 | bytes[at + 2];
    *ret_end = at + 5;
    return true;
}

/* --- answers --------------------------------------------------------------------------------------------------------*/

static const struct dns_record *find(const struct script_dns *dns, const char *name, int type,
                                     const struct dns_record *behind)
{
    const struct dns_record *record = behind ? behind->next : dns->records;
    while (record && (record->removed || !same_name(record->name, name) || (type && (int)record->type != type)))
        record = record->next;
    return record;
}

static enum script_dns_how how_of(struct script_dns *dns, const char *name)
{
    for (struct failure *failure = dns->failures; failure; failure = failure->next) {
        if (failure->times == 0 || (failure->name && !same_name(failure->name, name)))
            continue;
        if (failure->times != SCRIPT_DNS_EVER)
            failure->times--;
        return failure->how;
    }
    return find(dns, name, 0, NULL) ? SCRIPT_DNS_ANSWER : SCRIPT_DNS_NXDOMAIN;
}

static unsigned put_answers(struct script_dns *dns, const struct question *question, struct message *message)
{
    unsigned count = 0;
    const char *name = question->name;
    const struct dns_record *alias;
    for (int hops = 0; hops < 8 && (alias = find(dns, name, SCRIPT_CNAME, NULL)); hops++) {
        put_record(message, alias);
        name = alias->value;
        count++;
    }
    const struct dns_record *record = NULL;
    while ((record = find(dns, name, question->type, record))) {
        put_record(message, record);
        count++;
    }
    return count;
}

static void answer(struct script_dns *dns, const unsigned char *query, size_t end, const struct question *question,
                   const struct sockaddr *to)
{
    static const unsigned rcodes[] = {
        [SCRIPT_DNS_ANSWER] = 0, [SCRIPT_DNS_SERVFAIL] = 2, [SCRIPT_DNS_REFUSED] = 5, [SCRIPT_DNS_NXDOMAIN] = 3};
    enum script_dns_how how = how_of(dns, question->name);
    struct message message = {.len = 0};
    uv_buf_t out;
    if (how == SCRIPT_DNS_SILENT)
        return;
    put(&message, query, 2); /* its id */
    if (how == SCRIPT_DNS_GARBAGE) {
        put(&message, "\xFF\xFF\xFF garbage", 11);
    } else {
        put_u16(&message, 0x8180 | rcodes[how]); /* an answer, recursion wanted and had */
        put_u16(&message, 1);
        put_u16(&message, 0);
        put_u32(&message, 0);
        put(&message, query + HEAD_SIZE, end - HEAD_SIZE);
        unsigned count = how == SCRIPT_DNS_ANSWER ? put_answers(dns, question, &message) : 0;
        message.bytes[7] = (unsigned char)count;
    }
    out = uv_buf_init((char *)message.bytes, (unsigned)message.len);
    uv_udp_try_send(&dns->udp, &out, 1, to);
}

static void lend_memory(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_buf)
{
    struct script_dns *dns = handle->data;
    (void)suggested;
    *ret_buf = uv_buf_init(dns->incoming, sizeof dns->incoming);
}

static void on_query(uv_udp_t *udp, ssize_t len, const uv_buf_t *bytes, const struct sockaddr *from, unsigned flags)
{
    struct script_dns *dns = udp->data;
    struct question question = {.type = 0};
    size_t end;
    (void)flags;
    if (len <= 0 || !from || !read_question((const unsigned char *)bytes->base, (size_t)len, &question, &end))
        return;
    struct question *kept = must(ARENA_NEW(&dns->arena, struct question));
    *kept = question;
    kept->next = dns->questions;
    dns->questions = kept;
    answer(dns, (const unsigned char *)bytes->base, end, &question, from);
}

/* --- the server -----------------------------------------------------------------------------------------------------*/

struct script_dns *script_dns_new(uv_loop_t *loop)
{
    struct script_dns *dns = must(calloc(1, sizeof *dns));
    struct sockaddr_in address;
    int len = sizeof address;
    dns->ttl = 300;
    arena_init(&dns->arena, MEMORY);
    uv_ip4_addr("127.0.0.1", 0, &address);
    uv_udp_init(loop, &dns->udp);
    dns->udp.data = dns;
    if (uv_udp_bind(&dns->udp, (const struct sockaddr *)&address, 0) < 0 ||
        uv_udp_getsockname(&dns->udp, (struct sockaddr *)&address, &len) < 0 ||
        uv_udp_recv_start(&dns->udp, lend_memory, on_query) < 0) {
        fprintf(stderr, "script_dns: cannot listen on 127.0.0.1\n");
        abort();
    }
    snprintf(dns->address, sizeof dns->address, "127.0.0.1:%u", ntohs(address.sin_port));
    return dns;
}

static void on_closed(uv_handle_t *handle)
{
    struct script_dns *dns = handle->data;
    arena_release(&dns->arena);
    free(dns);
}

void script_dns_close(struct script_dns *dns)
{
    uv_close((uv_handle_t *)&dns->udp, on_closed);
}

const char *script_dns_address(const struct script_dns *dns)
{
    return dns->address;
}

void script_dns_add(struct script_dns *dns, const char *name, enum script_dns_type type, const char *value)
{
    struct dns_record **at = &dns->records;
    while (*at)
        at = &(*at)->next;
    *at = must(ARENA_NEW(&dns->arena, struct dns_record));
    **at = (struct dns_record){.name = keep(dns, name), .type = type, .value = keep(dns, value), .ttl = dns->ttl};
}

void script_dns_ttl(struct script_dns *dns, uint32_t seconds)
{
    dns->ttl = seconds;
}

void script_dns_remove(struct script_dns *dns, const char *name)
{
    for (struct dns_record *record = dns->records; record; record = record->next)
        record->removed = record->removed || same_name(record->name, name);
}

void script_dns_fail(struct script_dns *dns, const char *name, enum script_dns_how how, size_t times)
{
    struct failure **at = &dns->failures;
    while (*at)
        at = &(*at)->next;
    *at = must(ARENA_NEW(&dns->arena, struct failure));
    **at = (struct failure){.name = name ? keep(dns, name) : NULL, .how = how, .times = times};
}

size_t script_dns_hits(const struct script_dns *dns, const char *name, int type)
{
    size_t hits = 0;
    for (const struct question *question = dns->questions; question; question = question->next)
        hits += (!name || same_name(question->name, name)) && (type == 0 || question->type == type);
    return hits;
}

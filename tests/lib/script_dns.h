/* tests/lib/script_dns.h
 *
 * A DNS server on a UDP port of 127.0.0.1 that answers as it was told.
 *
 *     struct script_dns *dns = script_dns_new(uv);
 *     script_dns_add(dns, "pds.example.com", SCRIPT_A, "198.41.0.4");
 *     script_dns_add(dns, "_atproto.alice.test", SCRIPT_TXT, "did=did:plc:...");
 *     ... dns_servers = script_dns_address(dns) ...
 *     script_dns_close(dns);             and let the loop run until its handle is closed
 *
 * A name that nobody added does not exist; a name with records, but none of the type asked for, has no such records.
 * Runs on the loop of the test, one thread; without memory it aborts.
 */
#ifndef SKEIN_TESTS_LIB_SCRIPT_DNS_H
#define SKEIN_TESTS_LIB_SCRIPT_DNS_H

#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct script_dns;

enum script_dns_type { SCRIPT_A = 1, SCRIPT_CNAME = 5, SCRIPT_TXT = 16, SCRIPT_AAAA = 28 };

enum script_dns_how {
    SCRIPT_DNS_ANSWER,   /* by the records */
    SCRIPT_DNS_SERVFAIL, /* "I could not find out" */
    SCRIPT_DNS_REFUSED,
    SCRIPT_DNS_NXDOMAIN,
    SCRIPT_DNS_GARBAGE, /* bytes that are no DNS message, with the right id */
    SCRIPT_DNS_SILENT,  /* no answer at all */
};

struct script_dns *script_dns_new(uv_loop_t *loop);
void script_dns_close(struct script_dns *dns);

/* "127.0.0.1:<port>"; belongs to the server. */
const char *script_dns_address(const struct script_dns *dns);

/* One more record. value: an address, a name for SCRIPT_CNAME, or the text of a TXT record, which is cut into pieces of
 * 255 bytes. Its time to live is what script_dns_ttl set last; 300 s at first. */
void script_dns_add(struct script_dns *dns, const char *name, enum script_dns_type type, const char *value);
void script_dns_ttl(struct script_dns *dns, uint32_t seconds);

/* Takes all records of the name away. */
void script_dns_remove(struct script_dns *dns, const char *name);

/* The next `times` questions for the name (NULL: for any) are answered so; SCRIPT_DNS_EVER: all. */
#define SCRIPT_DNS_EVER SIZE_MAX
void script_dns_fail(struct script_dns *dns, const char *name, enum script_dns_how how, size_t times);

/* Questions so far: for the name (NULL: any), of the type (0: any). */
size_t script_dns_hits(const struct script_dns *dns, const char *name, int type);

#endif

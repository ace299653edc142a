/* bridge/fetch/guard.h
 *
 * Which names and addresses Skein may ask: the wall between URLs that strangers write and the operator's own network.
 *
 * URLs come from DID documents, handles and OAuth metadata, so whoever writes them chooses where Skein connects. A name
 * must be an ordinary one of at least two labels; an address must be public unicast. One address of an answer that is
 * not public refuses the whole name: a name that leads half to us and half to a private network is an attack or a
 * mistake.
 *
 * Pure: no sockets, no DNS. Any thread.
 */
#ifndef SKEIN_FETCH_GUARD_H
#define SKEIN_FETCH_GUARD_H

#include "base/err.h"
#include "base/text.h"

#include <netinet/in.h>

struct address {
    bool v6;
    unsigned char bytes[16]; /* network order; v4 in the first four */
};

#define ADDRESS_TEXT_MAX INET6_ADDRSTRLEN

/* "192.0.2.1" or "2001:db8::1", without brackets and zone. */
bool address_parse(struct text t, struct address *ret_address);
bool address_of_sockaddr(const struct sockaddr *from, struct address *ret_address);
void address_print(const struct address *address, char ret_text[ADDRESS_TEXT_MAX]);

/* What the address is where it is not public unicast ("a private network"); NULL where it is. */
const char *address_not_public(const struct address *address);

/* 127.0.0.0/8 and ::1, nothing else: not ::ffff:127.0.0.1, not 0.0.0.0. */
bool address_is_loopback(const struct address *address);

/* 0, or E_FORBIDDEN and a sentence that names the host. Loopback passes where `allow_loopback` says so. */
int guard_address(const struct address *address, struct text host, bool allow_loopback, struct err *err);

/* A name that may be looked up: lower-case letters, digits, hyphens, at least two labels, the last one a top level
 * domain of the public DNS. E_FORBIDDEN and a sentence otherwise. */
int guard_name(struct text name, struct err *err);

/* As guard_name, and labels may hold underscores, as in "_atproto.alice.test". */
int guard_record_name(struct text name, struct err *err);

#endif

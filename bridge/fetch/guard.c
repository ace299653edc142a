/* bridge/fetch/guard.c
 *
 * The lists of addresses and top level domains that are not public, and the look into them.
 *
 * Addresses: the IANA special-purpose registries for IPv4 and IPv6 (RFC 6890 and its updates), of which everything is
 * refused that is not globally reachable unicast; beside them the ways to write an IPv4 address inside an IPv6 one
 * (mapped, NAT64, 6to4, Teredo), because the address inside would need a look of its own.
 */
#include "fetch/guard.h"

#include "base/cleanup.h"

#include <arpa/inet.h>
#include <string.h>

struct block {
    const char *network; /* as inet_pton reads it */
    unsigned bits;
    const char *what;
};

/* The first block that holds an address names it. */
static const struct block blocks_v4[] = {
    {"0.0.0.0", 8, "this very network"},
    {"10.0.0.0", 8, "a private network"},
    {"100.64.0.0", 10, "a carrier's shared network"},
    {"127.0.0.0", 8, "loopback"},
    {"169.254.0.0", 16, "link-local"},
    {"172.16.0.0", 12, "a private network"},
    {"192.0.0.0", 24, "reserved for protocols"},
    {"192.0.2.0", 24, "reserved for documentation"},
    {"192.88.99.0", 24, "reserved for 6to4 relays"},
    {"192.168.0.0", 16, "a private network"},
    {"198.18.0.0", 15, "reserved for benchmarks"},
    {"198.51.100.0", 24, "reserved for documentation"},
    {"203.0.113.0", 24, "reserved for documentation"},
    {"224.0.0.0", 4, "multicast"},
    {"240.0.0.0", 4, "reserved"},
};

static const struct block blocks_v6[] = {
    {"::1", 128, "loopback"},
    {"::ffff:0.0.0.0", 96, "an IPv4 address in disguise"},
    {"::", 96, "unspecified or an IPv4 address in disguise"},
    {"64:ff9b::", 96, "an IPv4 address behind NAT64"},
    {"64:ff9b:1::", 48, "an IPv4 address behind NAT64"},
    {"fc00::", 7, "a private network"},
    {"fe80::", 10, "link-local"},
    {"fec0::", 10, "a private network"},
    {"ff00::", 8, "multicast"},
    {"2001:db8::", 32, "reserved for documentation"},
    {"3fff::", 20, "reserved for documentation"},
    {"2001::", 23, "reserved for protocols"}, /* Teredo, ORCHID, benchmarks */
    {"2002::", 16, "an IPv4 address behind 6to4"},
};
static const struct block global_v6 = {"2000::", 3, NULL};

/* Names that the public DNS does not have (RFC 6761 and the registry of special-use names), and those that networks of
 * offices and homes made up. "test" is not among them: it leads nowhere, and handles under it are for development. */
static const char *const closed_domains[] = {
    "alt",     "arpa", "corp",  "example",     "home",      "internal",
    "invalid", "lan",  "local", "localdomain", "localhost", "onion",
};

#define NAME_MAX_BYTES  253 /* RFC 1035, without the last dot */
#define LABEL_MAX_BYTES 63

bool address_parse(struct text t, struct address *ret_address)
{
    char copy[ADDRESS_TEXT_MAX];
    struct address address = {.v6 = text_find_byte(t, ':', 0) != TEXT_NOWHERE};
    if (t.len == 0 || t.len >= sizeof copy || text_find_byte(t, '\0', 0) != TEXT_NOWHERE)
        return false;
    memcpy(copy, t.data, t.len);
    copy[t.len] = '\0';
    if (inet_pton(address.v6 ? AF_INET6 : AF_INET, copy, address.bytes) != 1)
        return false;
    *ret_address = address;
    return true;
}

bool address_of_sockaddr(const struct sockaddr *from, struct address *ret_address)
{
    struct address address = {.v6 = from->sa_family == AF_INET6};
    if (address.v6)
        memcpy(address.bytes, &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr, 16);
    else if (from->sa_family == AF_INET)
        memcpy(address.bytes, &((const struct sockaddr_in *)(const void *)from)->sin_addr, 4);
    else
        return false;
    *ret_address = address;
    return true;
}

void address_print(const struct address *address, char ret_text[ADDRESS_TEXT_MAX])
{
    inet_ntop(address->v6 ? AF_INET6 : AF_INET, address->bytes, ret_text, ADDRESS_TEXT_MAX);
}

static bool block_holds(const struct block *block, const struct address *address)
{
    struct address network;
    if (!address_parse(text_of(block->network), &network) || network.v6 != address->v6)
        return false;
    unsigned whole = block->bits / 8;
    unsigned rest = block->bits % 8;
    if (memcmp(network.bytes, address->bytes, whole) != 0)
        return false;
    if (rest == 0)
        return true;
    unsigned mask = (0xFFU << (8 - rest)) & 0xFFU;
    return (network.bytes[whole] & mask) == (address->bytes[whole] & mask);
}

const char *address_not_public(const struct address *address)
{
    const struct block *blocks = address->v6 ? blocks_v6 : blocks_v4;
    size_t count = address->v6 ? ARRAY_LEN(blocks_v6) : ARRAY_LEN(blocks_v4);
    for (size_t i = 0; i < count; i++)
        if (block_holds(&blocks[i], address))
            return blocks[i].what;
    if (address->v6 && !block_holds(&global_v6, address))
        return "not a public address";
    return NULL;
}

bool address_is_loopback(const struct address *address)
{
    static const struct address one = {.v6 = true, .bytes = {[15] = 1}};
    if (address->v6)
        return memcmp(address->bytes, one.bytes, sizeof one.bytes) == 0;
    return address->bytes[0] == 127;
}

int guard_address(const struct address *address, struct text host, bool allow_loopback, struct err *err)
{
    char shown[ADDRESS_TEXT_MAX];
    const char *what = address_not_public(address);
    if (!what || (allow_loopback && address_is_loopback(address)))
        return 0;
    address_print(address, shown);
    return err_set(err, E_FORBIDDEN, "%.*s leads to %s (%s), and Skein asks public addresses only", TEXT_ARG(host),
                   shown, what);
}

static bool label_fits(struct text label, bool underscores)
{
    if (label.len == 0 || label.len > LABEL_MAX_BYTES)
        return false;
    if (label.data[0] == '-' || label.data[label.len - 1] == '-')
        return false;
    for (size_t i = 0; i < label.len; i++) {
        char c = label.data[i];
        if (!(c >= 'a' && c <= 'z') && !byte_is_digit(c) && c != '-' && !(c == '_' && underscores))
            return false;
    }
    return true;
}

static bool domain_is_closed(struct text last)
{
    for (size_t i = 0; i < ARRAY_LEN(closed_domains); i++)
        if (text_equal(last, text_of(closed_domains[i])))
            return true;
    return false;
}

static int guard_labels(struct text name, bool underscores, struct err *err)
{
    struct text rest = name;
    struct text label = TEXT_NONE;
    size_t labels = 0;
    if (name.len > NAME_MAX_BYTES)
        return err_set(err, E_FORBIDDEN, "a host name may have %d bytes at most", NAME_MAX_BYTES);
    while (text_cut(&rest, '.', &label)) {
        if (!label_fits(label, underscores))
            return err_set(err, E_FORBIDDEN, "\"%.*s\" is not a host name", TEXT_ARG(name));
        labels++;
    }
    if (labels < 2)
        return err_set(err, E_FORBIDDEN, "\"%.*s\" is a local name: a public one has a dot inside", TEXT_ARG(name));
    if (!byte_is_letter(label.data[0])) /* "1.2.3.4.5", "a.0x7f": some readers take these for addresses */
        return err_set(err, E_FORBIDDEN, "\"%.*s\" does not end in a domain", TEXT_ARG(name));
    if (domain_is_closed(label))
        return err_set(err, E_FORBIDDEN, "\"%.*s\" is not a public name: .%.*s is for local use", TEXT_ARG(name),
                       TEXT_ARG(label));
    return 0;
}

int guard_name(struct text name, struct err *err)
{
    return guard_labels(name, false, err);
}

int guard_record_name(struct text name, struct err *err)
{
    return guard_labels(name, true, err);
}

/* bridge/fetch/url.h
 *
 * A URL taken apart, by curl's own parser, so that what was vetted is what curl connects to.
 *
 * Two parsers that read one URL differently are the classic way around a guard: what goes to curl later is the text
 * that curl's parser wrote, not the one that came in. Pure. Any thread.
 */
#ifndef SKEIN_FETCH_URL_H
#define SKEIN_FETCH_URL_H

#include "fetch/guard.h"

struct url {
    void *parsed;           /* owned: curl's handle */
    char *whole;            /* owned: normalised, without fragment */
    char *host;             /* owned: lower case; an IPv6 address without its brackets */
    unsigned port;          /* given, or the scheme's own */
    bool tls;               /* https; else http */
    bool literal;           /* the host is an address */
    struct address address; /* where it is */
};

/* Takes http and https URLs without user name and password. E_BAD_INPUT where it cannot be read, E_FORBIDDEN where it
 * can and we do not take its like, E_NOMEM. On failure nothing needs release. */
int url_parse(struct text t, struct url *ret_url, struct err *err);

/* A Location, absolute or relative to `base`. */
int url_join(const struct url *base, struct text location, struct url *ret_url, struct err *err);

void url_release(struct url *url);

/* "https://bsky.social:443" into ret_origin: whose budget it is. */
#define URL_ORIGIN_MAX 300
void url_origin(const struct url *url, char ret_origin[URL_ORIGIN_MAX]);
bool url_same_origin(const struct url *a, const struct url *b);

/* The host is 127.0.0.0/8, ::1 or "localhost". */
bool url_is_loopback(const struct url *url);

/* May it be asked, as far as the URL itself tells: https, port 443, a public name or address. With allow_loopback also
 * http or https on any port of a loopback host. 0 or E_FORBIDDEN and a sentence. */
int url_guard(const struct url *url, bool allow_loopback, struct err *err);

#endif

/* bridge/bluesky/xrpc.h
 *
 * The little of XRPC that questions and accounts share: URLs, and the errors of answers (https://atproto.com/specs/xrpc).
 */
#ifndef SKEIN_BLUESKY_XRPC_H
#define SKEIN_BLUESKY_XRPC_H

#include "base/buf.h"
#include "base/json.h"

/* Appends ?name=value or &name=value, the value percent-encoded but for what RFC 3986 leaves unreserved. */
void xrpc_add_parameter(struct buf *url, char separator, const char *name, struct text value);

/* What a server's refusal says of the account. */
enum xrpc_error {
    XRPC_NONE,       /* no error of this protocol: a proxy's page, nothing at all */
    XRPC_SWAP,       /* the head is another one */
    XRPC_EXPIRED,    /* the token: refresh it */
    XRPC_SIGNED_OUT, /* the token is none (any more) */
    XRPC_PASSWORD,   /* AuthenticationRequired: at sign in, the password is wrong */
    XRPC_CODE,       /* AuthFactorTokenRequired */
    XRPC_TAKEN_DOWN,
    XRPC_SUSPENDED,
    XRPC_DEACTIVATED,
    XRPC_GONE,      /* no such account, or not any more */
    XRPC_FORBIDDEN, /* 403, or a method that the server does not have */
    XRPC_INVALID,   /* what stands in the request is not taken */
};

/* Of an answer of status 4xx or 501. */
enum xrpc_error xrpc_error_of(long status, struct text body);

/* The same by the words that getSession and listRepos use for an account that is not active. */
enum xrpc_error xrpc_error_of_account_status(struct text status);

#endif

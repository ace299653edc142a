/* bridge/identity/document.h
 *
 * What a DID document says: the handle and the server of an account. Pure.
 */
#ifndef SKEIN_IDENTITY_DOCUMENT_H
#define SKEIN_IDENTITY_DOCUMENT_H

#include "base/arena.h"
#include "base/err.h"

struct document {
    struct text handle; /* the first valid at:// of alsoKnownAs, lower case; empty: none */
    struct text pds;    /* origin of the #atproto_pds service; empty: none, or one that may not be asked */
};

/* Reads the JSON of a document that must be this DID's. `allow_loopback`: the server may be http on loopback. E_PROTOCOL
 * with a clause. */
int document_read(struct arena *arena, struct text json, struct text did, bool allow_loopback,
                  struct document *ret_document, struct err *err);

#endif

/* bridge/identity/identity.h
 *
 * Who is behind a handle, and which handle belongs to a DID: asked, checked both ways, remembered for a while.
 *
 *     handle ── DNS TXT _atproto.<handle>, or https://<handle>/.well-known/atproto-did ──> DID
 *     DID ───── the PLC directory, or did:web's /.well-known/did.json ───────────────────> document: handle, PDS
 *     verify ── the first, then the second, and the document must name the handle
 *
 * Sources: the AT Protocol specifications "Handle" and "DID" (https://atproto.com/specs).
 *
 * Concurrent questions for the same thing are one question. Good answers are kept IDENTITY_KEEP_MS, "there is none"
 * IDENTITY_KEEP_NONE_MS; that somebody could not be asked is not kept at all. `done` is called exactly once, later, from
 * the loop, unless the call is cancelled. Everything here is for the loop thread.
 */
#ifndef SKEIN_IDENTITY_IDENTITY_H
#define SKEIN_IDENTITY_IDENTITY_H

#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"

struct fetch;
struct loop;
struct identity;
struct identity_call;

/* How long answers are kept: the specification's advice of at most 24 hours, minutes for failures. */
#define IDENTITY_KEEP_MS      (24 * HOUR_MS)
#define IDENTITY_KEEP_NONE_MS (5 * MINUTE_MS)

/* Answers kept at most; the oldest go first. About 600 bytes each. */
#define IDENTITY_KEPT_MAX 20000

struct identity_options {
    struct text plc;             /* URL of the PLC directory; copied */
    struct text handle_resolver; /* "dns", or the URL of a server whose resolveHandle is asked instead; copied */
    bool allow_loopback;         /* did:web:localhost with a port, and PDS over http on loopback */
};

/* loop and fetch are borrowed. NULL and a sentence without memory. */
struct identity *identity_new(struct loop *loop, struct fetch *fetch, const struct identity_options *options,
                              struct err *err);

/* Frees. No call may be under way. */
void identity_free(struct identity *identity);

/* What came of it. code 0: the fields that were asked for are there. E_NOT_FOUND: asked, and there is none, or the two
 * sides do not name each other. Else: could not look, with the reason. */
struct identity_answer {
    int code;
    const char *reason; /* one clause where code < 0; the texts are borrowed until the callback returns */
    struct text did;
    struct text handle; /* of a document: its first valid handle; empty: it names none */
    struct text pds;    /* of a document: origin of the server that holds the account; empty: it names none */
};
typedef void identity_done_fn(void *context, const struct identity_answer *answer);

/* handle -> did. One way only: whoever owns a domain can name anybody's DID. NULL without memory. */
struct identity_call *identity_resolve_handle(struct identity *identity, struct text handle, identity_done_fn *done,
                                              void *context);

/* did -> handle and pds, as its document says. One way only. */
struct identity_call *identity_resolve_did(struct identity *identity, struct text did, identity_done_fn *done,
                                           void *context);

/* handle -> did, handle and pds, both ways. */
struct identity_call *identity_verify(struct identity *identity, struct text handle, identity_done_fn *done,
                                      void *context);

void identity_cancel(struct identity_call *call);

#endif

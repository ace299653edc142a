/* bridge/bluesky/inside.h
 *
 * What the files of bluesky/ know of each other.
 *
 *     bluesky.c            the questions that anybody may ask
 *     account_sign_in.c    handle and password ─> session ─> an account
 *     session.c            its two tokens
 *     account.c            its record, and what its calls have in common
 *     account_look.c       head, then follows in pages
 *     account_write.c      one request, its one refresh, and what became of it
 */
#ifndef SKEIN_BLUESKY_INSIDE_H
#define SKEIN_BLUESKY_INSIDE_H

#include "bluesky/bluesky.h"
#include "bluesky/tid.h"
#include "bluesky/xrpc.h"
#include "fetch/fetch.h"
#include "identity/identity.h"
#include "network/account.h"

struct bluesky {
    struct network network;
    struct fetch *fetch;       /* borrowed */
    struct identity *identity; /* borrowed */
    const struct clock *clock; /* borrowed */
    struct tids tids;
    struct arena arena; /* owns the texts below */
    struct text appview;
    struct text domains[BLUESKY_DOMAINS_MAX];
    size_t n_domains;
};

/* --- sessions -------------------------------------------------------------------------------------------------------*/

/* "Bearer ..." as the Authorization header wants it; owned, wiped by session_release. */
struct session {
    char *access;
    char *refresh;
};

/* Of an answer of createSession or refreshSession for `did`, whose account's status goes out (XRPC_NONE: active). The
 * session is replaced only where all is well: 0, E_PROTOCOL, E_NOMEM. */
int session_read(struct session *session, struct text body, struct text did, enum xrpc_error *ret_status);
void session_release(struct session *session);

/* Wipes what it held, too. */
void secret_release(struct buf *buf);
void secret_wipe_json(json_t *object, const char *name);

/* --- accounts -------------------------------------------------------------------------------------------------------*/

struct bluesky_look {
    account_view_fn *done;
    struct arena *arena; /* borrowed */
    struct text head;
    struct account_follow *follows;
    size_t n_follows;
    size_t pages;
    char cursor[256]; /* of the next page */
    char seen[256];   /* an earlier one, that must not come again */
    size_t seen_at;   /* the page at which it came */
};

struct bluesky_write {
    account_answer_fn *done;
    struct buf body; /* owned until the answer */
    bool refreshed;  /* for this write */
};

struct bluesky_account {
    struct own_account account;
    struct bluesky *bluesky; /* borrowed */
    struct arena arena;      /* owns the texts below and in account */
    struct text pds;         /* its origin */
    struct session session;
    struct fetch_call *call; /* under way, or NULL */
    void *context;           /* of its `done` */
    struct bluesky_look look;
    struct bluesky_write write;
    int64_t points;          /* that were left when it last wrote; -1: it was not said */
    int64_t points_until_ms; /* wall time: from then on there are more */
};

/* Takes the session over. NULL without memory. */
struct bluesky_account *bluesky_account_new(struct bluesky *bluesky, struct text did, struct text handle,
                                            struct text pds, struct session *session);

int bluesky_look(void *self, struct arena *arena, account_view_fn *done, void *context);
int bluesky_write(void *self, enum account_doing doing, struct text head, const struct account_follow *writes, size_t n,
                  account_answer_fn *done, void *context);

/* POSTs with this Authorization; the answer's tokens and the request's are wiped. NULL without memory. */
struct fetch_call *bluesky_post(struct bluesky *bluesky, struct text pds, const char *method, const char *bearer,
                                struct text body, const struct fetch_request *more, fetch_done_fn *done, void *context);

/* One clause for an error of this kind. */
const char *bluesky_why(enum xrpc_error error);

/* network_ops. */
struct account_sign_in *bluesky_sign_in(void *self, const struct account_credentials *credentials,
                                        account_signed_in_fn *done, void *context);
void bluesky_sign_in_cancel(struct account_sign_in *sign_in);

#endif

/* bridge/network/account.h
 *
 * An account that somebody signed in to: a look at whom it follows, and a write on condition.
 *
 *     sign in ─> look: its head, then its follows ─> write, while its head is that one ─> look ─> ... ─> free
 *
 * Asynchronous: `done` is called exactly once, later, from the loop, unless it was cancelled; it may make the next call,
 * or free the account. One call at a time. What a look gives lives in the arena that the asker gave. Passwords and
 * tokens live in memory alone, are wiped when they go, and stand in no sentence. For the loop thread, where nothing else
 * is said.
 */
#ifndef SKEIN_NETWORK_ACCOUNT_H
#define SKEIN_NETWORK_ACCOUNT_H

#include "base/arena.h"

#include <stdint.h>

/* A follow of the account: its record's key, and who is followed. */
struct account_follow {
    struct text rkey;
    struct text subject; /* in a view: empty where the record names nobody */
    int64_t created_ms;  /* wall time that a new record bears; 0: when it is sent. In a view: 0 */
};

/* --- a look -------------------------------------------------------------------------------------------------------- */

/* Why nothing came of a look. */
enum account_trouble {
    ACCOUNT_FINE,
    ACCOUNT_AWAY,       /* cannot be reached, or does not make sense: later */
    ACCOUNT_WAIT,       /* not before until_ms */
    ACCOUNT_SIGNED_OUT, /* sign in again */
    ACCOUNT_CLOSED,     /* the account may do nothing */
};

struct account_view {
    enum account_trouble trouble;
    const char *why;  /* one clause; NULL where trouble is ACCOUNT_FINE; valid until the callback returns */
    int64_t until_ms; /* wall time, of ACCOUNT_WAIT; 0: not said */
    struct text head; /* read before the follows were */
    const struct account_follow *follows;
    size_t n_follows;
    int64_t points; /* so many follows may be written now by what the network said last; -1: it did not */
};
typedef void account_view_fn(void *context, const struct account_view *view);

/* --- a write ------------------------------------------------------------------------------------------------------- */

enum account_doing {
    ACCOUNT_FOLLOW,   /* makes the records */
    ACCOUNT_UNFOLLOW, /* removes them; subjects do not matter */
};

/* What came of a write. Only FOLLOWS_UNKNOWN is in doubt. */
enum account_outcome {
    FOLLOWS_WRITTEN,    /* all of it is written */
    FOLLOWS_HEAD_MOVED, /* not written: the head was not the one named */
    FOLLOWS_UNKNOWN,    /* it may be written, now or later */
    FOLLOWS_REFUSED,    /* not written: the network does not take what stands in it */
    FOLLOWS_WAIT,       /* not written: too much within too short a time, or nothing could be sent at all */
    FOLLOWS_SIGNED_OUT, /* not written: sign in again */
    FOLLOWS_CLOSED,     /* not written: the account may not write at all */
};
#define ACCOUNT_OUTCOMES 7

struct account_answer {
    enum account_outcome outcome;
    const char *why;  /* one clause where it is not FOLLOWS_WRITTEN; valid until the callback returns */
    int64_t until_ms; /* wall time, of FOLLOWS_WAIT; 0: not said */
};
typedef void account_answer_fn(void *context, const struct account_answer *answer);

/* --- the account --------------------------------------------------------------------------------------------------- */

struct account_ops {
    /* 0, or E_NOMEM: then done is not called. */
    int (*look)(void *self, struct arena *arena, account_view_fn *done, void *context);

    /* Follows (or removes the records of) all or nobody, while the account's head is `head`. n may be 0: the head moves.
     * Once bytes of it left us it is never sent a second time, but for the one answer "the token has expired", which
     * says that nothing was written. 0; E_NOMEM, or E_TOO_LARGE for more than slice_max: then done is not called. */
    int (*write)(void *self, enum account_doing doing, struct text head, const struct account_follow *writes, size_t n,
                 account_answer_fn *done, void *context);

    /* Ends the call under way, if there is one: done is not called. A write that was cut off may be written. */
    void (*cancel)(void *self);

    /* A record key that was never given before in this process. 0 or E_NOMEM. Any thread. */
    int (*new_key)(void *self, struct arena *arena, struct text *ret_rkey);

    /* Cancels, wipes and frees. */
    void (*free)(void *self);
};

struct own_account {
    const char *network; /* static: "bluesky" */
    struct text id;      /* who is signed in: the id there */
    struct text handle;  /* as its document names it; empty: it names none */
    size_t slice_max;    /* of one write */
    const struct account_ops *ops;
    void *self;
};

static inline void account_free(struct own_account *account)
{
    account->ops->free(account->self);
}

/* --- signing in ---------------------------------------------------------------------------------------------------- */

enum account_refusal {
    SIGN_IN_DONE,
    SIGN_IN_NOBODY,      /* no such account, or nothing that could be one */
    SIGN_IN_PASSWORD,    /* the password is wrong */
    SIGN_IN_CODE,        /* a code is wanted that was sent by mail; or the one given is not it */
    SIGN_IN_TAKEN_DOWN,  /* closed by the network */
    SIGN_IN_SUSPENDED,   /* closed by the network for a time */
    SIGN_IN_DEACTIVATED, /* closed by its owner */
    SIGN_IN_WAIT,        /* too many tries; not before until_ms */
    SIGN_IN_AWAY,        /* its server cannot be reached, or does not make sense */
};

struct account_credentials {
    struct text who; /* handle, with or without @, or id */
    struct text password;
    struct text code; /* that was sent by mail; empty: none */
};

struct account_signed_in {
    enum account_refusal refusal;
    const char *why;             /* one sentence; NULL with SIGN_IN_DONE; valid until the callback returns */
    int64_t until_ms;            /* wall time, of SIGN_IN_WAIT; 0: not said */
    struct own_account *account; /* of SIGN_IN_DONE: now the callback's; else NULL */
};
typedef void account_signed_in_fn(void *context, const struct account_signed_in *answer);

struct account_sign_in; /* one under way */

struct network;

/* Everything is copied. NULL without memory: then done is not called. The network must outlive the account. */
struct account_sign_in *account_sign_in(const struct network *network, const struct account_credentials *credentials,
                                        account_signed_in_fn *done, void *context);
void account_sign_in_cancel(const struct network *network, struct account_sign_in *sign_in);

#endif

/* bridge/refollow/hand.h
 *
 * What a batch needs of an account that is signed in: a look at it, and a write on condition.
 *
 * Asynchronous: `done` is called exactly once, later, from the loop, unless it was cancelled. One call at a time. What a
 * look gives lives in the arena that the asker gave. For the loop thread.
 */
#ifndef SKEIN_REFOLLOW_HAND_H
#define SKEIN_REFOLLOW_HAND_H

#include "refollow/round.h"

/* Why nothing came of a call; where it is 0, something did. */
enum hand_trouble {
    HAND_FINE,
    HAND_AWAY,       /* cannot be reached, or does not make sense: later */
    HAND_WAIT,       /* not before until_ms */
    HAND_SIGNED_OUT, /* sign in again */
    HAND_CLOSED,     /* the account may do nothing */
};

struct hand_view {
    enum hand_trouble trouble;
    const char *why;  /* one clause; NULL where trouble is HAND_FINE; valid until the callback returns */
    int64_t until_ms; /* wall time, of HAND_WAIT */
    struct text head; /* read before the follows were */
    const struct round_follow *follows;
    size_t n_follows;
    int64_t points; /* so many follows may be written now by what the network says; -1: it does not */
};
typedef void hand_view_fn(void *context, const struct hand_view *view);

struct hand_answer {
    enum write_outcome outcome;
    const char *why;  /* one clause where it is not WRITE_DONE; valid until the callback returns */
    int64_t until_ms; /* wall time, of WRITE_WAIT; 0: not said */
};
typedef void hand_answer_fn(void *context, const struct hand_answer *answer);

struct hand_ops {
    /* 0, or E_NOMEM: then done is not called. */
    int (*look)(void *self, struct arena *arena, hand_view_fn *done, void *context);

    /* Follows (or removes the records of) all or nobody, while the account's head is `head`. n may be 0: the head moves.
     * Never sent a second time by what lies below. */
    int (*write)(void *self, enum batch_doing doing, struct text head, const struct round_follow *writes, size_t n,
                 hand_answer_fn *done, void *context);

    void (*cancel)(void *self);

    /* A record key that was never given before. Any thread. */
    int (*new_key)(void *self, struct arena *arena, struct text *ret_rkey);
};

struct hand {
    const char *network; /* static: "bluesky" */
    struct text account; /* who is signed in: the id there */
    size_t slice_max;    /* of one write */
    const struct hand_ops *ops;
    void *self; /* owned by whoever made the hand */
};

#endif

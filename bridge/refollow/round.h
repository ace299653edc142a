/* bridge/refollow/round.h
 *
 * One round of a batch, without I/O: from what is stored and what the account shows, to what is stored and sent next.
 *
 *     items, doubt (stored) ─┐
 *     head, then follows ────┼─> round_look ─> changed items, and a slice: stored, with doubt = head, before it is sent
 *     room of the pace ──────┘                      │
 *     outcome of the request ──> round_answer ──> changed items and what comes next
 *
 * The slice may be empty though something is in doubt that is not to be sent again: then a write of nothing moves the
 * head, after which nobody is in doubt any more (`fence`). A PDS makes a commit of a write of nothing (0.5.35, measured).
 */
#ifndef SKEIN_REFOLLOW_ROUND_H
#define SKEIN_REFOLLOW_ROUND_H

#include "refollow/settle.h"
#include "store/batches.h"

/* A follow of the account, as the network shows it. */
struct round_follow {
    struct text rkey;
    struct text profile;
};

struct round {
    /* Before round_look; borrowed. */
    enum batch_doing doing;
    struct batch_item_row *items; /* all of the batch; changed in place */
    size_t n;
    const char *const *left_out; /* beside items: why they are not to be followed, NULL: they are; or NULL: all are */
    struct text doubt;
    struct text head; /* read before the follows */
    const struct round_follow *follows;
    size_t n_follows;
    size_t slice_max; /* 0: nothing may be sent now, and doubts are settled all the same */
    int64_t now_ms;
    struct arena *arena;                                                       /* of what follows, and of keys */
    int (*new_key)(void *context, struct arena *arena, struct text *ret_rkey); /* 0 or E_NOMEM; never one twice */
    void *context;

    /* After it. */
    unsigned char *changed; /* beside items: to be stored */
    size_t *slice;          /* places in items */
    size_t n_slice;
    size_t n_open; /* what is left to be sent, the slice included */
    bool fence;    /* the request has nothing in it: n_slice is 0 */
    bool over;     /* nothing is to be sent, and nothing is in doubt */
};

/* 0 or E_NOMEM. */
int round_look(struct round *round);

/* What the outcome of the slice's request means for its items; `why` (one clause, in the arena) goes to those refused.
 * `changed` is then about the slice alone. */
void round_answer(struct round *round, enum write_outcome outcome, struct text why, int64_t now_ms);

#endif

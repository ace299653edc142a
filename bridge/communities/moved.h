/* bridge/communities/moved.h
 *
 * Who of a list has moved: the accounts of a community's roster, or of a member's own list, with what is known of each on
 * one network.
 *
 * Reads only: a list (graph/list.h), the pairs that count for whoever asks, and what look-ups came to. For a member their
 * own scope goes first, then the community's; pairs made public last. Who wished to be left out is not there at all.
 * Lists are joined as matching joined them, so an answer is the same from a command and from a page.
 */
#ifndef SKEIN_COMMUNITIES_MOVED_H
#define SKEIN_COMMUNITIES_MOVED_H

#include "base/arena.h"
#include "graph/numbers.h"
#include "model/pair.h"
#include "store/people.h"

struct moved_question {
    const struct numbers *numbers; /* borrowed */
    const struct keys *keys;       /* borrowed */
    struct text community;         /* slug */
    struct text as;                /* a member's X handle: their own list; empty: the roster */
    struct text network;           /* "bluesky" */
};

struct moved_list {
    struct community_row community;
    struct x_account *accounts; /* in the arena */
    uint32_t *numbers;          /* beside accounts */
    struct match *matches; /* beside accounts; lookup LOOKUP_COULD_NOT_LOOK with a why where nobody has asked yet */
    size_t n;
};

/* E_NOT_FOUND with a sentence: no such community, or no such member in it. In the connection's transaction. */
int moved_load(struct db *db, const struct moved_question *question, struct arena *arena, struct moved_list *ret_list,
               struct err *err);

#endif

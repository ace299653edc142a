/* bridge/matching/match_list.h
 *
 * Finds pairs for a list of the store, and keeps them: a match run (match_run.h) between a read and a write.
 *
 *     load ON_READ ─> start ON_LOOP (asks whom no fresh look-up answers) ─> keep ON_WRITE, in slices
 *
 * Pairs of accounts on the roster are kept for the community; those that only the member's list brings up for that member
 * alone. What people decided (confirmed, rejected, proven) stays. Look-ups are fresh for 30 days where somebody was found,
 * 3, 7, 14 and then 30 days where nobody was, ten minutes where we could not look: asking again within that time asks
 * nobody. Cached profiles of any community are candidates without a question.
 */
#ifndef SKEIN_MATCHING_MATCH_LIST_H
#define SKEIN_MATCHING_MATCH_LIST_H

#include "graph/numbers.h"
#include "loop/loop.h"
#include "matching/match_run.h"
#include "store/store.h"

struct match_list;

struct match_list_options {
    struct store *store;           /* borrowed */
    struct numbers *numbers;       /* borrowed */
    const struct network *network; /* borrowed */
    struct text community;         /* slug */
    struct text as;                /* a member's X handle: that list as well; empty: the roster alone */
    uint64_t budget;               /* as match_options */

    void (*progress)(void *context, const char *doing, size_t answered, size_t all); /* may be NULL */
    void (*done)(void *context, struct match_list *list);                            /* once, on the loop */
    void *context;                                                                   /* borrowed */
};

/* NULL and a sentence without memory; done is not called then. */
struct match_list *match_list_start(struct loop *loop, const struct match_list_options *options, struct err *err);

/* In done and after: 0, or the error that ended it (E_NOT_FOUND: no such community or member). What was kept before an
 * error stays kept. */
int match_list_error(const struct match_list *list, struct err *err);

struct match_list_counts {
    uint64_t accounts; /* of the list */
    uint64_t fresh;    /* answered by what is stored */
    uint64_t asked;    /* looked for in this run */
    uint64_t cache_hits;
};
struct match_list_counts match_list_counts(const struct match_list *list);

/* Why the network stopped being asked, in one clause; NULL where it did not. */
const char *match_list_gave_up(const struct match_list *list);

void match_list_cancel(struct match_list *list);
void match_list_free(struct match_list *list);

#endif

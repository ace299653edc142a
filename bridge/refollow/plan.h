/* bridge/refollow/plan.h
 *
 * Whom a batch will follow, and why it will not follow the others. Pure; a dry run is this and nothing else.
 */
#ifndef SKEIN_REFOLLOW_PLAN_H
#define SKEIN_REFOLLOW_PLAN_H

#include "model/pair.h"
#include "refollow/hand.h"

/* An account of the member's list, and who is believed to be the same person there. */
struct plan_person {
    uint32_t x;
    struct text profile;
    enum pair_state state;
    double p;
};

enum plan_choice {
    PLAN_FOLLOW,
    PLAN_THERE,  /* the member follows them there already */
    PLAN_BEFORE, /* Skein followed them for the member, who unfollowed them by hand since */
    PLAN_SELF,   /* the member's own account */
    PLAN_UNSURE, /* not moved for sure: possible, rejected, none */
    PLAN_TWICE,  /* another account of the list leads to the same profile, and goes first */
};
#define PLAN_CHOICES 6

struct plan_question {
    const struct plan_person *people; /* borrowed, as all here */
    size_t n;
    struct text account;                /* who follows */
    const struct round_follow *follows; /* whom they follow already */
    size_t n_follows;
    const struct text *before; /* whom we followed for them, and did not undo */
    size_t n_before;
};

struct plan {
    const struct plan_person **follow; /* in the arena; in the order in which they are followed */
    size_t n;
    size_t counts[PLAN_CHOICES];
};

/* The surest first; of equals, the lower number. 0 or E_NOMEM. */
int plan_make(const struct plan_question *question, struct arena *arena, struct plan *ret_plan);

#endif

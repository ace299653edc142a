/* bridge/matching/match_plan.h
 *
 * One scope's part of matching a list of the store: what is known before, and what is kept after. For match_list.c.
 *
 * A community's plan is its roster, as the roster's own uploads and x_public describe it. A member's plan is what only the
 * member's list brings up: accounts that the roster lacks, and those that the member's uploads know by another handle.
 * The roster stands in it as rivals, since one profile answers for one account; nothing of a member's plan is kept for
 * anybody else, and the community's was decided before without it.
 */
#ifndef SKEIN_MATCHING_MATCH_PLAN_H
#define SKEIN_MATCHING_MATCH_PLAN_H

#include "graph/list.h"
#include "matching/match_run.h"
#include "store/left_out_set.h"
#include "store/pairs.h"

#define PROFILE_FRESH_MS (30 * DAY_MS)

/* Rows that one step of the writer keeps: a step holds the writer some milliseconds. */
#define PLAN_SLICE 100

struct plan_lookup {
    bool decided;          /* people decided something here: it is the scope's own look-up */
    bool there;            /* `row` is what was stored before */
    struct lookup_row row; /* asked_as is set in any case */
};

struct match_plan {
    struct text scope;   /* id of the community or member */
    struct text network; /* name */
    const struct keys *keys;
    const struct numbers *known; /* borrowed; of all X accounts */
    int64_t now_ms;

    struct x_account *accounts; /* in the arena, as all that follows */
    uint32_t *numbers;          /* beside accounts */
    unsigned char *how;         /* beside accounts: enum match_how */
    bool *ours;                 /* beside accounts: kept in this scope; false: a rival */
    struct plan_lookup *lookups;
    size_t n;

    struct decided_pair *decided;
    size_t n_decided;
    struct profile *cached;
    size_t n_cached;

    const struct profile **found; /* what the run showed and is kept, each once, by id */
    size_t n_found;
};

/* The decisions of these scopes count, the first before the others. */
struct plan_scopes {
    struct text scopes[3];
    size_t n;
};

/* Accounts are there: loads decisions, look-ups and cached profiles, and says how each account is matched. ON_READ. */
int match_plan_load(struct match_plan *plan, struct db *db, const struct plan_scopes *scopes, struct arena *arena,
                    struct err *err);

/* After the run: which of its profiles are kept. */
int match_plan_collect(struct match_plan *plan, const struct match_run *run, const struct left_out_set *left_out,
                       struct arena *arena, struct err *err);

/* Keeps rows [from, from + PLAN_SLICE) of profiles, then of accounts. ON_WRITE; may run again. */
size_t match_plan_rows(const struct match_plan *plan);
int match_plan_keep(const struct match_plan *plan, const struct match_run *run, size_t from, struct db *db,
                    struct err *err);

#endif

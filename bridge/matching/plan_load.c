/* bridge/matching/plan_load.c
 *
 * What is known before a scope is matched: decisions, look-ups that are still fresh, profiles that were fetched.
 */
#include "matching/match_plan.h"

#include "base/cleanup.h"
#include "base/limits.h"
#include "base/map.h"
#include "graph/asked_as.h"
#include "graph/pairs_by_handle.h"
#include "linkage/weights.h"

#include <string.h>

static int no_memory(struct err *err)
{
    return err_set(err, E_NOMEM, "there is no memory to match a list of the store");
}

/* --- decisions ------------------------------------------------------------------------------------------------------ */

struct scope_rows {
    struct pair_row *pairs; /* by x */
    size_t n;
    size_t at;
};

/* The rows of account `x`: accounts are asked for in ascending order. */
static size_t rows_of(struct scope_rows *rows, uint32_t x, const struct pair_row **ret_rows)
{
    while (rows->at < rows->n && rows->pairs[rows->at].x < x)
        rows->at++;
    size_t n = 0;
    while (rows->at + n < rows->n && rows->pairs[rows->at + n].x == x)
        n++;
    *ret_rows = n > 0 ? &rows->pairs[rows->at] : NULL;
    return n;
}

/* What the scopes before said of this account. */
struct account_decisions {
    size_t first;   /* in plan->decided */
    bool settled;   /* confirmed or proven by a scope that goes before */
    bool has_pairs; /* linkage decided it in our scope, by the weights of now */
    struct text settled_id;
};

static bool is_decided(const struct match_plan *plan, const struct account_decisions *so_far, struct text profile)
{
    for (size_t i = so_far->first; i < plan->n_decided; i++)
        if (text_equal(plan->decided[i].profile_id, profile))
            return true;
    return false;
}

static int take_decision(struct match_plan *plan, struct account_decisions *so_far, size_t place,
                         const struct pair_row *row, struct arena *arena)
{
    bool settles = row->state == PAIR_CONFIRMED || row->state == PAIR_PROVEN;
    if ((!settles && row->state != PAIR_REJECTED) || is_decided(plan, so_far, row->profile))
        return 0;
    if (settles && so_far->settled)
        return 0;
    struct decided_pair *decided = arena_grow(arena, plan->decided, plan->n_decided, sizeof *decided);
    if (!decided)
        return E_NOMEM;
    decided[plan->n_decided++] = (struct decided_pair){place, row->profile, row->state};
    plan->decided = decided;
    so_far->settled |= settles;
    return 0;
}

static int take_scope(struct match_plan *plan, struct account_decisions *so_far, size_t place, struct scope_rows *scope,
                      bool ours, struct arena *arena)
{
    const struct pair_row *rows;
    size_t n = rows_of(scope, plan->numbers[place], &rows);
    for (size_t i = 0; i < n; i++) {
        so_far->has_pairs |= ours && text_empty(rows[i].decided) && rows[i].weights == weights_number;
        if (take_decision(plan, so_far, place, &rows[i], arena) < 0)
            return E_NOMEM;
    }
    return 0;
}

/* --- look-ups ------------------------------------------------------------------------------------------------------- */

static int get_lookup(struct match_plan *plan, struct db *db, size_t place, struct text scope, struct arena *arena,
                      struct err *err)
{
    struct plan_lookup *lookup = &plan->lookups[place];
    int64_t key = asked_as(plan->keys, &plan->accounts[place], scope);
    int rc = lookup_get(db, plan->network, plan->numbers[place], key, arena, &lookup->row, err);
    lookup->there = rc == 0;
    lookup->row.asked_as = key;
    return rc == E_NOT_FOUND ? 0 : rc;
}

/* A look-up of the scope's own goes before the one that everybody shares; where people decided, it is the only one. */
static int find_lookup(struct match_plan *plan, struct db *db, size_t place, struct arena *arena, struct err *err)
{
    struct plan_lookup *lookup = &plan->lookups[place];
    int rc = get_lookup(plan, db, place, plan->scope, arena, err);
    if (rc < 0 || lookup->decided)
        return rc;
    if (lookup->there && lookup->row.next_ms > plan->now_ms)
        return 0;
    return get_lookup(plan, db, place, TEXT_NONE, arena, err);
}

static enum match_how how_for(const struct match_plan *plan, size_t place, const struct account_decisions *so_far)
{
    const struct plan_lookup *lookup = &plan->lookups[place];
    if (!plan->ours[place])
        return MATCH_RIVAL;
    if (!lookup->there || lookup->row.next_ms <= plan->now_ms)
        return MATCH_ASK;
    return so_far->settled || so_far->has_pairs ? MATCH_RIVAL : MATCH_FROM_CACHE;
}

static int load_account(struct match_plan *plan, struct db *db, size_t place, struct scope_rows *rows, size_t n_rows,
                        struct arena *arena, struct err *err)
{
    struct account_decisions so_far = {.first = plan->n_decided};
    for (size_t i = 0; i < n_rows; i++)
        if (take_scope(plan, &so_far, place, &rows[i], i == 0, arena) < 0)
            return no_memory(err);
    plan->lookups[place].decided = plan->n_decided > so_far.first;
    int rc = plan->ours[place] ? find_lookup(plan, db, place, arena, err) : 0;
    plan->how[place] = (unsigned char)how_for(plan, place, &so_far);
    return rc;
}

/* --- cached profiles ------------------------------------------------------------------------------------------------ */

struct caching {
    struct match_plan *plan; /* borrowed */
    struct arena *arena;     /* borrowed */
};

static int add_cached(void *context, const struct profile *profile, int64_t seen_ms)
{
    struct caching *caching = context;
    struct match_plan *plan = caching->plan;
    struct profile *cached = arena_grow(caching->arena, plan->cached, plan->n_cached, sizeof *cached);
    (void)seen_ms;
    if (!cached)
        return E_NOMEM;
    plan->cached = cached;
    struct profile *copy = &cached[plan->n_cached];
    *copy = *profile;
    if (!arena_text(caching->arena, profile->id, &copy->id) ||
        !arena_text(caching->arena, profile->handle, &copy->handle) ||
        !arena_text(caching->arena, profile->name, &copy->name) ||
        !arena_text(caching->arena, profile->bio, &copy->bio) ||
        !arena_text(caching->arena, profile->website, &copy->website))
        return E_NOMEM;
    plan->n_cached++;
    return 0;
}

int match_plan_load(struct match_plan *plan, struct db *db, const struct plan_scopes *scopes, struct arena *arena,
                    struct err *err)
{
    struct scope_rows rows[ARRAY_LEN(scopes->scopes)] = {{.n = 0}};
    plan->how = ARENA_ARRAY(arena, unsigned char, plan->n + 1);
    plan->lookups = ARENA_ARRAY(arena, struct plan_lookup, plan->n + 1);
    if (!plan->how || !plan->lookups)
        return no_memory(err);
    for (size_t i = 0; i < scopes->n; i++) {
        struct profile *profiles;
        int rc = pair_list(db, scopes->scopes[i], plan->network, arena, &rows[i].pairs, &profiles, &rows[i].n, err);
        if (rc < 0)
            return rc;
        if (pairs_by_handle(plan->known, plan->accounts, plan->numbers, plan->n, rows[i].pairs, profiles, &rows[i].n) <
            0)
            return no_memory(err);
    }
    for (size_t i = 0; i < plan->n; i++) {
        int rc = load_account(plan, db, i, rows, scopes->n, arena, err);
        if (rc < 0)
            return rc;
    }
    struct caching caching = {plan, arena};
    int rc = profile_walk(db, plan->network, plan->now_ms - PROFILE_FRESH_MS, add_cached, &caching, err);
    return rc == E_NOMEM ? no_memory(err) : rc;
}

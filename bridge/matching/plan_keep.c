/* bridge/matching/plan_keep.c
 *
 * What is kept of a run: profiles that were asked for, pairs, and when to ask again.
 *
 * Could not look is never "not there": it takes no pair away. What people decided since the run began stays, too: the
 * step looks at the rows as they are now.
 */
#include "matching/match_plan.h"

#include "base/cleanup.h"
#include "base/limits.h"
#include "base/map.h"
#include "graph/asked_as.h"
#include "linkage/evidence.h"
#include "linkage/weights.h"

#include <stdlib.h>

#define COULD_NOT_LOOK_MS (10 * MINUTE_MS)
#define FOUND_MS          (30 * DAY_MS)

static int no_memory(struct err *err)
{
    return err_set(err, E_NOMEM, "there is no memory to keep what matching found");
}

/* --- which profiles ------------------------------------------------------------------------------------------------- */

struct collecting {
    struct map by_id;        /* owned; id -> profile */
    struct map hits;         /* owned; ids of search hits that are part of a result */
    struct match_plan *plan; /* borrowed */
    bool failed;
};

static void collecting_release(struct collecting *collecting)
{
    map_release(&collecting->by_id);
    map_release(&collecting->hits);
}

/* Of a search only who may be somebody's: strangers that it brought up beside are nobody's business. */
static void collect_found(void *context, const struct profile *profile)
{
    struct collecting *collecting = context;
    const struct profile *there = map_get(&collecting->by_id, profile->id);
    if (!profile->detailed && (there || !map_get(&collecting->hits, profile->id)))
        return;
    if (map_put(&collecting->by_id, profile->id, (void *)(uintptr_t)profile) < 0)
        collecting->failed = true;
}

static void collect_candidate(struct collecting *collecting, const struct pair *pair)
{
    if (pair->profile && map_put(&collecting->hits, pair->profile->id, collecting) < 0)
        collecting->failed = true;
}

static void collect_candidates(struct collecting *collecting, const struct match *match)
{
    collect_candidate(collecting, &match->best);
    for (size_t i = 0; i < match->n_others; i++)
        collect_candidate(collecting, &match->others[i]);
}

static int by_id(const void *a, const void *b)
{
    const struct profile *const *left = a;
    const struct profile *const *right = b;
    return text_compare((*left)->id, (*right)->id);
}

/* Whoever asks in their bio to be left out is remembered as just that, so that nobody asks again. */
static const struct profile *kept_form(const struct profile *profile, struct arena *arena)
{
    if (!(profile->marks & PROFILE_LEAVE_ME_OUT))
        return profile;
    struct profile *husk = ARENA_NEW(arena, struct profile);
    if (husk)
        *husk = (struct profile){.id = profile->id,
                                 .handle = profile->handle,
                                 .followers = PROFILE_COUNT_UNKNOWN,
                                 .follows = PROFILE_COUNT_UNKNOWN,
                                 .posts = PROFILE_COUNT_UNKNOWN,
                                 .marks = profile->marks,
                                 .detailed = profile->detailed};
    return husk;
}

int match_plan_collect(struct match_plan *plan, const struct match_run *run, const struct left_out_set *left_out,
                       struct arena *arena, struct err *err)
{
    CLEANUP(collecting_release) struct collecting collecting = {.plan = plan};
    map_init(&collecting.by_id);
    map_init(&collecting.hits);
    for (size_t i = 0; i < plan->n; i++)
        collect_candidates(&collecting, &match_run_matches(run)[i]);
    match_run_found(run, collect_found, &collecting);
    plan->found = ARENA_ARRAY(arena, const struct profile *, map_count(&collecting.by_id) + 1);
    if (collecting.failed || !plan->found)
        return no_memory(err);
    for (struct map_entry *entry = map_first(&collecting.by_id); entry; entry = map_next(entry)) {
        const struct profile *profile = map_value(entry);
        const char *network = plan->network.data; /* a network's name is a string */
        if (left_out_set_has_profile(left_out, network, profile->id))
            continue;
        profile = kept_form(profile, arena);
        if (!profile)
            return no_memory(err);
        plan->found[plan->n_found++] = profile;
    }
    if (plan->n_found > 0)
        qsort(plan->found, plan->n_found, sizeof *plan->found, by_id);
    return 0;
}

/* --- profiles ------------------------------------------------------------------------------------------------------- */

/* A hit of a search lacks website and counts: it takes nothing from what was seen in full. */
static int keep_profile(const struct match_plan *plan, const struct profile *profile, struct db *db,
                        struct arena *arena, struct err *err)
{
    struct profile there;
    int64_t seen_ms;
    if (!profile->detailed) {
        int rc = profile_get(db, plan->network, profile->id, arena, &there, &seen_ms, err);
        if (rc < 0 && rc != E_NOT_FOUND)
            return rc;
        if (rc == 0 && there.detailed && seen_ms > plan->now_ms - PROFILE_FRESH_MS)
            return 0;
    }
    return profile_put(db, plan->network, profile, plan->now_ms, err);
}

/* --- pairs ---------------------------------------------------------------------------------------------------------- */

struct rows_there {
    struct pair_row *rows; /* in the arena */
    size_t n;
    bool best_decided; /* people decided who it is */
    bool moved;        /* linkage had found somebody */
};

static const struct pair_row *row_there(const struct rows_there *there, struct text profile)
{
    for (size_t i = 0; i < there->n; i++)
        if (text_equal(there->rows[i].profile, profile))
            return &there->rows[i];
    return NULL;
}

static int load_there(const struct match_plan *plan, size_t place, struct db *db, struct arena *arena,
                      struct rows_there *ret_there, struct err *err)
{
    *ret_there = (struct rows_there){.n = 0};
    int rc =
        pair_list_of(db, plan->scope, plan->network, plan->numbers[place], arena, &ret_there->rows, &ret_there->n, err);
    for (size_t i = 0; i < ret_there->n && rc == 0; i++) {
        const struct pair_row *row = &ret_there->rows[i];
        bool decided = !text_empty(row->decided);
        ret_there->best_decided |= decided && (row->state == PAIR_CONFIRMED || row->state == PAIR_PROVEN);
        ret_there->moved |= !decided && pair_state_moved(row->state);
    }
    return rc;
}

static int keep_pair(const struct match_plan *plan, size_t place, const struct pair *pair, bool best,
                     const struct rows_there *there, struct db *db, struct err *err)
{
    CLEANUP(buf_release) struct buf evidence;
    const struct pair_row *before = pair->profile ? row_there(there, pair->profile->id) : NULL;
    buf_init(&evidence, 64 * KIB);
    if (!pair->profile || pair->state == PAIR_NONE || pair->state == PAIR_REJECTED)
        return 0;
    if (before && !text_empty(before->decided))
        return 0; /* people decided: it stays */
    if (pair->state == PAIR_CONFIRMED || pair->state == PAIR_PROVEN)
        return 0; /* decided in another scope, which keeps it */
    if (evidence_write(pair, &evidence) < 0)
        return no_memory(err);
    struct pair_row row = {.scope = plan->scope,
                           .x = plan->numbers[place],
                           .network = plan->network,
                           .profile = pair->profile->id,
                           .state = pair->state,
                           .p = pair->p,
                           .best = best && !there->best_decided,
                           .evidence = buf_text(&evidence),
                           .weights = weights_number,
                           .since_ms = before && before->state == pair->state ? before->since_ms : plan->now_ms,
                           .seen_ms = plan->now_ms};
    return pair_put(db, &row, err);
}

static bool keeps_nothing(const struct match_plan *plan, const struct match_run *run, size_t place,
                          const struct rows_there *there)
{
    const struct match *match = &match_run_matches(run)[place];
    bool moved = pair_state_moved(match->best.state);
    if (match->lookup == LOOKUP_COULD_NOT_LOOK)
        return true;
    if (plan->how[place] == MATCH_FROM_CACHE && (match->lookup == LOOKUP_NOT_FOUND || match_run_unfinished(run, place)))
        return true; /* nobody was asked, or its identity could not be checked: the next run tries again */
    return there->moved && !moved && match_run_unfinished(run, place);
}

static int keep_pairs(const struct match_plan *plan, const struct match_run *run, size_t place, struct db *db,
                      struct arena *arena, struct err *err)
{
    const struct match *match = &match_run_matches(run)[place];
    struct rows_there there;
    int rc = load_there(plan, place, db, arena, &there, err);
    if (rc < 0 || keeps_nothing(plan, run, place, &there))
        return rc;
    rc = pair_delete_linked(db, plan->scope, plan->network, plan->numbers[place], err);
    if (rc == 0)
        rc = keep_pair(plan, place, &match->best, true, &there, db, err);
    for (size_t i = 0; i < match->n_others && rc == 0; i++)
        rc = keep_pair(plan, place, &match->others[i], false, &there, db, err);
    return rc;
}

/* --- look-ups ------------------------------------------------------------------------------------------------------- */

static int64_t pause_after(int64_t misses)
{
    static const int64_t days[] = {3, 7, 14, 30};
    size_t i = misses < 1 ? 0 : (size_t)misses - 1;
    return days[i < ARRAY_LEN(days) ? i : ARRAY_LEN(days) - 1] * DAY_MS;
}

static struct lookup_row lookup_after(const struct match_plan *plan, const struct match_run *run, size_t place)
{
    const struct match *match = &match_run_matches(run)[place];
    const struct plan_lookup *before = &plan->lookups[place];
    struct lookup_row row = {.network = plan->network,
                             .x = plan->numbers[place],
                             .asked_as = before->row.asked_as,
                             .result = match->lookup,
                             .asked_ms = plan->now_ms,
                             .misses = before->there ? before->row.misses : 0};
    if (match->lookup == LOOKUP_COULD_NOT_LOOK || match_run_unfinished(run, place)) {
        row.next_ms = plan->now_ms + COULD_NOT_LOOK_MS;
        row.why = match->lookup == LOOKUP_COULD_NOT_LOOK ? text_of(match->why) : TEXT_NONE;
        return row;
    }
    row.misses = match->lookup == LOOKUP_FOUND ? 0 : row.misses + 1;
    row.next_ms = plan->now_ms + (match->lookup == LOOKUP_FOUND ? FOUND_MS : pause_after(row.misses));
    return row;
}

/* Asked on somebody else's behalf, who found someone; here nothing came of it. The scope notes that for itself. */
static int note_not_found(const struct match_plan *plan, size_t place, struct db *db, struct err *err)
{
    struct lookup_row row = plan->lookups[place].row;
    if (row.result != LOOKUP_FOUND)
        return 0;
    row.asked_as = asked_as(plan->keys, &plan->accounts[place], plan->scope);
    row.result = LOOKUP_NOT_FOUND;
    return lookup_put(db, &row, err);
}

static int keep_lookup(const struct match_plan *plan, const struct match_run *run, size_t place, struct db *db,
                       struct err *err)
{
    struct lookup_row row;
    if (plan->how[place] == MATCH_FROM_CACHE)
        return match_run_matches(run)[place].lookup == LOOKUP_NOT_FOUND ? note_not_found(plan, place, db, err) : 0;
    row = lookup_after(plan, run, place);
    return lookup_put(db, &row, err);
}

static int keep_account(const struct match_plan *plan, const struct match_run *run, size_t place, struct db *db,
                        struct arena *arena, struct err *err)
{
    if (!plan->ours[place] || plan->how[place] == MATCH_RIVAL)
        return 0;
    int rc = keep_pairs(plan, run, place, db, arena, err);
    return rc < 0 ? rc : keep_lookup(plan, run, place, db, err);
}

/* --- a slice -------------------------------------------------------------------------------------------------------- */

size_t match_plan_rows(const struct match_plan *plan)
{
    return plan->n_found + plan->n;
}

int match_plan_keep(const struct match_plan *plan, const struct match_run *run, size_t from, struct db *db,
                    struct err *err)
{
    CLEANUP(arena_release) struct arena arena;
    size_t all = match_plan_rows(plan);
    int rc = 0;
    arena_init(&arena, 64 * MIB);
    for (size_t i = from; i < all && i < from + PLAN_SLICE && rc == 0; i++)
        rc = i < plan->n_found ? keep_profile(plan, plan->found[i], db, &arena, err)
                               : keep_account(plan, run, i - plan->n_found, db, &arena, err);
    return rc;
}

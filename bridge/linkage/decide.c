/* bridge/linkage/decide.c
 *
 * A list of X accounts against the cached profiles.
 *
 * A candidate's p is what its own evidence and the prior make of it. Candidates of one account exclude each other, so
 * "clearly ahead" is asked of what is left of p when the odds of all rivals are set against it: o / (1 + sum of all o).
 * Between accounts, a profile that several claim goes to the one with the heaviest evidence; of two equal claims neither
 * wins.
 */
#include "linkage/decide.h"

#include "base/cleanup.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/map.h"
#include "linkage/weights.h"

#include <math.h>
#include <stdlib.h>

/* Candidates of one account that are compared: what the keys find, and what searches brought. */
#define CANDIDATES_MAX 512

/* What the website of a search hit can add, should it agree; and how likely it must then be to be asked for in full. */
#define COMPLETION_BITS  3.5
#define COMPLETION_LEAST 0.5

struct numbers {
    uint32_t *items; /* in the arena */
    size_t n;
};

struct texts {
    struct text *items; /* in the arena */
    size_t n;
};

struct account {
    struct x_keys keys;
    struct numbers proposed;
    struct texts rejected;
    struct text settled_id; /* empty: not settled */
    enum pair_state settled_state;
};

struct linkage {
    struct arena arena;                /* owned */
    const struct profile_index *index; /* borrowed */
    struct compare_context context;
    double prior;              /* bits */
    struct account **accounts; /* in the arena */
    size_t n;
};

struct candidate {
    const struct profile *profile; /* borrowed from the index */
    struct weighed weighed;
    double p;     /* by its own evidence */
    double ahead; /* what is left of p beside its rivals */
};

struct candidates {
    struct candidate items[CANDIDATES_MAX];
    size_t n;
};

struct linkage *linkage_new(const struct linkage_options *options)
{
    struct linkage *linkage = calloc(1, sizeof *linkage);
    if (!linkage)
        return NULL;
    double share = options->share > 0 && options->share < 1 ? options->share : DECISION_SHARE;
    arena_init(&linkage->arena, LIMIT_OPERATION_ARENA);
    linkage->index = options->index;
    linkage->context.frequency = profile_index_frequency(options->index);
    linkage->context.now_ms = options->now_ms;
    linkage->prior = weights_prior(share);
    return linkage;
}

void linkage_free(struct linkage *linkage)
{
    if (!linkage)
        return;
    arena_release(&linkage->arena);
    free(linkage);
}

size_t linkage_count(const struct linkage *linkage)
{
    return linkage->n;
}

int linkage_add(struct linkage *linkage, const struct x_account *x, size_t *ret_number)
{
    struct account *account = ARENA_NEW(&linkage->arena, struct account);
    struct account **accounts = arena_grow(&linkage->arena, linkage->accounts, linkage->n, sizeof(struct account *));
    if (!account || !accounts)
        return E_NOMEM;
    linkage->accounts = accounts;
    int rc = x_keys_make(&linkage->arena, x, &account->keys);
    if (rc < 0)
        return rc;
    accounts[linkage->n] = account;
    *ret_number = linkage->n++;
    return 0;
}

int linkage_propose(struct linkage *linkage, size_t number, struct text profile_id)
{
    struct numbers *proposed = &linkage->accounts[number]->proposed;
    uint32_t profile;
    if (!profile_index_number(linkage->index, profile_id, &profile))
        return E_NOT_FOUND;
    for (size_t i = 0; i < proposed->n; i++)
        if (proposed->items[i] == profile)
            return 0;
    uint32_t *items = arena_grow(&linkage->arena, proposed->items, proposed->n, sizeof *items);
    if (!items)
        return E_NOMEM;
    items[proposed->n] = profile;
    *proposed = (struct numbers){.items = items, .n = proposed->n + 1};
    return 0;
}

static bool is_rejected(const struct account *account, struct text profile_id)
{
    for (size_t i = 0; i < account->rejected.n; i++)
        if (text_equal(account->rejected.items[i], profile_id))
            return true;
    return false;
}

int linkage_reject(struct linkage *linkage, size_t number, struct text profile_id)
{
    struct texts *rejected = &linkage->accounts[number]->rejected;
    struct text copy;
    if (is_rejected(linkage->accounts[number], profile_id))
        return 0;
    struct text *items = arena_grow(&linkage->arena, rejected->items, rejected->n, sizeof *items);
    if (!items || !arena_text(&linkage->arena, profile_id, &copy))
        return E_NOMEM;
    items[rejected->n] = copy;
    *rejected = (struct texts){.items = items, .n = rejected->n + 1};
    return 0;
}

int linkage_settle(struct linkage *linkage, size_t number, struct text profile_id, enum pair_state state)
{
    struct account *account = linkage->accounts[number];
    if (!arena_text(&linkage->arena, profile_id, &account->settled_id))
        return E_NOMEM;
    account->settled_state = state;
    return 0;
}

/* --- one account --------------------------------------------------------------------------------------------------- */

static void score(const struct linkage *linkage, const struct account *account, uint32_t number,
                  struct candidate *ret_candidate)
{
    const struct profile_keys *keys = profile_index_keys(linkage->index, number);
    struct comparison comparison;
    compare(&linkage->context, &account->keys, keys, &comparison);
    *ret_candidate = (struct candidate){.profile = keys->profile};
    weigh(&comparison, &ret_candidate->weighed);
}

/* The heaviest first; equal ones by id, so that no order of arrival shows. */
static int compare_candidates(const void *a, const void *b)
{
    const struct candidate *x = a;
    const struct candidate *y = b;
    if (x->weighed.sum > y->weighed.sum || x->weighed.sum < y->weighed.sum)
        return x->weighed.sum > y->weighed.sum ? -1 : 1;
    return text_compare(x->profile->id, y->profile->id);
}

static void set_odds(double prior, struct candidates *candidates)
{
    double all = 1;
    for (size_t i = 0; i < candidates->n; i++)
        all += exp2(prior + candidates->items[i].weighed.sum);
    for (size_t i = 0; i < candidates->n; i++) {
        double odds = exp2(prior + candidates->items[i].weighed.sum);
        candidates->items[i].p = odds / (1 + odds);
        candidates->items[i].ahead = odds / all;
    }
}

static void gather(const struct linkage *linkage, const struct account *account, struct candidates *ret_candidates)
{
    uint32_t numbers[CANDIDATES_MAX];
    size_t n = 0;
    ret_candidates->n = 0;
    if (account->keys.x->is_protected == KNOWN_YES)
        return; /* paired by proof only */
    for (size_t i = 0; i < account->proposed.n && n < CANDIDATES_MAX / 2; i++)
        numbers[n++] = account->proposed.items[i];
    size_t proposed = n;
    size_t found = profile_index_find(linkage->index, &account->keys, numbers + n, CANDIDATES_MAX - n);
    for (size_t i = 0; i < found; i++) {
        bool had = false;
        for (size_t j = 0; j < proposed && !had; j++)
            had = numbers[j] == numbers[proposed + i];
        if (!had)
            numbers[n++] = numbers[proposed + i];
    }
    for (size_t i = 0; i < n; i++) {
        const struct profile *profile = profile_index_keys(linkage->index, numbers[i])->profile;
        if (!(profile->marks & PROFILE_LEAVE_ME_OUT) && !is_rejected(account, profile->id))
            score(linkage, account, numbers[i], &ret_candidates->items[ret_candidates->n++]);
    }
    qsort(ret_candidates->items, ret_candidates->n, sizeof ret_candidates->items[0], compare_candidates);
    set_odds(linkage->prior, ret_candidates);
}

/* The rule of two kinds, with everything but rival accounts. */
static bool may_be_likely(const struct candidate *candidate)
{
    const struct weighed *weighed = &candidate->weighed;
    return candidate->ahead >= DECISION_LIKELY && weighed->kinds >= 2 && weighed->more_than_handle &&
           !weighed->against && candidate->profile->detailed;
}

static void fill_pair(const struct candidate *candidate, enum pair_state state, struct pair *ret_pair)
{
    *ret_pair = (struct pair){.profile = candidate->profile, .state = state, .p = candidate->p};
    for (size_t i = 0; i < candidate->weighed.n && i < PAIR_EVIDENCE_MAX; i++)
        ret_pair->evidence[ret_pair->n_evidence++] = candidate->weighed.evidence[i];
}

static enum pair_state alone_state(const struct candidate *candidate)
{
    if (may_be_likely(candidate))
        return PAIR_LIKELY;
    return candidate->p >= DECISION_POSSIBLE ? PAIR_POSSIBLE : PAIR_NONE;
}

/* A pair known from elsewhere, with what speaks for it here. False: not settled, or its profile cannot be shown. */
static bool settled_pair(const struct linkage *linkage, const struct account *account, struct pair *ret_pair)
{
    uint32_t number;
    struct candidate candidate;
    if (text_empty(account->settled_id) || !profile_index_number(linkage->index, account->settled_id, &number))
        return false;
    score(linkage, account, number, &candidate);
    if (candidate.profile->marks & PROFILE_LEAVE_ME_OUT)
        return false;
    candidate.p = 1;
    fill_pair(&candidate, account->settled_state, ret_pair);
    return true;
}

int linkage_look(struct linkage *linkage, size_t number, struct linkage_view *ret_view)
{
    const struct account *account = linkage->accounts[number];
    struct linkage_view view = {.excluded = account->keys.x->is_protected == KNOWN_YES};
    if (settled_pair(linkage, account, &view.best)) {
        view.settled = true;
        *ret_view = view;
        return 0;
    }
    CLEANUP_FREE struct candidates *candidates = malloc(sizeof *candidates);
    if (!candidates)
        return E_NOMEM;
    gather(linkage, account, candidates);
    if (candidates->n > 0)
        fill_pair(&candidates->items[0], alone_state(&candidates->items[0]), &view.best);
    view.settled = view.best.state == PAIR_LIKELY;
    view.n_incomplete = linkage_incomplete(linkage, number, NULL, 0);
    *ret_view = view;
    return 0;
}

/* Whether its website and counts could change anything for a search hit. */
static bool worth_completing(double prior, const struct candidate *candidate)
{
    if (candidate->profile->detailed || candidate->weighed.against)
        return false;
    double best = exp2(prior + candidate->weighed.sum + COMPLETION_BITS);
    return best / (1 + best) >= COMPLETION_LEAST;
}

size_t linkage_incomplete(struct linkage *linkage, size_t number, struct text *ret_ids, size_t max)
{
    CLEANUP_FREE struct candidates *candidates = malloc(sizeof *candidates);
    size_t n = 0;
    if (!candidates)
        return 0;
    gather(linkage, linkage->accounts[number], candidates);
    for (size_t i = 0; i < candidates->n; i++) {
        if (!worth_completing(linkage->prior, &candidates->items[i]))
            continue;
        if (ret_ids && n == max)
            break;
        if (ret_ids)
            ret_ids[n] = candidates->items[i].profile->id;
        n++;
    }
    return n;
}

int linkage_score(struct linkage *linkage, size_t number, struct text profile_id, struct pair *ret_pair)
{
    const struct account *account = linkage->accounts[number];
    uint32_t profile;
    struct candidate candidate;
    if (!profile_index_number(linkage->index, profile_id, &profile))
        return E_NOT_FOUND;
    score(linkage, account, profile, &candidate);
    double odds = exp2(linkage->prior + candidate.weighed.sum);
    candidate.p = odds / (1 + odds);
    candidate.ahead = candidate.p;
    bool barred = (candidate.profile->marks & PROFILE_LEAVE_ME_OUT) || account->keys.x->is_protected == KNOWN_YES;
    enum pair_state state = barred ? PAIR_NONE : alone_state(&candidate);
    fill_pair(&candidate, is_rejected(account, profile_id) ? PAIR_REJECTED : state, ret_pair);
    return 0;
}

/* --- the whole list ------------------------------------------------------------------------------------------------ */

/* The best claim to a profile that any account of the list has. */
struct claim {
    double weight;  /* bits; INFINITY: settled */
    size_t account; /* whose */
    bool tied;      /* another has the same */
};

static int add_claim(struct arena *arena, struct map *claims, const struct profile *profile, struct claim claim)
{
    struct claim *had = map_get(claims, profile->id);
    if (!had) {
        had = ARENA_NEW(arena, struct claim);
        if (!had)
            return E_NOMEM;
        *had = claim;
        return map_put(claims, profile->id, had);
    }
    if (claim.weight > had->weight)
        *had = claim;
    else if (!(claim.weight < had->weight) && claim.account != had->account)
        had->tied = true;
    return 0;
}

static void fill_match(const struct account *account, const struct candidates *candidates, struct match *ret_match)
{
    struct match match = {.x = account->keys.x, .lookup = LOOKUP_NOT_FOUND};
    if (account->keys.x->is_protected == KNOWN_YES)
        match.why = "the account is protected on X: only proof pairs it";
    for (size_t i = 0; i < candidates->n; i++) {
        const struct candidate *candidate = &candidates->items[i];
        enum pair_state state = alone_state(candidate);
        if (state == PAIR_NONE)
            break; /* the others are no likelier */
        if (!match.best.profile)
            fill_pair(candidate, state, &match.best);
        else if (match.n_others < MATCH_OTHERS_MAX)
            fill_pair(candidate, PAIR_POSSIBLE, &match.others[match.n_others++]);
    }
    match.lookup = match.best.profile ? LOOKUP_FOUND : LOOKUP_NOT_FOUND;
    *ret_match = match;
}

/* One account's match as if it were alone, and its claim. */
static int decide_alone(struct linkage *linkage, size_t number, struct candidates *scratch, struct map *claims,
                        struct match *ret_match)
{
    const struct account *account = linkage->accounts[number];
    struct pair settled;
    if (settled_pair(linkage, account, &settled)) {
        *ret_match = (struct match){.x = account->keys.x, .lookup = LOOKUP_FOUND, .best = settled};
        return add_claim(&linkage->arena, claims, settled.profile,
                         (struct claim){.weight = (double)INFINITY, .account = number});
    }
    gather(linkage, account, scratch);
    fill_match(account, scratch, ret_match);
    if (!ret_match->best.profile)
        return 0;
    return add_claim(&linkage->arena, claims, ret_match->best.profile,
                     (struct claim){.weight = scratch->items[0].weighed.sum, .account = number});
}

int linkage_decide(struct linkage *linkage, struct match *ret_matches)
{
    CLEANUP_FREE struct candidates *scratch = malloc(sizeof *scratch);
    CLEANUP(map_release) struct map claims;
    map_init(&claims);
    int rc = scratch ? 0 : E_NOMEM;
    for (size_t i = 0; i < linkage->n && rc == 0; i++)
        rc = decide_alone(linkage, i, scratch, &claims, &ret_matches[i]);
    for (size_t i = 0; i < linkage->n && rc == 0; i++) {
        struct match *match = &ret_matches[i];
        if (match->best.state != PAIR_LIKELY)
            continue;
        const struct claim *claim = map_get(&claims, match->best.profile->id);
        if (claim->account == i && !claim->tied)
            continue;
        match->best.state = PAIR_POSSIBLE;
        match->why = "another account of the list has as good a claim to this profile";
    }
    return rc;
}

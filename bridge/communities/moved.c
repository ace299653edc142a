/* bridge/communities/moved.c
 *
 * Who of a list has moved.
 *
 * For each account: what people decided goes before what linkage thinks, and within both the member's own scope before
 * the community's before what is public. A rejection takes its profile out of every scope behind it. In the end one
 * profile answers for one account, although scopes were decided apart.
 */
#include "communities/moved.h"

#include "base/cleanup.h"
#include "base/limits.h"
#include "base/map.h"
#include "graph/asked_as.h"
#include "graph/list.h"
#include "graph/pairs_by_handle.h"
#include "linkage/evidence.h"
#include "store/left_out_set.h"
#include "store/pairs.h"

#define SCOPES_MAX 3

static const char nobody_looked[] = "nobody has looked yet";
static const char another_claims[] = "another account of the list has as good a claim to this profile";

struct scope {
    struct text id;
    struct pair_row *pairs; /* in the arena; by x, the best first */
    struct profile *profiles;
    size_t n;
    size_t at; /* of the account under way, and how many are its */
    size_t mine;
};

struct moving {
    struct db *db;                         /* borrowed */
    const struct moved_question *question; /* borrowed */
    struct arena *arena;                   /* borrowed */
    struct community_row community;
    struct member_row member;
    struct graph_list list;
    struct graph_list roster;     /* for a member's question: what the group knows */
    struct left_out_set left_out; /* owned */
    struct scope scopes[SCOPES_MAX];
    size_t n_scopes;
    bool by_member;
};

static void moving_release(struct moving *moving)
{
    left_out_set_release(&moving->left_out);
}

static int no_memory(struct err *err)
{
    return err_set(err, E_NOMEM, "there is no memory to say who has moved");
}

/* --- whose list ----------------------------------------------------------------------------------------------------- */

static int find_people(struct moving *moving, struct err *err)
{
    const struct moved_question *question = moving->question;
    int rc = community_by_slug(moving->db, question->community, moving->arena, &moving->community, err);
    if (rc == E_NOT_FOUND)
        return err_set(err, rc, "there is no community \"%.*s\"", TEXT_ARG(question->community));
    if (rc < 0 || !moving->by_member)
        return rc;
    rc = member_by_handle(moving->db, &moving->community.id, question->as, moving->arena, &moving->member, err);
    if (rc == E_NOT_FOUND)
        return err_set(err, rc, "nobody in the community \"%.*s\" has the X handle @%.*s; import their list first",
                       TEXT_ARG(question->community), TEXT_ARG(question->as));
    return rc;
}

static int load_list(struct moving *moving, const struct id *owner, struct text kind, struct graph_list *ret_list,
                     struct err *err)
{
    return graph_list_load(moving->db, moving->question->numbers, moving->question->keys, owner, kind, moving->arena,
                           ret_list, err);
}

static int load_lists(struct moving *moving, struct err *err)
{
    int rc = load_list(moving, &moving->community.id, TEXT("roster"), &moving->roster, err);
    moving->list = moving->roster;
    if (rc == 0 && moving->by_member)
        rc = load_list(moving, &moving->member.id, TEXT("following"), &moving->list, err);
    return rc < 0 ? rc : left_out_set_load(&moving->left_out, moving->db, moving->question->keys, err);
}

static int load_scope(struct moving *moving, struct text id, struct err *err)
{
    struct scope *scope = &moving->scopes[moving->n_scopes++];
    *scope = (struct scope){.id = id};
    int rc = pair_list(moving->db, id, moving->question->network, moving->arena, &scope->pairs, &scope->profiles,
                       &scope->n, err);
    if (rc == 0 && pairs_by_handle(moving->question->numbers, moving->list.accounts, moving->list.numbers,
                                   moving->list.n, scope->pairs, scope->profiles, &scope->n) < 0)
        return no_memory(err);
    return rc;
}

static int load_scopes(struct moving *moving, struct err *err)
{
    int rc = moving->by_member ? load_scope(moving, id_text(&moving->member.id), err) : 0;
    if (rc == 0)
        rc = load_scope(moving, id_text(&moving->community.id), err);
    return rc < 0 ? rc : load_scope(moving, SCOPE_PUBLIC, err);
}

/* --- one account ---------------------------------------------------------------------------------------------------- */

struct account {
    uint32_t number;
    bool only_member;            /* the member's own list brings it up, and nothing else */
    const struct x_account *ask; /* as matching knew it */
    bool decided;                /* by people */
    bool dropped;                /* somebody was there who is not to be shown */
    const struct pair_row *best; /* NULL: none */
};

/* Lists and scopes ascend: each scope's rows of the account lie behind those of the one before. */
static void take_rows(struct scope *scope, uint32_t number)
{
    while (scope->at < scope->n && scope->pairs[scope->at].x < number)
        scope->at++;
    scope->mine = 0;
    while (scope->at + scope->mine < scope->n && scope->pairs[scope->at + scope->mine].x == number)
        scope->mine++;
}

static bool is_rejected(const struct moving *moving, size_t before, struct text profile)
{
    for (size_t s = 0; s <= before; s++)
        for (size_t i = 0; i < moving->scopes[s].mine; i++) {
            const struct pair_row *row = &moving->scopes[s].pairs[moving->scopes[s].at + i];
            if (row->state == PAIR_REJECTED && text_equal(row->profile, profile))
                return true;
        }
    return false;
}

static bool is_hidden(const struct moving *moving, const struct profile *profile, const char *network)
{
    return (profile->marks & PROFILE_LEAVE_ME_OUT) || left_out_set_has_profile(&moving->left_out, network, profile->id);
}

static int fill_pair(const struct pair_row *row, const struct profile *profile, struct arena *arena, struct pair *pair,
                     struct err *err)
{
    *pair = (struct pair){.profile = profile, .state = row->state, .p = row->p};
    return evidence_read(row->evidence, arena, pair, err);
}

static bool is_settled(const struct pair_row *row)
{
    return row->state == PAIR_CONFIRMED || row->state == PAIR_PROVEN;
}

/* The first row that people settled, or (linked) that linkage believes, of the first scope that has one. */
static int find_best(struct moving *moving, struct account *account, bool linked, const char *network,
                     struct match *match, struct err *err)
{
    for (size_t s = 0; s < moving->n_scopes; s++) {
        const struct scope *scope = &moving->scopes[s];
        if (linked && s == 0 && moving->by_member && !account->only_member)
            continue; /* left from when the roster lacked it */
        for (size_t i = scope->at; i < scope->at + scope->mine; i++) {
            const struct pair_row *row = &scope->pairs[i];
            if (linked ? !text_empty(row->decided) || !row->best || is_settled(row) : !is_settled(row))
                continue;
            bool hidden = is_hidden(moving, &scope->profiles[i], network);
            account->dropped |= hidden;
            if (hidden || is_rejected(moving, s, row->profile))
                continue;
            account->best = row;
            return fill_pair(row, &scope->profiles[i], moving->arena, &match->best, err);
        }
    }
    return 0;
}

static int add_others(struct moving *moving, const struct account *account, const struct scope *scope, size_t number,
                      const char *network, struct match *match, struct err *err)
{
    int rc = 0;
    for (size_t i = scope->at; i < scope->at + scope->mine && match->n_others < MATCH_OTHERS_MAX && rc == 0; i++) {
        const struct pair_row *row = &scope->pairs[i];
        if (row->best || row->state == PAIR_REJECTED || is_settled(row) || row == account->best)
            continue;
        if (account->best && text_equal(account->best->profile, row->profile))
            continue;
        if (is_rejected(moving, number, row->profile) || is_hidden(moving, &scope->profiles[i], network))
            continue;
        rc = fill_pair(row, &scope->profiles[i], moving->arena, &match->others[match->n_others], err);
        match->n_others += rc == 0;
    }
    return rc;
}

/* Of the first scope that has any. */
static int find_others(struct moving *moving, const struct account *account, const char *network, struct match *match,
                       struct err *err)
{
    int rc = 0;
    for (size_t s = 0; s < moving->n_scopes && match->n_others == 0 && rc == 0; s++)
        if (s > 0 || !moving->by_member || account->only_member)
            rc = add_others(moving, account, &moving->scopes[s], s, network, match, err);
    return rc;
}

/* A decision gives its scope a look-up of its own where matching knew of it: a member's about an account of the roster is
 * not known to the run that matches the roster. */
static void look_at_decisions(const struct moving *moving, struct account *account)
{
    for (size_t s = 0; s < moving->n_scopes; s++) {
        const struct scope *scope = &moving->scopes[s];
        bool known = s > 0 || !moving->by_member || account->only_member;
        for (size_t i = scope->at; i < scope->at + scope->mine; i++) {
            bool rejected = scope->pairs[i].state == PAIR_REJECTED;
            account->decided |= known && (rejected || is_settled(&scope->pairs[i]));
            account->dropped |= rejected;
        }
    }
}

/* --- what looking came to ------------------------------------------------------------------------------------------- */

static int get_lookup(const struct moving *moving, const struct account *account, struct text scope,
                      struct lookup_row *ret_row, bool *ret_there, struct err *err)
{
    int rc = lookup_get(moving->db, moving->question->network, account->number,
                        asked_as(moving->question->keys, account->ask, scope), moving->arena, ret_row, err);
    *ret_there = rc == 0;
    return rc == E_NOT_FOUND ? 0 : rc;
}

/* The scope's own look-up where people decided or it is not older, else the one that everybody shares. */
static int find_lookup(const struct moving *moving, const struct account *account, struct lookup_row *ret_row,
                       bool *ret_there, struct err *err)
{
    struct lookup_row shared;
    bool there = false;
    const struct id *scope = account->only_member ? &moving->member.id : &moving->community.id;
    int rc = get_lookup(moving, account, id_text(scope), ret_row, ret_there, err);
    if (rc < 0 || account->decided)
        return rc;
    rc = get_lookup(moving, account, TEXT_NONE, &shared, &there, err);
    if (rc < 0 || !there || (*ret_there && ret_row->asked_ms >= shared.asked_ms))
        return rc;
    *ret_row = shared;
    *ret_there = true;
    return 0;
}

static int tell_lookup(const struct moving *moving, const struct account *account, struct match *match, struct err *err)
{
    struct lookup_row row;
    bool there = false;
    match->lookup = LOOKUP_FOUND;
    if (match->best.profile || match->n_others > 0)
        return 0;
    int rc = find_lookup(moving, account, &row, &there, err);
    if (rc < 0)
        return rc;
    match->lookup = LOOKUP_COULD_NOT_LOOK;
    match->why = nobody_looked;
    if (there && row.result == LOOKUP_COULD_NOT_LOOK) {
        match->why = arena_printf(moving->arena, "%.*s", TEXT_ARG(row.why));
        return match->why ? 0 : no_memory(err);
    }
    /* Somebody was found for others of this server, and nobody has looked for this list; unless it is one that must not be
     * shown: that looks as if nobody were there. */
    if (there && (row.result == LOOKUP_NOT_FOUND || account->dropped)) {
        match->lookup = LOOKUP_NOT_FOUND;
        match->why = NULL;
    }
    return 0;
}

/* --- all of them ---------------------------------------------------------------------------------------------------- */

static struct account account_at(const struct moving *moving, size_t place)
{
    struct account account = {.number = moving->list.numbers[place], .ask = &moving->list.accounts[place]};
    size_t at = SIZE_MAX;
    if (!moving->by_member)
        return account;
    account.only_member = graph_list_brings_up(&moving->list, place, &moving->roster, &at);
    if (!account.only_member)
        account.ask = &moving->roster.accounts[at];
    return account;
}

static int tell_account(struct moving *moving, size_t place, const char *network, struct match *match, struct err *err)
{
    struct account account = account_at(moving, place);
    *match = (struct match){.x = &moving->list.accounts[place]};
    for (size_t s = 0; s < moving->n_scopes; s++)
        take_rows(&moving->scopes[s], account.number);
    look_at_decisions(moving, &account);
    int rc = find_best(moving, &account, false, network, match, err);
    if (rc == 0 && !account.best)
        rc = find_best(moving, &account, true, network, match, err);
    if (rc == 0)
        rc = find_others(moving, &account, network, match, err);
    return rc < 0 ? rc : tell_lookup(moving, &account, match, err);
}

/* 1: a has the better claim; 0: neither. */
static int compare_claims(const struct pair *a, const struct pair *b)
{
    if (a->state != b->state)
        return a->state > b->state ? 1 : -1;
    return (a->p > b->p) - (a->p < b->p);
}

static void lose(struct match *match)
{
    match->best.state = PAIR_POSSIBLE;
    match->why = another_claims;
}

/* The best claim to each profile stays; of two equal ones neither does. A claim that lost stands for itself all the same,
 * until all were compared. */
static int settle_claims(struct match *matches, size_t n, struct arena *arena, struct err *err)
{
    CLEANUP(map_release) struct map claims;
    bool *lost = ARENA_ARRAY(arena, bool, n + 1);
    int rc = lost ? 0 : E_NOMEM;
    map_init(&claims);
    for (size_t i = 0; i < n && rc == 0; i++) {
        if (!pair_state_moved(matches[i].best.state))
            continue;
        struct match *best = map_get(&claims, matches[i].best.profile->id);
        int order = best ? compare_claims(&matches[i].best, &best->best) : 1;
        lost[i] = order <= 0;
        if (best && order >= 0)
            lost[best - matches] = true;
        if (order > 0)
            rc = map_put(&claims, matches[i].best.profile->id, &matches[i]);
    }
    for (size_t i = 0; i < n && rc == 0; i++)
        if (lost[i])
            lose(&matches[i]);
    return rc < 0 ? no_memory(err) : 0;
}

static int tell_all(struct moving *moving, struct moved_list *list, struct err *err)
{
    const char *network = arena_printf(moving->arena, "%.*s", TEXT_ARG(moving->question->network));
    list->matches = ARENA_ARRAY(moving->arena, struct match, list->n + 1);
    if (!network || !list->matches)
        return no_memory(err);
    for (size_t i = 0; i < list->n; i++) {
        int rc = tell_account(moving, i, network, &list->matches[i], err);
        if (rc < 0)
            return rc;
    }
    return settle_claims(list->matches, list->n, moving->arena, err);
}

int moved_load(struct db *db, const struct moved_question *question, struct arena *arena, struct moved_list *ret_list,
               struct err *err)
{
    CLEANUP(moving_release)
    struct moving moving = {.db = db, .question = question, .arena = arena, .by_member = !text_empty(question->as)};
    int rc = find_people(&moving, err);
    if (rc == 0)
        rc = load_lists(&moving, err);
    if (rc == 0)
        rc = load_scopes(&moving, err);
    if (rc < 0)
        return rc;
    struct moved_list list = {.community = moving.community,
                              .accounts = moving.list.accounts,
                              .numbers = moving.list.numbers,
                              .n = moving.list.n};
    rc = tell_all(&moving, &list, err);
    if (rc == 0)
        *ret_list = list;
    return rc;
}

/* bridge/matching/candidates.c
 *
 * Plans which questions are worth asking, and keeps apart "not there" and "could not look".
 */
#include "matching/candidates.h"

#include "base/cleanup.h"
#include "base/limits.h"

#include <stdlib.h>
#include <string.h>

int candidates_init(struct candidates *candidates, struct arena *arena, const struct network *network,
                    const struct clock *clock)
{
    *candidates = (struct candidates){.arena = arena, .network = network};
    map_init(&candidates->by_handle);
    map_init(&candidates->asked);
    candidates->index = profile_index_new(&network->handles);
    if (!candidates->index)
        return E_NOMEM;
    candidates->linkage =
        linkage_new(&(struct linkage_options){.index = candidates->index, .now_ms = clock_wall(clock)});
    return candidates->linkage ? 0 : E_NOMEM;
}

void candidates_release(struct candidates *candidates)
{
    if (candidates->linkage)
        linkage_free(candidates->linkage);
    if (candidates->index)
        profile_index_free(candidates->index);
    map_release(&candidates->by_handle);
    map_release(&candidates->asked);
}

/* --- accounts ---------------------------------------------------------------------------------------------------- */

/* Nobody forbids it, and it was not asked lately. */
static bool may_ask(const struct account *account)
{
    return !account->untouched && account->how == MATCH_ASK;
}

int candidates_add(struct candidates *candidates, const struct x_account *x, enum match_how how)
{
    struct account *accounts = arena_grow(candidates->arena, candidates->accounts, candidates->n, sizeof *accounts);
    if (!accounts)
        return E_NOMEM;
    candidates->accounts = accounts;
    struct account *account = &accounts[candidates->n];
    *account = (struct account){.x = x, .how = how, .untouched = network_reason_not_to_ask(x)};
    if (linkage_add(candidates->linkage, x, &account->number) < 0)
        return E_NOMEM;
    if (may_ask(account) && guesses_make(candidates->arena, x, GUESS_PRIOR_LEAST, &account->guesses) < 0)
        return E_NOMEM;
    candidates->n++;
    return 0;
}

/* The accounts' places are final once all are added: only then are they found by handle. */
static int index_handles(struct candidates *candidates)
{
    for (size_t i = 0; i < candidates->n; i++) {
        struct account *account = &candidates->accounts[i];
        struct text handle;
        if (text_empty(account->x->handle))
            continue;
        if (!arena_lower(candidates->arena, account->x->handle, &handle) ||
            map_put(&candidates->by_handle, handle, account) < 0)
            return E_NOMEM;
    }
    return 0;
}

int candidates_know(struct candidates *candidates, const struct known_pair *known)
{
    struct text handle;
    if (map_count(&candidates->by_handle) == 0 && index_handles(candidates) < 0)
        return E_NOMEM;
    if (!arena_lower(candidates->arena, known->x_handle, &handle))
        return E_NOMEM;
    struct account *account = map_get(&candidates->by_handle, handle);
    if (!account) {
        candidates->counts.known_missing++;
        return 0;
    }
    account->known_id = known->profile_id;
    return linkage_settle(candidates->linkage, account->number, known->profile_id, known->state);
}

int candidates_heed(struct candidates *candidates, const struct decided_pair *decided)
{
    struct account *account = &candidates->accounts[decided->account];
    if (decided->state == PAIR_REJECTED)
        return linkage_reject(candidates->linkage, account->number, decided->profile_id);
    account->known_id = decided->profile_id;
    return linkage_settle(candidates->linkage, account->number, decided->profile_id, decided->state);
}

/* --- what was asked ---------------------------------------------------------------------------------------------- */

/* The actors that go into the next question, until it is full. */
struct packing {
    struct asker *asker;
    struct question *question;
    struct text *actors;
};

static struct question *question_with_room(struct candidates *candidates, struct packing *packing)
{
    size_t max = candidates->network->profiles_max;
    if (packing->question && packing->question->n_actors < max)
        return packing->question;
    packing->actors = ARENA_ARRAY(candidates->arena, struct text, max);
    packing->question = packing->actors ? asker_add(packing->asker, QUESTION_PROFILES) : NULL;
    if (packing->question)
        packing->question->actors = packing->actors;
    return packing->question;
}

/* Asks for an actor unless it was asked for already; ret_asked is the record in either case. */
static int ask_for(struct candidates *candidates, struct packing *packing, struct text actor, struct asked **ret_asked)
{
    struct text key;
    if (!arena_lower(candidates->arena, actor, &key))
        return E_NOMEM;
    struct asked *asked = map_get(&candidates->asked, key);
    if (asked) {
        candidates->counts.cache_hits++;
        *ret_asked = asked;
        return 0;
    }
    struct question *question = question_with_room(candidates, packing);
    asked = ARENA_NEW(candidates->arena, struct asked);
    if (!question || !asked)
        return E_NOMEM;
    *asked = (struct asked){.actor = key, .question = question};
    packing->actors[question->n_actors++] = key;
    *ret_asked = asked;
    return map_put(&candidates->asked, key, asked);
}

static bool is_known(const struct candidates *candidates, struct text actor)
{
    const struct profile *profile = profile_index_by_handle(candidates->index, actor);
    if (!profile)
        profile = profile_index_get(candidates->index, actor);
    return profile && profile->detailed;
}

static int ask_for_account(struct candidates *candidates, struct packing *packing, struct account *account,
                           struct text actor)
{
    struct asked *asked;
    if (account->n_asked == ARRAY_LEN(account->asked))
        return 0; /* many handle domains: the likeliest guesses went first */
    if (!candidates->network->ops->is_actor(actor))
        return 0; /* nobody can be there under such a name */
    /* Known under this handle or id from an earlier answer: no question is needed. */
    if (is_known(candidates, actor)) {
        candidates->counts.cache_hits++;
        return 0;
    }
    if (ask_for(candidates, packing, actor, &asked) < 0)
        return E_NOMEM;
    account->asked[account->n_asked++] = asked;
    return 0;
}

int candidates_ask_known(struct candidates *candidates, struct asker *asker)
{
    struct packing packing = {.asker = asker};
    for (size_t i = 0; i < candidates->n; i++) {
        struct account *account = &candidates->accounts[i];
        if (account->how == MATCH_ASK && !text_empty(account->known_id) &&
            ask_for_account(candidates, &packing, account, account->known_id) < 0)
            return E_NOMEM;
    }
    return 0;
}

/* --- guesses ----------------------------------------------------------------------------------------------------- */

/* Still worth asking about: not settled by what is known so far. */
static int account_is_open(struct candidates *candidates, const struct account *account, bool *ret_open)
{
    struct linkage_view view;
    *ret_open = false;
    if (!may_ask(account) || !text_empty(account->known_id))
        return 0;
    if (linkage_look(candidates->linkage, account->number, &view) < 0)
        return E_NOMEM;
    *ret_open = !view.settled && !view.excluded;
    return 0;
}

static int ask_label(struct candidates *candidates, struct packing *packing, struct account *account, struct text label)
{
    const struct handle_space *handles = &candidates->network->handles;
    if (!handles->are_domains)
        return ask_for_account(candidates, packing, account, label);
    for (size_t i = 0; i < handles->n_domains; i++) {
        const char *actor =
            arena_printf(candidates->arena, "%.*s.%.*s", TEXT_ARG(label), TEXT_ARG(handles->domains[i]));
        if (!actor || ask_for_account(candidates, packing, account, text_of(actor)) < 0)
            return E_NOMEM;
    }
    return 0;
}

static int ask_guess(struct candidates *candidates, struct packing *packing, struct account *account,
                     const struct guess *guess)
{
    switch (guess->kind) {
    case GUESS_LABEL:
        return ask_label(candidates, packing, account, guess->text);
    case GUESS_HANDLE:
    case GUESS_DID:
        return ask_for_account(candidates, packing, account, guess->text);
    }
    return 0;
}

int candidates_ask_guesses(struct candidates *candidates, struct asker *asker)
{
    struct packing packing = {.asker = asker};
    candidates->guesses_left = false;
    candidates->round++;
    for (size_t i = 0; i < candidates->n; i++) {
        struct account *account = &candidates->accounts[i];
        bool open;
        if (account->next_guess >= account->guesses.n)
            continue;
        if (account_is_open(candidates, account, &open) < 0)
            return E_NOMEM;
        if (!open)
            continue;
        if (ask_guess(candidates, &packing, account, &account->guesses.items[account->next_guess++]) < 0)
            return E_NOMEM;
        if (account->next_guess < account->guesses.n && candidates->round < GUESS_ROUNDS)
            candidates->guesses_left = true;
    }
    return 0;
}

bool candidates_guesses_left(const struct candidates *candidates)
{
    return candidates->guesses_left;
}

/* --- searches ---------------------------------------------------------------------------------------------------- */

struct wanted_search {
    struct account *account;
    struct search_words words;
};

static int by_worth(const void *a, const void *b)
{
    const struct wanted_search *left = a;
    const struct wanted_search *right = b;
    if (left->words.worth != right->words.worth)
        return left->words.worth < right->words.worth ? 1 : -1;
    return left->account->number > right->account->number ? 1 : -1;
}

static int collect_searches(struct candidates *candidates, struct wanted_search *searches, size_t *ret_n)
{
    size_t n = 0;
    for (size_t i = 0; i < candidates->n; i++) {
        struct account *account = &candidates->accounts[i];
        bool open;
        if (account_is_open(candidates, account, &open) < 0)
            return E_NOMEM;
        if (!open)
            continue;
        searches[n].account = account;
        if (search_words_make(candidates->arena, account->x, &searches[n].words) < 0)
            return E_NOMEM;
        if (!text_empty(searches[n].words.words))
            n++;
    }
    *ret_n = n;
    return 0;
}

int candidates_ask_searches(struct candidates *candidates, struct asker *asker)
{
    size_t n;
    struct wanted_search *searches = ARENA_ARRAY(candidates->arena, struct wanted_search, candidates->n);
    if (!searches || collect_searches(candidates, searches, &n) < 0)
        return E_NOMEM;
    qsort(searches, n, sizeof *searches, by_worth);
    for (size_t i = 0; i < n; i++) {
        struct question *question = asker_add(asker, QUESTION_SEARCH);
        if (!question)
            return E_NOMEM;
        question->words = text_floor_utf8(searches[i].words.words, LIMIT_SEARCH_WORDS);
        question->limit = SEARCH_HITS;
        searches[i].account->search = question;
    }
    return 0;
}

int candidates_ask_completions(struct candidates *candidates, struct asker *asker)
{
    struct packing packing = {.asker = asker};
    for (size_t i = 0; i < candidates->n; i++) {
        struct account *account = &candidates->accounts[i];
        struct text ids[COMPLETIONS_MAX];
        if (!account->search)
            continue;
        size_t n = linkage_incomplete(candidates->linkage, account->number, ids, COMPLETIONS_MAX);
        for (size_t k = 0; k < n; k++)
            if (ask_for_account(candidates, &packing, account, ids[k]) < 0)
                return E_NOMEM;
    }
    return 0;
}

/* --- answers ----------------------------------------------------------------------------------------------------- */

/* Into the index; marked as nobody's candidate where its owner wished so. */
static int add_profile(struct candidates *candidates, const struct profile *profile, enum profile_source source)
{
    struct profile marked = *profile;
    if (candidates->leave_out && candidates->leave_out(candidates->leave_out_context, profile->id))
        marked.marks |= PROFILE_LEAVE_ME_OUT;
    return profile_index_add(candidates->index, &marked, source);
}

int candidates_cache(struct candidates *candidates, const struct profile *profile)
{
    /* As if asked for: what others looked for says nothing of how common a name is. */
    return add_profile(candidates, profile, PROFILE_ASKED_BY_HANDLE);
}

static int take_found(struct candidates *candidates, const struct question *question)
{
    enum profile_source source = question->kind == QUESTION_SEARCH ? PROFILE_FROM_SEARCH : PROFILE_ASKED_BY_HANDLE;
    for (size_t i = 0; i < question->n_found; i++)
        if (add_profile(candidates, question->found[i], source) < 0)
            return E_NOMEM;
    return 0;
}

/* The hits of a search are candidates of the account that it was made for, though they may share no key with it. */
static int propose_hits(struct candidates *candidates, const struct account *account)
{
    for (size_t i = 0; account->search && i < account->search->n_found; i++)
        if (linkage_propose(candidates->linkage, account->number, account->search->found[i]->id) == E_NOMEM)
            return E_NOMEM;
    return 0;
}

int candidates_take(struct candidates *candidates, struct asker *asker)
{
    bool searched = false;
    for (; candidates->taken < asker->n; candidates->taken++) {
        const struct question *question = asker->questions[candidates->taken];
        searched |= question->kind == QUESTION_SEARCH;
        if (take_found(candidates, question) < 0)
            return E_NOMEM;
    }
    for (size_t i = 0; searched && i < candidates->n; i++)
        if (propose_hits(candidates, &candidates->accounts[i]) < 0)
            return E_NOMEM;
    return 0;
}

/* The first question about this account that got no answer. */
static const struct question *unanswered(const struct account *account)
{
    for (size_t i = 0; i < account->n_asked; i++)
        if (account->asked[i]->question->state != QUESTION_ANSWERED)
            return account->asked[i]->question;
    return account->search && account->search->state != QUESTION_ANSWERED ? account->search : NULL;
}

/* A settled pair stands though its profile could not be fetched: what is known of it then is its id. */
static int keep_unseen(struct candidates *candidates, const struct account *account)
{
    if (text_empty(account->known_id) || profile_index_get(candidates->index, account->known_id))
        return 0;
    if (account->how == MATCH_ASK && !unanswered(account))
        return 0; /* the network says that it is gone */
    struct profile unseen = {.id = account->known_id,
                             .followers = PROFILE_COUNT_UNKNOWN,
                             .follows = PROFILE_COUNT_UNKNOWN,
                             .posts = PROFILE_COUNT_UNKNOWN};
    return profile_index_add(candidates->index, &unseen, PROFILE_ASKED_BY_HANDLE);
}

static void explain_lookup(const struct account *account, struct match *match)
{
    const struct question *open = unanswered(account);
    if (match->best.profile || match->n_others > 0) {
        match->lookup = LOOKUP_FOUND;
        return;
    }
    match->lookup = account->untouched || open ? LOOKUP_COULD_NOT_LOOK : LOOKUP_NOT_FOUND;
    if (account->untouched)
        match->why = account->untouched;
    else if (open)
        match->why = open->why;
    else if (!text_empty(account->known_id))
        match->why = "the account that was known is not there any more";
}

bool candidates_unfinished(const struct candidates *candidates, size_t number)
{
    return unanswered(&candidates->accounts[number]) != NULL;
}

int candidates_decide(struct candidates *candidates, struct match *ret_matches)
{
    for (size_t i = 0; i < candidates->n; i++)
        if (keep_unseen(candidates, &candidates->accounts[i]) < 0)
            return E_NOMEM;
    if (linkage_decide(candidates->linkage, ret_matches) < 0)
        return E_NOMEM;
    for (size_t i = 0; i < candidates->n; i++)
        explain_lookup(&candidates->accounts[i], &ret_matches[i]);
    return 0;
}

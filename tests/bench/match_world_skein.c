/* tests/bench/match_world_skein.c
 *
 * The stages of the design, driven straight at linkage: guesses in rounds, one search, completions, decision.
 *
 * Room `matching` has the same stages over a real network, with budgets and failures; here only what is found counts.
 */
#include "base/cleanup.h"
#include "base/map.h"
#include "linkage/decide.h"
#include "linkage/guesses.h"
#include "linkage/weights.h"
#include "match_world.h"

#include <stdlib.h>

/* As room matching has them. */
#define GUESS_PRIOR_LEAST 0.02
#define GUESS_ROUNDS      3
#define SEARCH_HITS       10
#define COMPLETIONS_MAX   2

#define ACTORS_IN_ONE 25

static const struct text domains[] = {{"bsky.social", 11}};
static const struct handle_space space = {.domains = domains, .n_domains = 1, .are_domains = true};

struct x_account world_given(const struct world_person *person, enum given given)
{
    struct x_account x = {.id = person->x.id, .handle = person->x.handle};
    switch (given) {
    case GIVEN_ALL:
        return person->x;
    case GIVEN_NAMES:
        x.name = person->x.name;
        return x;
    case GIVEN_HANDLES:
    case N_GIVEN:
        break;
    }
    return x;
}

/* Actors gathered into questions of 25; none is asked for twice. */
struct asking {
    const struct world *world;
    struct world_run *run;
    struct map asked;
    size_t pending;
};

static void ask(struct asking *asking, struct text actor)
{
    if (map_get(&asking->asked, actor))
        return;
    if (map_put(&asking->asked, actor, asking) < 0)
        abort();
    if (asking->pending++ % ACTORS_IN_ONE == 0)
        asking->run->requests.profiles++;
    const struct world_profile *found = world_profile_by_handle(asking->world, actor);
    if (!found)
        found = world_profile_by_id(asking->world, actor);
    if (found && profile_index_add(asking->run->index, &found->profile, PROFILE_ASKED_BY_HANDLE) < 0)
        abort();
}

static bool is_open(struct world_run *run, size_t number)
{
    struct linkage_view view;
    if (linkage_look(run->linkage, number, &view) < 0)
        abort();
    return !view.settled && !view.excluded;
}

static void ask_guess(struct asking *asking, const struct guess *guess)
{
    struct text actor = guess->text;
    if (guess->kind == GUESS_LABEL)
        actor = text_of(arena_printf(&asking->run->arena, "%.*s.bsky.social", TEXT_ARG(guess->text)));
    ask(asking, actor);
}

static void guess_handles(struct asking *asking, size_t n)
{
    struct guesses *guesses = calloc(n, sizeof *guesses);
    for (size_t i = 0; guesses && i < n; i++)
        if (guesses_make(&asking->run->arena, &asking->run->given[i], GUESS_PRIOR_LEAST, &guesses[i]) < 0)
            abort();
    for (size_t round = 0; guesses && round < GUESS_ROUNDS; round++) {
        for (size_t i = 0; i < n; i++)
            if (round < guesses[i].n && is_open(asking->run, i))
                ask_guess(asking, &guesses[i].items[round]);
        asking->pending = 0; /* a round's last question goes out as it is */
    }
    free(guesses);
}

/* A search hit lacks website and counts. */
static struct profile as_hit(struct profile profile)
{
    profile.website = TEXT_NONE;
    profile.followers = PROFILE_COUNT_UNKNOWN;
    profile.follows = PROFILE_COUNT_UNKNOWN;
    profile.posts = PROFILE_COUNT_UNKNOWN;
    profile.detailed = false;
    return profile;
}

static void search_for(struct asking *asking, size_t number)
{
    const struct world_profile *hits[SEARCH_HITS];
    struct search_words search;
    struct world_run *run = asking->run;
    if (search_words_make(&run->arena, &run->given[number], &search) < 0)
        abort();
    if (text_empty(search.words))
        return;
    size_t n = world_search(asking->world, search.words, hits, SEARCH_HITS);
    run->requests.searches++;
    for (size_t i = 0; i < n; i++) {
        struct profile hit = as_hit(hits[i]->profile);
        if (profile_index_add(run->index, &hit, PROFILE_FROM_SEARCH) < 0 ||
            linkage_propose(run->linkage, number, hit.id) < 0)
            abort();
    }
}

static void complete(struct asking *asking, size_t number)
{
    struct text ids[COMPLETIONS_MAX];
    size_t n = linkage_incomplete(asking->run->linkage, number, ids, COMPLETIONS_MAX);
    for (size_t i = 0; i < n; i++)
        ask(asking, ids[i]);
}

/* Everybody who was compared with this account: found by a key, or by the search. */
static size_t compared(const struct world *world, const struct world_run *run, struct arena *scratch, size_t number,
                       const struct x_keys *x, uint32_t *ret_numbers, size_t max)
{
    const struct world_profile *hits[SEARCH_HITS];
    struct search_words search;
    size_t n = profile_index_find(run->index, x, ret_numbers, max - SEARCH_HITS);
    if (search_words_make(scratch, &run->given[number], &search) < 0)
        abort();
    size_t n_hits = text_empty(search.words) ? 0 : world_search(world, search.words, hits, SEARCH_HITS);
    for (size_t i = 0; i < n_hits; i++) {
        uint32_t profile;
        if (!profile_index_number(run->index, hits[i]->profile.id, &profile))
            continue; /* settled before the search */
        bool had = false;
        for (size_t k = 0; k < n && !had; k++)
            had = ret_numbers[k] == profile;
        if (!had)
            ret_numbers[n++] = profile;
    }
    return n;
}

static void show_candidates(const struct world *world, const struct world_run *run, const struct world_watch *watch)
{
    CLEANUP(arena_release) struct arena scratch;
    arena_init(&scratch, (size_t)1 << 30);
    for (size_t i = 0; i < world->n_people; i++) {
        uint32_t numbers[512];
        struct x_keys x;
        if (x_keys_make(&scratch, &run->given[i], &x) < 0)
            abort();
        size_t n = compared(world, run, &scratch, i, &x, numbers, ARRAY_LEN(numbers));
        for (size_t k = 0; k < n; k++) {
            const struct profile_keys *keys = profile_index_keys(run->index, numbers[k]);
            watch->candidate(watch->context, &world->people[i], &x, keys,
                             text_equal(keys->profile->id, world->people[i].true_id));
        }
    }
}

void world_run_skein(const struct world *world, enum given given, const struct world_watch *watch,
                     struct world_run *ret_run)
{
    struct world_run *run = ret_run;
    struct asking asking = {.world = world, .run = run};
    *run = (struct world_run){.index = profile_index_new(&space)};
    arena_init(&run->arena, (size_t)1 << 30);
    map_init(&asking.asked);
    run->linkage =
        run->index ? linkage_new(&(struct linkage_options){.index = run->index, .now_ms = world->now_ms}) : NULL;
    run->given = ARENA_ARRAY(&run->arena, struct x_account, world->n_people);
    run->matches = ARENA_ARRAY(&run->arena, struct match, world->n_people);
    if (!run->linkage || !run->given || !run->matches)
        abort();
    for (size_t i = 0; i < world->n_people; i++) {
        size_t number;
        run->given[i] = world_given(&world->people[i], given);
        if (linkage_add(run->linkage, &run->given[i], &number) < 0)
            abort();
    }
    guess_handles(&asking, world->n_people);
    bool *searched = calloc(world->n_people, sizeof *searched);
    for (size_t i = 0; searched && i < world->n_people; i++)
        if ((searched[i] = is_open(run, i)))
            search_for(&asking, i);
    asking.pending = 0;
    for (size_t i = 0; searched && i < world->n_people; i++)
        if (searched[i])
            complete(&asking, i);
    free(searched);
    if (linkage_decide(run->linkage, run->matches) < 0)
        abort();
    if (watch)
        show_candidates(world, run, watch);
    map_release(&asking.asked);
}

void world_run_release(struct world_run *run)
{
    linkage_free(run->linkage);
    profile_index_free(run->index);
    arena_release(&run->arena);
}

bool world_shows_two_kinds(const struct world *world, const struct world_person *person, enum given given)
{
    CLEANUP(arena_release) struct arena scratch;
    const struct world_profile *profile = world_profile_by_id(world, person->true_id);
    struct x_account x = world_given(person, given);
    struct x_keys x_keys;
    struct profile_keys keys;
    struct comparison comparison;
    struct weighed weighed;
    arena_init(&scratch, (size_t)1 << 20);
    if (!profile)
        return false;
    if (x_keys_make(&scratch, &x, &x_keys) < 0 || profile_keys_make(&scratch, &space, &profile->profile, &keys) < 0)
        abort();
    compare(&(struct compare_context){.now_ms = world->now_ms}, &x_keys, &keys, &comparison);
    weigh(&comparison, &weighed);
    return weighed.kinds >= 2 && weighed.more_than_handle;
}

static bool search_reaches(const struct world *world, struct text words, struct text id)
{
    const struct world_profile **hits = calloc(world->n_profiles, sizeof(const struct world_profile *));
    bool reached = false;
    if (!hits)
        abort();
    size_t n = text_empty(words) ? 0 : world_search(world, words, hits, world->n_profiles);
    for (size_t i = 0; i < n && !reached; i++)
        reached = text_equal(hits[i]->profile.id, id);
    free(hits);
    return reached;
}

bool world_reachable(const struct world *world, const struct world_person *person, enum given given)
{
    CLEANUP(arena_release) struct arena scratch;
    const struct world_profile *profile = world_profile_by_id(world, person->true_id);
    struct x_account x = world_given(person, given);
    struct handle_keys handle;
    struct guesses guesses;
    struct text split;
    arena_init(&scratch, (size_t)1 << 20);
    if (handle_keys_make(&scratch, x.handle, &handle) < 0 || guesses_make(&scratch, &x, 0, &guesses) < 0 ||
        handle_split_name(&scratch, x.handle, &split) < 0)
        abort();
    for (size_t i = 0; i < guesses.n; i++) {
        struct text guess = guesses.items[i].text;
        if (guesses.items[i].kind == GUESS_LABEL)
            guess = text_of(arena_printf(&scratch, "%.*s.bsky.social", TEXT_ARG(guess)));
        if (text_equal(guess, profile->profile.handle) || text_equal(guess, profile->profile.id))
            return true;
    }
    return search_reaches(world, handle.stem, person->true_id) || search_reaches(world, x.name, person->true_id) ||
           search_reaches(world, split, person->true_id);
}

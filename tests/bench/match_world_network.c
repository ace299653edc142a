/* tests/bench/match_world_network.c
 *
 * The made-up network's answers.
 */
#include "base/cleanup.h"
#include "base/map.h"
#include "match_world.h"

#include <stdlib.h>

const struct world_profile *world_profile_by_id(const struct world *world, struct text id)
{
    return map_get(&world->by_id, id);
}

const struct world_profile *world_profile_by_handle(const struct world *world, struct text handle)
{
    return map_get(&world->by_handle, handle);
}

struct hit {
    const struct world_profile *profile;
    double rank;
};

static bool has_token(const struct name_keys *name, struct text token)
{
    for (size_t i = 0; i < name->n_tokens; i++)
        if (text_starts(name->tokens[i], token))
            return true;
    return false;
}

/* Nobody documents the real ranking: an equal handle, a handle that begins so, a name that has every word, a handle that
 * holds it; among equals, the more followed. 0: not a hit. */
static double rank_of(const struct world_profile *profile, struct text query, const struct name_keys *words)
{
    double rank = 0;
    bool all = words->n_tokens > 0;
    for (size_t i = 0; i < words->n_tokens && all; i++)
        all = has_token(&profile->name, words->tokens[i]);
    if (all)
        rank = text_equal(profile->name.sorted, words->sorted) ? 3 : 2;
    if (query.len >= 3 && text_starts_fold(profile->profile.handle, query))
        rank += 3;
    else if (query.len >= 3 && text_find_fold(profile->profile.handle, query, 0) != TEXT_NOWHERE)
        rank += 1;
    return rank > 0 ? rank + 1 - 1 / (1 + (double)profile->profile.followers) : 0;
}

static int compare_hits(const void *a, const void *b)
{
    const struct hit *x = a;
    const struct hit *y = b;
    if (x->rank > y->rank || x->rank < y->rank)
        return x->rank > y->rank ? -1 : 1;
    return text_compare(x->profile->profile.id, y->profile->profile.id);
}

size_t world_search(const struct world *world, struct text words, const struct world_profile **ret_hits, size_t limit)
{
    CLEANUP(arena_release) struct arena scratch;
    CLEANUP_FREE struct hit *hits = calloc(world->n_profiles, sizeof *hits);
    struct name_keys name;
    size_t n = 0;
    arena_init(&scratch, (size_t)1 << 20);
    if (!hits || name_keys_make(&scratch, words, &name) < 0)
        abort();
    for (size_t i = 0; i < world->n_profiles; i++) {
        double rank = rank_of(&world->profiles[i], words, &name);
        if (rank > 0)
            hits[n++] = (struct hit){.profile = &world->profiles[i], .rank = rank};
    }
    qsort(hits, n, sizeof *hits, compare_hits);
    if (n > limit)
        n = limit;
    for (size_t i = 0; i < n; i++)
        ret_hits[i] = hits[i].profile;
    return n;
}

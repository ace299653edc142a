/* tests/bench/match_world_baseline.c
 *
 * What the best known tool does, by its description in the design: a search by handle, by the handle in the bio, by name,
 * three hits each; accept on the bio's handle, an equal first label, _ dropped or dashed, Jaro-Winkler over 0.92, or an
 * equal name. Written from that description, for comparison in the same run.
 */
#include "base/cleanup.h"
#include "linkage/compare.h"
#include "match_world.h"

#include <stdlib.h>

#define HITS 3

struct asked {
    const struct x_account *x;
    struct text bio_handle; /* lower case; empty: the bio names none */
};

static bool labels_agree(struct arena *arena, struct text x_handle, struct text handle)
{
    struct handle_keys keys;
    struct text label = text_slice(handle, 0, text_find_byte(handle, '.', 0));
    if (handle_keys_make(arena, x_handle, &keys) < 0)
        abort();
    return text_equal_fold(label, x_handle) || text_equal(label, keys.squeezed) || text_equal(label, keys.dashed) ||
           jaro_winkler(keys.plain, label) > 0.92;
}

static bool is_acceptable(struct arena *arena, const struct asked *asked, const struct profile *profile)
{
    if (profile->marks & PROFILE_IMPERSONATION)
        return false;
    if (!text_empty(asked->bio_handle) && text_find_fold(profile->handle, asked->bio_handle, 0) != TEXT_NOWHERE)
        return true;
    return labels_agree(arena, asked->x->handle, profile->handle) ||
           (!text_empty(asked->x->name) && text_equal_fold(asked->x->name, profile->name));
}

static struct text search(const struct world *world, struct arena *arena, const struct asked *asked, struct text words,
                          struct world_requests *requests)
{
    const struct world_profile *hits[HITS];
    if (words.len < 2)
        return TEXT_NONE;
    requests->searches++;
    size_t n = world_search(world, words, hits, HITS);
    for (size_t i = 0; i < n; i++)
        if (is_acceptable(arena, asked, &hits[i]->profile))
            return hits[i]->profile.id;
    return TEXT_NONE;
}

void world_run_baseline(const struct world *world, enum given given, struct arena *arena, struct text *ret_ids,
                        struct world_requests *ret_requests)
{
    *ret_requests = (struct world_requests){0};
    for (size_t i = 0; i < world->n_people; i++) {
        CLEANUP(arena_release) struct arena scratch;
        struct x_account x = world_given(&world->people[i], given);
        struct asked asked = {.x = &x};
        struct mentions mentions;
        arena_init(&scratch, (size_t)1 << 20);
        if (mentions_read(arena, x.bio, TEXT_NONE, &mentions) < 0)
            abort();
        for (size_t k = 0; k < mentions.n; k++)
            if (mentions.items[k].kind == MENTION_HANDLE)
                asked.bio_handle = mentions.items[k].value;
        ret_ids[i] = search(world, &scratch, &asked, x.handle, ret_requests);
        if (text_empty(ret_ids[i]))
            ret_ids[i] = search(world, &scratch, &asked, asked.bio_handle, ret_requests);
        if (text_empty(ret_ids[i]))
            ret_ids[i] = search(world, &scratch, &asked, x.name, ret_requests);
    }
}

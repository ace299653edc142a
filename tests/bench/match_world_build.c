/* tests/bench/match_world_build.c
 *
 * Builds a world: movers, people who did not move, and everybody who is in the way.
 *
 * The rates below are judgement, set so that the baseline does as well in this world as it is known to do (precision
 * 0.61 to 0.66, recall 0.56 by handles and 0.77 with names). Nothing depends on a single row of the pairs.
 */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/map.h"
#include "match_world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORLD_MEMORY   ((size_t)1 << 30)
#define WORLD_NOW      INT64_C(1795392000000) /* 2026-11-22 */
#define MADE_UP_MOVERS 280
#define BACKGROUND     6000
#define PROFILES_MAX   20000

static bool chance(struct world *world, double p)
{
    return seeded_unit(&world->random) < p;
}

static size_t below(struct world *world, size_t bound)
{
    return seeded_below(&world->random, bound);
}

/* --- the file of pairs --------------------------------------------------------------------------------------------- */

#define PAIR_FIELDS 8

static bool spells_any_word(struct arena *arena, const struct real_pair *pair)
{
    struct name_keys name;
    struct handle_keys handle;
    if (name_keys_make(arena, pair->name, &name) < 0 || handle_keys_make(arena, pair->x_handle, &handle) < 0)
        return true;
    for (size_t i = 0; i < name.n_tokens; i++)
        if (name.tokens[i].len >= 3 && text_find(handle.squeezed, name.tokens[i], 0) != TEXT_NOWHERE)
            return true;
    return name.n_tokens == 0;
}

static void read_line(struct arena *arena, struct text line, struct real_pair **pairs, size_t *n)
{
    struct text fields[PAIR_FIELDS] = {{0}};
    for (size_t i = 0; i < PAIR_FIELDS && text_cut(&line, '\t', &fields[i]); i++)
        continue;
    if (text_empty(fields[1]) || text_empty(fields[4]))
        return;
    struct real_pair *grown = arena_grow(arena, *pairs, *n, sizeof *grown);
    if (!grown)
        abort();
    *pairs = grown;
    struct real_pair pair = {.name = text_starts(fields[0], TEXT("http")) ? TEXT_NONE : fields[0],
                             .x_handle = fields[1],
                             .bio = fields[2],
                             .website = fields[3],
                             .handle = fields[4],
                             .kind = text_equal(fields[7], TEXT("org")) ? ORGANISATION : PERSON};
    if (pair.kind == PERSON && !spells_any_word(arena, &pair))
        pair.kind = PSEUDONYM;
    grown[(*n)++] = pair;
}

size_t pairs_read(const char *path, struct arena *arena, struct real_pair **ret_pairs)
{
    struct real_pair *pairs = NULL;
    size_t n = 0;
    char *line = NULL;
    size_t size = 0;
    ssize_t len;
    FILE *file = fopen(path, "re");
    *ret_pairs = NULL;
    if (!file)
        return 0;
    for (bool first = true; (len = getline(&line, &size, file)) > 0; first = false) {
        struct text copy;
        if (!arena_text(arena, text_trim((struct text){line, (size_t)len}), &copy))
            abort();
        /* A trimmed line loses empty fields in front: the name may be empty. */
        if (line[0] == '\t')
            copy = text_of(arena_printf(arena, "\t%.*s", TEXT_ARG(copy)));
        if (!first)
            read_line(arena, copy, &pairs, &n);
    }
    free(line);
    fclose(file);
    *ret_pairs = pairs;
    return n;
}

static unsigned half_of(struct text t)
{
    uint32_t hash = UINT32_C(2166136261); /* FNV-1a: the same halves in every run */
    for (size_t i = 0; i < t.len; i++)
        hash = (hash ^ (unsigned char)byte_lower(t.data[i])) * UINT32_C(16777619);
    return (hash >> 16) & 1;
}

size_t pairs_half(struct real_pair *pairs, size_t n, int half)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (half == 2 || half_of(pairs[i].x_handle) == (unsigned)half)
            pairs[kept++] = pairs[i];
    return kept;
}

/* --- profiles ------------------------------------------------------------------------------------------------------ */

/* Takes a profile with handle, name and bio; gives it an id and what is missing. NULL: the handle is taken. */
static struct world_profile *add_profile(struct world *world, enum profile_role role, struct profile profile)
{
    if (text_empty(profile.handle) || map_get(&world->by_handle, profile.handle) || world->n_profiles == PROFILES_MAX)
        return NULL;
    char id[25] = {0};
    for (size_t i = 0; i < 24; i++)
        id[i] = "abcdefghijklmnopqrstuvwxyz234567"[below(world, 32)];
    struct world_profile *made = &world->profiles[world->n_profiles];
    profile.id = text_of(arena_printf(&world->arena, "did:plc:%s", id));
    profile.detailed = true;
    *made = (struct world_profile){.profile = profile, .role = role};
    if (name_keys_make(&world->arena, profile.name, &made->name) < 0 ||
        map_put(&world->by_id, made->profile.id, made) < 0 ||
        map_put(&world->by_handle, made->profile.handle, made) < 0)
        abort();
    world->n_profiles++;
    return made;
}

/* An account as people have them: somewhat old, some posts. */
static void make_lived_in(struct world *world, struct profile *profile)
{
    double age = 20 + 900 * seeded_unit(&world->random);
    double posts = exp(1.5 + 5 * seeded_unit(&world->random));
    if (chance(world, 0.06))
        posts = (double)below(world, 3);
    if (chance(world, 0.04))
        age = 1 + (double)below(world, 20);
    profile->created_ms = world->now_ms - (int64_t)(age * (double)DAY_MS);
    profile->posts = (int64_t)posts;
    profile->followers = (int64_t)exp(1 + 6 * seeded_unit(&world->random));
    profile->follows = (int64_t)exp(2 + 5 * seeded_unit(&world->random));
}

static struct text lower(struct world *world, struct text t)
{
    char bytes[256];
    size_t n = 0;
    for (size_t i = 0; i < t.len && n < sizeof bytes; i++)
        bytes[n++] = byte_lower(t.data[i]);
    struct text copy;
    if (!arena_text(&world->arena, (struct text){bytes, n}, &copy))
        abort();
    return copy;
}

static struct text format3(struct world *world, const char *format, struct text a)
{
    /* Formats are the literals of this file, each with one %.*s. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    return text_of(arena_printf(&world->arena, format, TEXT_ARG(a)));
#pragma GCC diagnostic pop
}

/* A label under the network's domain out of an X handle; empty where it cannot be one. */
static struct text label_handle(struct world *world, struct text x_handle)
{
    struct handle_keys keys;
    if (handle_keys_make(&world->arena, x_handle, &keys) < 0)
        abort();
    struct text label = chance(world, 0.8) ? keys.squeezed : keys.dashed;
    if (label.len < 3 || label.len > 18)
        return TEXT_NONE;
    return format3(world, "%.*s.bsky.social", label);
}

/* --- the true profile of a mover ------------------------------------------------------------------------------------ */

/* How people show their name on the other network. */
static struct text true_name(struct world *world, const struct x_account *x)
{
    double u = seeded_unit(&world->random);
    struct text name = x->name;
    size_t space = text_find_byte(name, ' ', 0);
    if (text_empty(name))
        return made_up_name(&world->random, &world->arena, false);
    if (u < 0.78)
        return name;
    if (u < 0.84)
        return format3(world, "%.*s \xF0\x9F\xA6\x8B", name);
    if (u < 0.88)
        return format3(world, "%.*s (she/her)", name);
    if (u < 0.90)
        return format3(world, "%.*s | elsewhere too", name);
    if (u < 0.94)
        return text_slice(name, 0, space);
    if (u < 0.96)
        return TEXT_NONE;
    return made_up_name(&world->random, &world->arena, false);
}

static struct text true_bio(struct world *world, const struct x_account *x)
{
    static const char *const forms[] = {"https://x.com/%.*s", "twitter.com/%.*s", "Formerly @%.*s",
                                        "@%.*s on Twitter",   "@%.*s on X",       "ex-Twitter: @%.*s"};
    struct text bio = !text_empty(x->bio) && chance(world, 0.6) ? x->bio : made_up_bio(&world->random, &world->arena);
    if (!chance(world, 0.22))
        return bio;
    struct text form = format3(world, forms[below(world, ARRAY_LEN(forms))], x->handle);
    return text_of(arena_printf(&world->arena, "%.*s\n%.*s", TEXT_ARG(bio), TEXT_ARG(form)));
}

static void add_true_profile(struct world *world, struct world_person *person, struct text handle)
{
    struct profile profile = {.handle = lower(world, handle), .name = true_name(world, &person->x)};
    profile.bio = true_bio(world, &person->x);
    if (!text_empty(person->x.website) && chance(world, 0.55))
        profile.website = person->x.website;
    make_lived_in(world, &profile);
    if (chance(world, 0.04) && text_equal(profile.name, person->x.name))
        profile.marks |= PROFILE_VERIFIED;
    struct world_profile *made = add_profile(world, ROLE_TRUE, profile);
    if (made)
        person->true_id = made->profile.id;
}

/* --- those in the way ----------------------------------------------------------------------------------------------- */

static void add_stranger(struct world *world, enum profile_role role, struct text handle, struct text name)
{
    struct profile profile = {.handle = handle, .name = name};
    profile.bio = made_up_bio(&world->random, &world->arena);
    make_lived_in(world, &profile);
    if (chance(world, 0.03)) {
        struct text other = made_up_x_handle(&world->random, &world->arena, name, PSEUDONYM);
        profile.bio = format3(world, "Formerly @%.*s", other);
    }
    (void)add_profile(world, role, profile);
}

/* The handle that everybody would guess, taken by somebody else. */
static void add_squatter(struct world *world, const struct world_person *person)
{
    struct text name = chance(world, 0.25) ? TEXT_NONE : made_up_name(&world->random, &world->arena, false);
    add_stranger(world, ROLE_SQUATTER, label_handle(world, person->x.handle), name);
}

/* A handle that passes for the other at a glance. */
static struct text near_handle(struct world *world, struct text x_handle)
{
    struct handle_keys keys;
    if (handle_keys_make(&world->arena, x_handle, &keys) < 0 || keys.squeezed.len < 4)
        return TEXT_NONE;
    struct text h = text_slice(keys.squeezed, 0, 15);
    switch (below(world, 7)) {
    case 0:
        return label_handle(world, x_handle);
    case 1:
        return text_of(arena_printf(&world->arena, "%.*s%zu.bsky.social", TEXT_ARG(h), 1 + below(world, 99)));
    case 2:
        return format3(world, "%.*s-x.bsky.social", h);
    case 3:
        return format3(world, "real%.*s.bsky.social", text_slice(h, 0, 14));
    case 4:
        return text_of(arena_printf(&world->arena, "%.*s%c.bsky.social", TEXT_ARG(h), h.data[h.len - 1]));
    case 5:
        return text_of(arena_printf(&world->arena, "%.*s-%.*s.bsky.social", TEXT_ARG(text_slice(h, 0, h.len / 2)),
                                    TEXT_ARG(text_slice(h, h.len / 2, h.len))));
    default:
        return format3(world, "%.*s-official.bsky.social", text_slice(h, 0, 9));
    }
}

static void add_impersonator(struct world *world, const struct world_person *person)
{
    struct text name = text_empty(person->x.name) ? person->x.handle : person->x.name;
    struct profile profile = {.handle = near_handle(world, person->x.handle), .name = name};
    profile.bio =
        chance(world, 0.5) && !text_empty(person->x.bio) ? person->x.bio : made_up_bio(&world->random, &world->arena);
    if (chance(world, 0.05))
        profile.bio = format3(world, "Official account. @%.*s on X", person->x.handle);
    make_lived_in(world, &profile);
    profile.created_ms = world->now_ms - (int64_t)(1 + below(world, 25)) * DAY_MS;
    profile.posts = (int64_t)below(world, 3);
    if (chance(world, 0.07)) { /* some have been at it for a while */
        profile.created_ms -= 100 * DAY_MS;
        profile.posts = (int64_t)(3 + below(world, 20));
    }
    if (chance(world, 0.35))
        profile.marks |= chance(world, 0.7) ? PROFILE_IMPERSONATION : PROFILE_SPAM;
    (void)add_profile(world, ROLE_IMPERSONATOR, profile);
}

/* How many strangers are to be expected who show the same by chance: at so many bits one among those whom a search of
 * the network would bring up. Common names and short handles have many. */
static double expected(double bits, double one_at, double most)
{
    return fmin(most, exp2(one_at - bits));
}

static double bits_of_name(struct world *world, struct text name)
{
    struct name_keys keys;
    if (name_keys_make(&world->arena, name, &keys) < 0)
        abort();
    return name_bits(NULL, &keys);
}

static double bits_of_handle(struct world *world, struct text x_handle)
{
    struct handle_keys keys;
    if (handle_keys_make(&world->arena, x_handle, &keys) < 0)
        abort();
    return handle_bits(keys.squeezed);
}

static void add_namesake(struct world *world, const struct world_person *person)
{
    if (text_empty(person->x.name))
        return;
    struct text handle = made_up_x_handle(&world->random, &world->arena, person->x.name, PERSON);
    handle = lower(world, handle);
    if (chance(world, 0.5))
        handle = text_of(arena_printf(&world->arena, "%.*s%zu", TEXT_ARG(text_slice(handle, 0, 14)), below(world, 99)));
    struct handle_keys keys;
    struct handle_keys mine;
    if (handle_keys_make(&world->arena, handle, &keys) < 0 ||
        handle_keys_make(&world->arena, person->x.handle, &mine) < 0)
        abort();
    /* That two people of one name make the same handle of it is likely only where there are very many of them. */
    if (text_equal(keys.squeezed, mine.squeezed) &&
        !chance(world, expected(bits_of_name(world, person->x.name), 20, 0.5)))
        return;
    add_stranger(world, ROLE_NAMESAKE, format3(world, "%.*s.bsky.social", keys.dashed), person->x.name);
}

static void add_parody(struct world *world, const struct world_person *person)
{
    struct text name = text_empty(person->x.name) ? person->x.handle : person->x.name;
    struct handle_keys keys;
    if (handle_keys_make(&world->arena, person->x.handle, &keys) < 0)
        abort();
    struct text stem = text_slice(keys.squeezed, 0, 12);
    struct profile profile = {.name = chance(world, 0.5) ? format3(world, "%.*s (parody)", name)
                                                         : format3(world, "Not %.*s", name)};
    profile.handle = chance(world, 0.5) ? format3(world, "not%.*s.bsky.social", stem)
                                        : format3(world, "%.*sparody.bsky.social", stem);
    profile.bio = chance(world, 0.6) ? format3(world, "Parody. Not affiliated with @%.*s on X.", person->x.handle)
                                     : TEXT("Satire, all of it.");
    make_lived_in(world, &profile);
    (void)add_profile(world, ROLE_PARODY, profile);
}

static void add_fan(struct world *world, const struct world_person *person)
{
    struct handle_keys keys;
    struct text name = text_empty(person->x.name) ? person->x.handle : person->x.name;
    if (handle_keys_make(&world->arena, person->x.handle, &keys) < 0)
        abort();
    struct profile profile = {.handle = format3(world, "%.*sfan.bsky.social", text_slice(keys.squeezed, 0, 15)),
                              .name = format3(world, "%.*s fans", name)};
    profile.bio = chance(world, 0.4) ? format3(world, "Fans of @%.*s on Twitter.", person->x.handle)
                                     : made_up_bio(&world->random, &world->arena);
    profile.website = person->x.website; /* fans give their idol's */
    make_lived_in(world, &profile);
    (void)add_profile(world, ROLE_FAN, profile);
}

static void surround(struct world *world, const struct world_person *person)
{
    bool moved = !text_empty(person->true_id);
    bool known = person->kind == ORGANISATION;
    double taken = expected(bits_of_handle(world, person->x.handle), 24, 0.6);
    if (chance(world, (moved ? 0.07 : 0.13) + taken))
        add_squatter(world, person);
    if (chance(world, known ? 0.12 : 0.08))
        add_impersonator(world, person);
    double namesakes = 0.10 + expected(bits_of_name(world, person->x.name), 21, 3);
    for (size_t i = 0; i < 6; i++)
        if (chance(world, namesakes / 6))
            add_namesake(world, person);
    if (chance(world, 0.03))
        add_parody(world, person);
    if (chance(world, known ? 0.06 : 0.02))
        add_fan(world, person);
}

/* --- everything ----------------------------------------------------------------------------------------------------- */

static struct world_person *add_person(struct world *world, enum person_kind kind, struct x_account x, size_t pair)
{
    struct world_person *person = &world->people[world->n_people++];
    x.id = 1000 + world->n_people;
    *person = (struct world_person){.x = x, .kind = kind, .pair = pair};
    return person;
}

static struct world_person *add_made_up(struct world *world)
{
    enum person_kind kind = chance(world, 0.2) ? ORGANISATION : chance(world, 0.2) ? PSEUDONYM : PERSON;
    struct x_account x = {.name = made_up_name(&world->random, &world->arena, false)};
    x.handle = made_up_x_handle(&world->random, &world->arena, x.name, kind);
    x.bio = made_up_bio(&world->random, &world->arena);
    if (chance(world, 0.3))
        x.website = format3(world, "https://%.*s.example", lower(world, x.handle));
    return add_person(world, kind, x, SIZE_MAX);
}

static void add_movers(struct world *world, const struct real_pair *pairs, size_t n_pairs)
{
    for (size_t i = 0; i < n_pairs; i++) {
        struct x_account x = {
            .handle = pairs[i].x_handle, .name = pairs[i].name, .bio = pairs[i].bio, .website = pairs[i].website};
        struct text split;
        if (text_empty(x.name) && handle_split_name(&world->arena, x.handle, &split) == 0)
            x.name = split;
        if (text_empty(x.name))
            x.name = made_up_name(&world->random, &world->arena, false);
        add_true_profile(world, add_person(world, pairs[i].kind, x, i), pairs[i].handle);
    }
    for (size_t i = 0; i < MADE_UP_MOVERS && n_pairs == 0; i++) {
        struct world_person *person = add_made_up(world);
        struct text handle =
            chance(world, 0.6) ? label_handle(world, person->x.handle)
            : chance(world, 0.6)
                ? format3(world, "%.*s.example", lower(world, person->x.handle))
                : format3(world, "%.*s.bsky.social",
                          lower(world, made_up_x_handle(&world->random, &world->arena, person->x.name, PSEUDONYM)));
        add_true_profile(world, person, handle);
    }
}

void world_build(struct world *world, uint64_t seed, const struct real_pair *pairs, size_t n_pairs)
{
    *world = (struct world){.seed = seed, .random = {.state = seed}, .now_ms = WORLD_NOW};
    size_t movers = n_pairs > 0 ? n_pairs : MADE_UP_MOVERS;
    size_t stayers = movers + movers / 4;
    arena_init(&world->arena, WORLD_MEMORY);
    map_init(&world->by_id);
    map_init(&world->by_handle);
    world->people = ARENA_ARRAY(&world->arena, struct world_person, movers + stayers);
    world->profiles = ARENA_ARRAY(&world->arena, struct world_profile, PROFILES_MAX);
    if (!world->people || !world->profiles)
        abort();
    add_movers(world, pairs, n_pairs);
    for (size_t i = 0; i < stayers; i++)
        (void)add_made_up(world);
    for (size_t i = 0; i < world->n_people; i++)
        surround(world, &world->people[i]);
    for (size_t i = 0; i < BACKGROUND; i++) {
        struct text name = made_up_name(&world->random, &world->arena, chance(world, 0.3));
        struct text handle =
            made_up_x_handle(&world->random, &world->arena, name, chance(world, 0.3) ? PSEUDONYM : PERSON);
        struct handle_keys keys;
        if (handle_keys_make(&world->arena, handle, &keys) < 0)
            abort();
        add_stranger(world, ROLE_OTHER, format3(world, "%.*s.bsky.social", keys.dashed), name);
    }
}

void world_release(struct world *world)
{
    map_release(&world->by_id);
    map_release(&world->by_handle);
    arena_release(&world->arena);
}

/* tests/store/scenario_found.c
 *
 * The scenario's pairs, look-ups and profiles; and what people wish for themselves.
 */
#include "base/cleanup.h"
#include "lib/check.h"
#include "store/check.h"
#include "store/pairs.h"
#include "store/scenario.h"
#include "store/wishes.h"

#include <string.h>

#define NETWORK TEXT("bluesky")
#define SCOPE   TEXT("01TEST00000000000000000001")

/* --- pairs, look-ups, profiles --------------------------------------------------------------------------------------- */

static void put_profiles(struct scenario *scenario)
{
    const struct profile profiles[] = {
        {.id = TEXT("did:test:a"),
         .handle = TEXT("a.test"),
         .name = TEXT("A"),
         .followers = -1,
         .follows = 0,
         .posts = 5},
        {.id = TEXT("did:test:B"),
         .handle = TEXT("b.test"),
         .bio = TEXT("\xe2\x82\xac"),
         .marks = 513,
         .detailed = true},
        {.id = TEXT("did:test:a"),
         .handle = TEXT("a2.test"),
         .website = TEXT("https://a.test"),
         .followers = INT64_MAX},
    };
    for (size_t i = 0; i < ARRAY_LEN(profiles); i++)
        TELL(profile_put, NETWORK, &profiles[i], SCENARIO_NOW + (int64_t)i);
}

static struct pair_row pair_of(const char *profile, enum pair_state state, double p, bool best)
{
    return (struct pair_row){.scope = SCOPE,
                             .x = SCENARIO_X,
                             .network = NETWORK,
                             .profile = text_of(profile),
                             .state = state,
                             .p = p,
                             .best = best,
                             .evidence = TEXT("[[\"handle\",\"equal\",9.5]]"),
                             .weights = 3,
                             .since_ms = SCENARIO_NOW,
                             .seen_ms = SCENARIO_NOW + 1};
}

void put_pairs(struct scenario *scenario)
{
    struct pair_row pairs[] = {
        pair_of("did:test:c", PAIR_POSSIBLE, 0.1, false), pair_of("did:test:B", PAIR_LIKELY, 1.0 / 3, true),
        pair_of("did:test:a", PAIR_POSSIBLE, 0.1, false), pair_of("did:test:c", PAIR_REJECTED, 0, false),
        pair_of("did:test:a", PAIR_PROVEN, 1, true),      pair_of("did:test:B", PAIR_CONFIRMED, 0.97, true),
    };
    pairs[3].decided = id_text(&(struct id){.chars = "01TEST00000000000000000011"});
    pairs[4].scope = SCOPE_PUBLIC;
    pairs[5].x = SCENARIO_X + 1;
    const struct lookup_row lookups[] = {
        {NETWORK, SCENARIO_X, INT64_MIN, LOOKUP_FOUND, TEXT_NONE, 1, 2, 0},
        {NETWORK, SCENARIO_X, 0, LOOKUP_COULD_NOT_LOOK, TEXT("the budget was used up"), 3, INT64_MAX, 4},
        {NETWORK, SCENARIO_X, INT64_MIN, LOOKUP_NOT_FOUND, TEXT("n"), 5, 6, 7},
    };
    put_profiles(scenario);
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
        TELL(pair_put, &pairs[i]);
    for (size_t i = 0; i < ARRAY_LEN(lookups); i++)
        TELL(lookup_put, &lookups[i]);
}

static int tell_pair(void *context, const struct pair_row *pair)
{
    struct scenario *scenario = context;
    const struct text texts[] = {pair->scope, pair->network, pair->profile, pair->evidence, pair->decided};
    const int64_t numbers[] = {pair->x, pair->state, pair->best, pair->weights, pair->since_ms, pair->seen_ms};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        tell_text(scenario, texts[i]);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        tell_i64(scenario, numbers[i]);
    buf_printf(&scenario->out, " %.17g\n", pair->p);
    return 0;
}

static int tell_profile(void *context, const struct profile *profile, int64_t seen_ms)
{
    struct scenario *scenario = context;
    if (!scenario_is_ours(profile->id))
        return 0;
    const struct text texts[] = {profile->id, profile->handle, profile->name, profile->bio, profile->website};
    const int64_t numbers[] = {profile->created_ms, profile->followers, profile->follows, profile->posts,
                               profile->marks,      profile->detailed,  seen_ms};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        tell_text(scenario, texts[i]);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        tell_i64(scenario, numbers[i]);
    tell_end(scenario);
    return 0;
}

static void read_lookup(struct scenario *scenario, uint32_t x, int64_t asked_as)
{
    struct lookup_row lookup = {.x = 0};
    TELL(lookup_get, NETWORK, x, asked_as, &scenario->arena, &lookup);
    const int64_t numbers[] = {lookup.x,        lookup.asked_as, lookup.result,
                               lookup.asked_ms, lookup.next_ms,  lookup.misses};
    tell_text(scenario, lookup.network);
    tell_text(scenario, lookup.why);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        tell_i64(scenario, numbers[i]);
    tell_end(scenario);
}

static void read_profiles(struct scenario *scenario)
{
    struct profile profile = {.created_ms = 0};
    int64_t seen_ms = 0;
    TELL(profile_get, NETWORK, TEXT("did:test:a"), &scenario->arena, &profile, &seen_ms);
    tell_profile(scenario, &profile, seen_ms);
    TELL(profile_get, TEXT("threads"), TEXT("did:test:a"), &scenario->arena, &profile, &seen_ms);
    TELL(profile_walk, NETWORK, SCENARIO_NOW, tell_profile, scenario);
    TELL(profile_walk, NETWORK, SCENARIO_NOW + 2, tell_profile, scenario);
}

void read_pairs(struct scenario *scenario)
{
    struct pair_row pair = {.x = 0};
    struct pair_row *pairs = NULL;
    struct profile *profiles = NULL;
    size_t n = 0;
    TELL(pair_get, SCOPE, NETWORK, SCENARIO_X, TEXT("did:test:B"), &scenario->arena, &pair);
    tell_pair(scenario, &pair);
    TELL(pair_get, SCOPE, NETWORK, SCENARIO_X + 2, TEXT("did:test:B"), &scenario->arena, &pair);
    TELL(pair_list_of, SCOPE, NETWORK, SCENARIO_X, &scenario->arena, &pairs, &n);
    for (size_t i = 0; i < n; i++)
        tell_pair(scenario, &pairs[i]);
    TELL(pair_list, SCOPE, NETWORK, &scenario->arena, &pairs, &profiles, &n);
    for (size_t i = 0; i < n; i++) {
        tell_pair(scenario, &pairs[i]);
        tell_profile(scenario, &profiles[i], 0);
    }
    TELL(pair_walk_of, SCENARIO_X, tell_pair, scenario);
    read_profiles(scenario);
    read_lookup(scenario, SCENARIO_X, INT64_MIN);
    read_lookup(scenario, SCENARIO_X, 0);
    read_lookup(scenario, SCENARIO_X, 1);
}

void remove_pairs(struct scenario *scenario)
{
    TELL(pair_delete_linked, SCOPE, NETWORK, SCENARIO_X);
    TELL(pair_walk_of, SCENARIO_X, tell_pair, scenario); /* what a person decided stays */
    TELL(pair_demote_others, SCOPE, NETWORK, SCENARIO_X, TEXT("did:test:c"));
    TELL(pair_delete_rivals, SCOPE, NETWORK, TEXT("did:test:B"), SCENARIO_X + 9);
    TELL(pair_walk_of, SCENARIO_X, tell_pair, scenario);
    int64_t gone = -1;
    TELL(pair_delete_profile, NETWORK, TEXT("did:test:a"), &gone);
    tell_i64(scenario, gone);
    TELL(pair_delete_x, SCENARIO_X, &gone);
    tell_i64(scenario, gone);
    TELL(pair_walk_of, SCENARIO_X, tell_pair, scenario);
}

/* --- wishes ---------------------------------------------------------------------------------------------------------- */

static struct keyed_hash hash_of(unsigned char last)
{
    struct keyed_hash hash;
    memset(hash.bytes, 0xee, sizeof hash.bytes);
    hash.bytes[KEYED_HASH_SIZE - 1] = last;
    return hash;
}

void put_wishes(struct scenario *scenario)
{
    const struct keyed_hash hashes[] = {hash_of(2), hash_of(0), hash_of(2)};
    const struct id member = scenario_id(11);
    const struct sealed_row rows[] = {
        {member, TEXT("mutes"), 1, {"\0\xff", 2}, 0},
        {member, TEXT("blocks"), 2, TEXT("box"), SCENARIO_NOW},
        {scenario_id(12), TEXT("blocks"), 3, TEXT_NONE, SCENARIO_NOW + 1},
        {member, TEXT("mutes"), 4, TEXT("new"), SCENARIO_NOW - 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(hashes); i++) {
        TELL(opt_out_put, &hashes[i], SCENARIO_NOW + (int64_t)i);
        TELL(shield_put, &hashes[i], &member);
    }
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        TELL(sealed_put, &rows[i]);
    TELL(wish_put, &member, TEXT("keep-looking"), SCENARIO_NOW + 5);
    TELL(wish_put, &member, TEXT("keep-looking"), SCENARIO_NOW);
    TELL(wish_put, &member, TEXT("other"), SCENARIO_NOW + 5);
}

static int tell_opt_out(void *context, const struct keyed_hash *hash)
{
    if (hash->bytes[0] == 0xee) {
        tell_bytes(context, (struct text){(const char *)hash->bytes, sizeof hash->bytes});
        tell_end(context);
    }
    return 0;
}

static void read_sealed(struct scenario *scenario, unsigned owner, const char *kind)
{
    struct id id = scenario_id(owner);
    struct sealed_row row = {.seal_key = 0};
    TELL(sealed_get, &id, text_of(kind), &scenario->arena, &row);
    tell_text(scenario, id_text(&row.owner));
    tell_text(scenario, row.kind);
    tell_i64(scenario, row.seal_key);
    tell_bytes(scenario, row.box);
    tell_i64(scenario, row.until_ms);
    tell_end(scenario);
}

static int tell_sealed(void *context, const struct sealed_row *row)
{
    if (scenario_is_ours(id_text(&row->owner))) {
        tell_text(context, id_text(&row->owner));
        tell_text(context, row->kind);
        tell_bytes(context, row->box);
        tell_end(context);
    }
    return 0;
}

/* What is counted depends on what else is there; on both it is the same. */
static void tell_looked(void *context, const char *what, uint64_t n, uint64_t damaged)
{
    (void)n;
    tell_text(context, text_of(what));
    tell_i64(context, damaged > 0);
    tell_end(context);
}

static void pass_damage(void *context, const char *sentence)
{
    (void)context;
    (void)sentence;
}

static void read_numbers(struct scenario *scenario)
{
    const struct check_report report = {.damage = pass_damage, .looked = tell_looked, .context = scenario};
    struct checking checking = {.db = scenario->db, .report = &report};
    tell(scenario, "check_numbers", check_numbers(&checking, UINT32_MAX, &scenario->err));
}

void read_wishes(struct scenario *scenario)
{
    const struct id members[] = {scenario_id(11), scenario_id(12)};
    for (unsigned char i = 0; i < 4; i++) {
        struct keyed_hash hash = hash_of(i);
        bool has = false;
        TELL(opt_out_has, &hash, &has);
        tell_i64(scenario, has);
        TELL(shield_has, &hash, &members[i / 3], &has);
        tell_i64(scenario, has);
    }
    TELL(opt_out_walk, tell_opt_out, scenario);
    TELL(sealed_walk, tell_sealed, scenario);
    read_numbers(scenario);
    read_sealed(scenario, 11, "mutes");
    read_sealed(scenario, 11, "blocks");
    read_sealed(scenario, 12, "blocks");
    read_sealed(scenario, 12, "mutes");
    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        int64_t until_ms = -1;
        TELL(wish_get, &members[i], TEXT("keep-looking"), &until_ms);
        tell_i64(scenario, until_ms);
    }
}

void remove_wishes(struct scenario *scenario)
{
    const struct keyed_hash hash = hash_of(2);
    const struct id members[] = {scenario_id(11), scenario_id(12)};
    int64_t n = -1;
    TELL(opt_out_delete, &hash);
    TELL(opt_out_delete, &hash);
    TELL(wishes_expire, SCENARIO_NOW, &n);
    tell_i64(scenario, n);
    TELL(sealed_delete, &members[1], TEXT("blocks"));
    TELL(shield_delete_member, &members[0]);
}

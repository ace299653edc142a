/* tests/bench/match_world.h
 *
 * A made-up world in which it is known who is who: X accounts, a network with its search, and two ways to match them.
 *
 *     world_build ──> people (X accounts; some moved) + profiles (true ones, decoys, everybody else)
 *     world_network ─> getProfiles and searchActors over those profiles, counted
 *     world_skein ──> the stages of the design with linkage          ┐
 *     world_baseline ─> what the best known tool does                ├─> a tally against the truth
 *
 * The real pairs of handles, where the file with them is at hand, are the movers; everything else is drawn from a seed.
 */
#ifndef SKEIN_TESTS_BENCH_MATCH_WORLD_H
#define SKEIN_TESTS_BENCH_MATCH_WORLD_H

#include "base/arena.h"
#include "lib/seeded.h"
#include "linkage/index.h"
#include "model/pair.h"

enum person_kind { PERSON, ORGANISATION, PSEUDONYM, N_PERSON_KINDS };

/* What a profile is to the X accounts: for the tally of what went wrong. */
enum profile_role {
    ROLE_TRUE,
    ROLE_SQUATTER,
    ROLE_IMPERSONATOR,
    ROLE_NAMESAKE,
    ROLE_PARODY,
    ROLE_FAN,
    ROLE_OTHER,
    N_ROLES
};

struct world_person {
    struct x_account x; /* with everything that X shows of it; what is given away is up to the run */
    enum person_kind kind;
    size_t pair;         /* row of the file of pairs, or SIZE_MAX: made up */
    struct text true_id; /* of the profile; empty: did not move */
};

struct world_profile {
    struct profile profile; /* as a detailed answer shows it */
    enum profile_role role;
    struct name_keys name; /* for the search */
};

struct world {
    struct arena arena; /* owned */
    uint64_t seed;
    struct seeded random;
    int64_t now_ms;
    struct world_person *people;
    size_t n_people;
    struct world_profile *profiles;
    size_t n_profiles;
    struct map by_id;     /* -> struct world_profile */
    struct map by_handle; /* -> struct world_profile */
};

/* One line of the file of pairs. */
struct real_pair {
    struct text name, x_handle, bio, website, handle;
    enum person_kind kind;
};

/* Reads the pairs with a Bluesky handle into the arena. 0 rows where there is no such file. */
size_t pairs_read(const char *path, struct arena *arena, struct real_pair **ret_pairs);

/* Rows whose X handle hashes to `half` (0, 1), or all (2). */
size_t pairs_half(struct real_pair *pairs, size_t n, int half);

/* Movers are the pairs (or as many made-up ones where n_pairs is 0); more than as many again did not move. */
void world_build(struct world *world, uint64_t seed, const struct real_pair *pairs, size_t n_pairs);
void world_release(struct world *world);

/* --- the network --------------------------------------------------------------------------------------------------- */

struct world_requests {
    size_t profiles; /* getProfiles, 25 actors each */
    size_t searches;
};

const struct world_profile *world_profile_by_id(const struct world *world, struct text id);
const struct world_profile *world_profile_by_handle(const struct world *world, struct text handle);

/* The best `limit` of the profiles whose handle holds the words, or whose name has all of them. */
size_t world_search(const struct world *world, struct text words, const struct world_profile **ret_hits, size_t limit);

/* --- two ways to match --------------------------------------------------------------------------------------------- */

/* What the list tells of each X account. */
enum given { GIVEN_HANDLES, GIVEN_NAMES, GIVEN_ALL, N_GIVEN };

struct x_account world_given(const struct world_person *person, enum given given);

/* Called for each candidate that was compared: for fitting weights. NULL: nobody is. */
typedef void world_candidate_fn(void *context, const struct world_person *person, const struct x_keys *x,
                                const struct profile_keys *profile, bool is_true);

struct world_watch {
    world_candidate_fn *candidate;
    void *context;
};

/* ret_matches: one for each person; valid until the index is freed. */
struct world_run {
    struct profile_index *index; /* owned */
    struct linkage *linkage;     /* owned */
    struct arena arena;          /* owned */
    struct x_account *given;     /* in the arena */
    struct match *matches;       /* in the arena */
    struct world_requests requests;
};

void world_run_skein(const struct world *world, enum given given, const struct world_watch *watch,
                     struct world_run *ret_run);
void world_run_release(struct world_run *run);

/* Sky Follower Bridge's way: a search by handle, by the handle in the bio, by name, three hits each; the first that is
 * acceptable ends it. ret_ids[i] is empty where nothing was accepted. */
void world_run_baseline(const struct world *world, enum given given, struct arena *arena, struct text *ret_ids,
                        struct world_requests *ret_requests);

/* Whether asking without any limit (every guess, every hit of a search by handle and by name) brings the true profile
 * up at all. */
bool world_reachable(const struct world *world, const struct world_person *person, enum given given);

/* Whether the true profile shows two kinds at all, with what is given of the X side. */
bool world_shows_two_kinds(const struct world *world, const struct world_person *person, enum given given);

/* --- made-up people ------------------------------------------------------------------------------------------------ */

/* "Maja Orvik": a common given name or surname now and then, else one that nobody bears. */
struct text made_up_name(struct seeded *random, struct arena *arena, bool common);
/* A handle as people make them of their names, or out of nothing: [A-Za-z0-9_], at most 15. */
struct text made_up_x_handle(struct seeded *random, struct arena *arena, struct text name, enum person_kind kind);
struct text made_up_bio(struct seeded *random, struct arena *arena);

#endif

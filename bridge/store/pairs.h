/* bridge/store/pairs.h
 *
 * Rows of pairs, look-ups and the public profiles that we fetched.
 *
 * As store/people.h otherwise. X accounts are numbers (graph/numbers.h).
 */
#ifndef SKEIN_STORE_PAIRS_H
#define SKEIN_STORE_PAIRS_H

#include "base/arena.h"
#include "model/pair.h"
#include "store/db.h"

/* The scope of pairs that are proven and made public; other scopes are ids of communities and members. */
#define SCOPE_PUBLIC TEXT("public")

#define DECIDED_BY_FILE "file" /* brought by `skein pairs import`; empty: linkage; else a member's id */

struct pair_row {
    struct text scope;
    uint32_t x;
    struct text network; /* "bluesky" */
    struct text profile; /* its id */
    enum pair_state state;
    double p;
    bool best;            /* the one believed; false: one of the others */
    struct text evidence; /* JSON: [[kind, level, weight], ...] */
    int64_t weights;      /* version of the table of weights */
    struct text decided;
    int64_t since_ms; /* in this state */
    int64_t seen_ms;  /* looked at last */
};

int pair_put(struct db *db, const struct pair_row *pair, struct err *err); /* instead of the row there */
int pair_get(struct db *db, struct text scope, struct text network, uint32_t x, struct text profile,
             struct arena *arena, struct pair_row *ret_pair, struct err *err);
/* All of one scope and network by x, the best first, with their profiles (where none was fetched: its id alone). */
int pair_list(struct db *db, struct text scope, struct text network, struct arena *arena, struct pair_row **ret_pairs,
              struct profile **ret_profiles, size_t *ret_n, struct err *err);
/* What linkage decided about one X account goes, before it is decided anew; what people decided stays. */
int pair_delete_linked(struct db *db, struct text scope, struct text network, uint32_t x, struct err *err);

/* All rows of one X account there, the best first. */
int pair_list_of(struct db *db, struct text scope, struct text network, uint32_t x, struct arena *arena,
                 struct pair_row **ret_pairs, size_t *ret_n, struct err *err);

/* The rows of one X account in every scope and network, by scope. As the walks of store/lists.h. */
int pair_walk_of(struct db *db, uint32_t x, int (*visit)(void *context, const struct pair_row *pair), void *context,
                 struct err *err);

/* Who wishes to be left out: the rows of an X account, or of a profile, in every scope. ret_n: rows that went. */
int pair_delete_x(struct db *db, uint32_t x, int64_t *ret_n, struct err *err);
int pair_delete_profile(struct db *db, struct text network, struct text profile, int64_t *ret_n, struct err *err);

/* A person said whose profile this is: linkage's belief that it is anybody else's goes from this scope. */
int pair_delete_rivals(struct db *db, struct text scope, struct text network, struct text profile, uint32_t x,
                       struct err *err);
/* And that this account has another profile is no longer what is believed first. */
int pair_demote_others(struct db *db, struct text scope, struct text network, uint32_t x, struct text profile,
                       struct err *err);

/* A look-up answers for whoever would ask the same: the account under the same handle. What a member's private file calls
 * an account must neither stand for others nor keep them from asking. */
struct lookup_row {
    struct text network;
    uint32_t x;
    int64_t asked_as; /* graph/asked_as.h: of a keyed hash of the handle, else of the name; 0: of neither */
    enum lookup result;
    struct text why;
    int64_t asked_ms;
    int64_t next_ms; /* before this it is not asked again */
    int64_t misses;  /* answers in a row that found nobody */
};

int lookup_put(struct db *db, const struct lookup_row *row, struct err *err); /* instead of the row there */
int lookup_get(struct db *db, struct text network, uint32_t x, int64_t asked_as, struct arena *arena,
               struct lookup_row *ret_row, struct err *err);

/* Public profiles, whatever list made us look. seen_ms: when the network showed it. */
int profile_put(struct db *db, struct text network, const struct profile *profile, int64_t seen_ms, struct err *err);
int profile_get(struct db *db, struct text network, struct text id, struct arena *arena, struct profile *ret_profile,
                int64_t *ret_seen_ms, struct err *err);
/* Those of one network that were seen at `since_ms` or later, by id. As the walks of store/lists.h. */
int profile_walk(struct db *db, struct text network, int64_t since_ms,
                 int (*visit)(void *context, const struct profile *profile, int64_t seen_ms), void *context,
                 struct err *err);

#endif

/* bridge/store/pairs.c
 *
 * Statements of pairs and look-ups.
 */
#include "store/pairs.h"

#include "base/cleanup.h"
#include "store/profile_row.h"
#include "store/rows.h"

/* --- pairs ---------------------------------------------------------------------------------------------------------- */

static void read_pair(struct row *row, void *ret_record)
{
    struct pair_row *pair = ret_record;
    pair->scope = row_text(row);
    pair->x = row_u32(row, "x");
    pair->network = row_text(row);
    pair->profile = row_text(row);
    struct text state = row_text(row);
    if (!pair_state_of(state, &pair->state) || pair->state == PAIR_NONE)
        row_damaged(row, "state");
    pair->p = row_f64(row);
    if (!(pair->p >= 0 && pair->p <= 1))
        row_damaged(row, "p");
    pair->best = row_within(row, "best", 1) == 1;
    pair->evidence = row_text(row);
    pair->weights = row_i64(row);
    pair->decided = row_text(row);
    pair->since_ms = row_i64(row);
    pair->seen_ms = row_i64(row);
}

static const struct row_shape pair_shape = {"pair", sizeof(struct pair_row), read_pair};

STATEMENT(pair_put_sql, "INSERT INTO pair (scope, x, network, profile, state, p, best, evidence, weights, decided, "
                        "since_ms, seen_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) "
                        "ON CONFLICT (scope, network, x, profile) DO UPDATE SET "
                        "state = excluded.state, p = excluded.p, best = excluded.best, evidence = excluded.evidence, "
                        "weights = excluded.weights, decided = excluded.decided, since_ms = excluded.since_ms, "
                        "seen_ms = excluded.seen_ms");

int pair_put(struct db *db, const struct pair_row *pair, struct err *err)
{
    if (pair->state == PAIR_NONE || !(pair->p >= 0 && pair->p <= 1))
        return err_set(err, E_BUG, "a pair is kept with a state and a probability");
    return db_run(db, &pair_put_sql,
                  VALUES(db_text(pair->scope), db_i64(pair->x), db_text(pair->network), db_text(pair->profile),
                         db_text(text_of(pair_state_word(pair->state))), db_f64(pair->p), db_i64(pair->best),
                         db_text(pair->evidence), db_i64(pair->weights), db_text(pair->decided), db_i64(pair->since_ms),
                         db_i64(pair->seen_ms)),
                  NULL, err);
}

#define PAIR_COLUMNS                                                                                                   \
    "pair.scope, pair.x, pair.network, pair.profile, pair.state, pair.p, pair.best, pair.evidence, pair.weights, "     \
    "pair.decided, pair.since_ms, pair.seen_ms"

STATEMENT(pair_get_sql, "SELECT " PAIR_COLUMNS " FROM pair "
                        "WHERE scope = $1 AND network = $2 AND x = $3 AND profile = $4");

int pair_get(struct db *db, struct text scope, struct text network, uint32_t x, struct text profile,
             struct arena *arena, struct pair_row *ret_pair, struct err *err)
{
    CLEANUP(rows_end)
    struct rows rows =
        rows_begin(db, &pair_get_sql, VALUES(db_text(scope), db_text(network), db_i64(x), db_text(profile)),
                   &pair_shape, arena, err);
    return rows_only(&rows, ret_pair);
}

STATEMENT(pair_list_of_sql, "SELECT " PAIR_COLUMNS " FROM pair WHERE scope = $1 AND network = $2 AND x = $3 "
                            "ORDER BY best DESC, p DESC, profile");

int pair_list_of(struct db *db, struct text scope, struct text network, uint32_t x, struct arena *arena,
                 struct pair_row **ret_pairs, size_t *ret_n, struct err *err)
{
    CLEANUP(rows_end)
    struct rows rows =
        rows_begin(db, &pair_list_of_sql, VALUES(db_text(scope), db_text(network), db_i64(x)), &pair_shape, arena, err);
    return rows_list(&rows, ret_pairs, ret_n);
}

STATEMENT(pair_walk_of_sql, "SELECT " PAIR_COLUMNS " FROM pair WHERE x = $1 ORDER BY scope, network, profile");

int pair_walk_of(struct db *db, uint32_t x, int (*visit)(void *context, const struct pair_row *pair), void *context,
                 struct err *err)
{
    CLEANUP(rows_end) struct rows rows = rows_begin(db, &pair_walk_of_sql, VALUES(db_i64(x)), &pair_shape, NULL, err);
    struct pair_row pair;
    int rc;
    while ((rc = rows_next(&rows, &pair)) == 1 && (rc = visit(context, &pair)) == 0)
        continue;
    return rc;
}

/* --- pairs with their profiles -------------------------------------------------------------------------------------- */

struct pair_with_profile {
    struct pair_row pair;
    struct profile profile;
};

static void read_pair_with_profile(struct row *row, void *ret_record)
{
    struct pair_with_profile *both = ret_record;
    read_pair(row, &both->pair);
    if (db_is_null(row->rows, row->column))
        both->profile = (struct profile){.id = both->pair.profile,
                                         .followers = PROFILE_COUNT_UNKNOWN,
                                         .follows = PROFILE_COUNT_UNKNOWN,
                                         .posts = PROFILE_COUNT_UNKNOWN};
    else
        profile_row_read(row, &both->profile);
}

static const struct row_shape pair_with_profile_shape = {"pair", sizeof(struct pair_with_profile),
                                                         read_pair_with_profile};

STATEMENT(pair_list_sql, "SELECT " PAIR_COLUMNS ", " PROFILE_COLUMNS " FROM pair "
                         "LEFT JOIN profile ON profile.network = pair.network AND profile.id = pair.profile "
                         "WHERE pair.scope = $1 AND pair.network = $2 "
                         "ORDER BY pair.x, pair.best DESC, pair.p DESC, pair.profile");

int pair_list(struct db *db, struct text scope, struct text network, struct arena *arena, struct pair_row **ret_pairs,
              struct profile **ret_profiles, size_t *ret_n, struct err *err)
{
    CLEANUP(rows_end)
    struct rows rows =
        rows_begin(db, &pair_list_sql, VALUES(db_text(scope), db_text(network)), &pair_with_profile_shape, arena, err);
    struct pair_row *pairs = NULL;
    struct profile *profiles = NULL;
    struct pair_with_profile both;
    size_t n = 0;
    int rc;
    for (; (rc = rows_next(&rows, &both)) == 1; n++) {
        pairs = arena_grow(arena, pairs, n, sizeof *pairs);
        profiles = arena_grow(arena, profiles, n, sizeof *profiles);
        if (!pairs || !profiles)
            return err_set(err, E_NOMEM, "there is no memory for the pairs of a whole scope");
        pairs[n] = both.pair;
        profiles[n] = both.profile;
    }
    if (rc != 0)
        return rc;
    *ret_pairs = pairs;
    *ret_profiles = profiles;
    *ret_n = n;
    return 0;
}

STATEMENT(pair_delete_linked_sql, "DELETE FROM pair WHERE scope = $1 AND network = $2 AND x = $3 AND decided = ''");

int pair_delete_linked(struct db *db, struct text scope, struct text network, uint32_t x, struct err *err)
{
    return db_run(db, &pair_delete_linked_sql, VALUES(db_text(scope), db_text(network), db_i64(x)), NULL, err);
}

STATEMENT(pair_delete_x_sql, "DELETE FROM pair WHERE x = $1");

int pair_delete_x(struct db *db, uint32_t x, int64_t *ret_n, struct err *err)
{
    return db_run(db, &pair_delete_x_sql, VALUES(db_i64(x)), ret_n, err);
}

STATEMENT(pair_delete_profile_sql, "DELETE FROM pair WHERE network = $1 AND profile = $2");

int pair_delete_profile(struct db *db, struct text network, struct text profile, int64_t *ret_n, struct err *err)
{
    return db_run(db, &pair_delete_profile_sql, VALUES(db_text(network), db_text(profile)), ret_n, err);
}

STATEMENT(pair_delete_rivals_sql, "DELETE FROM pair WHERE network = $1 AND profile = $2 AND scope = $3 AND x <> $4 "
                                  "AND decided = ''");

int pair_delete_rivals(struct db *db, struct text scope, struct text network, struct text profile, uint32_t x,
                       struct err *err)
{
    return db_run(db, &pair_delete_rivals_sql, VALUES(db_text(network), db_text(profile), db_text(scope), db_i64(x)),
                  NULL, err);
}

STATEMENT(pair_demote_others_sql, "UPDATE pair SET best = 0 WHERE scope = $1 AND network = $2 AND x = $3 "
                                  "AND profile <> $4 AND best <> 0");

int pair_demote_others(struct db *db, struct text scope, struct text network, uint32_t x, struct text profile,
                       struct err *err)
{
    return db_run(db, &pair_demote_others_sql, VALUES(db_text(scope), db_text(network), db_i64(x), db_text(profile)),
                  NULL, err);
}

/* --- look-ups ------------------------------------------------------------------------------------------------------- */

static void read_lookup(struct row *row, void *ret_record)
{
    struct lookup_row *lookup = ret_record;
    lookup->network = row_text(row);
    lookup->x = row_u32(row, "x");
    lookup->asked_as = row_i64(row);
    struct text result = row_text(row);
    if (!lookup_of(result, &lookup->result))
        row_damaged(row, "result");
    lookup->why = row_text(row);
    lookup->asked_ms = row_i64(row);
    lookup->next_ms = row_i64(row);
    lookup->misses = row_i64(row);
}

static const struct row_shape lookup_shape = {"lookup", sizeof(struct lookup_row), read_lookup};

#define LOOKUP_COLUMNS "network, x, asked_as, result, why, asked_ms, next_ms, misses"

STATEMENT(lookup_put_sql, "INSERT INTO lookup (" LOOKUP_COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
                          "ON CONFLICT (network, x, asked_as) DO UPDATE SET "
                          "result = excluded.result, why = excluded.why, asked_ms = excluded.asked_ms, "
                          "next_ms = excluded.next_ms, misses = excluded.misses");

int lookup_put(struct db *db, const struct lookup_row *row, struct err *err)
{
    return db_run(db, &lookup_put_sql,
                  VALUES(db_text(row->network), db_i64(row->x), db_i64(row->asked_as),
                         db_text(text_of(lookup_word(row->result))), db_text(row->why), db_i64(row->asked_ms),
                         db_i64(row->next_ms), db_i64(row->misses)),
                  NULL, err);
}

STATEMENT(lookup_get_sql, "SELECT " LOOKUP_COLUMNS " FROM lookup WHERE network = $1 AND x = $2 AND asked_as = $3");

int lookup_get(struct db *db, struct text network, uint32_t x, int64_t asked_as, struct arena *arena,
               struct lookup_row *ret_row, struct err *err)
{
    CLEANUP(rows_end)
    struct rows rows = rows_begin(db, &lookup_get_sql, VALUES(db_text(network), db_i64(x), db_i64(asked_as)),
                                  &lookup_shape, arena, err);
    return rows_only(&rows, ret_row);
}

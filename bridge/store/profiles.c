/* bridge/store/profiles.c
 *
 * Statements of the public profiles that we fetched.
 */
#include "base/cleanup.h"
#include "store/pairs.h"
#include "store/profile_row.h"

void profile_row_read(struct row *row, struct profile *ret_profile)
{
    ret_profile->id = row_text(row);
    ret_profile->handle = row_text(row);
    ret_profile->name = row_text(row);
    ret_profile->bio = row_text(row);
    ret_profile->website = row_text(row);
    ret_profile->created_ms = row_i64(row);
    ret_profile->followers = row_i64(row);
    ret_profile->follows = row_i64(row);
    ret_profile->posts = row_i64(row);
    ret_profile->marks = row_u32(row, "marks");
    ret_profile->detailed = row_within(row, "detailed", 1) == 1;
}

struct seen_profile {
    struct profile profile;
    int64_t seen_ms;
};

static void read_seen_profile(struct row *row, void *ret_record)
{
    struct seen_profile *seen = ret_record;
    profile_row_read(row, &seen->profile);
    seen->seen_ms = row_i64(row);
}

static const struct row_shape profile_shape = {"profile", sizeof(struct seen_profile), read_seen_profile};

STATEMENT(profile_put_sql, "INSERT INTO profile (network, id, handle, name, bio, website, created_ms, followers, "
                           "follows, posts, marks, detailed, seen_ms) "
                           "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) "
                           "ON CONFLICT (network, id) DO UPDATE SET "
                           "handle = excluded.handle, name = excluded.name, bio = excluded.bio, "
                           "website = excluded.website, created_ms = excluded.created_ms, "
                           "followers = excluded.followers, follows = excluded.follows, posts = excluded.posts, "
                           "marks = excluded.marks, detailed = excluded.detailed, seen_ms = excluded.seen_ms");

int profile_put(struct db *db, struct text network, const struct profile *profile, int64_t seen_ms, struct err *err)
{
    return db_run(db, &profile_put_sql,
                  VALUES(db_text(network), db_text(profile->id), db_text(profile->handle), db_text(profile->name),
                         db_text(profile->bio), db_text(profile->website), db_i64(profile->created_ms),
                         db_i64(profile->followers), db_i64(profile->follows), db_i64(profile->posts),
                         db_i64(profile->marks), db_i64(profile->detailed), db_i64(seen_ms)),
                  NULL, err);
}

STATEMENT(profile_get_sql, "SELECT " PROFILE_COLUMNS ", profile.seen_ms FROM profile WHERE network = $1 AND id = $2");

int profile_get(struct db *db, struct text network, struct text id, struct arena *arena, struct profile *ret_profile,
                int64_t *ret_seen_ms, struct err *err)
{
    CLEANUP(rows_end)
    struct rows rows =
        rows_begin(db, &profile_get_sql, VALUES(db_text(network), db_text(id)), &profile_shape, arena, err);
    struct seen_profile seen;
    int rc = rows_only(&rows, &seen);
    if (rc != 0)
        return rc;
    *ret_profile = seen.profile;
    *ret_seen_ms = seen.seen_ms;
    return 0;
}

STATEMENT(profile_walk_sql,
          "SELECT " PROFILE_COLUMNS ", profile.seen_ms FROM profile "
          "WHERE network = $1 AND seen_ms >= $2 ORDER BY id",
          .scans = "the cache of profiles in memory, in which matching looks before it asks, is made of all");

int profile_walk(struct db *db, struct text network, int64_t since_ms,
                 int (*visit)(void *context, const struct profile *profile, int64_t seen_ms), void *context,
                 struct err *err)
{
    CLEANUP(rows_end)
    struct rows rows =
        rows_begin(db, &profile_walk_sql, VALUES(db_text(network), db_i64(since_ms)), &profile_shape, NULL, err);
    struct seen_profile seen;
    int rc;
    while ((rc = rows_next(&rows, &seen)) == 1 && (rc = visit(context, &seen.profile, seen.seen_ms)) == 0)
        continue;
    return rc;
}

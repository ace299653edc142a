/* bridge/store/people.c
 *
 * Statements of communities, members and memberships.
 */
#include "store/people.h"

#include "base/cleanup.h"
#include "base/limits.h"
#include "store/rows.h"

/* --- communities ---------------------------------------------------------------------------------------------------- */

#define SLUG_MAX 40

static const char *const community_states[] = {COMMUNITY_OPEN, COMMUNITY_CLOSED};

static void read_community(struct row *row, void *ret_record)
{
    struct community_row *community = ret_record;
    community->id = row_id(row, "id");
    community->slug = row_text(row);
    community->name = row_text(row);
    community->state = row_word(row, "state", community_states, ARRAY_LEN(community_states));
    community->created_ms = row_i64(row);
}

static const struct row_shape community_shape = {"community", sizeof(struct community_row), read_community};

bool community_slug_valid(struct text slug)
{
    if (slug.len == 0 || slug.len > SLUG_MAX || slug.data[0] == '-')
        return false;
    for (size_t i = 0; i < slug.len; i++) {
        char c = slug.data[i];
        if (!(c >= 'a' && c <= 'z') && !byte_is_digit(c) && c != '-')
            return false;
    }
    return true;
}

STATEMENT(community_put_sql, "INSERT INTO community (id, slug, name, state, created_ms) VALUES ($1, $2, $3, $4, $5) "
                             "ON CONFLICT DO NOTHING");

int community_put(struct db *db, const struct community_row *community, struct err *err)
{
    if (!community_slug_valid(community->slug))
        return err_set(err, E_BAD_INPUT,
                       "\"%.*s\" cannot name a community: 1 to %d of a-z, 0-9 and \"-\", not \"-\" at its beginning",
                       TEXT_ARG(text_floor_utf8(community->slug, SLUG_MAX)), SLUG_MAX);
    int64_t changed = 0;
    int rc = db_run(db, &community_put_sql,
                    VALUES(db_id(&community->id), db_text(community->slug), db_text(community->name),
                           db_text(community->state), db_i64(community->created_ms)),
                    &changed, err);
    if (rc == 0 && changed == 0)
        return err_set(err, E_BUSY, "there is a community \"%.*s\" already", TEXT_ARG(community->slug));
    return rc;
}

#define COMMUNITY_COLUMNS "id, slug, name, state, created_ms"

STATEMENT(community_by_slug_sql, "SELECT " COMMUNITY_COLUMNS " FROM community WHERE slug = $1");

int community_by_slug(struct db *db, struct text slug, struct arena *arena, struct community_row *ret_community,
                      struct err *err)
{
    CLEANUP(rows_end)
    struct rows rows = rows_begin(db, &community_by_slug_sql, VALUES(db_text(slug)), &community_shape, arena, err);
    int rc = rows_only(&rows, ret_community);
    if (rc == E_NOT_FOUND)
        return err_set(err, rc, "there is no community \"%.*s\"", TEXT_ARG(text_floor_utf8(slug, SLUG_MAX)));
    return rc;
}

STATEMENT(community_list_sql, "SELECT " COMMUNITY_COLUMNS " FROM community ORDER BY slug",
          .scans = "all communities of a server: dozens, asked for by its operator");

int community_list(struct db *db, struct arena *arena, struct community_row **ret_communities, size_t *ret_n,
                   struct err *err)
{
    CLEANUP(rows_end)
    struct rows rows = rows_begin(db, &community_list_sql, NO_VALUES, &community_shape, arena, err);
    return rows_list(&rows, ret_communities, ret_n);
}

/* --- members -------------------------------------------------------------------------------------------------------- */

static const char *const member_origins[] = {MEMBER_FROM_TERMINAL, MEMBER_SIGNED_IN};

static void read_member(struct row *row, void *ret_record)
{
    struct member_row *member = ret_record;
    member->id = row_id(row, "id");
    member->x_handle = row_text(row);
    member->x_number = row_u32(row, "x_number");
    member->origin = row_word(row, "origin", member_origins, ARRAY_LEN(member_origins));
    member->created_ms = row_i64(row);
    member->seen_ms = row_i64(row);
}

static const struct row_shape member_shape = {"member", sizeof(struct member_row), read_member};

/* What x_handle_key holds, in a small arena of the caller. */
static int handle_key(struct text x_handle, struct arena *arena, struct text *ret_key, struct err *err)
{
    arena_init(arena, KIB);
    if (!arena_lower(arena, x_handle, ret_key))
        return err_set(err, E_TOO_LARGE, "a handle on X of %zu bytes cannot be", x_handle.len);
    return 0;
}

STATEMENT(member_put_sql, "INSERT INTO member (id, x_handle, x_handle_key, x_number, origin, created_ms, seen_ms) "
                          "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO UPDATE SET "
                          "x_handle = excluded.x_handle, x_handle_key = excluded.x_handle_key, "
                          "x_number = excluded.x_number, origin = excluded.origin, "
                          "created_ms = excluded.created_ms, seen_ms = excluded.seen_ms");

int member_put(struct db *db, const struct member_row *member, struct err *err)
{
    CLEANUP(arena_release) struct arena arena;
    struct text key;
    int rc = handle_key(member->x_handle, &arena, &key, err);
    if (rc != 0)
        return rc;
    return db_run(db, &member_put_sql,
                  VALUES(db_id(&member->id), db_text(member->x_handle), db_text(key), db_i64(member->x_number),
                         db_text(member->origin), db_i64(member->created_ms), db_i64(member->seen_ms)),
                  NULL, err);
}

STATEMENT(member_by_handle_sql,
          "SELECT member.id, member.x_handle, member.x_number, member.origin, member.created_ms, member.seen_ms "
          "FROM member JOIN membership ON membership.member = member.id "
          "WHERE member.x_handle_key = $1 AND membership.community = $2 ORDER BY member.id LIMIT 1");

int member_by_handle(struct db *db, const struct id *community, struct text x_handle, struct arena *arena,
                     struct member_row *ret_member, struct err *err)
{
    CLEANUP(arena_release) struct arena small;
    struct text key;
    int rc = handle_key(x_handle, &small, &key, err);
    if (rc != 0)
        return rc;
    if (text_empty(key))
        return err_set(err, E_NOT_FOUND, "nobody is found by an empty handle");
    CLEANUP(rows_end)
    struct rows rows =
        rows_begin(db, &member_by_handle_sql, VALUES(db_text(key), db_id(community)), &member_shape, arena, err);
    rc = rows_only(&rows, ret_member);
    if (rc == E_NOT_FOUND)
        return err_set(err, rc, "nobody in this community has the handle \"%.*s\" on X", TEXT_ARG(x_handle));
    return rc;
}

STATEMENT(membership_put_sql, "INSERT INTO membership (community, member, role, created_ms) VALUES ($1, $2, $3, $4) "
                              "ON CONFLICT (community, member) DO NOTHING");

int membership_put(struct db *db, const struct id *community, const struct id *member, const char *role, int64_t now_ms,
                   struct err *err)
{
    return db_run(db, &membership_put_sql,
                  VALUES(db_id(community), db_id(member), db_text(text_of(role)), db_i64(now_ms)), NULL, err);
}

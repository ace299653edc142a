/* bridge/store/x_accounts.c
 *
 * Statements of X accounts: the ids behind the numbers, what may serve everybody, and which handle was whose.
 */
#include "store/lists.h"

#include "base/cleanup.h"
#include "model/x_account.h"
#include "store/rows.h"

/* --- chunks --------------------------------------------------------------------------------------------------------- */

struct x_chunk {
    uint32_t first;
    uint32_t n;
    struct text ids;
};

static void read_x_chunk(struct row *row, void *ret_record)
{
    struct x_chunk *chunk = ret_record;
    chunk->first = row_u32(row, "first");
    chunk->n = row_u32(row, "n");
    chunk->ids = row_blob(row);
}

static const struct row_shape x_chunk_shape = {"x_chunk", sizeof(struct x_chunk), read_x_chunk};

/* A number that is taken is told by a row that was not written: an error of the database would spoil the transaction. */
STATEMENT(x_chunk_put_sql, "INSERT INTO x_chunk (first, n, ids) VALUES ($1, $2, $3) ON CONFLICT (first) DO NOTHING");

int x_chunk_put(struct db *db, uint32_t first, uint32_t n, struct text ids, struct err *err)
{
    int64_t changed = 0;
    int rc = db_run(db, &x_chunk_put_sql, VALUES(db_i64(first), db_i64(n), db_blob(ids)), &changed, err);
    if (rc == 0 && changed == 0)
        return err_set(err, E_BUSY, "another process has given the numbers from %u on", first);
    return rc;
}

STATEMENT(x_chunk_walk_sql, "SELECT first, n, ids FROM x_chunk WHERE first >= $1 ORDER BY first");

int x_chunk_walk(struct db *db, uint32_t from, int (*visit)(void *context, uint32_t first, uint32_t n, struct text ids),
                 void *context, struct err *err)
{
    CLEANUP(rows_end)
    struct rows rows = rows_begin(db, &x_chunk_walk_sql, VALUES(db_i64(from)), &x_chunk_shape, NULL, err);
    struct x_chunk chunk;
    int rc;
    while ((rc = rows_next(&rows, &chunk)) == 1 && (rc = visit(context, chunk.first, chunk.n, chunk.ids)) == 0)
        continue;
    return rc;
}

/* --- what may serve everybody --------------------------------------------------------------------------------------- */

static const char *const x_public_whys[] = {X_PUBLIC_ROSTER, X_PUBLIC_AGREED};

static void read_x_public(struct row *row, void *ret_record)
{
    struct x_public_row *public = ret_record;
    public->number = row_u32(row, "number");
    public->handle = row_text(row);
    public->name = row_text(row);
    public->bio = row_text(row);
    public->website = row_text(row);
    public->location = row_text(row);
    public->verified = row_within(row, "verified", KNOWN_NO);
    public->is_protected = row_within(row, "protected", KNOWN_NO);
    public->since_ms = row_i64(row);
    public->why = row_word(row, "why", x_public_whys, ARRAY_LEN(x_public_whys));
    public->import = row_id_or_none(row, "import");
}

static const struct row_shape x_public_shape = {"x_public", sizeof(struct x_public_row), read_x_public};

#define X_PUBLIC_COLUMNS "number, handle, name, bio, website, location, verified, protected, since_ms, why, import"

STATEMENT(x_public_put_sql, "INSERT INTO x_public (" X_PUBLIC_COLUMNS ") "
                            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (number) DO UPDATE SET "
                            "handle = excluded.handle, name = excluded.name, bio = excluded.bio, "
                            "website = excluded.website, location = excluded.location, verified = excluded.verified, "
                            "protected = excluded.protected, since_ms = excluded.since_ms, why = excluded.why, "
                            "import = excluded.import");

int x_public_put(struct db *db, const struct x_public_row *row, struct err *err)
{
    return db_run(db, &x_public_put_sql,
                  VALUES(db_i64(row->number), db_text(row->handle), db_text(row->name), db_text(row->bio),
                         db_text(row->website), db_text(row->location), db_i64(row->verified),
                         db_i64(row->is_protected), db_i64(row->since_ms), db_text(row->why), db_id(&row->import)),
                  NULL, err);
}

STATEMENT(x_public_get_sql, "SELECT " X_PUBLIC_COLUMNS " FROM x_public WHERE number = $1");

int x_public_get(struct db *db, uint32_t number, struct arena *arena, struct x_public_row *ret_row, struct err *err)
{
    CLEANUP(rows_end)
    struct rows rows = rows_begin(db, &x_public_get_sql, VALUES(db_i64(number)), &x_public_shape, arena, err);
    return rows_only(&rows, ret_row);
}

STATEMENT(x_public_walk_sql, "SELECT " X_PUBLIC_COLUMNS " FROM x_public ORDER BY number",
          .scans = "handles of the numbers in memory come from every row");

int x_public_walk(struct db *db, int (*visit)(void *context, const struct x_public_row *row), void *context,
                  struct err *err)
{
    CLEANUP(rows_end)
    struct rows rows = rows_begin(db, &x_public_walk_sql, NO_VALUES, &x_public_shape, NULL, err);
    struct x_public_row row;
    int rc;
    while ((rc = rows_next(&rows, &row)) == 1 && (rc = visit(context, &row)) == 0)
        continue;
    return rc;
}

STATEMENT(x_public_delete_sql, "DELETE FROM x_public WHERE number = $1");

int x_public_delete(struct db *db, uint32_t number, struct err *err)
{
    return db_run(db, &x_public_delete_sql, VALUES(db_i64(number)), NULL, err);
}

STATEMENT(x_public_delete_import_sql, "DELETE FROM x_public WHERE import = $1");

int x_public_delete_import(struct db *db, const struct id *import, struct err *err)
{
    return db_run(db, &x_public_delete_import_sql, VALUES(db_id(import)), NULL, err);
}

/* --- which handle was whose ----------------------------------------------------------------------------------------- */

static void read_same_as(struct row *row, void *ret_record)
{
    struct same_as_row *same = ret_record;
    same->number = row_u32(row, "number");
    same->id_number = row_u32(row, "id_number");
    same->from_day = row_text(row);
    same->to_day = row_text(row);
    same->why = row_text(row);
}

static const struct row_shape same_as_shape = {"same_as", sizeof(struct same_as_row), read_same_as};

STATEMENT(same_as_put_sql, "INSERT INTO same_as (number, id_number, from_day, to_day, why) VALUES ($1, $2, $3, $4, $5) "
                           "ON CONFLICT (number, id_number, from_day) DO UPDATE SET "
                           "to_day = excluded.to_day, why = excluded.why");

int same_as_put(struct db *db, const struct same_as_row *row, struct err *err)
{
    return db_run(db, &same_as_put_sql,
                  VALUES(db_i64(row->number), db_i64(row->id_number), db_text(row->from_day), db_text(row->to_day),
                         db_text(row->why)),
                  NULL, err);
}

STATEMENT(same_as_walk_sql,
          "SELECT number, id_number, from_day, to_day, why FROM same_as "
          "ORDER BY number, from_day, id_number",
          .scans = "held in memory as a whole: lists are joined by it");

int same_as_walk(struct db *db, int (*visit)(void *context, const struct same_as_row *row), void *context,
                 struct err *err)
{
    CLEANUP(rows_end)
    struct rows rows = rows_begin(db, &same_as_walk_sql, NO_VALUES, &same_as_shape, NULL, err);
    struct same_as_row row;
    int rc;
    while ((rc = rows_next(&rows, &row)) == 1 && (rc = visit(context, &row)) == 0)
        continue;
    return rc;
}

STATEMENT(same_as_delete_sql, "DELETE FROM same_as WHERE number = $1");

int same_as_delete(struct db *db, uint32_t number, struct err *err)
{
    return db_run(db, &same_as_delete_sql, VALUES(db_i64(number)), NULL, err);
}

/* bridge/store/wishes.c
 *
 * Statements of opt-outs, shields, sealed rows and wishes.
 */
#include "store/wishes.h"

#include "base/cleanup.h"
#include "store/rows.h"

#include <string.h>

static struct db_value db_hash(const struct keyed_hash *hash)
{
    return db_blob((struct text){(const char *)hash->bytes, sizeof hash->bytes});
}

/* --- leave me out --------------------------------------------------------------------------------------------------- */

static void read_opt_out(struct row *row, void *ret_record)
{
    struct keyed_hash *hash = ret_record;
    struct text bytes = row_blob(row);
    if (bytes.len == sizeof hash->bytes)
        memcpy(hash->bytes, bytes.data, sizeof hash->bytes);
    else
        row_damaged(row, "hash");
}

static const struct row_shape opt_out_shape = {"opt_out", sizeof(struct keyed_hash), read_opt_out};

STATEMENT(opt_out_put_sql, "INSERT INTO opt_out (hash, since_ms) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING");

int opt_out_put(struct db *db, const struct keyed_hash *hash, int64_t now_ms, struct err *err)
{
    return db_run(db, &opt_out_put_sql, VALUES(db_hash(hash), db_i64(now_ms)), NULL, err);
}

STATEMENT(opt_out_has_sql, "SELECT since_ms FROM opt_out WHERE hash = $1");

int opt_out_has(struct db *db, const struct keyed_hash *hash, bool *ret_has, struct err *err)
{
    return rows_any(db, &opt_out_has_sql, VALUES(db_hash(hash)), ret_has, err);
}

STATEMENT(opt_out_walk_sql, "SELECT hash FROM opt_out ORDER BY hash",
          .scans = "held in memory as a whole: every answer leaves these people out");

int opt_out_walk(struct db *db, int (*visit)(void *context, const struct keyed_hash *hash), void *context,
                 struct err *err)
{
    CLEANUP(rows_end)
    struct rows rows = rows_begin(db, &opt_out_walk_sql, NO_VALUES, &opt_out_shape, NULL, err);
    struct keyed_hash hash;
    int rc;
    while ((rc = rows_next(&rows, &hash)) == 1 && (rc = visit(context, &hash)) == 0)
        continue;
    return rc;
}

STATEMENT(opt_out_delete_sql, "DELETE FROM opt_out WHERE hash = $1");

int opt_out_delete(struct db *db, const struct keyed_hash *hash, struct err *err)
{
    return db_run(db, &opt_out_delete_sql, VALUES(db_hash(hash)), NULL, err);
}

/* --- shields -------------------------------------------------------------------------------------------------------- */

STATEMENT(shield_put_sql, "INSERT INTO shield (hash, member) VALUES ($1, $2) ON CONFLICT (hash, member) DO NOTHING");

int shield_put(struct db *db, const struct keyed_hash *hash, const struct id *member, struct err *err)
{
    return db_run(db, &shield_put_sql, VALUES(db_hash(hash), db_id(member)), NULL, err);
}

STATEMENT(shield_has_sql, "SELECT member FROM shield WHERE hash = $1 AND member = $2");

int shield_has(struct db *db, const struct keyed_hash *hash, const struct id *member, bool *ret_has, struct err *err)
{
    return rows_any(db, &shield_has_sql, VALUES(db_hash(hash), db_id(member)), ret_has, err);
}

STATEMENT(shield_delete_member_sql, "DELETE FROM shield WHERE member = $1");

int shield_delete_member(struct db *db, const struct id *member, struct err *err)
{
    return db_run(db, &shield_delete_member_sql, VALUES(db_id(member)), NULL, err);
}

/* --- sealed rows ---------------------------------------------------------------------------------------------------- */

static void read_sealed(struct row *row, void *ret_record)
{
    struct sealed_row *sealed = ret_record;
    sealed->owner = row_id(row, "owner");
    sealed->kind = row_text(row);
    sealed->seal_key = row_u32(row, "seal_key");
    sealed->box = row_blob(row);
    sealed->until_ms = row_i64(row);
}

static const struct row_shape sealed_shape = {"sealed", sizeof(struct sealed_row), read_sealed};

STATEMENT(sealed_put_sql, "INSERT INTO sealed (owner, kind, seal_key, box, until_ms) VALUES ($1, $2, $3, $4, $5) "
                          "ON CONFLICT (owner, kind) DO UPDATE SET "
                          "seal_key = excluded.seal_key, box = excluded.box, until_ms = excluded.until_ms");

int sealed_put(struct db *db, const struct sealed_row *row, struct err *err)
{
    return db_run(
        db, &sealed_put_sql,
        VALUES(db_id(&row->owner), db_text(row->kind), db_i64(row->seal_key), db_blob(row->box), db_i64(row->until_ms)),
        NULL, err);
}

STATEMENT(sealed_get_sql, "SELECT owner, kind, seal_key, box, until_ms FROM sealed WHERE owner = $1 AND kind = $2");

int sealed_get(struct db *db, const struct id *owner, struct text kind, struct arena *arena, struct sealed_row *ret_row,
               struct err *err)
{
    CLEANUP(rows_end)
    struct rows rows = rows_begin(db, &sealed_get_sql, VALUES(db_id(owner), db_text(kind)), &sealed_shape, arena, err);
    return rows_only(&rows, ret_row);
}

STATEMENT(sealed_walk_sql, "SELECT owner, kind, seal_key, box, until_ms FROM sealed ORDER BY owner, kind",
          .scans = "`skein check` opens every row");

int sealed_walk(struct db *db, int (*visit)(void *context, const struct sealed_row *row), void *context,
                struct err *err)
{
    CLEANUP(rows_end)
    struct rows rows = rows_begin(db, &sealed_walk_sql, NO_VALUES, &sealed_shape, NULL, err);
    struct sealed_row row;
    int rc;
    while ((rc = rows_next(&rows, &row)) == 1 && (rc = visit(context, &row)) == 0)
        continue;
    return rc;
}

STATEMENT(sealed_delete_sql, "DELETE FROM sealed WHERE owner = $1 AND kind = $2");

int sealed_delete(struct db *db, const struct id *owner, struct text kind, struct err *err)
{
    return db_run(db, &sealed_delete_sql, VALUES(db_id(owner), db_text(kind)), NULL, err);
}

/* --- wishes with an end --------------------------------------------------------------------------------------------- */

static const struct row_shape wish_shape = {"wish", sizeof(int64_t), row_read_i64};

STATEMENT(wish_put_sql, "INSERT INTO wish (member, kind, until_ms) VALUES ($1, $2, $3) "
                        "ON CONFLICT (member, kind) DO UPDATE SET until_ms = excluded.until_ms");

int wish_put(struct db *db, const struct id *member, struct text kind, int64_t until_ms, struct err *err)
{
    return db_run(db, &wish_put_sql, VALUES(db_id(member), db_text(kind), db_i64(until_ms)), NULL, err);
}

STATEMENT(wish_get_sql, "SELECT until_ms FROM wish WHERE member = $1 AND kind = $2");

int wish_get(struct db *db, const struct id *member, struct text kind, int64_t *ret_until_ms, struct err *err)
{
    CLEANUP(rows_end)
    struct rows rows = rows_begin(db, &wish_get_sql, VALUES(db_id(member), db_text(kind)), &wish_shape, NULL, err);
    return rows_only(&rows, ret_until_ms);
}

STATEMENT(sealed_expire_sql, "DELETE FROM sealed WHERE until_ms > 0 AND until_ms <= $1");
STATEMENT(wish_expire_sql, "DELETE FROM wish WHERE until_ms <= $1");

int wishes_expire(struct db *db, int64_t now_ms, int64_t *ret_n, struct err *err)
{
    int64_t sealed = 0;
    int64_t wishes = 0;
    int rc = db_run(db, &sealed_expire_sql, VALUES(db_i64(now_ms)), &sealed, err);
    if (rc == 0)
        rc = db_run(db, &wish_expire_sql, VALUES(db_i64(now_ms)), &wishes, err);
    if (rc != 0)
        return rc;
    *ret_n = sealed + wishes;
    return 0;
}

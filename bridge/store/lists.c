/* bridge/store/lists.c
 *
 * Statements of imports, follow sets and what uploads say.
 */
#include "store/lists.h"

#include "base/cleanup.h"
#include "store/rows.h"

/* --- imports ------------------------------------------------------------------------------------------------------- */

static const char *const import_states[] = {IMPORT_RECEIVED, IMPORT_READING, IMPORT_DONE, IMPORT_FAILED};

static void read_import(struct row *row, void *ret_record)
{
    struct import_row *import = ret_record;
    import->id = row_id(row, "id");
    import->owner = row_id(row, "owner");
    import->community = row_id(row, "community");
    import->state = row_word(row, "state", import_states, ARRAY_LEN(import_states));
    import->created_ms = row_i64(row);
    import->done_ms = row_i64(row);
    import->report = row_text(row);
}

static const struct row_shape import_shape = {"import", sizeof(struct import_row), read_import};

STATEMENT(import_put_sql, "INSERT INTO import (id, owner, community, state, created_ms, done_ms, report) "
                          "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO UPDATE SET "
                          "owner = excluded.owner, community = excluded.community, state = excluded.state, "
                          "created_ms = excluded.created_ms, done_ms = excluded.done_ms, report = excluded.report");

int import_put(struct db *db, const struct import_row *import, struct err *err)
{
    return db_run(db, &import_put_sql,
                  VALUES(db_id(&import->id), db_id(&import->owner), db_id(&import->community), db_text(import->state),
                         db_i64(import->created_ms), db_i64(import->done_ms), db_text(import->report)),
                  NULL, err);
}

#define IMPORT_COLUMNS "id, owner, community, state, created_ms, done_ms, report"

STATEMENT(import_get_sql, "SELECT " IMPORT_COLUMNS " FROM import WHERE id = $1");

int import_get(struct db *db, const struct id *id, struct arena *arena, struct import_row *ret_import, struct err *err)
{
    CLEANUP(rows_end)
    struct rows rows = rows_begin(db, &import_get_sql, VALUES(db_id(id)), &import_shape, arena, err);
    return rows_only(&rows, ret_import);
}

STATEMENT(import_list_sql, "SELECT " IMPORT_COLUMNS " FROM import WHERE owner = $1 ORDER BY id DESC");

int import_list(struct db *db, const struct id *owner, struct arena *arena, struct import_row **ret_imports,
                size_t *ret_n, struct err *err)
{
    CLEANUP(rows_end)
    struct rows rows = rows_begin(db, &import_list_sql, VALUES(db_id(owner)), &import_shape, arena, err);
    return rows_list(&rows, ret_imports, ret_n);
}

static const struct row_shape count_shape = {"import", sizeof(int64_t), row_read_i64};

STATEMENT(import_count_sql, "SELECT COUNT(*) FROM import WHERE owner = $1 AND state = '" IMPORT_DONE "'");

int import_count(struct db *db, const struct id *owner, int64_t *ret_n, struct err *err)
{
    CLEANUP(rows_end)
    struct rows rows = rows_begin(db, &import_count_sql, VALUES(db_id(owner)), &count_shape, NULL, err);
    return rows_only(&rows, ret_n);
}

/* --- follow sets ---------------------------------------------------------------------------------------------------- */

static void read_follow_set(struct row *row, void *ret_record)
{
    struct follow_set_row *set = ret_record;
    set->owner = row_id(row, "owner");
    set->kind = row_text(row);
    set->source = row_text(row);
    set->day = row_text(row);
    set->n = row_u32(row, "n");
    set->ids = row_blob(row);
    set->import = row_id(row, "import");
    set->changed_ms = row_i64(row);
}

static const struct row_shape follow_set_shape = {"follow_set", sizeof(struct follow_set_row), read_follow_set};

STATEMENT(follow_set_put_sql, "INSERT INTO follow_set (owner, kind, source, day, n, ids, import, changed_ms) "
                              "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (owner, kind, source) DO UPDATE SET "
                              "day = excluded.day, n = excluded.n, ids = excluded.ids, import = excluded.import, "
                              "changed_ms = excluded.changed_ms");

int follow_set_put(struct db *db, const struct follow_set_row *set, struct err *err)
{
    return db_run(db, &follow_set_put_sql,
                  VALUES(db_id(&set->owner), db_text(set->kind), db_text(set->source), db_text(set->day),
                         db_i64(set->n), db_blob(set->ids), db_id(&set->import), db_i64(set->changed_ms)),
                  NULL, err);
}

#define FOLLOW_SET_COLUMNS "owner, kind, source, day, n, ids, import, changed_ms"

STATEMENT(follow_set_get_sql,
          "SELECT " FOLLOW_SET_COLUMNS " FROM follow_set WHERE owner = $1 AND kind = $2 AND source = $3");

int follow_set_get(struct db *db, const struct id *owner, struct text kind, struct text source, struct arena *arena,
                   struct follow_set_row *ret_set, struct err *err)
{
    CLEANUP(rows_end)
    struct rows rows = rows_begin(db, &follow_set_get_sql, VALUES(db_id(owner), db_text(kind), db_text(source)),
                                  &follow_set_shape, arena, err);
    return rows_only(&rows, ret_set);
}

STATEMENT(follow_set_list_sql,
          "SELECT " FOLLOW_SET_COLUMNS " FROM follow_set WHERE owner = $1 AND kind = $2 ORDER BY source");

int follow_set_list(struct db *db, const struct id *owner, struct text kind, struct arena *arena,
                    struct follow_set_row **ret_sets, size_t *ret_n, struct err *err)
{
    CLEANUP(rows_end)
    struct rows rows =
        rows_begin(db, &follow_set_list_sql, VALUES(db_id(owner), db_text(kind)), &follow_set_shape, arena, err);
    return rows_list(&rows, ret_sets, ret_n);
}

STATEMENT(follow_set_delete_sql, "DELETE FROM follow_set WHERE owner = $1 AND kind = $2 AND source = $3");

int follow_set_delete(struct db *db, const struct id *owner, struct text kind, struct text source, struct err *err)
{
    return db_run(db, &follow_set_delete_sql, VALUES(db_id(owner), db_text(kind), db_text(source)), NULL, err);
}

STATEMENT(follow_set_walk_sql, "SELECT " FOLLOW_SET_COLUMNS " FROM follow_set ORDER BY owner, kind, source",
          .scans = "the graph in memory is built from every set, and `skein check` decodes every set");

int follow_set_walk(struct db *db, int (*visit)(void *context, const struct follow_set_row *set), void *context,
                    struct err *err)
{
    CLEANUP(rows_end)
    struct rows rows = rows_begin(db, &follow_set_walk_sql, NO_VALUES, &follow_set_shape, NULL, err);
    struct follow_set_row set;
    int rc;
    while ((rc = rows_next(&rows, &set)) == 1 && (rc = visit(context, &set)) == 0)
        continue;
    return rc;
}

/* --- what uploads say ----------------------------------------------------------------------------------------------- */

static void read_fact_set(struct row *row, void *ret_record)
{
    struct fact_set_row *set = ret_record;
    set->import = row_id(row, "import");
    set->owner = row_id(row, "owner");
    set->day = row_text(row);
    set->n = row_u32(row, "n");
    set->seal_key = row_u32(row, "seal_key");
    set->facts = row_blob(row);
}

static const struct row_shape fact_set_shape = {"fact_set", sizeof(struct fact_set_row), read_fact_set};

STATEMENT(fact_set_put_sql, "INSERT INTO fact_set (import, owner, day, n, seal_key, facts) "
                            "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (import) DO UPDATE SET "
                            "owner = excluded.owner, day = excluded.day, n = excluded.n, "
                            "seal_key = excluded.seal_key, facts = excluded.facts");

int fact_set_put(struct db *db, const struct fact_set_row *set, struct err *err)
{
    return db_run(db, &fact_set_put_sql,
                  VALUES(db_id(&set->import), db_id(&set->owner), db_text(set->day), db_i64(set->n),
                         db_i64(set->seal_key), db_blob(set->facts)),
                  NULL, err);
}

#define FACT_SET_COLUMNS "import, owner, day, n, seal_key, facts"

STATEMENT(fact_set_list_sql, "SELECT " FACT_SET_COLUMNS " FROM fact_set WHERE owner = $1 ORDER BY import");

int fact_set_list(struct db *db, const struct id *owner, struct arena *arena, struct fact_set_row **ret_sets,
                  size_t *ret_n, struct err *err)
{
    CLEANUP(rows_end)
    struct rows rows = rows_begin(db, &fact_set_list_sql, VALUES(db_id(owner)), &fact_set_shape, arena, err);
    return rows_list(&rows, ret_sets, ret_n);
}

STATEMENT(fact_set_walk_sql, "SELECT " FACT_SET_COLUMNS " FROM fact_set ORDER BY import",
          .scans = "handles of the numbers in memory come from every set, and `skein check` opens every set");

int fact_set_walk(struct db *db, int (*visit)(void *context, const struct fact_set_row *set), void *context,
                  struct err *err)
{
    CLEANUP(rows_end)
    struct rows rows = rows_begin(db, &fact_set_walk_sql, NO_VALUES, &fact_set_shape, NULL, err);
    struct fact_set_row set;
    int rc;
    while ((rc = rows_next(&rows, &set)) == 1 && (rc = visit(context, &set)) == 0)
        continue;
    return rc;
}

STATEMENT(fact_set_delete_sql, "DELETE FROM fact_set WHERE import = $1");

int fact_set_delete(struct db *db, const struct id *import, struct err *err)
{
    return db_run(db, &fact_set_delete_sql, VALUES(db_id(import)), NULL, err);
}

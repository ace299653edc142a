/* bridge/store/batches.c
 *
 * Statements of batches and their items.
 */
#include "store/batches.h"

#include "base/cleanup.h"
#include "store/rows.h"

/* --- batches -------------------------------------------------------------------------------------------------------- */

static void read_batch(struct row *row, void *ret_record)
{
    struct batch_row *batch = ret_record;
    batch->id = row_id(row, "id");
    batch->member = row_id(row, "member");
    batch->community = row_id(row, "community");
    batch->network = row_text(row);
    batch->account = row_text(row);
    batch->handle = row_text(row);
    if (!batch_state_of(row_text(row), &batch->state))
        row_damaged(row, "state");
    if (!batch_doing_of(row_text(row), &batch->doing))
        row_damaged(row, "doing");
    batch->why = row_text(row);
    if (!batch_pace_of(row_text(row), &batch->pace))
        row_damaged(row, "pace");
    batch->doubt = row_text(row);
    batch->due_ms = row_i64(row);
    batch->created_ms = row_i64(row);
    batch->changed_ms = row_i64(row);
}

static const struct row_shape batch_shape = {"batch", sizeof(struct batch_row), read_batch};

#define BATCH_COLUMNS                                                                                                  \
    "id, member, community, network, account, handle, state, doing, why, pace, doubt, due_ms, created_ms, changed_ms"

STATEMENT(batch_put_sql,
          "INSERT INTO batch (" BATCH_COLUMNS ") "
          "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT (id) DO UPDATE SET "
          "member = excluded.member, community = excluded.community, network = excluded.network, "
          "account = excluded.account, handle = excluded.handle, state = excluded.state, doing = excluded.doing, "
          "why = excluded.why, pace = excluded.pace, doubt = excluded.doubt, due_ms = excluded.due_ms, "
          "created_ms = excluded.created_ms, changed_ms = excluded.changed_ms");

int batch_put(struct db *db, const struct batch_row *batch, struct err *err)
{
    return db_run(db, &batch_put_sql,
                  VALUES(db_id(&batch->id), db_id(&batch->member), db_id(&batch->community), db_text(batch->network),
                         db_text(batch->account), db_text(batch->handle),
                         db_text(text_of(batch_state_word(batch->state))),
                         db_text(text_of(batch_doing_word(batch->doing))), db_text(batch->why),
                         db_text(text_of(batch_pace_word(batch->pace))), db_text(batch->doubt), db_i64(batch->due_ms),
                         db_i64(batch->created_ms), db_i64(batch->changed_ms)),
                  NULL, err);
}

STATEMENT(batch_get_sql, "SELECT " BATCH_COLUMNS " FROM batch WHERE id = $1");

int batch_get(struct db *db, const struct id *id, struct arena *arena, struct batch_row *ret_batch, struct err *err)
{
    CLEANUP(rows_end)
    struct rows rows = rows_begin(db, &batch_get_sql, VALUES(db_id(id)), &batch_shape, arena, err);
    return rows_only(&rows, ret_batch);
}

STATEMENT(batch_list_sql, "SELECT " BATCH_COLUMNS " FROM batch WHERE member = $1 ORDER BY id DESC");

int batch_list(struct db *db, const struct id *member, struct arena *arena, struct batch_row **ret_batches,
               size_t *ret_n, struct err *err)
{
    CLEANUP(rows_end)
    struct rows rows = rows_begin(db, &batch_list_sql, VALUES(db_id(member)), &batch_shape, arena, err);
    return rows_list(&rows, ret_batches, ret_n);
}

STATEMENT(batch_pause_running_sql,
          "UPDATE batch SET state = 'paused', why = $1, changed_ms = $2 WHERE state = 'running'");

int batch_pause_running(struct db *db, struct text why, int64_t now_ms, int64_t *ret_n, struct err *err)
{
    return db_run(db, &batch_pause_running_sql, VALUES(db_text(why), db_i64(now_ms)), ret_n, err);
}

STATEMENT(batch_delete_sql, "DELETE FROM batch WHERE id = $1");
STATEMENT(batch_delete_items_sql, "DELETE FROM batch_item WHERE batch = $1");

int batch_delete(struct db *db, const struct id *batch, struct err *err)
{
    int failed = db_run(db, &batch_delete_items_sql, VALUES(db_id(batch)), NULL, err);
    return failed ? failed : db_run(db, &batch_delete_sql, VALUES(db_id(batch)), NULL, err);
}

/* --- items ---------------------------------------------------------------------------------------------------------- */

static void read_item(struct row *row, void *ret_record)
{
    struct batch_item_row *item = ret_record;
    item->batch = row_id(row, "batch");
    item->position = row_i64(row);
    item->x = row_u32(row, "x");
    item->profile = row_text(row);
    item->rkey = row_text(row);
    if (!item_state_of(row_text(row), &item->state))
        row_damaged(row, "state");
    item->why = row_text(row);
    item->sent_ms = row_i64(row);
    item->done_ms = row_i64(row);
    item->undone_ms = row_i64(row);
}

static const struct row_shape item_shape = {"batch_item", sizeof(struct batch_item_row), read_item};

#define ITEM_COLUMNS "batch, position, x, profile, rkey, state, why, sent_ms, done_ms, undone_ms"

STATEMENT(batch_item_put_sql, "INSERT INTO batch_item (" ITEM_COLUMNS ") "
                              "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (batch, position) DO "
                              "UPDATE SET x = excluded.x, profile = excluded.profile, rkey = excluded.rkey, "
                              "state = excluded.state, why = excluded.why, sent_ms = excluded.sent_ms, "
                              "done_ms = excluded.done_ms, undone_ms = excluded.undone_ms");

int batch_item_put(struct db *db, const struct batch_item_row *item, struct err *err)
{
    return db_run(db, &batch_item_put_sql,
                  VALUES(db_id(&item->batch), db_i64(item->position), db_i64(item->x), db_text(item->profile),
                         db_text(item->rkey), db_text(text_of(item_state_word(item->state))), db_text(item->why),
                         db_i64(item->sent_ms), db_i64(item->done_ms), db_i64(item->undone_ms)),
                  NULL, err);
}

STATEMENT(batch_item_list_sql, "SELECT " ITEM_COLUMNS " FROM batch_item WHERE batch = $1 ORDER BY position");

int batch_item_list(struct db *db, const struct id *batch, struct arena *arena, struct batch_item_row **ret_items,
                    size_t *ret_n, struct err *err)
{
    CLEANUP(rows_end)
    struct rows rows = rows_begin(db, &batch_item_list_sql, VALUES(db_id(batch)), &item_shape, arena, err);
    return rows_list(&rows, ret_items, ret_n);
}

STATEMENT(batch_item_list_in_sql, "SELECT " ITEM_COLUMNS " FROM batch_item WHERE batch = $1 AND state = $2 "
                                  "ORDER BY position LIMIT $3");

int batch_item_list_in(struct db *db, const struct id *batch, enum item_state state, size_t max, struct arena *arena,
                       struct batch_item_row **ret_items, size_t *ret_n, struct err *err)
{
    CLEANUP(rows_end)
    struct rows rows = rows_begin(db, &batch_item_list_in_sql,
                                  VALUES(db_id(batch), db_text(text_of(item_state_word(state))), db_i64((int64_t)max)),
                                  &item_shape, arena, err);
    return rows_list(&rows, ret_items, ret_n);
}

struct state_count {
    enum item_state state;
    int64_t n;
};

static void read_count(struct row *row, void *ret_record)
{
    struct state_count *count = ret_record;
    if (!item_state_of(row_text(row), &count->state))
        row_damaged(row, "state");
    count->n = row_i64(row);
}

static const struct row_shape count_shape = {"batch_item", sizeof(struct state_count), read_count};

STATEMENT(batch_item_count_sql, "SELECT state, COUNT(*) FROM batch_item WHERE batch = $1 GROUP BY state");

int batch_item_count(struct db *db, const struct id *batch, int64_t *ret_counts, struct err *err)
{
    CLEANUP(rows_end)
    struct rows rows = rows_begin(db, &batch_item_count_sql, VALUES(db_id(batch)), &count_shape, NULL, err);
    struct state_count count;
    int rc;
    for (size_t i = 0; i < ITEM_STATES; i++)
        ret_counts[i] = 0;
    while ((rc = rows_next(&rows, &count)) == 1)
        ret_counts[count.state] = count.n;
    return rc;
}

/* --- of an account -------------------------------------------------------------------------------------------------- */

static void read_written(struct row *row, void *ret_record)
{
    struct batch_written *written = ret_record;
    written->follows = row_i64(row);
    written->removals = row_i64(row);
}

static const struct row_shape written_shape = {"batch_item", sizeof(struct batch_written), read_written};

/* An item that was sent counts whatever became of it: a refused request costs its points too. */
STATEMENT(batch_written_since_sql, "SELECT COALESCE(SUM(CASE WHEN batch_item.sent_ms >= $3 THEN 1 ELSE 0 END), 0), "
                                   "COALESCE(SUM(CASE WHEN batch_item.undone_ms >= $3 THEN 1 ELSE 0 END), 0) "
                                   "FROM batch JOIN batch_item ON batch_item.batch = batch.id "
                                   "WHERE batch.network = $1 AND batch.account = $2 AND batch.changed_ms >= $3");

int batch_written_since(struct db *db, struct text network, struct text account, int64_t since_ms,
                        struct batch_written *ret_written, struct err *err)
{
    CLEANUP(rows_end)
    struct rows rows =
        rows_begin(db, &batch_written_since_sql, VALUES(db_text(network), db_text(account), db_i64(since_ms)),
                   &written_shape, NULL, err);
    return rows_only(&rows, ret_written);
}

static void read_profile_id(struct row *row, void *ret_record)
{
    *(struct text *)ret_record = row_text(row);
}

static const struct row_shape profile_id_shape = {"batch_item", sizeof(struct text), read_profile_id};

STATEMENT(batch_followed_walk_sql,
          "SELECT DISTINCT batch_item.profile FROM batch JOIN batch_item ON batch_item.batch = batch.id "
          "WHERE batch.member = $1 AND batch.network = $2 AND batch.account = $3 AND batch_item.state = 'done' "
          "ORDER BY batch_item.profile");

int batch_followed_walk(struct db *db, const struct id *member, struct text network, struct text account,
                        int (*visit)(void *context, struct text profile), void *context, struct err *err)
{
    CLEANUP(rows_end)
    struct rows rows =
        rows_begin(db, &batch_followed_walk_sql, VALUES(db_id(member), db_text(network), db_text(account)),
                   &profile_id_shape, NULL, err);
    struct text profile;
    int rc;
    while ((rc = rows_next(&rows, &profile)) == 1 && (rc = visit(context, profile)) == 0)
        continue;
    return rc;
}

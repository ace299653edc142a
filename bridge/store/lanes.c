/* bridge/store/lanes.c
 *
 * The functions that lanes reach the store by.
 *
 * The writer's lane borrows the connection that the store has had since it was opened, so that nobody else can have
 * become the owner between, and so that it is closed after all others. Whoever keeps in memory what the writer writes is
 * told of everything that happened to the transaction, after it happened.
 */
#include "store/inside.h"

static struct store_listener *listener_of(void *lane)
{
    struct db *db = lane;
    return db->store ? &db->store->listener : NULL; /* a reader's tells nobody */
}

static int lane_open(void *context, enum lane_kind kind, void **ret_lane, struct err *err)
{
    struct store *store = context;
    struct db *db = store->writer;
    if (kind == LANE_READER) {
        int failed = store_connect(store, DB_READER, &db, err);
        if (failed)
            return failed;
    } else if (!db) {
        return err_set(err, E_BUG, "a store that was opened for reading has no writer");
    } else {
        db->store = store;
    }
    *ret_lane = db;
    return 0;
}

static void lane_close(void *context, void *lane)
{
    struct store *store = context;
    if (lane == store->writer)
        store->writer->store = NULL;
    else
        db_close(lane);
}

static int lane_begin(void *lane, struct err *err)
{
    return db_begin(lane, err);
}

static int lane_commit(void *lane, struct err *err)
{
    return db_commit(lane, err);
}

static void lane_rollback(void *lane)
{
    const struct store_listener *listener = listener_of(lane);
    db_rollback(lane);
    if (listener && listener->rollback)
        listener->rollback(listener->context);
}

static int lane_savepoint(void *lane, struct err *err)
{
    const struct store_listener *listener = listener_of(lane);
    int failed = db_savepoint(lane, err);
    if (!failed && listener && listener->savepoint)
        listener->savepoint(listener->context);
    return failed;
}

static int lane_release(void *lane, struct err *err)
{
    return db_release(lane, err);
}

static int lane_rollback_to(void *lane, struct err *err)
{
    const struct store_listener *listener = listener_of(lane);
    int failed = db_rollback_to(lane, err);
    if (!failed && listener && listener->rollback_to)
        listener->rollback_to(listener->context);
    return failed;
}

static void lane_after_commit(void *context, void *lane)
{
    const struct store_listener *listener = listener_of(lane);
    (void)context;
    if (listener && listener->committed)
        listener->committed(listener->context);
}

const struct lane_functions store_lane_functions = {
    .open = lane_open,
    .close = lane_close,
    .begin = lane_begin,
    .commit = lane_commit,
    .rollback = lane_rollback,
    .savepoint = lane_savepoint,
    .release = lane_release,
    .rollback_to = lane_rollback_to,
    .after_commit = lane_after_commit,
};

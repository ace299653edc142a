/* bridge/store/batches.h
 *
 * Rows of batches and their items. As store/people.h otherwise.
 *
 * What makes follows happen exactly once stands in migrations/sqlite/0002_batches.sql; these functions only keep rows.
 */
#ifndef SKEIN_STORE_BATCHES_H
#define SKEIN_STORE_BATCHES_H

#include "base/arena.h"
#include "base/id.h"
#include "model/batch.h"
#include "store/db.h"

struct batch_row {
    struct id id;
    struct id member;
    struct id community;
    struct text network;
    struct text account; /* the member's own id there */
    struct text handle;  /* and handle, as it was shown when the batch was planned */
    enum batch_state state;
    enum batch_doing doing;
    struct text why; /* why paused; else empty */
    enum batch_pace pace;
    struct text doubt; /* the head that the last request named; empty: none was ever sent */
    int64_t due_ms;    /* the next slice; 0: now */
    int64_t created_ms;
    int64_t changed_ms;
};

int batch_put(struct db *db, const struct batch_row *batch, struct err *err); /* new, or instead of the row there */
int batch_get(struct db *db, const struct id *id, struct arena *arena, struct batch_row *ret_batch, struct err *err);
int batch_list(struct db *db, const struct id *member, struct arena *arena, struct batch_row **ret_batches,
               size_t *ret_n, struct err *err); /* newest first */

/* Nobody is signed in after a start: every batch that ran is paused, for the reason given. ret_n: how many. */
int batch_pause_running(struct db *db, struct text why, int64_t now_ms, int64_t *ret_n, struct err *err);

struct batch_item_row {
    struct id batch;
    int64_t position; /* from 0 */
    uint32_t x;
    struct text profile;
    struct text rkey; /* empty: not chosen yet */
    enum item_state state;
    struct text why;   /* of refused and left out, one clause; else empty */
    int64_t sent_ms;   /* 0: never */
    int64_t done_ms;   /* 0: not known to be followed */
    int64_t undone_ms; /* 0: not known to be removed */
};

int batch_item_put(struct db *db, const struct batch_item_row *item, struct err *err); /* key: batch and position */

/* Of one batch, in the order of its plan. */
int batch_item_list(struct db *db, const struct id *batch, struct arena *arena, struct batch_item_row **ret_items,
                    size_t *ret_n, struct err *err);

/* Those in one state, the first `max`, in the order of the plan. */
int batch_item_list_in(struct db *db, const struct id *batch, enum item_state state, size_t max, struct arena *arena,
                       struct batch_item_row **ret_items, size_t *ret_n, struct err *err);

/* How many items are in each state; ret_counts has ITEM_STATES places. */
int batch_item_count(struct db *db, const struct id *batch, int64_t *ret_counts, struct err *err);

/* What was written to an account by all of its batches since a time: follows (those whose fate is open count too), and
 * removals. */
struct batch_written {
    int64_t follows;
    int64_t removals;
};
int batch_written_since(struct db *db, struct text network, struct text account, int64_t since_ms,
                        struct batch_written *ret_written, struct err *err);

/* Profiles that were followed for a member from this account and not undone here, by id: whoever is not followed any
 * more was unfollowed by hand, and is not followed again unasked. */
int batch_followed_walk(struct db *db, const struct id *member, struct text network, struct text account,
                        int (*visit)(void *context, struct text profile), void *context, struct err *err);

/* A batch with all its items. */
int batch_delete(struct db *db, const struct id *batch, struct err *err);

#endif

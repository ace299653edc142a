/* bridge/refollow/batch_wish.h
 *
 * What people wish of a batch, and what a start of the server does to all: changes of its state, in the store.
 *
 *     planned ── start ──> running ── pause, or a start of the server ──> paused ── resume ──> running
 *     planned, running, paused ── cancel ──> cancelled
 *     running, paused, done, cancelled ── undo ──> running (undoing) ──> undone
 *
 * A run sees a change before its next request goes out. On the writer lane.
 */
#ifndef SKEIN_REFOLLOW_BATCH_WISH_H
#define SKEIN_REFOLLOW_BATCH_WISH_H

#include "store/batches.h"

enum batch_wish { WISH_START, WISH_PAUSE, WISH_RESUME, WISH_CANCEL, WISH_UNDO };

const char *batch_wish_word(enum batch_wish wish); /* "start", "pause", ... as in URLs */
bool batch_wish_of(struct text word, enum batch_wish *ret_wish);

/* Changes the record: pure. 0, also where it is as wished already; E_FORBIDDEN with a sentence where it cannot be. */
int batch_wish_apply(struct batch_row *batch, enum batch_wish wish, struct err *err);

/* The same for the stored one. ret_batch (may be NULL): as it stands now. E_NOT_FOUND. */
int batch_wish_store(struct db *db, const struct id *id, enum batch_wish wish, int64_t now_ms, struct arena *arena,
                     struct batch_row *ret_batch, struct err *err);

/* At the owner's start nobody is signed in: whatever ran is paused until somebody signs in again. */
#define BATCH_WHY_SIGN_IN "sign in again"
int batch_pause_at_start(struct db *db, int64_t now_ms, int64_t *ret_n, struct err *err);

#endif

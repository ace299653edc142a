/* bridge/store/left_out.h
 *
 * What must never be forgotten, kept twice: as rows, and as lines of an append-only file beside the keys.
 *
 * A backup of the database that is older than somebody's wish would bring them back; so the wish is also a line of
 * data/left-out.log, on disk (fsync) before the step that writes the row returns, and the owner replays the file at every
 * start and after a restore. Lines name keyed hashes and ids of ours only:
 *
 *     2026-11-26T09:30:00.000Z opt-out 5f0c…            64 hexadecimal digits
 *     2026-11-26T09:30:00.000Z opt-in 5f0c…             they took it back
 *     2026-11-26T09:30:00.000Z shield 5f0c… 01J…        and the member who blocked
 *     2026-11-26T09:30:00.000Z unshield 01J…            all shields of that member went
 *     2026-11-26T09:30:00.000Z erase 01J…               an import, member or community that was erased (later issues)
 *
 * Replaying is idempotent and goes line by line, so that the last word counts. Table `server` notes how far the database
 * was at its last start, with a hash of what stands before that place; the lines behind it are replayed, or all where the
 * file is not the one that the note is about. A last line that was cut by a crash is completed with its end or dropped:
 * it was never acknowledged. A line that is not understood is refused with file and line, never passed over.
 *
 * On the writer lane; a step that is run again writes its line again. A line whose step failed stays, and holds from the
 * next start on: rather one wish too many than one lost.
 */
#ifndef SKEIN_STORE_LEFT_OUT_H
#define SKEIN_STORE_LEFT_OUT_H

#include "base/id.h"
#include "store/store.h"

#define LEFT_OUT_FILE "left-out.log"

/* Line and row. E_IO with "the disk is full" where it is; then neither is there. */
int left_out_opt_out(struct store *store, struct db *db, const struct keyed_hash *hash, struct err *err);
int left_out_opt_in(struct store *store, struct db *db, const struct keyed_hash *hash, struct err *err);
int left_out_shield(struct store *store, struct db *db, const struct keyed_hash *hashes, size_t n,
                    const struct id *member, struct err *err);
int left_out_unshield(struct store *store, struct db *db, const struct id *member, struct err *err);

#endif

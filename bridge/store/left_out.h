/* bridge/store/left_out.h
 *
 * What must never be forgotten, kept twice: as rows, and as lines of an append-only file beside the keys.
 *
 * A backup of the database that is older than somebody's wish would bring them back; so the wish is also a line of
 * data/left-out.log, on disk (fsync) before the step that writes the row returns, and the owner replays the file at every
 * start and after a restore. Lines name keyed hashes and ids of ours only:
 *
 *     2026-11-26T09:30:00.000Z opt-out 5f0c…            64 hexadecimal digits
 *     2026-11-26T09:30:00.000Z shield 5f0c… 01J…        and the member who blocked
 *     2026-11-26T09:30:00.000Z erase 01J…               an import, member or community that was erased (later issues)
 *
 * A last line that was cut by a crash is completed with its end or dropped: it was never acknowledged. On the writer
 * lane; a step that is run again writes its line again, and replaying is idempotent.
 */
#ifndef SKEIN_STORE_LEFT_OUT_H
#define SKEIN_STORE_LEFT_OUT_H

#include "base/id.h"
#include "store/store.h"

#define LEFT_OUT_FILE "left-out.log"

int left_out_opt_out(struct store *store, struct db *db, const struct keyed_hash *hash, struct err *err);
int left_out_shield(struct store *store, struct db *db, const struct keyed_hash *hashes, size_t n,
                    const struct id *member, struct err *err);

#endif

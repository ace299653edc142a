/* bridge/store/backup.h
 *
 * A backup: one file that holds one state of the database and left-out.log, and nothing that opens what is sealed.
 *
 *     a zip of   manifest.json   which Skein made it, when, schema and key fingerprint
 *                skein.db        an SQLite file, whatever database it came from
 *                left-out.log    the wishes, at least up to that state
 *
 * The key file is not in it: whoever finds a backup has no facts of third parties without the keys, so the two are kept
 * in two places. A backup can be made beside a running server, by anybody who may read the data folder.
 */
#ifndef SKEIN_STORE_BACKUP_H
#define SKEIN_STORE_BACKUP_H

#include "base/buf.h"
#include "store/store.h"

struct backup_about {
    int64_t made_ms;
    int64_t schema; /* number of its last step */
    char fingerprint[KEYS_FINGERPRINT];
};

/* Writes `file`, which must not be there yet, complete and on disk. `store`: a reader's or an owner's. E_BAD_INPUT, E_IO with
 * "the disk is full" where it is; then nothing is left behind. */
int backup_write(struct store *store, const char *file, struct backup_about *ret_about, struct err *err);

/* Puts a backup into the data folder of `options` (its role does not count), whose keys must lie there already. The folder
 * must have no database, or `replace` says that it goes. Lines of both left-out.logs are kept and taken in, and the schema
 * is brought up to date. The database is in its place when this returns, or nothing has changed but left-out.log, which
 * may have more lines. E_BUSY: somebody owns the folder. E_FORBIDDEN: the keys are missing or others, or the backup is of a
 * newer Skein. */
int backup_restore(const struct store_options *options, const char *file, bool replace, struct backup_about *ret_about,
                   struct err *err);

/* --- inside the room -------------------------------------------------------------------------------------------------- */

#define BACKUP_MANIFEST "manifest.json"
#define BACKUP_DATABASE "skein.db"

/* Both texts are whole lines. Appends what both begin with, then the rest of both by time: the
 * order within each kept, equal lines once. E_BAD_INPUT where a line is not understood, E_NOMEM, E_TOO_LARGE. */
int left_out_merge(struct text a, struct text b, struct buf *out, struct err *err);

/* Appends the file's lines. A last line that was cut gets its end where only that is missing; else it is left out. */
int left_out_read(const char *path, struct buf *out, struct err *err);

#endif

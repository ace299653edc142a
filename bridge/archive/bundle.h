/* bridge/archive/bundle.h
 *
 * A few files in one zip, for ourselves: what a backup is packed in.
 *
 * Unlike an archive from X it was made here, of entries whose names we know, so it is read by libzip as it is; its
 * checksums are looked at all the same, and nothing is written to a name that the zip chooses. On the calling thread.
 */
#ifndef SKEIN_ARCHIVE_BUNDLE_H
#define SKEIN_ARCHIVE_BUNDLE_H

#include "base/buf.h"
#include "base/err.h"

struct bundle_part {
    const char *name; /* in the zip */
    const char *path; /* of a file; NULL: `content` is it */
    struct text content;
};

/* Writes a new file (0600), complete and on disk when this returns. E_BAD_INPUT where `path` is there already: nothing is
 * ever written over. E_IO with "the disk is full" where it is; then nothing is left. */
int bundle_write(const char *path, const struct bundle_part *parts, size_t n, struct err *err);

struct bundle;

/* E_NOT_FOUND, E_BAD_INPUT (no zip, or cut). */
int bundle_open(const char *path, struct bundle **ret_bundle, struct err *err);
void bundle_close(struct bundle *bundle); /* NULL is fine */

/* Appends a part. E_NOT_FOUND where there is none, E_BAD_INPUT where it is damaged, E_TOO_LARGE. */
int bundle_read(struct bundle *bundle, const char *name, struct buf *out, struct err *err);

/* Writes a part to a new file (0600), on disk when this returns. Errors as bundle_read and bundle_write. */
int bundle_extract(struct bundle *bundle, const char *name, const char *path, struct err *err);

#endif

/* bridge/archive/x_archive.h
 *
 * An X archive as a zip: which of its files are opened, in which order, and what becomes of them. Internal.
 *
 *     directory ─> wanted names ─> manifest.js ─> following, follower, block, mute ─> posts
 *                                  (owner, day,    as wanted                          (names for the ids)
 *                                   which parts)
 *
 * Names count by their end, data/<file>.js in any folder, capitals and slashes as they come; an archive whose files lie
 * bare is taken where no data/ is found. Posts only name people: where they cannot be read the lists stand all the same
 * and reading->warning says so.
 */
#ifndef SKEIN_ARCHIVE_X_ARCHIVE_H
#define SKEIN_ARCHIVE_X_ARCHIVE_H

#include "archive/reading.h"

int x_archive_read(struct reading *reading, const struct byte_source *source, struct err *err);

#endif

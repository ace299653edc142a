/* bridge/archive/pasted.h
 *
 * Handles out of text that somebody wrote or pasted: one a line, or @handles and links to profiles between words.
 *
 * Where the text has any @handle or link, only those count; bare words are taken only where it has none and every line
 * is one (or several with commas between). Mail addresses and handles of other networks are no handles on X. Internal.
 */
#ifndef SKEIN_ARCHIVE_PASTED_H
#define SKEIN_ARCHIVE_PASTED_H

#include "archive/reading.h"

/* Reads a random access source of at most LIMIT_PASTED bytes into the reading's list. */
int pasted_read(struct reading *reading, const struct byte_source *source, struct err *err);

#endif

/* bridge/archive/file_kind.h
 *
 * What a file is at first sight: its first bytes, whatever it is called. Internal.
 */
#ifndef SKEIN_ARCHIVE_FILE_KIND_H
#define SKEIN_ARCHIVE_FILE_KIND_H

#include "archive/byte_source.h"

enum file_kind {
    FILE_ZIP,
    FILE_JSON, /* or a script of an X archive */
    FILE_TEXT, /* CSV, or anything that people write */
};

/* Looks at the first bytes of a random access source. What cannot be a follow list ends with E_BAD_INPUT and a sentence
 * that names what was found. */
int file_kind_of(const struct byte_source *source, enum file_kind *ret_kind, struct err *err);

#endif

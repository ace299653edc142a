/* bridge/archive/one_file.h
 *
 * One file of an import: what it is, and the reader for that. Internal.
 */
#ifndef SKEIN_ARCHIVE_ONE_FILE_H
#define SKEIN_ARCHIVE_ONE_FILE_H

#include "archive/file_kind.h"
#include "archive/json_shape.h"
#include "archive/reading.h"

struct one_file {
    enum file_kind kind;
    struct json_shape shape; /* of FILE_JSON */
};

/* Looks what the file is, without reading more than that takes. Files named for messages and the like are refused before
 * a byte is read. */
int one_file_look(const struct archive_file *file, struct one_file *ret_found, struct err *err);

/* A number that puts the files of one import in the order in which they are to be read: owner, zips, lists by kind and
 * part, the rest. */
unsigned one_file_order(const struct one_file *found);

/* Reads the file into `reading`. Where it gives nothing that is wanted: a sentence that says what it is instead. */
int one_file_read(struct reading *reading, const struct archive_file *file, const struct one_file *found,
                  struct err *err);

#endif

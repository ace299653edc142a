/* bridge/archive/x_file.h
 *
 * One data file of an X archive, by itself or in a zip: its script wrapper, its JSON, and the reader for what it is.
 * Internal.
 */
#ifndef SKEIN_ARCHIVE_X_FILE_H
#define SKEIN_ARCHIVE_X_FILE_H

#include "archive/js_wrapper.h"
#include "archive/reading.h"

struct x_file {
    struct reading *reading; /* borrowed */
    struct counted_source counted;
    struct js_wrapper wrapper;
    struct json_reader json;
};

/* Opens the JSON of `source` (borrowed). `many`: JSON lines are allowed. x_file_close is due in any case. */
int x_file_open(struct x_file *file, struct reading *reading, const struct byte_source *source, bool many,
                struct err *err);
void x_file_close(struct x_file *file);

/* Reads the file as the list `kind` into the reading's list of kind `as`. Where the wrapper says that it is something
 * else: E_BAD_INPUT, unread. */
int x_file_read_list(struct x_file *file, enum list_kind kind, enum list_kind as, struct err *err);

/* Reads the file as posts; the same. */
int x_file_read_posts(struct x_file *file, struct err *err);

#endif

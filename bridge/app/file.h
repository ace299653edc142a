/* bridge/app/file.h
 *
 * Files that a command is given: opened here, read by archive through its byte source; and results written to one.
 */
#ifndef SKEIN_APP_FILE_H
#define SKEIN_APP_FILE_H

#include "archive/byte_source.h"

struct file_source {
    int fd; /* owned; -1: none */
    struct fd_source bytes;
};

/* Sets up `file` for reading. E_IO, E_NOT_FOUND, E_BAD_INPUT with a sentence that does not repeat the path. */
int file_source_open(struct file_source *file, const char *path, struct err *err);
void file_source_release(struct file_source *file);

/* Writes the whole of a file anew. E_IO with a sentence that names it. */
int file_write(const char *path, struct text content, struct err *err);

#endif

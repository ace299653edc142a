/* bridge/app/file.h
 *
 * Results written to a file.
 */
#ifndef SKEIN_APP_FILE_H
#define SKEIN_APP_FILE_H

#include "base/err.h"
#include "base/text.h"

/* Writes the whole of a file anew. E_IO with a sentence that names it. */
int file_write(const char *path, struct text content, struct err *err);

#endif

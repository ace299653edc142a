/* bridge/app/list_files.h
 *
 * The files named on a command line, read as one follow list, and what is said of them on stderr.
 */
#ifndef SKEIN_APP_LIST_FILES_H
#define SKEIN_APP_LIST_FILES_H

#include "archive/archive.h"

struct list_files {
    struct archive_result result; /* owned */
    struct follow_list *list;     /* borrowed from result: all accounts of the kind, each once */
    bool some_failed;             /* a file gave nothing; it was named on stderr */
};

/* Reads `n` files and makes one list of what they hold of `kind` (LIST_FOLLOWING or LIST_FOLLOWERS). Says on stderr what
 * was read and what was not. Fails where no file gave anything; the sentence is in err. list_files_release in any
 * case. */
int list_files_read(struct list_files *files, const char *const *paths, size_t n, enum list_kind kind, struct err *err);
void list_files_release(struct list_files *files);

#endif

/* tests/lib/archive_files.h
 *
 * Fixtures of tests/fixtures/archive and made-up files, read as one import.
 */
#ifndef SKEIN_TESTS_LIB_ARCHIVE_FILES_H
#define SKEIN_TESTS_LIB_ARCHIVE_FILES_H

#include "archive/archive.h"
#include "base/buf.h"
#include "lib/zip_builder.h"

/* The bytes of tests/fixtures/archive/<path>; fails the test where it is not there. */
void fixture_load(struct buf *out, const char *path);

/* Packs fixtures as a zip: `names` are paths in the fixtures, with entry names behind `=` where they differ
 * ("2025/data/following.js=data/following.js"). Ends with NULL. */
void fixture_zip(struct buf *out, const char *const *names);

/* Reads bytes in memory as a file of that name. */
int read_bytes(const char *name, struct text bytes, unsigned kinds, struct archive_result *ret_result, struct err *err);

/* The only list of that kind and source; fails the test where there is none. */
struct follow_list *list_of(struct archive_result *result, enum list_kind kind, enum list_source source);

/* "12:alice:Alice|13::|:carol:" for accounts 12 (alice, Alice), 13, and carol without id. */
const char *accounts_text(const struct follow_list *list, struct buf *out);

#endif

/* tests/lib/scratch.h
 *
 * A folder of its own for a test, under the system's folder for temporary files; removed with all that is in it.
 */
#ifndef SKEIN_TESTS_LIB_SCRATCH_H
#define SKEIN_TESTS_LIB_SCRATCH_H

#include "base/buf.h"

struct scratch {
    char path[128]; /* of the folder */
};

void scratch_make(struct scratch *scratch);
void scratch_remove(struct scratch *scratch);

/* PREFIX + path of the folder + "/" + name: in one of eight buffers that take turns. */
const char *scratch_name(const struct scratch *scratch, const char *prefix, const char *name);

/* Whole files; a test that cannot read or write one fails. `out` is cleared first. */
void scratch_write(const char *path, struct text content);
void scratch_read(const char *path, struct buf *out);

#endif

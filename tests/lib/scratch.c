/* tests/lib/scratch.c
 *
 * Temporary folders and files of tests.
 */
#include "lib/scratch.h"

#include "lib/check.h"

#include <ftw.h>
#include <stdlib.h>
#include <unistd.h>

void scratch_make(struct scratch *scratch)
{
    const char *above = getenv("TMPDIR");
    snprintf(scratch->path, sizeof scratch->path, "%s/skein-test-XXXXXX", above && *above ? above : "/tmp");
    assert_non_null(mkdtemp(scratch->path));
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void)status;
    (void)kind;
    (void)where;
    return remove(path);
}

void scratch_remove(struct scratch *scratch)
{
    assert_int_equal(nftw(scratch->path, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

const char *scratch_name(const struct scratch *scratch, const char *prefix, const char *name)
{
    static char names[8][256];
    static unsigned turn;
    char *path = names[turn++ % 8];
    assert_in_range(snprintf(path, sizeof names[0], "%s%s/%s", prefix, scratch->path, name), 1, sizeof names[0] - 1);
    return path;
}

void scratch_write(const char *path, struct text content)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(content.len == 0 || fwrite(content.data, 1, content.len, file) == content.len);
    assert_int_equal(fclose(file), 0);
}

void scratch_read(const char *path, struct buf *out)
{
    char piece[4096];
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    buf_clear(out);
    for (size_t n = fread(piece, 1, sizeof piece, file); n > 0; n = fread(piece, 1, sizeof piece, file))
        assert_int_equal(buf_add(out, (struct text){piece, n}), 0);
    fclose(file);
}

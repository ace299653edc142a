/* bridge/store/left_out.c
 *
 * left-out.log: a line on disk before each row.
 *
 * What could not be written whole is cut off again at once, so that no line is ever written behind half of one.
 */
#include "base/cleanup.h"
#include "base/limits.h"
#include "store/inside.h"
#include "store/left_out_line.h"
#include "store/wishes.h"

#include <errno.h>
#include <unistd.h>

/* The lines could not be written: as if they had never been begun. */
static int take_back(struct left_out *self, int number, struct err *err)
{
    if (ftruncate(self->fd, self->size) != 0)
        self->broken = true;
    if (number == ENOSPC || number == EDQUOT)
        return err_set(err, E_IO, "the disk is full: %s cannot grow; make room and try again", self->path);
    return err_set_system(err, number, "%s cannot be written", self->path);
}

static bool write_all(int fd, struct text lines)
{
    while (!text_empty(lines)) {
        ssize_t n = write(fd, lines.data, lines.len);
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0)
            lines = text_slice(lines, (size_t)n, lines.len);
    }
    return true;
}

/* Puts n lines on disk; line i has hashes[i]. One fsync for all. */
static int append(struct store *store, struct left_out_line line, const struct keyed_hash *hashes, size_t n,
                  struct err *err)
{
    struct left_out *self = &store->left_out;
    CLEANUP(buf_release) struct buf lines;
    off_t size = self->size;
    buf_init(&lines, MIB);
    if (self->broken)
        return err_set(err, E_IO, "%s ends in half a line, which could not be cut off: start Skein again", self->path);
    line.ms = clock_wall(store->clock);
    for (size_t i = 0; i < n; i++) {
        line.hash = hashes[i];
        if (left_out_print(&line, &lines) != 0)
            return take_back(self, ENOMEM, err);
        if (i + 1 < n && lines.len + LEFT_OUT_LINE_MAX <= lines.max)
            continue;
        if (!write_all(self->fd, buf_text(&lines)))
            return take_back(self, errno, err);
        size += (off_t)lines.len;
        buf_clear(&lines);
    }
    if (fsync(self->fd) != 0)
        return take_back(self, errno, err);
    self->size = size;
    return 0;
}

int left_out_opt_out(struct store *store, struct db *db, const struct keyed_hash *hash, struct err *err)
{
    int failed = append(store, (struct left_out_line){.word = LEFT_OUT_OPT_OUT}, hash, 1, err);
    return failed ? failed : opt_out_put(db, hash, clock_wall(store->clock), err);
}

int left_out_opt_in(struct store *store, struct db *db, const struct keyed_hash *hash, struct err *err)
{
    int failed = append(store, (struct left_out_line){.word = LEFT_OUT_OPT_IN}, hash, 1, err);
    return failed ? failed : opt_out_delete(db, hash, err);
}

int left_out_shield(struct store *store, struct db *db, const struct keyed_hash *hashes, size_t n,
                    const struct id *member, struct err *err)
{
    int failed = append(store, (struct left_out_line){.word = LEFT_OUT_SHIELD, .member = *member}, hashes, n, err);
    for (size_t i = 0; i < n && !failed; i++)
        failed = shield_put(db, &hashes[i], member, err);
    return failed;
}

int left_out_unshield(struct store *store, struct db *db, const struct id *member, struct err *err)
{
    static const struct keyed_hash none;
    int failed = append(store, (struct left_out_line){.word = LEFT_OUT_UNSHIELD, .member = *member}, &none, 1, err);
    return failed ? failed : shield_delete_member(db, member, err);
}

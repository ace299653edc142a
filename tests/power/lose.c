/* tests/power/lose.c
 *
 * A library to preload: writes down whatever a program does to the files of one folder, so that a power cut can be played.
 *
 * A process that is killed loses nothing that it wrote, since the kernel still has it; only a power cut shows what was
 * never synced. So each call that changes a file or a name in the folder is done as usual and put into a record
 * (lose.h), each sync with how far the record stood when it began. At the cut (lose_state) everybody is killed;
 * lose_disk.c then makes the folder as the disk may have held it. The same calls can be told that the disk is full.
 *
 * Functions of the C library under all the names that programs link (open64, __open_2, ...). What it writes by itself,
 * for stdio's streams, does not come through here, nor do a few calls that have no place in a store: where they touch the
 * folder, the record says so and is refused. tests/power/shim.test.mjs compares the record with what strace saw.
 * sync_file_range, sync and syncfs are left alone: no promise of the store may rest on them.
 */
#include "lose_record.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* --- opening ------------------------------------------------------------------------------------------------------ */

static void write_down_open(const struct lose_place *place, int fd, bool made, bool emptied)
{
    struct stat status;
    if (fstat(fd, &status) < 0)
        return;
    struct lose_record record = {
        .kind = LOSE_OPEN, .file = status.st_ino, .mode = status.st_mode & 07777, .made = made};
    lose_write_down(record, place->path, NULL, 0);
    if (emptied && !made)
        lose_write_down((struct lose_record){.kind = LOSE_SIZE, .file = status.st_ino}, place->path, NULL, 0);
}

static int open_watched(int from, const char *path, int flags, mode_t mode)
{
    struct lose_place place;
    bool writes = (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC));
    enum lose_watch watch = writes ? lose_look_at(from, path, &place) : LOSE_NOT;
    if (watch == LOSE_DIRECTORY && (flags & O_TMPFILE) == O_TMPFILE)
        lose_unknown("open with O_TMPFILE", place.path);
    if (watch != LOSE_FILE)
        return NEXT(openat)(from, path, flags, mode);
    bool changes = flags & (O_CREAT | O_TRUNC);
    if (changes)
        lose_enter();
    else
        lose_enter_quiet();
    bool there = faccessat(from, path, F_OK, AT_EACCESS) == 0;
    bool makes = !there && (flags & O_CREAT);
    int fd = makes && lose_full() ? -1 : NEXT(openat)(from, path, flags, mode);
    if (fd >= 0)
        write_down_open(&place, fd, makes, flags & O_TRUNC);
    lose_leave();
    return fd;
}

#define MODE_OF(flags)                                                                                                 \
    ({                                                                                                                 \
        mode_t mode_ = 0;                                                                                              \
        if ((flags) & (O_CREAT | O_TMPFILE)) {                                                                         \
            va_list rest_;                                                                                             \
            va_start(rest_, flags);                                                                                    \
            mode_ = va_arg(rest_, mode_t);                                                                             \
            va_end(rest_);                                                                                             \
        }                                                                                                              \
        mode_;                                                                                                         \
    })

PUBLIC int open(const char *path, int flags, ...)
{
    return open_watched(AT_FDCWD, path, flags, MODE_OF(flags));
}
PUBLIC int open64(const char *path, int flags, ...)
{
    return open_watched(AT_FDCWD, path, flags, MODE_OF(flags));
}
PUBLIC int openat(int from, const char *path, int flags, ...)
{
    return open_watched(from, path, flags, MODE_OF(flags));
}
PUBLIC int openat64(int from, const char *path, int flags, ...)
{
    return open_watched(from, path, flags, MODE_OF(flags));
}
/* What a fortified open without a mode becomes. */
PUBLIC int __open_2(const char *path, int flags);
PUBLIC int __open_2(const char *path, int flags)
{
    return open_watched(AT_FDCWD, path, flags, 0);
}
PUBLIC int __open64_2(const char *path, int flags);
PUBLIC int __open64_2(const char *path, int flags)
{
    return open_watched(AT_FDCWD, path, flags, 0);
}
PUBLIC int __openat_2(int from, const char *path, int flags);
PUBLIC int __openat_2(int from, const char *path, int flags)
{
    return open_watched(from, path, flags, 0);
}
PUBLIC int __openat64_2(int from, const char *path, int flags);
PUBLIC int __openat64_2(int from, const char *path, int flags)
{
    return open_watched(from, path, flags, 0);
}
PUBLIC int creat(const char *path, mode_t mode)
{
    return open_watched(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
PUBLIC int creat64(const char *path, mode_t mode)
{
    return open_watched(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

/* Where a write begins that was asked for at `offset`; -1: where the descriptor stands. */
static uint64_t write_begins(int fd, off_t offset)
{
    struct stat status = {0};
    if (fcntl(fd, F_GETFL) & O_APPEND) {
        fstat(fd, &status);
        return (uint64_t)status.st_size;
    }
    return (uint64_t)(offset < 0 ? lseek(fd, 0, SEEK_CUR) : offset);
}

/* What was written of the parts, as one. */
static void write_down_parts(const struct lose_place *place, uint64_t offset, const struct iovec *parts, size_t written)
{
    struct lose_record record = {.kind = LOSE_WRITE, .file = place->file, .offset = offset};
    char *joined = parts->iov_len < written ? malloc(written) : NULL;
    size_t done = 0;
    for (; joined && done < written; parts++) {
        size_t n = parts->iov_len < written - done ? parts->iov_len : written - done;
        memcpy(joined + done, parts->iov_base, n);
        done += n;
    }
    lose_write_down(record, place->path, joined ? joined : parts->iov_base, written);
    free(joined);
}

/* CALL does it; `parts` is what it writes. */
#define WRITE_WATCHED(fd, at, parts, call)                                                                             \
    ({                                                                                                                 \
        struct lose_place place_;                                                                                      \
        ssize_t written_ = -1;                                                                                         \
        enum lose_watch watch_ = lose_look_at_open(fd, &place_);                                                       \
        if (watch_ == LOSE_INDEX) {                                                                                    \
            lose_enter_quiet();                                                                                        \
            written_ = lose_full() ? -1 : (call);                                                                      \
            lose_leave();                                                                                              \
        } else if (watch_ == LOSE_FILE) {                                                                              \
            lose_enter();                                                                                              \
            uint64_t begins_ = write_begins(fd, at);                                                                   \
            written_ = lose_full() ? -1 : (call);                                                                      \
            if (written_ > 0)                                                                                          \
                write_down_parts(&place_, begins_, parts, (size_t)written_);                                           \
            lose_leave();                                                                                              \
        } else {                                                                                                       \
            written_ = (call);                                                                                         \
        }                                                                                                              \
        written_;                                                                                                      \
    })

#define ONE_PART(bytes, n) (&(struct iovec){.iov_base = (char *)(uintptr_t)(bytes), .iov_len = (n)})

PUBLIC ssize_t write(int fd, const void *bytes, size_t n)
{
    return WRITE_WATCHED(fd, -1, ONE_PART(bytes, n), NEXT(write)(fd, bytes, n));
}
PUBLIC ssize_t pwrite(int fd, const void *bytes, size_t n, off_t offset)
{
    return WRITE_WATCHED(fd, offset, ONE_PART(bytes, n), NEXT(pwrite)(fd, bytes, n, offset));
}
PUBLIC ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t offset)
{
    return pwrite(fd, bytes, n, offset);
}
PUBLIC ssize_t writev(int fd, const struct iovec *parts, int n)
{
    return WRITE_WATCHED(fd, -1, parts, NEXT(writev)(fd, parts, n));
}
PUBLIC ssize_t pwritev(int fd, const struct iovec *parts, int n, off_t offset)
{
    return WRITE_WATCHED(fd, offset, parts, NEXT(pwritev)(fd, parts, n, offset));
}
PUBLIC ssize_t pwritev64(int fd, const struct iovec *parts, int n, off64_t offset)
{
    return pwritev(fd, parts, n, offset);
}
PUBLIC ssize_t pwritev2(int fd, const struct iovec *parts, int n, off_t offset, int flags)
{
    return WRITE_WATCHED(fd, offset, parts, NEXT(pwritev2)(fd, parts, n, offset, flags));
}
PUBLIC ssize_t pwritev64v2(int fd, const struct iovec *parts, int n, off64_t offset, int flags)
{
    return pwritev2(fd, parts, n, offset, flags);
}

/* --- sizes -------------------------------------------------------------------------------------------------------- */

/* CALL gives 0 on success; afterwards the file's size is what the kernel says. */
static void write_down_size(uint64_t file, const char *path, const struct stat *status)
{
    struct lose_record record = {.kind = LOSE_SIZE, .file = file, .offset = (uint64_t)status->st_size};
    lose_write_down(record, path, NULL, 0);
}

#define SIZE_WATCHED(fd, refused, call)                                                                                \
    ({                                                                                                                 \
        struct lose_place place_;                                                                                      \
        struct stat status_;                                                                                           \
        int result_ = refused;                                                                                         \
        enum lose_watch watch_ = lose_look_at_open(fd, &place_);                                                       \
        if (watch_ == LOSE_FILE || watch_ == LOSE_INDEX) {                                                             \
            if (watch_ == LOSE_FILE)                                                                                   \
                lose_enter();                                                                                          \
            else                                                                                                       \
                lose_enter_quiet();                                                                                    \
            if (!lose_full())                                                                                          \
                result_ = (call);                                                                                      \
            if (result_ == 0 && watch_ == LOSE_FILE && fstat(fd, &status_) == 0)                                       \
                write_down_size(place_.file, place_.path, &status_);                                                   \
            lose_leave();                                                                                              \
        } else {                                                                                                       \
            result_ = (call);                                                                                          \
        }                                                                                                              \
        result_;                                                                                                       \
    })

PUBLIC int ftruncate(int fd, off_t size)
{
    return SIZE_WATCHED(fd, -1, NEXT(ftruncate)(fd, size));
}
PUBLIC int ftruncate64(int fd, off64_t size)
{
    return ftruncate(fd, size);
}
PUBLIC int truncate(const char *path, off_t size)
{
    int fd = open_watched(AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    int result = ftruncate(fd, size);
    int error = errno;
    close(fd);
    errno = error;
    return result;
}
PUBLIC int truncate64(const char *path, off64_t size)
{
    return truncate(path, size);
}
PUBLIC int fallocate(int fd, int mode, off_t offset, off_t len)
{
    struct lose_place place;
    if ((mode & ~FALLOC_FL_KEEP_SIZE) && lose_look_at_open(fd, &place) == LOSE_FILE)
        lose_unknown("fallocate that changes bytes", place.path);
    return SIZE_WATCHED(fd, -1, NEXT(fallocate)(fd, mode, offset, len));
}
PUBLIC int fallocate64(int fd, int mode, off64_t offset, off64_t len)
{
    return fallocate(fd, mode, offset, len);
}
PUBLIC int posix_fallocate(int fd, off_t offset, off_t len)
{
    return SIZE_WATCHED(fd, ENOSPC, NEXT(posix_fallocate)(fd, offset, len));
}
PUBLIC int posix_fallocate64(int fd, off64_t offset, off64_t len)
{
    return posix_fallocate(fd, offset, len);
}

/* --- syncing ------------------------------------------------------------------------------------------------------ */

/* The disk is played, so it need not be waited for; but a sync takes its time, in which others go on: here 0.5 ms, as
 * long as a good SSD's. What they write meanwhile may or may not be on disk after it, so it counts as not. */
static int sync_watched(int fd, int (*call)(int))
{
    struct lose_place place;
    enum lose_watch watch = lose_look_at_open(fd, &place);
    if (watch != LOSE_FILE && watch != LOSE_DIRECTORY)
        return call(fd);
    struct lose_record record = {.kind = watch == LOSE_FILE ? LOSE_SYNC : LOSE_SYNC_FOLDER, .file = place.file};
    lose_enter();
    record.upto = lose_position();
    lose_leave();
    nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
    if (lose_syncs())
        (void)call(fd);
    lose_enter();
    lose_write_down(record, place.path, NULL, 0);
    lose_leave();
    return 0;
}

PUBLIC int fsync(int fd)
{
    return sync_watched(fd, NEXT(fsync));
}
PUBLIC int fdatasync(int fd)
{
    return sync_watched(fd, NEXT(fdatasync));
}

/* --- names -------------------------------------------------------------------------------------------------------- */

static int unlink_watched(int from, const char *path, int flags)
{
    struct lose_place place;
    bool folder = flags & AT_REMOVEDIR;
    enum lose_watch watch = lose_look_at(from, path, &place);
    if (watch != (folder ? LOSE_DIRECTORY : LOSE_FILE))
        return NEXT(unlinkat)(from, path, flags);
    lose_enter();
    int result = NEXT(unlinkat)(from, path, flags);
    struct lose_record record = {.kind = folder ? LOSE_FOLDER_GONE : LOSE_UNLINK};
    if (result == 0)
        lose_write_down(record, place.path, NULL, 0);
    lose_leave();
    return result;
}

PUBLIC int unlink(const char *path)
{
    return unlink_watched(AT_FDCWD, path, 0);
}
PUBLIC int unlinkat(int from, const char *path, int flags)
{
    return unlink_watched(from, path, flags);
}
PUBLIC int rmdir(const char *path)
{
    return unlink_watched(AT_FDCWD, path, AT_REMOVEDIR);
}
PUBLIC int remove(const char *path)
{
    struct stat status;
    bool folder = lstat(path, &status) == 0 && S_ISDIR(status.st_mode);
    return unlink_watched(AT_FDCWD, path, folder ? AT_REMOVEDIR : 0);
}

static int give_name(enum lose_kind kind, int from, const char *old, int to, const char *new, unsigned flags)
{
    return kind == LOSE_LINK ? NEXT(linkat)(from, old, to, new, (int)flags)
                             : NEXT(renameat2)(from, old, to, new, flags);
}

static int name_anew(enum lose_kind kind, int from, const char *old, int to, const char *new, unsigned flags)
{
    struct lose_place old_place;
    struct lose_place new_place;
    enum lose_watch old_watch = lose_look_at(from, old, &old_place);
    enum lose_watch new_watch = lose_look_at(to, new, &new_place);
    if (old_watch == LOSE_NOT && new_watch == LOSE_NOT)
        return give_name(kind, from, old, to, new, flags);
    if (old_watch != LOSE_FILE || new_watch != LOSE_FILE || (flags & ~(unsigned)RENAME_NOREPLACE))
        lose_unknown("a name from or to elsewhere, or in another way than rename", old);
    lose_enter();
    int result = give_name(kind, from, old, to, new, flags);
    if (result == 0)
        lose_write_down((struct lose_record){.kind = kind}, old_place.path, new_place.path, strlen(new_place.path));
    lose_leave();
    return result;
}

PUBLIC int rename(const char *old, const char *new)
{
    return name_anew(LOSE_RENAME, AT_FDCWD, old, AT_FDCWD, new, 0);
}
PUBLIC int renameat(int from, const char *old, int to, const char *new)
{
    return name_anew(LOSE_RENAME, from, old, to, new, 0);
}
PUBLIC int renameat2(int from, const char *old, int to, const char *new, unsigned flags)
{
    return name_anew(LOSE_RENAME, from, old, to, new, flags);
}
PUBLIC int link(const char *old, const char *new)
{
    return name_anew(LOSE_LINK, AT_FDCWD, old, AT_FDCWD, new, 0);
}
PUBLIC int linkat(int from, const char *old, int to, const char *new, int flags)
{
    return name_anew(LOSE_LINK, from, old, to, new, (unsigned)flags);
}

PUBLIC int mkdirat(int from, const char *path, mode_t mode)
{
    struct lose_place place;
    if (lose_look_at(from, path, &place) != LOSE_FILE) /* not there yet, so it looks like a file */
        return NEXT(mkdirat)(from, path, mode);
    lose_enter();
    int result = lose_full() ? -1 : NEXT(mkdirat)(from, path, mode);
    if (result == 0)
        lose_write_down((struct lose_record){.kind = LOSE_FOLDER_MADE, .mode = mode & 07777}, place.path, NULL, 0);
    lose_leave();
    return result;
}
PUBLIC int mkdir(const char *path, mode_t mode)
{
    return mkdirat(AT_FDCWD, path, mode);
}

/* bridge/archive/byte_source.c
 *
 * Memory, files and cursors as byte sources.
 */
#include "archive/byte_source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int64_t byte_source_fill(const struct byte_source *source, void *buf, size_t n, struct err *err)
{
    size_t have = 0;
    while (have < n) {
        int64_t got = source->read(source->context, (char *)buf + have, n - have, err);
        if (got < 0)
            return got;
        if (got == 0)
            break;
        have += (size_t)got;
    }
    return (int64_t)have;
}

int64_t byte_source_fill_at(const struct byte_source *source, uint64_t offset, void *buf, size_t n, struct err *err)
{
    size_t have = 0;
    while (have < n) {
        int64_t got = source->read_at(source->context, offset + have, (char *)buf + have, n - have, err);
        if (got < 0)
            return got;
        if (got == 0)
            break;
        have += (size_t)got;
    }
    return (int64_t)have;
}

static int64_t memory_read_at(void *context, uint64_t offset, void *buf, size_t n, struct err *err)
{
    (void)err;
    struct text bytes = ((struct memory_source *)context)->bytes;
    if (offset >= bytes.len)
        return 0;
    if (n > bytes.len - offset)
        n = bytes.len - (size_t)offset;
    memcpy(buf, bytes.data + offset, n);
    return (int64_t)n;
}

static int64_t memory_read(void *context, void *buf, size_t n, struct err *err)
{
    struct memory_source *memory = context;
    int64_t got = memory_read_at(memory, memory->at, buf, n, err);
    memory->at += (size_t)got;
    return got;
}

void memory_source_init(struct memory_source *memory, struct text bytes)
{
    *memory = (struct memory_source){
        .source = {.read = memory_read, .read_at = memory_read_at, .context = memory, .size = bytes.len},
        .bytes = bytes,
    };
}

static int64_t fd_read_at(void *context, uint64_t offset, void *buf, size_t n, struct err *err)
{
    struct fd_source *file = context;
    ssize_t got;

    if (offset > INT64_MAX)
        return 0;
    do
        got = pread(file->fd, buf, n, (off_t)offset);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return err_set_system(err, errno, "the file cannot be read at byte %llu", (unsigned long long)offset);
    return got;
}

static int64_t fd_read(void *context, void *buf, size_t n, struct err *err)
{
    struct fd_source *file = context;
    int64_t got = fd_read_at(file, file->at, buf, n, err);
    if (got > 0)
        file->at += (uint64_t)got;
    return got;
}

int fd_source_init(struct fd_source *file, int fd, struct err *err)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return err_set_system(err, errno, "the file cannot be looked at");
    if (!S_ISREG(st.st_mode))
        return err_set(err, E_BAD_INPUT, "this is no regular file; save it as one first");
    *file = (struct fd_source){
        .source = {.read = fd_read, .read_at = fd_read_at, .context = file, .size = (uint64_t)st.st_size},
        .fd = fd,
    };
    return 0;
}

int file_source_open(struct file_source *file, const char *path, struct err *err)
{
    file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe without a writer would hold us here for ever */
    if (file->fd < 0 && errno == ENOENT)
        return err_set(err, E_NOT_FOUND, "there is no such file");
    if (file->fd < 0)
        return err_set_system(err, errno, "the file cannot be opened");
    return fd_source_init(&file->bytes, file->fd, err);
}

void file_source_release(struct file_source *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

static int64_t cursor_read_at(void *context, uint64_t offset, void *buf, size_t n, struct err *err)
{
    const struct cursor_source *cursor = context;
    return cursor->from->read_at(cursor->from->context, offset, buf, n, err);
}

static int64_t cursor_read(void *context, void *buf, size_t n, struct err *err)
{
    struct cursor_source *cursor = context;
    int64_t got = cursor_read_at(cursor, cursor->at, buf, n, err);
    if (got > 0)
        cursor->at += (uint64_t)got;
    return got;
}

void cursor_source_init(struct cursor_source *cursor, const struct byte_source *from)
{
    *cursor = (struct cursor_source){
        .source = {.read = cursor_read, .read_at = cursor_read_at, .context = cursor, .size = from->size},
        .from = from,
    };
}

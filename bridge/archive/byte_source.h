/* bridge/archive/byte_source.h
 *
 * Where bytes come from: the one way in which this room sees a file.
 *
 * A source gives its bytes in order through `read`; one that also has `read_at` and `size` is random access, which zips
 * and the look at a file's first bytes need. The readers open nothing by themselves: a command or an import gives a file
 * that it opened, a test or a fuzzer memory. Entries of a zip are sources as well (zip_reader.h).
 *
 * A source belongs to one thread at a time, and stays where it was initialised: its record points at itself.
 */
#ifndef SKEIN_ARCHIVE_BYTE_SOURCE_H
#define SKEIN_ARCHIVE_BYTE_SOURCE_H

#include "base/err.h"
#include "base/text.h"

struct byte_source {
    /* The next bytes, at most n (> 0), into buf. Returns how many (short counts are fine), 0 at the end, or an error
     * code with a sentence in err. */
    int64_t (*read)(void *context, void *buf, size_t n, struct err *err);

    /* Bytes from an offset on, independent of `read`; the same returns. NULL where the source only streams. */
    int64_t (*read_at)(void *context, uint64_t offset, void *buf, size_t n, struct err *err);

    void *context; /* borrowed */
    uint64_t size; /* bytes; counts only beside read_at */
};

/* Reads until n bytes are there or the source ends: n or fewer, or an error code. */
int64_t byte_source_fill(const struct byte_source *source, void *buf, size_t n, struct err *err);
int64_t byte_source_fill_at(const struct byte_source *source, uint64_t offset, void *buf, size_t n, struct err *err);

/* Bytes in memory, random access. */
struct memory_source {
    struct byte_source source;
    struct text bytes; /* borrowed */
    size_t at;
};
void memory_source_init(struct memory_source *memory, struct text bytes);

/* A regular file, random access through pread: the descriptor's own position is neither used nor moved. */
struct fd_source {
    struct byte_source source;
    int fd; /* borrowed */
    uint64_t at;
};
/* E_IO, E_BAD_INPUT where fd is no regular file (a pipe, a folder). */
int fd_source_init(struct fd_source *file, int fd, struct err *err);

/* The same for a file that is opened here. It may block: on a command's own thread or a worker. */
struct file_source {
    int fd; /* owned; -1: none */
    struct fd_source bytes;
};
/* E_IO, E_NOT_FOUND, E_BAD_INPUT with a sentence that does not repeat the path. file_source_release in any case. */
int file_source_open(struct file_source *file, const char *path, struct err *err);
void file_source_release(struct file_source *file);

/* A random access source read once more from its beginning, so that one file can be looked at first and read then. */
struct cursor_source {
    struct byte_source source;
    const struct byte_source *from; /* borrowed */
    uint64_t at;
};
void cursor_source_init(struct cursor_source *cursor, const struct byte_source *from);

#endif

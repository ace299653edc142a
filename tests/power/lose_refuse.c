/* tests/power/lose_refuse.c
 *
 * Calls that change files in ways that the record does not follow: done as usual, and said in the record, which is then
 * refused. None of them is used on the data folder today; one that comes is noticed, instead of being believed safe.
 *
 * stdio's streams write and open by the C library's own calls, which cannot be stood in front of; mapped memory changes
 * without any call; the kernel copies from file to file.
 */
#include "lose_record.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

static void refuse_path(const char *call, int from, const char *path)
{
    struct lose_place place;
    enum lose_watch watch = lose_look_at(from, path, &place);
    if (watch == LOSE_FILE || watch == LOSE_DIRECTORY)
        lose_unknown(call, place.path);
}

static void refuse_open(const char *call, int fd)
{
    struct lose_place place;
    if (lose_look_at_open(fd, &place) == LOSE_FILE)
        lose_unknown(call, place.path);
}

/* --- streams ------------------------------------------------------------------------------------------------------- */

PUBLIC FILE *fopen(const char *path, const char *mode)
{
    if (strpbrk(mode, "wa+"))
        refuse_path("fopen", AT_FDCWD, path);
    return NEXT(fopen)(path, mode);
}
PUBLIC FILE *fopen64(const char *path, const char *mode)
{
    return fopen(path, mode);
}
PUBLIC FILE *freopen(const char *path, const char *mode, FILE *stream)
{
    if (path && strpbrk(mode, "wa+"))
        refuse_path("freopen", AT_FDCWD, path);
    return NEXT(freopen)(path, mode, stream);
}
PUBLIC FILE *freopen64(const char *path, const char *mode, FILE *stream)
{
    return freopen(path, mode, stream);
}
PUBLIC FILE *fdopen(int fd, const char *mode)
{
    if (strpbrk(mode, "wa+"))
        refuse_open("fdopen", fd);
    return NEXT(fdopen)(fd, mode);
}

PUBLIC int vdprintf(int fd, const char *format, va_list values)
{
    refuse_open("dprintf", fd);
    return NEXT(vdprintf)(fd, format, values);
}
PUBLIC int dprintf(int fd, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    int n = vdprintf(fd, format, values);
    va_end(values);
    return n;
}
/* What a fortified one becomes. */
PUBLIC int __vdprintf_chk(int fd, int flag, const char *format, va_list values) __attribute__((format(printf, 3, 0)));
PUBLIC int __vdprintf_chk(int fd, int flag, const char *format, va_list values)
{
    (void)flag;
    return vdprintf(fd, format, values);
}
PUBLIC int __dprintf_chk(int fd, int flag, const char *format, ...) __attribute__((format(printf, 3, 4)));
PUBLIC int __dprintf_chk(int fd, int flag, const char *format, ...)
{
    (void)flag;
    va_list values;
    va_start(values, format);
    int n = vdprintf(fd, format, values);
    va_end(values);
    return n;
}

/* --- temporary files ------------------------------------------------------------------------------------------------ */

PUBLIC int mkostemps(char *pattern, int suffix_len, int flags)
{
    refuse_path("mkstemp", AT_FDCWD, pattern);
    return NEXT(mkostemps)(pattern, suffix_len, flags);
}
PUBLIC int mkostemps64(char *pattern, int suffix_len, int flags)
{
    return mkostemps(pattern, suffix_len, flags);
}
PUBLIC int mkstemps(char *pattern, int suffix_len)
{
    return mkostemps(pattern, suffix_len, 0);
}
PUBLIC int mkstemps64(char *pattern, int suffix_len)
{
    return mkostemps(pattern, suffix_len, 0);
}
PUBLIC int mkostemp(char *pattern, int flags)
{
    return mkostemps(pattern, 0, flags);
}
PUBLIC int mkostemp64(char *pattern, int flags)
{
    return mkostemps(pattern, 0, flags);
}
PUBLIC int mkstemp(char *pattern)
{
    return mkostemps(pattern, 0, 0);
}
PUBLIC int mkstemp64(char *pattern)
{
    return mkostemps(pattern, 0, 0);
}

/* --- by the kernel alone ------------------------------------------------------------------------------------------- */

PUBLIC void *mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset)
{
    bool changes = (protection & PROT_WRITE) && (flags & MAP_TYPE) != MAP_PRIVATE && !(flags & MAP_ANONYMOUS);
    if (changes)
        refuse_open("mmap for writing", fd);
    return NEXT(mmap)(at, len, protection, flags, fd, offset);
}
PUBLIC void *mmap64(void *at, size_t len, int protection, int flags, int fd, off64_t offset)
{
    return mmap(at, len, protection, flags, fd, offset);
}
PUBLIC ssize_t sendfile(int out, int in, off_t *offset, size_t n)
{
    refuse_open("sendfile", out);
    return NEXT(sendfile)(out, in, offset, n);
}
PUBLIC ssize_t sendfile64(int out, int in, off64_t *offset, size_t n)
{
    return sendfile(out, in, offset, n);
}
PUBLIC ssize_t copy_file_range(int in, off64_t *in_offset, int out, off64_t *out_offset, size_t n, unsigned flags)
{
    refuse_open("copy_file_range", out);
    return NEXT(copy_file_range)(in, in_offset, out, out_offset, n, flags);
}
PUBLIC ssize_t splice(int in, off64_t *in_offset, int out, off64_t *out_offset, size_t n, unsigned flags)
{
    refuse_open("splice", out);
    return NEXT(splice)(in, in_offset, out, out_offset, n, flags);
}
PUBLIC int symlinkat(const char *target, int from, const char *path)
{
    refuse_path("symlink", from, path);
    return NEXT(symlinkat)(target, from, path);
}
PUBLIC int symlink(const char *target, const char *path)
{
    return symlinkat(target, AT_FDCWD, path);
}

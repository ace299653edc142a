/* bridge/archive/bundle.c
 *
 * Packing and unpacking by libzip.
 *
 * The zip is written under a name of its own and takes its place when all of it is on disk, so that a file of the right
 * name is always whole.
 */
#include "archive/bundle.h"

#include "base/cleanup.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#define PIECE (64 * KIB)
/* The fastest: blobs shrink little, texts by half, and a level more takes twice the time. */
#define LEVEL 1

static int write_failed(const char *path, int number, struct err *err)
{
    if (number == ENOSPC || number == EDQUOT)
        return err_set(err, E_IO, "the disk is full: %s cannot be written; make room and try again", path);
    return err_set_system(err, number, "%s cannot be written", path);
}

/* --- writing ---------------------------------------------------------------------------------------------------------- */

static int pack_failed(const char *path, zip_error_t *error, struct err *err)
{
    if (zip_error_system_type(error) == ZIP_ET_SYS)
        return write_failed(path, zip_error_code_system(error), err);
    return err_set(err, E_IO, "%s cannot be written: %s", path, zip_error_strerror(error));
}

static bool add_part(zip_t *zip, const struct bundle_part *part)
{
    zip_source_t *source = part->path ? zip_source_file(zip, part->path, 0, -1)
                                      : zip_source_buffer(zip, part->content.data, part->content.len, 0);
    if (!source)
        return false;
    zip_int64_t place = zip_file_add(zip, part->name, source, ZIP_FL_ENC_UTF_8);
    if (place < 0) {
        zip_source_free(source);
        return false;
    }
    return zip_set_file_compression(zip, (zip_uint64_t)place, ZIP_CM_DEFLATE, LEVEL) == 0;
}

static int pack(const char *path, const struct bundle_part *parts, size_t n, struct err *err)
{
    zip_error_t error;
    int code = 0;
    zip_error_init(&error);
    zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);
    if (!zip) {
        zip_error_init_with_code(&error, code);
        return pack_failed(path, &error, err);
    }
    bool added = true;
    for (size_t i = 0; added && i < n; i++)
        added = add_part(zip, &parts[i]);
    if (added && zip_close(zip) == 0)
        return 0;
    int failed = pack_failed(path, zip_get_error(zip), err);
    zip_discard(zip);
    return failed;
}

static int sync_file(const char *path, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return write_failed(path, errno, err);
    int failed = fsync(fd) == 0 ? 0 : write_failed(path, errno, err);
    close(fd);
    return failed;
}

/* A name is given to what has none, and never taken away from what has it. */
static int give_name(const char *from, const char *to, struct err *err)
{
    int rc = renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
    if (rc != 0 && errno == EINVAL) /* a file system that cannot say so */
        rc = access(to, F_OK) == 0 ? (errno = EEXIST, -1) : rename(from, to);
    if (rc == 0)
        return 0;
    if (errno == EEXIST)
        return err_set(err, E_BAD_INPUT, "%s is there already: take another name", to);
    return write_failed(to, errno, err);
}

static int sync_folder_of(const char *path, struct err *err)
{
    const char *slash = strrchr(path, '/');
    CLEANUP_FREE char *folder = !slash ? strdup(".") : strndup(path, slash == path ? 1 : (size_t)(slash - path));
    if (!folder)
        return err_set(err, E_NOMEM, "no memory for a path");
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return write_failed(folder, errno, err);
    int failed = fsync(fd) == 0 ? 0 : write_failed(folder, errno, err);
    close(fd);
    return failed;
}

int bundle_write(const char *path, const struct bundle_part *parts, size_t n, struct err *err)
{
    CLEANUP_FREE char *part = NULL;
    if (access(path, F_OK) == 0)
        return err_set(err, E_BAD_INPUT, "%s is there already: take another name", path);
    if (asprintf(&part, "%s.part", path) < 0) {
        part = NULL;
        return err_set(err, E_NOMEM, "no memory for a path");
    }
    mode_t before = umask(077); /* libzip makes the file */
    int failed = pack(part, parts, n, err);
    umask(before);
    if (!failed)
        failed = sync_file(part, err);
    if (!failed)
        failed = give_name(part, path, err);
    if (failed)
        unlink(part);
    return failed ? failed : sync_folder_of(path, err);
}

/* --- reading ---------------------------------------------------------------------------------------------------------- */

struct bundle {
    zip_t *zip; /* owned */
    char *path; /* owned */
};

static int damaged(const struct bundle *bundle, const char *name, const char *why, struct err *err)
{
    return err_set(err, E_BAD_INPUT, "%s: its %s is damaged (%s)", bundle->path, name, why);
}

int bundle_open(const char *path, struct bundle **ret_bundle, struct err *err)
{
    zip_error_t error;
    int code = 0;
    struct bundle *bundle = calloc(1, sizeof *bundle);
    if (!bundle || !(bundle->path = strdup(path))) {
        free(bundle);
        return err_set(err, E_NOMEM, "no memory for a backup");
    }
    bundle->zip = zip_open(path, ZIP_RDONLY | ZIP_CHECKCONS, &code);
    if (bundle->zip) {
        *ret_bundle = bundle;
        return 0;
    }
    int number = errno;
    zip_error_init_with_code(&error, code);
    if (code == ZIP_ER_NOENT)
        code = err_set(err, E_NOT_FOUND, "there is no file %s", path);
    else if (zip_error_system_type(&error) == ZIP_ET_SYS)
        code = err_set_system(err, number, "%s cannot be read", path);
    else
        code = err_set(err, E_BAD_INPUT, "%s is no backup, or is damaged (%s)", path, zip_error_strerror(&error));
    bundle_close(bundle);
    return code;
}

void bundle_close(struct bundle *bundle)
{
    if (!bundle)
        return;
    if (bundle->zip)
        zip_discard(bundle->zip);
    free(bundle->path);
    free(bundle);
}

/* Gives a part piece by piece; its checksum is looked at with the last. */
static int unpack(struct bundle *bundle, const char *name,
                  int (*take)(void *context, struct text piece, struct err *err), void *context, struct err *err)
{
    CLEANUP_FREE char *piece = malloc(PIECE);
    zip_file_t *file = zip_fopen(bundle->zip, name, 0);
    int failed = 0;
    zip_int64_t n = 1;
    if (!file && zip_error_code_zip(zip_get_error(bundle->zip)) == ZIP_ER_NOENT)
        return err_set(err, E_NOT_FOUND, "%s holds no %s: it is no backup of Skein", bundle->path, name);
    if (!file)
        return damaged(bundle, name, zip_strerror(bundle->zip), err);
    if (!piece)
        failed = err_set(err, E_NOMEM, "no memory to unpack %s", bundle->path);
    while (!failed && n > 0) {
        n = zip_fread(file, piece, PIECE);
        if (n < 0)
            failed = damaged(bundle, name, zip_file_strerror(file), err);
        else if (n > 0)
            failed = take(context, (struct text){piece, (size_t)n}, err);
    }
    int code = zip_fclose(file);
    return !failed && code != 0 ? damaged(bundle, name, "its checksum is another", err) : failed;
}

static int take_into_buf(void *context, struct text piece, struct err *err)
{
    int rc = buf_add(context, piece);
    return rc ? err_set(err, rc, "a part of the backup is larger than it can be") : 0;
}

int bundle_read(struct bundle *bundle, const char *name, struct buf *out, struct err *err)
{
    return unpack(bundle, name, take_into_buf, out, err);
}

struct extracting {
    const char *path;
    int fd;
};

static int take_into_file(void *context, struct text piece, struct err *err)
{
    const struct extracting *to = context;
    while (!text_empty(piece)) {
        ssize_t n = write(to->fd, piece.data, piece.len);
        if (n < 0 && errno != EINTR)
            return write_failed(to->path, errno, err);
        if (n > 0)
            piece = text_slice(piece, (size_t)n, piece.len);
    }
    return 0;
}

int bundle_extract(struct bundle *bundle, const char *name, const char *path, struct err *err)
{
    struct extracting to = {.path = path, .fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    if (to.fd < 0)
        return write_failed(path, errno, err);
    int failed = unpack(bundle, name, take_into_file, &to, err);
    if (!failed && fsync(to.fd) != 0)
        failed = write_failed(path, errno, err);
    close(to.fd);
    if (failed)
        unlink(path);
    return failed;
}

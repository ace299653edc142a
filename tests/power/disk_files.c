/* tests/power/disk_files.c
 *
 * Reads the folder that a run began with, and writes the one that the disk is left with.
 */
#include "base/cleanup.h"
#include "power/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DISK_ARENA ((size_t)1 << 30)
#define NAMES_MAX  4096

static void fd_close_at(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* --- before the run -------------------------------------------------------------------------------------------------- */

static struct disk *walking; /* nftw has no context */
static size_t walking_from;  /* bytes of the base's path, with the slash */

static int read_whole(const char *path, struct buf *out)
{
    char block[65536];
    ssize_t n;
    CLEANUP(fd_close_at) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return E_IO;
    while ((n = read(fd, block, sizeof block)) > 0)
        if (buf_add(out, (struct text){block, (size_t)n}) < 0)
            return E_TOO_LARGE;
    return n < 0 ? E_IO : 0;
}

/* SQLite's -shm is shared memory that it makes anew, and sockets are no files: neither is taken. */
static int take_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    struct text name;
    (void)kind;
    if (where->level == 0 || text_ends(text_of(path), TEXT("-shm")) ||
        !(S_ISREG(status->st_mode) || S_ISDIR(status->st_mode)))
        return 0;
    struct disk_file *file = disk_file_new(walking, status->st_mode & 07777, S_ISDIR(status->st_mode));
    if (!file || !arena_text(&walking->arena, text_of(path + walking_from), &name) ||
        map_put(&walking->live, name, file) < 0 || map_put(&walking->names, name, file) < 0)
        return E_NOMEM;
    return file->folder ? 0 : read_whole(path, &file->bytes);
}

int disk_begin(struct disk *disk, const char *base, struct err *err)
{
    *disk = (struct disk){0};
    arena_init(&disk->arena, DISK_ARENA);
    map_init(&disk->live);
    map_init(&disk->names);
    u64_map_init(&disk->by_inode);
    walking = disk;
    walking_from = strlen(base) + 1;
    int rc = nftw(base, take_one, 16, FTW_PHYS);
    return rc == 0 ? 0 : err_set(err, rc < -1 ? rc : E_IO, "the folder %s cannot be read", base);
}

void disk_release(struct disk *disk)
{
    for (size_t i = 0; i < disk->n_files; i++)
        buf_release(&disk->files[i]->bytes);
    map_release(&disk->live);
    map_release(&disk->names);
    u64_map_release(&disk->by_inode);
    arena_release(&disk->arena);
}

/* --- after the cut ---------------------------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
    return text_compare(*(const struct text *)a, *(const struct text *)b);
}

static int write_whole(const char *path, const struct disk_file *file)
{
    struct text rest = buf_text(&file->bytes);
    CLEANUP(fd_close_at) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    while (rest.len > 0) {
        ssize_t n = write(fd, rest.data, rest.len);
        if (n < 0)
            return -1;
        rest = text_slice(rest, (size_t)n, rest.len);
    }
    return fchmod(fd, file->mode);
}

/* A name in a folder whose own name was lost is lost with it: then there is nowhere to make it (ENOENT). */
static int write_one(const char *folder, struct text name, const struct disk_file *file)
{
    char path[4096];
    if ((size_t)snprintf(path, sizeof path, "%s/%.*s", folder, TEXT_ARG(name)) >= sizeof path)
        return -1;
    int rc = file->folder ? mkdir(path, file->mode) : write_whole(path, file);
    return rc < 0 && errno == ENOENT ? 0 : rc;
}

int disk_write(struct disk *disk, const char *folder, struct err *err)
{
    struct text names[NAMES_MAX];
    size_t n = 0;
    if (mkdir(folder, 0700) < 0)
        return err_set_system(err, errno, "the folder %s cannot be made", folder);
    for (const struct map_entry *e = map_first(&disk->names); e && n < NAMES_MAX; e = map_next(e))
        names[n++] = map_key(e);
    if (n == NAMES_MAX)
        return err_set(err, E_TOO_LARGE, "more than %d files", NAMES_MAX);
    qsort(names, n, sizeof *names, by_text); /* a folder before what is in it */
    for (size_t i = 0; i < n; i++)
        if (write_one(folder, names[i], map_get(&disk->names, names[i])) < 0)
            return err_set_system(err, errno, "%s/%.*s cannot be written", folder, TEXT_ARG(names[i]));
    return 0;
}

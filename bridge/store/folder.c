/* bridge/store/folder.c
 *
 * Folders: rights, file systems, fsync, locks.
 */
#include "store/folder.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

int folder_make(const char *path, struct err *err)
{
    struct stat status;
    if (mkdir(path, 0700) == 0) {
        CLEANUP_FREE char *parent = folder_of(path);
        return parent ? folder_sync(parent, err) : err_set(err, E_NOMEM, "no memory for a path");
    }
    if (errno != EEXIST)
        return err_set_system(err, errno, "the folder %s cannot be made", path);
    if (stat(path, &status) != 0)
        return err_set_system(err, errno, "the folder %s cannot be read", path);
    if (!S_ISDIR(status.st_mode))
        return err_set(err, E_BAD_INPUT, "%s is no folder", path);
    if (status.st_uid != geteuid())
        return err_set(err, E_FORBIDDEN,
                       "the folder %s belongs to another user (number %u): run Skein as that user, or "
                       "give the folder to this one",
                       path, status.st_uid);
    if (status.st_mode & (S_IWGRP | S_IWOTH))
        return err_set(err, E_FORBIDDEN, "others may write to the folder %s: chmod 700 it", path);
    return 0;
}

/* --- file systems ---------------------------------------------------------------------------------------------------- */

/* The numbers of linux/magic.h, and of file systems outside of it (statfs(2)). Those of clusters are here too: their
 * locks reach further than memory that is mapped. */
static const struct {
    long type;
    const char *name;
} network_types[] = {
    {NFS_SUPER_MAGIC, "NFS"},   {SMB_SUPER_MAGIC, "SMB"}, {CIFS_SUPER_MAGIC, "CIFS"},   {SMB2_SUPER_MAGIC, "SMB"},
    {AFS_SUPER_MAGIC, "AFS"},   {AFS_FS_MAGIC, "AFS"},    {CEPH_SUPER_MAGIC, "Ceph"},   {V9FS_MAGIC, "9P"},
    {CODA_SUPER_MAGIC, "Coda"}, {NCP_SUPER_MAGIC, "NCP"}, {OCFS2_SUPER_MAGIC, "OCFS2"}, {0x01161970, "GFS2"},
    {0x0BD00BD0, "Lustre"},     {0x47504653, "GPFS"},
};

const char *folder_network_type(long type)
{
    /* f_type is signed, and as wide as the machine's words: its 32 bits are the number. */
    for (size_t i = 0; i < ARRAY_LEN(network_types); i++)
        if ((uint32_t)type == (uint32_t)network_types[i].type)
            return network_types[i].name;
    return NULL;
}

/* Types of FUSE mounts that are somebody else's disk. ntfs-3g, encrypted and pooled folders are FUSE as well, and
 * local: refusing all of it would turn away people whose folder is as good as any. */
static const struct text network_fuses[] = {
    TEXT_INIT("fuse.sshfs"),    TEXT_INIT("fuse.s3fs"),      TEXT_INIT("fuse.rclone"),   TEXT_INIT("fuse.glusterfs"),
    TEXT_INIT("fuse.ceph"),     TEXT_INIT("fuse.ceph-fuse"), TEXT_INIT("fuse.davfs"),    TEXT_INIT("fuse.gcsfuse"),
    TEXT_INIT("fuse.goofys"),   TEXT_INIT("fuse.curlftpfs"), TEXT_INIT("fuse.juicefs"),  TEXT_INIT("fuse.nfs"),
    TEXT_INIT("fuse.moosefs"),  TEXT_INIT("fuse.seaweedfs"), TEXT_INIT("fuse.afpfs"),    TEXT_INIT("fuse.blobfuse"),
    TEXT_INIT("fuse.mount-s3"), TEXT_INIT("fuse.lizardfs"),  TEXT_INIT("fuse.smbnetfs"),
};

/* The type in a line of mountinfo, if the line is this device's: "36 35 98:0 /root /point options [tags] - type ...". */
static struct text mount_type(struct text line, struct text device)
{
    struct text word;
    size_t dash = text_find(line, TEXT(" - "), 0);
    if (dash == TEXT_NOWHERE)
        return TEXT_NONE;
    struct text type = text_slice(line, dash + 3, line.len);
    for (int i = 0; i < 3; i++)
        if (!text_cut(&line, ' ', &word))
            return TEXT_NONE;
    return text_equal(word, device) && text_cut(&type, ' ', &word) ? word : TEXT_NONE;
}

bool folder_network_fuse(struct text mountinfo, unsigned major_number, unsigned minor_number, struct text *ret_type)
{
    char number[32];
    struct text line;
    snprintf(number, sizeof number, "%u:%u", major_number, minor_number);
    while (text_cut(&mountinfo, '\n', &line)) {
        struct text type = mount_type(line, text_of(number));
        for (size_t i = 0; i < ARRAY_LEN(network_fuses); i++) {
            if (text_equal(type, network_fuses[i])) {
                *ret_type = type;
                return true;
            }
        }
    }
    return false;
}

static int refuse(const char *path, struct text name, struct err *err)
{
    return err_set(err, E_FORBIDDEN,
                   "%s lies on a network file system (%.*s), where locks may be lost and two servers "
                   "could write at once: put it on a disk of this machine, or use PostgreSQL",
                   path, TEXT_ARG(name));
}

static int check_fuse(const char *path, int fd, struct err *err)
{
    CLEANUP(buf_release) struct buf mounts;
    struct stat status;
    char piece[4096];
    struct text type;
    buf_init(&mounts, MIB);
    if (fstat(fd, &status) != 0)
        return err_set_system(err, errno, "the folder %s cannot be read", path);
    int from = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
    if (from < 0)
        return 0;
    for (ssize_t n = read(from, piece, sizeof piece); n > 0; n = read(from, piece, sizeof piece))
        buf_add(&mounts, (struct text){piece, (size_t)n});
    close(from);
    if (folder_network_fuse(buf_text(&mounts), major(status.st_dev), minor(status.st_dev), &type))
        return refuse(path, type, err);
    return 0;
}

int folder_check_local(const char *path, struct err *err)
{
    struct statfs about;
    int result = 0;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? err_set(err, E_NOT_FOUND, "there is no folder %s", path)
                               : err_set_system(err, errno, "the folder %s cannot be read", path);
    if (fstatfs(fd, &about) != 0)
        result = err_set_system(err, errno, "the folder %s cannot be read", path);
    else if (folder_network_type((long)about.f_type))
        result = refuse(path, text_of(folder_network_type((long)about.f_type)), err);
    else if ((uint32_t)about.f_type == FUSE_SUPER_MAGIC)
        result = check_fuse(path, fd, err);
    close(fd);
    return result;
}

/* --- names that last -------------------------------------------------------------------------------------------------- */

int folder_sync(const char *path, struct err *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_set_system(err, errno, "the folder %s cannot be read", path);
    int failed = fsync(fd) == 0 ? 0 : err_set_system(err, errno, "the folder %s cannot be written", path);
    close(fd);
    return failed;
}

char *folder_of(const char *file)
{
    size_t len = strlen(file);
    while (len > 1 && file[len - 1] == '/')
        len--;
    const char *slash = memrchr(file, '/', len);
    if (!slash)
        return strdup(".");
    return strndup(file, slash == file ? 1 : (size_t)(slash - file));
}

/* --- locks ------------------------------------------------------------------------------------------------------------ */

static int lock_taken(const char *path, int fd, struct err *err)
{
    char holder[24] = "";
    ssize_t n = pread(fd, holder, sizeof holder - 1, 0);
    struct text number = text_trim((struct text){holder, n > 0 ? (size_t)n : 0});
    close(fd);
    if (text_empty(number))
        return err_set(err, E_BUSY, "%s is held by another process", path);
    return err_set(err, E_BUSY, "%s is held by process %.*s", path, TEXT_ARG(number));
}

int folder_lock(const char *path, int *ret_fd, struct err *err)
{
    char own[24];
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set_system(err, errno, "the lock %s cannot be made", path);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return lock_taken(path, fd, err);
    int n = snprintf(own, sizeof own, "%ld\n", (long)getpid());
    if (flock(fd, LOCK_EX | LOCK_NB) != 0 || ftruncate(fd, 0) != 0 || pwrite(fd, own, (size_t)n, 0) != n) {
        int number = errno;
        close(fd);
        return err_set_system(err, number, "the lock %s cannot be written", path);
    }
    *ret_fd = fd;
    return 0;
}

/* tests/power/lose_record.c
 *
 * Which files are watched, one order for all, the record, the cut and the full disk.
 *
 * No table of open files is kept: the kernel is asked what a descriptor is, so that dup, fork and close need no following.
 * What this file itself calls is not watched: the record lies outside the folder.
 */
#include "lose_record.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static char folder[PATH_MAX]; /* resolved; empty: nothing is watched */
static size_t folder_len;
static int record_fd = -1;
static struct lose_state *state;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* between threads; flock on the record between processes */

static _Noreturn void give_up(const char *why)
{
    char line[256];
    int len = snprintf(line, sizeof line, "lose: %s: %s\n", why, strerror(errno));
    (void)!syscall(SYS_write, STDERR_FILENO, line, (size_t)len);
    _exit(99); /* no abort(): a core is not wanted, and the driver must not take this for a cut */
}

/* By number, since open(2) of this process is our own. */
static int open_plainly(const char *path, int flags)
{
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0600);
}

__attribute__((constructor)) static void start(void)
{
    const char *watched = getenv("LOSE_FOLDER");
    const char *record = getenv("LOSE_LOG");
    const char *shared = getenv("LOSE_STATE");
    if (!watched || !record || !shared)
        return;
    record_fd = open_plainly(record, O_WRONLY | O_CREAT | O_APPEND);
    int fd = open_plainly(shared, O_RDWR);
    if (record_fd < 0 || fd < 0)
        give_up("the record or the state cannot be opened");
    state = mmap(NULL, sizeof *state, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (state == MAP_FAILED || !realpath(watched, folder))
        give_up("the state cannot be mapped, or there is no folder");
    folder_len = strlen(folder);
}

/* --- which files -------------------------------------------------------------------------------------------------- */

/* Takes a whole path apart: where it leads into the folder, its rest is what is watched. */
static enum lose_watch look_at_whole(const char *whole, struct lose_place *ret_place)
{
    if (strncmp(whole, folder, folder_len) != 0 || (whole[folder_len] != '/' && whole[folder_len] != '\0'))
        return LOSE_NOT;
    const char *rest = whole + folder_len + (whole[folder_len] == '/');
    size_t len = strlen(rest);
    memcpy(ret_place->path, rest, len + 1);
    return len > 4 && strcmp(rest + len - 4, "-shm") == 0 ? LOSE_INDEX : LOSE_FILE;
}

static bool path_of(int fd, char ret_path[PATH_MAX])
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, ret_path, PATH_MAX - 1);
    if (len < 0)
        return false;
    ret_path[len] = '\0';
    return true;
}

/* `path` from `from`, with links in it followed but for its last name, which need not exist. */
static bool resolve(int from, const char *path, char ret_whole[PATH_MAX])
{
    char joined[PATH_MAX * 2];
    char start_at[PATH_MAX] = "";
    if (path[0] != '/' && !(from == AT_FDCWD ? getcwd(start_at, sizeof start_at) != NULL : path_of(from, start_at)))
        return false;
    if ((size_t)snprintf(joined, sizeof joined, "%s/%s", start_at, path) >= PATH_MAX)
        return false;
    if (realpath(joined, ret_whole))
        return true;
    char *last = strrchr(joined, '/');
    *last = '\0';
    char parent[PATH_MAX];
    return realpath(joined, parent) &&
           (size_t)snprintf(ret_whole, PATH_MAX, "%s/%s", strcmp(parent, "/") == 0 ? "" : parent, last + 1) < PATH_MAX;
}

enum lose_watch lose_look_at(int from, const char *path, struct lose_place *ret_place)
{
    int error = errno;
    char whole[PATH_MAX];
    struct stat status;
    enum lose_watch watch = LOSE_NOT;
    if (folder_len > 0 && path && resolve(from, path, whole))
        watch = look_at_whole(whole, ret_place);
    if (watch != LOSE_NOT && stat(whole, &status) == 0 && !S_ISREG(status.st_mode))
        watch = S_ISDIR(status.st_mode) ? LOSE_DIRECTORY : LOSE_NOT;
    errno = error;
    return watch;
}

enum lose_watch lose_look_at_open(int fd, struct lose_place *ret_place)
{
    int error = errno;
    char whole[PATH_MAX];
    struct stat status;
    enum lose_watch watch = LOSE_NOT;
    if (folder_len > 0 && fstat(fd, &status) == 0 && (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode)) &&
        path_of(fd, whole)) {
        watch = look_at_whole(whole, ret_place);
        ret_place->file = status.st_ino;
        if (watch != LOSE_NOT && S_ISDIR(status.st_mode))
            watch = LOSE_DIRECTORY;
    }
    errno = error;
    return watch;
}

/* --- order, cut, full disk ---------------------------------------------------------------------------------------- */

static uint64_t count_one(uint64_t *counter)
{
    return __atomic_add_fetch(counter, 1, __ATOMIC_SEQ_CST);
}

static uint64_t read_one(const uint64_t *number)
{
    return __atomic_load_n(number, __ATOMIC_SEQ_CST);
}

void lose_enter_quiet(void)
{
    pthread_mutex_lock(&mutex);
    while (flock(record_fd, LOCK_EX) < 0)
        if (errno != EINTR)
            give_up("the record cannot be locked");
}

void lose_enter(void)
{
    lose_enter_quiet();
    uint64_t event = count_one(&state->events);
    uint64_t cut_at = read_one(&state->cut_at);
    if (cut_at > 0 && event >= cut_at)
        for (kill(getpid(), SIGKILL);;)
            pause();
}

void lose_leave(void)
{
    int error = errno;
    flock(record_fd, LOCK_UN);
    pthread_mutex_unlock(&mutex);
    errno = error;
}

bool lose_full(void)
{
    uint64_t write = count_one(&state->writes);
    uint64_t from = read_one(&state->full_from);
    uint64_t until = read_one(&state->full_until);
    bool full = from > 0 && write >= from && (until == 0 || write < until);
    if (full)
        errno = ENOSPC;
    return full;
}

bool lose_syncs(void)
{
    return read_one(&state->real_syncs) != 0;
}

/* --- the record --------------------------------------------------------------------------------------------------- */

/* In one call, so that who is killed meanwhile leaves a whole record or none. */
static void put(struct iovec *parts, int n)
{
    size_t len = 0;
    for (int i = 0; i < n; i++)
        len += parts[i].iov_len;
    if (syscall(SYS_writev, record_fd, parts, n) != (long)len)
        give_up("the record cannot be written");
}

uint64_t lose_position(void)
{
    struct stat status;
    if (fstat(record_fd, &status) < 0)
        give_up("the record cannot be read");
    return (uint64_t)status.st_size;
}

void lose_write_down(struct lose_record record, const char *path, const void *other, size_t other_len)
{
    int error = errno;
    record.path_len = (uint32_t)strlen(path);
    record.other_len = (uint32_t)other_len;
    record.process = (uint32_t)getpid();
    struct iovec parts[] = {{&record, sizeof record}, {(char *)path, record.path_len}, {(char *)other, other_len}};
    put(parts, 3);
    errno = error;
}

void lose_unknown(const char *call, const char *what)
{
    char line[PATH_MAX + 64];
    snprintf(line, sizeof line, "%s of %s", call, what);
    lose_enter_quiet();
    lose_write_down((struct lose_record){.kind = LOSE_UNKNOWN}, line, NULL, 0);
    lose_leave();
}

/* bridge/crypto/key_file.c
 *
 * The file of the keys: read, or made once.
 *
 * A new file gets a name of its own, is on disk before it is given the name that counts, and never replaces one that is
 * there: keys that are lost take with them all that they sealed. The text itself lies in locked memory too.
 */
#include "base/cleanup.h"
#include "crypto/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEX_SIZE (2 * KEY_SIZE + 1)

static const char opening[] =
    "# The keys of this Skein server. Whoever has them and the database can read what is sealed in it; without them\n"
    "# nobody can, you neither: keep a copy in a safe place, apart from the copies of the database.\n";

CLEANUP_POINTER(char, sodium_free)
CLEANUP_POINTER(struct keys, keys_free)

static void close_at(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* --- the text ------------------------------------------------------------------------------------------------------ */

static bool read_hex(struct text hex, unsigned char ret_key[KEY_SIZE])
{
    size_t len = 0;
    return sodium_hex2bin(ret_key, KEY_SIZE, hex.data, hex.len, NULL, &len, NULL) == 0 && len == KEY_SIZE;
}

/* Why the line cannot be used; NULL where it can. */
static const char *read_seal_line(struct keys *keys, struct text rest)
{
    struct text number_text;
    uint64_t number;
    if (keys->n == LIMIT_SEAL_KEYS)
        return "is one seal key too many";
    struct seal_key *key = &keys->seals[keys->n];
    if (!text_cut(&rest, ' ', &number_text) || !text_to_u64(number_text, &number) || number == 0 || number > UINT32_MAX)
        return "has no number of a seal key, 1 or more";
    for (size_t i = 0; i < keys->n; i++)
        if (keys->seals[i].number == number)
            return "has the number of a line above";
    if (!read_hex(rest, key->bytes))
        return "is damaged: 64 hexadecimal digits were expected at its end";
    key->number = (uint32_t)number;
    keys->n++;
    return NULL;
}

static const char *read_line(struct keys *keys, struct text line, bool *has_hash)
{
    line = text_trim(line);
    if (text_empty(line) || line.data[0] == '#')
        return NULL;
    if (text_starts(line, TEXT("seal ")))
        return read_seal_line(keys, text_slice(line, 5, line.len));
    if (!text_starts(line, TEXT("hash ")))
        return "is neither `hash HEX`, `seal NUMBER HEX` nor a comment";
    if (*has_hash)
        return "is a second hash key";
    if (!read_hex(text_slice(line, 5, line.len), keys->hash))
        return "is damaged: 64 hexadecimal digits were expected after `hash`";
    *has_hash = true;
    return NULL;
}

static int read_text(struct keys *keys, struct text rest, const char *path, struct err *err)
{
    struct text line;
    bool has_hash = false;
    for (unsigned number = 1; text_cut(&rest, '\n', &line); number++) {
        const char *why = read_line(keys, line, &has_hash);
        if (why)
            return err_set(err, E_BAD_INPUT, "%s: line %u %s; put the copy of this file back that you kept", path,
                           number, why);
    }
    if (!has_hash || keys->n == 0)
        return err_set(err, E_BAD_INPUT, "%s holds no %s key; put the copy of this file back that you kept", path,
                       has_hash ? "seal" : "hash");
    return 0;
}

/* Returns its length; `room` has LIMIT_KEY_FILE bytes. */
static size_t write_text(const struct keys *keys, char *room)
{
    char hex[HEX_SIZE];
    size_t len = sizeof opening - 1;
    memcpy(room, opening, len);
    sodium_bin2hex(hex, sizeof hex, keys->hash, KEY_SIZE);
    len += (size_t)snprintf(room + len, LIMIT_KEY_FILE - len, "hash %s\n", hex);
    for (size_t i = 0; i < keys->n; i++) {
        sodium_bin2hex(hex, sizeof hex, keys->seals[i].bytes, KEY_SIZE);
        len += (size_t)snprintf(room + len, LIMIT_KEY_FILE - len, "seal %" PRIu32 " %s\n", keys->seals[i].number, hex);
    }
    sodium_memzero(hex, sizeof hex);
    return len;
}

/* --- the file ------------------------------------------------------------------------------------------------------ */

static int check_file(int fd, const char *path, struct err *err)
{
    struct stat file;
    if (fstat(fd, &file) < 0)
        return err_set_system(err, errno, "%s cannot be read", path);
    if (!S_ISREG(file.st_mode))
        return err_set(err, E_BAD_INPUT, "%s is no file", path);
    if (file.st_mode & (S_IRWXG | S_IRWXO))
        return err_set(err, E_BAD_INPUT,
                       "%s can be read by others than its owner: chmod 600 it, and if somebody may have read it, "
                       "rotate the seal key",
                       path);
    if (file.st_size > (off_t)LIMIT_KEY_FILE)
        return err_set(err, E_BAD_INPUT, "%s is too large to be a key file", path);
    return 0;
}

static int read_file(struct keys *keys, int fd, const char *path, struct err *err)
{
    CLEANUP(sodium_free_at) char *content = sodium_malloc(LIMIT_KEY_FILE);
    size_t len = 0;
    int rc = check_file(fd, path, err);
    if (rc < 0)
        return rc;
    if (!content)
        return err_set(err, E_NOMEM, "there is no memory for the keys");
    while (len < LIMIT_KEY_FILE) {
        ssize_t got = read(fd, content + len, LIMIT_KEY_FILE - len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_set_system(err, errno, "%s cannot be read", path);
        if (got == 0)
            break;
        len += (size_t)got;
    }
    return read_text(keys, (struct text){content, len}, path, err);
}

static bool write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t put = write(fd, bytes, len);
        if (put < 0 && errno != EINTR)
            return false;
        if (put > 0) {
            bytes += put;
            len -= (size_t)put;
        }
    }
    return true;
}

/* Under a name of its own, whole and on disk. */
static int write_aside(const struct keys *keys, int folder, const char *name)
{
    CLEANUP(sodium_free_at) char *content = sodium_malloc(LIMIT_KEY_FILE);
    CLEANUP(close_at) int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (!content)
        errno = ENOMEM;
    return content && fd >= 0 && write_all(fd, content, write_text(keys, content)) && fsync(fd) == 0 ? 0 : -1;
}

/* 0 also where somebody else was quicker: then theirs is there. */
static int write_file(const struct keys *keys, int folder, const struct random_source *random, const char *path,
                      struct err *err)
{
    char name[32];
    snprintf(name, sizeof name, KEYS_FILE ".new-%08" PRIx64, random_below(random, UINT64_C(1) << 32));
    bool written = write_aside(keys, folder, name) == 0;
    bool named = written && (linkat(folder, name, folder, KEYS_FILE, 0) == 0 || errno == EEXIST);
    int why = errno;
    unlinkat(folder, name, 0);
    if (named && fsync(folder) == 0)
        return 0;
    return err_set_system(err, named ? errno : why, "%s cannot be written", path);
}

static void draw(struct keys *keys, const struct random_source *random)
{
    random_bytes(random, keys->hash, sizeof keys->hash);
    random_bytes(random, keys->seals[0].bytes, sizeof keys->seals[0].bytes);
    keys->seals[0].number = 1;
    keys->n = 1;
}

static struct keys *keys_new(struct err *err)
{
    struct keys *keys = sodium_init() < 0 ? NULL : sodium_malloc(sizeof *keys);
    if (keys)
        sodium_memzero(keys, sizeof *keys);
    else
        err_set(err, E_NOMEM, "there is no memory for the keys");
    return keys;
}

static int make(int folder, const struct random_source *random, const char *path, struct err *err)
{
    CLEANUP(keys_free_at) struct keys *keys = keys_new(err);
    if (!keys)
        return E_NOMEM;
    draw(keys, random);
    return write_file(keys, folder, random, path, err);
}

/* The file's descriptor; made where there is none and it may be. */
static int open_file(int folder, const struct random_source *random, const char *path, int *ret_fd, struct err *err)
{
    int fd = openat(folder, KEYS_FILE, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT && random) {
        int rc = make(folder, random, path, err);
        if (rc < 0)
            return rc;
        fd = openat(folder, KEYS_FILE, O_RDONLY | O_CLOEXEC);
    }
    if (fd < 0 && errno == ENOENT)
        return err_set(err, E_NOT_FOUND, "there is no key file %s: put the copy back that you kept", path);
    if (fd < 0)
        return err_set_system(err, errno, "%s cannot be opened", path);
    *ret_fd = fd;
    return 0;
}

int keys_open(const char *folder, const struct random_source *random, struct keys **ret_keys, struct err *err)
{
    CLEANUP(close_at) int folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CLEANUP(close_at) int fd = -1;
    CLEANUP(keys_free_at) struct keys *keys = NULL;
    char path[PATH_MAX];
    if (folder_fd < 0)
        return err_set_system(err, errno, "the folder %s cannot be opened", folder);
    snprintf(path, sizeof path, "%s/" KEYS_FILE, folder);
    int rc = open_file(folder_fd, random, path, &fd, err);
    if (rc < 0)
        return rc;
    keys = keys_new(err);
    if (!keys)
        return E_NOMEM;
    rc = read_file(keys, fd, path, err);
    if (rc < 0)
        return rc;
    sodium_mprotect_readonly(keys);
    *ret_keys = keys;
    keys = NULL;
    return 0;
}

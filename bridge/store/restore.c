/* bridge/store/restore.c
 *
 * Putting a backup in its place.
 *
 *     look at the keys ─> own the folder ─> unpack beside ─> look at the copy ─> merge left-out.log ─> rename ─> replay
 *
 * Until the rename nothing of the old database has changed; a crash leaves at most a file "….restoring", which the next
 * try writes anew. The old write-ahead log goes before the rename: it must never meet another database.
 */
#include "store/backup.h"

#include "archive/bundle.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/limits.h"
#include "store/folder.h"
#include "store/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct restoring {
    const char *folder; /* borrowed */
    const char *file;   /* borrowed; the backup */
    bool replace;
    char database[PATH_MAX]; /* where it goes */
    char fresh[PATH_MAX];    /* its name until then */
    int folder_lock;
    int database_lock;
    struct bundle *bundle; /* owned */
    struct keys *keys;     /* owned */
    struct backup_about about;
};

static void restoring_release(struct restoring *self)
{
    if (self->database_lock >= 0)
        close(self->database_lock);
    if (self->folder_lock >= 0)
        close(self->folder_lock);
    bundle_close(self->bundle);
    keys_free(self->keys);
}

static bool print_path(char ret_path[PATH_MAX], const char *start, const char *middle, const char *end)
{
    return snprintf(ret_path, PATH_MAX, "%s%s%s", start, middle, end) < PATH_MAX;
}

static int find_paths(struct restoring *self, struct text database, struct err *err)
{
    char path[PATH_MAX];
    bool named = !text_empty(database);
    if (named && !text_starts(database, TEXT("sqlite:")))
        return err_set(err, E_USAGE,
                       "a backup goes into an SQLite file; PostgreSQL is kept and brought back by its own pg_dump and "
                       "pg_restore, with left-out.log and keys of the data folder beside it");
    snprintf(path, sizeof path, "%.*s", TEXT_ARG(named ? text_slice(database, 7, database.len) : TEXT_NONE));
    bool fits =
        named ? print_path(self->database, path, "", "") : print_path(self->database, self->folder, "/", DATABASE_FILE);
    return fits && print_path(self->fresh, self->database, ".restoring", "")
               ? 0
               : err_set(err, E_BAD_INPUT, "%s: the path is too long", self->folder);
}

/* --- the backup and its keys ------------------------------------------------------------------------------------------ */

static int read_manifest(struct restoring *self, struct err *err)
{
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, 4 * KIB);
    int failed = bundle_open(self->file, &self->bundle, err);
    if (!failed)
        failed = bundle_read(self->bundle, BACKUP_MANIFEST, &text, err);
    if (failed)
        return failed;
    CLEANUP_JSON json_t *manifest = json_from_text(buf_text(&text), NULL);
    struct text fingerprint = json_text_at(manifest, "key_fingerprint");
    self->about.schema = json_i64_at(manifest, "schema", 0);
    if (!manifest || fingerprint.len != KEYS_FINGERPRINT - 1 || self->about.schema < 1 ||
        !clock_parse(json_text_at(manifest, "made"), &self->about.made_ms))
        return err_set(err, E_BAD_INPUT, "%s: its " BACKUP_MANIFEST " is not that of a backup", self->file);
    memcpy(self->about.fingerprint, fingerprint.data, fingerprint.len);
    return 0;
}

static int look_at_keys(struct restoring *self, struct err *err)
{
    char fingerprint[KEYS_FINGERPRINT];
    struct stat status;
    int failed = stat(self->folder, &status) == 0 ? keys_open(self->folder, NULL, &self->keys, err) : E_NOT_FOUND;
    if (failed == E_NOT_FOUND)
        return err_set(err, E_FORBIDDEN,
                       "%s/" KEYS_FILE " is missing: a backup holds no keys, so first put the copy there that you kept "
                       "(its fingerprint is %s)",
                       self->folder, self->about.fingerprint);
    if (failed)
        return failed;
    keys_fingerprint(self->keys, fingerprint);
    if (strcmp(fingerprint, self->about.fingerprint) == 0)
        return 0;
    return err_set(err, E_FORBIDDEN,
                   "%s/" KEYS_FILE " has the fingerprint %s, and this backup needs the key file with %s: put that one "
                   "there",
                   self->folder, fingerprint, self->about.fingerprint);
}

/* --- the place -------------------------------------------------------------------------------------------------------- */

static int own_place(struct restoring *self, struct err *err)
{
    char path[PATH_MAX];
    int failed = folder_make(self->folder, err); /* looks at its rights */
    if (!failed)
        failed = folder_check_local(self->folder, err);
    if (failed)
        return failed;
    if (!print_path(path, self->folder, "/", LOCK_FILE))
        return err_set(err, E_BAD_INPUT, "%s: the path is too long", self->folder);
    failed = folder_lock(path, &self->folder_lock, err);
    if (!failed && !print_path(path, self->database, "-lock", ""))
        failed = err_set(err, E_BAD_INPUT, "%s: the path is too long", self->database);
    if (!failed)
        failed = folder_lock(path, &self->database_lock, err);
    if (failed == E_BUSY)
        err_prefix(err, "end the server first: ");
    return failed;
}

static int look_at_place(const struct restoring *self, struct err *err)
{
    struct stat status;
    bool is_there = stat(self->database, &status) == 0 && status.st_size > 0;
    if (!is_there || self->replace)
        return 0;
    return err_set(err, E_BAD_INPUT,
                   "there is a database %s already: --replace puts the backup in its place, and what it holds is gone "
                   "then",
                   self->database);
}

/* --- the copy --------------------------------------------------------------------------------------------------------- */

static void on_finding(void *context, const char *sentence)
{
    struct err *first = context;
    if (first->code == 0)
        err_set(first, E_BAD_INPUT, "%s", sentence);
}

static int look_at_copy(const struct restoring *self, struct db *db, struct err *err)
{
    struct schema_step steps[SCHEMA_STEPS_MAX];
    struct err finding = {0};
    size_t n;
    int failed = db_check(db, on_finding, &finding, err);
    if (!failed && finding.code != 0)
        failed = err_set(err, E_BAD_INPUT, "its database is damaged: %s", finding.text);
    if (!failed)
        failed = store_schema(db, steps, SCHEMA_STEPS_MAX, &n, err);
    return failed ? failed : store_compare_keys(db, self->keys, self->folder, err);
}

static int unpack(struct restoring *self, struct err *err)
{
    char address[PATH_MAX + sizeof "sqlite:"];
    struct db *db = NULL;
    unlink(self->fresh);
    int failed = bundle_extract(self->bundle, BACKUP_DATABASE, self->fresh, err);
    if (failed)
        return failed;
    snprintf(address, sizeof address, "sqlite:%s", self->fresh);
    failed = db_open(text_of(address), DB_READER, &db, err);
    if (!failed)
        failed = look_at_copy(self, db, err);
    db_close(db);
    if (failed)
        err_prefix(err, "%s: ", self->file);
    return failed;
}

/* --- left-out.log ----------------------------------------------------------------------------------------------------- */

static int write_whole(const char *path, struct text content, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool written = fd >= 0;
    while (written && !text_empty(content)) {
        ssize_t n = write(fd, content.data, content.len);
        written = n >= 0 || errno == EINTR;
        content = text_slice(content, n > 0 ? (size_t)n : 0, content.len);
    }
    if (written && fsync(fd) != 0)
        written = false;
    int number = errno;
    if (fd >= 0)
        close(fd);
    if (written)
        return 0;
    if (number == ENOSPC || number == EDQUOT)
        return err_set(err, E_IO, "the disk is full: %s cannot be written; make room and try again", path);
    return err_set_system(err, number, "%s cannot be written", path);
}

static int merge_log(struct restoring *self, struct err *err)
{
    CLEANUP(buf_release) struct buf kept;
    CLEANUP(buf_release) struct buf brought;
    CLEANUP(buf_release) struct buf merged;
    char path[PATH_MAX];
    char fresh[PATH_MAX];
    buf_init(&kept, LIMIT_LEFT_OUT);
    buf_init(&brought, LIMIT_LEFT_OUT);
    buf_init(&merged, LIMIT_LEFT_OUT);
    if (!print_path(path, self->folder, "/", LEFT_OUT_FILE) || !print_path(fresh, path, ".restoring", ""))
        return err_set(err, E_BAD_INPUT, "%s: the path is too long", self->folder);
    int failed = access(path, F_OK) == 0 ? left_out_read(path, &kept, err) : 0;
    if (!failed)
        failed = bundle_read(self->bundle, LEFT_OUT_FILE, &brought, err);
    if (!failed)
        failed = left_out_merge(buf_text(&kept), buf_text(&brought), &merged, err);
    if (!failed)
        failed = write_whole(fresh, buf_text(&merged), err);
    if (failed)
        return failed;
    if (rename(fresh, path) != 0)
        return err_set_system(err, errno, "%s cannot be written", path);
    return folder_sync(self->folder, err);
}

/* --- in its place ----------------------------------------------------------------------------------------------------- */

static int remove_beside(const struct restoring *self, const char *ending, struct err *err)
{
    char path[PATH_MAX];
    if (!print_path(path, self->database, ending, ""))
        return err_set(err, E_BAD_INPUT, "%s: the path is too long", self->database);
    if (unlink(path) != 0 && errno != ENOENT)
        return err_set_system(err, errno, "%s cannot be removed", path);
    return 0;
}

static int put_in_place(const struct restoring *self, struct err *err)
{
    CLEANUP_FREE char *folder = folder_of(self->database);
    if (!folder)
        return err_set(err, E_NOMEM, "no memory for a path");
    int failed = remove_beside(self, "-wal", err);
    if (!failed)
        failed = remove_beside(self, "-shm", err);
    if (!failed)
        failed = remove_beside(self, "-journal", err);
    if (!failed)
        failed = folder_sync(folder, err);
    if (!failed && rename(self->fresh, self->database) != 0)
        failed = err_set_system(err, errno, "%s cannot be replaced", self->database);
    return failed ? failed : folder_sync(folder, err);
}

/* Becomes the owner for a moment: the schema is brought up to date, and wishes that came after the backup are taken in, so
 * that nobody who only reads is ever shown who is to be left out. Whoever was quicker does the same. */
static int take_wishes_in(const struct store_options *options, struct err *err)
{
    struct store_options owner = *options;
    struct store *store = NULL;
    owner.role = STORE_OWNER;
    int failed = store_open(&owner, &store, err);
    store_close(store);
    if (failed == E_BUSY)
        return 0;
    if (failed)
        err_prefix(err, "the backup is in its place, and cannot be opened: ");
    return failed;
}

static int restore(struct restoring *self, const struct store_options *options, struct err *err)
{
    int failed = find_paths(self, options->database, err);
    if (!failed)
        failed = read_manifest(self, err);
    if (!failed)
        failed = look_at_keys(self, err);
    if (!failed)
        failed = own_place(self, err);
    if (!failed)
        failed = look_at_place(self, err);
    if (failed)
        return failed;
    failed = unpack(self, err);
    if (!failed)
        failed = merge_log(self, err);
    if (!failed)
        failed = put_in_place(self, err);
    if (failed)
        unlink(self->fresh);
    return failed;
}

int backup_restore(const struct store_options *options, const char *file, bool replace, struct backup_about *ret_about,
                   struct err *err)
{
    struct restoring self = {
        .folder = options->folder, .file = file, .replace = replace, .folder_lock = -1, .database_lock = -1};
    int failed = restore(&self, options, err);
    restoring_release(&self); /* with its locks */
    if (!failed)
        *ret_about = self.about;
    return failed ? failed : take_wishes_in(options, err);
}

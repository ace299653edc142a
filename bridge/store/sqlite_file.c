/* bridge/store/sqlite_file.c
 *
 * SQLite's file: who may open it how, its settings, its one owner, whether it is sound, and a copy of it.
 *
 * One connection of the owner's process writes and makes every checkpoint. All others are opened read-only, are
 * query_only besides, never checkpoint, and leave the log where it is when they close. Nothing here opens and closes the
 * database past SQLite once it may be in use: closing any descriptor drops every POSIX lock that the process holds on
 * the file.
 */
#include "base/buf.h"
#include "base/log.h"
#include "store/folder.h"
#include "store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Milliseconds. Nobody else writes: what is waited for is a log that somebody recovers after a crash. */
#define BUSY_MS 5000

/* synchronous FULL: what was acknowledged survives a power cut. secure_delete writes zeros over what goes. mmap_size 0,
 * with one writer, keeps clear of the WAL-reset bug. Sorting stays in memory: what spilt into /tmp would stay there.
 * trusted_schema, cell_size_check: the file may be a backup that somebody tampered with. */
#define SETTINGS                                                                                                       \
    "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA mmap_size = 0; PRAGMA foreign_keys = OFF;"           \
    "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;"
/* 64 MiB of cache. The log goes into the file after 4,000 pages (16 MiB): blobs of 10 KB come by the thousand, and each
 * checkpoint costs two fsyncs. A log that one large import made long is cut to 64 MiB again. */
#define WRITER_SETTINGS                                                                                                \
    "PRAGMA page_size = 4096;" SETTINGS "PRAGMA cache_size = -65536; PRAGMA journal_mode = WAL;"                       \
    "PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864;"
#define READER_SETTINGS SETTINGS "PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 0; PRAGMA query_only = ON;"

static bool sync_nothing;

void db_sync_nothing(void)
{
    sync_nothing = true;
}

/* --- opening -------------------------------------------------------------------------------------------------------- */

/* A new, empty file that nobody else may read; SQLite gives its log the same rights. */
static int make_file(const char *path, const char *folder, struct err *err)
{
    int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return 0;
    if (fd < 0)
        return err_set_system(err, errno, "the database %s cannot be made", path);
    close(fd);
    return folder_sync(folder, err);
}

static int find_file(const char *path, enum db_access access, struct err *err)
{
    struct stat status;
    CLEANUP_FREE char *folder = folder_of(path);
    if (!folder)
        return err_set(err, E_NOMEM, "no memory for a path");
    int failed = folder_check_local(folder, err);
    if (failed)
        return failed;
    if (access == DB_WRITER)
        return make_file(path, folder, err);
    if (stat(path, &status) == 0)
        return 0;
    if (errno == ENOENT)
        return err_set(err, E_NOT_FOUND, "there is no database %s yet", path);
    return err_set_system(err, errno, "the database %s cannot be read", path);
}

/* Calls visit with each row's first column; a result other than 0 ends the walk and is returned. */
static int walk(struct sqlite *self, const char *sql, int (*visit)(void *context, const char *value), void *context,
                struct err *err)
{
    sqlite3_stmt *statement = NULL;
    int visited = 0;
    int result = sqlite3_prepare_v2(self->connection, sql, -1, &statement, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_step(statement);
    while (result == SQLITE_ROW && visited == 0) {
        const char *value = (const char *)sqlite3_column_text(statement, 0);
        visited = visit(context, value ? value : "");
        result = sqlite3_step(statement);
    }
    int failed = visited ? visited : result == SQLITE_DONE ? 0 : sqlite_failure(self, result, err);
    sqlite3_finalize(statement);
    return failed;
}

static int is_wal(void *context, const char *mode)
{
    bool *wal = context;
    *wal = strcmp(mode, "wal") == 0;
    return 0;
}

static int set_up(struct sqlite *self, enum db_access access, struct err *err)
{
    bool writer = access == DB_WRITER;
    bool wal = false;
    sqlite3_extended_result_codes(self->connection, 1);
    sqlite3_busy_timeout(self->connection, BUSY_MS);
    sqlite3_db_config(self->connection, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(self->connection, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(self->connection, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(self->connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !writer, NULL);
    int failed = sqlite_run_text(self, writer ? TEXT(WRITER_SETTINGS) : TEXT(READER_SETTINGS), err);
    if (!failed && sync_nothing)
        failed = sqlite_run_text(self, TEXT("PRAGMA synchronous = OFF"), err);
    if (failed || !writer)
        return failed;
    failed = walk(self, "PRAGMA journal_mode", is_wal, &wal, err);
    if (failed || wal)
        return failed;
    return err_set(err, E_IO, "SQLite can keep no write-ahead log beside %s", self->path);
}

int sqlite_open(struct text address, enum db_access access, struct db **ret_db, struct err *err)
{
    struct text path = text_slice(address, sizeof SQLITE_STARTS - 1, address.len);
    if (text_empty(path))
        return err_set(err, E_BAD_INPUT, "\"sqlite:\" names no file: write sqlite:PATH");
    struct sqlite *self = calloc(1, sizeof *self);
    char *copy = strndup(path.data, path.len);
    if (!self || !copy) {
        free(self);
        free(copy);
        return err_set(err, E_NOMEM, "no memory for a connection");
    }
    self->path = copy;
    self->lock = -1;
    int failed = find_file(copy, access, err);
    if (!failed) {
        int flags = (access == DB_WRITER ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX;
        int result = sqlite3_open_v2(copy, &self->connection, flags, NULL);
        failed = result == SQLITE_OK ? set_up(self, access, err) : sqlite_failure(self, result, err);
    }
    if (failed)
        sqlite_close(&self->db);
    else
        *ret_db = &self->db;
    return failed;
}

/* The writer's close makes the last checkpoint. Its lock goes after the file is closed. */
void sqlite_close(struct db *db)
{
    struct sqlite *self = sqlite_of(db);
    for (int i = 0; i < N_CONTROLS; i++)
        sqlite3_finalize(self->control[i]);
    if (sqlite3_close(self->connection) != SQLITE_OK)
        log_line(LOG_ERROR, "store", "the database could not be closed: %s", sqlite3_errmsg(self->connection));
    if (self->lock >= 0)
        close(self->lock);
    free(self->path);
    free(self);
}

/* --- the owner ------------------------------------------------------------------------------------------------------ */

/* The data folder has a lock of its own; this one is for two folders whose `database` names one file. */
int sqlite_own(struct db *db, struct err *err)
{
    struct sqlite *self = sqlite_of(db);
    CLEANUP(buf_release) struct buf path;
    buf_init(&path, PATH_MAX);
    if (buf_printf(&path, "%s-lock", self->path) != 0)
        return err_set(err, E_BAD_INPUT, "%s: the path is too long", self->path);
    return self->lock >= 0 ? 0 : folder_lock(buf_string(&path), &self->lock, err);
}

/* --- check and backup ----------------------------------------------------------------------------------------------- */

struct finding {
    void (*found)(void *context, const char *sentence);
    void *context;
};

static int on_finding(void *context, const char *sentence)
{
    const struct finding *finding = context;
    if (strcmp(sentence, "ok") != 0)
        finding->found(finding->context, sentence);
    return 0;
}

int sqlite_check(struct db *db, void (*found)(void *context, const char *sentence), void *context, struct err *err)
{
    struct finding finding = {.found = found, .context = context};
    return walk(sqlite_of(db), "PRAGMA integrity_check", on_finding, &finding, err);
}

static int vacuum_into(struct sqlite *self, const char *path, struct err *err)
{
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(self->connection, "VACUUM INTO $1", -1, &statement, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC);
    if (result == SQLITE_OK)
        result = sqlite3_step(statement);
    int failed = result == SQLITE_DONE ? 0 : sqlite_failure(self, result, err);
    sqlite3_finalize(statement);
    return failed;
}

int sqlite_backup(struct db *db, const char *path, struct err *err)
{
    struct sqlite *self = sqlite_of(db);
    /* query_only holds for every file of a connection, also for the one that the copy goes to. */
    int failed = sqlite_run_text(self, TEXT("PRAGMA query_only = OFF"), err);
    if (!failed)
        failed = vacuum_into(self, path, err);
    if (db->access == DB_READER && sqlite_run_text(self, TEXT("PRAGMA query_only = ON"), NULL) != 0 && !failed)
        failed = err_set(err, E_IO, "%s: the connection cannot be made read-only again", self->path);
    return failed;
}

/* bridge/store/sqlite.h
 *
 * What the files of the SQLite driver share.
 *
 * sqlite.c has transactions and statements, sqlite_file.c the file: opening, settings, ownership, check and backup.
 */
#ifndef SKEIN_STORE_SQLITE_H
#define SKEIN_STORE_SQLITE_H

#include "base/cleanup.h"
#include "store/driver.h"

#include <sqlite3.h>

#define SQLITE_STARTS "sqlite:"

/* Statements that begin and end transactions. */
enum control {
    CONTROL_BEGIN_WRITER,
    CONTROL_BEGIN_READER,
    CONTROL_COMMIT,
    CONTROL_ROLLBACK,
    CONTROL_SAVEPOINT,
    CONTROL_RELEASE,
    CONTROL_ROLLBACK_TO,
};
#define N_CONTROLS 7

struct sqlite {
    struct db db;
    sqlite3 *connection;               /* owned */
    char *path;                        /* owned */
    int lock;                          /* owned descriptor of PATH-lock; -1: not the owner */
    sqlite3_stmt *control[N_CONTROLS]; /* owned; prepared at their first use */
    sqlite3_stmt *row;                 /* borrowed; the open query */
    int ahead;                         /* what its first step came to, until db_next tells it; then 0 */
};

static inline struct sqlite *sqlite_of(struct db *db)
{
    return CONTAINER_OF(db, struct sqlite, db);
}

/* Puts the sentence for SQLite's `result` into err and returns our code for it. */
int sqlite_failure(const struct sqlite *self, int result, struct err *err);

/* Runs statements one after the other; rows that they give are passed over. */
int sqlite_run_text(struct sqlite *self, struct text sql, struct err *err);

/* Functions of the driver's table that live in sqlite_file.c. */
int sqlite_open(struct text address, enum db_access access, struct db **ret_db, struct err *err);
void sqlite_close(struct db *db);
int sqlite_own(struct db *db, struct err *err);
int sqlite_check(struct db *db, void (*found)(void *context, const char *sentence), void *context, struct err *err);
int sqlite_backup(struct db *db, const char *path, struct err *err);

#endif

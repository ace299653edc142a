/* bridge/store/sqlite.c
 *
 * SQLite behind driver.h: transactions and statements.
 *
 * Some failures (a full disk, an interrupt in the middle of a write, no memory) make SQLite roll the whole transaction
 * back by itself; sqlite3_get_autocommit tells, and db.c asks for it through in_transaction.
 */
#include "store/sqlite.h"

#include "base/log.h"

#include <errno.h>
#include <stdlib.h>

/* --- failures ------------------------------------------------------------------------------------------------------- */

/* Also where only errno says so: quotas, files that could not be made. */
static bool disk_is_full(const struct sqlite *self, int result)
{
    int kind = result & 0xff;
    int number = sqlite3_system_errno(self->connection);
    return kind == SQLITE_FULL ||
           ((kind == SQLITE_IOERR || kind == SQLITE_CANTOPEN) && (number == ENOSPC || number == EDQUOT));
}

int sqlite_failure(const struct sqlite *self, int result, struct err *err)
{
    const char *words = sqlite3_errmsg(self->connection);
    if (disk_is_full(self, result))
        return err_set(err, E_IO, "the disk is full: %s cannot grow; make room and try again", self->path);
    switch (result & 0xff) {
    case SQLITE_NOMEM:
        return err_set(err, E_NOMEM, "no memory for the database");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return err_set(err, E_BUSY, "%s is held by another process; try again", self->path);
    case SQLITE_INTERRUPT:
        return err_set(err, E_CANCELLED, "the database was told to stop");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return err_set(err, E_IO,
                       "%s is damaged (%s): see `skein check`, and put a backup in its place with "
                       "`skein restore FILE`",
                       self->path, words);
    case SQLITE_IOERR:
        return err_set_system(err, sqlite3_system_errno(self->connection), "%s: %s", self->path, words);
    case SQLITE_CANTOPEN:
        /* Why a log could not be made beside it is not told: SQLite tries again without making one, and loses errno. */
        return err_set(err, E_IO,
                       "%s cannot be opened, or no file be made beside it: see whether the disk is full, and whether "
                       "the folder may be written to",
                       self->path);
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return err_set(err, E_IO, "%s: %s", self->path, words);
    case SQLITE_TOOBIG:
        return err_set(err, E_TOO_LARGE, "a value is larger than the database takes");
    default:
        return err_set(err, E_BUG, "%s", words);
    }
}

static void sqlite_cancel(struct db *db)
{
    sqlite3_interrupt(sqlite_of(db)->connection);
}

/* --- transactions --------------------------------------------------------------------------------------------------- */

static const char *const controls[N_CONTROLS] = {
    [CONTROL_BEGIN_WRITER] = "BEGIN IMMEDIATE",
    [CONTROL_BEGIN_READER] = "BEGIN",
    [CONTROL_COMMIT] = "COMMIT",
    [CONTROL_ROLLBACK] = "ROLLBACK",
    [CONTROL_SAVEPOINT] = "SAVEPOINT step",
    [CONTROL_RELEASE] = "RELEASE step",
    [CONTROL_ROLLBACK_TO] = "ROLLBACK TO step",
};

static int control(struct db *db, enum control which, struct err *err)
{
    struct sqlite *self = sqlite_of(db);
    sqlite3_stmt **statement = &self->control[which];
    int result = SQLITE_OK;
    if (!*statement)
        result = sqlite3_prepare_v3(self->connection, controls[which], -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_step(*statement);
    int failed = result == SQLITE_DONE ? 0 : sqlite_failure(self, result, err);
    sqlite3_reset(*statement);
    return failed;
}

static int sqlite_begin(struct db *db, struct err *err)
{
    return control(db, db->access == DB_WRITER ? CONTROL_BEGIN_WRITER : CONTROL_BEGIN_READER, err);
}

static int sqlite_commit(struct db *db, struct err *err)
{
    return control(db, CONTROL_COMMIT, err);
}

static bool sqlite_in_transaction(struct db *db)
{
    return !sqlite3_get_autocommit(sqlite_of(db)->connection);
}

static void sqlite_rollback(struct db *db)
{
    struct err err = {0};
    if (sqlite_in_transaction(db) && control(db, CONTROL_ROLLBACK, &err) != 0)
        log_line(LOG_ERROR, "store", "a transaction cannot be rolled back: %s", err.text);
}

static int sqlite_savepoint(struct db *db, struct err *err)
{
    return control(db, CONTROL_SAVEPOINT, err);
}

static int sqlite_release(struct db *db, struct err *err)
{
    return control(db, CONTROL_RELEASE, err);
}

static int sqlite_rollback_to(struct db *db, struct err *err)
{
    int failed = control(db, CONTROL_ROLLBACK_TO, err);
    return failed ? failed : control(db, CONTROL_RELEASE, err);
}

/* --- statements ----------------------------------------------------------------------------------------------------- */

struct prepared {
    sqlite3_stmt *statement;      /* owned */
    int place[DB_PARAMETERS_MAX]; /* SQLite's number for $1, $2, ... */
};

static int sqlite_prepare(struct db *db, struct db_prepared *prepared, uint32_t index, struct err *err)
{
    struct sqlite *self = sqlite_of(db);
    (void)index;
    struct prepared *made = calloc(1, sizeof *made);
    if (!made)
        return err_set(err, E_NOMEM, "no memory for a statement");
    int result = sqlite3_prepare_v3(self->connection, prepared->statement->sql, -1, SQLITE_PREPARE_PERSISTENT,
                                    &made->statement, NULL);
    if (result != SQLITE_OK) {
        free(made);
        return sqlite_failure(self, result, err);
    }
    for (size_t i = 0; i < prepared->n; i++) {
        char name[24];
        snprintf(name, sizeof name, "$%zu", i + 1);
        made->place[i] = sqlite3_bind_parameter_index(made->statement, name);
    }
    prepared->handle = made;
    return 0;
}

static void sqlite_forget(struct db *db, struct db_prepared *prepared)
{
    (void)db;
    struct prepared *made = prepared->handle;
    sqlite3_finalize(made->statement);
    free(made);
}

static int bind_one(sqlite3_stmt *statement, int place, const struct db_value *value, sqlite3_destructor_type keeping)
{
    const char *bytes = value->bytes.data ? value->bytes.data : ""; /* a NULL pointer would bind NULL */
    switch (value->type) {
    case DB_NULL:
        return sqlite3_bind_null(statement, place);
    case DB_I64:
        return sqlite3_bind_int64(statement, place, value->i64);
    case DB_F64:
        return sqlite3_bind_double(statement, place, value->f64);
    case DB_TEXT:
        return sqlite3_bind_text64(statement, place, bytes, value->bytes.len, keeping, SQLITE_UTF8);
    case DB_BLOB:
        return sqlite3_bind_blob64(statement, place, bytes, value->bytes.len, keeping);
    }
    return SQLITE_MISUSE;
}

/* Binds the values and takes the first step: SQLITE_ROW, SQLITE_DONE or a failure. */
static int first_step(const struct db_prepared *prepared, const struct db_value *values,
                      sqlite3_destructor_type keeping)
{
    const struct prepared *made = prepared->handle;
    int result = SQLITE_OK;
    for (size_t i = 0; i < prepared->n && result == SQLITE_OK; i++)
        result = bind_one(made->statement, made->place[i], &values[i], keeping);
    return result == SQLITE_OK ? sqlite3_step(made->statement) : result;
}

static void end_statement(sqlite3_stmt *statement)
{
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
}

static int sqlite_run(struct db *db, struct db_prepared *prepared, const struct db_value *values, int64_t *ret_changed,
                      struct err *err)
{
    struct sqlite *self = sqlite_of(db);
    const struct prepared *made = prepared->handle;
    if (sqlite3_column_count(made->statement) > 0)
        return err_set(err, E_BUG, "it gives rows: db_query");
    int64_t before = sqlite3_total_changes64(self->connection);
    int result = first_step(prepared, values, SQLITE_STATIC);
    int failed = result == SQLITE_DONE ? 0 : sqlite_failure(self, result, err);
    end_statement(made->statement);
    *ret_changed = sqlite3_total_changes64(self->connection) - before;
    return failed;
}

/* The first step is taken at once, so that what the statement writes (RETURNING) is written by the query and not by the
 * first look at its rows, as in PostgreSQL. Later steps read the values again, so SQLite takes copies. */
static int sqlite_query(struct db *db, struct db_prepared *prepared, const struct db_value *values, struct err *err)
{
    struct sqlite *self = sqlite_of(db);
    const struct prepared *made = prepared->handle;
    if (sqlite3_column_count(made->statement) == 0)
        return err_set(err, E_BUG, "it gives no rows: db_run");
    int result = first_step(prepared, values, SQLITE_TRANSIENT);
    if (result != SQLITE_ROW && result != SQLITE_DONE) {
        int failed = sqlite_failure(self, result, err);
        end_statement(made->statement);
        return failed;
    }
    self->row = made->statement;
    self->ahead = result;
    return 0;
}

static int sqlite_next(struct db *db, struct err *err)
{
    struct sqlite *self = sqlite_of(db);
    int result = self->ahead ? self->ahead : sqlite3_step(self->row);
    self->ahead = result == SQLITE_DONE ? SQLITE_DONE : 0; /* a step behind the end would begin anew */
    if (result == SQLITE_ROW)
        return 1;
    return result == SQLITE_DONE ? 0 : sqlite_failure(self, result, err);
}

static void sqlite_done(struct db *db)
{
    struct sqlite *self = sqlite_of(db);
    end_statement(self->row);
    self->row = NULL;
}

/* --- columns -------------------------------------------------------------------------------------------------------- */

static bool sqlite_is_null(struct db *db, int column)
{
    return sqlite3_column_type(sqlite_of(db)->row, column) == SQLITE_NULL;
}

static int64_t sqlite_get_i64(struct db *db, int column)
{
    return sqlite3_column_int64(sqlite_of(db)->row, column);
}

static double sqlite_get_f64(struct db *db, int column)
{
    return sqlite3_column_double(sqlite_of(db)->row, column);
}

/* The length is asked after the bytes: asking for them may convert the value. */
static struct text sqlite_get_text(struct db *db, int column)
{
    sqlite3_stmt *row = sqlite_of(db)->row;
    const char *bytes = (const char *)sqlite3_column_text(row, column);
    return (struct text){bytes, (size_t)sqlite3_column_bytes(row, column)};
}

static struct text sqlite_get_blob(struct db *db, int column)
{
    sqlite3_stmt *row = sqlite_of(db)->row;
    const char *bytes = sqlite3_column_blob(row, column);
    return (struct text){bytes, (size_t)sqlite3_column_bytes(row, column)};
}

/* --- scripts -------------------------------------------------------------------------------------------------------- */

int sqlite_run_text(struct sqlite *self, struct text sql, struct err *err)
{
    while (!text_empty(sql)) {
        sqlite3_stmt *statement = NULL;
        const char *tail = NULL;
        int result = sqlite3_prepare_v2(self->connection, sql.data, (int)sql.len, &statement, &tail);
        if (result == SQLITE_OK)
            result = statement ? sqlite3_step(statement) : SQLITE_DONE;
        while (result == SQLITE_ROW)
            result = sqlite3_step(statement);
        int failed = result == SQLITE_DONE ? 0 : sqlite_failure(self, result, err);
        sqlite3_finalize(statement);
        if (failed)
            return failed;
        sql = text_slice(sql, (size_t)(tail - sql.data), sql.len);
    }
    return 0;
}

static int sqlite_script(struct db *db, struct text sql, struct err *err)
{
    return sqlite_run_text(sqlite_of(db), sql, err);
}

const struct db_driver sqlite_driver = {
    .kind = DB_SQLITE,
    .starts = {SQLITE_STARTS},
    .open = sqlite_open,
    .close = sqlite_close,
    .cancel = sqlite_cancel,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .savepoint = sqlite_savepoint,
    .release = sqlite_release,
    .rollback_to = sqlite_rollback_to,
    .in_transaction = sqlite_in_transaction,
    .prepare = sqlite_prepare,
    .forget = sqlite_forget,
    .run = sqlite_run,
    .query = sqlite_query,
    .next = sqlite_next,
    .done = sqlite_done,
    .is_null = sqlite_is_null,
    .get_i64 = sqlite_get_i64,
    .get_f64 = sqlite_get_f64,
    .get_text = sqlite_get_text,
    .get_blob = sqlite_get_blob,
    .script = sqlite_script,
    .own = sqlite_own,
    .check = sqlite_check,
    .backup = sqlite_backup,
};

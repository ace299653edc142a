/* bridge/store/db.c
 *
 * What connections to both databases have in common: see driver.h for the states.
 */
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "loop/op.h"
#include "store/driver.h"

#include <math.h>
#include <stdlib.h>

/* A kind of database is a row here. */
static const struct db_driver *const drivers[] = {
    &sqlite_driver,
    &postgres_driver,
};

/* --- connections --------------------------------------------------------------------------------------------------- */

static const struct db_driver *driver_of(struct text address)
{
    for (size_t i = 0; i < ARRAY_LEN(drivers); i++)
        for (size_t j = 0; j < ARRAY_LEN(drivers[i]->starts) && drivers[i]->starts[j]; j++)
            if (text_starts(address, text_of(drivers[i]->starts[j])))
                return drivers[i];
    return NULL;
}

int db_open(struct text address, enum db_access access, struct db **ret_db, struct err *err)
{
    struct err cause = {0};
    const struct db_driver *driver = driver_of(address);
    /* Only what stands before the colon is repeated: behind it may be a password. */
    struct text kind = text_slice(address, 0, text_find_byte(address, ':', 0));
    if (!driver)
        return err_set(err, E_BAD_INPUT, "there is no database of the kind \"%.*s\": use sqlite:PATH or postgres://...",
                       TEXT_ARG(kind));
    struct db *db;
    int failed = driver->open(address, access, &db, &cause);
    if (failed)
        return err_set(err, failed, "%s", cause.text);
    db->driver = driver;
    db->access = access;
    u64_map_init(&db->by_statement);
    *ret_db = db;
    return 0;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    db_rollback(db);
    for (uint32_t i = 0; i < db->n_prepared; i++)
        db->driver->forget(db, &db->prepared[i]);
    free(db->prepared);
    u64_map_release(&db->by_statement);
    db->driver->close(db);
}

enum db_kind db_kind(const struct db *db)
{
    return db->driver->kind;
}

void db_cancel(struct db *db)
{
    db->driver->cancel(db);
}

/* --- failures ------------------------------------------------------------------------------------------------------- */

/* With the place, but where people read the sentence to help themselves and no place matters. */
static void say_where(struct err *err, const char *what, int code, const struct err *cause)
{
    if (text_starts(text_of(cause->text), TEXT("the disk is full")))
        err_set(err, code, "%s", cause->text);
    else
        err_set(err, code, "%s: %s", what, cause->text);
}

/* Something failed with `code` and the sentence in `cause`, at `what`: keeps in mind what that means for the
 * transaction, and tells the caller. */
static int db_failed(struct db *db, const char *what, int code, const struct err *cause, struct err *err)
{
    say_where(err, what, code, cause);
    if (!db->open)
        return code;
    if (db->spoilt.code == 0)
        say_where(&db->spoilt, what, code, cause);
    if (!db->driver->in_transaction(db))
        db->lost = true;
    return code;
}

/* 0 where the transaction (or none) can go on. */
static int db_sound(const struct db *db, const char *what, struct err *err)
{
    if (db->spoilt.code)
        return err_set(err, db->spoilt.code, "%s: the transaction had failed before: %s", what, db->spoilt.text);
    if (db->rows.prepared)
        return err_set(err, E_BUG, "%s: the query %s is still open", what, db->rows.prepared->statement->name);
    return 0;
}

/* --- transactions --------------------------------------------------------------------------------------------------- */

int db_begin(struct db *db, struct err *err)
{
    struct err cause = {0};
    if (db->open)
        return err_set(err, E_BUG, "begin: a transaction is open");
    int failed = db_sound(db, "begin", err);
    if (failed)
        return failed;
    failed = db->driver->begin(db, &cause);
    if (failed)
        return db_failed(db, "begin", failed, &cause, err);
    db->open = true;
    db->lost = false;
    return 0;
}

/* commit, savepoint, release: a driver's function in an open transaction that is sound. */
static int db_step(struct db *db, const char *what, int (*run)(struct db *, struct err *), struct err *err)
{
    struct err cause = {0};
    if (!db->open)
        return err_set(err, E_BUG, "%s: no transaction is open", what);
    int result = db_sound(db, what, err);
    if (result)
        return result;
    result = run(db, &cause);
    return result < 0 ? db_failed(db, what, result, &cause, err) : result;
}

int db_commit(struct db *db, struct err *err)
{
    int result = db_step(db, "commit", db->driver->commit, err);
    if (result == 0)
        db->open = false;
    return result;
}

void db_rollback(struct db *db)
{
    db_done(&db->rows);
    if (db->open)
        db->driver->rollback(db);
    db->open = false;
    db->lost = false;
    db->spoilt = (struct err){0};
}

int db_savepoint(struct db *db, struct err *err)
{
    return db_step(db, "savepoint", db->driver->savepoint, err);
}

int db_release(struct db *db, struct err *err)
{
    return db_step(db, "release", db->driver->release, err);
}

int db_rollback_to(struct db *db, struct err *err)
{
    struct err cause = {0};
    db_done(&db->rows);
    if (!db->open)
        return err_set(err, E_BUG, "rollback to: no transaction is open");
    if (db->lost)
        return err_set(err, db->spoilt.code, "the database gave the whole transaction up: %s", db->spoilt.text);
    int failed = db->driver->rollback_to(db, &cause);
    if (failed)
        return db_failed(db, "rollback to", failed, &cause, err);
    db->spoilt = (struct err){0};
    return 0;
}

int db_transact(struct db *db, int (*run)(struct db *db, void *context, struct err *err), void *context,
                struct err *err)
{
    int result = OP_AGAIN;
    for (int tries = 0; tries < LIMIT_GROUP_TRIES && result == OP_AGAIN; tries++) {
        result = db_begin(db, err);
        if (!result)
            result = run(db, context, err);
        if (!result)
            result = db_commit(db, err);
        if (result)
            db_rollback(db);
    }
    if (result == OP_AGAIN)
        return err_set(err, E_BUSY, "the database asked %d times to begin again", LIMIT_GROUP_TRIES);
    return result;
}

/* --- statements ----------------------------------------------------------------------------------------------------- */

static int db_room_for_one(struct db *db)
{
    if (db->n_prepared < db->size_prepared)
        return 0;
    uint32_t size = db->size_prepared ? db->size_prepared * 2 : 64;
    struct db_prepared *larger = realloc(db->prepared, size * sizeof *larger);
    if (!larger)
        return E_NOMEM;
    db->prepared = larger;
    db->size_prepared = size;
    return 0;
}

static int db_prepare(struct db *db, const struct statement *statement, struct db_prepared **ret_prepared,
                      struct err *err)
{
    uint64_t key = (uint64_t)(uintptr_t)statement;
    uint32_t index;
    if (u64_map_get(&db->by_statement, key, &index)) {
        *ret_prepared = &db->prepared[index];
        return 0;
    }
    struct db_prepared prepared = {.statement = statement};
    int failed = statement_parameters(text_of(statement->sql), &prepared.n, err);
    if (failed)
        return failed;
    if (db_room_for_one(db) != 0)
        return err_set(err, E_NOMEM, "no memory for a statement");
    index = db->n_prepared;
    failed = db->driver->prepare(db, &prepared, index, err);
    if (failed)
        return failed;
    if (u64_map_put(&db->by_statement, key, index) != 0) {
        db->driver->forget(db, &prepared);
        return err_set(err, E_NOMEM, "no memory for a statement");
    }
    db->prepared[index] = prepared;
    db->n_prepared++;
    *ret_prepared = &db->prepared[index];
    return 0;
}

static int values_valid(const struct db_prepared *prepared, const struct db_value *values, size_t n, struct err *err)
{
    if (n != prepared->n)
        return err_set(err, E_BUG, "it has %zu parameters and was given %zu", prepared->n, n);
    for (size_t i = 0; i < n; i++) {
        if (values[i].type == DB_TEXT && !utf8_valid(values[i].bytes))
            return err_set(err, E_BUG, "$%zu is no valid UTF-8 without NUL", i + 1);
        if (values[i].type == DB_F64 && isnan(values[i].f64))
            return err_set(err, E_BUG, "$%zu is no number", i + 1);
    }
    return 0;
}

/* Up to the driver: what db_run and db_query have in common. */
static int db_ready(struct db *db, const struct statement *statement, const struct db_value *values, size_t n,
                    struct db_prepared **ret_prepared, struct err *err)
{
    struct err cause = {0};
    int failed = db_sound(db, statement->name, err);
    if (failed)
        return failed;
    failed = db_prepare(db, statement, ret_prepared, &cause);
    if (!failed)
        failed = values_valid(*ret_prepared, values, n, &cause);
    return failed ? db_failed(db, statement->name, failed, &cause, err) : 0;
}

int db_run(struct db *db, const struct statement *statement, const struct db_value *values, size_t n,
           int64_t *ret_changed, struct err *err)
{
    struct err cause = {0};
    struct db_prepared *prepared;
    int64_t changed = 0;
    int failed = db_ready(db, statement, values, n, &prepared, err);
    if (failed)
        return failed;
    failed = db->driver->run(db, prepared, values, &changed, &cause);
    if (failed)
        return db_failed(db, statement->name, failed, &cause, err);
    if (ret_changed)
        *ret_changed = changed;
    return 0;
}

int db_query(struct db *db, const struct statement *statement, const struct db_value *values, size_t n,
             struct db_rows **ret_rows, struct err *err)
{
    struct err cause = {0};
    struct db_prepared *prepared;
    int failed = db_ready(db, statement, values, n, &prepared, err);
    if (failed)
        return failed;
    failed = db->driver->query(db, prepared, values, &cause);
    if (failed)
        return db_failed(db, statement->name, failed, &cause, err);
    db->rows = (struct db_rows){.db = db, .prepared = prepared};
    *ret_rows = &db->rows;
    return 0;
}

int db_next(struct db_rows *rows, struct err *err)
{
    struct err cause = {0};
    int result = rows->db->driver->next(rows->db, &cause);
    return result < 0 ? db_failed(rows->db, rows->prepared->statement->name, result, &cause, err) : result;
}

void db_done(struct db_rows *rows)
{
    if (!rows || !rows->prepared)
        return;
    rows->db->driver->done(rows->db);
    rows->prepared = NULL;
}

bool db_is_null(const struct db_rows *rows, int column)
{
    return rows->db->driver->is_null(rows->db, column);
}

int64_t db_get_i64(const struct db_rows *rows, int column)
{
    return rows->db->driver->get_i64(rows->db, column);
}

double db_get_f64(const struct db_rows *rows, int column)
{
    return rows->db->driver->get_f64(rows->db, column);
}

struct text db_get_text(const struct db_rows *rows, int column)
{
    return rows->db->driver->get_text(rows->db, column);
}

struct text db_get_blob(const struct db_rows *rows, int column)
{
    return rows->db->driver->get_blob(rows->db, column);
}

int db_script(struct db *db, struct text sql, struct err *err)
{
    struct err cause = {0};
    int failed = db_sound(db, "script", err);
    if (failed)
        return failed;
    failed = db->driver->script(db, sql, &cause);
    return failed ? db_failed(db, "script", failed, &cause, err) : 0;
}

/* --- for the rest of the room --------------------------------------------------------------------------------------- */

int db_own(struct db *db, struct err *err)
{
    return db->driver->own(db, err);
}

int db_check(struct db *db, void (*found)(void *context, const char *sentence), void *context, struct err *err)
{
    return db->driver->check(db, found, context, err);
}

int db_backup(struct db *db, const char *path, struct err *err)
{
    return db->driver->backup(db, path, err);
}

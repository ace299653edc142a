/* bridge/store/db.h
 *
 * One connection to the database, at the level of statements: SQLite and PostgreSQL behind a dozen functions.
 *
 * One SQL text serves both (Core Lightning's db driver is the model). Parameters are $1 ... $n, each a *name* to SQLite,
 * so the driver binds by name and checks at prepare that the names are exactly those. Casts are written CAST($1 AS
 * BIGINT). What differs between the two, DDL apart, never leaves this room.
 *
 *     SQLite      WAL, synchronous = FULL, secure_delete, foreign keys off, mmap_size = 0. One connection of the process
 *                 that owns the data folder writes and makes every checkpoint; all others are read-only and never
 *                 checkpoint, also not at their close (SQLite 3.40.1 has the WAL-reset bug: two connections that write
 *                 and checkpoint at once can corrupt the file).
 *     PostgreSQL  libpq, binary parameters and results; connect_timeout, statement_timeout and tcp_user_timeout are set.
 *
 * Text that goes in is valid UTF-8 without NUL (PostgreSQL refuses what SQLite takes). A connection belongs to one thread
 * at a time, but for db_cancel. One query is open at a time.
 */
#ifndef SKEIN_STORE_DB_H
#define SKEIN_STORE_DB_H

#include "base/err.h"
#include "base/text.h"

struct db;
struct db_rows;

enum db_kind { DB_SQLITE, DB_POSTGRES };
enum db_access { DB_WRITER, DB_READER };

/* --- statements ----------------------------------------------------------------------------------------------------
 *
 * Each stands right above the function that binds it, and registers itself: tests/store walks all of them, runs each on
 * both databases with the same rows, and looks at its plan. */

struct statement {
    const char *name; /* "pair_put": unique */
    const char *sql;
    const char *scans; /* why it may read a whole table; NULL: it must not */
};

/* STATEMENT(pair_put, "INSERT INTO ..."); or with .scans = "..." behind the text. */
#define STATEMENT(variable, text, ...)                                                                                 \
    static const struct statement variable = {.name = #variable, .sql = (text), __VA_ARGS__};                          \
    static const struct statement *const variable##_row __attribute__((used, section("skein_statements"))) = &variable

/* All statements that are linked into this program: from begin up to end. */
void statements_all(const struct statement *const **ret_begin, const struct statement *const **ret_end);

/* --- values -------------------------------------------------------------------------------------------------------- */

enum db_type { DB_NULL, DB_I64, DB_F64, DB_TEXT, DB_BLOB };

struct db_value {
    enum db_type type;
    int64_t i64;
    double f64;        /* a number, no NaN: SQLite would keep NULL */
    struct text bytes; /* borrowed for the call; DB_TEXT, DB_BLOB */
};

static inline struct db_value db_null(void)
{
    return (struct db_value){.type = DB_NULL};
}
static inline struct db_value db_i64(int64_t value)
{
    return (struct db_value){.type = DB_I64, .i64 = value};
}
static inline struct db_value db_f64(double value)
{
    return (struct db_value){.type = DB_F64, .f64 = value};
}
static inline struct db_value db_text(struct text value)
{
    return (struct db_value){.type = DB_TEXT, .bytes = value};
}
static inline struct db_value db_blob(struct text value)
{
    return (struct db_value){.type = DB_BLOB, .bytes = value};
}

/* --- connections --------------------------------------------------------------------------------------------------- */

/* `address`: "sqlite:PATH" or "postgres://..." ("postgresql://..."). A writer makes the SQLite file (0600) where it is
 * missing. E_IO, E_UNAVAILABLE (PostgreSQL cannot be reached), E_BAD_INPUT (no database of this kind), E_NOT_FOUND (a
 * reader, and there is none). */
int db_open(struct text address, enum db_access access, struct db **ret_db, struct err *err);
void db_close(struct db *db); /* NULL is fine */

/* SQLite connections that are opened from now on sync nothing. For the test of the tests (tests/power), which must notice
 * that such a store keeps no promise. Before there are threads. */
void db_sync_nothing(void);

enum db_kind db_kind(const struct db *db);

/* Ends what the connection is doing with E_CANCELLED. Any thread. */
void db_cancel(struct db *db);

/* --- transactions ---------------------------------------------------------------------------------------------------
 *
 * A writer's begins IMMEDIATE; a reader's sees one state of the whole database. db_commit returns 0, OP_AGAIN's number
 * (loop/op.h) where the database asks to begin anew or a lost answer turned out not to be committed, or an error. After
 * a COMMIT whose answer was lost PostgreSQL is asked what became of it (pg_current_xact_id, pg_xact_status).
 *
 * A failure inside a transaction spoils it, on both databases: nothing runs any more until db_rollback_to or db_rollback,
 * so a statement whose failure is expected says ON CONFLICT and looks at what it changed. Where the database gave the
 * whole transaction up (a full disk, a lost connection), savepoint, release, rollback_to and commit all fail. */
int db_begin(struct db *db, struct err *err);
int db_commit(struct db *db, struct err *err);
void db_rollback(struct db *db); /* of whatever is open; also where nothing is */
int db_savepoint(struct db *db, struct err *err);
int db_release(struct db *db, struct err *err);
int db_rollback_to(struct db *db, struct err *err); /* the savepoint is gone afterwards */

/* --- running -------------------------------------------------------------------------------------------------------- */

/* Runs a statement that gives no rows. ret_changed (may be NULL): rows that it wrote. E_IO with "the disk is full" where
 * it is, E_BUSY, E_UNAVAILABLE, E_CANCELLED, E_TOO_LARGE, E_BUG (the statement or a value is wrong, or a rule of the
 * schema was broken). Sentences begin with the statement's name. */
int db_run(struct db *db, const struct statement *statement, const struct db_value *values, size_t n,
           int64_t *ret_changed, struct err *err);

/* Begins a query. db_next: 1 with a row, 0 at the end, or an error; db_done in any case, also before the end. */
int db_query(struct db *db, const struct statement *statement, const struct db_value *values, size_t n,
             struct db_rows **ret_rows, struct err *err);
int db_next(struct db_rows *rows, struct err *err);
void db_done(struct db_rows *rows); /* NULL is fine */

/* Columns of the row, from 0. Texts and blobs are borrowed until the next db_next or db_done. NULL reads as 0 or empty. */
bool db_is_null(const struct db_rows *rows, int column);
int64_t db_get_i64(const struct db_rows *rows, int column);
double db_get_f64(const struct db_rows *rows, int column);
struct text db_get_text(const struct db_rows *rows, int column);
struct text db_get_blob(const struct db_rows *rows, int column);

/* Runs several statements without parameters: the schema's steps. */
int db_script(struct db *db, struct text sql, struct err *err);

#endif

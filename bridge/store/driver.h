/* bridge/store/driver.h
 *
 * What a kind of database fills in behind db.h. Inside the room only.
 *
 * db.c does what both have in common: it finds the driver by the address, looks at parameters before they are bound,
 * keeps prepared statements by `struct statement *`, holds "one query at a time", and knows what a failure did to the
 * transaction. A driver only talks to its library.
 *
 *     no transaction ── begin ──> open ─┬─ commit, rollback ─────────────────────────> no transaction
 *                                       └─ a statement fails ──> spoilt: nothing runs but rollback and rollback_to
 *                                             ├─ rollback_to ──> open (what came after the savepoint is gone)
 *                                             └─ the database gave the whole transaction up (driver->in_transaction
 *                                                says no): rollback_to fails as well, and with it the whole group
 *
 * PostgreSQL spoils a transaction by itself; db.c makes SQLite as strict, so that a step behaves alike on both.
 *
 * Every function of the table gets what db.c has looked at already; `err` is never NULL, and a driver that returns an
 * error leaves a sentence in it without the statement's name, which db.c puts before it.
 */
#ifndef SKEIN_STORE_DRIVER_H
#define SKEIN_STORE_DRIVER_H

#include "base/u64_map.h"
#include "store/db.h"

/* Parameters of one statement: the widest table has 13 columns. */
#define DB_PARAMETERS_MAX 32

/* One statement, prepared on one connection. */
struct db_prepared {
    const struct statement *statement; /* borrowed, static */
    size_t n;                          /* parameters: $1 to $n */
    void *handle;                      /* the driver's: what `prepare` gave, until `forget` */
};

struct db_rows {
    struct db *db;
    struct db_prepared *prepared; /* NULL: no query is open */
};

/* What the connections of both kinds have in common: the first member of a driver's own record. */
struct db {
    const struct db_driver *driver;
    enum db_access access;
    struct store *store;          /* borrowed; where it is a writer lane's: whose listener is told */
    struct db_prepared *prepared; /* owned; n_prepared in use, room for size_prepared */
    uint32_t n_prepared;
    uint32_t size_prepared;
    struct u64_map by_statement; /* address of the statement -> index of prepared */
    struct db_rows rows;
    bool open;         /* in a transaction, as far as the caller knows */
    bool lost;         /* ... which the database gave up by itself */
    struct err spoilt; /* code 0: nothing failed since the transaction or the last savepoint began */
};

/* A driver: one static table. Values come as db.h says; their number is prepared->n. */
struct db_driver {
    enum db_kind kind;
    const char *starts[3]; /* addresses that are this driver's begin so: "sqlite:" */

    /* Allocates the driver's record, zeroed, with its struct db first. Neither driver nor access are set by it: db.c
     * does. The whole address. Errors as db_open's. */
    int (*open)(struct text address, enum db_access access, struct db **ret_db, struct err *err);
    void (*close)(struct db *db); /* frees the record; every prepared statement was forgotten */
    void (*cancel)(struct db *db);

    int (*begin)(struct db *db, struct err *err);
    int (*commit)(struct db *db, struct err *err); /* 0, OP_AGAIN, or an error */
    void (*rollback)(struct db *db);               /* also where the database has none any more */
    int (*savepoint)(struct db *db, struct err *err);
    int (*release)(struct db *db, struct err *err);
    int (*rollback_to)(struct db *db, struct err *err); /* and releases it */
    /* Is one open in the eyes of the database? Asked after a failure; a broken one that waits for ROLLBACK counts. */
    bool (*in_transaction)(struct db *db);

    /* prepared->statement and ->n are set; sets ->handle. `index` is its place on the connection: a name for it. */
    int (*prepare)(struct db *db, struct db_prepared *prepared, uint32_t index, struct err *err);
    void (*forget)(struct db *db, struct db_prepared *prepared);
    int (*run)(struct db *db, struct db_prepared *prepared, const struct db_value *values, int64_t *ret_changed,
               struct err *err);
    /* A query: db->rows.prepared is set while it is open. After an error of `query` there is no `done`. */
    int (*query)(struct db *db, struct db_prepared *prepared, const struct db_value *values, struct err *err);
    int (*next)(struct db *db, struct err *err); /* 1, 0 or an error */
    void (*done)(struct db *db);

    bool (*is_null)(struct db *db, int column);
    int64_t (*get_i64)(struct db *db, int column);
    double (*get_f64)(struct db *db, int column);
    struct text (*get_text)(struct db *db, int column);
    struct text (*get_blob)(struct db *db, int column);

    int (*script)(struct db *db, struct text sql, struct err *err);

    /* A writer's: makes this process the one owner until the connection closes, beyond what flock on the data folder
     * says. E_BUSY where somebody else is it. */
    int (*own)(struct db *db, struct err *err);
    /* Reads everything that is stored, and calls `found` with a sentence for each damage. */
    int (*check)(struct db *db, void (*found)(void *context, const char *sentence), void *context, struct err *err);
    /* Writes a copy of one state of the database to a file that does not exist yet. */
    int (*backup)(struct db *db, const char *path, struct err *err);
};

extern const struct db_driver sqlite_driver;
extern const struct db_driver postgres_driver;

/* Calls run between begin and commit, again where the database asks for it, at most LIMIT_GROUP_TRIES times. For the
 * owner's work before there are lanes. */
int db_transact(struct db *db, int (*run)(struct db *db, void *context, struct err *err), void *context,
                struct err *err);

/* --- for store.c, check.c and backup.c: the driver's functions of the same name ------------------------------------- */

int db_own(struct db *db, struct err *err);
int db_check(struct db *db, void (*found)(void *context, const char *sentence), void *context, struct err *err);
int db_backup(struct db *db, const char *path, struct err *err);

/* The number of parameters of a text, whose names must be exactly $1 to $n. Quoted strings and comments are passed over.
 * E_BUG with a sentence for every other kind of parameter, for gaps, and for casts written "::". */
int statement_parameters(struct text sql, size_t *ret_n, struct err *err);

#endif

/* bridge/store/store.h
 *
 * The data folder and the database of a server: who owns it, its schema, its keys, and the lanes that reach it.
 *
 *     data/            0700; never on a network file system
 *       skein.db       SQLite's file (with -wal and -shm); `database` may name another place, or PostgreSQL
 *       keys           the two keys (crypto/keys.h)
 *       left-out.log   opt-outs, shields and erasures once more, append-only (store/left_out.h)
 *       lock           flock: who owns the folder
 *       control.sock   where the owner takes work from commands (app)
 *
 * One owner: numbers of X accounts are given in memory, so two writers would give one number to two people. The owner
 * holds an exclusive flock on data/lock (on PostgreSQL also an advisory lock on the writer's connection); readers open
 * the database read-only beside it. Both ends are released by the kernel when the process dies.
 */
#ifndef SKEIN_STORE_STORE_H
#define SKEIN_STORE_STORE_H

#include "base/clock.h"
#include "crypto/keys.h"
#include "loop/lane.h"
#include "store/db.h"

struct store;

enum store_role { STORE_OWNER, STORE_READER };

struct store_options {
    const char *folder;   /* the data folder; an owner makes it where it is missing */
    struct text database; /* "sqlite:PATH", "postgres://..."; empty: sqlite:<folder>/skein.db */
    enum store_role role;
    const struct clock *clock;          /* borrowed; NULL: clock_system */
    const struct random_source *random; /* borrowed; NULL: random_system */
};

/* Opens folder, lock, keys and database; an owner brings the schema up to date and replays left-out.log into rows that
 * are missing. E_BUSY: somebody else owns it (then the work is for its control.sock); E_NOT_FOUND: a reader, and nothing
 * has been stored yet; E_FORBIDDEN: a network file system, a newer schema, or rows hashed with another key. Each with a
 * sentence that says what to do. */
int store_open(const struct store_options *options, struct store **ret_store, struct err *err);
void store_close(struct store *store); /* after its lanes are closed; NULL is fine */

const struct keys *store_keys(const struct store *store);
const struct clock *store_clock(const struct store *store);
const struct random_source *store_random(const struct store *store);
const char *store_folder(const struct store *store);

/* Another connection: for commands that read, and for loading at start. db_close it. Only readers: the one connection
 * that writes is the writer lane's. */
int store_connect(struct store *store, enum db_access access, struct db **ret_db, struct err *err);

/* For lanes_new, with the store as context: op->lane is a `struct db *`. */
extern const struct lane_functions store_lane_functions;

/* Who keeps in memory what the writer writes: told on the writer lane, in the order of what happened, so that it can
 * take back what was rolled back and publish what was committed. Any of them may be NULL. One listener; set before the
 * lanes are made. */
struct store_listener {
    void (*savepoint)(void *context);
    void (*rollback_to)(void *context); /* to the last savepoint */
    void (*rollback)(void *context);    /* of the whole transaction */
    void (*committed)(void *context);   /* before any answer goes out */
    void *context;                      /* borrowed */
};
void store_listen(struct store *store, const struct store_listener *listener);

/* The schema: number and name of each step, and when it was applied (0: not yet). For `skein schema`. */
#define SCHEMA_STEPS_MAX 256 /* as many as there may come to be */
struct schema_step {
    int64_t number;
    const char *name; /* static, "0001_ground" */
    int64_t applied_ms;
};
int store_schema(struct db *db, struct schema_step *ret_steps, size_t max, size_t *ret_n, struct err *err);
/* The same without opening the store, which an older schema would refuse. Nothing stored yet: no step was applied. */
int store_schema_look(const struct store_options *options, struct schema_step *ret_steps, size_t max, size_t *ret_n,
                      struct err *err);

#endif

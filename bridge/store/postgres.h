/* bridge/store/postgres.h
 *
 * What the files of the PostgreSQL driver share.
 *
 *     postgres.c            statements and rows
 *     postgres_link.c       the connection: address, settings, loss and reconnecting, cancelling
 *     postgres_words.c      what the server's errors mean to us, without what people wrote
 *     postgres_commit.c     transactions, and what became of a COMMIT whose answer was lost
 *     postgres_owner.c      the one owner
 *     postgres_copy.c       check and backup
 *
 * A connection is made in db_open and, after it was lost, made again when the next transaction (or a statement outside of
 * one) begins. What was under way fails with E_UNAVAILABLE, but for a COMMIT.
 *
 *     connected ── lost ──> no session ── postgres_ready ─┬─> old session ended, lock taken again ──> connected
 *                                                         └─> somebody else was the owner meanwhile: E_BUSY for ever
 */
#ifndef SKEIN_STORE_POSTGRES_H
#define SKEIN_STORE_POSTGRES_H

#include "base/cleanup.h"
#include "store/driver.h"

#include <libpq-fe.h>
#include <pthread.h>
#include <stdatomic.h>

/* A UUID as text, and more than a process id or a time needs. */
#define POSTGRES_TEXT_MAX 64

enum ownership {
    OWNS_NOTHING,
    OWNS,
    OUSTED, /* somebody else was the owner while we were away: what we hold in memory is not true any more */
};

/* What became of the transaction before. */
enum doubt {
    DOUBT_NONE,
    DOUBT_COMMIT, /* its COMMIT was not answered, and the server could not be asked */
    DOUBT_BEHIND, /* ... and was done, while our callers had been told that it may not be */
};

struct postgres {
    struct db db;
    PGconn *connection; /* owned; NULL: none was made, or it was lost */
    char *address;      /* owned; it may hold a password, so it stands in no sentence */
    uint64_t life;      /* how-manyeth connection; statements prepared in another one do not exist in this */

    /* The session on the server, also of a connection that was lost: until it is known to have ended. */
    char session[POSTGRES_TEXT_MAX]; /* process id */
    char since[POSTGRES_TEXT_MAX];   /* its start: process ids come again */

    enum ownership ownership;
    char token[POSTGRES_TEXT_MAX]; /* what we left in the table server; empty: there was no such table */
    enum doubt doubt;
    char transaction[POSTGRES_TEXT_MAX]; /* its id, from before COMMIT; empty: it wrote nothing */

    PGresult *row;    /* owned; the row that db_next gave */
    PGresult *ahead;  /* owned; the first answer of the open query, until db_next tells it */
    bool at_end;      /* the open query has no more rows */
    int64_t began_ms; /* monotonic; when the statement under way was sent */

    pthread_mutex_t mutex; /* around canceller */
    PGcancel *canceller;   /* owned */
    atomic_bool cancelled; /* since the last begin: who waits for the server gives up */
};

CLEANUP_POINTER(PGresult, PQclear)

static inline struct postgres *postgres_of(struct db *db)
{
    return CONTAINER_OF(db, struct postgres, db);
}

/* --- postgres.c ----------------------------------------------------------------------------------------------------- */

/* A column of the row under way, as what it is. */
struct db_value postgres_value(const struct postgres *self, int column);

/* --- postgres_link.c ------------------------------------------------------------------------------------------------ */

int postgres_open(struct text address, enum db_access access, struct db **ret_db, struct err *err);
void postgres_close(struct db *db);
void postgres_cancel(struct db *db);

/* Connects where there is no connection. E_BUSY: ousted. */
int postgres_ready(struct postgres *self, struct err *err);

/* A new session; ends what is left of the one before, and takes the lock of the owner again. Ousted is no failure. */
int postgres_connect(struct postgres *self, struct err *err);
void postgres_disconnect(struct postgres *self);
bool postgres_is_lost(const struct postgres *self);

/* Notes the time, for failures. */
void postgres_begins(struct postgres *self);

/* Runs SQL texts that are ours, and passes rows over. */
int postgres_exec(struct postgres *self, const char *sql, struct err *err);

/* Asks for one value as text, with parameters as text; empty where there is no row or it is NULL. */
int postgres_ask(struct postgres *self, const char *sql, int n, const char *const *values,
                 char ret_text[POSTGRES_TEXT_MAX], struct err *err);

/* --- postgres_words.c ----------------------------------------------------------------------------------------------- */

/* Is this what we can use as an address, without a word of it that might be a password? */
int postgres_address_check(const char *address, struct err *err);

/* After a connection that could not be made. */
int postgres_refusal(const PGconn *connection, struct err *err);

/* After a statement; result may be NULL. Our code, OP_AGAIN for a writer that is to begin anew. */
int postgres_failure(const struct postgres *self, const PGresult *result, struct err *err);

/* --- postgres_commit.c ---------------------------------------------------------------------------------------------- */

int postgres_begin(struct db *db, struct err *err);
int postgres_commit(struct db *db, struct err *err);
void postgres_rollback(struct db *db);
int postgres_savepoint(struct db *db, struct err *err);
int postgres_release(struct db *db, struct err *err);
int postgres_rollback_to(struct db *db, struct err *err);
bool postgres_in_transaction(struct db *db);

/* --- postgres_owner.c ----------------------------------------------------------------------------------------------- */

int postgres_own(struct db *db, struct err *err);

/* After a reconnect: ends what is left of the session before, so that it neither commits nor holds a lock any more. */
int postgres_end_old_session(struct postgres *self, const char *session, const char *since, struct err *err);

/* After a reconnect: takes the lock again where we had it, and looks whether somebody else was the owner meanwhile. */
int postgres_own_again(struct postgres *self, struct err *err);

/* E_BUSY with the sentence where somebody was; else 0. */
int postgres_ousted(const struct postgres *self, struct err *err);

/* --- postgres_copy.c ------------------------------------------------------------------------------------------------ */

int postgres_check(struct db *db, void (*found)(void *context, const char *sentence), void *context, struct err *err);
int postgres_backup(struct db *db, const char *path, struct err *err);

#endif

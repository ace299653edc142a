/* bridge/store/postgres_commit.c
 *
 * Transactions on PostgreSQL, and what became of a COMMIT whose answer was lost.
 *
 *     COMMIT ─┬─ answered ───────────────────────────> done, or its error
 *             └─ lost ── connect, end the old session, ask pg_xact_status ─┬─ committed ──> done
 *                                                                          ├─ aborted ────> OP_AGAIN
 *                                                                          └─ no answer in time: the writer is in doubt,
 *                                                                             and asks again before it writes
 *
 * Who is told "not known" takes back what it holds in memory. So where it turns out later that the transaction was kept,
 * memory is behind the database, and the writer stops for good: a new start reads everything.
 */
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "loop/op.h"
#include "store/postgres.h"

#include <string.h>
#include <unistd.h>

#define PAUSE_US (200 * 1000)

/* --- doubt ---------------------------------------------------------------------------------------------------------- */

/* A number that this server has not given yet is a transaction that a standby never got, before it took over. The
 * session that ran it has ended, so it is not under way either. */
#define FATE                                                                                                           \
    "SELECT CASE WHEN CAST($1 AS xid8) >= pg_snapshot_xmax(pg_current_snapshot()) THEN 'aborted' "                     \
    "ELSE pg_xact_status(CAST($1 AS xid8)) END"

/* 0: committed, OP_AGAIN: it was not; or why it is not known yet. */
static int ask_fate(struct postgres *self, struct err *err)
{
    const char *const values[] = {self->transaction};
    char fate[POSTGRES_TEXT_MAX];
    int failed = postgres_is_lost(self) ? postgres_connect(self, err) : 0;
    if (!failed)
        failed = postgres_ask(self, FATE, 1, values, fate, err);
    if (failed)
        return failed;
    if (strcmp(fate, "committed") == 0)
        return 0;
    if (strcmp(fate, "aborted") == 0)
        return OP_AGAIN;
    return err_set(err, E_UNAVAILABLE, "PostgreSQL calls it %s", fate[0] ? fate : "too old");
}

/* As ask_fate, until it is known or it takes too long. */
static int find_fate(struct postgres *self, struct err *err)
{
    struct err cause = {0};
    int64_t latest = clock_monotonic(&clock_system) + LIMIT_POSTGRES_DOUBT_MS;
    for (;;) {
        int fate = ask_fate(self, &cause);
        if (fate >= 0)
            return fate;
        if (atomic_load(&self->cancelled) || clock_monotonic(&clock_system) > latest)
            return err_set(err, E_UNAVAILABLE, "it is not known whether the last changes were kept: %s", cause.text);
        usleep(PAUSE_US);
    }
}

/* Before a writer's transaction: what became of the one before? */
static int settle(struct postgres *self, struct err *err)
{
    if (self->doubt == DOUBT_COMMIT) {
        int fate = find_fate(self, err);
        if (fate < 0)
            return fate;
        self->doubt = fate == OP_AGAIN ? DOUBT_NONE : DOUBT_BEHIND;
    }
    if (self->doubt == DOUBT_BEHIND)
        return err_set(
            err, E_UNAVAILABLE,
            "changes of which PostgreSQL could not say whether they were kept, were: start Skein again, so that "
            "it reads them");
    return 0;
}

/* --- transactions --------------------------------------------------------------------------------------------------- */

static int begin(struct postgres *self, struct err *err)
{
    int failed = postgres_ready(self, err);
    if (failed)
        return failed;
    return postgres_exec(self,
                         self->db.access == DB_WRITER ? "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
                                                      : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                         err);
}

/* A session that ended while nothing was under way (a server that was restarted) is no failure. */
int postgres_begin(struct db *db, struct err *err)
{
    struct postgres *self = postgres_of(db);
    atomic_store(&self->cancelled, false);
    int failed = settle(self, err);
    if (failed)
        return failed;
    bool had_session = !postgres_is_lost(self);
    failed = begin(self, err);
    if (failed && had_session && postgres_is_lost(self))
        failed = begin(self, err);
    return failed;
}

/* COMMIT is answered with "ROLLBACK" where the server had given the transaction up. */
static int commit(struct postgres *self, struct err *err)
{
    postgres_begins(self);
    CLEANUP(PQclear_at) PGresult *result = PQexec(self->connection, "COMMIT");
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        return postgres_failure(self, result, err);
    if (strcmp(PQcmdStatus(result), "COMMIT") != 0)
        return err_set(err, E_BUG, "PostgreSQL answers COMMIT with %s", PQcmdStatus(result));
    return 0;
}

int postgres_commit(struct db *db, struct err *err)
{
    struct postgres *self = postgres_of(db);
    self->transaction[0] = '\0';
    if (db->access == DB_WRITER) {
        int failed = postgres_ask(self, "SELECT pg_current_xact_id_if_assigned()", 0, NULL, self->transaction, err);
        if (failed)
            return failed;
    }
    int result = commit(self, err);
    if (result == 0 || !postgres_is_lost(self))
        return result;
    if (!self->transaction[0])
        return 0; /* it had nothing to keep */
    result = find_fate(self, err);
    if (result < 0)
        self->doubt = DOUBT_COMMIT;
    else
        log_line(LOG_WARN, "store", "the answer of a COMMIT was lost; PostgreSQL says that it was %s",
                 result == 0 ? "done" : "not done");
    return result;
}

bool postgres_in_transaction(struct db *db)
{
    PGTransactionStatusType status = PQtransactionStatus(postgres_of(db)->connection);
    return status == PQTRANS_ACTIVE || status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

/* A session that cannot be brought back to nothing is given up: its end rolls back as well. */
void postgres_rollback(struct db *db)
{
    struct postgres *self = postgres_of(db);
    struct err err = {0};
    if (postgres_in_transaction(db) && postgres_exec(self, "ROLLBACK", &err) != 0)
        postgres_disconnect(self);
}

int postgres_savepoint(struct db *db, struct err *err)
{
    return postgres_exec(postgres_of(db), "SAVEPOINT step", err);
}

int postgres_release(struct db *db, struct err *err)
{
    return postgres_exec(postgres_of(db), "RELEASE SAVEPOINT step", err);
}

int postgres_rollback_to(struct db *db, struct err *err)
{
    return postgres_exec(postgres_of(db), "ROLLBACK TO SAVEPOINT step; RELEASE SAVEPOINT step", err);
}

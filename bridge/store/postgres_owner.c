/* bridge/store/postgres_owner.c
 *
 * The one owner of a database on PostgreSQL.
 *
 * A session advisory lock says who it is, and the server lets go of it when the session ends: also when our network fails
 * for a moment and we are still there. So after a reconnect the lock is taken again, and more: had somebody else been the
 * owner in between, what we hold in memory would be behind the database. Each owner leaves a token of its own in the
 * table `server`; whoever finds another's there has been ousted, and writes nothing any more.
 */
#include "base/clock.h"
#include "base/limits.h"
#include "store/postgres.h"

#include <string.h>
#include <unistd.h>

/* The lock's number: "skein" in ASCII. Advisory locks belong to one database each. */
#define LOCK "495824790894"

#define PAUSE_US (50 * 1000)

int postgres_end_old_session(struct postgres *self, const char *session, const char *since, struct err *err)
{
    const char *const values[] = {session, since};
    int64_t latest = clock_monotonic(&clock_system) + LIMIT_POSTGRES_DOUBT_MS;
    for (;;) {
        char there[POSTGRES_TEXT_MAX];
        int failed = postgres_ask(self,
                                  "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                                  "WHERE pid = CAST($1 AS INTEGER) AND backend_start = CAST($2 AS TIMESTAMPTZ)",
                                  2, values, there, err);
        if (failed || !there[0])
            return failed;
        if (atomic_load(&self->cancelled))
            return err_set(err, E_CANCELLED, "the database was told to stop");
        if (clock_monotonic(&clock_system) > latest)
            return err_set(err, E_UNAVAILABLE, "the session before (process %s of PostgreSQL) does not end", session);
        usleep(PAUSE_US);
    }
}

/* The token of the last owner; empty where there is none. */
static int token_read(struct postgres *self, char ret_token[POSTGRES_TEXT_MAX], struct err *err)
{
    char table[POSTGRES_TEXT_MAX];
    int failed = postgres_ask(self, "SELECT to_regclass('server')", 0, NULL, table, err);
    ret_token[0] = '\0';
    if (failed || !table[0])
        return failed;
    return postgres_ask(self, "SELECT value FROM server WHERE name = 'postgres_owner'", 0, NULL, ret_token, err);
}

static int token_write(struct postgres *self, struct err *err)
{
    char table[POSTGRES_TEXT_MAX];
    int failed = postgres_ask(self, "SELECT to_regclass('server')", 0, NULL, table, err);
    if (failed || !table[0])
        return failed;
    return postgres_ask(self,
                        "INSERT INTO server (name, value) VALUES ('postgres_owner', gen_random_uuid()) "
                        "ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value RETURNING value",
                        0, NULL, self->token, err);
}

static int lock_take(struct postgres *self, struct err *err)
{
    char taken[POSTGRES_TEXT_MAX];
    char holder[POSTGRES_TEXT_MAX];
    int failed = postgres_ask(self, "SELECT pg_try_advisory_lock(" LOCK ")", 0, NULL, taken, err);
    if (failed || strcmp(taken, "t") == 0)
        return failed;
    failed = postgres_ask(self,
                          "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 "
                          "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
                          "AND (CAST(classid AS BIGINT) << 32) + CAST(objid AS BIGINT) = " LOCK,
                          0, NULL, holder, err);
    if (failed)
        return failed;
    return err_set(err, E_BUSY,
                   "another Skein works on this database (process %s of PostgreSQL): stop it, or give this one a "
                   "database of its own",
                   holder[0] ? holder : "unknown");
}

int postgres_own(struct db *db, struct err *err)
{
    struct postgres *self = postgres_of(db);
    int failed = postgres_ready(self, err);
    if (failed || self->ownership == OWNS)
        return failed;
    failed = lock_take(self, err);
    if (!failed)
        failed = token_write(self, err);
    if (!failed)
        self->ownership = OWNS;
    return failed;
}

int postgres_ousted(const struct postgres *self, struct err *err)
{
    if (self->ownership != OUSTED)
        return 0;
    return err_set(err, E_BUSY,
                   "another Skein took this database over while the connection was lost: nothing is written any more; "
                   "stop one of the two, and start the other again");
}

int postgres_own_again(struct postgres *self, struct err *err)
{
    char token[POSTGRES_TEXT_MAX] = "";
    if (self->ownership != OWNS)
        return 0;
    int failed = lock_take(self, err);
    if (!failed)
        failed = token_read(self, token, err);
    if (failed && failed != E_BUSY)
        return failed;
    if (failed || strcmp(token, self->token) != 0)
        self->ownership = OUSTED;
    return 0;
}

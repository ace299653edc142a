/* bridge/store/postgres_link.c
 *
 * The connection to PostgreSQL: made, set up, lost, made again, told to stop.
 */
#include "store/postgres.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"

#include <stdlib.h>
#include <string.h>

#define WORD_OF(number) #number
#define WORD(number)    WORD_OF(number)

/* pg_current_xact_id and pg_xact_status by these names; backend_start and all the rest are older. */
#define SERVER_LEAST      130000
#define SERVER_LEAST_WORD "13"

/* Whatever the server, the role, the address or PGOPTIONS have as their own defaults, and what would break if it were
 * otherwise. search_path: nobody may put a table or function of theirs before ours. synchronous_commit: what was
 * acknowledged survives a power cut; waiting for a standby as well is the operator's to choose. jit: plans of ours are
 * never long enough to pay for compiling them. */
static const char settings[] =
    "SET search_path = public, pg_temp;"
    "SET default_transaction_isolation = 'read committed';"
    "SET default_transaction_deferrable = off;"
    "SET statement_timeout = " WORD(
        LIMIT_POSTGRES_STATEMENT_MS) ";"
                                     "SET lock_timeout = " WORD(
                                         LIMIT_POSTGRES_LOCK_MS) ";"
                                                                 "SET idle_in_transaction_session_timeout = 0;"
                                                                 "SET timezone = 'UTC';"
                                                                 "SET standard_conforming_strings = on;"
                                                                 "SET client_min_messages = warning;"
                                                                 "SET jit = off;"
                                                                 "SELECT set_config('synchronous_commit', 'on', false) "
                                                                 "WHERE current_setting('synchronous_commit') IN "
                                                                 "('off', 'local');";

/* --- one session ---------------------------------------------------------------------------------------------------- */

/* libpq's own settings; of one that comes twice the last counts. An operator may have other ones in the address than those
 * that stand before it (its value is put in below). GSSAPI would look for tickets at each connection. */
static const struct option {
    const char *name;
    const char *value; /* NULL: the address */
} options[] = {
    {"connect_timeout", WORD(LIMIT_POSTGRES_CONNECT_S)},
    {"tcp_user_timeout", WORD(LIMIT_POSTGRES_SILENT_MS)},
    {"keepalives_idle", "10"}, /* with the next two: silence of 19 s, about the same */
    {"keepalives_interval", "3"},
    {"keepalives_count", "3"},
    {"target_session_attrs", "primary"},
    {"gssencmode", "disable"},
    {"application_name", "skein"},
    {"dbname", NULL},
    {"client_encoding", "UTF8"},
};

static PGconn *dial(const struct postgres *self)
{
    const char *names[ARRAY_LEN(options) + 1] = {0};
    const char *values[ARRAY_LEN(options) + 1] = {0};
    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        names[i] = options[i].name;
        values[i] = options[i].value ? options[i].value : self->address;
    }
    return PQconnectdbParams(names, values, 1);
}

/* Notices go nowhere: libpq would write them to stderr. */
static void on_notice(void *context, const PGresult *result)
{
    (void)context;
    (void)result;
}

/* A server that we can work with. */
static int suits(PGconn *connection, struct err *err)
{
    int version = PQserverVersion(connection);
    const char *encoding = PQparameterStatus(connection, "server_encoding");
    if (version < SERVER_LEAST)
        return err_set(err, E_BAD_INPUT, "PostgreSQL %d is too old: Skein needs %s or later", version / 10000,
                       SERVER_LEAST_WORD);
    if (!encoding || strcmp(encoding, "UTF8") != 0)
        return err_set(err, E_BAD_INPUT,
                       "the database \"%s\" keeps its texts as %s: make one with "
                       "createdb --template=template0 --encoding=UTF8 NAME",
                       PQdb(connection), encoding ? encoding : "something unknown");
    return 0;
}

static void set_canceller(struct postgres *self, PGcancel *canceller)
{
    pthread_mutex_lock(&self->mutex);
    PQfreeCancel(self->canceller);
    self->canceller = canceller;
    pthread_mutex_unlock(&self->mutex);
}

static int set_up(struct postgres *self, struct err *err)
{
    int failed = suits(self->connection, err);
    if (!failed)
        failed = postgres_exec(self, settings, err);
    if (!failed)
        failed = postgres_exec(self,
                               self->db.access == DB_READER ? "SET default_transaction_read_only = on"
                                                            : "SET default_transaction_read_only = off",
                               err);
    if (!failed && PQserverVersion(self->connection) >= 140000)
        failed = postgres_exec(self, "SET idle_session_timeout = 0", err);
    if (!failed)
        failed = postgres_ask(self, "SELECT pg_backend_pid()", 0, NULL, self->session, err);
    if (!failed)
        failed = postgres_ask(self, "SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()", 0, NULL,
                              self->since, err);
    return failed;
}

void postgres_disconnect(struct postgres *self)
{
    set_canceller(self, NULL);
    PQfinish(self->connection);
    self->connection = NULL;
}

bool postgres_is_lost(const struct postgres *self)
{
    return PQstatus(self->connection) == CONNECTION_BAD;
}

int postgres_connect(struct postgres *self, struct err *err)
{
    char session[POSTGRES_TEXT_MAX];
    char since[POSTGRES_TEXT_MAX];
    memcpy(session, self->session, sizeof session);
    memcpy(since, self->since, sizeof since);
    postgres_disconnect(self);
    PGconn *connection = dial(self);
    if (PQstatus(connection) != CONNECTION_OK) {
        int failed = postgres_refusal(connection, err);
        PQfinish(connection);
        return failed;
    }
    self->connection = connection;
    self->life++;
    PQsetNoticeReceiver(connection, on_notice, NULL);
    set_canceller(self, PQgetCancel(connection));
    int failed = set_up(self, err);
    if (!failed && session[0])
        failed = postgres_end_old_session(self, session, since, err);
    if (!failed)
        failed = postgres_own_again(self, err);
    if (failed) {
        postgres_disconnect(self);
        memcpy(self->session, session, sizeof session);
        memcpy(self->since, since, sizeof since);
    }
    return failed;
}

int postgres_ready(struct postgres *self, struct err *err)
{
    int failed = 0;
    if (postgres_is_lost(self))
        failed = postgres_connect(self, err);
    return failed ? failed : postgres_ousted(self, err);
}

/* --- small questions ------------------------------------------------------------------------------------------------ */

void postgres_begins(struct postgres *self)
{
    self->began_ms = clock_monotonic(&clock_system);
}

int postgres_exec(struct postgres *self, const char *sql, struct err *err)
{
    postgres_begins(self);
    CLEANUP(PQclear_at) PGresult *result = PQexec(self->connection, sql);
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ? 0 : postgres_failure(self, result, err);
}

int postgres_ask(struct postgres *self, const char *sql, int n, const char *const *values,
                 char ret_text[POSTGRES_TEXT_MAX], struct err *err)
{
    postgres_begins(self);
    CLEANUP(PQclear_at) PGresult *result = PQexecParams(self->connection, sql, n, NULL, values, NULL, NULL, 0);
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        return postgres_failure(self, result, err);
    snprintf(ret_text, POSTGRES_TEXT_MAX, "%s", PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
    return 0;
}

/* --- the record ----------------------------------------------------------------------------------------------------- */

int postgres_open(struct text address, enum db_access access, struct db **ret_db, struct err *err)
{
    struct postgres *self = calloc(1, sizeof *self);
    char *copy = strndup(address.data, address.len);
    if (!self || !copy || pthread_mutex_init(&self->mutex, NULL) != 0) {
        free(self);
        free(copy);
        return err_set(err, E_NOMEM, "no memory for a connection");
    }
    self->db.access = access;
    self->address = copy;
    int failed = postgres_address_check(copy, err);
    if (!failed)
        failed = postgres_connect(self, err);
    if (failed)
        postgres_close(&self->db);
    else
        *ret_db = &self->db;
    return failed;
}

void postgres_close(struct db *db)
{
    struct postgres *self = postgres_of(db);
    postgres_disconnect(self);
    pthread_mutex_destroy(&self->mutex);
    free(self->address);
    free(self);
}

/* The server cancels whatever the session does when the request arrives, so one that comes late may hit the statement
 * after the one that was meant. */
void postgres_cancel(struct db *db)
{
    struct postgres *self = postgres_of(db);
    char words[256];
    atomic_store(&self->cancelled, true);
    pthread_mutex_lock(&self->mutex);
    if (self->canceller)
        PQcancel(self->canceller, words, sizeof words);
    pthread_mutex_unlock(&self->mutex);
}

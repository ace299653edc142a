/* tests/lib/postgres_cluster.c
 *
 * The test's side: starts the keeper, gives it orders, makes databases.
 */
#include "lib/postgres_cluster.h"

#include "base/clock.h"
#include "lib/postgres_keeper.h"

#include <inttypes.h>
#include <libpq-fe.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define URL_MAX 1024

struct database {
    struct database *older; /* owned */
    char name[32];
    char url[URL_MAX + 64];
};

struct postgres_cluster {
    pid_t keeper; /* 0: the server is not ours */
    int control;
    char url[URL_MAX]; /* of the database "postgres", or TEST_POSTGRES_URL */
    char socket_path[128];
    struct database *newest; /* owned */
};

/* --- the keeper ---------------------------------------------------------------------------------------------------- */

static int keeper_answered(struct postgres_cluster *cluster, struct err *err)
{
    char answer[KEEPER_ANSWER_MAX + 1];
    ssize_t len = recv(cluster->control, answer, sizeof answer - 1, 0);
    if (len < 1)
        return err_set(err, E_IO, "the keeper of the test's PostgreSQL ended without a word");
    answer[len] = '\0';
    if (answer[0] != '+')
        return err_set(err, E_UNAVAILABLE, "%s", answer + 1);
    snprintf(cluster->url, sizeof cluster->url, "postgres:///postgres?host=%.100s&user=skein", answer + 1);
    snprintf(cluster->socket_path, sizeof cluster->socket_path, "%.100s/.s.PGSQL.5432", answer + 1);
    return 0;
}

static int keeper_start(struct postgres_cluster *cluster, bool durable, struct err *err)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return err_set(err, E_IO, "no socketpair for the keeper of PostgreSQL");
    fflush(NULL);
    cluster->keeper = fork();
    if (cluster->keeper == 0)
        postgres_keeper_run(ends[1], durable);
    close(ends[1]);
    cluster->control = ends[0];
    if (cluster->keeper < 0) {
        cluster->keeper = 0;
        return err_set(err, E_IO, "no process for the keeper of PostgreSQL");
    }
    return keeper_answered(cluster, err);
}

static int keeper_order(struct postgres_cluster *cluster, char order, struct err *err)
{
    if (!cluster->keeper)
        return err_set(err, E_BUG, "a shared PostgreSQL is not the test's to stop");
    if (send(cluster->control, &order, 1, MSG_NOSIGNAL) != 1)
        return err_set(err, E_IO, "the keeper of PostgreSQL is gone");
    return keeper_answered(cluster, err);
}

struct postgres_cluster *postgres_cluster_start(const struct postgres_options *options, struct err *err)
{
    const char *shared = getenv("TEST_POSTGRES_URL");
    struct postgres_cluster *cluster = calloc(1, sizeof *cluster);
    if (!cluster)
        abort();
    cluster->control = -1;
    if (shared && shared[0] && !options->own && !options->durable)
        snprintf(cluster->url, sizeof cluster->url, "%s", shared);
    else if (keeper_start(cluster, options->durable, err) != 0) {
        postgres_cluster_end(cluster);
        return NULL;
    }
    return cluster;
}

int postgres_cluster_down(struct postgres_cluster *cluster, struct err *err)
{
    return keeper_order(cluster, KEEPER_DOWN, err);
}

int postgres_cluster_up(struct postgres_cluster *cluster, struct err *err)
{
    return keeper_order(cluster, KEEPER_UP, err);
}

const char *postgres_cluster_socket(const struct postgres_cluster *cluster)
{
    return cluster->keeper ? cluster->socket_path : NULL;
}

const char *postgres_cluster_url(const struct postgres_cluster *cluster)
{
    return cluster->url;
}

/* --- databases ----------------------------------------------------------------------------------------------------- */

__attribute__((format(printf, 3, 4))) static int administer(const struct postgres_cluster *cluster, struct err *err,
                                                            const char *format, ...)
{
    char sql[128];
    va_list args;
    va_start(args, format);
    vsnprintf(sql, sizeof sql, format, args);
    va_end(args);
    PGconn *connection = PQconnectdb(cluster->url);
    PGresult *result = PQexec(connection, sql);
    int code = 0;
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        code = err_set(err, E_UNAVAILABLE, "%s: %s", sql, PQerrorMessage(connection));
    PQclear(result);
    PQfinish(connection);
    return code;
}

const char *postgres_cluster_database(struct postgres_cluster *cluster, struct err *err)
{
    struct database *made = calloc(1, sizeof *made);
    uint64_t number;
    if (!made)
        abort();
    random_bytes(&random_system, &number, sizeof number);
    snprintf(made->name, sizeof made->name, "skein_test_%016" PRIx64, number);
    if (administer(cluster, err, "CREATE DATABASE %s", made->name) != 0) {
        free(made);
        return NULL;
    }
    /* A later parameter stands before an earlier one, and before the path. */
    snprintf(made->url, sizeof made->url, "%s%cdbname=%s", cluster->url, strchr(cluster->url, '?') ? '&' : '?',
             made->name);
    made->older = cluster->newest;
    cluster->newest = made;
    return made->url;
}

void postgres_cluster_end(struct postgres_cluster *cluster)
{
    if (!cluster)
        return;
    while (cluster->newest) {
        struct database *made = cluster->newest;
        cluster->newest = made->older;
        if (!cluster->keeper)
            administer(cluster, NULL, "DROP DATABASE IF EXISTS %s WITH (FORCE)", made->name);
        free(made);
    }
    if (cluster->control >= 0)
        close(cluster->control);
    if (cluster->keeper > 0)
        waitpid(cluster->keeper, NULL, 0);
    free(cluster);
}

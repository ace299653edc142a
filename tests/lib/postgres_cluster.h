/* tests/lib/postgres_cluster.h
 *
 * A PostgreSQL server for tests: made new, reached by a Unix socket alone, thrown away; and databases on it.
 *
 *     static const struct postgres_options plain = {0};
 *     struct postgres_cluster *cluster = postgres_cluster_start(&plain, &err);
 *     const char *url = postgres_cluster_database(cluster, &err);        empty, for this test alone
 *     ...
 *     postgres_cluster_end(cluster);
 *
 * A start costs one to two seconds (initdb), so one serves a whole program. Where TEST_POSTGRES_URL names a running
 * server, that one is used, unless a test wants to stop it (`own`): then a whole run of tests shares one
 * (tests/tools/with_postgres.c). Its user needs the right to create databases.
 *
 *     test program ──socketpair── keeper ── postgres
 *
 * The keeper is a child that ends the server and removes its folder when the test's end of the socketpair is closed, so
 * on every way out. It and the server run as the user postgres where the test runs as root, because PostgreSQL refuses
 * to be root. Start it before threads and servers of the test: it is made by fork. Processes that the test forks must
 * end before it, for they hold that end too.
 */
#ifndef SKEIN_TESTS_LIB_POSTGRES_CLUSTER_H
#define SKEIN_TESTS_LIB_POSTGRES_CLUSTER_H

#include "base/err.h"

#include <stdbool.h>

struct postgres_cluster;

struct postgres_options {
    bool own;     /* never the server of TEST_POSTGRES_URL */
    bool durable; /* writes through to the disk, as in real life; for measurements. Never shared */
};

/* NULL and a sentence where it cannot be: PostgreSQL is not installed, or the end of the server's log. */
struct postgres_cluster *postgres_cluster_start(const struct postgres_options *options, struct err *err);

/* Ends the server and keeps nothing; on a shared one, drops the databases that were made. NULL is fine. */
void postgres_cluster_end(struct postgres_cluster *cluster);

/* The database "postgres" of the server: for what is no database's own. */
const char *postgres_cluster_url(const struct postgres_cluster *cluster);

/* Makes an empty database; returns its URL ("postgres://..."), which lives as long as the cluster. */
const char *postgres_cluster_database(struct postgres_cluster *cluster, struct err *err);

/* Stops the server as an operator would, ending every connection, and starts it again. Only with `own`. */
int postgres_cluster_down(struct postgres_cluster *cluster, struct err *err);
int postgres_cluster_up(struct postgres_cluster *cluster, struct err *err);

/* Where its Unix socket lies ("/tmp/.../.s.PGSQL.5432"): for a proxy before it. Only with `own`. */
const char *postgres_cluster_socket(const struct postgres_cluster *cluster);

#endif

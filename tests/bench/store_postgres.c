/* tests/bench/store_postgres.c
 *
 * Lists of follows on PostgreSQL: one set a list, beside one row a follow with a reverse index, which is filled by COPY.
 *
 * COPY knows no ON CONFLICT, so an account that was drawn twice is left out before.
 */
#include "base/cleanup.h"
#include "base/limits.h"
#include "bench/store_bench.h"
#include "lib/postgres_cluster.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

#define ROWS_MEASURED 20 /* lists */

static void run(PGconn *connection, const char *sql)
{
    PGresult *result = PQexec(connection, sql);
    ExecStatusType status = PQresultStatus(result);
    PQclear(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_COPY_IN)
        return;
    fprintf(stderr, "bench_store: %s: %s", sql, PQerrorMessage(connection));
    exit(1);
}

/* One list in one transaction; the number of its rows. */
static size_t copy_list(PGconn *connection, size_t owner, struct x_account accounts[LIST])
{
    CLEANUP(buf_release) struct buf lines;
    struct err err = {0};
    size_t n = 0;
    buf_init(&lines, MIB);
    qsort(accounts, LIST, sizeof accounts[0], bench_by_id);
    for (size_t i = 0; i < LIST; i++) {
        if (i > 0 && accounts[i].id == accounts[i - 1].id)
            continue;
        bench_must(buf_printf(&lines, "%zu\t%llu\n", owner, (unsigned long long)accounts[i].id), &err);
        n++;
    }
    run(connection, "COPY edge FROM STDIN");
    bench_must(PQputCopyData(connection, lines.data, (int)lines.len) != 1, &err);
    bench_must(PQputCopyEnd(connection, NULL) != 1, &err);
    for (PGresult *result = PQgetResult(connection); result; result = PQgetResult(connection)) {
        bench_must(PQresultStatus(result) != PGRES_COMMAND_OK, &err);
        PQclear(result);
    }
    return n;
}

static double measure_rows(struct seeded seeded, size_t lists, const char *address)
{
    static struct x_account accounts[LIST];
    PGconn *connection = PQconnectdb(address);
    size_t stored = 0;
    double seconds = 0;
    run(connection, "CREATE TABLE edge (owner BIGINT NOT NULL, x BIGINT NOT NULL)");
    for (size_t i = 0; i < lists; i++) {
        bench_draw_follows(&seeded, accounts);
        copy_list(connection, i, accounts);
    }
    run(connection, "ALTER TABLE edge ADD PRIMARY KEY (owner, x)");
    run(connection, "CREATE INDEX edge_by_x ON edge (x, owner)");
    run(connection, "CHECKPOINT");
    for (size_t i = 0; i < ROWS_MEASURED; i++) {
        bench_draw_follows(&seeded, accounts);
        double begin = bench_now();
        stored += copy_list(connection, lists + i, accounts);
        seconds += bench_now() - begin;
    }
    PQfinish(connection);
    return (double)stored / seconds;
}

void bench_follows_postgres(struct seeded *seeded, size_t lists, struct rates *ret_rates)
{
    static const struct postgres_options durable = {.own = true, .durable = true};
    struct err err = {0};
    struct postgres_cluster *cluster = postgres_cluster_start(&durable, &err);
    bench_must(!cluster, &err);
    const char *sets = postgres_cluster_database(cluster, &err);
    const char *rows = postgres_cluster_database(cluster, &err);
    bench_must(!sets || !rows, &err);
    bench_measure_sets(*seeded, lists, sets, ret_rates, NULL);
    ret_rates->theirs = measure_rows(*seeded, lists, rows);
    postgres_cluster_end(cluster);
}

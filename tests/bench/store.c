/* tests/bench/store.c
 *
 * How fast lists are stored, and in how many bytes: Skein's way beside the obvious one, in one run, on one file system, by
 * the same driver with the same settings (synchronous = FULL), a transaction a list. On PostgreSQL the rows come by COPY, its
 * quickest way.
 *
 *     bench_store [LISTS] [NAMES]     2000 lists of 5,000 follows are ten million; 5000000 names
 *
 * Files lie in the folder for temporary files, 1.5 GB at most, and are removed at the end.
 */
#include "bench/store_bench.h"

#include <stdio.h>
#include <stdlib.h>

#define LISTS_USUAL 2000
#define NAMES_USUAL 5000000

#define RATIO_GOAL 20
#define EDGE_GOAL  6
#define FACT_GOAL  40

static void print_rates(const char *what, const struct rates *rates)
{
    printf("%-44s %10.0f %10.0f   %6.1f   >= %d   (%.0f %% of a list new)\n", what, rates->ours, rates->theirs,
           rates->ours / rates->theirs, RATIO_GOAL, 100 * rates->new_of_list);
}

static void print_bytes(const struct bytes *bytes)
{
    printf("\n%-44s %10s   goal\n", "bytes", "");
    printf("%-44s %10.2f   <= %d\n", "an edge, with the ids of all accounts", bytes->set + bytes->id, EDGE_GOAL);
    printf("%-44s %10.2f\n", "    of it in the list", bytes->set);
    printf("%-44s %10.2f\n", "    of it for ids", bytes->id);
    printf("%-44s %10.2f\n", "    the whole file, for an edge", bytes->file);
    printf("%-44s %10.2f   <= %d\n", "id, handle and name of an account", bytes->fact, FACT_GOAL);
}

int main(int argc, char **argv)
{
    size_t lists = argc > 1 ? strtoul(argv[1], NULL, 10) : LISTS_USUAL;
    size_t names = argc > 2 ? strtoul(argv[2], NULL, 10) : NAMES_USUAL;
    struct seeded seeded = seeded_start("bench_store");
    struct rates follows = {0};
    struct rates on_postgres = {0};
    struct rates handles = {0};
    struct bytes bytes = {0};
    setvbuf(stdout, NULL, _IOLBF, 0);
    bench_follows(&seeded, lists, &follows, &bytes);
    bench_follows_postgres(&seeded, lists, &on_postgres);
    bench_names(&seeded, names, &handles);
    bytes.fact = bench_fact_bytes(&seeded);
    printf("%-44s %10s %10s   %6s   goal\n", "accounts of lists stored in a second", "sets", "rows", "ratio");
    print_rates("follows by id, one row each, reverse index", &follows);
    print_rates("the same on PostgreSQL, COPY of a list", &on_postgres);
    print_rates("handles, indexed table of names", &handles);
    printf("at %zu follows and %zu names; lists of %d\n", lists * LIST, names, LIST);
    print_bytes(&bytes);
    return 0;
}

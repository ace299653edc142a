/* tests/bench/store_bench.h
 *
 * What the measurements of the store share: lists of made-up people, Skein's way of storing one, and a stop-watch.
 */
#ifndef SKEIN_TESTS_BENCH_STORE_BENCH_H
#define SKEIN_TESTS_BENCH_STORE_BENCH_H

#include "graph/numbers.h"
#include "lib/graph_place.h"
#include "lib/seeded.h"

#define LIST 5000 /* accounts of one list: X's own limit for most people */

/* A rate of ours beside the other way's, in the same run. */
struct rates {
    double ours;        /* accounts a second */
    double theirs;      /* likewise */
    double new_of_list; /* how many of a measured list were not known before, of 1 */
};

struct bytes {
    double set;  /* of an edge, in its list */
    double id;   /* of an edge, for the X ids of all accounts */
    double file; /* of an edge, as the database's file has grown */
    double fact; /* of id, handle and name of an account */
};

double bench_now(void); /* seconds */
void bench_must(int failed, const struct err *err);

/* --- Skein's way ------------------------------------------------------------------------------------------------------ */

struct bench_store {
    struct graph_place place;
    struct numbers *numbers; /* owned */
};

/* address: of an empty database; NULL: an SQLite file of its own. */
void bench_store_make(struct bench_store *store, const char *address);
void bench_store_remove(struct bench_store *store);

/* Numbers, list and, where `facts` says so, what the list says of the accounts: in one transaction, durably. Returns how
 * many accounts the list holds. */
size_t bench_store_list(struct bench_store *store, const struct x_account *accounts, size_t n, bool facts);

/* The one number that a statement gives. The connection keeps the statement. */
int64_t bench_sum(struct db *db, const struct statement *sum);

extern const struct statement bench_ids_size; /* bytes of the X ids of all accounts */

/* --- the measurements -------------------------------------------------------------------------------------------------- */

/* Accounts by id as people follow them; some come twice. */
void bench_draw_follows(struct seeded *seeded, struct x_account ret_accounts[LIST]);

/* For qsort. */
int bench_by_id(const void *a, const void *b);

/* bytes NULL: they are not measured. */
void bench_measure_sets(struct seeded seeded, size_t lists, const char *address, struct rates *ret_rates,
                        struct bytes *ret_bytes);

void bench_follows(struct seeded *seeded, size_t lists, struct rates *ret_rates, struct bytes *ret_bytes);
/* The same on a PostgreSQL of its own, which writes through to the disk. */
void bench_follows_postgres(struct seeded *seeded, size_t lists, struct rates *ret_rates);
void bench_names(struct seeded *seeded, size_t names, struct rates *ret_rates);
double bench_fact_bytes(struct seeded *seeded);

#endif

/* tests/bench/store_follows.c
 *
 * Lists of follows by X id: one set a list, beside one row a follow with a reverse index.
 *
 * Whom people follow is drawn as the first measurements of the design drew it: Zipf with 0.8 over ten million accounts. The
 * rows are loaded in order of their key and get their index afterwards, which is the quickest way there; the lists that are
 * measured then come one by one, as people do.
 */
#include "bench/store_bench.h"

#include "base/cleanup.h"
#include "base/limits.h"

#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>

#define ACCOUNTS      10000000
#define ZIPF          0.8
#define OURS_MEASURED 200 /* lists */
#define ROWS_MEASURED 20

static const struct statement put_edge = {.name = "put_edge",
                                          .sql = "INSERT INTO edge (owner, x) VALUES ($1, $2) ON CONFLICT DO NOTHING"};

/* The X id of the account of a rank: fixed, without any order. */
static uint64_t id_of_rank(uint64_t rank)
{
    struct seeded seeded = {.state = rank};
    return seeded_next(&seeded) >> 2 | 1;
}

/* The distribution's inverse, taken as continuous. */
void bench_draw_follows(struct seeded *seeded, struct x_account ret_accounts[LIST])
{
    for (size_t i = 0; i < LIST; i++) {
        double rank = ACCOUNTS * pow(seeded_unit(seeded), 1 / (1 - ZIPF));
        ret_accounts[i] = (struct x_account){.id = id_of_rank((uint64_t)rank)};
    }
}

int bench_by_id(const void *a, const void *b)
{
    const struct x_account *left = a;
    const struct x_account *right = b;
    return left->id < right->id ? -1 : left->id > right->id;
}

/* --- rows ---------------------------------------------------------------------------------------------------------- */

static int64_t put_rows(struct db *db, int64_t owner, const struct x_account accounts[LIST])
{
    struct err err = {0};
    int64_t stored = 0;
    for (size_t i = 0; i < LIST; i++) {
        const struct db_value values[] = {db_i64(owner), db_i64((int64_t)accounts[i].id)};
        int64_t changed = 0;
        bench_must(db_run(db, &put_edge, values, 2, &changed, &err), &err);
        stored += changed;
    }
    return stored;
}

static struct db *load_rows(struct scratch *scratch, struct seeded *seeded, size_t lists)
{
    static struct x_account accounts[LIST];
    struct err err = {0};
    struct db *db;
    bench_must(db_open(text_of(scratch_name(scratch, "sqlite:", "rows.db")), DB_WRITER, &db, &err), &err);
    bench_must(db_script(db,
                         TEXT("CREATE TABLE edge (owner INTEGER NOT NULL, x INTEGER NOT NULL, "
                              "PRIMARY KEY (owner, x)) WITHOUT ROWID"),
                         &err),
               &err);
    bench_must(db_begin(db, &err), &err);
    for (size_t i = 0; i < lists; i++) {
        bench_draw_follows(seeded, accounts);
        qsort(accounts, LIST, sizeof accounts[0], bench_by_id);
        put_rows(db, (int64_t)i, accounts);
    }
    bench_must(db_script(db, TEXT("CREATE INDEX edge_by_x ON edge (x, owner)"), &err), &err);
    bench_must(db_commit(db, &err), &err);
    return db;
}

static double measure_rows(struct seeded seeded, size_t lists)
{
    static struct x_account accounts[LIST];
    struct scratch scratch;
    struct err err = {0};
    int64_t stored = 0;
    double seconds = 0;
    scratch_make(&scratch);
    struct db *db = load_rows(&scratch, &seeded, lists);
    for (size_t i = 0; i < ROWS_MEASURED; i++) {
        bench_draw_follows(&seeded, accounts);
        double begin = bench_now();
        bench_must(db_begin(db, &err), &err);
        stored += put_rows(db, (int64_t)(lists + i), accounts);
        bench_must(db_commit(db, &err), &err);
        seconds += bench_now() - begin;
    }
    db_close(db);
    scratch_remove(&scratch);
    return (double)stored / seconds;
}

/* --- sets ---------------------------------------------------------------------------------------------------------- */

static const struct statement sets_size = {.name = "sets_size", .sql = "SELECT SUM(LENGTH(ids)) FROM follow_set"};

static int64_t file_size(const struct bench_store *store)
{
    struct stat status;
    return stat(scratch_name(&store->place.scratch, "", "skein.db"), &status) == 0 ? status.st_size : 0;
}

static void measure_bytes(struct bench_store *store, int64_t edges, struct bytes *ret_bytes)
{
    struct err err = {0};
    struct db *db = store->place.db;
    bench_must(db_script(db, TEXT("PRAGMA wal_checkpoint(TRUNCATE)"), &err), &err);
    ret_bytes->set = (double)bench_sum(db, &sets_size) / (double)edges;
    ret_bytes->id = (double)bench_sum(db, &bench_ids_size) / (double)edges;
    ret_bytes->file = (double)file_size(store) / (double)edges;
}

void bench_measure_sets(struct seeded seeded, size_t lists, const char *address, struct rates *ret_rates,
                        struct bytes *ret_bytes)
{
    static struct x_account accounts[LIST];
    struct bench_store store;
    size_t edges = 0;
    bench_store_make(&store, address);
    for (size_t i = 0; i < lists; i++) {
        bench_draw_follows(&seeded, accounts);
        edges += bench_store_list(&store, accounts, LIST, false);
    }
    if (ret_bytes)
        measure_bytes(&store, (int64_t)edges, ret_bytes);
    uint32_t known = numbers_count(store.numbers);
    size_t stored = 0;
    double seconds = 0;
    for (size_t i = 0; i < OURS_MEASURED; i++) {
        bench_draw_follows(&seeded, accounts);
        double begin = bench_now();
        stored += bench_store_list(&store, accounts, LIST, false);
        seconds += bench_now() - begin;
    }
    ret_rates->ours = (double)stored / seconds;
    ret_rates->new_of_list = (double)(numbers_count(store.numbers) - known) / (double)stored;
    bench_store_remove(&store);
}

void bench_follows(struct seeded *seeded, size_t lists, struct rates *ret_rates, struct bytes *ret_bytes)
{
    bench_measure_sets(*seeded, lists, NULL, ret_rates, ret_bytes);
    ret_rates->theirs = measure_rows(*seeded, lists);
}

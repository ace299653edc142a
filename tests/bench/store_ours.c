/* tests/bench/store_ours.c
 *
 * Skein's way of storing a list, as an import does it: numbers, set, facts, COMMIT, published.
 */
#include "base/cleanup.h"
#include "base/limits.h"
#include "bench/store_bench.h"
#include "graph/fact_blob.h"
#include "graph/id_set.h"

#include "store/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

double bench_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void bench_must(int failed, const struct err *err)
{
    if (!failed)
        return;
    fprintf(stderr, "bench_store: %s\n", err->text[0] ? err->text : "no memory");
    exit(1);
}

void bench_store_make(struct bench_store *store, const char *address)
{
    struct err err = {0};
    graph_place_make(&store->place);
    if (address) {
        db_close(store->place.db);
        bench_must(db_open(text_of(address), DB_WRITER, &store->place.db, &err), &err);
        bench_must(schema_update(store->place.db, schema_postgres, &clock_system, &err), &err);
    }
    store->numbers = numbers_new();
}

void bench_store_remove(struct bench_store *store)
{
    numbers_free(store->numbers);
    graph_place_remove(&store->place);
}

const struct statement bench_ids_size = {.name = "ids_size", .sql = "SELECT SUM(LENGTH(ids)) FROM x_chunk"};

int64_t bench_sum(struct db *db, const struct statement *sum)
{
    struct err err = {0};
    struct db_rows *rows;
    bench_must(db_query(db, sum, NULL, 0, &rows, &err), &err);
    bench_must(db_next(rows, &err) == 1 ? 0 : E_NOT_FOUND, &err);
    int64_t total = db_get_i64(rows, 0);
    db_done(rows);
    return total;
}

static void put_set(struct bench_store *store, const struct id *owner, const struct id *import, const uint32_t *numbers,
                    size_t n, size_t *ret_n)
{
    CLEANUP(id_set_release) struct id_set set;
    CLEANUP(buf_release) struct buf ids;
    struct err err = {0};
    id_set_init(&set);
    buf_init(&ids, MIB);
    for (size_t i = 0; i < n; i++)
        bench_must(id_set_add(&set, numbers[i]), &err);
    bench_must(id_set_sort(&set), &err);
    bench_must(id_set_encode(&set, &ids), &err);
    struct follow_set_row row = {.owner = *owner,
                                 .kind = TEXT("following"),
                                 .source = TEXT("archive"),
                                 .day = TEXT("2024-11-14"),
                                 .n = (uint32_t)set.n,
                                 .ids = buf_text(&ids),
                                 .import = *import};
    bench_must(follow_set_put(store->place.db, &row, &err), &err);
    *ret_n = set.n;
}

static void put_facts(struct bench_store *store, const struct id *owner, const struct id *import,
                      const struct x_account *accounts, const uint32_t *numbers, size_t n)
{
    static struct fact facts[LIST];
    CLEANUP(buf_release) struct buf blob;
    struct err err = {0};
    size_t written = 0;
    buf_init(&blob, 16 * MIB);
    for (size_t i = 0; i < n; i++)
        facts[i] = (struct fact){.number = numbers[i], .account = accounts[i]};
    bench_must(fact_blob_write(facts, n, &blob, &written), &err);
    graph_place_facts(&store->place, import, owner, "2024-11-14", (uint32_t)written, buf_text(&blob));
}

size_t bench_store_list(struct bench_store *store, const struct x_account *accounts, size_t n, bool facts)
{
    static uint32_t numbers[LIST];
    struct store_listener listener = numbers_listener(store->numbers);
    struct id owner = graph_place_id(&store->place);
    struct id import = graph_place_id(&store->place);
    struct err err = {0};
    size_t stored = 0;
    bench_must(db_begin(store->place.db, &err), &err);
    bench_must(numbers_give(store->numbers, store->place.db, accounts, n, numbers, &err), &err);
    put_set(store, &owner, &import, numbers, n, &stored);
    if (facts)
        put_facts(store, &owner, &import, accounts, numbers, n);
    bench_must(db_commit(store->place.db, &err), &err);
    listener.committed(listener.context);
    return stored;
}

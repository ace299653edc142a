/* tests/bench/store_names.c
 *
 * Lists by handle, half of it new: the hash in memory, a chunk and what the list says, beside an indexed table of names.
 *
 * Our side stores more than the other: the list itself, and each account's handle and name, sealed. The other looks each
 * name up and adds the new ones.
 */
#include "bench/store_bench.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "lib/check.h"

#include <inttypes.h>

#define OURS_MEASURED  100 /* lists */
#define TABLE_MEASURED 10

static const struct statement find_name = {.name = "find_name", .sql = "SELECT number FROM name WHERE handle = $1"};
static const struct statement put_name = {.name = "put_name",
                                          .sql = "INSERT INTO name (number, handle) VALUES ($1, $2)"};

/* The handle of the k-th person: ten to eleven characters, without any order. */
static struct text handle_of(uint64_t k, struct arena *arena)
{
    const char *handle = arena_printf(arena, "u%010" PRIx64, k * UINT64_C(0x9E3779B97F4A7C15) >> 24 & 0xffffffffff);
    return text_of(handle);
}

/* A list of people of whom half have numbers below `known`, and half come next. */
static void draw_list(struct seeded *seeded, struct arena *arena, uint64_t known, uint64_t *next,
                      struct x_account ret_accounts[LIST])
{
    for (size_t i = 0; i < LIST; i++) {
        uint64_t k = i % 2 == 0 ? seeded_below(seeded, known) : (*next)++;
        ret_accounts[i] = (struct x_account){.handle = handle_of(k, arena), .name = TEXT("Somebody Made Up")};
    }
}

/* --- the table ------------------------------------------------------------------------------------------------------ */

static struct db *load_table(struct scratch *scratch, uint64_t names)
{
    struct err err = {0};
    struct db *db;
    bench_must(db_open(text_of(scratch_name(scratch, "sqlite:", "names.db")), DB_WRITER, &db, &err), &err);
    bench_must(db_script(db, TEXT("CREATE TABLE name (number INTEGER PRIMARY KEY, handle TEXT NOT NULL)"), &err), &err);
    bench_must(db_begin(db, &err), &err);
    for (uint64_t k = 0; k < names; k++) {
        CLEANUP(arena_release) struct arena arena;
        arena_init(&arena, KIB);
        const struct db_value values[] = {db_i64((int64_t)k + 1), db_text(handle_of(k, &arena))};
        bench_must(db_run(db, &put_name, values, 2, NULL, &err), &err);
    }
    bench_must(db_script(db, TEXT("CREATE UNIQUE INDEX name_by_handle ON name (handle)"), &err), &err);
    bench_must(db_commit(db, &err), &err);
    return db;
}

static void find_or_put(struct db *db, struct text handle, int64_t *count)
{
    struct err err = {0};
    struct db_rows *rows;
    const struct db_value wanted[] = {db_text(handle)};
    bench_must(db_query(db, &find_name, wanted, 1, &rows, &err), &err);
    int found = db_next(rows, &err);
    db_done(rows);
    if (found == 1)
        return;
    bench_must(found, &err);
    const struct db_value values[] = {db_i64(++*count), db_text(handle)};
    bench_must(db_run(db, &put_name, values, 2, NULL, &err), &err);
}

static double measure_table(struct seeded seeded, uint64_t names)
{
    static struct x_account accounts[LIST];
    struct scratch scratch;
    struct err err = {0};
    uint64_t next = names;
    int64_t count = (int64_t)names;
    double seconds = 0;
    scratch_make(&scratch);
    struct db *db = load_table(&scratch, names);
    for (size_t i = 0; i < TABLE_MEASURED; i++) {
        CLEANUP(arena_release) struct arena arena;
        arena_init(&arena, MIB);
        draw_list(&seeded, &arena, names, &next, accounts);
        double begin = bench_now();
        bench_must(db_begin(db, &err), &err);
        for (size_t j = 0; j < LIST; j++)
            find_or_put(db, accounts[j].handle, &count);
        bench_must(db_commit(db, &err), &err);
        seconds += bench_now() - begin;
    }
    db_close(db);
    scratch_remove(&scratch);
    return TABLE_MEASURED * LIST / seconds;
}

/* --- the hash ------------------------------------------------------------------------------------------------------- */

/* Numbers for everybody, in chunks as lists bring them. */
static void load_numbers(struct bench_store *store, uint64_t names)
{
    static struct x_account accounts[LIST];
    static uint32_t numbers[LIST];
    struct store_listener listener = numbers_listener(store->numbers);
    struct err err = {0};
    for (uint64_t k = 0; k < names; k += LIST) {
        CLEANUP(arena_release) struct arena arena;
        arena_init(&arena, MIB);
        for (size_t i = 0; i < LIST; i++)
            accounts[i] = (struct x_account){.handle = handle_of(k + i, &arena)};
        bench_must(db_begin(store->place.db, &err), &err);
        bench_must(numbers_give(store->numbers, store->place.db, accounts, LIST, numbers, &err), &err);
        bench_must(db_commit(store->place.db, &err), &err);
        listener.committed(listener.context);
    }
}

static void measure_hash(struct seeded seeded, uint64_t names, struct rates *ret_rates)
{
    static struct x_account accounts[LIST];
    struct bench_store store;
    uint64_t next = names;
    double seconds = 0;
    bench_store_make(&store, NULL);
    load_numbers(&store, names);
    uint32_t known = numbers_count(store.numbers);
    for (size_t i = 0; i < OURS_MEASURED; i++) {
        CLEANUP(arena_release) struct arena arena;
        arena_init(&arena, MIB);
        draw_list(&seeded, &arena, names, &next, accounts);
        double begin = bench_now();
        bench_store_list(&store, accounts, LIST, true);
        seconds += bench_now() - begin;
    }
    ret_rates->ours = OURS_MEASURED * LIST / seconds;
    ret_rates->new_of_list = (double)(numbers_count(store.numbers) - known) / (OURS_MEASURED * LIST);
    bench_store_remove(&store);
}

void bench_names(struct seeded *seeded, size_t names, struct rates *ret_rates)
{
    measure_hash(*seeded, names, ret_rates);
    ret_rates->theirs = measure_table(*seeded, names);
}

/* --- bytes ----------------------------------------------------------------------------------------------------------- */

static const struct statement facts_size = {.name = "facts_size", .sql = "SELECT SUM(LENGTH(facts)) FROM fact_set"};

/* A text of `least` to `most` letters. */
static struct text letters(struct seeded *seeded, struct arena *arena, size_t least, size_t most)
{
    size_t n = least + seeded_below(seeded, most - least + 1);
    char *at = arena_alloc(arena, n, 1);
    assert_non_null(at);
    for (size_t i = 0; i < n; i++)
        at[i] = (char)('a' + (char)seeded_below(seeded, 26));
    return (struct text){at, n};
}

/* Handles of X have 4 to 15 characters; names up to 50, of which most use less than half. */
double bench_fact_bytes(struct seeded *seeded)
{
    static struct x_account accounts[LIST];
    CLEANUP(arena_release) struct arena arena;
    struct bench_store store;
    bench_store_make(&store, NULL);
    arena_init(&arena, MIB);
    for (size_t i = 0; i < LIST; i++)
        accounts[i] = (struct x_account){.id = seeded_next(seeded) >> 2 | 1,
                                         .handle = letters(seeded, &arena, 4, 15),
                                         .name = letters(seeded, &arena, 4, 24)};
    bench_store_list(&store, accounts, LIST, true);
    double bytes = (double)bench_sum(store.place.db, &facts_size) + (double)bench_sum(store.place.db, &bench_ids_size);
    bench_store_remove(&store);
    return bytes / LIST;
}

/* tests/unit/graph/test_check.c
 *
 * skein check's parts of the graph, on both databases: each kind of damage to numbers, lists and facts is told.
 */
#include "base/cleanup.h"
#include "graph/check.h"
#include "graph/fact_blob.h"
#include "graph/id_set.h"
#include "lib/check.h"
#include "lib/postgres_cluster.h"
#include "lib/scratch.h"
#include "store/inside.h"
#include "store/lists.h"

#include <endian.h>
#include <string.h>

#define OWNER  "01JDQ0A1B2C3D4E5F6G7H8J9KA"
#define IMPORT "01JDQ0A1B2C3D4E5F6G7H8J9KB"

static struct postgres_cluster *cluster;
static bool on_postgres;
static struct scratch scratch;
static struct store *store;
static struct err err;
static struct buf told;
static size_t damages;

static void must(int rc)
{
    if (rc != 0)
        fail_msg("%s", err.text);
}

static int make(void **state)
{
    (void)state;
    scratch_make(&scratch);
    buf_init(&told, 1 << 20);
    const char *url = on_postgres ? postgres_cluster_database(cluster, &err) : NULL;
    struct store_options options = {
        .folder = scratch_name(&scratch, "", "data"), .database = text_of(url), .role = STORE_OWNER};
    store = NULL;
    must(store_open(&options, &store, &err));
    return 0;
}

static int end(void **state)
{
    (void)state;
    store_close(store);
    buf_release(&told);
    scratch_remove(&scratch);
    return 0;
}

static void on_damage(void *context, const char *sentence)
{
    (void)context;
    damages++;
    buf_printf(&told, "%s\n", sentence);
}

static void on_looked(void *context, const char *what, uint64_t n, uint64_t damaged)
{
    (void)context;
    buf_printf(&told, "%s: %llu, %llu damaged\n", what, (unsigned long long)n, (unsigned long long)damaged);
}

static size_t check(void)
{
    static const struct check_report report = {.damage = on_damage, .looked = on_looked};
    struct checking checking = {.store = store, .report = &report};
    buf_clear(&told);
    damages = 0;
    must(store_connect(store, DB_READER, &checking.db, &err));
    must(check_database(&checking, &err));
    must(db_begin(checking.db, &err));
    must(graph_check(&checking, &err));
    db_rollback(checking.db);
    db_close(checking.db);
    return damages;
}

static void assert_told(const char *words)
{
    if (!strstr(buf_string(&told), words))
        fail_msg("'%s' is not in: %s", words, buf_string(&told));
}

static void run(const char *sql)
{
    must(db_script(store->writer, text_of(sql), &err));
}

static void put_chunk(uint32_t first, uint32_t n, uint64_t first_id)
{
    uint64_t ids[16];
    for (uint32_t i = 0; i < n; i++)
        ids[i] = htole64(first_id + i);
    must(x_chunk_put(store->writer, first, n, (struct text){(const char *)ids, n * sizeof ids[0]}, &err));
}

static struct id id_of(const char *text)
{
    struct id id;
    assert_true(id_parse(text_of(text), &id));
    return id;
}

static void put_set(struct text ids, uint32_t n)
{
    struct follow_set_row row = {.owner = id_of(OWNER),
                                 .kind = TEXT("following"),
                                 .source = TEXT("archive"),
                                 .day = TEXT("2024-11-14"),
                                 .n = n,
                                 .ids = ids,
                                 .import = id_of(IMPORT),
                                 .changed_ms = 1};
    must(follow_set_put(store->writer, &row, &err));
}

static void put_facts(uint32_t number, uint32_t n, uint32_t seal_key)
{
    CLEANUP(buf_release) struct buf blob;
    CLEANUP(buf_release) struct buf box;
    struct fact fact = {.number = number, .account = {.handle = TEXT("ada_q")}};
    struct fact_set_row row = {
        .import = id_of(IMPORT), .owner = id_of(OWNER), .day = TEXT("2024-11-14"), .n = n, .seal_key = seal_key};
    buf_init(&blob, 4096);
    buf_init(&box, 4096);
    assert_int_equal(fact_blob_write(&fact, 1, &blob, NULL), 0);
    assert_int_equal(keys_seal(store_keys(store), &random_system, buf_text(&blob), id_text(&row.import), &box), 0);
    row.facts = buf_text(&box);
    must(fact_set_put(store->writer, &row, &err));
}

/* Numbers 1 to 12 in two chunks, a list of 3 and 12, facts of 12. */
static void put_sound(void)
{
    put_chunk(1, 8, 1000);
    put_chunk(9, 4, 2000);
    put_set(TEXT("\x03\x09"), 2);
    put_facts(12, 1, 1);
}

static void what_is_sound_is_counted(void **state)
{
    (void)state;
    put_sound();
    assert_int_equal(check(), 0);
    assert_told("database: 1, 0 damaged\nX accounts: 12, 0 damaged\nlists: 1, 0 damaged\n"
                "uploads with facts: 1, 0 damaged\npairs: 0, 0 damaged\n");
}

static void numbers_have_neither_gaps_nor_overlaps(void **state)
{
    (void)state;
    put_sound();
    put_chunk(15, 2, 3000);
    assert_int_equal(check(), 1);
    assert_told("X accounts: the numbers 13 to 14 are missing");
    run("DELETE FROM x_chunk WHERE first = 15");
    put_chunk(12, 1, 3000);
    assert_int_equal(check(), 1);
    assert_told("X accounts: numbers from 12 on were given twice");
    run("DELETE FROM x_chunk WHERE first = 12");
    put_chunk(13, 1, 2003);
    assert_int_equal(check(), 1);
    assert_told("X accounts: 1 ids have two numbers");
    run("UPDATE x_chunk SET n = 2 WHERE first = 13");
    assert_int_equal(check(), 1);
    assert_told("the numbers from 13 on should be 2 ids of 8 bytes, and are 8 bytes");
}

static void lists_decode_and_name_given_numbers(void **state)
{
    static const struct {
        struct text ids;
        uint32_t n;
    } damaged[] = {
        {TEXT_INIT("\x03\x09"), 3},     /* fewer than it says */
        {TEXT_INIT("\x03\x09"), 1},     /* more */
        {TEXT_INIT("\x03\x89"), 2},     /* cut */
        {TEXT_INIT("\x03\x00"), 2},     /* not ascending */
        {TEXT_INIT("\x03\x0a"), 2},     /* 13 was never given */
        {TEXT_INIT("\x03\x89\x7f"), 2}, /* a bit that turned */
    };
    (void)state;
    put_sound();
    for (size_t i = 0; i < ARRAY_LEN(damaged); i++) {
        put_set(damaged[i].ids, damaged[i].n);
        assert_int_equal(check(), 1);
        assert_told("the list following of " OWNER " from archive: ");
        assert_told("lists: 1, 1 damaged\n");
    }
}

static void facts_open_and_name_given_numbers(void **state)
{
    (void)state;
    put_sound();
    put_facts(13, 1, 1);
    assert_int_equal(check(), 1);
    assert_told("the facts of the import " IMPORT ": they name the number 13, and the last is 12");
    put_facts(12, 2, 1);
    assert_int_equal(check(), 1);
    assert_told("they should be of 2 accounts, and are of 1");
    put_facts(12, 1, 7);
    assert_int_equal(check(), 1);
    assert_told("another seal key");
    put_facts(12, 1, 1);
    run(on_postgres ? "UPDATE fact_set SET facts = set_byte(facts, 30, get_byte(facts, 30) # 1)"
                    : "UPDATE fact_set SET facts = substr(facts, 1, length(facts) - 1)");
    assert_int_equal(check(), 1);
    assert_told("the facts of the import " IMPORT ": ");
    put_facts(12, 1, 1);
    assert_int_equal(check(), 0);
    run("UPDATE fact_set SET import = '01JDQ0A1B2C3D4E5F6G7H8J9KC'");
    assert_int_equal(check(), 1); /* a box that was moved to another row */
}

static void rows_name_given_numbers(void **state)
{
    (void)state;
    put_sound();
    run("INSERT INTO same_as VALUES (12, 13, '2024-01-01', '2024-02-01', 'archive')");
    assert_int_equal(check(), 1);
    assert_told("handles and whose they were: 1 of 1 name an X account that has no number (the last is 12)");
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, make, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(what_is_sound_is_counted),
        IN_SCRATCH(numbers_have_neither_gaps_nor_overlaps),
        IN_SCRATCH(lists_decode_and_name_given_numbers),
        IN_SCRATCH(facts_open_and_name_given_numbers),
        IN_SCRATCH(rows_name_given_numbers),
    };
    static const struct postgres_options plain = {0};
    int failed = cmocka_run_group_tests_name("SQLite", tests, NULL, NULL);
    cluster = postgres_cluster_start(&plain, &err);
    if (!cluster) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    on_postgres = true;
    failed += cmocka_run_group_tests_name("PostgreSQL", tests, NULL, NULL);
    postgres_cluster_end(cluster);
    return failed;
}

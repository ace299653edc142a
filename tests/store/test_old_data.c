/* tests/store/test_old_data.c
 *
 * What Skein stored under step 0001 opens today, and every row of it is read, opened and understood.
 *
 * store/old/NNNN holds a data folder and a database as they were when NNNN was the last step, as text: the step's own SQL,
 * rows, keys and left-out.log. A step that people have applied never changes, and this test fails where one does. Whoever
 * writes a step adds the folder of the one before.
 */
#include "base/cleanup.h"
#include "base/limits.h"
#include "graph/fact_blob.h"
#include "graph/id_set.h"
#include "graph/numbers.h"
#include "lib/check.h"
#include "lib/postgres_cluster.h"
#include "lib/scratch.h"
#include "store/left_out_set.h"
#include "store/lists.h"
#include "store/pairs.h"
#include "store/people.h"
#include "store/store.h"
#include "store/wishes.h"

#include <string.h>
#include <sys/stat.h>

#define OLD     "store/old/0001/"
#define NETWORK TEXT("bluesky")

static struct scratch scratch;
static struct arena arena;
static struct err err;
static struct store *store;
static struct db *db;

static const struct id community = {.chars = "01TEST00000000000000000001"};
static const struct id member = {.chars = "01TEST00000000000000000011"};
static const struct id import = {.chars = "01TEST00000000000000000021"};

static void must(int failed)
{
    if (failed)
        fail_msg("%s", err.text);
}

/* --- the old database -------------------------------------------------------------------------------------------------- */

/* A text of the fixture, with PostgreSQL's bytes where it is for that. */
static void run_text(const char *path, bool postgres)
{
    CLEANUP(buf_release) struct buf text;
    CLEANUP(buf_release) struct buf sql;
    buf_init(&text, MIB);
    buf_init(&sql, MIB);
    scratch_read(path, &text);
    struct text rest = buf_text(&text);
    for (size_t at; postgres && (at = text_find(rest, TEXT("X'"), 0)) != TEXT_NOWHERE;
         rest = text_slice(rest, at + 2, rest.len)) {
        assert_int_equal(buf_add(&sql, text_slice(rest, 0, at)), 0);
        assert_int_equal(buf_add(&sql, TEXT("'\\x")), 0);
    }
    assert_int_equal(buf_add(&sql, rest), 0);
    must(db_script(db, buf_text(&sql), &err));
}

static void copy_file(const char *name)
{
    CLEANUP(buf_release) struct buf content;
    char from[128];
    char to[128];
    snprintf(from, sizeof from, OLD "%s", name);
    snprintf(to, sizeof to, "data/%s", name);
    buf_init(&content, MIB);
    scratch_read(from, &content);
    scratch_write(scratch_name(&scratch, "", to), buf_text(&content));
    assert_int_equal(chmod(scratch_name(&scratch, "", to), 0600), 0);
}

static void make_old(const char *address, const char *step)
{
    bool postgres = !text_starts(text_of(address), TEXT("sqlite:"));
    assert_int_equal(mkdir(scratch_name(&scratch, "", "data"), 0700), 0);
    must(db_open(text_of(address), DB_WRITER, &db, &err));
    run_text(step, postgres);
    run_text(OLD "rows.sql", postgres);
    db_close(db);
    copy_file("keys");
    copy_file("left-out.log");
}

/* --- what is in it ------------------------------------------------------------------------------------------------------ */

static void look_at_people(void)
{
    struct community_row town;
    struct member_row somebody;
    struct import_row upload;
    must(community_by_slug(db, TEXT("old-town"), &arena, &town, &err));
    assert_text(town.name, "Old Town");
    assert_int_equal(town.created_ms, 1764149400001);
    must(member_by_handle(db, &community, TEXT("OLD_member"), &arena, &somebody, &err));
    assert_true(text_equal(id_text(&somebody.id), id_text(&member)));
    assert_int_equal(somebody.x_number, 1);
    must(import_get(db, &import, &arena, &upload, &err));
    assert_text(upload.state, "done");
    assert_int_equal(upload.done_ms, 1764149400006);
}

static void look_at_list(void)
{
    CLEANUP(id_set_release) struct id_set numbers;
    struct follow_set_row set;
    id_set_init(&numbers);
    must(follow_set_get(db, &member, TEXT("following"), TEXT("archive"), &arena, &set, &err));
    assert_text(set.day, "2024-11-14");
    must(id_set_decode(&numbers, set.ids, set.n, &err));
    assert_int_equal(numbers.n, 3);
    for (uint32_t number = 1; number <= 3; number++)
        assert_true(id_set_has(&numbers, number));
}

/* Ids come from the chunk, the handle of the one without from the facts. */
static void look_at_numbers(void)
{
    uint32_t number = 0;
    struct numbers *numbers = numbers_new();
    assert_non_null(numbers);
    must(numbers_load(numbers, db, store_keys(store), &err));
    assert_int_equal(numbers_count(numbers), 3);
    assert_int_equal(numbers_id(numbers, 1), 783214);
    assert_int_equal(numbers_id(numbers, 3), (INT64_C(1) << 60) + 1);
    assert_true(numbers_of_handle(numbers, TEXT("old_FRIEND"), &number));
    assert_int_equal(number, 2);
    numbers_free(numbers);
}

static void look_at_facts(void)
{
    CLEANUP(buf_release) struct buf plain;
    struct fact_set_row *sets;
    struct fact_reader reader;
    struct fact fact;
    size_t n;
    buf_init(&plain, MIB);
    must(fact_set_list(db, &member, &arena, &sets, &n, &err));
    assert_int_equal(n, 1);
    assert_int_equal(sets[0].n, 2);
    must(keys_unseal(store_keys(store), sets[0].facts, id_text(&import), &plain, &err));
    must(fact_reader_init(&reader, buf_text(&plain), &err));
    assert_int_equal(fact_reader_next(&reader, &fact, &err), 1);
    assert_int_equal(fact.number, 2);
    assert_int_equal(fact.day, 20000);
    assert_text(fact.account.handle, "Old_Friend");
    assert_text(fact.account.name, "Zo\xc3\xab");
    assert_int_equal(fact.account.is_verified, KNOWN_YES);
    assert_int_equal(fact_reader_next(&reader, &fact, &err), 1);
    assert_text(fact.account.bio, "a bio");
    assert_int_equal(fact_reader_next(&reader, &fact, &err), 0);
}

static int count_same(void *context, const struct same_as_row *same)
{
    assert_int_equal(same->number, 2);
    assert_int_equal(same->id_number, 3);
    assert_text(same->to_day, "2024-03-01");
    ++*(int *)context;
    return 0;
}

static void look_at_x(void)
{
    struct x_public_row public;
    int same = 0;
    must(x_public_get(db, 1, &arena, &public, &err));
    assert_text(public.location, "here");
    assert_int_equal(public.is_protected, KNOWN_NO);
    must(same_as_walk(db, count_same, &same, &err));
    assert_int_equal(same, 1);
}

static void look_at_found(void)
{
    struct pair_row *pairs;
    struct profile *profiles;
    struct lookup_row lookup;
    size_t n;
    must(pair_list(db, id_text(&community), NETWORK, &arena, &pairs, &profiles, &n, &err));
    assert_int_equal(n, 1);
    assert_int_equal(pairs[0].state, PAIR_LIKELY);
    assert_true(pairs[0].p == 0.9375 && pairs[0].best);
    assert_text(profiles[0].handle, "old.test");
    assert_int_equal(profiles[0].marks, PROFILE_VERIFIED);
    must(lookup_get(db, NETWORK, 2, -7, &arena, &lookup, &err));
    assert_int_equal(lookup.result, LOOKUP_COULD_NOT_LOOK);
    assert_int_equal(lookup.next_ms, 1764149400012);
}

static void look_at_wishes(void)
{
    CLEANUP(buf_release) struct buf plain;
    struct left_out_set left_out;
    struct keyed_hash hash;
    struct sealed_row sealed;
    int64_t until_ms;
    bool has = false;
    buf_init(&plain, MIB);
    must(left_out_set_load(&left_out, db, store_keys(store), &err));
    assert_true(left_out_set_has_x(&left_out, &(struct x_account){.id = 783214}));
    assert_true(left_out_set_has_x(&left_out, &(struct x_account){.handle = TEXT("nobody")})); /* of left-out.log */
    assert_false(left_out_set_has_x(&left_out, &(struct x_account){.id = 783215}));
    left_out_set_release(&left_out);
    left_out_hash_x_id(store_keys(store), 783214, &hash);
    must(shield_has(db, &hash, &member, &has, &err));
    assert_true(has);
    must(sealed_get(db, &member, TEXT("blocks"), &arena, &sealed, &err));
    must(keys_unseal(store_keys(store), sealed.box, TEXT("01TEST00000000000000000011/blocks"), &plain, &err));
    assert_text(buf_text(&plain), "whom they blocked");
    must(wish_get(db, &member, TEXT("keep-looking"), &until_ms, &err));
    assert_int_equal(until_ms, 4102444800000);
}

static void open_and_look(const char *address)
{
    struct store_options options = {
        .folder = scratch_name(&scratch, "", "data"), .database = text_of(address), .role = STORE_OWNER};
    must(store_open(&options, &store, &err));
    must(store_connect(store, DB_READER, &db, &err));
    arena_init(&arena, MIB);
    look_at_people();
    look_at_list();
    look_at_numbers();
    look_at_facts();
    look_at_x();
    look_at_found();
    look_at_wishes();
    arena_release(&arena);
    db_close(db);
    store_close(store);
}

/* --- both databases ------------------------------------------------------------------------------------------------------ */

static int make_scratch(void **state)
{
    (void)state;
    err = (struct err){0};
    scratch_make(&scratch);
    return 0;
}

static int remove_scratch(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

static void an_old_sqlite_file_opens(void **state)
{
    (void)state;
    const char *address = scratch_name(&scratch, "sqlite:", "old.db");
    char kept[256];
    snprintf(kept, sizeof kept, "%s", address); /* its buffer takes turns with others */
    make_old(kept, OLD "sqlite.sql");
    open_and_look(kept);
    open_and_look(kept); /* and stays so */
}

static void an_old_postgres_database_opens(void **state)
{
    static const struct postgres_options plain = {0};
    (void)state;
    struct postgres_cluster *cluster = postgres_cluster_start(&plain, &err);
    const char *address = cluster ? postgres_cluster_database(cluster, &err) : NULL;
    if (!address)
        fail_msg("%s", err.text);
    make_old(address, OLD "postgres.sql");
    open_and_look(address);
    open_and_look(address);
    postgres_cluster_end(cluster);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_old_sqlite_file_opens, make_scratch, remove_scratch),
        cmocka_unit_test_setup_teardown(an_old_postgres_database_opens, make_scratch, remove_scratch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

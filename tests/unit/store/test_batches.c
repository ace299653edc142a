/* tests/unit/store/test_batches.c
 *
 * Rows of batches, on both databases: what goes in comes out, whoever ran is paused at a start, counts of what an account
 * wrote, and the rules that the keys hold.
 */
#include "base/cleanup.h"
#include "lib/check.h"
#include "lib/postgres_cluster.h"
#include "lib/scratch.h"
#include "store/batches.h"
#include "store/schema.h"

#include <string.h>

#define NOW INT64_C(1764149400000)

static struct scratch scratch;
static struct postgres_cluster *cluster;
static const char *address; /* of the group's database */
static struct db *db;
static struct arena arena;
static struct err err;

static int use_sqlite(void **state)
{
    (void)state;
    scratch_make(&scratch);
    address = scratch_name(&scratch, "sqlite:", "t.db");
    return 0;
}

static int leave_sqlite(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

static int use_postgres(void **state)
{
    static const struct postgres_options plain = {0};
    (void)state;
    cluster = postgres_cluster_start(&plain, &err);
    address = cluster ? postgres_cluster_database(cluster, &err) : NULL;
    if (!address)
        print_error("%s\n", err.text);
    return address ? 0 : -1;
}

static int leave_postgres(void **state)
{
    (void)state;
    postgres_cluster_end(cluster);
    return 0;
}

#define OK(call)                                                                                                       \
    do {                                                                                                               \
        if ((call) != 0)                                                                                               \
            fail_msg("%s", err.text);                                                                                  \
    } while (0)

/* Each test is one transaction, which is rolled back. */
static int begin(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 20);
    OK(db_open(text_of(address), DB_WRITER, &db, &err));
    OK(schema_update(db, schema_texts(db_kind(db)), &clock_system, &err));
    OK(db_begin(db, &err));
    return 0;
}

static int end(void **state)
{
    (void)state;
    db_rollback(db);
    db_close(db);
    arena_release(&arena);
    return 0;
}

static struct id id_of(unsigned number)
{
    char text[ID_LEN + 1];
    struct id id;
    snprintf(text, sizeof text, "01BATCH%019u", number);
    assert_true(id_parse(text_of(text), &id));
    return id;
}

#define MEMBER 1u

static struct batch_row batch_of(unsigned number, enum batch_state state)
{
    return (struct batch_row){.id = id_of(number),
                              .member = id_of(MEMBER),
                              .community = id_of(2),
                              .network = TEXT("bluesky"),
                              .account = TEXT("did:test:me"),
                              .handle = TEXT("me.test"),
                              .state = state,
                              .doing = BATCH_FOLLOW,
                              .why = TEXT("none \xe2\x82\xac"),
                              .pace = PACE_BRISK,
                              .doubt = TEXT("bafyhead"),
                              .due_ms = NOW + 7,
                              .created_ms = NOW,
                              .changed_ms = NOW + 1};
}

static void put_item(unsigned batch, int64_t position, const char *profile, const char *rkey, enum item_state state)
{
    struct batch_item_row item = {.batch = id_of(batch),
                                  .position = position,
                                  .x = 4000000000u,
                                  .profile = text_of(profile),
                                  .rkey = text_of(rkey),
                                  .state = state,
                                  .why = TEXT("so"),
                                  .sent_ms = state == ITEM_PLANNED ? 0 : NOW + position,
                                  .done_ms = state == ITEM_DONE ? NOW + position : 0,
                                  .undone_ms = state == ITEM_UNDONE ? NOW + position : 0};
    OK(batch_item_put(db, &item, &err));
}

/* --- tests ------------------------------------------------------------------------------------------------------------- */

static void a_batch_comes_out_as_it_went_in(void **state)
{
    (void)state;
    struct batch_row put = batch_of(10, BATCH_RUNNING), got;
    struct id id = id_of(10), other = id_of(11);
    OK(batch_put(db, &put, &err));
    OK(batch_get(db, &id, &arena, &got, &err));
    assert_text(id_text(&got.id), "01BATCH0000000000000000010");
    assert_text(id_text(&got.member), "01BATCH0000000000000000001");
    assert_text(id_text(&got.community), "01BATCH0000000000000000002");
    assert_text(got.network, "bluesky");
    assert_text(got.account, "did:test:me");
    assert_text(got.handle, "me.test");
    assert_text(got.why, "none \xe2\x82\xac");
    assert_text(got.doubt, "bafyhead");
    assert_int_equal(got.state, BATCH_RUNNING);
    assert_int_equal(got.doing, BATCH_FOLLOW);
    assert_int_equal(got.pace, PACE_BRISK);
    assert_int_equal(got.due_ms, NOW + 7);
    assert_int_equal(got.created_ms, NOW);
    assert_int_equal(got.changed_ms, NOW + 1);
    put.doing = BATCH_UNDO;
    put.pace = PACE_GENTLE;
    put.doubt = TEXT_NONE;
    OK(batch_put(db, &put, &err));
    OK(batch_get(db, &id, &arena, &got, &err));
    assert_int_equal(got.doing, BATCH_UNDO);
    assert_int_equal(got.pace, PACE_GENTLE);
    assert_text(got.doubt, "");
    assert_int_equal(batch_get(db, &other, &arena, &got, &err), E_NOT_FOUND);
}

static void lists_are_newest_first_and_of_one_member(void **state)
{
    (void)state;
    struct batch_row *batches;
    struct id member = id_of(MEMBER);
    size_t n;
    for (unsigned i = 20; i < 24; i++) {
        struct batch_row batch = batch_of(i, BATCH_PLANNED);
        if (i == 22)
            batch.member = id_of(3);
        OK(batch_put(db, &batch, &err));
    }
    OK(batch_list(db, &member, &arena, &batches, &n, &err));
    assert_int_equal(n, 3);
    assert_text(id_text(&batches[0].id), "01BATCH0000000000000000023");
    assert_text(id_text(&batches[2].id), "01BATCH0000000000000000020");
}

static void whoever_ran_is_paused(void **state)
{
    (void)state;
    int64_t n;
    for (unsigned i = 0; i <= BATCH_UNDONE; i++) {
        struct batch_row batch = batch_of(30 + i, (enum batch_state)i);
        OK(batch_put(db, &batch, &err));
    }
    OK(batch_pause_running(db, TEXT("sign in again"), NOW + 9, &n, &err));
    assert_int_equal(n, 1);
    for (unsigned i = 0; i <= BATCH_UNDONE; i++) {
        struct id id = id_of(30 + i);
        struct batch_row got;
        OK(batch_get(db, &id, &arena, &got, &err));
        assert_int_equal(got.state, i == BATCH_RUNNING ? BATCH_PAUSED : i);
        assert_int_equal(got.changed_ms, i == BATCH_RUNNING ? NOW + 9 : NOW + 1);
        if (i == BATCH_RUNNING)
            assert_text(got.why, "sign in again");
    }
}

static void items_come_in_the_order_of_the_plan(void **state)
{
    (void)state;
    struct id batch = id_of(40);
    struct batch_item_row *items;
    int64_t counts[ITEM_STATES];
    size_t n;
    put_item(40, 2, "did:test:c", "", ITEM_PLANNED);
    put_item(40, 0, "did:test:a", "3key", ITEM_SENDING);
    put_item(40, 1, "did:test:b", "", ITEM_PLANNED);
    put_item(41, 0, "did:test:a", "3key", ITEM_DONE);
    OK(batch_item_list(db, &batch, &arena, &items, &n, &err));
    assert_int_equal(n, 3);
    assert_text(items[0].profile, "did:test:a");
    assert_text(items[0].rkey, "3key");
    assert_text(items[0].why, "so");
    assert_int_equal(items[0].x, 4000000000u);
    assert_int_equal(items[0].sent_ms, NOW);
    assert_text(items[2].profile, "did:test:c");
    OK(batch_item_list_in(db, &batch, ITEM_PLANNED, 1, &arena, &items, &n, &err));
    assert_int_equal(n, 1);
    assert_text(items[0].profile, "did:test:b");
    put_item(40, 0, "did:test:a", "3key", ITEM_DONE);
    OK(batch_item_count(db, &batch, counts, &err));
    assert_int_equal(counts[ITEM_PLANNED], 2);
    assert_int_equal(counts[ITEM_SENDING], 0);
    assert_int_equal(counts[ITEM_DONE], 1);
}

static struct batch_written written_since(int64_t since_ms)
{
    struct batch_written written;
    OK(batch_written_since(db, TEXT("bluesky"), TEXT("did:test:me"), since_ms, &written, &err));
    return written;
}

static void what_an_account_wrote_is_counted_over_its_batches(void **state)
{
    (void)state;
    assert_int_equal(written_since(0).follows, 0);
    for (unsigned i = 50; i < 53; i++) {
        struct batch_row batch = batch_of(i, BATCH_DONE);
        batch.changed_ms = NOW + 100;
        if (i == 52)
            batch.account = TEXT("did:test:other");
        OK(batch_put(db, &batch, &err));
        put_item(i, 0, "did:test:a", "k0", ITEM_DONE);
        put_item(i, 1, "did:test:b", "k1", ITEM_UNDONE);
        put_item(i, 2, "did:test:c", "k2", ITEM_SENDING);
        put_item(i, 3, "did:test:d", "", ITEM_PLANNED);
    }
    assert_int_equal(written_since(NOW).follows, 6);
    assert_int_equal(written_since(NOW).removals, 2);
    assert_int_equal(written_since(NOW + 2).follows, 2);
    assert_int_equal(written_since(NOW + 2).removals, 0);
    assert_int_equal(written_since(NOW + 101).follows, 0);
}

static int note(void *context, struct text profile)
{
    return buf_printf(context, "%.*s ", TEXT_ARG(profile));
}

static void who_was_followed_before_is_known_once(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf seen;
    struct id member = id_of(MEMBER);
    buf_init(&seen, 1024);
    for (unsigned i = 60; i < 62; i++) {
        struct batch_row batch = batch_of(i, BATCH_DONE);
        OK(batch_put(db, &batch, &err));
        put_item(i, 0, "did:test:b", "k0", ITEM_DONE);
        put_item(i, 1, i == 60 ? "did:test:a" : "did:test:c", "k1", i == 60 ? ITEM_DONE : ITEM_UNDONE);
    }
    OK(batch_followed_walk(db, &member, TEXT("bluesky"), TEXT("did:test:me"), note, &seen, &err));
    assert_string_equal(buf_string(&seen), "did:test:a did:test:b ");
    buf_clear(&seen);
    OK(batch_followed_walk(db, &member, TEXT("bluesky"), TEXT("did:test:other"), note, &seen, &err));
    assert_string_equal(buf_string(&seen), "");
}

static void a_batch_goes_with_its_items_and_no_others(void **state)
{
    (void)state;
    struct id gone = id_of(70), stays = id_of(71);
    struct batch_item_row *items;
    struct batch_row batch = batch_of(70, BATCH_PLANNED);
    size_t n;
    OK(batch_put(db, &batch, &err));
    batch.id = stays;
    OK(batch_put(db, &batch, &err));
    put_item(70, 0, "did:test:a", "", ITEM_PLANNED);
    put_item(71, 0, "did:test:a", "", ITEM_PLANNED);
    OK(batch_delete(db, &gone, &err));
    assert_int_equal(batch_get(db, &gone, &arena, &batch, &err), E_NOT_FOUND);
    OK(batch_item_list(db, &gone, &arena, &items, &n, &err));
    assert_int_equal(n, 0);
    OK(batch_item_list(db, &stays, &arena, &items, &n, &err));
    assert_int_equal(n, 1);
}

static int try_item(int64_t position, const char *profile, const char *rkey)
{
    struct batch_item_row item = {
        .batch = id_of(80), .position = position, .profile = text_of(profile), .rkey = text_of(rkey)};
    return batch_item_put(db, &item, &err);
}

static void a_batch_holds_nobody_twice(void **state)
{
    (void)state;
    OK(try_item(0, "did:test:a", ""));
    OK(try_item(1, "did:test:b", ""));
    assert_int_equal(try_item(2, "did:test:a", ""), E_BUG);
}

static void a_key_belongs_to_one_item(void **state)
{
    (void)state;
    OK(try_item(0, "did:test:a", "k"));
    assert_int_equal(try_item(1, "did:test:b", "k"), E_BUG);
}

#define TESTS                                                                                                          \
    cmocka_unit_test_setup_teardown(a_batch_comes_out_as_it_went_in, begin, end),                                      \
        cmocka_unit_test_setup_teardown(lists_are_newest_first_and_of_one_member, begin, end),                         \
        cmocka_unit_test_setup_teardown(whoever_ran_is_paused, begin, end),                                            \
        cmocka_unit_test_setup_teardown(items_come_in_the_order_of_the_plan, begin, end),                              \
        cmocka_unit_test_setup_teardown(what_an_account_wrote_is_counted_over_its_batches, begin, end),                \
        cmocka_unit_test_setup_teardown(who_was_followed_before_is_known_once, begin, end),                            \
        cmocka_unit_test_setup_teardown(a_batch_goes_with_its_items_and_no_others, begin, end),                        \
        cmocka_unit_test_setup_teardown(a_batch_holds_nobody_twice, begin, end),                                       \
        cmocka_unit_test_setup_teardown(a_key_belongs_to_one_item, begin, end)

int main(void)
{
    const struct CMUnitTest on_sqlite[] = {TESTS};
    const struct CMUnitTest on_postgres[] = {TESTS};
    int failed = cmocka_run_group_tests(on_sqlite, use_sqlite, leave_sqlite);
    return failed + cmocka_run_group_tests(on_postgres, use_postgres, leave_postgres);
}

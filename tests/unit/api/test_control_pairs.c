/* tests/unit/api/test_control_pairs.c
 *
 * Pairs that people vouch for, and people who wish to be left out, over a real control socket on a real store.
 */
#include "api/control.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/limits.h"
#include "fetch/local.h"
#include "graph/numbers.h"
#include "lib/check.h"
#include "lib/fake_network.h"
#include "lib/scratch.h"
#include "loop/lane.h"
#include "store/lists.h"
#include "store/pairs.h"
#include "store/people.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

/* The loop runs on a thread of its own; only `wake` is touched from the test's. */
struct house {
    struct scratch scratch;
    struct loop *loop;
    struct store *store;
    struct numbers *numbers;
    struct lanes *lanes;
    struct control *control;
    struct local *local;
    struct fake_network fake;
    const struct network *networks[1];
    struct store_listener listener;
    struct db *reader;
    struct community_row community;
    struct arena arena;
    uv_async_t wake;
    uv_thread_t thread;
};

static void no_failure(int rc, const struct err *err)
{
    if (rc < 0)
        fail_msg("%s", err->text);
}

/* --- opening ------------------------------------------------------------------------------------------------------- */

static void close_lanes(void *context)
{
    lanes_close(((struct house *)context)->lanes);
}

static void on_wake(uv_async_t *wake)
{
    struct house *house = wake->data;
    uv_close((uv_handle_t *)wake, NULL);
    loop_stop(house->loop);
}

static void run_loop(void *context)
{
    if (loop_run(((struct house *)context)->loop) != 0)
        abort();
}

static void open_house(struct house *house)
{
    struct err err = {0};
    struct store_options options = {.folder = scratch_name(&house->scratch, "", "data"), .role = STORE_OWNER};
    no_failure(store_open(&options, &house->store, &err), &err);
    no_failure(store_connect(house->store, DB_READER, &house->reader, &err), &err);
    house->numbers = numbers_new();
    no_failure(numbers_load(house->numbers, house->reader, store_keys(house->store), &err), &err);
    house->listener = numbers_listener(house->numbers);
    store_listen(house->store, &house->listener);
    house->local = local_new(&err);
    house->loop = loop_new(NULL, &err);
    house->lanes = lanes_new(house->loop, &store_lane_functions, house->store, 1, &err);
    assert_non_null(house->lanes);
    loop_set_lanes(house->loop, house->lanes);
    assert_int_equal(loop_on_quiet(house->loop, close_lanes, house), 0);
    fake_network_init(&house->fake, house->loop);
    house->fake.network.name = "bluesky";
    house->networks[0] = &house->fake.network;
    house->control = control_new(house->loop,
                                 &(struct control_options){.folder = text_of(store_folder(house->store)),
                                                           .store = house->store,
                                                           .numbers = house->numbers,
                                                           .networks = house->networks,
                                                           .n_networks = 1},
                                 &err);
    if (!house->control)
        fail_msg("%s", err.text);
    uv_async_init(loop_uv(house->loop), &house->wake, on_wake);
    house->wake.data = house;
    assert_int_equal(uv_thread_create(&house->thread, run_loop, house), 0);
}

static void close_house(struct house *house)
{
    uv_async_send(&house->wake);
    uv_thread_join(&house->thread);
    control_free(house->control);
    loop_free(house->loop);
    local_free(house->local);
    db_close(house->reader);
    store_close(house->store);
    numbers_free(house->numbers);
}

/* A community "flock" whose roster says that 34 is called Alice_1. */
static void put_ground(struct house *house)
{
    struct db *db = NULL;
    struct err err = {0};
    uint32_t number;
    struct x_account alice = {.id = 34, .handle = TEXT("Alice_1")};
    struct store_options options = {.folder = scratch_name(&house->scratch, "", "data"), .role = STORE_OWNER};
    no_failure(store_open(&options, &house->store, &err), &err);
    store_close(house->store); /* made, and nobody's */
    struct numbers *numbers = numbers_new();
    no_failure(db_open(text_of(scratch_name(&house->scratch, "sqlite:", "data/skein.db")), DB_WRITER, &db, &err), &err);
    no_failure(db_begin(db, &err), &err);
    no_failure(numbers_give(numbers, db, &alice, 1, &number, &err), &err);
    struct community_row community = {
        .slug = TEXT("flock"), .name = TEXT("Flock"), .state = TEXT(COMMUNITY_OPEN), .created_ms = 1};
    id_new(&clock_system, &random_system, &community.id);
    no_failure(community_put(db, &community, &err), &err);
    struct x_public_row told = {.number = number, .handle = alice.handle, .since_ms = 1, .why = TEXT(X_PUBLIC_ROSTER)};
    no_failure(x_public_put(db, &told, &err), &err);
    no_failure(db_commit(db, &err), &err);
    db_close(db);
    numbers_free(numbers);
    house->community = community;
}

static int set_up(void **state)
{
    static struct house house;
    house = (struct house){.local = NULL};
    scratch_make(&house.scratch);
    arena_init(&house.arena, 16 * MIB);
    put_ground(&house);
    open_house(&house);
    *state = &house;
    return 0;
}

static int tear_down(void **state)
{
    struct house *house = *state;
    close_house(house);
    arena_release(&house->arena);
    scratch_remove(&house->scratch);
    return 0;
}

/* --- asking -------------------------------------------------------------------------------------------------------- */

/* The body that was answered; json_decref it. */
static json_t *ask(struct house *house, const char *target, const char *body, unsigned want_status)
{
    CLEANUP(buf_release) struct buf answer;
    char socket[256];
    unsigned status = 0;
    struct err err = {0};
    snprintf(socket, sizeof socket, "%s/" CONTROL_SOCKET, store_folder(house->store));
    buf_init(&answer, MIB);
    struct local_request request = {.socket = socket, .target = target, .body = text_of(body)};
    no_failure(local_post(house->local, &request, &status, &answer, &err), &err);
    if (status != want_status)
        fail_msg("%s %s: %u %s", target, body, status, buf_string(&answer));
    json_t *json = json_from_text(buf_text(&answer), &err);
    assert_non_null(json);
    return json;
}

#define PAIRS(rows) "{\"community\":\"flock\",\"state\":\"confirmed\",\"pairs\":[" rows "]}"
#define PAIR(line, handle, did)                                                                                        \
    "{\"line\":" #line ",\"x_handle\":\"" handle "\",\"network\":\"bluesky\",\"profile\":\"" did "\"}"

static void expect_counts(struct house *house, const char *body, int64_t added, int64_t unchanged, int64_t skipped)
{
    CLEANUP_JSON json_t *answer = ask(house, "/control/pairs", body, 200);
    assert_int_equal(json_i64_at(answer, "added", -1), added);
    assert_int_equal(json_i64_at(answer, "unchanged", -1), unchanged);
    assert_int_equal(json_i64_at(answer, "skipped_total", -1), skipped);
}

static size_t pairs_of(struct house *house, uint32_t x, struct pair_row **ret_rows)
{
    size_t n = 0;
    struct err err = {0};
    no_failure(pair_list_of(house->reader, id_text(&house->community.id), TEXT("bluesky"), x, &house->arena, ret_rows,
                            &n, &err),
               &err);
    return n;
}

static void expect_hidden(struct house *house, const char *body, int64_t pairs)
{
    CLEANUP_JSON json_t *answer = ask(house, "/control/hide", body, 200);
    assert_int_equal(json_i64_at(answer, "pairs", -1), pairs);
}

/* --- pairs --------------------------------------------------------------------------------------------------------- */

static void test_a_handle_of_the_roster_is_its_id(void **state)
{
    struct house *house = *state;
    struct pair_row *rows;
    uint32_t x;
    expect_counts(house, PAIRS(PAIR(2, "@alice_1", "did:plc:a")), 1, 0, 0);
    expect_counts(house, PAIRS(PAIR(2, "ALICE_1", "did:plc:a")), 0, 1, 0);
    assert_true(numbers_of_id(house->numbers, 34, &x));
    assert_int_equal(pairs_of(house, x, &rows), 1);
    assert_text(rows[0].profile, "did:plc:a");
    assert_text(rows[0].decided, DECIDED_BY_FILE);
    assert_int_equal(rows[0].state, PAIR_CONFIRMED);
    assert_true(rows[0].best);
    assert_int_equal(numbers_count(house->numbers), 1);
}

static void test_the_last_word_is_believed_first(void **state)
{
    struct house *house = *state;
    struct pair_row *rows;
    uint32_t x;
    expect_counts(house, PAIRS(PAIR(2, "alice_1", "did:plc:a")), 1, 0, 0);
    expect_counts(house, PAIRS(PAIR(2, "alice_1", "did:plc:b")), 1, 0, 0);
    assert_true(numbers_of_id(house->numbers, 34, &x));
    assert_int_equal(pairs_of(house, x, &rows), 2);
    assert_text(rows[0].profile, "did:plc:b");
    assert_true(rows[0].best);
    assert_false(rows[1].best);
}

static void test_a_handle_that_nobody_told_keeps_its_number(void **state)
{
    struct house *house = *state;
    struct pair_row *rows;
    uint32_t x;
    expect_counts(house, PAIRS(PAIR(2, "newby", "did:plc:n")), 1, 0, 0);
    close_house(house);
    open_house(house);
    assert_true(numbers_of_handle(house->numbers, TEXT("NewBy"), &x));
    assert_int_equal(pairs_of(house, x, &rows), 1);
    expect_counts(house, PAIRS(PAIR(2, "newby", "did:plc:n")), 0, 1, 0);
    assert_int_equal(numbers_count(house->numbers), 2);
}

/* More than one slice, each pair its own. */
static void test_many_pairs(void **state)
{
    struct house *house = *state;
    CLEANUP(buf_release) struct buf body;
    buf_init(&body, MIB);
    buf_printf(&body, "{\"community\":\"flock\",\"state\":\"confirmed\",\"pairs\":[");
    for (int i = 0; i < 1201; i++)
        buf_printf(&body, "%s{\"x_id\":\"%d\",\"network\":\"bluesky\",\"profile\":\"did:plc:%d\"}", i ? "," : "",
                   1000 + i, i);
    buf_printf(&body, "]}");
    assert_false(body.failed);
    expect_counts(house, buf_string(&body), 1201, 0, 0);
    expect_counts(house, buf_string(&body), 0, 1201, 0);
    assert_int_equal(numbers_count(house->numbers), 1202);
}

static void test_rows_that_are_no_pairs_are_named(void **state)
{
    struct house *house = *state;
    CLEANUP_JSON json_t *answer =
        ask(house, "/control/pairs",
            PAIRS(PAIR(2, "alice_1", "alice.example") "," PAIR(3, "not a handle", "did:plc:a") "," PAIR(
                4, "", "did:plc:a") "," PAIR(5, "bo", "did:plc:b")),
            200);
    const json_t *rows = json_object_get(answer, "skipped");
    assert_int_equal(json_i64_at(answer, "added", -1), 1);
    assert_int_equal(json_array_size(rows), 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(json_i64_at(json_array_get(rows, i), "line", 0), (int64_t)i + 2);
    assert_true(text_starts(json_text_at(json_array_get(rows, 0), "why"), TEXT("its profile must be a DID")));
}

/* --- who wishes to be left out ------------------------------------------------------------------------------------- */

static void test_who_is_hidden_has_no_pair_and_gets_none(void **state)
{
    struct house *house = *state;
    struct pair_row *rows;
    uint32_t x;
    expect_counts(house, PAIRS(PAIR(2, "alice_1", "did:plc:a") "," PAIR(3, "bo", "did:plc:b")), 2, 0, 0);
    expect_hidden(house, "{\"handle\":\"@ALICE_1\"}", 1);
    assert_true(numbers_of_id(house->numbers, 34, &x));
    assert_int_equal(pairs_of(house, x, &rows), 0);
    /* By the handle, and by the id that the roster named for it. */
    expect_counts(house, PAIRS(PAIR(2, "alice_1", "did:plc:a")), 0, 0, 1);
    expect_counts(house, PAIRS("{\"x_id\":\"34\",\"network\":\"bluesky\",\"profile\":\"did:plc:a\"}"), 0, 0, 1);
    close_house(house);
    open_house(house);
    expect_counts(house, PAIRS(PAIR(2, "alice_1", "did:plc:a") "," PAIR(3, "bo", "did:plc:b")), 0, 1, 1);
}

static void test_a_profile_is_hidden_by_its_did(void **state)
{
    struct house *house = *state;
    const char *did = "did:plc:abcdefghijklmnopqrstuvwx";
    expect_counts(house, PAIRS(PAIR(2, "alice_1", "did:plc:abcdefghijklmnopqrstuvwx") "," PAIR(3, "bo", "did:plc:b")),
                  2, 0, 0);
    char body[128];
    snprintf(body, sizeof body, "{\"handle\":\"%s\"}", did);
    expect_hidden(house, body, 1);
    expect_hidden(house, body, 0);
    expect_counts(house, PAIRS(PAIR(2, "carol", "did:plc:abcdefghijklmnopqrstuvwx")), 0, 0, 1);
}

/* --- what is refused ----------------------------------------------------------------------------------------------- */

static const struct {
    const char *target;
    const char *body;
    unsigned status;
    const char *says;
} refused[] = {
    {"/control/pairs", "{\"community\":\"nobody\",\"state\":\"confirmed\",\"pairs\":[]}", 404, "no community 'nobody'"},
    {"/control/pairs", "{\"community\":\"flock\",\"state\":\"likely\",\"pairs\":[]}", 400, "'confirmed', not 'likely'"},
    {"/control/pairs", "{\"community\":\"flock\",\"state\":\"confirmed\"}", 400, "'pairs' is missing"},
    {"/control/pairs", PAIRS("{\"network\":\"bluesky\"}"), 400, "pair 1: 'profile' is missing"},
    {"/control/pairs", PAIRS("{\"who\":\"a\"}"), 400, "no member 'who'"},
    {"/control/pairs", "[1", 400, ""},
    {"/control/hide", "{}", 400, "'handle' is missing"},
    {"/control/hide", "{\"handle\":\"a b\"}", 400, "no handle on X"},
    {"/control/hide", "{\"handle\":\"\"}", 400, "no handle on X"},
    {"/control/nothing", "{}", 404, ""},
};

static void test_what_cannot_be_meant_is_refused(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        CLEANUP_JSON json_t *answer = ask(*state, refused[i].target, refused[i].body, refused[i].status);
        const char *message = json_string_value(json_object_get(json_object_get(answer, "error"), "message"));
        if (!message || !strstr(message, refused[i].says))
            fail_msg("%s %s: %s", refused[i].target, refused[i].body, message ? message : "no message");
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_handle_of_the_roster_is_its_id),
        TEST(test_the_last_word_is_believed_first),
        TEST(test_a_handle_that_nobody_told_keeps_its_number),
        TEST(test_many_pairs),
        TEST(test_rows_that_are_no_pairs_are_named),
        TEST(test_who_is_hidden_has_no_pair_and_gets_none),
        TEST(test_a_profile_is_hidden_by_its_did),
        TEST(test_what_cannot_be_meant_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

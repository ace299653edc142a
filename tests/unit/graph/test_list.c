/* tests/unit/graph/test_list.c
 *
 * Lists as they are used: sources united, handles joined to ids by the day, accounts described by their owner's uploads.
 */
#include "graph/list.h"

#include "base/cleanup.h"
#include "base/limits.h"
#include "graph/fact_blob.h"
#include "graph/id_set.h"
#include "lib/check.h"
#include "lib/graph_place.h"
#include "store/left_out_set.h"
#include "store/wishes.h"

#include <stdlib.h>
#include <string.h>

struct world {
    struct graph_place place;
    struct numbers *numbers;
    struct arena arena;
    struct id owner;
    struct err err;
};

static int make_world(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    graph_place_make(&world->place);
    world->numbers = numbers_new();
    assert_non_null(world->numbers);
    arena_init(&world->arena, 64 * MIB);
    world->owner = graph_place_id(&world->place);
    *state = world;
    return 0;
}

static int remove_world(void **state)
{
    struct world *world = *state;
    arena_release(&world->arena);
    numbers_free(world->numbers);
    graph_place_remove(&world->place);
    free(world);
    return 0;
}

#define well(world, call)                                                                                              \
    do {                                                                                                               \
        if ((call) != 0)                                                                                               \
            fail_msg("%s", (world)->err.text);                                                                         \
    } while (0)

static uint32_t give(struct world *world, uint64_t id, const char *handle)
{
    uint32_t number = 0;
    struct store_listener lane = numbers_listener(world->numbers);
    struct x_account account = {.id = id, .handle = text_of(handle)};
    well(world, db_begin(world->place.db, &world->err));
    well(world, numbers_give(world->numbers, world->place.db, &account, 1, &number, &world->err));
    well(world, db_commit(world->place.db, &world->err));
    lane.committed(lane.context);
    return number;
}

static void put_set(struct world *world, const char *source, const char *day, const uint32_t *numbers, size_t n)
{
    CLEANUP(id_set_release) struct id_set set;
    CLEANUP(buf_release) struct buf blob;
    id_set_init(&set);
    buf_init(&blob, MIB);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(id_set_add(&set, numbers[i]), 0);
    assert_int_equal(id_set_sort(&set), 0);
    assert_int_equal(id_set_encode(&set, &blob), 0);
    struct follow_set_row row = {.owner = world->owner,
                                 .kind = TEXT("following"),
                                 .source = text_of(source),
                                 .day = text_of(day),
                                 .n = (uint32_t)set.n,
                                 .ids = buf_text(&blob),
                                 .import = world->owner,
                                 .changed_ms = INT64_C(1717200000000)}; /* 2024-06-01 */
    well(world, follow_set_put(world->place.db, &row, &world->err));
}

#define PUT_SET(world, source, day, ...)                                                                               \
    put_set(world, source, day, (const uint32_t[]){__VA_ARGS__},                                                       \
            sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

static struct id say(struct world *world, const struct id *owner, const char *day, const struct fact *facts, size_t n)
{
    CLEANUP(buf_release) struct buf blob;
    struct id import = graph_place_id(&world->place);
    buf_init(&blob, MIB);
    assert_int_equal(fact_blob_write(facts, n, &blob, NULL), 0);
    graph_place_facts(&world->place, &import, owner, day, (uint32_t)n, buf_text(&blob));
    return import;
}

static void say_handle(struct world *world, uint32_t number, const char *day, const char *handle)
{
    say(world, &world->owner, day, &(struct fact){.number = number, .account = {.handle = text_of(handle)}}, 1);
}

static void same_as(struct world *world, uint32_t number, uint32_t id_number, const char *from, const char *to)
{
    struct same_as_row row = {
        .number = number, .id_number = id_number, .from_day = text_of(from), .to_day = text_of(to), .why = TEXT("own")};
    well(world, same_as_put(world->place.db, &row, &world->err));
}

static struct graph_list load(struct world *world)
{
    struct graph_list list = {.n = 0};
    well(world, graph_list_load(world->place.db, world->numbers, world->place.keys, &world->owner, TEXT("following"),
                                &world->arena, &list, &world->err));
    return list;
}

/* --- which accounts -------------------------------------------------------------------------------------------------- */

static void an_owner_without_a_list_has_none(void **state)
{
    assert_int_equal(load(*state).n, 0);
}

static void a_list_is_the_union_of_its_sources(void **state)
{
    struct world *world = *state;
    uint32_t a = give(world, 11, NULL);
    uint32_t b = give(world, 12, NULL);
    uint32_t c = give(world, 13, NULL);
    PUT_SET(world, "archive", "2024-11-14", a, c);
    PUT_SET(world, "csv", "", b, c);
    const uint32_t wanted[] = {a, b, c};
    struct graph_list list = load(world);
    assert_int_equal(list.n, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(list.numbers[i], wanted[i]);
        assert_int_equal(list.accounts[i].id, 11 + i);
        assert_int_equal(list.told[i], GRAPH_TOLD_NOT);
    }
}

static void a_handle_is_the_id_that_held_it_on_the_lists_day(void **state)
{
    struct world *world = *state;
    uint32_t handle = give(world, 0, "jane");
    uint32_t id = give(world, 77, NULL);
    same_as(world, handle, id, "2024-01-01", "2024-12-31");
    say_handle(world, handle, "2024-11-14", "jane");

    PUT_SET(world, "csv", "2024-11-14", handle);
    struct graph_list list = load(world);
    assert_int_equal(list.n, 1);
    assert_int_equal(list.numbers[0], id);
    assert_int_equal(list.accounts[0].id, 77);
    assert_text(list.accounts[0].handle, "jane"); /* as the list says */
    assert_int_equal(list.told[0], GRAPH_TOLD_OWN);

    PUT_SET(world, "archive", "2024-11-14", id); /* the same account twice */
    assert_int_equal(load(world).n, 1);

    PUT_SET(world, "csv", "2023-11-14", handle); /* another held it then, nobody knows who */
    list = load(world);
    assert_int_equal(list.n, 2);
    assert_int_equal(list.numbers[0], handle);
    assert_int_equal(list.accounts[0].id, 0);

    PUT_SET(world, "csv", "", handle); /* it came on 2024-06-01 */
    assert_int_equal(load(world).n, 1);
}

static void which_of_two_is_not_guessed(void **state)
{
    struct world *world = *state;
    uint32_t handle = give(world, 0, "jane");
    uint32_t one = give(world, 77, NULL);
    uint32_t other = give(world, 78, NULL);
    same_as(world, handle, one, "2023-01-01", "2024-03-31");
    same_as(world, handle, other, "2024-04-01", "2025-12-31");
    static const char *const days[] = {"2024-02-01", "2024-11-14", "2023-05-05", "2025-05-05"};
    const uint32_t meant[] = {handle, handle, one, other};
    for (size_t i = 0; i < ARRAY_LEN(days); i++) {
        PUT_SET(world, "csv", days[i], handle);
        struct graph_list list = load(world);
        assert_int_equal(list.n, 1);
        assert_int_equal(list.numbers[0], meant[i]);
    }
}

static void a_handle_that_came_back_is_one_id_all_the_same(void **state)
{
    struct world *world = *state;
    uint32_t handle = give(world, 0, "jane");
    uint32_t id = give(world, 77, NULL);
    same_as(world, handle, id, "2024-01-01", "2024-03-31");
    same_as(world, handle, id, "2024-09-01", "2024-12-31");
    PUT_SET(world, "csv", "2024-11-14", handle);
    assert_int_equal(load(world).numbers[0], id);
    PUT_SET(world, "csv", "2024-06-14", handle);
    assert_int_equal(load(world).numbers[0], handle);
}

/* --- what is said of them -------------------------------------------------------------------------------------------- */

static void the_newest_day_wins(void **state)
{
    struct world *world = *state;
    uint32_t id = give(world, 77, NULL);
    PUT_SET(world, "archive", "2024-11-14", id);
    const struct fact newest = {.number = id, .account = {.handle = TEXT_INIT("jane_new"), .is_protected = KNOWN_NO}};
    const struct fact older = {
        .number = id,
        .account = {.handle = TEXT_INIT("jane_old"), .name = TEXT_INIT("Jane"), .is_protected = KNOWN_YES}};
    /* A post of 2020 in an upload of 2025: of the post's day. */
    const struct fact post = {.number = id, .day = 18300, .account = {.handle = TEXT_INIT("jane_first")}};
    say(world, &world->owner, "2024-11-14", &newest, 1);
    say(world, &world->owner, "2023-11-14", &older, 1);
    say(world, &world->owner, "2025-11-14", &post, 1);
    struct graph_list list = load(world);
    assert_text(list.accounts[0].handle, "jane_new");
    assert_text(list.accounts[0].name, "Jane");
    assert_int_equal(list.accounts[0].is_protected, KNOWN_NO);
    assert_int_equal(list.told[0], GRAPH_TOLD_OWN);
}

static void put_public(struct world *world, uint32_t number, const char *handle, const char *name)
{
    struct x_public_row row = {
        .number = number, .handle = text_of(handle), .name = text_of(name), .why = TEXT(X_PUBLIC_AGREED)};
    well(world, x_public_put(world->place.db, &row, &world->err));
}

static void others_tell_only_what_may_serve_everybody(void **state)
{
    struct world *world = *state;
    struct id stranger = graph_place_id(&world->place);
    uint32_t own = give(world, 77, NULL);
    uint32_t open = give(world, 78, NULL);
    uint32_t secret = give(world, 79, NULL);
    const struct fact whispered = {.number = secret,
                                   .account = {.handle = TEXT_INIT("hush"), .name = TEXT_INIT("Hush")}};
    PUT_SET(world, "archive", "2024-11-14", own, open, secret);
    say(world, &stranger, "2025-11-14", &whispered, 1);
    say_handle(world, own, "2024-11-14", "mine");
    put_public(world, own, "theirs", "Their Name");
    put_public(world, open, "open", "Open");
    struct graph_list list = load(world);
    assert_text(list.accounts[0].handle, "mine");
    assert_text(list.accounts[0].name, "Their Name");
    assert_text(list.accounts[1].handle, "open");
    assert_text(list.accounts[2].handle, "");
    assert_text(list.accounts[2].name, "");
    assert_int_equal(list.told[0], GRAPH_TOLD_OWN);
    assert_int_equal(list.told[1], GRAPH_TOLD_OTHERS);
    assert_int_equal(list.told[2], GRAPH_TOLD_NOT);
}

static void what_cannot_be_opened_is_told(void **state)
{
    struct world *world = *state;
    struct graph_list list;
    struct fact_set_row row = {.import = graph_place_id(&world->place),
                               .owner = world->owner,
                               .day = TEXT("2024-11-14"),
                               .n = 1,
                               .seal_key = 1,
                               .facts = TEXT("no box of ours")};
    PUT_SET(world, "archive", "2024-11-14", give(world, 77, NULL));
    well(world, fact_set_put(world->place.db, &row, &world->err));
    assert_int_equal(graph_list_load(world->place.db, world->numbers, world->place.keys, &world->owner,
                                     TEXT("following"), &world->arena, &list, &world->err),
                     E_BAD_INPUT);
    assert_non_null(strstr(world->err.text, row.import.chars));
}

/* --- promise 11: leave me out ---------------------------------------------------------------------------------------- */

static void leave_out(struct world *world, uint64_t id, const char *handle)
{
    struct keyed_hash hash;
    if (id != 0)
        left_out_hash_x_id(world->place.keys, id, &hash);
    else
        left_out_hash_x_handle(world->place.keys, text_of(handle), &hash);
    well(world, opt_out_put(world->place.db, &hash, 1, &world->err));
}

static void who_wished_to_be_left_out_is_not_there(void **state)
{
    struct world *world = *state;
    uint32_t by_id = give(world, 71, NULL);
    uint32_t by_handle = give(world, 72, NULL);
    uint32_t by_old_handle = give(world, 73, NULL);
    uint32_t by_public_handle = give(world, 74, NULL);
    uint32_t stays = give(world, 75, NULL);
    PUT_SET(world, "archive", "2024-11-14", by_id, by_handle, by_old_handle, by_public_handle, stays);
    say_handle(world, by_handle, "2024-11-14", "Hide_Me");
    say_handle(world, by_old_handle, "2023-11-14", "was_me");
    say_handle(world, by_old_handle, "2024-11-14", "is_me");
    say(world, &world->owner, "2024-11-14",
        &(struct fact){.number = by_public_handle,
                       .account = {.handle = TEXT_INIT("elsewhere"), .name = TEXT_INIT("E")}},
        1);
    put_public(world, by_public_handle, "known_as", "K");
    say_handle(world, stays, "2024-11-14", "stays");
    assert_int_equal(load(world).n, 5);

    leave_out(world, 71, NULL);
    leave_out(world, 0, "hide_me");
    leave_out(world, 0, "was_me");
    leave_out(world, 0, "known_as");
    struct graph_list list = load(world);
    assert_int_equal(list.n, 1);
    assert_int_equal(list.numbers[0], stays);
    assert_int_equal(list.accounts[0].id, 75);
    assert_text(list.accounts[0].handle, "stays");
    assert_int_equal(list.told[0], GRAPH_TOLD_OWN);
}

static void numbers_are_described_alike(void **state)
{
    struct world *world = *state;
    uint32_t wanted[] = {give(world, 71, NULL), give(world, 72, NULL), give(world, 0, "alone")};
    struct x_account accounts[3];
    unsigned char told[3];
    say_handle(world, wanted[0], "2024-11-14", "hidden");
    say_handle(world, wanted[1], "2024-11-14", "seen");
    leave_out(world, 0, "hidden");
    well(world, graph_list_describe(world->place.db, world->numbers, world->place.keys, &world->owner, wanted, 3,
                                    &world->arena, accounts, told, &world->err));
    assert_int_equal(accounts[0].id, 0);
    assert_text(accounts[0].handle, "");
    assert_int_equal(told[0], GRAPH_TOLD_NOT);
    assert_int_equal(accounts[1].id, 72);
    assert_text(accounts[1].handle, "seen");
    assert_int_equal(told[1], GRAPH_TOLD_OWN);
    assert_int_equal(told[2], GRAPH_TOLD_NOT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_world, remove_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_owner_without_a_list_has_none),
        TEST(a_list_is_the_union_of_its_sources),
        TEST(a_handle_is_the_id_that_held_it_on_the_lists_day),
        TEST(which_of_two_is_not_guessed),
        TEST(a_handle_that_came_back_is_one_id_all_the_same),
        TEST(the_newest_day_wins),
        TEST(others_tell_only_what_may_serve_everybody),
        TEST(what_cannot_be_opened_is_told),
        TEST(who_wished_to_be_left_out_is_not_there),
        TEST(numbers_are_described_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tests/unit/api/test_moved_people.c
 *
 * Whom a plan is given: the member's own list, by the member's and their community's pairs.
 */
#include "api/moved_people.h"

#include "base/cleanup.h"
#include "base/limits.h"
#include "graph/id_set.h"
#include "lib/check.h"
#include "lib/graph_place.h"
#include "store/pairs.h"

#include <string.h>

#define PEOPLE 4

static struct {
    struct graph_place place;
    struct numbers *numbers;
    struct arena arena;
    struct id flock;
    struct id alice;
    uint32_t x[PEOPLE];
    struct err err;
} world;

#define OK(call)                                                                                                       \
    do {                                                                                                               \
        if ((call) != 0)                                                                                               \
            fail_msg("%s", world.err.text);                                                                            \
    } while (0)

static void put_list(void)
{
    CLEANUP(id_set_release) struct id_set set;
    CLEANUP(buf_release) struct buf blob;
    id_set_init(&set);
    buf_init(&blob, MIB);
    for (size_t i = 0; i < PEOPLE - 1; i++) /* she does not follow the last one */
        assert_int_equal(id_set_add(&set, world.x[i]), 0);
    assert_int_equal(id_set_sort(&set), 0);
    assert_int_equal(id_set_encode(&set, &blob), 0);
    struct follow_set_row row = {.owner = world.alice,
                                 .kind = TEXT("following"),
                                 .source = TEXT("csv"),
                                 .n = (uint32_t)set.n,
                                 .ids = buf_text(&blob),
                                 .import = world.alice};
    OK(follow_set_put(world.place.db, &row, &world.err));
}

static void put_pair(const struct id *scope, size_t k, const char *profile, enum pair_state state)
{
    struct pair_row pair = {.scope = id_text(scope),
                            .x = world.x[k],
                            .network = TEXT("bluesky"),
                            .profile = text_of(profile),
                            .state = state,
                            .p = 0.5,
                            .best = true,
                            .evidence = TEXT("[]"),
                            .decided = id_text(&world.alice)};
    OK(pair_put(world.place.db, &pair, &world.err));
}

static int make_world(void **state)
{
    (void)state;
    memset(&world, 0, sizeof world);
    graph_place_make(&world.place);
    world.numbers = numbers_new();
    arena_init(&world.arena, 64 * MIB);
    struct store_listener lane = numbers_listener(world.numbers);
    OK(db_begin(world.place.db, &world.err));
    for (size_t i = 0; i < PEOPLE; i++) {
        struct x_account account = {.id = 100 + i};
        OK(numbers_give(world.numbers, world.place.db, &account, 1, &world.x[i], &world.err));
    }
    world.flock = graph_place_id(&world.place);
    world.alice = graph_place_id(&world.place);
    struct community_row flock = {
        .id = world.flock, .slug = TEXT("flock"), .name = TEXT("flock"), .state = TEXT(COMMUNITY_OPEN)};
    struct member_row alice = {.id = world.alice, .x_handle = TEXT("alice"), .origin = TEXT(MEMBER_FROM_TERMINAL)};
    OK(community_put(world.place.db, &flock, &world.err));
    OK(member_put(world.place.db, &alice, &world.err));
    OK(membership_put(world.place.db, &world.flock, &world.alice, "member", 1, &world.err));
    put_list();
    put_pair(&world.flock, 0, "did:test:a", PAIR_CONFIRMED);
    put_pair(&world.alice, 1, "did:test:b", PAIR_CONFIRMED);
    put_pair(&world.flock, 3, "did:test:d", PAIR_CONFIRMED);
    OK(db_commit(world.place.db, &world.err));
    lane.committed(lane.context);
    return 0;
}

static int remove_world(void **state)
{
    (void)state;
    arena_release(&world.arena);
    numbers_free(world.numbers);
    graph_place_remove(&world.place);
    return 0;
}

static int ask(const char *community, const char *as, struct plan_source *ret_source)
{
    struct moved_question question = {.numbers = world.numbers,
                                      .keys = world.place.keys,
                                      .community = text_of(community),
                                      .as = text_of(as),
                                      .network = TEXT("bluesky")};
    return moved_people(world.place.db, &question, &world.arena, ret_source, &world.err);
}

static void the_list_of_a_member_by_both_scopes(void **state)
{
    (void)state;
    struct plan_source source;
    OK(ask("flock", "Alice", &source));
    assert_true(text_equal(id_text(&source.member), id_text(&world.alice)));
    assert_true(text_equal(id_text(&source.community), id_text(&world.flock)));
    assert_int_equal(source.n, 2);
    for (size_t i = 0; i < 2; i++) {
        size_t k = source.people[i].x == world.x[0] ? 0 : 1;
        assert_int_equal(source.people[i].x, world.x[k]);
        assert_int_equal(source.people[i].state, PAIR_CONFIRMED);
        assert_true(text_equal(source.people[i].profile, k == 0 ? TEXT("did:test:a") : TEXT("did:test:b")));
    }
}

static void who_is_not_there_is_told(void **state)
{
    (void)state;
    struct plan_source source;
    assert_int_equal(ask("herd", "alice", &source), E_NOT_FOUND);
    assert_int_equal(ask("flock", "bob", &source), E_NOT_FOUND);
    assert_int_equal(ask("flock", "", &source), E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_list_of_a_member_by_both_scopes, make_world, remove_world),
        cmocka_unit_test_setup_teardown(who_is_not_there_is_told, make_world, remove_world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tests/unit/graph/test_pairs_by_handle.c
 *
 * A pair that is about a handle, found by a list that knows whose id has it.
 */
#include "base/cleanup.h"
#include "graph/pairs_by_handle.h"
#include "lib/check.h"
#include "lib/graph_place.h"

/* Numbers in the order given: 1 is by handle, 2 and 3 by id. */
static struct x_account given[] = {
    {.handle = TEXT_INIT("ada_q")},
    {.id = 34, .handle = TEXT_INIT("Ada_Q")},
    {.id = 56, .handle = TEXT_INIT("bo")},
};

static struct numbers *give_numbers(struct graph_place *place)
{
    struct err err = {0};
    uint32_t numbers[ARRAY_LEN(given)];
    struct numbers *all = numbers_new();
    const struct store_listener listener = numbers_listener(all);
    assert_int_equal(db_begin(place->db, &err), 0);
    assert_int_equal(numbers_give(all, place->db, given, ARRAY_LEN(given), numbers, &err), 0);
    assert_int_equal(db_commit(place->db, &err), 0);
    listener.committed(listener.context);
    for (uint32_t i = 0; i < ARRAY_LEN(given); i++)
        assert_int_equal(numbers[i], i + 1);
    return all;
}

static struct pair_row row(uint32_t x, const char *profile, const char *decided, bool best)
{
    return (struct pair_row){.x = x,
                             .profile = text_of(profile),
                             .state = *decided ? PAIR_CONFIRMED : PAIR_LIKELY,
                             .p = *decided ? 1 : 0.9,
                             .best = best,
                             .decided = text_of(decided)};
}

static void test_rows_go_to_the_id_and_decisions_stay(void **state)
{
    (void)state;
    struct graph_place place;
    graph_place_make(&place);
    struct numbers *numbers = give_numbers(&place);
    const uint32_t list_numbers[] = {2, 3};
    struct pair_row pairs[] = {row(1, "did:b", "file", true), row(2, "did:a", "", false), row(2, "did:b", "", true),
                               row(3, "did:c", "", true)};
    struct profile profiles[ARRAY_LEN(pairs)] = {
        {.followers = 1}, {.followers = 2}, {.followers = 3}, {.followers = 4}};
    size_t n = ARRAY_LEN(pairs);
    assert_int_equal(pairs_by_handle(numbers, &given[1], list_numbers, 2, pairs, profiles, &n), 0);
    assert_int_equal(n, 3);
    assert_int_equal(pairs[0].x, 2);
    assert_text(pairs[0].profile, "did:b");
    assert_text(pairs[0].decided, "file");
    assert_int_equal(profiles[0].followers, 1);
    assert_text(pairs[1].profile, "did:a");
    assert_int_equal(profiles[1].followers, 2);
    assert_int_equal(pairs[2].x, 3);
    assert_int_equal(profiles[2].followers, 4);
    numbers_free(numbers);
    graph_place_remove(&place);
}

/* The list's owner was told nobody's handle: the row stays where it is. */
static void test_who_knows_no_handle_finds_nothing(void **state)
{
    (void)state;
    struct graph_place place;
    graph_place_make(&place);
    struct numbers *numbers = give_numbers(&place);
    const struct x_account untold = {.id = 34};
    const uint32_t list_number = 2;
    struct pair_row pairs[] = {row(1, "did:b", "file", true)};
    struct profile profiles[1] = {{.followers = 1}};
    size_t n = 1;
    assert_int_equal(pairs_by_handle(numbers, &untold, &list_number, 1, pairs, profiles, &n), 0);
    assert_int_equal(n, 1);
    assert_int_equal(pairs[0].x, 1);
    numbers_free(numbers);
    graph_place_remove(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_go_to_the_id_and_decisions_stay),
        cmocka_unit_test(test_who_knows_no_handle_finds_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

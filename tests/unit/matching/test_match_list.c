/* tests/unit/matching/test_match_list.c
 *
 * Lists of a store matched and kept: what is asked, what is kept where, and what one group's work may tell another.
 */
#include "list_world.h"

static const struct x_account roster[] = {
    X("ada_quillfeather", "Ada Quillfeather"),
    X("bojangleford", "Bo Jangleford"),
    X("nowhere_tobeseen", "Nowhere Tobeseen"),
};

static void what_is_found_is_kept(void **state)
{
    struct world *world = *state;
    bring(world, "flock", NULL, roster, 3);
    run_well(world, "flock", NULL);
    assert_run(world, 3, 0, 3);
    const char *pairs = pairs_of(world, scope_of(world, "flock", NULL));
    assert_has(pairs, "1 did:plc:ada=ada-quillfeather.example.test likely ");
    assert_has(pairs, "2 did:plc:bo=bojangleford.example.test likely ");
    assert_has(pairs, "[[\""); /* evidence */
    assert_null(strstr(pairs, "3 did:"));
    assert_string_equal(lookups(world), "1 found +30 d (0)\n2 found +30 d (0)\n3 not_found +3 d (1)\n");
    assert_has(profiles_kept(world), "did:plc:ada did:plc:bo ");
}

static void a_second_run_asks_nobody(void **state)
{
    struct world *world = *state;
    const struct x_account own[] = {roster[0], X("danthistlewick", "Dan Thistlewick")};
    bring(world, "flock", NULL, roster, 3);
    bring(world, "flock", "alice", own, 2);
    run_well(world, "flock", "alice");
    assert_run(world, 4, 0, 4);
    struct text scope = scope_of(world, "flock", NULL);
    struct text member = scope_of(world, "flock", "alice");
    const char *pairs = pairs_of(world, scope);
    const char *own_pairs = pairs_of(world, member);
    const char *asked = lookups(world);
    assert_has(own_pairs, "did:plc:dan");
    size_t questions = world->fake.questions;
    size_t identities = world->fake.identities;
    for (int i = 0; i < 2; i++) {
        run_well(world, "flock", "alice");
        assert_run(world, 4, 4, 0);
        assert_int_equal(world->fake.questions, questions);
        assert_int_equal(world->fake.identities, identities);
        assert_string_equal(pairs_of(world, scope), pairs);
        assert_string_equal(pairs_of(world, member), own_pairs);
        assert_string_equal(lookups(world), asked);
    }
}

static void who_was_not_found_is_asked_about_again_later_and_later(void **state)
{
    struct world *world = *state;
    static const int days[] = {3, 7, 14, 30, 30};
    bring(world, "flock", NULL, &roster[2], 1);
    for (size_t i = 0; i < ARRAY_LEN(days); i++) {
        run_well(world, "flock", NULL);
        assert_run(world, 1, 0, 1);
        char wanted[64];
        snprintf(wanted, sizeof wanted, "1 not_found +%d d (%zu)\n", days[i], i + 1);
        assert_string_equal(lookups(world), wanted);
        now_ms += days[i] * DAY_MS - 1;
        run_well(world, "flock", NULL);
        assert_run(world, 1, 1, 0);
        now_ms++;
    }
}

/* Promise 3. */
static void an_outage_takes_no_pair_away(void **state)
{
    struct world *world = *state;
    bring(world, "flock", NULL, roster, 3);
    run_well(world, "flock", NULL);
    const char *pairs = pairs_of(world, scope_of(world, "flock", NULL));
    now_ms += 31 * DAY_MS;
    world->fake.fail_from = world->fake.questions + 1;
    run_well(world, "flock", NULL);
    assert_run(world, 3, 0, 0);
    assert_string_equal(pairs_of(world, scope_of(world, "flock", NULL)), pairs);
    assert_string_equal(lookups(world),
                        "1 could_not_look +10 m (0)\n2 could_not_look +10 m (0)\n3 could_not_look +10 m (1)\n");
    size_t questions = world->fake.questions;
    run_well(world, "flock", NULL);
    assert_int_equal(world->fake.questions, questions);
    now_ms += 10 * MINUTE_MS;
    world->fake.fail_from = 0;
    run_well(world, "flock", NULL);
    assert_run(world, 3, 0, 3);
}

/* Promise 6: what a member's file alone calls an account is told to nobody else. */
static void a_members_private_handle_stays_theirs(void **state)
{
    struct world *world = *state;
    const struct x_account known[] = {{.id = 55}, roster[0]};
    const struct x_account own[] = {
        {.id = 55, .handle = TEXT_INIT("danthistlewick"), .name = TEXT_INIT("Dan Thistlewick")},
        X("bojangleford", "Bo Jangleford")};
    bring(world, "flock", NULL, known, 2);
    bring(world, "flock", "alice", own, 2);
    run_well(world, "flock", "alice");
    assert_run(world, 4, 0, 3); /* 55 twice: nothing to ask for, and as Dan */
    const char *group = pairs_of(world, scope_of(world, "flock", NULL));
    const char *mine = pairs_of(world, scope_of(world, "flock", "alice"));
    assert_has(group, "2 did:plc:ada");
    assert_null(strstr(group, "did:plc:dan"));
    assert_null(strstr(group, "did:plc:bo"));
    assert_has(mine, "1 did:plc:dan");
    assert_has(mine, "did:plc:bo");
    assert_null(strstr(mine, "did:plc:ada"));
    /* The group's own question about 55 still stands. */
    run_well(world, "flock", NULL);
    assert_string_equal(pairs_of(world, scope_of(world, "flock", NULL)), group);
}

/* "Two groups in one store: confirm a pair in one; every answer of the other is byte for byte as before." */
static void a_decision_of_one_group_shows_in_no_other(void **state)
{
    struct world *world = *state;
    bring(world, "flock", NULL, roster, 3);
    bring(world, "herd", NULL, roster, 3);
    run_well(world, "flock", NULL);
    size_t questions = world->fake.questions;
    run_well(world, "herd", NULL);
    assert_int_equal(world->fake.questions, questions); /* asked for the others already */
    struct text flock = scope_of(world, "flock", NULL);
    struct text herd = scope_of(world, "herd", NULL);
    const char *pairs = pairs_of(world, herd);
    const char *asked = lookups(world);
    assert_has(pairs, "1 did:plc:ada");

    decide_pair(world, flock, number_of(world, "nowhere_tobeseen"), "did:plc:vouched", PAIR_CONFIRMED);
    decide_pair(world, flock, number_of(world, "ada_quillfeather"), "did:plc:ada", PAIR_REJECTED);
    run_well(world, "flock", NULL);
    run_well(world, "herd", NULL);
    assert_string_equal(pairs_of(world, herd), pairs);
    assert_has(pairs_of(world, flock), "3 did:plc:vouched=quite-another.example.test confirmed ");
    /* The group's own look-ups came beside those that everybody shares. */
    assert_true(strlen(lookups(world)) > strlen(asked));
    now_ms += 31 * DAY_MS;
    run_well(world, "flock", NULL);
    now_ms -= 31 * DAY_MS;
    assert_string_equal(pairs_of(world, herd), pairs);
}

/* "Maybe" because of an outage would stand for a month. */
static void what_the_cache_brings_waits_for_its_identity(void **state)
{
    struct world *world = *state;
    bring(world, "flock", NULL, roster, 3);
    bring(world, "herd", NULL, roster, 3);
    run_well(world, "flock", NULL);
    world->fake.no_directory = true;
    run_well(world, "herd", NULL);
    assert_string_equal(pairs_of(world, scope_of(world, "herd", NULL)), "");
    world->fake.no_directory = false;
    run_well(world, "herd", NULL);
    assert_has(pairs_of(world, scope_of(world, "herd", NULL)), "1 did:plc:ada=ada-quillfeather.example.test likely ");
}

static void what_people_decided_stays(void **state)
{
    struct world *world = *state;
    bring(world, "flock", NULL, roster, 3);
    run_well(world, "flock", NULL);
    struct text flock = scope_of(world, "flock", NULL);
    decide_pair(world, flock, 1, "did:plc:ada", PAIR_REJECTED);
    decide_pair(world, flock, 2, "did:plc:bo", PAIR_CONFIRMED);
    for (int i = 0; i < 3; i++) {
        run_well(world, "flock", NULL);
        const char *pairs = pairs_of(world, flock);
        assert_has(pairs, "1 did:plc:ada=ada-quillfeather.example.test rejected 0 0  0 file ");
        assert_null(strstr(pairs, "likely"));
        assert_has(pairs, "2 did:plc:bo=bojangleford.example.test confirmed 1 1  0 file ");
        now_ms += 31 * DAY_MS;
    }
}

/* Promise 11. */
static void who_wished_to_be_left_out_is_not_asked_about(void **state)
{
    struct world *world = *state;
    struct keyed_hash hash;
    bring(world, "flock", NULL, roster, 3);
    left_out_hash_x_handle(store_keys(world->store), TEXT("bojangleford"), &hash);
    write_what(world, put_wish, &hash);
    left_out_hash_profile(store_keys(world->store), "fake", TEXT("did:plc:ada"), &hash);
    write_what(world, put_wish, &hash);
    run_well(world, "flock", NULL);
    assert_run(world, 2, 0, 2);
    assert_string_equal(pairs_of(world, scope_of(world, "flock", NULL)), "");
    assert_int_equal(fake_network_asked(&world->fake, "bojangleford.example.test"), 0);
    assert_string_equal(lookups(world), "1 not_found +3 d (1)\n3 not_found +3 d (1)\n");
    assert_null(strstr(profiles_kept(world), "did:plc:ada"));
}

static void the_budget_holds_for_both_lists(void **state)
{
    struct world *world = *state;
    struct err err = {0};
    const struct x_account own[] = {X("danthistlewick", "Dan Thistlewick")};
    bring(world, "flock", NULL, roster, 3);
    bring(world, "flock", "alice", own, 1);
    assert_int_equal(run_list(world, "flock", "alice", 1, &err), 0);
    assert_int_equal(world->fake.questions, 1);
    assert_has(lookups(world), "3 could_not_look +10 m (0)\n");
    assert_null(strstr(lookups(world), "4 "));
    assert_int_equal(run_list(world, "flock", "alice", 1, &err), 0); /* it is Dan's turn */
    assert_int_equal(world->fake.questions, 2);
}

static void a_cancel_keeps_what_was_kept(void **state)
{
    struct world *world = *state;
    struct err err = {0};
    const struct x_account own[] = {X("danthistlewick", "Dan Thistlewick")};
    bring(world, "flock", NULL, roster, 3);
    bring(world, "flock", "alice", own, 1);
    world->cancels = true;
    assert_int_equal(run_list(world, "flock", "alice", 0, &err), E_CANCELLED);
    world->cancels = false;
    assert_has(pairs_of(world, scope_of(world, "flock", NULL)), "did:plc:ada");
    assert_string_equal(pairs_of(world, scope_of(world, "flock", "alice")), "");
    run_well(world, "flock", "alice");
    assert_run(world, 4, 3, 1);
    assert_has(pairs_of(world, scope_of(world, "flock", "alice")), "did:plc:dan");
}

static void who_is_not_there_is_named(void **state)
{
    struct world *world = *state;
    struct err err = {0};
    assert_int_equal(run_list(world, "flock", NULL, 0, &err), E_NOT_FOUND);
    assert_has(err.text, "there is no community \"flock\"");
    bring(world, "flock", NULL, roster, 1);
    assert_int_equal(run_list(world, "flock", "bob", 0, &err), E_NOT_FOUND);
    assert_has(err.text, "@bob");
    assert_int_equal(world->fake.questions, 0);
}

static void the_same_store_keeps_the_same(void **state)
{
    struct world *world = *state;
    void *other_state = NULL;
    bring(world, "flock", NULL, roster, 3);
    run_well(world, "flock", NULL);
    open_world(&other_state);
    struct world *other = other_state;
    bring(other, "flock", NULL, roster, 3);
    run_well(other, "flock", NULL);
    assert_string_equal(pairs_of(world, scope_of(world, "flock", NULL)),
                        pairs_of(other, scope_of(other, "flock", NULL)));
    assert_string_equal(lookups(world), lookups(other));
    assert_string_equal(profiles_kept(world), profiles_kept(other));
    close_world(&other_state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_found_is_kept),
        TEST(a_second_run_asks_nobody),
        TEST(who_was_not_found_is_asked_about_again_later_and_later),
        TEST(an_outage_takes_no_pair_away),
        TEST(a_members_private_handle_stays_theirs),
        TEST(a_decision_of_one_group_shows_in_no_other),
        TEST(what_the_cache_brings_waits_for_its_identity),
        TEST(what_people_decided_stays),
        TEST(who_wished_to_be_left_out_is_not_asked_about),
        TEST(the_budget_holds_for_both_lists),
        TEST(a_cancel_keeps_what_was_kept),
        TEST(who_is_not_there_is_named),
        TEST(the_same_store_keeps_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

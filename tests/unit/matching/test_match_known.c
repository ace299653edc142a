/* tests/unit/matching/test_match_known.c
 *
 * Runs that begin with what is known: profiles fetched before, decisions of people, wishes not to be paired.
 */
#include "run.h"

static const struct x_account ada = X("ada_quillfeather", "Ada Quillfeather");

/* Who was asked about lately is decided from the profiles at hand: no question but for the identity of a likely one. */
static void a_cached_profile_is_a_candidate_without_a_question(void **state)
{
    (void)state;
    struct fixture fixture;
    const unsigned char how[] = {MATCH_FROM_CACHE};
    set_up(&fixture);
    const struct match *matches = match_all(
        &fixture,
        (struct match_options){.accounts = &ada, .how = how, .n = 1, .cached = people, .n_cached = ARRAY_LEN(people)});
    assert_pair(&matches[0], PAIR_LIKELY, "did:plc:ada");
    assert_int_equal(fixture.fake.questions, 0);
    assert_int_equal(fixture.fake.identities, 1);
    assert_int_equal(match_run_counts(fixture.run).questions, 0);
    tear_down(&fixture);
}

static void who_is_asked_about_costs_no_question_for_what_is_cached(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    const struct match *matches = match_all(
        &fixture, (struct match_options){.accounts = &ada, .n = 1, .cached = people, .n_cached = ARRAY_LEN(people)});
    assert_pair(&matches[0], PAIR_LIKELY, "did:plc:ada");
    assert_int_equal(fixture.fake.questions, 0);
    tear_down(&fixture);
}

/* A search hit of an earlier run lacks website and counts: it does not stand for the profile. */
static void a_cached_hit_is_still_asked_for(void **state)
{
    (void)state;
    struct fixture fixture;
    struct profile hit = people[0];
    hit.detailed = false;
    set_up(&fixture);
    const struct match *matches =
        match_all(&fixture, (struct match_options){.accounts = &ada, .n = 1, .cached = &hit, .n_cached = 1});
    assert_pair(&matches[0], PAIR_LIKELY, "did:plc:ada");
    assert_int_equal(fake_network_asked(&fixture.fake, "ada-quillfeather.example.test"), 1);
    assert_int_equal(match_run_counts(fixture.run).questions, fixture.fake.questions);
    tear_down(&fixture);
}

static void a_rival_is_compared_and_nothing_else(void **state)
{
    (void)state;
    struct fixture fixture;
    const struct x_account accounts[] = {ada, X("Ada_Quillfeather", "Ada Quillfeather")};
    const unsigned char how[] = {MATCH_RIVAL, MATCH_ASK};
    set_up(&fixture);
    const struct match *matches = match_all(
        &fixture, (struct match_options){
                      .accounts = accounts, .how = how, .n = 2, .cached = people, .n_cached = ARRAY_LEN(people)});
    assert_pair(&matches[1], PAIR_POSSIBLE, "did:plc:ada");
    assert_string_equal(matches[1].why, "another account of the list has as good a claim to this profile");
    assert_int_equal(fixture.fake.identities, 0);
    tear_down(&fixture);
}

/* Decisions are about accounts, so they hold for those that are known by number alone. */
static void decisions_stand(void **state)
{
    (void)state;
    struct fixture fixture;
    const struct x_account accounts[] = {ada, {.id = 77}, X("bojangleford", "Bo Jangleford")};
    const struct decided_pair decided[] = {
        {0, TEXT("did:plc:ada"), PAIR_REJECTED},
        {1, TEXT("did:plc:vouched"), PAIR_CONFIRMED},
        {2, TEXT("did:plc:stranger"), PAIR_PROVEN},
    };
    set_up(&fixture);
    const struct match *matches = match_all(
        &fixture,
        (struct match_options){.accounts = accounts, .n = 3, .decided = decided, .n_decided = ARRAY_LEN(decided)});
    assert_null(matches[0].best.profile);
    assert_int_equal(matches[0].n_others, 0);
    assert_pair(&matches[1], PAIR_CONFIRMED, "did:plc:vouched");
    assert_pair(&matches[2], PAIR_PROVEN, "did:plc:stranger");
    tear_down(&fixture);
}

static bool wishes(void *context, struct text profile_id)
{
    (void)context;
    return text_equal(profile_id, TEXT("did:plc:ada")) || text_equal(profile_id, TEXT("did:plc:bo"));
}

/* Promise 11: neither a cached profile nor one that the network shows anew. */
static void who_wished_to_be_left_out_is_nobodys_candidate(void **state)
{
    (void)state;
    for (int cached = 0; cached < 2; cached++) {
        struct fixture fixture;
        const struct x_account accounts[] = {ada, X("bojangleford", "Bo Jangleford")};
        const struct decided_pair decided = {1, TEXT("did:plc:bo"), PAIR_CONFIRMED};
        set_up(&fixture);
        const struct match *matches = match_all(&fixture, (struct match_options){.accounts = accounts,
                                                                                 .n = 2,
                                                                                 .decided = &decided,
                                                                                 .n_decided = 1,
                                                                                 .cached = people,
                                                                                 .n_cached = cached ? 2 : 0,
                                                                                 .leave_out = wishes});
        for (int i = 0; i < 2; i++) {
            assert_null(matches[i].best.profile);
            assert_int_equal(matches[i].n_others, 0);
        }
        tear_down(&fixture);
    }
}

/* "Maybe" while a search is still to be made is no answer for a month. */
static void what_could_not_be_asked_is_told(void **state)
{
    (void)state;
    struct fixture fixture;
    const struct x_account accounts[] = {X("cleothorncastle", "Cleo Thorncastle"), X("bojangleford", "Bo Jangleford")};
    set_up(&fixture);
    const struct match *matches =
        match_all(&fixture, (struct match_options){.accounts = accounts, .n = 2, .budget = 1});
    assert_pair(&matches[0], PAIR_POSSIBLE, "did:plc:stranger");
    assert_true(match_run_unfinished(fixture.run, 0));
    assert_pair(&matches[1], PAIR_LIKELY, "did:plc:bo");
    assert_false(match_run_unfinished(fixture.run, 1));
    tear_down(&fixture);

    set_up(&fixture);
    fixture.fake.no_directory = true;
    match_all(&fixture, (struct match_options){.accounts = accounts, .n = 2});
    assert_false(match_run_unfinished(fixture.run, 0));
    assert_true(match_run_unfinished(fixture.run, 1));
    tear_down(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cached_profile_is_a_candidate_without_a_question),
        cmocka_unit_test(who_is_asked_about_costs_no_question_for_what_is_cached),
        cmocka_unit_test(a_cached_hit_is_still_asked_for),
        cmocka_unit_test(a_rival_is_compared_and_nothing_else),
        cmocka_unit_test(decisions_stand),
        cmocka_unit_test(who_wished_to_be_left_out_is_nobodys_candidate),
        cmocka_unit_test(what_could_not_be_asked_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tests/unit/matching/test_match_run.c
 *
 * Whole runs against a network in memory: who is found, what is asked, and what is said where nobody could be asked.
 */
#include "run.h"

static void test_two_kinds_make_likely(void **state)
{
    (void)state;
    struct fixture fixture;
    const struct x_account accounts[] = {X("ada_quillfeather", "Ada Quillfeather"), X("bojangleford", "Bo Jangleford"),
                                         X("danthistlewick", "Dan Thistlewick")};
    set_up(&fixture);
    const struct match *matches =
        match_all(&fixture, (struct match_options){.accounts = accounts, .n = ARRAY_LEN(accounts)});
    assert_pair(&matches[0], PAIR_LIKELY, "did:plc:ada");
    assert_pair(&matches[1], PAIR_LIKELY, "did:plc:bo");
    assert_pair(&matches[2], PAIR_LIKELY, "did:plc:dan"); /* under no guessed handle: only the search finds it */
    assert_int_equal(fixture.fake.identities, 3);
    tear_down(&fixture);
}

/* Promise 1: no stranger is followed. An equal handle is one kind of evidence. */
static void test_an_equal_handle_alone_is_never_likely(void **state)
{
    (void)state;
    struct fixture fixture;
    const struct x_account accounts[] = {X("cleothorncastle", "Cleo Thorncastle"), X("CleoThorncastle_", "")};
    set_up(&fixture);
    const struct match *matches =
        match_all(&fixture, (struct match_options){.accounts = accounts, .n = ARRAY_LEN(accounts)});
    for (size_t i = 0; i < ARRAY_LEN(accounts); i++)
        assert_true(matches[i].best.state < PAIR_LIKELY);
    tear_down(&fixture);
}

static void test_nobody_is_asked_for_twice(void **state)
{
    (void)state;
    struct fixture fixture;
    const struct x_account accounts[] = {X("ada_quillfeather", ""),  X("AdaQuillfeather", ""),
                                         X("bojangleford", "Bo"),    X("nobody_here", "No Body"),
                                         X("nobodyhere", "No Body"), X("danthistlewick", "Dan Thistlewick")};
    set_up(&fixture);
    match_all(&fixture, (struct match_options){.accounts = accounts, .n = ARRAY_LEN(accounts)});
    assert_true(fixture.fake.n_asked > 0);
    for (size_t i = 0; i < fixture.fake.n_asked; i++)
        assert_int_equal(fake_network_asked(&fixture.fake, fixture.fake.asked[i]), 1);
    tear_down(&fixture);
}

/* Promise 3: an outage is never shown as "not here". */
static void test_an_outage_is_not_an_absence(void **state)
{
    (void)state;
    struct fixture fixture;
    const struct x_account accounts[] = {X("nobody_here", "No Body"), X("bojangleford", "Bo Jangleford")};
    set_up(&fixture);
    fixture.fake.fail_from = 1;
    const struct match *matches =
        match_all(&fixture, (struct match_options){.accounts = accounts, .n = ARRAY_LEN(accounts)});
    for (size_t i = 0; i < ARRAY_LEN(accounts); i++) {
        assert_int_equal(matches[i].lookup, LOOKUP_COULD_NOT_LOOK);
        assert_string_equal(matches[i].why, "the fake network is down");
        assert_null(matches[i].best.profile);
    }
    assert_string_equal(match_run_gave_up(fixture.run), "the fake network is down");
    tear_down(&fixture);
}

static void test_who_is_not_there_is_not_found(void **state)
{
    (void)state;
    struct fixture fixture;
    const struct x_account accounts[] = {X("zebulon_vane", "Zebulon Vane")};
    set_up(&fixture);
    const struct match *matches = match_all(&fixture, (struct match_options){.accounts = accounts, .n = 1});
    assert_int_equal(matches[0].lookup, LOOKUP_NOT_FOUND);
    assert_int_equal(matches[0].best.state, PAIR_NONE);
    assert_null(matches[0].why);
    tear_down(&fixture);
}

static void test_a_used_up_budget_is_not_an_absence(void **state)
{
    (void)state;
    struct fixture fixture;
    const struct x_account accounts[] = {X("zebulon_vane", "Zebulon Vane")};
    set_up(&fixture);
    const struct match *matches =
        match_all(&fixture, (struct match_options){.accounts = accounts, .n = 1, .budget = 1});
    assert_int_equal(fixture.fake.questions, 1);
    assert_int_equal(matches[0].lookup, LOOKUP_COULD_NOT_LOOK);
    assert_string_equal(matches[0].why, "the budget of questions was used up");
    tear_down(&fixture);
}

/* Promise 4 and 11: #noskein on either side is obeyed, and nothing about it is asked or told. */
static void test_noskein_is_obeyed(void **state)
{
    (void)state;
    struct fixture fixture;
    struct x_account accounts[] = {X("evemarrowby", "Eve Marrowby"), X("bojangleford", "Bo Jangleford")};
    accounts[1].bio = TEXT("leave me be #NoSkein");
    set_up(&fixture);
    const struct match *matches = match_all(&fixture, (struct match_options){.accounts = accounts, .n = 2});
    assert_int_equal(matches[0].lookup, LOOKUP_NOT_FOUND);
    assert_null(matches[0].best.profile);
    assert_int_equal(matches[0].n_others, 0);
    assert_int_equal(matches[1].lookup, LOOKUP_COULD_NOT_LOOK);
    assert_int_equal(fake_network_asked(&fixture.fake, "bojangleford.example.test"), 0);
    tear_down(&fixture);
}

static void test_what_may_not_or_cannot_be_asked(void **state)
{
    (void)state;
    struct fixture fixture;
    struct x_account accounts[] = {X("bojangleford", "Bo Jangleford"), {.id = UINT64_C(12345678901234567)}};
    accounts[0].is_protected = KNOWN_YES;
    set_up(&fixture);
    const struct match *matches = match_all(&fixture, (struct match_options){.accounts = accounts, .n = 2});
    assert_int_equal(fixture.fake.questions, 0);
    assert_int_equal(matches[0].lookup, LOOKUP_COULD_NOT_LOOK);
    assert_string_equal(matches[0].why, "protected on X: paired only by proof");
    assert_string_equal(matches[1].why, "only its number is known, no handle yet");
    tear_down(&fixture);
}

static void test_known_pairs_stand(void **state)
{
    (void)state;
    struct fixture fixture;
    const struct x_account accounts[] = {X("Bojangleford", "Bo Jangleford"), X("somebody", "Some Body")};
    const struct known_pair known[] = {
        {TEXT("bojangleford"), TEXT("did:plc:vouched"), PAIR_PROVEN},
        {TEXT("somebody"), TEXT("did:plc:gone"), PAIR_PROVEN},
        {TEXT("notinthelist"), TEXT("did:plc:ada"), PAIR_PROVEN},
    };
    set_up(&fixture);
    const struct match *matches = match_all(
        &fixture, (struct match_options){.accounts = accounts, .n = 2, .known = known, .n_known = ARRAY_LEN(known)});
    assert_pair(&matches[0], PAIR_PROVEN, "did:plc:vouched"); /* though another profile names this X account */
    assert_int_equal(matches[1].best.state, PAIR_NONE);
    assert_string_equal(matches[1].why, "the account that was known is not there any more");
    assert_int_equal(match_run_counts(fixture.run).known_missing, 1);
    assert_int_equal(fixture.fake.searches, 0);
    tear_down(&fixture);
}

static void test_known_pairs_stand_in_an_outage(void **state)
{
    (void)state;
    struct fixture fixture;
    const struct x_account accounts[] = {X("bojangleford", "Bo Jangleford")};
    const struct known_pair known[] = {{TEXT("bojangleford"), TEXT("did:plc:vouched"), PAIR_PROVEN}};
    set_up(&fixture);
    fixture.fake.fail_from = 1;
    const struct match *matches =
        match_all(&fixture, (struct match_options){.accounts = accounts, .n = 1, .known = known, .n_known = 1});
    assert_pair(&matches[0], PAIR_PROVEN, "did:plc:vouched");
    tear_down(&fixture);
}

static void test_an_identity_that_differs_or_cannot_be_checked_is_for_review(void **state)
{
    (void)state;
    for (int round = 0; round < 2; round++) {
        struct fixture fixture;
        const struct x_account accounts[] = {X("bojangleford", "Bo Jangleford")};
        set_up(&fixture);
        fixture.fake.liar = round == 0 ? TEXT("did:plc:bo") : TEXT_NONE;
        fixture.fake.no_directory = round == 1;
        const struct match *matches = match_all(&fixture, (struct match_options){.accounts = accounts, .n = 1});
        assert_pair(&matches[0], PAIR_POSSIBLE, "did:plc:bo");
        assert_string_equal(matches[0].why, round == 0 ? "its handle and identity do not lead to each other"
                                                       : "its identity could not be checked yet");
        tear_down(&fixture);
    }
}

/* The real getProfiles refuses a whole question for one actor that cannot exist. */
static void test_what_cannot_be_an_actor_is_not_asked_for(void **state)
{
    (void)state;
    struct fixture fixture;
    struct x_account accounts[] = {X("bojangleford", "Bo Jangleford"), X("somebody", "Some Body")};
    const struct known_pair known[] = {{TEXT("somebody"), TEXT("did:plc:no_such"), PAIR_PROVEN}};
    accounts[0].website = TEXT("https://my_site.example.org");
    accounts[0].bio = TEXT("also at https://bsky.app/profile/a_b.example.test");
    set_up(&fixture);
    const struct match *matches =
        match_all(&fixture, (struct match_options){.accounts = accounts, .n = 2, .known = known, .n_known = 1});
    for (size_t i = 0; i < fixture.fake.n_asked; i++)
        assert_null(strchr(fixture.fake.asked[i], '_'));
    assert_true(fixture.fake.n_asked > 0);
    assert_string_equal(matches[1].why, "the account that was known is not there any more");
    tear_down(&fixture);
}

static void test_cancel(void **state)
{
    (void)state;
    struct fixture fixture;
    const struct x_account accounts[] = {X("bojangleford", "Bo Jangleford")};
    struct match_options options = {.accounts = accounts, .n = 1, .done = on_done, .context = &fixture};
    set_up(&fixture);
    fixture.fake.never_answer = true;
    options.network = &fixture.fake.network;
    fixture.run = match_run_start(fixture.loop, &options, NULL);
    while (fixture.fake.under_way == 0)
        uv_run(loop_uv(fixture.loop), UV_RUN_ONCE);
    match_run_cancel(fixture.run);
    loop_run(fixture.loop);
    assert_true(fixture.done);
    assert_int_equal(match_run_error(fixture.run, NULL), E_CANCELLED);
    tear_down(&fixture);
}

/* 300 handles of nobody: what it costs at most. */
static void test_questions_for_a_long_list(void **state)
{
    (void)state;
    struct fixture fixture;
    static char handles[300][24];
    static struct x_account accounts[300];
    set_up(&fixture);
    for (size_t i = 0; i < ARRAY_LEN(accounts); i++) {
        snprintf(handles[i], sizeof handles[i], "Person_%03zu_xyz", i * 7);
        accounts[i] = (struct x_account){.handle = text_of(handles[i])};
    }
    match_all(&fixture, (struct match_options){.accounts = accounts, .n = ARRAY_LEN(accounts)});
    printf("300 handles, nobody there: %zu getProfiles, %zu searches\n", fixture.fake.profile_questions,
           fixture.fake.searches);
    assert_true(fixture.fake.profile_questions <= 45);
    assert_true(fixture.fake.searches <= 300);
    tear_down(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_kinds_make_likely),
        cmocka_unit_test(test_an_equal_handle_alone_is_never_likely),
        cmocka_unit_test(test_nobody_is_asked_for_twice),
        cmocka_unit_test(test_an_outage_is_not_an_absence),
        cmocka_unit_test(test_who_is_not_there_is_not_found),
        cmocka_unit_test(test_a_used_up_budget_is_not_an_absence),
        cmocka_unit_test(test_noskein_is_obeyed),
        cmocka_unit_test(test_what_may_not_or_cannot_be_asked),
        cmocka_unit_test(test_known_pairs_stand),
        cmocka_unit_test(test_known_pairs_stand_in_an_outage),
        cmocka_unit_test(test_an_identity_that_differs_or_cannot_be_checked_is_for_review),
        cmocka_unit_test(test_what_cannot_be_an_actor_is_not_asked_for),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_questions_for_a_long_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

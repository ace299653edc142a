/* tests/unit/linkage/test_decide.c
 *
 * The rule of two kinds, rivals, one profile for one account, what is settled, rejected or not to be found.
 */
#include "linkage/decide.h"

#include "base/cleanup.h"
#include "base/err.h"
#include "lib/check.h"
#include "run.h"

#include <string.h>

/* What one profile and one account come to. */
static struct match alone(struct x_account x, struct profile profile)
{
    struct run run;
    run_start(&run);
    size_t number = look_for(&run, x);
    show(&run, profile);
    assert_int_equal(linkage_propose(run.linkage, number, profile.id), 0);
    decide(&run);
    struct match match = run.matches[0];
    match.x = NULL; /* it and the profiles go with the run */
    run_end(&run);
    return match;
}

static const struct x_account mira_x = {.handle = {"MiraOrvik", 9}, .name = {"Mira Orvik", 10}};

static struct profile mira_profile(void)
{
    return profile_of("miraorvik.bsky.social", "Mira Orvik", "Birds and maps", "");
}

static void test_two_kinds_are_likely(void **state)
{
    (void)state;
    struct match match = alone(mira_x, mira_profile());
    assert_int_equal(match.best.state, PAIR_LIKELY);
    assert_int_equal(match.lookup, LOOKUP_FOUND);
    assert_true(match.best.p >= DECISION_LIKELY);
    assert_int_equal(match.best.n_evidence, 2);
    assert_string_equal(match.best.evidence[0].kind, "name");
    assert_string_equal(match.best.evidence[1].kind, "handle");
    assert_null(match.why);

    struct x_account handle_only = x_of("miraorvik", "", "", "");
    match = alone(handle_only, profile_of("miraorvik.bsky.social", "", "Formerly @miraorvik", ""));
    assert_int_equal(match.best.state, PAIR_LIKELY);

    struct x_account other_handle = x_of("saltmarsh", "Mira Orvik", "", "");
    match = alone(other_handle, profile_of("miraorvik.example", "Mira Orvik", "https://x.com/saltmarsh", ""));
    assert_int_equal(match.best.state, PAIR_LIKELY);

    struct x_account mutual = x_of("saltmarsh", "", "now mira.example on Bluesky", "");
    match = alone(mutual, profile_of("mira.example", "", "x.com/saltmarsh", ""));
    assert_int_equal(match.best.state, PAIR_LIKELY);
}

/* However sure the numbers look, one kind is never enough. */
static void test_one_kind_is_not(void **state)
{
    (void)state;
    struct match match = alone(x_of("miraorvik", "", "", ""), mira_profile());
    assert_int_equal(match.best.state, PAIR_POSSIBLE); /* the handle, and a name that it spells */
    match = alone(x_of("miraorvik", "", "", ""), profile_of("miraorvik.example", "Mira Orvik", "", ""));
    assert_int_equal(match.best.state, PAIR_POSSIBLE); /* and a domain of that name */
    match = alone(x_of("saltmarsh", "Mira Orvik", "", ""), profile_of("tern.example", "Mira Orvik", "", ""));
    assert_int_equal(match.best.state, PAIR_POSSIBLE); /* a name alone */
    match = alone(x_of("", "Mira Orvik", "", ""), mira_profile());
    assert_true(match.best.state == PAIR_POSSIBLE || match.best.state == PAIR_NONE);
    match = alone(x_of("saltmarsh", "", "", ""), profile_of("tern.example", "", "x.com/saltmarsh", ""));
    assert_true(match.best.state < PAIR_LIKELY); /* only its own word */
    match = alone(x_of("saltmarsh", "", "", "https://orvik.example"),
                  profile_of("orvik.example", "", "", "https://orvik.example"));
    assert_true(match.best.state < PAIR_LIKELY); /* one website, seen from two sides */
}

static void test_nothing_against(void **state)
{
    static const unsigned marks[] = {PROFILE_IMPERSONATION,  PROFILE_SPAM,   PROFILE_HIDDEN, PROFILE_TAKEN_DOWN,
                                     PROFILE_HANDLE_INVALID, PROFILE_MIRROR, PROFILE_BOT};
    struct profile profile = mira_profile();
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        profile.marks = marks[i];
        assert_true(alone(mira_x, profile).best.state < PAIR_LIKELY);
    }
    profile = mira_profile();
    profile.created_ms = PEOPLE_NOW - 3 * DAY_MS;
    profile.posts = 0;
    profile.bio = TEXT("Formerly @miraorvik"); /* three kinds, and days old without a post */
    assert_true(alone(mira_x, profile).best.state < PAIR_LIKELY);
    profile = mira_profile();
    profile.bio = TEXT("Parody. Not @miraorvik on X");
    assert_true(alone(mira_x, profile).best.state < PAIR_LIKELY);
    profile.bio = TEXT("Formerly @another_mira");
    assert_true(alone(mira_x, profile).best.state < PAIR_LIKELY);
    profile = mira_profile();
    profile.detailed = false; /* its counts were never seen */
    assert_true(alone(mira_x, profile).best.state < PAIR_LIKELY);
    struct x_account elsewhere = mira_x;
    elsewhere.bio = TEXT("Now mira.example on Bluesky");
    assert_true(alone(elsewhere, mira_profile()).best.state < PAIR_LIKELY);
}

static void test_common_names_are_not_enough(void **state)
{
    (void)state;
    struct match match =
        alone(x_of("jamessmith", "James Smith", "", ""), profile_of("jamessmith.bsky.social", "James Smith", "", ""));
    assert_int_equal(match.best.state, PAIR_POSSIBLE);
    match = alone(x_of("saltmarsh", "Anna", "", ""), profile_of("tern.bsky.social", "Anna", "", ""));
    assert_int_equal(match.best.state, PAIR_NONE);
    assert_int_equal(match.lookup, LOOKUP_NOT_FOUND);
    assert_null(match.best.profile);
}

static void test_rivals(void **state)
{
    struct run run;
    (void)state;
    run_start(&run);
    (void)look_for(&run, mira_x);
    show(&run, mira_profile());
    struct profile twin = profile_of("miraorvik.example", "Mira Orvik", "", "");
    show(&run, twin);
    decide(&run);
    assert_int_equal(run.matches[0].best.state, PAIR_POSSIBLE); /* not clearly ahead */
    assert_int_equal(run.matches[0].n_others, 1);
    assert_true(run.matches[0].others[0].p >= DECISION_POSSIBLE);
    twin.marks = PROFILE_IMPERSONATION;
    show(&run, twin);
    decide(&run);
    assert_int_equal(run.matches[0].best.state, PAIR_LIKELY);
    run_end(&run);
}

static void test_at_most_four_others(void **state)
{
    struct run run;
    (void)state;
    run_start(&run);
    (void)look_for(&run, mira_x);
    static const char *const handles[] = {"miraorvik.com", "miraorvik.dev", "miraorvik.net",        "miraorvik.org",
                                          "miraorvik.me",  "miraorvik.io",  "miraorvik.bsky.social"};
    for (size_t i = 0; i < ARRAY_LEN(handles); i++)
        show(&run, profile_of(handles[i], "Mira Orvik", "", ""));
    decide(&run);
    assert_int_equal(run.matches[0].n_others, MATCH_OTHERS_MAX);
    for (size_t i = 0; i < run.matches[0].n_others; i++)
        assert_true(run.matches[0].others[i].p <= run.matches[0].best.p);
    run_end(&run);
}

static void test_one_profile_answers_for_one_account(void **state)
{
    struct run run;
    (void)state;
    run_start(&run);
    size_t other = look_for(&run, x_of("mira_orvik", "Mira Orvik", "", ""));
    size_t mira = look_for(&run, mira_x);
    struct profile profile = mira_profile();
    profile.bio = TEXT("Formerly @miraorvik");
    show(&run, profile);
    decide(&run);
    assert_int_equal(run.matches[mira].best.state, PAIR_LIKELY);
    assert_int_equal(run.matches[other].best.state, PAIR_POSSIBLE);
    assert_ptr_equal(run.matches[other].best.profile, run.matches[mira].best.profile);
    run_end(&run);

    run_start(&run);
    (void)look_for(&run, mira_x);
    (void)look_for(&run, mira_x); /* twice in the list: equal claims, and neither wins */
    show(&run, mira_profile());
    decide(&run);
    assert_int_equal(run.matches[0].best.state, PAIR_POSSIBLE);
    assert_int_equal(run.matches[1].best.state, PAIR_POSSIBLE);
    assert_non_null(run.matches[0].why);
    run_end(&run);
}

static void test_settled_and_rejected(void **state)
{
    struct run run;
    struct linkage_view view;
    struct pair pair;
    (void)state;
    run_start(&run);
    size_t tove = look_for(&run, x_of("tovelund", "Tove Lund", "", ""));
    size_t mira = look_for(&run, mira_x);
    show(&run, mira_profile());
    show(&run, profile_of("tern.example", "", "", ""));
    assert_int_equal(linkage_settle(run.linkage, tove, TEXT("miraorvik.bsky.social"), PAIR_CONFIRMED), 0);
    decide(&run);
    assert_int_equal(run.matches[tove].best.state, PAIR_CONFIRMED);
    assert_float_equal(run.matches[tove].best.p, 1, 0);
    assert_int_equal(run.matches[mira].best.state, PAIR_POSSIBLE); /* it is Tove's, somebody said */
    assert_int_equal(linkage_look(run.linkage, tove, &view), 0);
    assert_true(view.settled);
    run_end(&run);

    run_start(&run);
    mira = look_for(&run, mira_x);
    show(&run, mira_profile());
    assert_int_equal(linkage_look(run.linkage, mira, &view), 0);
    assert_true(view.settled);
    assert_int_equal(linkage_reject(run.linkage, mira, TEXT("miraorvik.bsky.social")), 0);
    assert_int_equal(linkage_reject(run.linkage, mira, TEXT("miraorvik.bsky.social")), 0);
    assert_int_equal(linkage_propose(run.linkage, mira, TEXT("miraorvik.bsky.social")), 0);
    decide(&run);
    assert_int_equal(run.matches[mira].best.state, PAIR_NONE);
    assert_int_equal(run.matches[mira].lookup, LOOKUP_NOT_FOUND);
    assert_int_equal(linkage_score(run.linkage, mira, TEXT("miraorvik.bsky.social"), &pair), 0);
    assert_int_equal(pair.state, PAIR_REJECTED);
    assert_int_equal(linkage_settle(run.linkage, mira, TEXT("miraorvik.bsky.social"), PAIR_PROVEN), 0);
    decide(&run); /* until something proves it */
    assert_int_equal(run.matches[mira].best.state, PAIR_PROVEN);
    assert_int_equal(linkage_propose(run.linkage, mira, TEXT("nobody")), E_NOT_FOUND);
    assert_int_equal(linkage_score(run.linkage, mira, TEXT("nobody"), &pair), E_NOT_FOUND);
    run_end(&run);
}

static void test_who_wants_to_be_left_out_is_nobodys(void **state)
{
    struct run run;
    struct pair pair;
    (void)state;
    run_start(&run);
    size_t mira = look_for(&run, mira_x);
    struct profile profile = mira_profile();
    profile.marks = PROFILE_LEAVE_ME_OUT;
    show(&run, profile);
    assert_int_equal(linkage_propose(run.linkage, mira, profile.id), 0);
    assert_int_equal(linkage_settle(run.linkage, mira, profile.id, PAIR_PROVEN), 0);
    decide(&run);
    assert_int_equal(run.matches[mira].best.state, PAIR_NONE);
    assert_null(run.matches[mira].best.profile);
    assert_int_equal(linkage_score(run.linkage, mira, profile.id, &pair), 0);
    assert_int_equal(pair.state, PAIR_NONE);
    run_end(&run);
}

static void test_protected_accounts_are_paired_by_proof_only(void **state)
{
    struct run run;
    struct linkage_view view;
    struct pair pair;
    (void)state;
    run_start(&run);
    struct x_account x = mira_x;
    x.is_protected = KNOWN_YES;
    size_t mira = look_for(&run, x);
    struct profile profile = mira_profile();
    profile.bio = TEXT("https://x.com/miraorvik");
    show(&run, profile);
    assert_int_equal(linkage_look(run.linkage, mira, &view), 0);
    assert_true(view.excluded);
    assert_null(view.best.profile);
    assert_int_equal(linkage_incomplete(run.linkage, mira, NULL, 0), 0);
    decide(&run);
    assert_int_equal(run.matches[mira].best.state, PAIR_NONE);
    assert_int_equal(run.matches[mira].n_others, 0);
    assert_non_null(run.matches[mira].why);
    assert_int_equal(linkage_score(run.linkage, mira, profile.id, &pair), 0);
    assert_int_equal(pair.state, PAIR_NONE);
    assert_int_equal(linkage_settle(run.linkage, mira, profile.id, PAIR_PROVEN), 0);
    decide(&run);
    assert_int_equal(run.matches[mira].best.state, PAIR_PROVEN);
    run_end(&run);
}

static void test_incomplete_candidates(void **state)
{
    struct run run;
    struct linkage_view view;
    struct text ids[4];
    (void)state;
    run_start(&run);
    size_t mira = look_for(&run, mira_x);
    struct profile hit = mira_profile();
    hit.detailed = false;
    show(&run, hit);
    struct profile stranger = profile_of("tern.bsky.social", "Tove Lund", "", "");
    stranger.detailed = false;
    show(&run, stranger);
    assert_int_equal(linkage_propose(run.linkage, mira, stranger.id), 0);
    assert_int_equal(linkage_incomplete(run.linkage, mira, ids, ARRAY_LEN(ids)), 1);
    assert_text(ids[0], "miraorvik.bsky.social");
    assert_int_equal(linkage_look(run.linkage, mira, &view), 0);
    assert_false(view.settled);
    assert_int_equal(view.n_incomplete, 1);
    show(&run, mira_profile());
    assert_int_equal(linkage_incomplete(run.linkage, mira, ids, ARRAY_LEN(ids)), 0);
    assert_int_equal(linkage_look(run.linkage, mira, &view), 0);
    assert_true(view.settled);
    run_end(&run);
}

/* --- the sentence -------------------------------------------------------------------------------------------------- */

static void check_sentence(const struct match *match, const char *wanted)
{
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, 1024);
    assert_int_equal(linkage_explain(&match->best, &out), 0);
    assert_string_equal(buf_string(&out), wanted);
}

static void test_explanations(void **state)
{
    (void)state;
    struct match match = alone(mira_x, mira_profile());
    check_sentence(&match, "Same name and same handle.");
    struct profile profile = mira_profile();
    profile.bio = TEXT("https://x.com/miraorvik");
    match = alone(mira_x, profile);
    check_sentence(&match, "The profile links to this X account, same name, and same handle.");
    profile = mira_profile();
    profile.created_ms = PEOPLE_NOW - DAY_MS;
    profile.posts = 0;
    match = alone(mira_x, profile);
    check_sentence(&match, "Same name and same handle; but the profile is new and has hardly a post.");
    match.best = (struct pair){.state = PAIR_PROVEN};
    check_sentence(&match, "Both sides have shown that they belong together.");
    match.best = (struct pair){.state = PAIR_POSSIBLE};
    check_sentence(&match, "Nothing speaks for it or against it.");
    match.best.evidence[0] = (struct evidence){.kind = "name", .level = "different", .weight = -3};
    match.best.n_evidence = 1;
    check_sentence(&match, "The names differ.");
}

/* A level that weighs against a pair without being a contradiction says so, with one "but" to the sentence. */
static void test_explanations_of_little(void **state)
{
    static const struct {
        const char *kind, *level, *wanted;
    } cases[] = {
        {"handle", "stem", "Same name; but the handles share only what stands before the digits at the end."},
        {"handle", "dashed", "Same name; but the handles differ by dashes."},
        {"handle", "affix", "Same name; but one handle has a word more."},
        {"handle", "named", "Same name; but its handle only spells the name shown on X."},
        {"handle", "contains", "Same name; but one handle is only part of the other."},
        {"handle", "close", "Same name; but the handles are only similar."},
        {"handle", "different", "Same name; but the handles differ."},
        {"website", "different", "Same name; but different websites."},
    };
    struct match match = {.best = {.state = PAIR_POSSIBLE, .n_evidence = 2}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        match.best.evidence[0] = (struct evidence){.kind = "name", .level = "equal", .weight = 6};
        match.best.evidence[1] = (struct evidence){.kind = cases[i].kind, .level = cases[i].level, .weight = -1};
        check_sentence(&match, cases[i].wanted);
    }
    match.best.evidence[0] = (struct evidence){.kind = "handle", .level = "squeezed", .weight = 3};
    match.best.evidence[1] = (struct evidence){.kind = "name", .level = "subset", .weight = -1};
    check_sentence(&match, "Same handle apart from the underscore; but the names share only what many bear.");
    match.best.evidence[0] = (struct evidence){.kind = "handle", .level = "stem", .weight = 1};
    match.best.evidence[1] = (struct evidence){.kind = "name", .level = "spelt", .weight = -1};
    check_sentence(&match,
                   "Same handle apart from the digits at its end; but the name that the handle on X spells is a "
                   "common one.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_kinds_are_likely),
        cmocka_unit_test(test_one_kind_is_not),
        cmocka_unit_test(test_nothing_against),
        cmocka_unit_test(test_common_names_are_not_enough),
        cmocka_unit_test(test_rivals),
        cmocka_unit_test(test_at_most_four_others),
        cmocka_unit_test(test_one_profile_answers_for_one_account),
        cmocka_unit_test(test_settled_and_rejected),
        cmocka_unit_test(test_who_wants_to_be_left_out_is_nobodys),
        cmocka_unit_test(test_protected_accounts_are_paired_by_proof_only),
        cmocka_unit_test(test_incomplete_candidates),
        cmocka_unit_test(test_explanations),
        cmocka_unit_test(test_explanations_of_little),
    };
    return cmocka_run_group_tests_name("linkage.decide", tests, NULL, NULL);
}

/* tests/unit/network/test_rules.c
 *
 * Rules that hold on every network. Promise 11: the word #noskein in a bio is obeyed.
 */
#include "base/cleanup.h"
#include "lib/check.h"
#include "network/network.h"

static const struct {
    const char *bio;
    bool out;
} bios[] = {
    {"#noskein", true},
    {"Maps and tea. #NoSkein", true},
    {"#noskein.", true},
    {"(#noskein)", true},
    {"#noskeins and then #noskein!", true},
    {"", false},
    {"noskein", false},
    {"#noskeins", false},
    {"#noskein_", false},
    {"#noskein2", false},
    {"#noskeiné", false},
};

static void test_the_word_is_obeyed(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bios); i++) {
        struct profile profile = {.bio = text_of(bios[i].bio), .marks = PROFILE_BOT};
        network_apply_rules(&profile);
        if (network_bio_opts_out(profile.bio) != bios[i].out)
            fail_msg("'%s' was read the wrong way", bios[i].bio);
        assert_int_equal(profile.marks, PROFILE_BOT | (bios[i].out ? PROFILE_LEAVE_ME_OUT : 0));
    }
}

static void test_who_may_not_be_asked_about(void **state)
{
    (void)state;
    struct x_account x = {.id = 7};
    assert_string_equal(network_reason_not_to_ask(&x), "only its number is known, no handle yet");
    x.name = TEXT("Ada");
    assert_null(network_reason_not_to_ask(&x));
    x.is_protected = KNOWN_YES;
    assert_string_equal(network_reason_not_to_ask(&x), "protected on X: paired only by proof");
    x.bio = TEXT("tea #noskein");
    assert_string_equal(network_reason_not_to_ask(&x), "asks to be left out (#noskein)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_word_is_obeyed),
                                       cmocka_unit_test(test_who_may_not_be_asked_about)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tests/unit/linkage/test_compare.c
 *
 * Each comparison's levels, one example at least for each, and what rarity makes of them.
 */
#include "linkage/compare.h"

#include "base/cleanup.h"
#include "lib/check.h"
#include "lib/seeded.h"
#include "linkage/frequency.h"
#include "linkage/frequency_table.h"
#include "linkage/weights.h"
#include "people.h"

#include <string.h>

static struct comparison compared(const struct handle_space *space, struct x_account x, struct profile profile)
{
    CLEANUP(arena_release) struct arena arena;
    struct x_keys x_keys;
    struct profile_keys keys;
    struct comparison comparison;
    arena_init(&arena, (size_t)1 << 22);
    assert_int_equal(x_keys_make(&arena, &x, &x_keys), 0);
    assert_int_equal(profile_keys_make(&arena, space, &profile, &keys), 0);
    compare(&(struct compare_context){.now_ms = PEOPLE_NOW}, &x_keys, &keys, &comparison);
    return comparison;
}

static void test_handles(void **state)
{
    static const struct {
        const char *x, *name, *profile;
        enum handle_level level;
    } cases[] = {
        {"miraorvik", "", "miraorvik.bsky.social", HANDLE_EQUAL},
        {"MiraOrvik", "", "miraorvik.bsky.social", HANDLE_EQUAL},
        {"mira_orvik", "", "miraorvik.bsky.social", HANDLE_SQUEEZED},
        {"mira_orvik", "", "mira-orvik.bsky.social", HANDLE_SQUEEZED},
        {"miraorvik", "", "mira-orvik.bsky.social", HANDLE_DASHED},
        {"miraorvik", "", "miraorvik.com", HANDLE_OWN_DOMAIN},
        {"miraorvik", "", "blog.mira-orvik.co.uk", HANDLE_OWN_DOMAIN},
        {"orvik_dev", "", "orvik.dev", HANDLE_OWN_DOMAIN},
        {"rolfing", "", "rolf.ing", HANDLE_OWN_DOMAIN},
        {"miraorvik77", "", "miraorvik.bsky.social", HANDLE_STEM},
        {"miraorvik", "", "miraorvik2.bsky.social", HANDLE_STEM},
        {"miraorvikMP", "", "miraorvik.bsky.social", HANDLE_AFFIX},
        {"miraorvik", "", "realmiraorvik.bsky.social", HANDLE_AFFIX},
        {"saltmarsh", "Mira Orvik", "miraorvik.bsky.social", HANDLE_NAMED},
        {"saltmarsh", "Mira Orvik", "morvik.com", HANDLE_NAMED},
        {"orvik", "", "oldorvikhouse.bsky.social", HANDLE_CONTAINS},
        {"miraorvikk", "", "mirorviks.bsky.social", HANDLE_CLOSE},
        {"saltmarsh", "", "miraorvik.bsky.social", HANDLE_DIFFERENT},
        {"abc", "", "xabcx.bsky.social", HANDLE_DIFFERENT}, /* three letters in common are nothing */
        {"", "Mira", "mira.bsky.social", HANDLE_UNKNOWN},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct comparison c = compared(&people_space, x_of(cases[i].x, cases[i].name, "", ""),
                                       profile_of(cases[i].profile, "Somebody", "", ""));
        if (c.handle != cases[i].level)
            fail_msg("@%s and %s: level %d, wanted %d", cases[i].x, cases[i].profile, (int)c.handle,
                     (int)cases[i].level);
    }
}

static void test_plain_handles(void **state)
{
    static const struct handle_space plain = {.are_domains = false};
    (void)state;
    assert_int_equal(compared(&plain, x_of("mira.orvik", "", "", ""), profile_of("mira.orvik", "", "", "")).handle,
                     HANDLE_EQUAL);
    assert_int_equal(compared(&plain, x_of("mira_orvik", "", "", ""), profile_of("mira.orvik", "", "", "")).handle,
                     HANDLE_SQUEEZED);
    struct comparison c =
        compared(&plain, x_of("mira", "", "@mira.o on Threads", ""), profile_of("mira.o", "", "", ""));
    assert_int_equal(c.named_by_x, NAMED_BY_X_HANDLE);
    c = compared(&plain, x_of("mira", "", "mira.bsky.social", ""), profile_of("mira.o", "", "", ""));
    assert_int_equal(c.named_by_x, NAMED_BY_X_NONE); /* a handle of another network says nothing of this one */
}

static void test_names(void **state)
{
    static const struct {
        const char *handle, *x, *profile;
        enum name_level level;
    } cases[] = {
        {"a", "Mira Orvik", "mira orvik \xF0\x9F\xA6\x8B", NAME_EQUAL},
        {"a", "Mira Orvik (she/her)", "Mira Orvik | away", NAME_EQUAL},
        {"a", "Mira Orvik", "Orvik, Mira", NAME_TOKENS},
        {"a", "Mira Orvik", "MiraOrvik", NAME_TOKENS},
        {"a", "Mira Orvik", "Mira", NAME_SUBSET},
        {"a", "Mira Orvik", "Mira Anna Orvik", NAME_SUBSET},
        {"a", "Mira Orvik", "Mira Orvikk", NAME_CLOSE},
        {"a", "Mira Orvik", "Tove Orvik", NAME_SHARED},
        {"a", "Mary Smith", "Mary Jones", NAME_DIFFERENT}, /* half the world is called so */
        {"a", "Mira Orvik", "Tove Lund", NAME_DIFFERENT},
        {"a", "Mira Orvik", "", NAME_UNKNOWN},
        {"saltmarsh", "", "Mira Orvik", NAME_UNKNOWN},
        {"miraorvik", "", "Mira Orvik", NAME_SPELT},
        {"morvik", "", "Mira Orvik", NAME_SPELT},
        {"MiraOrvik", "", "Tove Lund", NAME_NOT_SPELT},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct comparison c = compared(&people_space, x_of(cases[i].handle, cases[i].x, "", ""),
                                       profile_of("elsewhere.example", cases[i].profile, "", ""));
        if (c.name != cases[i].level)
            fail_msg("\"%s\" and \"%s\": level %d, wanted %d", cases[i].x, cases[i].profile, (int)c.name,
                     (int)cases[i].level);
    }
}

static void test_what_either_side_names(void **state)
{
    struct profile links = profile_of("tove.bsky.social", "Tove", "twitter.com/ToveLund", "");
    struct profile says = profile_of("tove.bsky.social", "Tove", "Formerly @tovelund", "");
    struct profile fan = profile_of("tove.bsky.social", "Tove", "Fan of @tovelund on X", "");
    struct profile domain = profile_of("tove.example", "Tove", "", "");
    struct x_account x = x_of("tovelund", "", "", "");
    (void)state;
    assert_int_equal(compared(&people_space, x, links).names_x, NAMES_X_LINK);
    assert_int_equal(compared(&people_space, x, says).names_x, NAMES_X_SAID);
    assert_int_equal(compared(&people_space, x, fan).names_x, NAMES_X_DISCLAIMED);
    assert_int_equal(compared(&people_space, x, domain).names_x, NAMES_X_NONE);
    assert_int_equal(compared(&people_space, x_of("somebody", "", "", ""), links).names_x, NAMES_X_OTHER);
    assert_int_equal(compared(&people_space, x_of("somebody", "", "", ""), fan).names_x, NAMES_X_NONE);
    assert_int_equal(compared(&people_space, x_of("", "Tove", "", ""), links).names_x, NAMES_X_NONE);

    static const struct {
        const char *bio, *website;
        enum named_by_x_level level;
    } cases[] = {
        {"now at tove.example on Bluesky", "", NAMED_BY_X_HANDLE},
        {"@tove.example", "", NAMED_BY_X_HANDLE},
        {"bsky.app/profile/tove.example", "", NAMED_BY_X_HANDLE},
        {"", "https://www.tove.example/me", NAMED_BY_X_WEBSITE},
        {"", "https://blog.tove.example", NAMED_BY_X_WEBSITE},
        {"I built tove.example", "", NAMED_BY_X_BIO},
        {"other.bsky.social", "", NAMED_BY_X_OTHER},
        {"other.bsky.social", "https://tove.example", NAMED_BY_X_WEBSITE},
        {"", "https://github.com/tove", NAMED_BY_X_NONE},
        {"", "", NAMED_BY_X_NONE},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (compared(&people_space, x_of("t", "", cases[i].bio, cases[i].website), domain).named_by_x != cases[i].level)
            fail_msg("\"%s\" \"%s\": not level %d", cases[i].bio, cases[i].website, (int)cases[i].level);

    struct profile known = profile_of("tove.bsky.social", "Tove", "", "");
    known.id = TEXT("did:plc:abcdefghijklmnopqrstuvwx");
    x.bio = TEXT("did:plc:abcdefghijklmnopqrstuvwx");
    assert_int_equal(compared(&people_space, x, known).named_by_x, NAMED_BY_X_ID);
    x.bio = TEXT("@tove on Bluesky");
    assert_int_equal(compared(&people_space, x, known).named_by_x, NAMED_BY_X_HANDLE);
}

static void test_websites(void **state)
{
    static const struct {
        const char *x, *profile;
        enum website_level level;
    } cases[] = {
        {"https://www.orvik.example", "orvik.example/about", WEBSITE_SAME},
        {"https://linktr.ee/mira", "https://linktr.ee/Mira", WEBSITE_SAME},
        {"https://linktr.ee/mira", "https://linktr.ee/tove", WEBSITE_DIFFERENT},
        {"https://shop.orvik.example", "https://orvik.example", WEBSITE_SAME_OWNER},
        {"https://mira.github.io", "https://tove.github.io", WEBSITE_DIFFERENT},
        {"https://orvik.example", "https://lund.example", WEBSITE_DIFFERENT},
        {"https://orvik.example", "", WEBSITE_UNKNOWN},
        {"", "", WEBSITE_UNKNOWN},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct comparison c = compared(&people_space, x_of("a", "", "", cases[i].x),
                                       profile_of("b.bsky.social", "", "", cases[i].profile));
        if (c.website != cases[i].level)
            fail_msg("%s and %s: level %d", cases[i].x, cases[i].profile, (int)c.website);
    }
    struct profile in_bio = profile_of("b.bsky.social", "", "More at orvik.example", "");
    assert_int_equal(compared(&people_space, x_of("a", "", "", "https://orvik.example"), in_bio).website, WEBSITE_SAME);
}

static enum standing_level standing(struct profile profile, struct x_account x)
{
    return compared(&people_space, x, profile).standing;
}

static void test_standing_and_verification(void **state)
{
    struct x_account x = x_of("miraorvik", "Mira Orvik", "", "");
    struct profile profile = profile_of("miraorvik.bsky.social", "Mira Orvik", "", "");
    (void)state;
    assert_int_equal(standing(profile, x), STANDING_PLAIN);
    profile.posts = 0;
    assert_int_equal(standing(profile, x), STANDING_QUIET);
    profile.posts = 1;
    assert_int_equal(standing(profile, x), STANDING_PLAIN);
    profile.created_ms = PEOPLE_NOW - 5 * DAY_MS;
    assert_int_equal(standing(profile, x), STANDING_YOUNG);
    profile.posts = 40; /* came last week and writes */
    assert_int_equal(standing(profile, x), STANDING_PLAIN);
    profile.posts = 0;
    profile.detailed = false; /* a search hit does not show counts */
    assert_int_equal(standing(profile, x), STANDING_PLAIN);

    static const unsigned marks[] = {PROFILE_IMPERSONATION, PROFILE_SPAM, PROFILE_HIDDEN, PROFILE_TAKEN_DOWN,
                                     PROFILE_HANDLE_INVALID};
    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        profile.marks = marks[i];
        assert_int_equal(standing(profile, x), STANDING_MARKED);
    }
    profile.marks = PROFILE_MIRROR;
    assert_int_equal(standing(profile, x), STANDING_MIRROR);
    profile.marks = PROFILE_BOT;
    assert_int_equal(standing(profile, x), STANDING_BOT);
    assert_int_equal(standing(profile, x_of("miraorvikbot", "Mira Orvik", "", "")), STANDING_PLAIN);

    profile = profile_of("mira0rvik.bsky.social", "Mira Orvik", "", "");
    assert_int_equal(standing(profile, x), STANDING_IMITATES);
    profile = profile_of("another.bsky.social", "Mir\xD0\xB0 Orvik", "", ""); /* Cyrillic a */
    assert_int_equal(standing(profile, x), STANDING_IMITATES);

    profile = profile_of("miraorvik.bsky.social", "Mira Orvik", "", "");
    assert_int_equal(compared(&people_space, x, profile).verification, VERIFICATION_NONE);
    profile.marks = PROFILE_VERIFIED;
    assert_int_equal(compared(&people_space, x, profile).verification, VERIFICATION_NAME);
    assert_int_equal(compared(&people_space, x_of("miraorvik", "", "", ""), profile).verification,
                     VERIFICATION_UNCOMPARED);
}

static void test_jaro_winkler(void **state)
{
    (void)state;
    assert_float_equal(jaro_winkler(TEXT("martha"), TEXT("marhta")), 0.9611, 0.0001); /* Winkler's own examples */
    assert_float_equal(jaro_winkler(TEXT("dixon"), TEXT("dicksonx")), 0.8133, 0.0001);
    assert_float_equal(jaro_winkler(TEXT("dwayne"), TEXT("duane")), 0.8400, 0.0001);
    assert_float_equal(jaro_winkler(TEXT(""), TEXT("a")), 0, 0);
    assert_float_equal(jaro_winkler(TEXT(""), TEXT("")), 1, 0);
    assert_float_equal(jaro_winkler(TEXT("abc"), TEXT("xyz")), 0, 0);
    struct seeded random = seeded_start("Jaro-Winkler");
    for (int round = 0; round < 20000; round++) {
        char a[80];
        char b[80];
        struct text left = {a, seeded_below(&random, sizeof a)};
        struct text right = {b, seeded_below(&random, sizeof b)};
        for (size_t i = 0; i < sizeof a; i++) {
            a[i] = (char)('a' + (char)seeded_below(&random, 4));
            b[i] = (char)('a' + (char)seeded_below(&random, 4));
        }
        double there = jaro_winkler(left, right);
        assert_true(there >= 0 && there <= 1);
        assert_float_equal(there, jaro_winkler(right, left), 0);
        assert_float_equal(jaro_winkler(left, left), 1, 0);
    }
}

/* --- rarity -------------------------------------------------------------------------------------------------------- */

static double bits_of(const struct frequency *frequency, const char *name)
{
    CLEANUP(arena_release) struct arena arena;
    struct name_keys keys;
    arena_init(&arena, (size_t)1 << 16);
    assert_int_equal(name_keys_make(&arena, text_of(name), &keys), 0);
    return name_bits(frequency, &keys);
}

static void test_rarity_built_in(void **state)
{
    (void)state;
    for (size_t i = 1; i < n_common_names; i++)
        assert_true(strcmp(common_names[i - 1].name, common_names[i].name) < 0);
    for (size_t i = 0; i < n_common_names; i++)
        assert_in_range(strlen(common_names[i].name), 3, 11); /* what handle_bits looks for */
    assert_true(handle_bits(TEXT("anna")) < handle_bits(TEXT("annaorvik")));
    assert_true(handle_bits(TEXT("davidsmith")) < 16); /* two common words, not ten letters */
    assert_true(handle_bits(TEXT("gunnarorvik")) > 35);
    assert_float_equal(handle_bits(TEXT("")), 0, 0);
    assert_true(bits_of(NULL, "James Smith") < 15);
    assert_true(bits_of(NULL, "Gunvor Orvik") > 24);
    assert_true(bits_of(NULL, "Gunvor Orvik") <= 40);
    assert_float_equal(bits_of(NULL, ""), 0, 0);
}

static void test_rarity_counted(void **state)
{
    CLEANUP(frequency_release) struct frequency frequency;
    CLEANUP(arena_release) struct arena arena;
    struct name_keys keys;
    double before = bits_of(NULL, "Mira Orvik");
    (void)state;
    frequency_init(&frequency);
    arena_init(&arena, (size_t)1 << 20);
    assert_int_equal(name_keys_make(&arena, TEXT("Mira Orvik"), &keys), 0);
    assert_int_equal(frequency_add_name(&frequency, &keys), 0);
    assert_true(bits_of(&frequency, "Mira Orvik") > before - 0.1); /* the one in question does not make itself common */
    for (int i = 0; i < 50; i++)
        assert_int_equal(frequency_add_name(&frequency, &keys), 0);
    assert_true(bits_of(&frequency, "Mira Orvik") < 6); /* every twentieth, with those who were there before */
    assert_true(token_bits(&frequency, TEXT("orvik")) < 6);
    assert_int_equal(frequency.n_names, 51);
}

/* A rarer name weighs no less, and a website never takes away from a pair what a name gave it. */
static void test_weights(void **state)
{
    struct weighed common;
    struct weighed rare;
    (void)state;
    struct comparison c = {.handle = HANDLE_EQUAL, .name = NAME_EQUAL, .handle_bits = 34, .name_bits = 12};
    weigh(&c, &common);
    c.name_bits = 30;
    weigh(&c, &rare);
    assert_true(rare.sum > common.sum);
    assert_int_equal(rare.kinds, 2);
    assert_true(rare.more_than_handle);
    c.name_in_handle = true;
    weigh(&c, &common);
    assert_true(common.sum < rare.sum);
    c = (struct comparison){.handle = HANDLE_EQUAL, .handle_bits = 34};
    weigh(&c, &rare);
    assert_int_equal(rare.kinds, 1);
    assert_false(rare.more_than_handle);
    c = (struct comparison){.named_by_x = NAMED_BY_X_WEBSITE, .website = WEBSITE_SAME};
    weigh(&c, &rare);
    assert_int_equal(rare.kinds, 1); /* one published fact, seen in two rows */
    c = (struct comparison){.handle = HANDLE_OWN_DOMAIN, .handle_bits = 34, .name = NAME_SPELT, .name_bits = 30};
    weigh(&c, &rare);
    assert_int_equal(rare.kinds, 1); /* a name read off the handle is the handle */
    c = (struct comparison){.standing = STANDING_YOUNG, .name = NAME_EQUAL, .name_bits = 30};
    weigh(&c, &rare);
    assert_true(rare.against);
    assert_string_equal(rare.evidence[0].level, "young"); /* the heaviest first, whatever its sign */
}

/* m and u are shares, and no level that speaks against can be one of the two kinds. */
static void test_table(void **state)
{
    (void)state;
    for (enum weight_row row = 0; row < N_WEIGHT_ROWS; row++) {
        assert_non_null(weight_row_name(row));
        for (unsigned level = 0; level < 16; level++) {
            const struct weight *weight = weight_of(row, level);
            if (!weight->level)
                continue;
            assert_true(weight->m > 0 && weight->m < 1 && weight->u > 0 && weight->u < 1);
            assert_false(weight->kind && weight->against);
            if (weight->against)
                assert_true(weight->m < weight->u);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_handles),        cmocka_unit_test(test_plain_handles),
        cmocka_unit_test(test_names),          cmocka_unit_test(test_what_either_side_names),
        cmocka_unit_test(test_websites),       cmocka_unit_test(test_standing_and_verification),
        cmocka_unit_test(test_jaro_winkler),   cmocka_unit_test(test_rarity_built_in),
        cmocka_unit_test(test_rarity_counted), cmocka_unit_test(test_weights),
        cmocka_unit_test(test_table),
    };
    return cmocka_run_group_tests_name("linkage.compare", tests, NULL, NULL);
}

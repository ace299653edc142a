/* tests/unit/linkage/test_normalise.c
 *
 * Handles, names and links in their comparable forms: tables of examples, then properties over random text.
 */
#include "base/cleanup.h"
#include "base/utf8.h"
#include "lib/check.h"
#include "lib/seeded.h"
#include "linkage/fold.h"
#include "linkage/normalise.h"

#include <string.h>

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, (size_t)1 << 30);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

static void check_text(struct text got, const char *wanted, const char *of)
{
    if (!text_equal(got, text_of(wanted)))
        fail_msg("%s: got \"%.*s\", wanted \"%s\"", of, TEXT_ARG(got), wanted);
}

static void test_x_handles(void **state)
{
    static const struct {
        const char *given, *plain, *squeezed, *dashed, *stem;
    } cases[] = {
        {"@Jane_Doe77", "jane_doe77", "janedoe77", "jane-doe77", "janedoe"},
        {"rolfing", "rolfing", "rolfing", "rolfing", "rolfing"},
        {"_mira_", "_mira_", "mira", "mira", "mira"},
        {"1984", "1984", "1984", "1984", "1984"},
        {"a__b", "a__b", "ab", "a--b", "ab"},
        {" @KoFi ", "kofi", "kofi", "kofi", "kofi"},
        {"", "", "", "", ""},
        {"@___", "", "", "", ""},
        {"\xE5\xA4\xAA\xE9\x83\x8E", "", "", "", ""},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct handle_keys keys;
        assert_int_equal(handle_keys_make(&arena, text_of(cases[i].given), &keys), 0);
        check_text(keys.plain, cases[i].plain, cases[i].given);
        check_text(keys.squeezed, cases[i].squeezed, cases[i].given);
        check_text(keys.dashed, cases[i].dashed, cases[i].given);
        check_text(keys.stem, cases[i].stem, cases[i].given);
    }
}

static const struct text domains[] = {{"bsky.social", 11}, {"skein.example", 13}};
static const struct handle_space hosts = {.domains = domains, .n_domains = 2, .are_domains = true};
static const struct handle_space words = {.are_domains = false};

static void test_network_handles(void **state)
{
    static const struct {
        const struct handle_space *space;
        const char *given, *plain, *label, *stem, *registrable, *joined, *whole;
        bool own_domain;
    } cases[] = {
        {&hosts, "Jane-Doe.bsky.social", "jane-doe.bsky.social", "janedoe", "janedoe", "", "", "", false},
        {&hosts, "@mira7.skein.example.", "mira7.skein.example", "mira7", "mira", "", "", "", false},
        {&hosts, "rolf.ing", "rolf.ing", "rolf", "rolf", "rolf", "rolfing", "rolfing", true},
        {&hosts, "blog.jane-doe.co.uk", "blog.jane-doe.co.uk", "blog", "blog", "janedoe", "janedoecouk",
         "blogjanedoecouk", true},
        {&hosts, "jane.github.io", "jane.github.io", "jane", "jane", "jane", "janegithubio", "janegithubio", true},
        {&hosts, "notbsky.social", "notbsky.social", "notbsky", "notbsky", "notbsky", "notbskysocial", "notbskysocial",
         true},
        {&words, "Jane.Doe_7", "jane.doe_7", "janedoe7", "janedoe", "", "", "", false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct profile_handle handle;
        assert_int_equal(profile_handle_make(&arena, cases[i].space, text_of(cases[i].given), &handle), 0);
        check_text(handle.plain, cases[i].plain, cases[i].given);
        check_text(handle.label, cases[i].label, cases[i].given);
        check_text(handle.stem, cases[i].stem, cases[i].given);
        check_text(handle.registrable, cases[i].registrable, cases[i].given);
        check_text(handle.joined, cases[i].joined, cases[i].given);
        check_text(handle.whole, cases[i].whole, cases[i].given);
        assert_int_equal(handle.own_domain, cases[i].own_domain);
    }
}

static void test_names(void **state)
{
    static const struct {
        const char *given, *folded, *sorted;
    } cases[] = {
        {"Jane van Doe", "jane van doe", "doe jane van"},
        {"  JANE   DOE ", "jane doe", "doe jane"},
        {"Jane Doe \xF0\x9F\xA6\x8B\xF0\x9F\x8F\xB3\xEF\xB8\x8F\xE2\x80\x8D\xF0\x9F\x8C\x88", "jane doe", "doe jane"},
        {"Jane \xF0\x9F\x87\xBA\xF0\x9F\x87\xA6 Doe", "jane doe", "doe jane"},
        {"Jane Doe (she/her)", "jane doe", "doe jane"},
        {"Jane Doe she/her", "jane doe", "doe jane"},
        {"Jane [they/them] Doe", "jane doe", "doe jane"},
        {"Jane Doe | on holiday", "jane doe", "doe jane"},
        {"Jane Doe @ SomeConf 2024", "jane doe", "doe jane"},
        {"Jane Doe (closed until March", "jane doe", "doe jane"},
        {"(((Jane)))", "jane", "jane"},
        {"| Jane", "jane", "jane"},
        {"Dr. Jane Doe, PhD", "jane doe", "doe jane"},
        {"Dr Oetker", "dr oetker", "dr oetker"},
        {"Jane Doe MP", "jane doe", "doe jane"},
        {"O\xE2\x80\x99"
         "Brien, Siobh\xC3\xA1n",
         "obrien siobhan", "obrien siobhan"},
        {"Jean-Luc d'Or", "jean luc dor", "dor jean luc"},
        {"\xC5\x9E"
         "AH\xC4\xB0N",
         "sahin", "sahin"},
        {"\xF0\x9D\x95\xAC\xF0\x9D\x96\x93\xF0\x9D\x96\x93\xF0\x9D\x96\x86", "anna", "anna"},
        {"\xEF\xAC\x81ona", "fiona", "fiona"},
        {"\xEF\xBC\xAB\xEF\xBD\x81\xEF\xBD\x92\xEF\xBD\x8C", "karl", "karl"},
        {"\xF0\x9F\xA6\x8B sky", "sky", "sky"},
        {"\xC5\x81ukasz \xC3\x98stby", "lukasz ostby", "lukasz ostby"},
        {"\xE1\xB4\x8A\xE1\xB4\x80\xC9\xB4\xE1\xB4\x87", "jane", "jane"},
        {"Stra\xC3\x9F"
         "e \xC3\x86on",
         "strasse aeon", "aeon strasse"},
        {"\xE3\x81\x8C\xE3\x82\x93", "\xE3\x81\x8C\xE3\x82\x93", "\xE3\x81\x8C\xE3\x82\x93"},
        {"\xE0\xA4\xB0\xE0\xA4\xBE\xE0\xA4\xAE", "\xE0\xA4\xB0\xE0\xA4\xBE\xE0\xA4\xAE",
         "\xE0\xA4\xB0\xE0\xA4\xBE\xE0\xA4\xAE"},
        {"1\xEF\xB8\x8F\xE2\x83\xA3 Jane", "jane", "jane"},
        {"jane jane doe", "jane jane doe", "doe jane"},
        {"\xF0\x9F\xA6\x8B", "", ""},
        {"", "", ""},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct name_keys keys;
        assert_int_equal(name_keys_make(&arena, text_of(cases[i].given), &keys), 0);
        check_text(keys.folded, cases[i].folded, cases[i].given);
        check_text(keys.sorted, cases[i].sorted, cases[i].given);
    }
}

static void test_skeletons(void **state)
{
    static const struct {
        const char *a, *b;
        bool alike;
    } cases[] = {
        {"elonmusk", "e1onmusk", true}, {"jane", "j\xD0\xB0ne" /* Cyrillic a */, true},
        {"modern", "modem", true},      {"jane", "jana", false},
        {"Oscar", "0scar", true},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct name_keys a;
        struct name_keys b;
        assert_int_equal(name_keys_make(&arena, text_of(cases[i].a), &a), 0);
        assert_int_equal(name_keys_make(&arena, text_of(cases[i].b), &b), 0);
        if (text_equal(a.skeleton, b.skeleton) != cases[i].alike)
            fail_msg("%s and %s: %.*s, %.*s", cases[i].a, cases[i].b, TEXT_ARG(a.skeleton), TEXT_ARG(b.skeleton));
        assert_false(text_equal(a.joined, b.joined));
    }
}

static void test_names_from_handles(void **state)
{
    static const struct {
        const char *given, *name;
    } cases[] = {
        {"Alison_McGovern", "Alison McGovern"},
        {"JaneDoe", "Jane Doe"},
        {"KathrynPortMP", "Kathryn Port"},
        {"JoshWComeau", "Josh W Comeau"},
        {"trisha_gee", "trisha gee"},
        {"TheDonRaab", "Don Raab"},
        {"JaneDoe77", "Jane Doe"},
        {"gAmUssA", ""},
        {"janedoe", ""},
        {"Jane", ""},
        {"NASA", ""},
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct text name;
        assert_int_equal(handle_split_name(&arena, text_of(cases[i].given), &name), 0);
        check_text(name, cases[i].name, cases[i].given);
    }
}

static void test_links(void **state)
{
    static const struct {
        const char *given, *key;
    } cases[] = {
        {"https://www.Jane.Example/about?x=1", "jane.example"},
        {"jane.example", "jane.example"},
        {"http://m.jane.example:8080/#top", "jane.example"},
        {"https://mobile.jane.example.", "jane.example"},
        {"https://linktr.ee/Jane", "linktr.ee/jane"},
        {"https://github.com/jane/skein", "github.com/jane"},
        {"https://jane.substack.com/p/one", "jane.substack.com"},
        {"https://medium.com/@jane", "medium.com/@jane"},
        {"https://masto.example/@jane", "masto.example/@jane"},
        {"https://www.linkedin.com/in/jane-doe/", "linkedin.com/jane-doe"},
        {"https://youtube.com/watch?v=abc", ""},
        {"https://github.com", ""},
        {"https://t.co/abc", ""},
        {"jane@example.org", ""},
        {"not a link", ""},
        {"localhost", ""},
        {"https://", ""},
        {"", ""},
        {"https://www.com", "www.com"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct text key;
        assert_int_equal(link_key_make(&arena, text_of(cases[i].given), &key), 0);
        check_text(key, cases[i].key, cases[i].given);
    }
}

static void test_owned_hosts(void **state)
{
    static const struct {
        const char *host, *owned;
        bool shared;
    } cases[] = {
        {"blog.jane.co.uk", "jane.co.uk", false},
        {"jane.example", "jane.example", false},
        {"a.b.jane.de", "jane.de", false},
        {"jane.github.io", "jane.github.io", false},
        {"x.jane.github.io", "jane.github.io", false},
        {"github.com", "github.com", true},
        {"google.co.nz", "google.co.nz", true},
        {"ne.jp", "ne.jp", false},
        {"jane.ne.jp", "jane.ne.jp", false},
        {"localhost", "localhost", false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        check_text(host_owned(text_of(cases[i].host)), cases[i].owned, cases[i].host);
        assert_int_equal(host_is_shared(text_of(cases[i].host)), cases[i].shared);
    }
}

/* --- properties ---------------------------------------------------------------------------------------------------- */

static void check_name_is_fixed(struct text given)
{
    struct name_keys once;
    struct name_keys twice;
    assert_int_equal(name_keys_make(&arena, given, &once), 0);
    assert_true(utf8_valid(once.folded));
    assert_true(utf8_valid(once.sorted));
    assert_true(utf8_valid(once.skeleton));
    assert_int_equal(name_keys_make(&arena, once.folded, &twice), 0);
    if (!text_equal(once.folded, twice.folded) || !text_equal(once.sorted, twice.sorted))
        fail_msg("\"%.*s\" gives \"%.*s\", and that \"%.*s\"", TEXT_ARG(given), TEXT_ARG(once.folded),
                 TEXT_ARG(twice.folded));
}

/* Every code point by itself and behind a letter: what two rounds of folding promise in fold.c. */
static void test_every_code_point_folds_to_a_fixed_point(void **state)
{
    (void)state;
    for (uint32_t c = 1; c <= 0x10FFFF; c++) {
        CLEANUP(buf_release) struct buf t;
        struct text once;
        struct text twice;
        if (c >= 0xD800 && c <= 0xDFFF)
            continue;
        buf_init(&t, 64);
        assert_int_equal(buf_add(&t, TEXT("a")), 0);
        assert_int_equal(utf8_add(&t, c), 0);
        assert_int_equal(utf8_add(&t, c), 0);
        assert_int_equal(fold(&arena, buf_text(&t), &once), 0);
        assert_int_equal(fold(&arena, once, &twice), 0);
        if (!text_equal(once, twice) || !utf8_valid(once))
            fail_msg("U+%04X: \"%.*s\", then \"%.*s\"", c, TEXT_ARG(once), TEXT_ARG(twice));
        if (arena.used > ((size_t)1 << 24))
            arena_release(&arena);
    }
}

static void test_random_names_fold_to_a_fixed_point(void **state)
{
    struct seeded random = seeded_start("random names");
    (void)state;
    for (int round = 0; round < 20000; round++) {
        CLEANUP(buf_release) struct buf t;
        buf_init(&t, 4096);
        seeded_text(&random, &t, 40);
        check_name_is_fixed(buf_text(&t));
        if (arena.used > ((size_t)1 << 24))
            arena_release(&arena);
    }
}

static void test_random_handles_are_fixed_points(void **state)
{
    struct seeded random = seeded_start("random handles");
    (void)state;
    for (int round = 0; round < 20000; round++) {
        CLEANUP(buf_release) struct buf t;
        struct handle_keys once;
        struct handle_keys twice;
        buf_init(&t, 4096);
        seeded_text(&random, &t, 30);
        assert_int_equal(handle_keys_make(&arena, buf_text(&t), &once), 0);
        assert_int_equal(handle_keys_make(&arena, once.plain, &twice), 0);
        assert_true(text_equal(once.plain, twice.plain) && text_equal(once.squeezed, twice.squeezed));
        assert_int_equal(handle_keys_make(&arena, once.squeezed, &twice), 0);
        assert_true(text_equal(once.squeezed, twice.plain) && text_equal(once.stem, twice.stem));
        assert_int_equal(handle_keys_make(&arena, once.dashed, &twice), 0);
        assert_true(text_equal(once.dashed, twice.dashed));
        if (arena.used > ((size_t)1 << 24))
            arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_x_handles),
        cmocka_unit_test(test_network_handles),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_skeletons),
        cmocka_unit_test(test_names_from_handles),
        cmocka_unit_test(test_links),
        cmocka_unit_test(test_owned_hosts),
        cmocka_unit_test(test_every_code_point_folds_to_a_fixed_point),
        cmocka_unit_test(test_random_names_fold_to_a_fixed_point),
        cmocka_unit_test(test_random_handles_are_fixed_points),
    };
    return cmocka_run_group_tests_name("linkage.normalise", tests, setup, teardown);
}

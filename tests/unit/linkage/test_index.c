/* tests/unit/linkage/test_index.c
 *
 * What is found under which key, what is renewed, who is never found; and the guesses made for an account.
 */
#include "linkage/index.h"

#include "base/cleanup.h"
#include "lib/check.h"
#include "linkage/guesses.h"
#include "people.h"

#include <string.h>

CLEANUP_POINTER(struct profile_index, profile_index_free)

#define INDEX CLEANUP(profile_index_free_at) struct profile_index *

static struct profile_index *index_of_people(void)
{
    struct profile_index *index = profile_index_new(&people_space);
    assert_non_null(index);
    return index;
}

static void add(struct profile_index *index, struct profile profile)
{
    assert_int_equal(profile_index_add(index, &profile, PROFILE_FROM_NEIGHBOURHOOD), 0);
}

static bool finds(const struct profile_index *index, struct x_account x, const char *id)
{
    CLEANUP(arena_release) struct arena arena;
    uint32_t numbers[256];
    struct x_keys keys;
    bool found = false;
    arena_init(&arena, (size_t)1 << 20);
    assert_int_equal(x_keys_make(&arena, &x, &keys), 0);
    size_t n = profile_index_find(index, &keys, numbers, ARRAY_LEN(numbers));
    for (size_t i = 0; i < n; i++) {
        struct text at = profile_index_keys(index, numbers[i])->profile->id;
        if (!text_equal(at, text_of(id)))
            continue;
        assert_false(found); /* each once */
        found = true;
    }
    return found;
}

static void test_what_finds_whom(void **state)
{
    static const struct {
        struct profile profile;
        const char *x, *name, *bio, *website;
        bool found;
    } cases[] = {
#define PROFILE(handle_, name_, bio_, website_)                                                                        \
    {.id = {"id", 2},                                                                                                  \
     .handle = {handle_, sizeof(handle_) - 1},                                                                         \
     .name = {name_, sizeof(name_) - 1},                                                                               \
     .bio = {bio_, sizeof(bio_) - 1},                                                                                  \
     .website = {website_, sizeof(website_) - 1},                                                                      \
     .detailed = true}
        {PROFILE("miraorvik.bsky.social", "", "", ""), "Mira_Orvik", "", "", "", true},
        {PROFILE("miraorvik.example", "", "", ""), "miraorvik", "", "", "", true},
        {PROFILE("rolf.ing", "", "", ""), "rolfing", "", "", "", true},
        {PROFILE("miraorvik2.bsky.social", "", "", ""), "miraorvik", "", "", "", true},
        {PROFILE("miraorvik.bsky.social", "", "", ""), "miraorvikMP", "", "", "", true},
        {PROFILE("miraorvikmp.bsky.social", "", "", ""), "miraorvik", "", "", "", true},
        {PROFILE("saltmarsh.bsky.social", "Orvik, Mira", "", ""), "other", "Mira Orvik", "", "", true},
        {PROFILE("saltmarsh.bsky.social", "Mira Orvik", "", ""), "miraorvik", "", "", "", true},
        {PROFILE("saltmarsh.bsky.social", "Mira Orvik", "", ""), "MiraOrvik", "", "", "", true},
        {PROFILE("saltmarsh.bsky.social", "", "x.com/other", ""), "other", "", "", "", true},
        {PROFILE("saltmarsh.bsky.social", "", "Fan of @other on X", ""), "other", "", "", "", false},
        {PROFILE("saltmarsh.bsky.social", "", "", "https://www.orvik.example"), "other", "", "", "orvik.example", true},
        {PROFILE("blog.orvik.example", "", "", ""), "other", "", "", "https://orvik.example", true},
        {PROFILE("saltmarsh.bsky.social", "", "", ""), "other", "", "@saltmarsh on Bluesky", "", true},
        {PROFILE("saltmarsh.bsky.social", "Tove Lund", "Birds", ""), "other", "Mira Orvik", "Tea", "", false},
        {PROFILE("saltmarsh.bsky.social", "", "", ""), "", "", "", "", false},
#undef PROFILE
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        INDEX index = index_of_people();
        add(index, cases[i].profile);
        struct x_account x = x_of(cases[i].x, cases[i].name, cases[i].bio, cases[i].website);
        if (finds(index, x, "id") != cases[i].found)
            fail_msg("case %zu: @%s \"%s\" and %.*s", i, cases[i].x, cases[i].name, TEXT_ARG(cases[i].profile.handle));
    }
}

static void test_renewal(void **state)
{
    INDEX index = index_of_people();
    struct profile hit = profile_of("mira.bsky.social", "Mira", "x.com/mira_o", "");
    (void)state;
    hit.id = TEXT("did:1");
    hit.detailed = false;
    add(index, hit);
    struct profile full = hit;
    full.detailed = true;
    full.website = TEXT("https://orvik.example");
    full.handle = TEXT("orvik.example");
    add(index, full);
    assert_int_equal(profile_index_count(index), 1);
    assert_true(profile_index_get(index, TEXT("did:1"))->detailed);
    assert_true(finds(index, x_of("nobody", "", "", "https://orvik.example"), "did:1"));
    add(index, hit); /* a search hit takes nothing away */
    assert_true(profile_index_get(index, TEXT("did:1"))->detailed);
    assert_ptr_equal(profile_index_by_handle(index, TEXT("Orvik.Example")), profile_index_get(index, TEXT("did:1")));
    assert_null(profile_index_by_handle(index, TEXT("mira.bsky.social"))); /* not her handle any more */
    assert_null(profile_index_get(index, TEXT("did:2")));
    uint32_t number;
    assert_true(profile_index_number(index, TEXT("did:1"), &number));
    assert_int_equal(number, 0);
}

static void test_leave_me_out_is_known_and_never_found(void **state)
{
    INDEX index = index_of_people();
    struct profile mira = profile_of("miraorvik.bsky.social", "Mira Orvik", "x.com/miraorvik", "");
    struct profile tove = profile_of("tovelund.bsky.social", "Tove Lund", "", "");
    (void)state;
    mira.marks = PROFILE_LEAVE_ME_OUT;
    add(index, mira);
    add(index, tove);
    assert_false(finds(index, x_of("miraorvik", "Mira Orvik", "", ""), "miraorvik.bsky.social"));
    assert_non_null(profile_index_by_handle(index, TEXT("miraorvik.bsky.social")));
    tove.marks = PROFILE_LEAVE_ME_OUT; /* says so later */
    assert_true(finds(index, x_of("tovelund", "", "", ""), "tovelund.bsky.social"));
    add(index, tove);
    assert_false(finds(index, x_of("tovelund", "", "", ""), "tovelund.bsky.social"));
}

static void test_names_from_searches_do_not_count(void **state)
{
    INDEX index = index_of_people();
    struct profile mira = profile_of("a.bsky.social", "Mira Orvik", "", "");
    (void)state;
    assert_int_equal(profile_index_add(index, &mira, PROFILE_FROM_SEARCH), 0);
    assert_int_equal(profile_index_frequency(index)->n_names, 0);
    mira.id = TEXT("other");
    assert_int_equal(profile_index_add(index, &mira, PROFILE_ASKED_BY_HANDLE), 0);
    assert_int_equal(profile_index_frequency(index)->n_names, 1);
}

/* Ten thousand called the same: the table stays quick, and who is found by something rarer is found. */
static void test_many_under_one_key(void **state)
{
    INDEX index = index_of_people();
    CLEANUP(arena_release) struct arena arena;
    uint32_t numbers[512];
    struct x_keys keys;
    struct x_account x = x_of("annaorvik", "Anna", "", "");
    (void)state;
    arena_init(&arena, (size_t)1 << 24);
    for (int i = 0; i < 10000; i++) {
        const char *handle = arena_printf(&arena, "user-%d-x.bsky.social", i);
        assert_non_null(handle);
        add(index, profile_of(handle, "Anna", "", ""));
    }
    add(index, profile_of("annaorvik.bsky.social", "Anna", "", ""));
    assert_int_equal(profile_index_count(index), 10001);
    assert_int_equal(x_keys_make(&arena, &x, &keys), 0);
    assert_in_range(profile_index_find(index, &keys, numbers, ARRAY_LEN(numbers)), 1, INDEX_HOLDERS_MAX + 1);
    assert_true(finds(index, x, "annaorvik.bsky.social"));
    assert_non_null(profile_index_by_handle(index, TEXT("user-9999-x.bsky.social")));
    assert_int_equal(profile_index_find(index, &keys, numbers, 3), 3);
}

/* --- guesses ------------------------------------------------------------------------------------------------------- */

static void test_guesses(void **state)
{
    static const struct {
        const char *x, *name, *bio, *website, *first;
        const char *among; /* separated by blanks */
        const char *never;
    } cases[] = {
        {"Mira_Orvik", "", "", "", "miraorvik", "miraorvik mira-orvik miraorvik.com", "mira_orvik"},
        {"miraorvik77", "", "", "", "miraorvik77", "miraorvik77 miraorvik", ""},
        {"miraorvikMP", "", "", "", "miraorvikmp", "miraorvik", ""},
        {"saltmarsh", "Mira Orvik", "", "", "saltmarsh", "miraorvik miraorvik.com saltmarsh.com", ""},
        {"mira_dev", "", "", "", "mira.dev", "mira.dev miradev", ""},
        {"rolfing", "", "", "", "rolfing", "rolf.ing", ""},
        {"mira", "", "now mira.example on Bluesky", "", "mira.example", "mira", ""},
        {"mira", "", "@orvik on Bluesky", "", "orvik", "mira", ""},
        {"mira", "", "", "https://www.orvik.example", "mira", "orvik.example", ""},
        {"mira", "", "", "https://linktr.ee/mira", "mira", "mira", "linktr.ee linktr.ee/mira"},
        {"ab", "", "", "", "ab.com", "ab.com", "ab"},
        {"a_handle_of_19_signs", "", "", "", "ahandleof19signs", "ahandleof19signs", "a-handle-of-19-signs"},
        {"", "", "did:plc:abcdefghijklmnopqrstuvwx", "", "did:plc:abcdefghijklmnopqrstuvwx", "", ""},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(arena_release) struct arena arena;
        struct guesses guesses;
        struct x_account x = x_of(cases[i].x, cases[i].name, cases[i].bio, cases[i].website);
        arena_init(&arena, (size_t)1 << 20);
        assert_int_equal(guesses_make(&arena, &x, 0, &guesses), 0);
        assert_in_range(guesses.n, 1, GUESSES_MAX);
        if (!text_equal(guesses.items[0].text, text_of(cases[i].first)))
            fail_msg("@%s: first guess %.*s", cases[i].x, TEXT_ARG(guesses.items[0].text));
        struct text lists[] = {text_of(cases[i].among), text_of(cases[i].never)};
        for (size_t list = 0; list < 2; list++) {
            struct text word;
            while (text_cut(&lists[list], ' ', &word)) {
                bool had = text_empty(word) && list == 0;
                for (size_t k = 0; k < guesses.n; k++)
                    had = had || text_equal(guesses.items[k].text, word);
                if (had != (list == 0))
                    fail_msg("@%s: %.*s is %s guessed", cases[i].x, TEXT_ARG(word), had ? "" : "not");
            }
        }
        for (size_t k = 1; k < guesses.n; k++)
            assert_true(guesses.items[k - 1].prior >= guesses.items[k].prior);
        assert_int_equal(guesses_make(&arena, &x, 0.1, &guesses), 0);
        for (size_t k = 0; k < guesses.n; k++)
            assert_true(guesses.items[k].prior >= 0.1);
    }
}

static void test_search_words(void **state)
{
    static const struct {
        const char *x, *name, *words;
        bool by_name;
    } cases[] = {
        {"saltmarsh", "Mira Orvik \xF0\x9F\xA6\x8B", "mira orvik", true},
        {"MiraOrvik", "", "Mira Orvik", true},
        {"miraorvik77", "", "miraorvik", false},
        {"saltmarsh", "Jo", "saltmarsh", false}, /* too common to be searched for */
        {"", "", "", false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(arena_release) struct arena arena;
        struct search_words search;
        struct x_account x = x_of(cases[i].x, cases[i].name, "", "");
        arena_init(&arena, (size_t)1 << 20);
        assert_int_equal(search_words_make(&arena, &x, &search), 0);
        assert_true(text_equal(search.words, text_of(cases[i].words)));
        assert_int_equal(search.by_name, cases[i].by_name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_finds_whom),
        cmocka_unit_test(test_renewal),
        cmocka_unit_test(test_leave_me_out_is_known_and_never_found),
        cmocka_unit_test(test_names_from_searches_do_not_count),
        cmocka_unit_test(test_many_under_one_key),
        cmocka_unit_test(test_guesses),
        cmocka_unit_test(test_search_words),
    };
    return cmocka_run_group_tests_name("linkage.index", tests, NULL, NULL);
}

/* tests/unit/linkage/test_mentions.c
 *
 * What a bio and a website name: forms that count, forms that name somebody else, forms that name nobody.
 */
#include "base/cleanup.h"
#include "base/utf8.h"
#include "lib/check.h"
#include "lib/seeded.h"
#include "linkage/mentions.h"

#include <string.h>

/* One mention as "kind form value", several joined by " + ". */
static void print_mentions(const struct mentions *mentions, struct buf *out)
{
    static const char *const kinds[] = {"x", "handle", "did", "threads", "site"};
    static const char *const forms[] = {"link", "said", "disclaimed"};
    for (size_t i = 0; i < mentions->n; i++) {
        const struct mention *mention = &mentions->items[i];
        assert_int_equal(buf_printf(out, "%s%s %s%s %.*s", i > 0 ? " + " : "", kinds[mention->kind],
                                    mention->website ? "website-" : "", forms[mention->form], TEXT_ARG(mention->value)),
                         0);
    }
}

struct example {
    const char *bio;
    const char *website;
    const char *wanted;
};

static void check_examples(const struct example *examples, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        CLEANUP(arena_release) struct arena arena;
        CLEANUP(buf_release) struct buf got;
        struct mentions mentions;
        arena_init(&arena, (size_t)1 << 20);
        buf_init(&got, 4096);
        assert_int_equal(mentions_read(&arena, text_of(examples[i].bio), text_of(examples[i].website), &mentions), 0);
        print_mentions(&mentions, &got);
        if (strcmp(buf_string(&got), examples[i].wanted) != 0)
            fail_msg("\"%s\", \"%s\"\n  gives  \"%s\"\n  wanted \"%s\"", examples[i].bio,
                     examples[i].website ? examples[i].website : "", buf_string(&got), examples[i].wanted);
    }
}

static void test_x_accounts(void **state)
{
    static const struct example examples[] = {
        {"https://x.com/MiraOrvik", NULL, "x link miraorvik"},
        {"twitter.com/miraorvik/", NULL, "x link miraorvik"},
        {"http://mobile.twitter.com/@miraorvik?lang=en", NULL, "x link miraorvik"},
        {"find me (x.com/mira_orvik)", NULL, "x link mira_orvik"},
        {"https://x.com/intent/user?screen_name=mira&x=1", NULL, "x link mira"},
        {"https://x.com/intent/follow?screen_name=mira", NULL, "x link mira"},
        {"@mira on X", NULL, "x said mira"},
        {"@mira on Twitter.", NULL, "x said mira"},
        {"Birds. @mira on \xF0\x9D\x95\x8F", NULL, "x said mira"},
        {"\xF0\x9D\x95\x8F: @mira", NULL, "x said mira"},
        {"Twitter: @mira", NULL, "x said mira"},
        {"X:@mira", NULL, "x said mira"},
        {"Twitter @mira | Threads @mira.o", NULL, "x said mira + threads said mira.o"},
        {"X: @mira Threads: @mira.o", NULL, "x said mira + threads said mira.o"},
        {"@mira (X)", NULL, "x said mira"},
        {"@mira at the former Twitter", NULL, "x said mira"},
        {"on Twitter as @mira", NULL, "x said mira"},
        {"Formerly @mira", NULL, "x said mira"},
        {"formerly known as @mira", NULL, "x said mira"},
        {"Nurse. ex-Twitter @mira", NULL, "x said mira"},
        {"was @mira on twitter", NULL, "x said mira"},
        {"find me at @mira on X", NULL, "x said mira"},
        {"I'm not active any more, @mira on X", NULL, "x said mira"},
        {"Coffee fan, x.com/mira", NULL, "x link mira"},
        {"Proud dad x.com/mira", NULL, "x link mira"},
        {"Swifts fan account\n@mira on X", NULL, "x said mira"},
        {"@mira on X\nhttps://x.com/mira", NULL, "x link mira"},
        {"", "https://x.com/mira", "x website-link mira"},
    };
    (void)state;
    check_examples(examples, ARRAY_LEN(examples));
}

static void test_other_networks(void **state)
{
    static const struct example examples[] = {
        {"mira.bsky.social", NULL, "handle link mira.bsky.social"},
        {"\xF0\x9F\xA6\x8B @Mira.bsky.social", NULL, "handle said mira.bsky.social"},
        {"https://bsky.app/profile/mira.example", NULL, "handle link mira.example"},
        {"bsky.app/profile/did:plc:abcdefghijklmnopqrstuvwx", NULL, "did link did:plc:abcdefghijklmnopqrstuvwx"},
        {"did:plc:abcdefghijklmnopqrstuvwx", NULL, "did link did:plc:abcdefghijklmnopqrstuvwx"},
        {"at://mira.bsky.social", NULL, "handle link mira.bsky.social"},
        {"Now on Bluesky: mira.example", NULL, "handle link mira.example"},
        {"find me on Bluesky as @mira", NULL, "handle said mira"},
        {"@mira on bsky", NULL, "handle said mira"},
        {"@mira.example", NULL, "handle said mira.example"},
        {"https://www.threads.net/@mira.o", NULL, "threads link mira.o"},
        {"threads.com/@mira_o", NULL, "threads link mira_o"},
        {"@mira.o on Threads", NULL, "threads said mira.o"},
        {"", "https://bsky.app/profile/mira.example", "handle website-link mira.example"},
    };
    (void)state;
    check_examples(examples, ARRAY_LEN(examples));
}

static void test_sites(void **state)
{
    static const struct example examples[] = {
        {"", "https://www.mira.example/about", "site website-link mira.example"},
        {"Maps at https://mira.example/maps, tea at http://tea.example.", NULL,
         "site link mira.example + site link tea.example"},
        {"linktr.ee/mira", NULL, "site link linktr.ee/mira"},
        {"mira.example", "https://mira.example", "site website-link mira.example"},
        {"https://masto.example/@mira", NULL, "site link masto.example/@mira"},
    };
    (void)state;
    check_examples(examples, ARRAY_LEN(examples));
}

static void test_somebody_else(void **state)
{
    static const struct example examples[] = {
        {"Not @mira on X", NULL, "x disclaimed mira"},
        {"Fan of @mira on Twitter", NULL, "x disclaimed mira"},
        {"Fans of x.com/mira", NULL, "x disclaimed mira"},
        {"Parody. Not affiliated with @mira on X.", NULL, "x disclaimed mira"},
        {"Unofficial mirror of https://x.com/mira", NULL, "x disclaimed mira"},
        {"Mirror bot | x.com/mira", NULL, "x disclaimed mira"},
        {"Editor at @thepaper on X", NULL, "x disclaimed thepaper"},
        {"CEO of @thefirm (X)", NULL, "x disclaimed thefirm"},
        {"Wife of @mira on Twitter", NULL, "x disclaimed mira"},
        {"This bot reposts twitter.com/mira", NULL, "x disclaimed mira"},
        {"x.com/mira\nReposts from x.com/mira", NULL, "x disclaimed mira"},
    };
    (void)state;
    check_examples(examples, ARRAY_LEN(examples));
}

static void test_nobody(void **state)
{
    static const struct example examples[] = {
        {"", NULL, ""},
        {"mira@mail.example", NULL, ""},
        {"mailto:mira@mail.example", NULL, ""},
        {"write to mira.orvik@mail.example on X", NULL, ""},
        {"@mira@masto.example", NULL, ""},
        {"fan of @taylorswift13", NULL, ""},
        {"with @someone and @another", NULL, ""},
        {"IG: @mira", NULL, ""},
        {"@mira on Instagram", NULL, ""},
        {"Fan of @mira | on X since 2009", NULL, ""},
        {"https://x.com/mira/status/123456", NULL, ""},
        {"https://x.com/i/lists/1", NULL, ""},
        {"https://x.com/home", NULL, ""},
        {"https://x.com/search?q=mira", NULL, ""},
        {"https://x.com/not-a-handle", NULL, ""},
        {"https://x.com/a_handle_that_is_far_too_long", NULL, ""},
        {"x.com", NULL, ""},
        {"https://bsky.app/profile/mira.example/post/3k", NULL, ""},
        {"https://bsky.app/", NULL, ""},
        {"threads.net/t/abc", NULL, ""},
        {"version 2.0, e.g. this.", NULL, ""},
        {"did:plc:short", NULL, ""},
        {"https://t.co/abcdef", "https://youtube.com/watch?v=1", ""},
        {"...", "not a site", ""},
        {"#X @", NULL, ""},
    };
    (void)state;
    check_examples(examples, ARRAY_LEN(examples));
}

static void test_a_list_of_links_is_cut(void **state)
{
    CLEANUP(arena_release) struct arena arena;
    CLEANUP(buf_release) struct buf bio;
    struct mentions mentions;
    (void)state;
    arena_init(&arena, (size_t)1 << 20);
    buf_init(&bio, 1 << 16);
    for (int i = 0; i < 900; i++)
        assert_int_equal(buf_printf(&bio, "s%d.example ", i), 0);
    assert_int_equal(mentions_read(&arena, buf_text(&bio), TEXT_NONE, &mentions), 0);
    assert_int_equal(mentions.n, MENTIONS_MAX);
    assert_text(mentions.items[0].value, "s0.example");
    assert_non_null(mentions_find(&mentions, MENTION_SITE, TEXT("s3.example")));
    assert_null(mentions_find(&mentions, MENTION_X, TEXT("s3.example")));
}

/* Whatever the text: no more than the most, values in lower case and valid, and none of them an e-mail address. */
static void test_any_text(void **state)
{
    struct seeded random = seeded_start("random bios");
    (void)state;
    for (int round = 0; round < 20000; round++) {
        CLEANUP(arena_release) struct arena arena;
        CLEANUP(buf_release) struct buf bio;
        struct mentions mentions;
        arena_init(&arena, (size_t)1 << 20);
        buf_init(&bio, 8192);
        seeded_text(&random, &bio, 60);
        static const char *const pieces[] = {" x.com/", " @", ".bsky.social", " on X", "bsky.app/profile/", "did:plc:"};
        assert_int_equal(buf_add(&bio, text_of(pieces[seeded_below(&random, ARRAY_LEN(pieces))])), 0);
        seeded_text(&random, &bio, 20);
        struct text website = text_slice(buf_text(&bio), seeded_below(&random, bio.len), bio.len);
        assert_int_equal(mentions_read(&arena, buf_text(&bio), website, &mentions), 0);
        assert_true(mentions.n <= MENTIONS_MAX);
        for (size_t i = 0; i < mentions.n; i++) {
            struct text value = mentions.items[i].value;
            assert_false(text_empty(value));
            assert_true(utf8_valid(value));
            for (size_t k = 0; k < value.len; k++)
                assert_true(byte_lower(value.data[k]) == value.data[k]);
            if (mentions.items[i].kind != MENTION_SITE)
                assert_true(text_find_byte(value, '@', 0) == TEXT_NOWHERE);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_x_accounts), cmocka_unit_test(test_other_networks),
        cmocka_unit_test(test_sites),      cmocka_unit_test(test_somebody_else),
        cmocka_unit_test(test_nobody),     cmocka_unit_test(test_a_list_of_links_is_cut),
        cmocka_unit_test(test_any_text),
    };
    return cmocka_run_group_tests_name("linkage.mentions", tests, NULL, NULL);
}

/* tests/unit/base/test_text.c
 *
 * Views, UTF-8, numbers and sentences.
 */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/utf8.h"
#include "lib/check.h"

#include <errno.h>
#include <string.h>

static void test_compare(void **state)
{
    (void)state;
    assert_true(text_equal(TEXT("abc"), TEXT("abc")));
    assert_false(text_equal(TEXT("abc"), TEXT("abC")));
    assert_true(text_equal(TEXT_NONE, TEXT("")));
    assert_true(text_equal_fold(TEXT("aBc"), TEXT("AbC")));
    assert_false(text_equal_fold(TEXT("a["), TEXT("a{"))); /* 0x20 apart, and no letters */
    assert_true(text_compare(TEXT("a"), TEXT("ab")) < 0);
    assert_true(text_compare(TEXT("b"), TEXT("ab")) > 0);
    assert_int_equal(text_compare(TEXT(""), TEXT_NONE), 0);
    assert_true(text_starts(TEXT("abc"), TEXT("ab")));
    assert_false(text_starts(TEXT("a"), TEXT("ab")));
    assert_true(text_ends_fold(TEXT("x.ZIP"), TEXT(".zip")));
    assert_false(text_ends(TEXT("x.ZIP"), TEXT(".zip")));
}

static void test_find(void **state)
{
    (void)state;
    assert_int_equal(text_find(TEXT("banana"), TEXT("ana"), 0), 1);
    assert_int_equal(text_find(TEXT("banana"), TEXT("ana"), 2), 3);
    assert_true(text_find(TEXT("banana"), TEXT("ana"), 4) == TEXT_NOWHERE);
    assert_true(text_find(TEXT("ab"), TEXT("abc"), 0) == TEXT_NOWHERE);
    assert_true(text_find(TEXT("ab"), TEXT("a"), 9) == TEXT_NOWHERE);
    assert_int_equal(text_find_fold(TEXT("see #NoSkein"), TEXT("#noskein"), 0), 4);
    assert_int_equal(text_find_byte(TEXT("a=b=c"), '=', 2), 3);
}

static void test_slice_and_trim(void **state)
{
    (void)state;
    assert_text(text_slice(TEXT("abcdef"), 2, 4), "cd");
    assert_text(text_slice(TEXT("abc"), 2, 99), "c");
    assert_text(text_slice(TEXT("abc"), 3, 2), "");
    assert_text(text_trim(TEXT(" \t a b\r\n")), "a b");
    assert_text(text_trim(TEXT("   ")), "");
}

static void test_cut(void **state)
{
    (void)state;
    struct text rest = TEXT("a,,b,");
    struct text part;
    const char *expected[] = {"a", "", "b", ""};
    for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
        assert_true(text_cut(&rest, ',', &part));
        assert_true(text_equal(part, text_of(expected[i])));
    }
    assert_false(text_cut(&rest, ',', &part));
}

static void test_numbers(void **state)
{
    (void)state;
    uint64_t u;
    int64_t i;
    assert_true(text_to_u64(TEXT("18446744073709551615"), &u));
    assert_true(u == UINT64_MAX);
    assert_false(text_to_u64(TEXT("18446744073709551616"), &u));
    assert_false(text_to_u64(TEXT(""), &u));
    assert_false(text_to_u64(TEXT("1.2E+18"), &u));
    assert_false(text_to_u64(TEXT("+1"), &u));
    assert_true(text_to_i64(TEXT("-9223372036854775807"), &i));
    assert_true(i == -INT64_MAX);
    assert_false(text_to_i64(TEXT("9223372036854775808"), &i));
    assert_false(text_to_i64(TEXT("-"), &i));
}

static void test_floor_utf8(void **state)
{
    (void)state;
    assert_text(text_floor_utf8(TEXT("aé"), 2), "a");
    assert_text(text_floor_utf8(TEXT("aé"), 3), "aé");
    assert_text(text_floor_utf8(TEXT("🦆🦆"), 7), "🦆");
    assert_text(text_floor_utf8(TEXT("🦆"), 3), "");
    assert_text(text_floor_utf8(TEXT("abc"), 99), "abc");
}

/* Table 3-8 of the Unicode Standard gives these: each broken part becomes one U+FFFD. */
static const struct {
    const char *in;
    const char *out;
} repairs[] = {
    {"plain", "plain"},
    {"\xC3\xA9", "é"},
    {"\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD"},                 /* overlong */
    {"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"}, /* a surrogate */
    {"\xF4\x90\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
    {"a\xE2\x82", "a\xEF\xBF\xBD"}, /* cut off: one */
    {"\xE2\x82z", "\xEF\xBF\xBDz"},
    {"\xF0\x9F\xA6\x86!", "🦆!"},
    {"\x80", "\xEF\xBF\xBD"},
    {"\xFF\xFE", "\xEF\xBF\xBD\xEF\xBF\xBD"},
};

static void test_utf8_repair(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(repairs); i++) {
        CLEANUP(buf_release) struct buf out;
        buf_init(&out, 100);
        assert_int_equal(utf8_repair(&out, text_of(repairs[i].in)), 0);
        assert_string_equal(buf_string(&out), repairs[i].out);
        assert_true(utf8_valid(buf_text(&out)));
        assert_int_equal(utf8_valid(text_of(repairs[i].in)), strcmp(repairs[i].in, repairs[i].out) == 0);
    }
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, 100);
    assert_false(utf8_valid((struct text){"a\0b", 3}));
    assert_int_equal(utf8_repair(&out, (struct text){"a\0b", 3}), 0);
    assert_string_equal(buf_string(&out), "a\xEF\xBF\xBD"
                                          "b");
}

static void test_utf8_add(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, 100);
    const uint32_t points[] = {'a', 0xE9, 0x20AC, 0x1F986, 0xD800, 0x110000, 0};
    for (size_t i = 0; i < ARRAY_LEN(points); i++)
        assert_int_equal(utf8_add(&out, points[i]), 0);
    assert_string_equal(buf_string(&out), "aé€🦆\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

static void test_err(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_equal(err_set(&err, E_TIMEOUT, "host %s is slow", "a"), E_TIMEOUT);
    assert_string_equal(err.text, "host a is slow");
    err_prefix(&err, "%s: ", "list.csv");
    assert_string_equal(err.text, "list.csv: host a is slow");
    assert_int_equal(err.code, E_TIMEOUT);
    assert_int_equal(err_set_system(&err, ENOENT, "x"), E_IO);
    assert_string_equal(err.text, "x: No such file or directory");
    assert_int_equal(err_set(NULL, E_NOMEM, "nobody listens"), E_NOMEM);
    assert_string_equal(err_word(E_RATE_LIMITED), "rate_limited");
    assert_string_equal(err_word(-1), "unknown");
}

static void test_err_is_cut_at_a_character(void **state)
{
    (void)state;
    struct err err;
    char longer[2 * ERR_TEXT_MAX];
    for (size_t i = 0; i + 1 < sizeof longer; i += 2)
        memcpy(longer + i, "é", 2);
    longer[sizeof longer - 2] = '\0';
    err_set(&err, E_IO, "x%s", longer);
    assert_true(strlen(err.text) >= ERR_TEXT_MAX - 3);
    assert_true(utf8_valid(text_of(err.text)));
    err_prefix(&err, "%s", longer);
    assert_true(utf8_valid(text_of(err.text)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compare),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_slice_and_trim),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_floor_utf8),
        cmocka_unit_test(test_utf8_repair),
        cmocka_unit_test(test_utf8_add),
        cmocka_unit_test(test_err),
        cmocka_unit_test(test_err_is_cut_at_a_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

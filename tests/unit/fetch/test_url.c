/* tests/unit/fetch/test_url.c
 *
 * URLs that strangers write: read as curl reads them, and refused where they are not for us.
 */
#include "base/cleanup.h"
#include "base/limits.h"
#include "fetch/url.h"
#include "lib/check.h"

#include <stdlib.h>
#include <string.h>

static int judge(const char *shown, bool allow_loopback, struct err *err)
{
    CLEANUP(url_release) struct url url = {0};
    int rc = url_parse(text_of(shown), &url, err);
    return rc < 0 ? rc : url_guard(&url, allow_loopback, err);
}

static void test_what_may_be_asked(void **state)
{
    static const char *const good[] = {
        "https://bsky.social",        "https://bsky.social:443/x",  "HTTPS://BSKY.social/xrpc/a?b=c",
        "https://1.1.1.1/",           "https://[2606:4700::1111]/", "https://bsky.social/#fragment",
        "https://b%73ky.social/path",
    };
    struct err err;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        if (judge(good[i], false, &err) < 0)
            fail_msg("%s: %s", good[i], err.text);
}

static void test_what_may_not(void **state)
{
    static const struct {
        const char *url;
        int code;
    } cases[] = {
        {"http://bsky.social/", E_FORBIDDEN},
        {"https://bsky.social:8443/", E_FORBIDDEN},
        {"https://user@bsky.social/", E_FORBIDDEN},
        {"https://user:secret@bsky.social/", E_FORBIDDEN},
        {"https://@bsky.social/", E_FORBIDDEN},
        {"https://bsky.social\\@10.0.0.1/", E_FORBIDDEN},
        {"ftp://bsky.social/", E_FORBIDDEN},
        {"file:///etc/passwd", E_FORBIDDEN},
        {"gopher://bsky.social/", E_FORBIDDEN},
        {"dict://bsky.social/", E_FORBIDDEN},
        {"javascript:alert(1)", E_BAD_INPUT},
        {"https://localhost/", E_FORBIDDEN},
        {"https://127.0.0.1/", E_FORBIDDEN},
        {"https://127.1/", E_FORBIDDEN},
        {"https://2130706433/", E_FORBIDDEN},
        {"https://0x7f000001/", E_FORBIDDEN},
        {"https://017700000001/", E_FORBIDDEN},
        {"https://127.0.0.1./", E_FORBIDDEN},
        {"https://bsky.social./", E_FORBIDDEN},
        {"https://[::1]/", E_FORBIDDEN},
        {"https://[::ffff:127.0.0.1]/", E_FORBIDDEN},
        {"https://[64:ff9b::7f00:1]/", E_FORBIDDEN},
        {"https://[fe80::1%25eth0]/", E_FORBIDDEN},
        {"https://169.254.169.254/latest/meta-data/", E_FORBIDDEN},
        {"https://10.0.0.1/", E_FORBIDDEN},
        {"https://intranet/", E_FORBIDDEN},
        {"https://printer.local/", E_FORBIDDEN},
        {"https://1.2.3.4.5/", E_FORBIDDEN},
        {"https://\xEF\xBC\x91.1.1.1/", E_FORBIDDEN},
        {"https://m\xC3\xBCnchen.de/", E_FORBIDDEN},
        {"https://under_score.com/", E_FORBIDDEN},
        {"", E_BAD_INPUT},
        {"bsky.social", E_BAD_INPUT},
        {"//bsky.social/", E_BAD_INPUT},
        {"https://", E_BAD_INPUT},
        {"https://a b.com/", E_BAD_INPUT},
        {"https://a.com/x y", E_BAD_INPUT},
        {"https://a.com/x\r\nHost: b", E_BAD_INPUT},
        {"https://a.com:99999/", E_BAD_INPUT},
        {"https://a.com:0/", E_BAD_INPUT},
        {"https://[::1/", E_BAD_INPUT},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = {0};
        int rc = judge(cases[i].url, false, &err);
        if (rc != cases[i].code)
            fail_msg("%s: %s instead of %s (%s)", cases[i].url, err_word(rc), err_word(cases[i].code), err.text);
        assert_true(strlen(err.text) > 0);
    }
}

static void test_loopback_is_lifted_alone(void **state)
{
    static const char *const good[] = {"http://127.0.0.1:2583/x", "http://localhost:3000", "https://[::1]:8443/",
                                       "http://127.0.0.9/", "https://bsky.social/"};
    static const char *const bad[] = {"http://bsky.social/",   "http://10.0.0.1/",        "http://0.0.0.0:80/",
                                      "http://foo.localhost/", "https://bsky.social:80/", "http://[::ffff:127.0.0.1]/",
                                      "http://u@127.0.0.1/",   "ftp://127.0.0.1/",        "http://192.168.0.1:2583/"};
    struct err err;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        if (judge(good[i], true, &err) < 0)
            fail_msg("%s: %s", good[i], err.text);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (judge(bad[i], true, &err) != E_FORBIDDEN)
            fail_msg("%s passes", bad[i]);
}

static void test_parts(void **state)
{
    CLEANUP(url_release) struct url url = {0};
    char origin[URL_ORIGIN_MAX];
    (void)state;
    assert_int_equal(url_parse(TEXT("HTTPS://PDS.Example.COM/a/../b?q=1#here"), &url, NULL), 0);
    assert_string_equal(url.host, "pds.example.com");
    assert_string_equal(url.whole, "https://PDS.Example.COM/b?q=1");
    assert_int_equal(url.port, 443);
    assert_true(url.tls);
    assert_false(url.literal);
    url_origin(&url, origin);
    assert_string_equal(origin, "https://pds.example.com:443");
    url_release(&url);

    assert_int_equal(url_parse(TEXT("http://[::1]:81/"), &url, NULL), 0);
    assert_string_equal(url.host, "::1");
    assert_true(url.literal);
    assert_true(url_is_loopback(&url));
    url_origin(&url, origin);
    assert_string_equal(origin, "http://[::1]:81");
}

static void test_location(void **state)
{
    static const struct {
        const char *location;
        const char *whole; /* NULL: refused */
    } cases[] = {
        {"/x?y", "https://a.com/x?y"},        {"x", "https://a.com/d/x"},
        {"../x", "https://a.com/x"},          {"//b.com/x", "https://b.com/x"},
        {"https://b.com/", "https://b.com/"}, {"?q", "https://a.com/d/e?q"},
        {"http://b.com/", "http://b.com/"},   {"file:///etc/passwd", NULL},
        {"https://u@b.com/", NULL},           {"//u:p@b.com/", NULL},
    };
    CLEANUP(url_release) struct url base = {0};
    (void)state;
    assert_int_equal(url_parse(TEXT("https://a.com/d/e?f#g"), &base, NULL), 0);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(url_release) struct url url = {0};
        int rc = url_join(&base, text_of(cases[i].location), &url, NULL);
        if (!cases[i].whole) {
            assert_true(rc < 0);
            continue;
        }
        assert_int_equal(rc, 0);
        assert_string_equal(url.whole, cases[i].whole);
    }
    assert_string_equal(base.whole, "https://a.com/d/e?f");
}

static void test_length(void **state)
{
    size_t len = LIMIT_URL + 1;
    CLEANUP_FREE char *text = malloc(len + 1);
    CLEANUP(url_release) struct url url = {0};
    (void)state;
    assert_non_null(text);
    memset(text, 'a', len);
    memcpy(text, "https://a.com/", 14);
    assert_int_equal(url_parse((struct text){text, len}, &url, NULL), E_BAD_INPUT);
    assert_int_equal(url_parse((struct text){text, len - 1}, &url, NULL), 0);
    url_release(&url);
    text[20] = '\0';
    assert_int_equal(url_parse((struct text){text, 100}, &url, NULL), E_BAD_INPUT);
}

/* A sentence may end up in a log: what stands behind the ? may be a token. */
static void test_sentences_have_no_query(void **state)
{
    struct err err;
    (void)state;
    assert_int_equal(judge("https://user@a.com/?access_token=secret", false, &err), E_FORBIDDEN);
    assert_null(strstr(err.text, "secret"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_may_be_asked),
        cmocka_unit_test(test_what_may_not),
        cmocka_unit_test(test_loopback_is_lifted_alone),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_location),
        cmocka_unit_test(test_length),
        cmocka_unit_test(test_sentences_have_no_query),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

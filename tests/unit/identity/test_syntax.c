/* tests/unit/identity/test_syntax.c
 *
 * What is a handle, what is a DID, what people type instead, and what of a DID document is believed.
 */
#include "base/cleanup.h"
#include "identity/document.h"
#include "identity/syntax.h"
#include "lib/check.h"

#include <string.h>

#define PLC "did:plc:abcdefghijklmnopqrstuvw2"

static void test_handles(void **state)
{
    static const char *const good[] = {"alice.test", "a.b",  "Ada.Bsky.Social", "xn--80ak6aa92e.com", "1.2.c",
                                       "a-b.co",     "8.cn", "john.t",          "laptop.home",        "a.b.c.d.e.f.g"};
    static const char *const bad[] = {"",           "alice",     ".a.b",    "a.b.",     "a..b",        "-a.b",
                                      "a-.b",       "a.-b",      "a.b-",    "a_b.test", "a b.test",    "a@b.test",
                                      "a.1",        "1.2.3.4",   "a.0x7f",  "a.local",  "a.LOCALHOST", "a.arpa",
                                      "a.internal", "a.invalid", "a.onion", "a.alt",    "a.example",   "\xC3\xBC.test",
                                      "a.b/c",      "a.b\n"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        if (!handle_is_valid(text_of(good[i])))
            fail_msg("%s is refused", good[i]);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (handle_is_valid(text_of(bad[i])))
            fail_msg("\"%s\" passes", bad[i]);
    assert_false(handle_is_valid((struct text){"a\0.test", 7}));
}

static void test_handles_have_lengths(void **state)
{
    char name[300];
    (void)state;
    memset(name, 'a', sizeof name);
    for (size_t i = 60; i < sizeof name; i += 61)
        name[i] = '.';
    assert_true(handle_is_valid((struct text){name, 253}));
    assert_false(handle_is_valid((struct text){name, 254}));
    memset(name, 'a', 70);
    name[63] = '.';
    assert_true(handle_is_valid((struct text){name, 70}));
    name[63] = 'a';
    name[64] = '.';
    assert_false(handle_is_valid((struct text){name, 70}));
}

static void test_dids(void **state)
{
    static const struct {
        const char *did;
        bool good;
        bool good_on_loopback;
    } cases[] = {
        {PLC, true, true},
        {"did:web:example.com", true, true},
        {"did:web:localhost%3A2583", false, true},
        {"did:web:localhost%3a2583", false, true},
        {"did:web:localhost%3A0", false, false},
        {"did:web:localhost%3A65536", false, false},
        {"did:web:localhost%3A", false, false},
        {"did:web:example.com%3A443", false, false},
        {"did:web:127.0.0.1%3A80", false, false},
        {"did:web:example.com:path", false, false},
        {"did:web:example.com/path", false, false},
        {"did:web:10.0.0.1", false, false},
        {"did:web:", false, false},
        {"did:plc:", false, false},
        {"did:plc:abcdefghijklmnopqrstuvw", false, false},
        {"did:plc:abcdefghijklmnopqrstuvw22", false, false},
        {"did:plc:abcdefghijklmnopqrstuvw1", false, false},
        {"did:plc:ABCDEFGHIJKLMNOPQRSTUVW2", false, false},
        {"did:plc:../../../../../../etc/pa", false, false},
        {"did:key:zQ3shabc", false, false},
        {"did:", false, false},
        {"", false, false},
        {" " PLC, false, false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        if (did_is_valid(text_of(cases[i].did), false) != cases[i].good ||
            did_is_valid(text_of(cases[i].did), true) != cases[i].good_on_loopback)
            fail_msg("\"%s\" is judged wrong", cases[i].did);
    }
}

/* --- what people type -----------------------------------------------------------------------------------------------*/

static void test_what_people_type(void **state)
{
    static const struct {
        const char *typed;
        const char *handle; /* NULL: refused */
    } cases[] = {
        {"alice.test", "alice.test"},
        {"  @Alice.Test \n", "alice.test"},
        {"alice", "alice.bsky.social"},
        {"@Alice", "alice.bsky.social"},
        {"https://bsky.app/profile/alice.test", "alice.test"},
        {"https://bsky.app/profile/alice.test/post/3k", "alice.test"},
        {"bsky.app/profile/Alice.Test?x=y#z", "alice.test"},
        {"http://bsky.app/profile/alice.test", "alice.test"},
        {"", NULL},
        {"@", NULL},
        {"   ", NULL},
        {"alice@example.com", NULL},
        {"alice_b", NULL},
        {"alice b", NULL},
        {"\xC3\xA4lice", NULL},
        {"alice.local", NULL},
        {"192.0.2.1", NULL},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(arena_release) struct arena arena;
        struct text handle = TEXT_NONE;
        struct err err = {0};
        arena_init(&arena, 65536);
        int rc = handle_from_input(&arena, text_of(cases[i].typed), TEXT("bsky.social"), &handle, &err);
        if (cases[i].handle && (rc < 0 || !text_equal(handle, text_of(cases[i].handle))))
            fail_msg("\"%s\": %s", cases[i].typed, rc < 0 ? err.text : "another handle");
        if (!cases[i].handle) {
            assert_int_equal(rc, E_BAD_INPUT);
            assert_true(strlen(err.text) > 20); /* says what to type instead */
        }
    }
}

static void test_an_address_is_told_as_such(void **state)
{
    CLEANUP(arena_release) struct arena arena;
    struct text handle;
    struct err err = {0};
    (void)state;
    arena_init(&arena, 65536);
    assert_int_equal(handle_from_input(&arena, TEXT("alice@example.com"), TEXT("bsky.social"), &handle, &err),
                     E_BAD_INPUT);
    assert_non_null(strstr(err.text, "e-mail"));
}

/* --- documents ------------------------------------------------------------------------------------------------------*/

struct read {
    int rc;
    char handle[300];
    char pds[300];
};

static struct read read_json(const char *json, bool allow_loopback)
{
    CLEANUP(arena_release) struct arena arena;
    struct document document = {0};
    struct err err = {0};
    struct read read = {0};
    arena_init(&arena, 1 << 20);
    read.rc = document_read(&arena, text_of(json), TEXT(PLC), allow_loopback, &document, &err);
    snprintf(read.handle, sizeof read.handle, "%.*s", TEXT_ARG(document.handle));
    snprintf(read.pds, sizeof read.pds, "%.*s", TEXT_ARG(document.pds));
    if (read.rc < 0)
        assert_true(strlen(err.text) > 0);
    return read;
}

#define SERVICE(id, url)            "{\"id\":\"" id "\",\"type\":\"AtprotoPersonalDataServer\",\"serviceEndpoint\":\"" url "\"}"
#define DOCUMENT(aliases, services) "{\"id\":\"" PLC "\",\"alsoKnownAs\":[" aliases "],\"service\":[" services "]}"

static void test_a_document(void **state)
{
    (void)state;
    struct read read =
        read_json(DOCUMENT("\"at://Alice.Test\"", SERVICE("#atproto_pds", "https://pds.example.com")), false);
    assert_int_equal(read.rc, 0);
    assert_string_equal(read.handle, "alice.test");
    assert_string_equal(read.pds, "https://pds.example.com");
    read = read_json(DOCUMENT("", SERVICE(PLC "#atproto_pds", "https://pds.example.com/")), false);
    assert_string_equal(read.handle, "");
    assert_string_equal(read.pds, "https://pds.example.com");
}

static void test_the_first_valid_alias_counts(void **state)
{
    (void)state;
    struct read read =
        read_json(DOCUMENT("17,null,\"https://a.test\",\"at://\",\"at://no_handle.test\",\"at://did:plc:x\","
                           "\"at://first.test\",\"at://second.test\"",
                           ""),
                  false);
    assert_int_equal(read.rc, 0);
    assert_string_equal(read.handle, "first.test");
    assert_string_equal(read_json(DOCUMENT("\"at://a.test/path\"", ""), false).handle, "");
    assert_string_equal(read_json("{\"id\":\"" PLC "\",\"alsoKnownAs\":\"at://a.test\"}", false).handle, "");
}

static void test_only_an_origin_is_a_pds(void **state)
{
    static const char *const bad[] = {
        (SERVICE("#atproto_pds", "https://pds.example.com/path")),
        (SERVICE("#atproto_pds", "https://u:p@pds.example.com")),
        (SERVICE("#atproto_pds", "https://pds.example.com?q")),
        (SERVICE("#atproto_pds", "http://pds.example.com")),
        (SERVICE("#atproto_pds", "http://127.0.0.1:2583")),
        (SERVICE("#atproto_pds", "ftp://pds.example.com")),
        (SERVICE("#atproto_pds", "https://")),
        (SERVICE("#atproto_pds", "")),
        (SERVICE("#other", "https://pds.example.com")),
        (SERVICE("did:plc:other#atproto_pds", "https://a.com")),
        ("{\"id\":\"#atproto_pds\",\"type\":\"Other\",\"serviceEndpoint\":\"https://pds.example.com\"}"),
        ("{\"id\":\"#atproto_pds\",\"type\":\"AtprotoPersonalDataServer\",\"serviceEndpoint\":{\"uri\":\"https://"
         "a.com\"}}"),
        "\"#atproto_pds\"",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        char json[1024];
        snprintf(json, sizeof json, DOCUMENT("", "%s"), bad[i]);
        struct read read = read_json(json, false);
        assert_int_equal(read.rc, 0); /* the rest of the document is good */
        if (read.pds[0])
            fail_msg("%s gives %s", bad[i], read.pds);
    }
}

/* What allow_loopback lifts is loopback, nothing else. */
static void test_a_pds_on_loopback(void **state)
{
    (void)state;
    assert_string_equal(read_json(DOCUMENT("", SERVICE("#atproto_pds", "http://127.0.0.1:2583")), true).pds,
                        "http://127.0.0.1:2583");
    assert_string_equal(read_json(DOCUMENT("", SERVICE("#atproto_pds", "http://localhost:2583")), true).pds,
                        "http://localhost:2583");
    assert_string_equal(read_json(DOCUMENT("", SERVICE("#atproto_pds", "http://10.0.0.1:2583")), true).pds, "");
    assert_string_equal(read_json(DOCUMENT("", SERVICE("#atproto_pds", "http://pds.example.com")), true).pds, "");
}

static void test_what_is_no_document_of_theirs(void **state)
{
    static const char *const bad[] = {
        "",
        "no JSON",
        "[]",
        "null",
        "\"x\"",
        "{}",
        "{\"id\":17}",
        "{\"id\":\"did:plc:22222222222222222222222a\"}",
        "{\"id\":\"" PLC "\",\"id\":\"" PLC "\"}",
        "{\"id\":\"" PLC "\"",
        "{\"id\":\"" PLC "#x\"}",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (read_json(bad[i], false).rc != E_PROTOCOL)
            fail_msg("%s passes", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_handles),
        cmocka_unit_test(test_handles_have_lengths),
        cmocka_unit_test(test_dids),
        cmocka_unit_test(test_what_people_type),
        cmocka_unit_test(test_an_address_is_told_as_such),
        cmocka_unit_test(test_a_document),
        cmocka_unit_test(test_the_first_valid_alias_counts),
        cmocka_unit_test(test_only_an_origin_is_a_pds),
        cmocka_unit_test(test_a_pds_on_loopback),
        cmocka_unit_test(test_what_is_no_document_of_theirs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

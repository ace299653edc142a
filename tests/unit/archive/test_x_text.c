/* tests/unit/archive/test_x_text.c
 *
 * Handles, links, ids, days and escapes as files write them; wrappers of scripts; names that stay closed; sources.
 */
#include "archive/x_text.h"

#include "archive/byte_source.h"
#include "archive/js_wrapper.h"
#include "archive/private_names.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "lib/check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void handles(void **state)
{
    (void)state;
    assert_true(x_handle_valid(TEXT("a")));
    assert_true(x_handle_valid(TEXT("Some_Body_12345")));
    assert_true(x_handle_valid(TEXT("twenty_characters_xx")));
    assert_false(x_handle_valid(TEXT("twenty_one_characters")));
    assert_false(x_handle_valid(TEXT("")));
    assert_false(x_handle_valid(TEXT("with-dash")));
    assert_false(x_handle_valid(TEXT("caf\xC3\xA9")));
}

struct reference_case {
    const char *written;
    enum x_reference kind;
    const char *handle;
    uint64_t id;
    enum x_form form;
};

static void references(void **state)
{
    static const struct reference_case cases[] = {
        {"alice", X_REFERENCE_HANDLE, "alice", 0, X_FORM_BARE},
        {" @Alice_1 ", X_REFERENCE_HANDLE, "Alice_1", 0, X_FORM_AT},
        {"@123", X_REFERENCE_HANDLE, "123", 0, X_FORM_AT},
        {"2244994001", X_REFERENCE_ID, "", 2244994001, X_FORM_BARE},
        {"https://x.com/alice", X_REFERENCE_HANDLE, "alice", 0, X_FORM_LINK},
        {"http://www.twitter.com/@alice?lang=en", X_REFERENCE_HANDLE, "alice", 0, X_FORM_LINK},
        {"mobile.twitter.com/alice/status/12", X_REFERENCE_HANDLE, "alice", 0, X_FORM_LINK},
        {"X.com/alice#top", X_REFERENCE_HANDLE, "alice", 0, X_FORM_LINK},
        {"https://twitter.com/intent/user?user_id=18000001", X_REFERENCE_ID, "", 18000001, X_FORM_LINK},
        {"https://x.com/i/user/18000001", X_REFERENCE_ID, "", 18000001, X_FORM_LINK},
        {"https://x.com/intent/follow?a=b&screen_name=alice#x", X_REFERENCE_HANDLE, "alice", 0, X_FORM_LINK},
        {"https://x.com/home", X_REFERENCE_NONE, "", 0, X_FORM_LINK},
        {"https://x.com/i/lists/12", X_REFERENCE_NONE, "", 0, X_FORM_LINK},
        {"https://x.com/", X_REFERENCE_NONE, "", 0, X_FORM_LINK},
        {"https://x.com/search?q=alice", X_REFERENCE_NONE, "", 0, X_FORM_LINK},
        {"https://notx.com/alice", X_REFERENCE_NONE, "", 0, X_FORM_BARE},
        {"https://x.com.evil.example/alice", X_REFERENCE_NONE, "", 0, X_FORM_BARE},
        {"alice@example.com", X_REFERENCE_NONE, "", 0, X_FORM_BARE},
        {"@alice@fedi.example", X_REFERENCE_NONE, "", 0, X_FORM_AT},
        {"two words", X_REFERENCE_NONE, "", 0, X_FORM_BARE},
        {"", X_REFERENCE_NONE, "", 0, X_FORM_BARE},
        {"0", X_REFERENCE_NONE, "", 0, X_FORM_BARE},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct text handle = TEXT_NONE;
        uint64_t id = 0;
        enum x_form form = X_FORM_BARE;
        enum x_reference kind = x_reference_of(text_of(cases[i].written), &handle, &id, &form);
        if (kind != cases[i].kind || !text_equal(handle, text_of(cases[i].handle)) || id != cases[i].id ||
            form != cases[i].form)
            fail_msg("%s gives %d, \"%.*s\", %llu, %d", cases[i].written, (int)kind, TEXT_ARG(handle),
                     (unsigned long long)id, (int)form);
    }
}

static void ids(void **state)
{
    static const char *const rounded[] = {"1.23E+18", "1,45E+18", "1.4e18", "1E+18"};
    static const char *const no_ids[] = {"", "-1", "0", "12a", "123456789012345678901", "99999999999999999999", "1.5"};
    static const char *const good[] = {"1", "18446744073709551615", "1450000000000000003", "1450000000000000000",
                                       " 2244994001 "};
    uint64_t id;
    const char *why = NULL;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rounded); i++) {
        assert_true(x_id_is_rounded(text_of(rounded[i])));
        assert_false(x_id_of(text_of(rounded[i]), &id, &why));
        assert_non_null(strstr(why, "spreadsheet"));
    }
    for (size_t i = 0; i < ARRAY_LEN(no_ids); i++) {
        assert_false(x_id_of(text_of(no_ids[i]), &id, &why));
        assert_null(strstr(why, "spreadsheet"));
    }
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_true(x_id_of(text_of(good[i]), &id, &why));
    assert_int_equal(id, 2244994001);
    assert_true(x_id_ends_in_zeros(TEXT("1450000000000000000")));
    assert_true(x_id_ends_in_zeros(TEXT("123456789012345000")));
    assert_false(x_id_ends_in_zeros(TEXT("12345678901234500")));
    assert_false(x_id_ends_in_zeros(TEXT("1450000000000000003")));
}

static void dates(void **state)
{
    int64_t ms;
    char day[11] = "";
    (void)state;
    assert_true(x_date_of(TEXT("Sat Feb 18 12:33:11 +0000 2023"), &ms));
    assert_int_equal(ms, INT64_C(1676723591000));
    assert_true(x_date_of(TEXT("Sat Feb 18 12:33:11 +0200 2023"), &ms));
    assert_int_equal(ms, INT64_C(1676723591000) - 7200000);
    assert_true(x_date_of(TEXT("2023-02-18T12:33:11.000Z"), &ms));
    assert_int_equal(ms, INT64_C(1676723591000));
    assert_false(x_date_of(TEXT("Sat Fub 18 12:33:11 +0000 2023"), &ms));
    assert_false(x_date_of(TEXT("Sat Feb 18 12:33:11 +0000 23xx"), &ms));
    assert_false(x_date_of(TEXT("yesterday"), &ms));
    assert_true(x_day_of(TEXT("2025-01-22T12:21:58.798Z"), day));
    assert_string_equal(day, "2025-01-22");
    assert_false(x_day_of(TEXT("2025-13-22"), day));
    assert_false(x_day_of(TEXT("2025-1-22"), day));
}

static void escapes(void **state)
{
    CLEANUP(buf_release) struct buf out;
    (void)state;
    buf_init(&out, KIB);
    assert_int_equal(x_unescape(&out, TEXT("a &amp; b &lt;3 &quot;x&quot; O&#39;H &amp;lt; &copy; & &")), 0);
    assert_string_equal(buf_string(&out), "a & b <3 \"x\" O'H &lt; &copy; & &");
    buf_clear(&out);
    assert_int_equal(x_unescape_newlines(&out, TEXT("one\\ntwo\\\\n\\")), 0);
    assert_string_equal(buf_string(&out), "one\ntwo\\\n\\");
}

struct wrapper_case {
    const char *file;
    const char *global;
    const char *json;
    unsigned line;
};

static void wrappers(void **state)
{
    static const struct wrapper_case cases[] = {
        {"window.YTD.following.part0 = [ ]", "YTD.following.part0", " [ ]", 1},
        {"\xEF\xBB\xBF\r\n window.YTD.tweets.part12=\r\n[{\"a\":\"=\"}]", "YTD.tweets.part12", "\r\n[{\"a\":\"=\"}]",
         2},
        {"window.__THAR_CONFIG = {}", "__THAR_CONFIG", " {}", 1},
        {"Grailbird.data.tweets_2014_05 = \n[]", "Grailbird.data.tweets_2014_05", " \n[]", 1},
        {"\n\n [1]", "", "[1]", 3},
        {"{\"a\":\"x = y\"}", "", "{\"a\":\"x = y\"}", 1},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct memory_source memory;
        struct js_wrapper wrapper;
        char json[64] = "";
        memory_source_init(&memory, text_of(cases[i].file));
        assert_int_equal(js_wrapper_open(&wrapper, &memory.source, NULL), 0);
        assert_true(text_equal(wrapper.global, text_of(cases[i].global)));
        assert_true(byte_source_fill(&wrapper.source, json, sizeof json - 1, NULL) > 0);
        assert_string_equal(json, cases[i].json);
        assert_int_equal(wrapper.line, cases[i].line);
        assert_int_equal(wrapper.offset, strlen(cases[i].file) - strlen(cases[i].json));
    }
}

static void what_is_no_wrapper(void **state)
{
    static const char *const files[] = {"",     "   ", "alice\nbob\n", "window.YTD.following", "alert(1); x = [1]",
                                        "= [1]"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct memory_source memory;
        struct js_wrapper wrapper;
        memory_source_init(&memory, text_of(files[i]));
        int rc = js_wrapper_open(&wrapper, &memory.source, NULL);
        assert_true(rc == E_BAD_INPUT || wrapper.at == wrapper.end); /* nothing but blanks: no JSON either */
    }
}

static void globals(void **state)
{
    struct text type;
    unsigned part = 7;
    (void)state;
    assert_true(js_global_split(TEXT("YTD.direct_messages_group.part3"), &type, &part));
    assert_text(type, "direct_messages_group");
    assert_int_equal(part, 3);
    assert_true(js_global_split(TEXT("YTD.tweets"), &type, &part));
    assert_int_equal(part, 0);
    assert_false(js_global_split(TEXT("YTD.tweets.part"), &type, &part));
    assert_false(js_global_split(TEXT("YTD.tweets.part99999999"), &type, &part));
    assert_false(js_global_split(TEXT("YTD."), &type, &part));
    assert_false(js_global_split(TEXT("__THAR_CONFIG"), &type, &part));
}

static void names_that_stay_closed(void **state)
{
    static const char *const closed[] = {
        "data/direct-messages.js",
        "direct-messages-group-part1.js",
        "x\\data\\Direct-Message-Headers.js",
        "contact.js",
        "data/email-address-change.js",
        "phone-number.js",
        "data/ip-audit.js",
        "device-token.js",
        "ni-devices.js",
        "account-creation-ip.js",
        "direct-message-mute.js",
        "grok-chat-item.js",
        "sso.js",
        "key-registry.js",
        "messages.json",
    };
    static const char *const open[] = {
        "data/following.js",
        "follower-part2.js",
        "data/account.js",
        "tweets.js",
        "contacts.csv",
        "messengers.js",
        "data/direct-messages.js/following.js",
        "ssoh_follows.json",
        "block.js",
        "mute.js",
        "messages.txt",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(closed); i++)
        if (!private_name(text_of(closed[i])))
            fail_msg("%s is taken for open", closed[i]);
    for (size_t i = 0; i < ARRAY_LEN(open); i++)
        if (private_name(text_of(open[i])))
            fail_msg("%s is taken for closed", open[i]);
}

static void sources_read_in_order_and_anywhere(void **state)
{
    char path[] = "/tmp/skein-source-XXXXXX";
    char got[16] = "";
    struct fd_source file;
    struct cursor_source cursor;
    (void)state;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    unlink(path);
    assert_int_equal(write(fd, "0123456789", 10), 10);
    assert_int_equal(fd_source_init(&file, fd, NULL), 0);
    assert_int_equal(file.source.size, 10);
    assert_int_equal(byte_source_fill_at(&file.source, 7, got, 8, NULL), 3);
    assert_string_equal(got, "789");
    assert_int_equal(byte_source_fill_at(&file.source, 70, got, 8, NULL), 0);
    cursor_source_init(&cursor, &file.source);
    assert_int_equal(byte_source_fill(&cursor.source, got, 4, NULL), 4);
    assert_memory_equal(got, "0123", 4);
    assert_int_equal(byte_source_fill(&file.source, got, 15, NULL), 10); /* its own place */
    assert_int_equal(byte_source_fill(&cursor.source, got, 15, NULL), 6);
    assert_memory_equal(got, "456789", 6);
    close(fd);
    struct err err = {.code = 0};
    assert_int_equal(byte_source_fill_at(&file.source, 0, got, 1, &err), E_IO);
    assert_non_null(strstr(err.text, "cannot be read at byte 0"));
}

static void pipes_are_no_files(void **state)
{
    int ends[2];
    struct fd_source file;
    struct err err = {.code = 0};
    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fd_source_init(&file, ends[0], &err), E_BAD_INPUT);
    assert_string_equal(err.text, "this is no regular file; save it as one first");
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handles),
        cmocka_unit_test(references),
        cmocka_unit_test(ids),
        cmocka_unit_test(dates),
        cmocka_unit_test(escapes),
        cmocka_unit_test(wrappers),
        cmocka_unit_test(what_is_no_wrapper),
        cmocka_unit_test(globals),
        cmocka_unit_test(names_that_stay_closed),
        cmocka_unit_test(sources_read_in_order_and_anywhere),
        cmocka_unit_test(pipes_are_no_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

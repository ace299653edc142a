/* tests/unit/fetch/test_event_stream.c
 *
 * Events out of a stream of bytes, wherever it is cut.
 */
#include "base/cleanup.h"
#include "base/err.h"
#include "fetch/event_stream.h"
#include "lib/check.h"

#include <string.h>

static void note(void *context, struct text name, struct text data)
{
    buf_printf(context, "[%.*s|%.*s]", TEXT_ARG(name), TEXT_ARG(data));
}

static const char stream[] = ":\n\n"
                             "event: line\ndata: {\"a\":1}\n\n"
                             "event: progress\r\ndata: one\r\ndata:  two\r\n\r\n"
                             ": a comment\nid: 7\nretry: 1\ndata:none\n\n"
                             "event: nothing\n\n"
                             "data\n\n"
                             "event: end\ndata: {}\n\n"
                             "event: cut\ndata: x\n";
static const char expected[] = "[line|{\"a\":1}][progress|one\n two][message|none][message|][end|{}]";

static void test_in_pieces_of_any_size(void **state)
{
    (void)state;
    for (size_t piece = 1; piece <= sizeof stream; piece++) {
        CLEANUP(buf_release) struct buf noted;
        CLEANUP(event_stream_release) struct event_stream events;
        buf_init(&noted, 4096);
        event_stream_init(&events, 1024);
        for (size_t at = 0; at < strlen(stream); at += piece)
            assert_int_equal(event_stream_take(&events, text_slice(text_of(stream), at, at + piece), note, &noted), 0);
        assert_string_equal(buf_string(&noted), expected);
    }
}

static void test_too_much_is_refused(void **state)
{
    static const char *const large[] = {"data: 0123456789abcdef0123456789", "data: 0123456789\ndata: 0123456789\n"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(large); i++) {
        CLEANUP(buf_release) struct buf noted;
        CLEANUP(event_stream_release) struct event_stream events;
        buf_init(&noted, 4096);
        event_stream_init(&events, 20);
        assert_int_equal(event_stream_take(&events, text_of(large[i]), note, &noted), E_TOO_LARGE);
        assert_int_equal(noted.len, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_in_pieces_of_any_size),
                                       cmocka_unit_test(test_too_much_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tests/unit/views/test_import_view.c
 *
 * The line that scripts rely on, read again, and the same in words.
 */
#include "base/cleanup.h"
#include "lib/check.h"
#include "views/import_view.h"

#include <string.h>

static const struct import_skipped skipped[] = {
    {.file = TEXT_INIT("a.zip: data/following.js"), .line = 17, .why = TEXT_INIT("it has no id")},
    {.file = TEXT_INIT("a.zip: data/following.js"), .line = 18, .why = TEXT_INIT("it has no id")},
};

static struct import_line following(void)
{
    return (struct import_line){.import = {"01JAAAAAAAAAAAAAAAAAAAAAAA"},
                                .file = TEXT("a.zip"),
                                .list = TEXT("following"),
                                .source = TEXT("archive"),
                                .day = TEXT("2024-11-14"),
                                .read = 4871,
                                .added = 4800,
                                .dropped = 3,
                                .unchanged = 71,
                                .resolved = {.total = 2103, .own = 1200, .others = 903},
                                .skipped = skipped,
                                .n_skipped = 2,
                                .skipped_total = 9,
                                .facts = 2310};
}

static void test_the_json_line(void **state)
{
    CLEANUP(buf_release) struct buf out;
    const struct import_line line = following();
    (void)state;
    buf_init(&out, 4096);
    assert_int_equal(import_view_json(&line, &out), 0);
    assert_string_equal(
        buf_string(&out),
        "{\"import\":\"01JAAAAAAAAAAAAAAAAAAAAAAA\",\"file\":\"a.zip\",\"list\":\"following\",\"source\":\"archive\","
        "\"day\":\"2024-11-14\",\"read\":4871,\"added\":4800,\"dropped\":3,\"unchanged\":71,"
        "\"resolved\":{\"total\":2103,\"own\":1200,\"others\":903},"
        "\"skipped\":[{\"file\":\"a.zip: data/following.js\",\"line\":17,\"why\":\"it has no id\"},"
        "{\"file\":\"a.zip: data/following.js\",\"line\":18,\"why\":\"it has no id\"}],"
        "\"skipped_total\":9,\"facts\":2310}\n");
}

static void test_a_file_that_gave_nothing(void **state)
{
    CLEANUP(buf_release) struct buf out;
    const struct import_line line = {.file = TEXT("b.zip"), .error = TEXT("this is no zip")};
    (void)state;
    buf_init(&out, 4096);
    assert_int_equal(import_view_json(&line, &out), 0);
    assert_string_equal(buf_string(&out),
                        "{\"import\":null,\"file\":\"b.zip\",\"list\":null,\"error\":\"this is no zip\"}\n");
    buf_clear(&out);
    assert_int_equal(import_view_words(&line, 80, &out), 0);
    assert_string_equal(buf_string(&out), "b.zip: this is no zip\n");
}

static struct import_line with_a_note(void)
{
    struct import_line line = following();
    line.note = TEXT("a newer list is there");
    line.n_skipped = line.skipped_total = 0;
    return line;
}

static void test_a_note_is_said(void **state)
{
    CLEANUP(buf_release) struct buf out;
    const struct import_line line = with_a_note();
    (void)state;
    buf_init(&out, 4096);
    assert_int_equal(import_view_json(&line, &out), 0);
    assert_non_null(strstr(buf_string(&out), ",\"facts\":2310,\"note\":\"a newer list is there\"}\n"));
    buf_clear(&out);
    assert_int_equal(import_view_words(&line, 80, &out), 0);
    assert_non_null(strstr(buf_string(&out), "\n  a newer list is there\n"));
}

static void test_a_line_is_read_again(void **state)
{
    CLEANUP(buf_release) struct buf out;
    CLEANUP(buf_release) struct buf again;
    CLEANUP(arena_release) struct arena arena;
    const struct import_line lines[] = {following(), with_a_note(), {.file = TEXT("b.zip"), .error = TEXT("no zip")}};
    (void)state;
    buf_init(&out, 4096);
    buf_init(&again, 4096);
    arena_init(&arena, 1 << 16);
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        struct import_line line;
        struct err err = {0};
        buf_clear(&out);
        buf_clear(&again);
        assert_int_equal(import_view_json(&lines[i], &out), 0);
        assert_int_equal(import_view_read(buf_text(&out), &arena, &line, &err), 0);
        assert_int_equal(import_view_json(&line, &again), 0);
        assert_string_equal(buf_string(&again), buf_string(&out));
    }
}

static void test_what_is_no_line(void **state)
{
    static const char *const wrong[] = {"", "[]", "{}", "{\"file\":1}", "{\"file\":\"a\",\"import\":\"01\"}"};
    CLEANUP(arena_release) struct arena arena;
    (void)state;
    arena_init(&arena, 1 << 16);
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct import_line line;
        struct err err = {0};
        assert_int_equal(import_view_read(text_of(wrong[i]), &arena, &line, &err), E_BAD_INPUT);
        assert_true(err.text[0] != '\0');
    }
}

static void test_words(void **state)
{
    CLEANUP(buf_release) struct buf out;
    struct import_line line = following();
    (void)state;
    buf_init(&out, 4096);
    line.file = TEXT("\033[31ma.zip");
    assert_int_equal(import_view_words(&line, 60, &out), 0);
    assert_string_equal(buf_string(&out), "[31ma.zip: a following list of 2024-11-14\n"
                                          "  4871 accounts read: 4800 new, 71 there already, 3 no\n"
                                          "    longer in it.\n"
                                          "  2103 with a handle, 2768 known by number only.\n"
                                          "  903 of the handles come from what others brought.\n"
                                          "  2310 accounts are named in what was read.\n"
                                          "  a.zip: data/following.js, line 17 skipped: it has no id\n"
                                          "  a.zip: data/following.js, line 18 skipped: it has no id\n"
                                          "  7 more lines skipped.\n");
}

static void test_blocks_are_said_to_be_sealed(void **state)
{
    CLEANUP(buf_release) struct buf out;
    const struct import_line line = {.file = TEXT("a.zip"), .list = TEXT("blocks"), .read = 7, .added = 7};
    (void)state;
    buf_init(&out, 4096);
    assert_int_equal(import_view_words(&line, 80, &out), 0);
    assert_string_equal(buf_string(&out), "a.zip: a block list\n  7 accounts read: 7 new.\n"
                                          "  Kept sealed, for this member alone, and wiped after seven days.\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_json_line),
                                       cmocka_unit_test(test_a_file_that_gave_nothing),
                                       cmocka_unit_test(test_a_note_is_said),
                                       cmocka_unit_test(test_a_line_is_read_again),
                                       cmocka_unit_test(test_what_is_no_line),
                                       cmocka_unit_test(test_words),
                                       cmocka_unit_test(test_blocks_are_said_to_be_sealed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tests/unit/views/test_terminal.c
 *
 * Cells of a known width, with nothing in them that a terminal would obey.
 */
#include "base/cleanup.h"
#include "lib/check.h"
#include "views/terminal.h"

static const struct {
    const char *in;
    size_t width;
    const char *cell;
} cells[] = {
    {"ada", 5, "ada  "},
    {"adalovelace", 5, "adal…"},
    {"日本語", 6, "日本語"},
    {"日本語", 5, "日本…"},
    {"日本語", 4, "日… "}, /* half of a wide letter would not fit */
    {"a\x1b[31mred", 12, "a[31mred    "},
    {"a\nb\tc", 5, "abc  "},
    {"\u202e"
     "evil\u202c",
     6, "evil  "},
    {"e\u0301t", 3, "e\u0301t "}, /* a mark takes no column */
    {"a\xFF"
     "b",
     4, "ab  "},
    {"", 3, "   "},
};

static void test_cells(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cells); i++) {
        CLEANUP(buf_release) struct buf out;
        buf_init(&out, 100);
        assert_int_equal(terminal_cell(&out, text_of(cells[i].in), cells[i].width, false), 0);
        assert_string_equal(buf_string(&out), cells[i].cell);
        assert_int_equal(terminal_width(buf_text(&out)), cells[i].width);
    }
}

static void test_last_cell_is_not_filled(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, 100);
    assert_int_equal(terminal_cell(&out, TEXT("ada"), 10, true), 0);
    assert_string_equal(buf_string(&out), "ada");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cells), cmocka_unit_test(test_last_cell_is_not_filled)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

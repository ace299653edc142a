/* tests/unit/graph/test_sealed_list.c
 *
 * Blocks and mutes come out of their blob as they went in, and damage is noticed.
 */
#include "graph/sealed_list.h"

#include "base/cleanup.h"
#include "base/limits.h"
#include "lib/check.h"

static const struct sealed_entry entries[] = {
    {.id = UINT64_C(18446744073709551615), .whole = true},
    {.id = 12, .handle = TEXT_INIT("Red_Kite")},
    {.handle = TEXT_INIT("x"), .whole = true},
};

static void write_list(struct buf *out)
{
    assert_int_equal(sealed_list_begin(20000, out), 0);
    for (size_t i = 0; i < ARRAY_LEN(entries); i++)
        assert_int_equal(sealed_list_add(&entries[i], out), 0);
}

static void a_list_comes_out_as_it_went_in(void **state)
{
    CLEANUP(buf_release) struct buf blob;
    struct sealed_reader reader;
    struct sealed_entry entry;
    struct err err = {0};
    (void)state;
    buf_init(&blob, KIB);
    write_list(&blob);
    assert_int_equal(sealed_reader_init(&reader, buf_text(&blob), &err), 0);
    assert_int_equal(reader.day, 20000);
    for (size_t i = 0; i < ARRAY_LEN(entries); i++) {
        assert_int_equal(sealed_reader_next(&reader, &entry, &err), 1);
        assert_true(entry.id == entries[i].id);
        assert_true(text_equal(entry.handle, entries[i].handle));
        assert_int_equal(entry.whole, entries[i].whole);
    }
    assert_int_equal(sealed_reader_next(&reader, &entry, &err), 0);
}

/* Reads a blob to its end or its damage: entries, or an error. */
static int read_all(struct text blob)
{
    struct sealed_reader reader;
    struct sealed_entry entry;
    struct err err = {0};
    int n = 0;
    int rc = sealed_reader_init(&reader, blob, &err);
    while (rc == 0 && (rc = sealed_reader_next(&reader, &entry, &err)) == 1) {
        n++;
        rc = 0;
    }
    return rc < 0 ? rc : n;
}

static void every_cut_is_noticed_or_ends_an_entry(void **state)
{
    CLEANUP(buf_release) struct buf blob;
    size_t whole = 0;
    (void)state;
    buf_init(&blob, KIB);
    write_list(&blob);
    for (size_t len = 0; len < blob.len; len++) {
        int n = read_all(text_slice(buf_text(&blob), 0, len));
        assert_true(n == E_BAD_INPUT || n < (int)ARRAY_LEN(entries));
        whole += n >= 0;
    }
    assert_int_equal(whole, ARRAY_LEN(entries)); /* behind the day, and behind each entry but the last */
}

static void what_is_none_is_refused(void **state)
{
    (void)state;
    assert_int_equal(read_all(TEXT_NONE), E_BAD_INPUT);
    assert_int_equal(read_all(TEXT("\2\0")), E_BAD_INPUT);
    assert_int_equal(read_all(TEXT("\1\0\0")), E_BAD_INPUT);                  /* neither id nor handle */
    assert_int_equal(read_all(TEXT("\1\0\10aaaaaaaaaaaaaaaa")), E_BAD_INPUT); /* a bit of a later version */
    assert_int_equal(read_all(TEXT("\1\0\2\0\0\0\0\0\0\0\0")), E_BAD_INPUT);  /* an id of 0 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_comes_out_as_it_went_in),
        cmocka_unit_test(every_cut_is_noticed_or_ends_an_entry),
        cmocka_unit_test(what_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

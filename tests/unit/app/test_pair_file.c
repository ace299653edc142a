/* tests/unit/app/test_pair_file.c
 *
 * Pairs from a CSV: which columns it must have, and that a bad row is named and the others are taken.
 */
#include "app/pair_file.h"
#include "base/cleanup.h"
#include "lib/check.h"
#include "lib/scratch.h"

#include <inttypes.h>
#include <string.h>

struct bad_rows {
    size_t n;
    uint64_t lines[8];
};

static void on_bad(void *context, uint64_t line, const char *why)
{
    struct bad_rows *bad = context;
    assert_non_null(why);
    assert_true(bad->n < ARRAY_LEN(bad->lines));
    bad->lines[bad->n++] = line;
}

static int read_file(const char *content, json_t *pairs, struct bad_rows *bad, struct err *err)
{
    struct scratch scratch;
    scratch_make(&scratch);
    const char *path = scratch_name(&scratch, "", "pairs.csv");
    scratch_write(path, text_of(content));
    *bad = (struct bad_rows){0};
    int rc = pair_file_read(path, pairs, on_bad, bad, err);
    scratch_remove(&scratch);
    return rc;
}

static void test_columns_by_name(void **state)
{
    CLEANUP_JSON json_t *pairs = json_array();
    struct bad_rows bad;
    struct err err = {0};
    (void)state;
    assert_int_equal(read_file("State,profile,X_ID,network,x_handle\r\n"
                               "confirmed,did:plc:a,34,Bluesky, alice_1 \r\n"
                               "confirmed,did:plc:b,,bluesky,bo\r\n",
                               pairs, &bad, &err),
                     0);
    assert_int_equal(bad.n, 0);
    assert_int_equal(json_array_size(pairs), 2);
    const json_t *first = json_array_get(pairs, 0);
    assert_int_equal(json_i64_at(first, "line", 0), 2);
    assert_text(json_text_at(first, "x_handle"), "alice_1");
    assert_text(json_text_at(first, "x_id"), "34");
    assert_text(json_text_at(first, "network"), "bluesky");
    assert_text(json_text_at(first, "profile"), "did:plc:a");
    assert_true(json_is_null(json_object_get(json_array_get(pairs, 1), "x_id")));
}

static void test_bad_rows_are_named_and_the_others_taken(void **state)
{
    CLEANUP_JSON json_t *pairs = json_array();
    struct bad_rows bad;
    struct err err = {0};
    (void)state;
    assert_int_equal(read_file("x_handle,network,profile\n"
                               ",bluesky,did:plc:a\n"
                               "bo,bluesky,did:plc:b\n"
                               "carol,,did:plc:c\n"
                               "dora,bluesky\n",
                               pairs, &bad, &err),
                     0);
    assert_int_equal(json_array_size(pairs), 1);
    assert_int_equal(bad.n, 3);
    assert_int_equal(bad.lines[0], 2);
    assert_int_equal(bad.lines[1], 4);
    assert_int_equal(bad.lines[2], 5);
}

static const struct {
    const char *content;
    const char *says;
} nothing[] = {
    {"", "the file is empty"},
    {"handle,did\nbo,did:plc:b\n", "x_handle,network,profile"},
    {"network,profile\nbluesky,did:plc:b\n", "x_handle,network,profile"},
    {"x_handle,network,profile\n", "no row of it is a pair"},
    {"x_handle,network,profile\n,,\n", "no row of it is a pair"},
};

static void test_files_that_give_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(nothing); i++) {
        CLEANUP_JSON json_t *pairs = json_array();
        struct bad_rows bad;
        struct err err = {0};
        assert_int_equal(read_file(nothing[i].content, pairs, &bad, &err), E_BAD_INPUT);
        if (!strstr(err.text, nothing[i].says) || !strstr(err.text, "pairs.csv"))
            fail_msg("%zu: %s", i, err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns_by_name),
        cmocka_unit_test(test_bad_rows_are_named_and_the_others_taken),
        cmocka_unit_test(test_files_that_give_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

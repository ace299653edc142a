/* tests/unit/app/test_known_pairs.c
 *
 * Pairs that somebody vouches for, and what is said of files that do not hold them.
 */
#include "app/known_pairs.h"
#include "base/cleanup.h"
#include "lib/check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/skein-pairs-XXXXXX";

static int read_pairs(const char *content, struct known_pairs *known, struct err *err)
{
    FILE *out = fopen(path, "we");
    fputs(content, out);
    fclose(out);
    *err = (struct err){0};
    return known_pairs_read(known, path, TEXT("bluesky"), err);
}

static void test_rows_of_this_network_are_taken(void **state)
{
    (void)state;
    CLEANUP(known_pairs_release) struct known_pairs known;
    struct err err;
    assert_int_equal(read_pairs("network,x_handle,note,profile\r\n"
                                "bluesky,@Ada_Q,\"met, twice\",did:plc:ada\r\n"
                                "threads,ada_q,,12345\r\n"
                                "Bluesky, bo ,,did:web:bo.example.org\r\n",
                                &known, &err),
                     0);
    assert_int_equal(known.n, 2);
    assert_text(known.pairs[0].x_handle, "Ada_Q");
    assert_text(known.pairs[0].profile_id, "did:plc:ada");
    assert_int_equal(known.pairs[0].state, PAIR_PROVEN);
    assert_text(known.pairs[1].x_handle, "bo");
    assert_text(known.pairs[1].profile_id, "did:web:bo.example.org");
}

static void test_what_pairs_export_wrote_is_read(void **state)
{
    (void)state;
    CLEANUP(known_pairs_release) struct known_pairs known;
    struct err err;
    assert_int_equal(read_pairs("x_handle,x_id,network,profile,state\r\n"
                                ",12345678901234567,bluesky,did:plc:by-id,confirmed\r\n"
                                "ada_q,,bluesky,did:plc:ada,proven\r\n",
                                &known, &err),
                     0);
    assert_int_equal(known.n, 1);
    assert_text(known.pairs[0].x_handle, "ada_q");
    assert_text(known.pairs[0].profile_id, "did:plc:ada");
}

static const struct {
    const char *content;
    const char *sentence; /* behind the path */
} wrong[] = {
    {"", ": the file is empty; its first line must be x_handle,network,profile"},
    {"handle,did\nada,did:plc:ada\n",
     ": the first line must name the columns x_handle,network,profile; 'x_handle' is missing"},
    {"x_handle,network,profile\nada,bluesky,did:plc:a\nbo,bluesky,\n",
     ": line 3: a pair needs an X handle and a profile"},
    {"x_handle,network,profile\nada,bluesky,ada.bsky.social\n",
     ": line 2: the profile must be a DID (did:plc:...), not 'ada.bsky.social': handles change owners"},
};

static void test_a_wrong_row_fails_the_whole_with_its_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        CLEANUP(known_pairs_release) struct known_pairs known;
        struct err err;
        assert_true(read_pairs(wrong[i].content, &known, &err) < 0);
        assert_true(text_starts(text_of(err.text), text_of(path)));
        assert_string_equal(err.text + strlen(path), wrong[i].sentence);
    }
}

static void test_a_missing_file(void **state)
{
    (void)state;
    CLEANUP(known_pairs_release) struct known_pairs known;
    struct err err = {0};
    assert_int_equal(known_pairs_read(&known, "/nowhere.csv", TEXT("bluesky"), &err), E_NOT_FOUND);
    assert_string_equal(err.text, "/nowhere.csv: there is no such file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_of_this_network_are_taken),
        cmocka_unit_test(test_what_pairs_export_wrote_is_read),
        cmocka_unit_test(test_a_wrong_row_fails_the_whole_with_its_line),
        cmocka_unit_test(test_a_missing_file),
    };
    close(mkstemp(path));
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    return failed;
}

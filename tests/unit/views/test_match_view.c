/* tests/unit/views/test_match_view.c
 *
 * The line that scripts rely on, the CSV, the table.
 */
#include "base/cleanup.h"
#include "base/json.h"
#include "lib/check.h"
#include "views/match_view.h"

#include <string.h>

static const struct x_account ada = {.id = UINT64_C(12345678901234567), .handle = {"Ada_Q", 5}, .name = {"Ada", 3}};
static const struct x_account bo = {.handle = {"bo", 2}, .name = {"=Bo", 3}};
static const struct x_account numbered = {.id = 77};
static const struct profile ada_there = {
    .id = {"did:plc:ada", 11}, .handle = {"ada.example.org", 15}, .name = {"Ada Q", 5}};
static const struct profile other = {.id = {"did:plc:oth", 11}, .handle = {"ada.test", 8}};

static struct match likely(void)
{
    return (struct match){.x = &ada,
                          .lookup = LOOKUP_FOUND,
                          .best = {.profile = &ada_there,
                                   .state = PAIR_LIKELY,
                                   .p = 0.99912345,
                                   .evidence = {{"names_x", "link", 11.23}, {"handle", "own-domain", 6.21}},
                                   .n_evidence = 2},
                          .others = {{.profile = &other, .p = 0.31}},
                          .n_others = 1};
}

static void test_the_json_line(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf out;
    const struct match match = likely();
    buf_init(&out, 4096);
    assert_int_equal(match_view_json(&match, "bluesky", &out), 0);
    assert_string_equal(
        buf_string(&out),
        "{\"x\":{\"id\":\"12345678901234567\",\"handle\":\"Ada_Q\",\"name\":\"Ada\"},\"network\":\"bluesky\","
        "\"lookup\":\"found\",\"state\":\"likely\",\"profile\":{\"id\":\"did:plc:ada\",\"handle\":\"ada.example.org\","
        "\"name\":\"Ada Q\"},\"p\":0.9991,\"evidence\":[{\"kind\":\"names_x\",\"level\":\"link\",\"weight\":11.2},"
        "{\"kind\":\"handle\",\"level\":\"own-domain\",\"weight\":6.2}],\"others\":[{\"profile\":{\"id\":\"did:plc:"
        "oth\","
        "\"handle\":\"ada.test\",\"name\":null},\"p\":0.31}]}\n");
}

static void test_nobody_is_null_and_why_is_said(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf out;
    const struct match match = {.x = &numbered, .lookup = LOOKUP_COULD_NOT_LOOK, .why = "only its number is known"};
    buf_init(&out, 4096);
    assert_int_equal(match_view_json(&match, "bluesky", &out), 0);
    CLEANUP_JSON json_t *line = json_from_text(buf_text(&out), NULL);
    assert_true(json_is_null(json_object_get(line, "profile")));
    assert_true(json_is_null(json_object_get(json_object_get(line, "x"), "handle")));
    assert_text(json_text_at(line, "state"), "none");
    assert_text(json_text_at(line, "lookup"), "could_not_look");
    assert_text(json_text_at(line, "why"), "only its number is known");
    assert_int_equal(json_array_size(json_object_get(line, "others")), 0);
}

static void test_csv_rows_are_as_wide_as_the_header(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf out;
    const struct match nobody = {.x = &bo, .lookup = LOOKUP_NOT_FOUND};
    buf_init(&out, 4096);
    assert_int_equal(match_view_csv_header(&out), 0);
    assert_int_equal(match_view_csv(&nobody, "bluesky", &out), 0);
    struct text rest = buf_text(&out);
    struct text header;
    struct text row;
    assert_true(text_cut(&rest, '\n', &header) && text_cut(&rest, '\n', &row));
    size_t commas[2] = {0};
    for (size_t i = 0; i < header.len; i++)
        commas[0] += header.data[i] == ',';
    for (size_t i = 0; i < row.len; i++)
        commas[1] += row.data[i] == ',';
    assert_int_equal(commas[0], commas[1]);
    assert_true(text_find(row, TEXT("'=Bo"), 0) != TEXT_NOWHERE); /* a spreadsheet would run it */
}

static void test_the_table(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf out;
    const struct match matches[] = {
        likely(),
        {.x = &bo, .lookup = LOOKUP_NOT_FOUND},
        {.x = &bo, .lookup = LOOKUP_COULD_NOT_LOOK, .why = "bluesky is down"},
        {.x = &numbered, .lookup = LOOKUP_COULD_NOT_LOOK, .why = "only its number is known"},
        {.x = &bo, .lookup = LOOKUP_FOUND, .best = {.profile = &other, .state = PAIR_POSSIBLE, .p = 0.4}},
    };
    buf_init(&out, 8192);
    assert_int_equal(match_view_table(matches, ARRAY_LEN(matches), "Bluesky", 100, false, &out), 0);
    const char *table = buf_string(&out);
    assert_non_null(strstr(table, "Here (1)\n"));
    assert_non_null(strstr(table, "@Ada_Q"));
    assert_non_null(strstr(table, "almost surely"));
    assert_non_null(strstr(table, "Could not look (1)\n"));
    assert_non_null(strstr(table, "bluesky is down"));
    assert_null(strstr(table, "Not found ("));
    assert_non_null(strstr(table,
                           "On Bluesky: 1 here, 1 maybe, 1 not found, 1 could not be looked for, 1 known by number "
                           "only.\n"));
    for (const char *line = table; *line;) {
        size_t len = strcspn(line, "\n");
        assert_true(len <= 120); /* bytes; every cell here is ASCII but the ellipsis */
        line += len + (line[len] == '\n');
    }

    buf_clear(&out);
    assert_int_equal(match_view_table(matches, ARRAY_LEN(matches), "Bluesky", 60, true, &out), 0);
    assert_non_null(strstr(buf_string(&out), "Not found (1)\n"));
    assert_non_null(strstr(buf_string(&out), "no. 77"));
}

static void test_a_profile_without_a_handle_is_shown_by_its_id(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf out;
    const struct profile unseen = {.id = TEXT("did:plc:abcdefghijklmnopqrstuvwx")};
    const struct match match = {
        .x = &ada, .lookup = LOOKUP_FOUND, .best = {.profile = &unseen, .state = PAIR_CONFIRMED, .p = 1}};
    buf_init(&out, 4096);
    assert_int_equal(match_view_table(&match, 1, "Bluesky", 100, false, &out), 0);
    assert_non_null(strstr(buf_string(&out), "@Ada_Q    did:plc:abcdefghijklmnopqrstuvwx  "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_json_line),
        cmocka_unit_test(test_nobody_is_null_and_why_is_said),
        cmocka_unit_test(test_csv_rows_are_as_wide_as_the_header),
        cmocka_unit_test(test_the_table),
        cmocka_unit_test(test_a_profile_without_a_handle_is_shown_by_its_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

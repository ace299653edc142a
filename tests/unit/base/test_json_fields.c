/* tests/unit/base/test_json_fields.c
 *
 * Objects read by a table: what is taken, and what is refused.
 */
#include "base/cleanup.h"
#include "base/json_fields.h"
#include "lib/check.h"

struct record {
    struct text name;
    struct json_texts paths;
    uint64_t budget;
    const json_t *rows;
};

static const struct json_field fields[] = {
    JSON_FIELD(struct record, name, JSON_FIELD_TEXT, true),
    JSON_FIELD(struct record, paths, JSON_FIELD_TEXTS, false),
    JSON_FIELD(struct record, budget, JSON_FIELD_COUNT, false),
    JSON_FIELD(struct record, rows, JSON_FIELD_ARRAY, false),
};

static int read_json(const char *words, struct arena *arena, json_t **ret_value, struct record *record, struct err *err)
{
    *err = (struct err){0};
    *ret_value = json_from_text(text_of(words), err);
    assert_non_null(*ret_value);
    return json_read_fields(*ret_value, fields, ARRAY_LEN(fields), arena, record, err);
}

static void test_takes_what_the_table_names(void **state)
{
    CLEANUP(arena_release) struct arena arena;
    CLEANUP_JSON json_t *value = NULL;
    struct record record = {.budget = 7};
    struct err err;
    (void)state;
    arena_init(&arena, 1 << 16);
    assert_int_equal(read_json("{\"name\":\"potters\",\"paths\":[\"/a\",\"/b\"],\"budget\":null,\"rows\":[1]}", &arena,
                               &value, &record, &err),
                     0);
    assert_text(record.name, "potters");
    assert_int_equal(record.paths.n, 2);
    assert_text(record.paths.items[1], "/b");
    assert_int_equal(record.budget, 7); /* a null is missing: what was there stays */
    assert_int_equal(json_array_size(record.rows), 1);
}

static const struct {
    const char *json;
    const char *sentence;
} wrong[] = {
    {"[]", "the body must be a JSON object"},
    {"{}", "'name' is missing"},
    {"{\"name\":null}", "'name' is missing"},
    {"{\"name\":\"a\",\"nmae\":1}", "there is no member 'nmae' here"},
    {"{\"name\":1}", "'name' must be a text"},
    {"{\"name\":\"a\",\"paths\":\"/a\"}", "'paths' must be a list of texts"},
    {"{\"name\":\"a\",\"paths\":[1]}", "'paths' must be a list of texts"},
    {"{\"name\":\"a\",\"budget\":-1}", "'budget' must be a whole number"},
    {"{\"name\":\"a\",\"budget\":1.5}", "'budget' must be a whole number"},
    {"{\"name\":\"a\",\"budget\":9007199254740993}", "'budget' must be a whole number"},
    {"{\"name\":\"a\",\"rows\":{}}", "'rows' must be a list"},
};

static void test_refuses_the_rest(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        CLEANUP(arena_release) struct arena arena;
        CLEANUP_JSON json_t *value = NULL;
        struct record record = {0};
        struct err err;
        arena_init(&arena, 1 << 16);
        assert_int_equal(read_json(wrong[i].json, &arena, &value, &record, &err), E_BAD_INPUT);
        assert_string_equal(err.text, wrong[i].sentence);
    }
}

static void test_memory_is_bounded(void **state)
{
    CLEANUP(arena_release) struct arena arena;
    CLEANUP_JSON json_t *value = NULL;
    struct record record = {0};
    struct err err;
    (void)state;
    arena_init(&arena, 4);
    assert_int_equal(read_json("{\"name\":\"a name of some length\"}", &arena, &value, &record, &err), E_NOMEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_takes_what_the_table_names),
                                       cmocka_unit_test(test_refuses_the_rest),
                                       cmocka_unit_test(test_memory_is_bounded)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

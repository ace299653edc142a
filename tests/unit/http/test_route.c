/* tests/unit/http/test_route.c
 *
 * The route table and the target, without a server.
 */
#include "house.h"

#include "http/inside.h"

static int nothing(struct op *op)
{
    (void)op;
    return OP_NEXT;
}

static const struct op_step steps[] = {STEP(nothing, ON_LOOP), STEP_END};

#define ROW(method, path)                                                                                              \
    {                                                                                                                  \
        method, path, steps, HTTP_BODY_NONE, 0, 0                                                                      \
    }

static const struct http_route rows[] = {
    ROW("GET", "/"),
    ROW("GET", "/c/new"),
    ROW("GET", "/c/:slug"),
    ROW("PATCH", "/c/:name"), /* the same address under another name */
    {"POST", "/c", steps, HTTP_BODY_WHOLE, 10, 0},
    ROW("GET", "/c"),
    ROW("DELETE", "/c/:slug/m/:id"),
    ROW("GET", "/a/b/c/d/e/f/g/h/i/j/k/l"),
};

static void finds_the_row_and_its_parameters(void **state)
{
    (void)state;
    static const struct {
        const char *method;
        const char *path;
        int row; /* -1: none */
        unsigned status;
        const char *params[2];
    } cases[] = {
        {"GET", "/", 0, 0, {0}},
        {"HEAD", "/", 0, 0, {0}},
        {"POST", "/", -1, 405, {0}},
        {"GET", "/c", 5, 0, {0}},
        {"POST", "/c", 4, 0, {0}},
        {"HEAD", "/c", 5, 0, {0}},
        {"GET", "/c/new", 1, 0, {0}},
        {"PATCH", "/c/new", -1, 405, {0}}, /* the first row that fits decides the address */
        {"GET", "/c/old", 2, 0, {"old"}},
        {"PATCH", "/c/old", 3, 0, {"old"}},
        {"DELETE", "/c/old", -1, 405, {0}},
        {"DELETE", "/c/x/m/y", 6, 0, {"x", "y"}},
        {"DELETE", "/c/x/n/y", -1, 404, {0}},
        {"GET", "/a/b/c/d/e/f/g/h/i/j/k/l", 7, 0, {0}},
        {"GET", "/a/b/c/d/e/f/g/h/i/j/k/l/m", -1, 404, {0}},
        {"GET", "/c/", -1, 404, {0}},
        {"GET", "//c", -1, 404, {0}},
        {"GET", "/c/..", -1, 404, {0}},
        {"GET", "/c/.", -1, 404, {0}},
        {"GET", "/c/...", 2, 0, {"..."}},
        {"GET", "/C", -1, 404, {0}},
        {"get", "/c", -1, 501, {0}},
        {"TRACE", "/c", -1, 501, {0}},
        {"PUT", "/nowhere", -1, 501, {0}},
        {"GET", "/nowhere", -1, 404, {0}},
    };
    struct route_table table;
    struct err err = {0};
    assert_int_equal(route_table_init(&table, rows, ARRAY_LEN(rows), &err), 0);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct text params[HTTP_PARAMS_MAX] = {0};
        unsigned status = 0;
        const struct http_route *row = route_find(&table, cases[i].method, text_of(cases[i].path), params, &status);
        if (row != (cases[i].row < 0 ? NULL : &rows[cases[i].row]) || (!row && status != cases[i].status))
            fail_msg("%s %s: %s, %u", cases[i].method, cases[i].path, row ? row->path : "nothing", status);
        for (size_t p = 0; p < 2; p++)
            assert_text(params[p], cases[i].params[p] ? cases[i].params[p] : "");
    }
    route_table_release(&table);
}

static void says_which_methods_an_address_has(void **state)
{
    (void)state;
    struct route_table table;
    struct err err = {0};
    char allow[ALLOW_MAX];
    assert_int_equal(route_table_init(&table, rows, ARRAY_LEN(rows), &err), 0);
    route_allow(&table, TEXT("/c"), allow);
    assert_string_equal(allow, "POST, GET, HEAD");
    route_allow(&table, TEXT("/c/x"), allow);
    assert_string_equal(allow, "GET, HEAD, PATCH");
    route_allow(&table, TEXT("/c/x/m/y"), allow);
    assert_string_equal(allow, "DELETE");
    route_allow(&table, TEXT("/x"), allow);
    assert_string_equal(allow, "");
    route_table_release(&table);
}

static void refuses_tables_that_hide_or_mean_nothing(void **state)
{
    (void)state;
    static const struct http_route bad[][2] = {
        {ROW("GET", "/c/:slug"), ROW("GET", "/c/new")}, /* the second can never be reached */
        {ROW("GET", "/c/:slug"), ROW("POST", "/c/new")},
        {ROW("GET", "/c/:slug"), ROW("GET", "/c/:name")},
        {ROW("GET", "/c"), ROW("GET", "/c")},
        {ROW("GET", "/"), ROW("HEAD", "/c")},
        {ROW("GET", "/"), ROW("TRACE", "/c")},
        {ROW("GET", "/"), ROW("get", "/c")},
        {ROW("GET", "/"), ROW("GET", "c")},
        {ROW("GET", "/"), ROW("GET", "/c/")},
        {ROW("GET", "/"), ROW("GET", "/c/../d")},
        {ROW("GET", "/"), ROW("GET", "/:a/:b/:c/:d/:e")},
        {ROW("GET", "/"), ROW("GET", "/a/b/c/d/e/f/g/h/i/j/k/l/m")},
        {ROW("GET", "/"), {"GET", "/c", NULL, HTTP_BODY_NONE, 0, 0}},
        {ROW("GET", "/"), {"POST", "/c", steps, HTTP_BODY_WHOLE, 0, 0}},
        {ROW("GET", "/"), {"POST", "/c", steps, HTTP_BODY_NONE, 5, 0}},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct route_table table;
        struct err err = {0};
        if (route_table_init(&table, bad[i], 2, &err) != E_BUG || !err.text[0])
            fail_msg("table %zu was taken", i);
        route_table_release(&table);
    }
}

static void decodes_targets(void **state)
{
    (void)state;
    static const struct {
        const char *raw;
        const char *path; /* NULL: refused */
        const char *query[4];
    } cases[] = {
        {"/", "/", {0}},
        {"/a%20b%C3%A9", "/a b\xc3\xa9", {0}},
        {"/a+b", "/a+b", {0}},
        {"/a?", "/a", {0}},
        {"/a?x=1&y=a%26b", "/a", {"x", "1", "y", "a&b"}},
        {"/a?x=a+b%2Bc&y", "/a", {"x", "a b+c", "y", ""}},
        {"/a?x=1=2&&=3", "/a", {"x", "1=2", "", "3"}},
        {"/a?x=%0A&y=/?", "/a", {"x", "\n", "y", "/?"}},
        {"/%e2%80%ae", "/\xe2\x80\xae", {0}},
        {"", NULL, {0}},
        {"a", NULL, {0}},
        {"http://h/a", NULL, {0}},
        {"/%", NULL, {0}},
        {"/%4", NULL, {0}},
        {"/%4g", NULL, {0}},
        {"/%2f", NULL, {0}},
        {"/%2F", NULL, {0}},
        {"/%00", NULL, {0}},
        {"/%7f", NULL, {0}},
        {"/%0d", NULL, {0}},
        {"/%c2%80", NULL, {0}}, /* U+0080, a control character */
        {"/%ff", NULL, {0}},
        {"/%c0%80", NULL, {0}},
        {"/%ed%a0%80", NULL, {0}},
        {"/a?x=%00", NULL, {0}},
        {"/a?x=%ff", NULL, {0}},
        {"/a?%ff=1", NULL, {0}},
        {"/a?x=%1b", NULL, {0}},
        {"/a b", NULL, {0}},
        {"/a#b", NULL, {0}},
        {"/\xc3\xa9", NULL, {0}},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena arena;
        char raw[64];
        struct text path;
        const struct http_field *query;
        size_t n;
        arena_init(&arena, 1 << 16);
        memcpy(raw, cases[i].raw, strlen(cases[i].raw) + 1);
        const char *wrong = target_decode(raw, strlen(raw), &arena, &path, &query, &n);
        if (!wrong != (cases[i].path != NULL))
            fail_msg("%s: %s", cases[i].raw, wrong ? wrong : "was taken");
        if (!wrong) {
            assert_text(path, cases[i].path);
            assert_int_equal(n, cases[i].query[2] ? 2 : cases[i].query[0] ? 1 : 0);
            for (size_t q = 0; q < n; q++) {
                assert_text(query[q].name, cases[i].query[2 * q]);
                assert_text(query[q].value, cases[i].query[2 * q + 1]);
            }
        }
        arena_release(&arena);
    }
}

static void a_query_has_a_most_number_of_parameters(void **state)
{
    (void)state;
    char raw[256] = "/?";
    struct text path;
    const struct http_field *query;
    size_t n;
    for (int pass = 0; pass < 2; pass++) {
        struct arena arena;
        size_t len = 2;
        arena_init(&arena, 1 << 16);
        for (int i = 0; i < 32 + pass; i++) {
            memcpy(raw + len, "a=b&", 4);
            len += 4;
        }
        assert_int_equal(target_decode(raw, len - 1, &arena, &path, &query, &n) == NULL, pass == 0);
        arena_release(&arena);
    }
}

static void statuses_of_error_codes(void **state)
{
    (void)state;
#define PRINT(name, number, word) assert_true(http_status_of(name) >= 400 && http_status_of(name) < 600);
    ERR_TABLE(PRINT)
#undef PRINT
    assert_int_equal(http_status_of(E_NOT_FOUND), 404);
    assert_int_equal(http_status_of(E_BUG), 500);
    assert_int_equal(http_status_of(-5), 500);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_row_and_its_parameters),         cmocka_unit_test(says_which_methods_an_address_has),
        cmocka_unit_test(refuses_tables_that_hide_or_mean_nothing), cmocka_unit_test(decodes_targets),
        cmocka_unit_test(a_query_has_a_most_number_of_parameters),  cmocka_unit_test(statuses_of_error_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tests/fuzz/fuzz_http_target.c
 *
 * Any bytes as a request target: what is taken is clean, and no path with "." or ".." in it finds a route.
 */
#include "base/limits.h"
#include "base/utf8.h"
#include "http/inside.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int nothing(struct op *op)
{
    (void)op;
    return OP_NEXT;
}

static const struct op_step steps[] = {STEP(nothing, ON_LOOP), STEP_END};
static const struct http_route rows[] = {
    {"GET", "/", steps, HTTP_BODY_NONE, 0, 0},
    {"GET", "/:a", steps, HTTP_BODY_NONE, 0, 0},
    {"GET", "/a/:b/c/:d", steps, HTTP_BODY_NONE, 0, 0},
    {"GET", "/:a/:b", steps, HTTP_BODY_NONE, 0, 0},
};

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void must_be_param(struct text param)
{
    must(!text_equal(param, TEXT(".")) && !text_equal(param, TEXT("..")));
    must(text_find_byte(param, '/', 0) == TEXT_NOWHERE);
}

static void look_up(struct text path)
{
    struct route_table table;
    struct text params[HTTP_PARAMS_MAX] = {0};
    unsigned status;
    if (route_table_init(&table, rows, ARRAY_LEN(rows), NULL) == 0 && route_find(&table, "GET", path, params, &status))
        for (size_t i = 0; i < HTTP_PARAMS_MAX; i++)
            must_be_param(params[i]);
    route_table_release(&table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct text path;
    const struct http_field *query;
    size_t n;
    char *target = malloc(size ? size : 1); /* of this size, so that a byte too far is seen */
    if (!target)
        return 0;
    memcpy(target, data, size);
    arena_init(&arena, MIB);
    if (!target_decode(target, size, &arena, &path, &query, &n)) {
        must(path.len > 0 && path.data[0] == '/' && utf8_valid(path));
        for (size_t i = 0; i < n; i++)
            must(utf8_valid(query[i].name) && utf8_valid(query[i].value));
        look_up(path);
    }
    arena_release(&arena);
    free(target);
    return 0;
}

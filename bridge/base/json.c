/* bridge/base/json.c
 *
 * Small helpers over jansson.
 */
#include "base/json.h"

#include "base/utf8.h"

json_t *json_from_text(struct text t, struct err *err)
{
    json_error_t problem;
    json_t *value = json_loadb(t.data ? t.data : "", t.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &problem);
    if (!value)
        err_set(err, E_BAD_INPUT, "not valid JSON (line %d, column %d): %s", problem.line, problem.column,
                problem.text);
    return value;
}

struct text json_text_at(const json_t *object, const char *name)
{
    const json_t *member = json_object_get(object, name);
    if (!json_is_string(member))
        return TEXT_NONE;
    return (struct text){json_string_value(member), json_string_length(member)};
}

int64_t json_i64_at(const json_t *object, const char *name, int64_t otherwise)
{
    const json_t *member = json_object_get(object, name);
    return json_is_integer(member) ? (int64_t)json_integer_value(member) : otherwise;
}

bool json_true_at(const json_t *object, const char *name)
{
    return json_is_true(json_object_get(object, name));
}

json_t *json_from_view(struct text t)
{
    if (utf8_valid(t))
        return json_stringn(t.data ? t.data : "", t.len);
    CLEANUP(buf_release) struct buf repaired;
    buf_init(&repaired, t.len * 3); /* each broken byte becomes three */
    if (utf8_repair(&repaired, t) < 0)
        return NULL;
    return json_stringn(buf_string(&repaired), repaired.len);
}

json_t *json_or_null(struct text t)
{
    return text_empty(t) ? json_null() : json_from_view(t);
}

/* Every decimal of so many digits survives the way through a double; with jansson's own 17, 0.31 would read
 * 0.31000000000000005. */
#define REAL_DIGITS 15

struct sink {
    struct buf *out;
    int rc;
};

static int add_piece(const char *bytes, size_t len, void *context)
{
    struct sink *sink = context;
    sink->rc = buf_add(sink->out, (struct text){bytes, len});
    return sink->rc < 0 ? -1 : 0;
}

int json_write(const json_t *value, struct buf *out)
{
    struct sink sink = {.out = out};
    size_t flags = JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(REAL_DIGITS);
    if (json_dump_callback(value, add_piece, &sink, flags) < 0)
        return sink.rc < 0 ? sink.rc : E_NOMEM;
    return 0;
}

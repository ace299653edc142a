/* bridge/base/json_fields.c
 *
 * Reading by a table.
 */
#include "base/json_fields.h"

#include <string.h>

#define COUNT_MAX (INT64_C(1) << 53) /* JavaScript's numbers are whole up to here */

static const char *const wanted_words[] = {
    [JSON_FIELD_TEXT] = "a text",
    [JSON_FIELD_TEXTS] = "a list of texts",
    [JSON_FIELD_COUNT] = "a whole number",
    [JSON_FIELD_ARRAY] = "a list",
};

static const struct json_field *find_field(const struct json_field *fields, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(fields[i].name, name) == 0)
            return &fields[i];
    return NULL;
}

static int check_members(const json_t *value, const struct json_field *fields, size_t n, struct err *err)
{
    const char *name;
    const json_t *member;
    if (!json_is_object(value))
        return err_set(err, E_BAD_INPUT, "the body must be a JSON object");
    json_object_foreach((json_t *)(uintptr_t)value, name, member) if (!find_field(fields, n, name)) return err_set(
        err, E_BAD_INPUT, "there is no member '%s' here", name);
    return 0;
}

/* E_BAD_INPUT where the member is no text. */
static int take_text(const json_t *member, struct arena *arena, struct text *ret_text)
{
    if (!json_is_string(member) || strlen(json_string_value(member)) != json_string_length(member))
        return E_BAD_INPUT;
    struct text given = {json_string_value(member), json_string_length(member)};
    return arena_text(arena, given, ret_text) ? 0 : E_NOMEM;
}

static int take_texts(const json_t *member, struct arena *arena, struct json_texts *ret_texts)
{
    if (!json_is_array(member))
        return E_BAD_INPUT;
    struct json_texts texts = {.n = json_array_size(member)};
    texts.items = ARENA_ARRAY(arena, struct text, texts.n + 1);
    int rc = texts.items ? 0 : E_NOMEM;
    for (size_t i = 0; rc == 0 && i < texts.n; i++)
        rc = take_text(json_array_get(member, i), arena, &texts.items[i]);
    if (rc == 0)
        *ret_texts = texts;
    return rc;
}

static int take_count(const json_t *member, uint64_t *ret_count)
{
    json_int_t n = json_is_integer(member) ? json_integer_value(member) : -1;
    if (n < 0 || n > COUNT_MAX)
        return E_BAD_INPUT;
    *ret_count = (uint64_t)n;
    return 0;
}

static int take(const json_t *member, const struct json_field *field, struct arena *arena, void *record)
{
    void *place = (char *)record + field->offset;
    switch (field->type) {
    case JSON_FIELD_TEXT:
        return take_text(member, arena, place);
    case JSON_FIELD_TEXTS:
        return take_texts(member, arena, place);
    case JSON_FIELD_COUNT:
        return take_count(member, place);
    case JSON_FIELD_ARRAY:
        *(const json_t **)place = member;
        return json_is_array(member) ? 0 : E_BAD_INPUT;
    }
    return E_BUG;
}

int json_read_fields(const json_t *value, const struct json_field *fields, size_t n, struct arena *arena, void *record,
                     struct err *err)
{
    int rc = check_members(value, fields, n, err);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        const json_t *member = json_object_get(value, fields[i].name);
        bool missing = !member || json_is_null(member);
        if (missing && fields[i].required)
            return err_set(err, E_BAD_INPUT, "'%s' is missing", fields[i].name);
        rc = missing ? 0 : take(member, &fields[i], arena, record);
        if (rc == E_BAD_INPUT)
            err_set(err, rc, "'%s' must be %s", fields[i].name, wanted_words[fields[i].type]);
        else if (rc < 0)
            err_set(err, rc, "no memory for this request");
    }
    return rc;
}

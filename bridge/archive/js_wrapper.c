/* bridge/archive/js_wrapper.c
 *
 * The script around X's JSON.
 */
#include "archive/js_wrapper.h"

#include <string.h>

#define PART_MAX 1000000 /* a part's number has no sense beyond; keeps it in an unsigned */

static int64_t wrapper_read(void *context, void *buf, size_t n, struct err *err)
{
    struct js_wrapper *w = context;
    if (w->at == w->end)
        return w->inner->read(w->inner->context, buf, n, err);
    if (n > w->end - w->at)
        n = w->end - w->at;
    memcpy(buf, w->head + w->at, n);
    w->at += n;
    return (int64_t)n;
}

static uint64_t count_lines(struct text t)
{
    uint64_t lines = 0;
    for (size_t at = text_find_byte(t, '\n', 0); at != TEXT_NOWHERE; at = text_find_byte(t, '\n', at + 1))
        lines++;
    return lines;
}

/* A name of the script: letters, digits, dots, brackets of `window["x"]` are not used by X. */
static bool global_valid(struct text name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        if (!byte_is_letter(c) && !byte_is_digit(c) && c != '_' && c != '.' && c != '$')
            return false;
    }
    return name.len > 0;
}

int js_wrapper_open(struct js_wrapper *w, const struct byte_source *inner, struct err *err)
{
    *w = (struct js_wrapper){.inner = inner};
    w->source = (struct byte_source){.read = wrapper_read, .context = w};
    int64_t got = byte_source_fill(inner, w->head, sizeof w->head, err);
    if (got < 0)
        return (int)got;
    w->end = (size_t)got;

    struct text head = {w->head, w->end};
    size_t start = text_starts(head, TEXT("\xEF\xBB\xBF")) ? 3 : 0;
    while (start < head.len && byte_is_space(head.data[start]))
        start++;
    if (start < head.len && head.data[start] != '{' && head.data[start] != '[') {
        size_t equals = text_find_byte(head, '=', start);
        struct text name = text_trim(text_slice(head, start, equals));
        if (text_starts(name, TEXT("window.")))
            name = text_slice(name, 7, name.len);
        if (equals == TEXT_NOWHERE || !global_valid(name))
            return err_set(err, E_BAD_INPUT, "this is neither JSON nor a data file of an X archive");
        w->global = name;
        start = equals + 1;
    }
    w->at = start;
    w->offset = start;
    w->line = 1 + count_lines(text_slice(head, 0, start));
    return 0;
}

struct json_reader_options js_wrapper_options(const struct js_wrapper *wrapper)
{
    return (struct json_reader_options){.line = wrapper->line, .offset = wrapper->offset, .script = true};
}

bool js_global_split(struct text global, struct text *ret_type, unsigned *ret_part)
{
    uint64_t part = 0;
    if (!text_starts(global, TEXT("YTD.")))
        return false;
    struct text type = text_slice(global, 4, global.len);
    size_t dot = text_find_byte(type, '.', 0);
    if (dot != TEXT_NOWHERE) {
        struct text tail = text_slice(type, dot + 1, type.len);
        if (!text_starts(tail, TEXT("part")) || !text_to_u64(text_slice(tail, 4, tail.len), &part) || part > PART_MAX)
            return false;
        type = text_slice(type, 0, dot);
    }
    if (text_empty(type))
        return false;
    *ret_type = type;
    *ret_part = (unsigned)part;
    return true;
}

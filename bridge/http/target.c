/* bridge/http/target.c
 *
 * The request target as it was sent, decoded by us, in place.
 *
 * libmicrohttpd decodes it too, but cuts it at %00 and knows no UTF-8. A decoded text is never longer than the raw one,
 * so path and query stay where they are.
 */
#include "base/limits.h"
#include "base/utf8.h"
#include "http/inside.h"

#include <string.h>

static int hex_digit(char c)
{
    if (byte_is_digit(c))
        return c - '0';
    char lower = byte_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* Decodes t onto its own bytes. False where an escape is cut or no number. */
static bool unescape(struct text t, bool plus_is_space, struct text *ret_decoded)
{
    char *to = (char *)t.data; /* the exchange's own copy */
    size_t len = 0;
    for (size_t i = 0; i < t.len; i++) {
        char c = t.data[i];
        if (c == '%') {
            if (i + 2 >= t.len)
                return false;
            int high = hex_digit(t.data[i + 1]);
            int low = hex_digit(t.data[i + 2]);
            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        to[len++] = c;
    }
    *ret_decoded = (struct text){t.data, len};
    return true;
}

/* Valid UTF-8, and no control characters: ASCII's, and U+0080 to U+009F. */
static bool is_clean(struct text t, bool line_ends)
{
    for (size_t i = 0; i < t.len; i++) {
        unsigned char c = (unsigned char)t.data[i];
        if (c == 0x7f || (c < ' ' && !(line_ends && (c == '\n' || c == '\r' || c == '\t'))))
            return false;
        if (c == 0xc2 && i + 1 < t.len && (unsigned char)t.data[i + 1] < 0xa0)
            return false;
    }
    return utf8_valid(t);
}

static const char *decode_part(struct text *t, bool in_query)
{
    if (!unescape(*t, in_query, t))
        return "a percent escape in the address is broken";
    if (!is_clean(*t, in_query))
        return "the address holds control characters or no valid UTF-8";
    return NULL;
}

static size_t count_fields(struct text query)
{
    size_t n = text_empty(query) ? 0 : 1;
    for (size_t i = 0; i < query.len; i++)
        n += query.data[i] == '&';
    return n;
}

static const char *decode_query(struct text query, struct arena *arena, const struct http_field **ret_query,
                                size_t *ret_n)
{
    size_t n = count_fields(query);
    size_t used = 0;
    *ret_query = NULL;
    *ret_n = 0;
    if (n == 0)
        return NULL;
    if (n > LIMIT_HTTP_QUERY)
        return "the address has too many parameters";
    struct http_field *fields = ARENA_ARRAY(arena, struct http_field, n);
    if (!fields)
        return "the address is too long";
    struct text field;
    while (text_cut(&query, '&', &field)) {
        if (text_empty(field))
            continue;
        size_t equals = text_find_byte(field, '=', 0);
        struct text name = text_slice(field, 0, equals);
        struct text value = equals == TEXT_NOWHERE ? TEXT_NONE : text_slice(field, equals + 1, field.len);
        const char *wrong = decode_part(&name, true);
        if (!wrong)
            wrong = decode_part(&value, true);
        if (wrong)
            return wrong;
        fields[used++] = (struct http_field){name, value};
    }
    *ret_query = fields;
    *ret_n = used;
    return NULL;
}

/* What RFC 3986 lets stand in a target, roughly: visible ASCII, and no fragment. */
static bool is_raw_target(struct text target)
{
    for (size_t i = 0; i < target.len; i++) {
        unsigned char c = (unsigned char)target.data[i];
        if (c <= ' ' || c >= 0x7f || c == '#')
            return false;
    }
    return true;
}

const char *target_decode(char *target, size_t len, struct arena *arena, struct text *ret_path,
                          const struct http_field **ret_query, size_t *ret_n_query)
{
    struct text whole = {target, len};
    if (len == 0 || target[0] != '/')
        return "the address does not begin with a slash";
    if (!is_raw_target(whole))
        return "the address holds characters that must be escaped";
    size_t mark = text_find_byte(whole, '?', 0);
    struct text path = text_slice(whole, 0, mark);
    struct text query = mark == TEXT_NOWHERE ? TEXT_NONE : text_slice(whole, mark + 1, len);
    if (text_find_fold(path, TEXT("%2f"), 0) != TEXT_NOWHERE)
        return "the address holds an escaped slash";
    const char *wrong = decode_part(&path, false);
    if (wrong)
        return wrong;
    *ret_path = path;
    return decode_query(query, arena, ret_query, ret_n_query);
}

/* bridge/base/text.c
 *
 * Views of bytes.
 */
#include "base/text.h"

#include <string.h>

struct text text_of(const char *string)
{
    return (struct text){string, string ? strlen(string) : 0};
}

static bool same_bytes(const char *a, const char *b, size_t len)
{
    return len == 0 || memcmp(a, b, len) == 0;
}

static bool same_bytes_fold(const char *a, const char *b, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (byte_lower(a[i]) != byte_lower(b[i]))
            return false;
    return true;
}

bool text_equal(struct text a, struct text b)
{
    return a.len == b.len && same_bytes(a.data, b.data, a.len);
}

bool text_equal_fold(struct text a, struct text b)
{
    return a.len == b.len && same_bytes_fold(a.data, b.data, a.len);
}

int text_compare(struct text a, struct text b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter ? memcmp(a.data, b.data, shorter) : 0;
    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

bool text_starts(struct text t, struct text start)
{
    return t.len >= start.len && same_bytes(t.data, start.data, start.len);
}

bool text_ends(struct text t, struct text end)
{
    return t.len >= end.len && same_bytes(t.data + (t.len - end.len), end.data, end.len);
}

bool text_starts_fold(struct text t, struct text start)
{
    return t.len >= start.len && same_bytes_fold(t.data, start.data, start.len);
}

bool text_ends_fold(struct text t, struct text end)
{
    return t.len >= end.len && same_bytes_fold(t.data + (t.len - end.len), end.data, end.len);
}

size_t text_find(struct text t, struct text needle, size_t from)
{
    if (from > t.len || needle.len > t.len - from)
        return TEXT_NOWHERE;
    if (needle.len == 0)
        return from;
    const char *at = memmem(t.data + from, t.len - from, needle.data, needle.len);
    return at ? (size_t)(at - t.data) : TEXT_NOWHERE;
}

size_t text_find_fold(struct text t, struct text needle, size_t from)
{
    if (from > t.len || needle.len > t.len - from)
        return TEXT_NOWHERE;
    for (size_t i = from; i + needle.len <= t.len; i++)
        if (same_bytes_fold(t.data + i, needle.data, needle.len))
            return i;
    return TEXT_NOWHERE;
}

size_t text_find_byte(struct text t, char byte, size_t from)
{
    return text_find(t, (struct text){&byte, 1}, from);
}

struct text text_slice(struct text t, size_t from, size_t to)
{
    if (to > t.len)
        to = t.len;
    if (from >= to)
        return TEXT_NONE;
    return (struct text){t.data + from, to - from};
}

struct text text_trim(struct text t)
{
    while (t.len > 0 && byte_is_space(t.data[0])) {
        t.data++;
        t.len--;
    }
    while (t.len > 0 && byte_is_space(t.data[t.len - 1]))
        t.len--;
    return t;
}

bool text_cut(struct text *rest, char separator, struct text *ret_part)
{
    if (rest->len == TEXT_NOWHERE)
        return false;
    size_t at = text_find_byte(*rest, separator, 0);
    if (at == TEXT_NOWHERE) {
        *ret_part = *rest;
        rest->len = TEXT_NOWHERE; /* marks the end: an empty part may still follow a last separator */
        return true;
    }
    *ret_part = (struct text){rest->data, at};
    rest->data += at + 1;
    rest->len -= at + 1;
    return true;
}

struct text text_floor_utf8(struct text t, size_t max)
{
    if (max > t.len)
        max = t.len;
    size_t end = max;
    while (end > 0 && ((unsigned char)t.data[end - 1] & 0xC0) == 0x80)
        end--; /* to just behind the lead byte of the last character */
    if (end == 0)
        return (struct text){t.data, 0};
    unsigned char lead = (unsigned char)t.data[end - 1];
    size_t width = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    size_t whole = end - 1 + width;
    return (struct text){t.data, whole <= max ? whole : end - 1};
}

bool text_to_u64(struct text t, uint64_t *ret_value)
{
    uint64_t value = 0;
    if (t.len == 0)
        return false;
    for (size_t i = 0; i < t.len; i++) {
        if (!byte_is_digit(t.data[i]))
            return false;
        uint64_t digit = (uint64_t)(t.data[i] - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *ret_value = value;
    return true;
}

bool text_to_i64(struct text t, int64_t *ret_value)
{
    bool negative = t.len > 0 && t.data[0] == '-';
    uint64_t value;
    if (!text_to_u64(negative ? text_slice(t, 1, t.len) : t, &value))
        return false;
    if (value > (uint64_t)INT64_MAX)
        return false; /* INT64_MIN itself is of no use to anybody here */
    *ret_value = negative ? -(int64_t)value : (int64_t)value;
    return true;
}

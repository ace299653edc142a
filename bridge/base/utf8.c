/* bridge/base/utf8.c
 *
 * UTF-8 checked against table 3-7 of the Unicode Standard.
 */
#include "base/utf8.h"

#include <string.h>

#define REPLACEMENT TEXT("\xEF\xBF\xBD")

/* Bytes of the character at the start of t, and in ret_good whether they are whole and allowed. A broken part has the
 * length of its longest prefix that could have begun a character, at least 1. */
static size_t character_at(struct text t, bool *ret_good)
{
    const unsigned char *s = (const unsigned char *)t.data;
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    size_t width;

    *ret_good = false;
    if (s[0] < 0x80) {
        *ret_good = s[0] != 0;
        return 1;
    }
    if (s[0] < 0xC2 || s[0] > 0xF4)
        return 1;
    width = s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
    if (s[0] == 0xE0)
        low = 0xA0; /* below: overlong */
    if (s[0] == 0xED)
        high = 0x9F; /* above: surrogates */
    if (s[0] == 0xF0)
        low = 0x90; /* below: overlong */
    if (s[0] == 0xF4)
        high = 0x8F; /* above: beyond U+10FFFF */
    for (size_t i = 1; i < width; i++) {
        if (i >= t.len || s[i] < low || s[i] > high)
            return i;
        low = 0x80;
        high = 0xBF;
    }
    *ret_good = true;
    return width;
}

size_t utf8_character(struct text t)
{
    bool good;
    if (t.len == 0)
        return 0;
    size_t width = character_at(t, &good);
    return good ? width : 0;
}

/* How many bytes at the start of t, in steps of eight, are ASCII without NUL: most of all text. */
static size_t ascii_prefix(struct text t)
{
    size_t at = 0;
    while (t.len - at >= 8) {
        uint64_t w;
        memcpy(&w, t.data + at, 8);
        if (((w | (w - UINT64_C(0x0101010101010101))) & UINT64_C(0x8080808080808080)) != 0)
            break;
        at += 8;
    }
    return at;
}

bool utf8_valid(struct text t)
{
    while (t.len > 0) {
        size_t plain = ascii_prefix(t);
        if (plain > 0) {
            t = text_slice(t, plain, t.len);
            continue;
        }
        size_t width = utf8_character(t);
        if (width == 0)
            return false;
        t = text_slice(t, width, t.len);
    }
    return true;
}

int utf8_repair(struct buf *out, struct text t)
{
    while (t.len > 0) {
        size_t good_end = 0;
        size_t width = 0;
        while (good_end < t.len && (width = utf8_character(text_slice(t, good_end, t.len))) > 0)
            good_end += width;
        int rc = buf_add(out, text_slice(t, 0, good_end));
        if (rc < 0)
            return rc;
        t = text_slice(t, good_end, t.len);
        if (t.len == 0)
            break;
        bool good;
        size_t broken = character_at(t, &good);
        rc = buf_add(out, REPLACEMENT);
        if (rc < 0)
            return rc;
        t = text_slice(t, broken, t.len);
    }
    return 0;
}

int utf8_add(struct buf *out, uint32_t c)
{
    char s[4];
    if (c == 0 || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return buf_add(out, REPLACEMENT);
    if (c < 0x80)
        return buf_add_byte(out, (char)c);
    if (c < 0x800) {
        s[0] = (char)(0xC0 | (c >> 6));
        s[1] = (char)(0x80 | (c & 0x3F));
        return buf_add(out, (struct text){s, 2});
    }
    if (c < 0x10000) {
        s[0] = (char)(0xE0 | (c >> 12));
        s[1] = (char)(0x80 | ((c >> 6) & 0x3F));
        s[2] = (char)(0x80 | (c & 0x3F));
        return buf_add(out, (struct text){s, 3});
    }
    s[0] = (char)(0xF0 | (c >> 18));
    s[1] = (char)(0x80 | ((c >> 12) & 0x3F));
    s[2] = (char)(0x80 | ((c >> 6) & 0x3F));
    s[3] = (char)(0x80 | (c & 0x3F));
    return buf_add(out, (struct text){s, 4});
}

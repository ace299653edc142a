/* bridge/archive/json_scan.c
 *
 * Bytes of JSON.
 */
#include "archive/json_scan.h"

#include <string.h>

#define ONES             UINT64_C(0x0101010101010101)
#define HIGHS            UINT64_C(0x8080808080808080)
#define IS_LITTLE_ENDIAN (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)

/* High bits of the bytes of w that are zero; bits above the lowest one that is set may be wrong. */
static uint64_t zero_bytes(uint64_t w)
{
    return (w - ONES) & ~w & HIGHS;
}

static bool stops_string(char c)
{
    return c == '"' || c == '\\' || (unsigned char)c < 0x20;
}

/* Eight bytes at a time: strings are most of an archive. */
size_t json_scan_string(const char *s, size_t at, size_t end, uint64_t *ret_high)
{
    uint64_t high = 0;
    while (end - at >= 8) {
        uint64_t w;
        memcpy(&w, s + at, 8);
        uint64_t stop = zero_bytes(w ^ ONES * '"') | zero_bytes(w ^ ONES * '\\') | ((w - ONES * 0x20) & ~w & HIGHS);
        if (stop != 0) {
            if (!IS_LITTLE_ENDIAN)
                break;
            *ret_high |= high | (w & HIGHS);
            return at + ((size_t)__builtin_ctzll(stop) >> 3);
        }
        high |= w;
        at += 8;
    }
    while (at < end && !stops_string(s[at]))
        high |= (unsigned char)s[at++];
    *ret_high |= high & HIGHS;
    return at;
}

int json_hex_value(char c)
{
    if (byte_is_digit(c))
        return c - '0';
    c = byte_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool json_number_valid(struct text t)
{
    size_t i = 0;
    size_t digits;
    if (i < t.len && t.data[i] == '-')
        i++;
    for (digits = 0; i < t.len && byte_is_digit(t.data[i]); i++)
        digits++;
    if (digits == 0 || (digits > 1 && t.data[i - digits] == '0'))
        return false;
    if (i < t.len && t.data[i] == '.') {
        for (digits = 0, i++; i < t.len && byte_is_digit(t.data[i]); i++)
            digits++;
        if (digits == 0)
            return false;
    }
    if (i < t.len && byte_lower(t.data[i]) == 'e') {
        i++;
        if (i < t.len && (t.data[i] == '+' || t.data[i] == '-'))
            i++;
        for (digits = 0; i < t.len && byte_is_digit(t.data[i]); i++)
            digits++;
        if (digits == 0)
            return false;
    }
    return i == t.len;
}

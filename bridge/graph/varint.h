/* bridge/graph/varint.h
 *
 * Whole numbers of 32 bits in one to five bytes (LEB128): for the blobs of this room.
 *
 * Seven bits a byte, the low ones first; the high bit says that more follow. Each number has one form only: a last byte of
 * 0 behind another, or more than 32 bits, is damage. Pure.
 */
#ifndef SKEIN_GRAPH_VARINT_H
#define SKEIN_GRAPH_VARINT_H

#include "base/text.h"

#define VARINT_MAX 5 /* bytes of the largest */

static inline size_t varint_size(uint32_t value)
{
    return (size_t)(38 - __builtin_clz(value | 1)) / 7;
}

/* Writes value at `at`, which has room for varint_size of it; returns where the next one goes. */
static inline char *varint_put(char *at, uint32_t value)
{
    for (; value >= 0x80; value >>= 7)
        *at++ = (char)(value | 0x80);
    *at++ = (char)value;
    return at;
}

/* Takes one off the front; false where there is none, cut or in another form. */
static inline bool varint_take(struct text *rest, uint32_t *ret_value)
{
    uint64_t value = 0;
    for (size_t i = 0; i < rest->len && i < VARINT_MAX; i++) {
        unsigned char byte = (unsigned char)rest->data[i];
        value |= (uint64_t)(byte & 0x7f) << 7 * i;
        if (byte & 0x80)
            continue;
        if (value > UINT32_MAX || (byte == 0 && i > 0))
            return false;
        *rest = (struct text){rest->data + i + 1, rest->len - i - 1};
        *ret_value = (uint32_t)value;
        return true;
    }
    return false;
}

#endif

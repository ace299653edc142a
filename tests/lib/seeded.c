/* tests/lib/seeded.c
 *
 * Pseudo-random numbers and texts from a seed.
 */
#include "lib/seeded.h"

#include "base/cleanup.h"
#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>

#define USUAL_SEED UINT64_C(20261122)

struct seeded seeded_start(const char *property)
{
    const char *given = getenv("SKEIN_SEED");
    uint64_t seed = USUAL_SEED;
    if (given)
        (void)text_to_u64(text_of(given), &seed);
    printf("%s: SKEIN_SEED=%llu\n", property, (unsigned long long)seed);
    return (struct seeded){.state = seed};
}

uint64_t seeded_next(struct seeded *seeded)
{
    uint64_t z = seeded->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

size_t seeded_below(struct seeded *seeded, size_t bound)
{
    return (size_t)(seeded_next(seeded) % bound);
}

double seeded_unit(struct seeded *seeded)
{
    return (double)(seeded_next(seeded) >> 11) * 0x1p-53;
}

void seeded_text(struct seeded *seeded, struct buf *out, size_t max)
{
    static const char marks[] = "  __--..@@()[]|/'\"0123456789,:;!?#";
    static const struct {
        uint32_t from;
        uint32_t n;
    } blocks[] = {
        {0xC0, 0x180},    /* Latin with marks */
        {0x250, 0x100},   /* phonetic letters, modifiers */
        {0x300, 0x70},    /* combining marks */
        {0x370, 0x190},   /* Greek, Cyrillic */
        {0x590, 0x170},   /* Hebrew, Arabic */
        {0x900, 0x80},    /* Devanagari */
        {0x1D00, 0x80},   /* small capitals */
        {0x2000, 0x70},   /* spaces, format characters, quotes */
        {0x2460, 0xA0},   /* letters and digits in circles */
        {0x3040, 0xC0},   /* kana */
        {0xAC00, 0x400},  /* Hangul */
        {0xFB00, 0x50},   /* ligatures */
        {0xFE00, 0x10},   /* variation selectors */
        {0xFF00, 0xF0},   /* fullwidth */
        {0x1D400, 0x3FF}, /* mathematical letters */
        {0x1F100, 0x100}, /* letters in squares, flags */
        {0x1F300, 0x300}, /* emoji */
        {0xFDF0, 0x10},   /* ligatures that expand most */
    };
    size_t n = seeded_below(seeded, max + 1);
    for (size_t i = 0; i < n; i++) {
        size_t what = seeded_below(seeded, 100);
        if (what < 55) {
            char c = (char)((seeded_below(seeded, 4) ? 'a' : 'A') + (int)seeded_below(seeded, 26));
            (void)buf_add_byte(out, c);
        } else if (what < 75) {
            (void)buf_add_byte(out, marks[seeded_below(seeded, sizeof marks - 1)]);
        } else if (what < 98) {
            size_t block = seeded_below(seeded, ARRAY_LEN(blocks));
            (void)utf8_add(out, blocks[block].from + (uint32_t)seeded_below(seeded, blocks[block].n));
        } else {
            (void)buf_add_byte(out, (char)(1 + seeded_below(seeded, 255)));
        }
    }
}

/* bridge/graph/by_number.c
 *
 * A radix sort: three passes of eleven bits, of which those that would move nothing are left out. qsort took five times
 * as long for a list of 5,000.
 */
#include "graph/by_number.h"

#include <stdbool.h>
#include <string.h>

#define DIGIT_BITS 11
#define DIGITS     3
#define RADIX      (1 << DIGIT_BITS)

static unsigned digit_of(uint32_t number, unsigned digit)
{
    return number >> (digit * DIGIT_BITS) & (RADIX - 1);
}

/* Makes counts into the places where the entries of each digit begin. */
static void counts_to_places(size_t counts[RADIX])
{
    size_t place = 0;
    for (size_t i = 0; i < RADIX; i++) {
        size_t count = counts[i];
        counts[i] = place;
        place += count;
    }
}

void by_number_sort(struct by_number *entries, struct by_number *spare, size_t n)
{
    size_t counts[DIGITS][RADIX] = {{0}};
    struct by_number *from = entries;
    struct by_number *to = spare;
    for (size_t i = 0; i < n; i++)
        for (unsigned digit = 0; digit < DIGITS; digit++)
            counts[digit][digit_of(entries[i].number, digit)]++;
    for (unsigned digit = 0; digit < DIGITS && n > 0; digit++) {
        if (counts[digit][digit_of(from[0].number, digit)] == n)
            continue;
        counts_to_places(counts[digit]);
        for (size_t i = 0; i < n; i++)
            to[counts[digit][digit_of(from[i].number, digit)]++] = from[i];
        struct by_number *sorted = to;
        to = from;
        from = sorted;
    }
    if (from != entries)
        memcpy(entries, from, n * sizeof *entries);
}

/* tests/lib/seeded.h
 *
 * Pseudo-random numbers and texts for property tests, from a seed that is printed.
 *
 * SKEIN_SEED in the environment sets the seed; otherwise it is fixed, so that a run can be repeated. The generator is
 * SplitMix64 (Steele, Lea, Flood 2014).
 */
#ifndef SKEIN_TESTS_LIB_SEEDED_H
#define SKEIN_TESTS_LIB_SEEDED_H

#include "base/buf.h"

struct seeded {
    uint64_t state;
};

/* Prints the seed with the property's name. */
struct seeded seeded_start(const char *property);

uint64_t seeded_next(struct seeded *seeded);
size_t seeded_below(struct seeded *seeded, size_t bound); /* bound > 0 */
double seeded_unit(struct seeded *seeded);                /* [0, 1) */

/* Appends up to `max` characters of what names and bios are made of: ASCII, accents, other scripts, marks, emoji,
 * brackets, format characters, and now and then broken UTF-8. */
void seeded_text(struct seeded *seeded, struct buf *out, size_t max);

#endif

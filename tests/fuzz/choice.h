/* tests/fuzz/choice.h
 *
 * What a harness varies beside its input is chosen by the input itself, so that any file, a fixture too, is a seed as it
 * stands.
 */
#ifndef SKEIN_TESTS_FUZZ_CHOICE_H
#define SKEIN_TESTS_FUZZ_CHOICE_H

#include <stddef.h>
#include <stdint.h>

/* The sum of all bytes: every mutation may choose anew. */
static inline uint8_t fuzz_choice(const uint8_t *data, size_t size)
{
    uint8_t sum = 0;
    for (size_t i = 0; i < size; i++)
        sum = (uint8_t)(sum + data[i]);
    return sum;
}

#endif

/* bridge/graph/by_number.h
 *
 * Sorting by account number: of numbers, and of places in an array that has them.
 */
#ifndef SKEIN_GRAPH_BY_NUMBER_H
#define SKEIN_GRAPH_BY_NUMBER_H

#include <stddef.h>
#include <stdint.h>

/* A number and what it belongs to, such as a place in an array. */
struct by_number {
    uint32_t number;
    uint32_t what;
};

/* Ascending; entries of one number keep their order. `spare` has room for n. */
void by_number_sort(struct by_number *entries, struct by_number *spare, size_t n);

#endif

/* bridge/graph/id_set.h
 *
 * A set of account numbers, and its form in the store: sorted, as deltas in varints.
 *
 * LEB128, seven bits a byte, the low ones first; the first number, then each one's distance from the one before. Numbers
 * are given in order of first appearance, so new accounts of one upload lie together: 1.4 to 2.6 bytes a number.
 * Pure; a set owns its memory.
 */
#ifndef SKEIN_GRAPH_ID_SET_H
#define SKEIN_GRAPH_ID_SET_H

#include "base/buf.h"
#include "base/err.h"

struct id_set {
    uint32_t *numbers; /* owned (malloc); ascending, each once, none 0 */
    size_t n;
    size_t room;
};

void id_set_init(struct id_set *set);
void id_set_release(struct id_set *set);

/* Adds in any order; the set is in order again after id_set_sort, which also drops doubles. Both return 0 or E_NOMEM. */
int id_set_add(struct id_set *set, uint32_t number);
int id_set_sort(struct id_set *set) __attribute__((warn_unused_result));

/* Of sorted sets. */
bool id_set_has(const struct id_set *set, uint32_t number);
size_t id_set_common(const struct id_set *a, const struct id_set *b); /* how many both hold */

/* Adds what `with` has; both are sorted. ret_new: how many were not there. Returns 0 or E_NOMEM. */
int id_set_unite(struct id_set *set, const struct id_set *with, size_t *ret_new);

int id_set_encode(const struct id_set *set, struct buf *out); /* 0, E_NOMEM or E_TOO_LARGE */

/* Takes the n numbers of a blob into an empty set, which stays empty where that fails. E_BAD_INPUT where it is damaged:
 * cut, not ascending, over 32 bits, n wrong. */
int id_set_decode(struct id_set *set, struct text blob, size_t n, struct err *err);

#endif

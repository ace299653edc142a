/* bridge/graph/check.h
 *
 * Are the numbers, the lists and the facts that are stored sound? Parts of `skein check` (store/check.h).
 *
 * Numbers follow each other without gap or overlap, and no X id has two; every list decodes and names given numbers alone;
 * every upload's facts open with a key of the file, decode, and name given numbers alone; and so do pairs, look-ups, what
 * is told to everybody and who is whom.
 */
#ifndef SKEIN_GRAPH_CHECK_H
#define SKEIN_GRAPH_CHECK_H

#include "store/check.h"

/* In a transaction. */
int graph_check(struct checking *checking, struct err *err);

#endif

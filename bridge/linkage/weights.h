/* bridge/linkage/weights.h
 *
 * What each level of each comparison is worth: the one table that decides, with a version.
 *
 * A weight is log2(m/u): m is the share of true pairs that show the level, u the share of strangers. A pair keeps the
 * version by which it was decided.
 */
#ifndef SKEIN_LINKAGE_WEIGHTS_H
#define SKEIN_LINKAGE_WEIGHTS_H

#include "linkage/compare.h"
#include "model/pair.h"

extern const char *const weights_version; /* "2026-11-1" */

/* Fills evidence with every comparison that says anything, the heaviest first; returns how many. */
size_t weights_evidence(const struct comparison *comparison, struct evidence ret_evidence[PAIR_EVIDENCE_MAX]);

/* Sum of an evidence's weights. */
double weights_sum(const struct evidence *evidence, size_t n);

#endif

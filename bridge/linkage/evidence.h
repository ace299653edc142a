/* bridge/linkage/evidence.h
 *
 * The evidence of a pair as it is kept: a JSON array of [kind, level, weight], the heaviest first.
 *
 *     [["handle","equal",3.3],["name","equal",6.6]]
 *
 * Kinds and levels are the words of the table of weights (weights.h). A pair that was decided by an older table may hold
 * words that this one lacks: they are read as they stand.
 */
#ifndef SKEIN_LINKAGE_EVIDENCE_H
#define SKEIN_LINKAGE_EVIDENCE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/pair.h"

/* Appends the pair's evidence. 0, E_NOMEM or E_TOO_LARGE. */
int evidence_write(const struct pair *pair, struct buf *out);

/* Reads such an array into the pair's evidence; words that are no static ones live in the arena. An empty text is none.
 * E_BAD_INPUT where it is something else, E_NOMEM. */
int evidence_read(struct text json, struct arena *arena, struct pair *pair, struct err *err);

#endif

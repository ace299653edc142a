/* bridge/linkage/fold.h
 *
 * Text of any script reduced to comparable tokens (private to linkage).
 *
 * Compatibility decomposition and case folding by utf8proc, behind a fast path for ASCII; then marks that Latin, Greek,
 * Cyrillic, Hebrew and Arabic write above and below letters are dropped (those of other scripts are vowels and stay),
 * what is left is composed again, and letters that no decomposition reaches are folded by a table of our own. Letters
 * and digits make tokens, apostrophes vanish, everything else separates.
 */
#ifndef SKEIN_LINKAGE_FOLD_H
#define SKEIN_LINKAGE_FOLD_H

#include "base/arena.h"
#include "base/text.h"

/* Bytes of text that are looked at; a Bluesky bio holds at most 2,560, an X bio and a display name far less. */
#define FOLD_INPUT_MAX 4096

/* As text_fold of linkage/normalise.h: tokens with one space between, in the arena. 0 or E_NOMEM. */
int fold(struct arena *arena, struct text t, struct text *ret_folded);

/* Folded text with letters that look alike made one (confusables.c), spaces dropped. 0 or E_NOMEM. */
int fold_skeleton(struct arena *arena, struct text folded, struct text *ret_skeleton);

#endif

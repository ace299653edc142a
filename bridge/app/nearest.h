/* bridge/app/nearest.h
 *
 * "Did you mean": the known word that is nearest to one that is not known.
 */
#ifndef SKEIN_APP_NEAREST_H
#define SKEIN_APP_NEAREST_H

#include "base/text.h"

/* The nearest of `words` (n > 0) by Jaro-Winkler similarity, linkage's measure for short names. */
const char *nearest_word(struct text word, const char *const *words, size_t n);

#endif

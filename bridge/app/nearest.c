/* bridge/app/nearest.c
 *
 * The nearest known word.
 */
#include "app/nearest.h"

#include "linkage/compare.h"

const char *nearest_word(struct text word, const char *const *words, size_t n)
{
    const char *best = words[0];
    double most = -1;
    for (size_t i = 0; i < n; i++) {
        double likeness = jaro_winkler(word, text_of(words[i]));
        if (likeness > most) {
            most = likeness;
            best = words[i];
        }
    }
    return best;
}

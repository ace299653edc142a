/* bridge/linkage/bio_words.h
 *
 * A bio cut into words, and what the words around one say of it (private to linkage).
 *
 * Words are cut at everything that no link or handle holds. A word's neighbours are words only up to the next line,
 * comma, full stop or bar: "Fan of @a | on X since 2009" names nobody.
 */
#ifndef SKEIN_LINKAGE_BIO_WORDS_H
#define SKEIN_LINKAGE_BIO_WORDS_H

#include "base/text.h"

struct bio_word {
    struct text text; /* a view into the bio, less punctuation around it */
    bool first;       /* of its clause */
    bool opened;      /* a bracket stands before it */
};

struct bio_words {
    struct bio_word *items; /* owned */
    size_t n;
    bool about_another; /* the bio says that the account is a parody, a mirror or otherwise of somebody else */
};

/* `folded` is the same bio as text_fold gives it. 0 or E_NOMEM; release afterwards. */
int bio_words_read(struct text bio, struct text folded, struct bio_words *ret_words);
void bio_words_release(struct bio_words *words);

enum place { PLACE_NONE, PLACE_X, PLACE_BLUESKY, PLACE_THREADS, PLACE_ELSEWHERE };

/* The network that a word names: "X", "Twitter", "Bluesky", "IG". */
enum place place_of(struct text word);

/* The network that the words around word `at` say it belongs to: "@h on X", "X: @h", "@h (X)". */
enum place bio_place_around(const struct bio_words *words, size_t at);

/* "formerly @h", "ex @h". */
bool bio_said_former(const struct bio_words *words, size_t at);

/* Word `at` names somebody else: "fan of @h", "not @h", "editor at @h", anything in a parody's bio. */
bool bio_disclaims(const struct bio_words *words, size_t at);

/* Whether word is one of n lower-case words, whatever its own ASCII case. */
bool word_among(struct text word, const char *const *words, size_t n);

#endif

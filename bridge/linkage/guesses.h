/* bridge/linkage/guesses.h
 *
 * What to ask a network for an X account: handles to guess, and words to search for.
 *
 * Nothing here knows a network's domains: a label is tried under each of the network's own, a handle as it stands.
 */
#ifndef SKEIN_LINKAGE_GUESSES_H
#define SKEIN_LINKAGE_GUESSES_H

#include "linkage/normalise.h"
#include "model/x_account.h"

enum guess_kind {
    GUESS_LABEL,  /* 3 to 18 of [a-z0-9-], no - at the ends: the first part of a handle under a network's domain */
    GUESS_HANDLE, /* a whole handle: the website's host, a handle that the bio names */
    GUESS_DID,    /* an id that the bio names */
};

struct guess {
    enum guess_kind kind;
    struct text text;
    const char *form; /* static: "squeezed", "dashed", "stem", "without-affix", "with-affix", "website", "named", ... */
    double prior;     /* share of those who moved for whom this form of guess was right, where it could be made */
};

#define GUESSES_MAX 12

struct guesses {
    struct guess items[GUESSES_MAX]; /* the likeliest first; no text twice */
    size_t n;
};

/* Guesses for x, none with a prior below `least` (0 for all). Returns 0 or E_NOMEM. */
int guesses_make(struct arena *arena, const struct x_account *x, double least, struct guesses *ret_guesses);

/* The one search to make for x: by name where that is telling, else by what its handle shows of a name, else by
 * handle. `worth` orders searches under a budget: bits of information in what is searched for. */
struct search_words {
    struct text words; /* empty: nothing to search for */
    bool by_name;      /* a name, as given or read off the handle; else a handle */
    double worth;
};
int search_words_make(struct arena *arena, const struct x_account *x, struct search_words *ret_search);

#endif

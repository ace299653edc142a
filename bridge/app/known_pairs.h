/* bridge/app/known_pairs.h
 *
 * Pairs from a CSV with the header x_handle,network,profile: what `pairs export` writes and `match --known` reads.
 */
#ifndef SKEIN_APP_KNOWN_PAIRS_H
#define SKEIN_APP_KNOWN_PAIRS_H

#include "matching/match_run.h"

struct known_pairs {
    struct arena arena; /* owns the texts */
    struct known_pair *pairs;
    size_t n;
};

/* Reads the pairs of one network; rows of others, and of X ids (column x_id) without a handle, are passed over. A row that cannot be understood fails the whole, with
 * its line: a wrong pair would be followed. known_pairs_release in any case. */
int known_pairs_read(struct known_pairs *known, const char *path, struct text network, struct err *err);
void known_pairs_release(struct known_pairs *known);

#endif

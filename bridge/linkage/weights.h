/* bridge/linkage/weights.h
 *
 * What each level of each comparison is worth: the one table that decides, with a version.
 *
 * A weight is log2(m/u): m is the share of true pairs that show the level, u the share of strangers who were looked at
 * for the same account. Handle and name weigh more the rarer what they share: the table holds how much for each bit.
 * A pair keeps the version by which it was decided. The weights were fitted on half of the worlds, then rounded and set
 * by hand, partly upward, because the fit alone left an equal handle with an equal name below the threshold.
 */
#ifndef SKEIN_LINKAGE_WEIGHTS_H
#define SKEIN_LINKAGE_WEIGHTS_H

#include "linkage/compare.h"
#include "model/pair.h"

extern const char *const weights_version; /* "2026-11-1" */
extern const int64_t weights_number;      /* the same as one number that grows: 202611001; kept with each pair */

/* Rows: evidence of one row is one kind, whatever its level. */
enum weight_row {
    ROW_HANDLE,
    ROW_NAME,
    ROW_NAMES_X,
    ROW_NAMED_BY_X,
    ROW_WEBSITE,
    ROW_VERIFICATION,
    ROW_STANDING,
    N_WEIGHT_ROWS
};

struct weight {
    const char *level; /* static; NULL: says nothing */
    double m;
    double u;
    bool kind;    /* strong enough to be one of the two kinds */
    bool against; /* no pair that shows it is likely, whatever else speaks for it */
};

/* The line of the table for row and level; levels are the enums of compare.h. */
const struct weight *weight_of(enum weight_row row, unsigned level);
const char *weight_row_name(enum weight_row row); /* "handle", "name", "names_x", ... */

/* One comparison weighed. */
struct weighed {
    struct evidence evidence[N_WEIGHT_ROWS]; /* the heaviest first, by size whatever the sign */
    size_t n;
    double sum;     /* bits */
    unsigned kinds; /* how many independent kinds speak for the pair */
    bool more_than_handle;
    bool against; /* something speaks against it that forbids `likely` */
};
void weigh(const struct comparison *comparison, struct weighed *ret_weighed);

/* Bits that a candidate starts from: log2 of the odds that one of those looked at is the right one, where `share` of
 * the list have a profile at all. */
double weights_prior(double share);

#endif

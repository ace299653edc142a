/* bridge/views/match_view.h
 *
 * Results of matching as people and scripts see them: a JSON line, a CSV row, a table for a terminal.
 *
 * The JSON line is the contract of `match`, `moved` and `pairs export`. What stands here is the owner's own list: who may
 * see more or less is decided before a view is called.
 */
#ifndef SKEIN_VIEWS_MATCH_VIEW_H
#define SKEIN_VIEWS_MATCH_VIEW_H

#include "base/buf.h"
#include "model/pair.h"

/* One line, with its end. `network`: "bluesky". All return 0 or E_NOMEM, E_TOO_LARGE. */
int match_view_json(const struct match *match, const char *network, struct buf *out);

int match_view_csv_header(struct buf *out);
int match_view_csv(const struct match *match, const char *network, struct buf *out);

/* Never one number: who is here is not the rest of who is not. */
struct match_totals {
    size_t here;      /* proven, confirmed, likely */
    size_t maybe;     /* possible: to look at */
    size_t not_found; /* asked, and nobody is there */
    size_t unnamed;   /* only a number is known: cannot be asked for yet */
    size_t not_asked; /* could not look */
};
struct match_totals match_view_totals(const struct match *matches, size_t n);

/* A table in blocks: here, maybe, could not look; who was not found or has no handle is counted, and listed with `all`.
 * `columns`: width of the terminal, at least 40. `title`: the network's, "Bluesky". */
int match_view_table(const struct match *matches, size_t n, const char *title, size_t columns, bool all,
                     struct buf *out);

#endif

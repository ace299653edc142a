/* bridge/archive/row.h
 *
 * One account as a row of an exporter, an API page or a CSV gives it, gathered field by field in any order. Internal.
 */
#ifndef SKEIN_ARCHIVE_ROW_H
#define SKEIN_ARCHIVE_ROW_H

#include "archive/reading.h"
#include "base/buf.h"

struct row {
    struct buf id;        /* as written; may be none */
    struct buf reference; /* handle, @handle or link, as written */
    struct buf name;
    struct buf bio;
    struct buf website;
    struct buf location;
    struct buf scratch;
    enum known is_protected;
    enum known is_verified;
    bool zeros_are_damage; /* the file went through a spreadsheet: ids that end in zeros are refused */
};

void row_init(struct row *row);
void row_release(struct row *row);
void row_clear(struct row *row);

/* Puts a text, or one with escapes made plain, into a field of the row, cut to its maximum. */
int row_set_escaped(struct row *row, struct buf *field, struct text t);

/* "true", "1", "yes" and their opposites; anything else is not known. */
enum known row_truth(struct text t);

/* Yes beats no beats not known: of two columns that say whether an account is verified. */
enum known row_or(enum known a, enum known b);

/* Takes the row into the list, or counts it as skipped with its line and the reason. A row whose id a spreadsheet
 * rounded is taken by its handle. Returns as follow_list_add. */
int row_take(struct reading *reading, const struct row *row, uint64_t line, struct follow_list *list, struct err *err);

#endif

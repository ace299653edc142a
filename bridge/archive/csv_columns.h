/* bridge/archive/csv_columns.h
 *
 * Which columns of a CSV file hold id, handle, name and the rest: by the names in its first row, or by what stands in
 * them. Internal.
 *
 * Names count whatever their capitals, blanks, dashes and underscores. A column with a vague name (url, account) must
 * hold handles, and one named id must not number the rows. Without a name, links to profiles, @handles and long numbers
 * are told by themselves; bare words only where a single column has them, all different, and no row of names stands
 * above: a column of towns looks just the same.
 */
#ifndef SKEIN_ARCHIVE_CSV_COLUMNS_H
#define SKEIN_ARCHIVE_CSV_COLUMNS_H

#include "archive/byte_source.h"

enum csv_column {
    COLUMN_ID,
    COLUMN_REFERENCE,
    COLUMN_NAME,
    COLUMN_BIO,
    COLUMN_WEBSITE,
    COLUMN_LOCATION,
    COLUMN_PROTECTED,
    COLUMN_VERIFIED,
    COLUMN_BLUE, /* paid verification */
    COLUMN_URL,  /* the website where it is no link to X */
};
#define COLUMNS_N (COLUMN_URL + 1)

#define COLUMN_NONE SIZE_MAX

struct csv_columns {
    size_t at[COLUMNS_N]; /* places; COLUMN_NONE */
    bool usable;          /* there is an id or a handle column */
    bool header;          /* the first row holds names */
    bool exporter;        /* twitter-web-exporter wrote it: line ends are \n in two characters */
    bool mastodon;        /* an export of Mastodon */
    bool table;           /* at least two columns, the same number in most rows */
    char names[160];      /* of the first row, for sentences */
};

/* Looks at the first rows of a random access source. */
int csv_columns_find(struct csv_columns *columns, const struct byte_source *source, struct err *err);

#endif

/* bridge/archive/csv_list.h
 *
 * Accounts out of CSV files, by the columns that csv_columns found. Internal.
 */
#ifndef SKEIN_ARCHIVE_CSV_LIST_H
#define SKEIN_ARCHIVE_CSV_LIST_H

#include "archive/csv_columns.h"
#include "archive/reading.h"

/* Reads every row of a random access source into the reading's list; broken ones are skipped with their line. */
int csv_list_read(struct reading *reading, const struct byte_source *source, const struct csv_columns *columns,
                  struct err *err);

#endif

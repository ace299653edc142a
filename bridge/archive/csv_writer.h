/* bridge/archive/csv_writer.h
 *
 * CSV rows out (RFC 4180, CRLF), safe to open in a spreadsheet.
 *
 * A text that begins with = + - @ TAB CR or LF gets an apostrophe in front, since spreadsheets would run it as a
 * formula, and display names come from strangers. Numbers that we made ourselves go through csv_writer_number and keep
 * their minus.
 */
#ifndef SKEIN_ARCHIVE_CSV_WRITER_H
#define SKEIN_ARCHIVE_CSV_WRITER_H

#include "base/buf.h"

struct csv_writer {
    struct buf *out; /* borrowed */
    bool begun;      /* the row has a field */
    int failed;      /* the first error of the row: E_NOMEM, E_TOO_LARGE */
};

void csv_writer_init(struct csv_writer *writer, struct buf *out);

void csv_writer_text(struct csv_writer *writer, struct text field);
void csv_writer_number(struct csv_writer *writer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Ends the row. Returns 0, or the first error since the row before; then the row is cut and the file is to be given
 * up. */
int csv_writer_end(struct csv_writer *writer);

/* A whole row of texts. */
int csv_writer_row(struct csv_writer *writer, const struct text *fields, size_t n);

#endif

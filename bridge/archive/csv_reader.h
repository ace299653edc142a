/* bridge/archive/csv_reader.h
 *
 * CSV row by row (RFC 4180), from files that people and spreadsheets made.
 *
 * Quotes, doubled quotes, line ends inside quotes; rows end with CRLF, LF or CR; a byte order mark and Excel's first
 * line `sep=;` are taken off; the delimiter (comma, semicolon, tab) is told from the first lines. Empty lines are
 * passed over. Fields come out as UTF-8 without NUL, broken bytes as U+FFFD.
 *
 * A row that is broken (a quote never closed, text behind a closing quote, too long, too many fields) is handed out as
 * such, with its line; reading goes on with the line behind the one on which it began, so that one stray quote costs a
 * row and not the file. Each byte is looked at a bounded number of times.
 */
#ifndef SKEIN_ARCHIVE_CSV_READER_H
#define SKEIN_ARCHIVE_CSV_READER_H

#include "archive/byte_source.h"
#include "base/buf.h"

struct csv_row {
    const struct text *fields; /* borrowed until the next call */
    size_t n;
    uint64_t line;      /* on which it begins, from 1 */
    const char *broken; /* static: why it cannot be read (then n is 0); NULL: it can */
};

struct csv_reader {
    const struct byte_source *source; /* borrowed */
    char delimiter;
    struct buf raw;  /* bytes from the row's beginning on, not yet used */
    size_t at;       /* where the next row begins in raw */
    uint64_t line;   /* of that place */
    bool ended;      /* the source has no more */
    bool row_broken; /* the row before was; its line is still to be passed over */

    struct buf cells;    /* the row's fields, end to end */
    struct buf repaired; /* the same where bytes were broken */
    size_t *ends;        /* owned; where each ends in cells */
    struct text *fields; /* owned */
};

/* Reads the first lines to choose the delimiter. Returns 0, E_NOMEM or the source's error. */
int csv_reader_init(struct csv_reader *reader, const struct byte_source *source, struct err *err);
void csv_reader_release(struct csv_reader *reader);

/* The next row: 1; at the end 0; else an error of the source, or E_NOMEM. */
int csv_reader_next(struct csv_reader *reader, struct csv_row *ret_row, struct err *err);

#endif

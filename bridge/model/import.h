/* bridge/model/import.h
 *
 * What became of an upload: a line for each list that was read, and one for each file that gave nothing.
 */
#ifndef SKEIN_MODEL_IMPORT_H
#define SKEIN_MODEL_IMPORT_H

#include "base/id.h"
#include "model/x_account.h"

struct import_skipped {
    struct text file; /* with the entry's name in a zip */
    uint64_t line;    /* from 1 */
    struct text why;  /* one clause */
};

/* Accounts of the list whose handle is known, and who told it. */
struct import_resolved {
    uint64_t total; /* own + others */
    uint64_t own;   /* this owner's uploads */
    uint64_t others;
};

struct import_line {
    struct id import;
    struct text file;
    struct text error;  /* why the file gave nothing; empty: it did, and what follows counts */
    struct text list;   /* "following", "followers", "roster", "blocks", "mutes", "facts" (posts alone) */
    struct text source; /* "archive", "api", "exporter", "csv", "pasted" */
    struct text day;    /* of the list; empty: not known */
    uint64_t read;      /* accounts in the list as given, doubles dropped */
    uint64_t added;     /* to what the store had of this list */
    uint64_t dropped;   /* were there, and are not in the newer list */
    uint64_t unchanged; /* were there, and stay */
    struct import_resolved resolved;
    const struct import_skipped *skipped; /* the first LIMIT_SKIPPED_ROWS */
    size_t n_skipped;
    uint64_t skipped_total;
    uint64_t facts;   /* accounts of which the upload says something */
    struct text note; /* what else is to be said, a sentence: that a newer list stays; empty: nothing */
};

struct import_report {
    struct import_line *lines;
    size_t n;
    bool new_community; /* it was made for this upload */
};

#endif

/* bridge/graph/fact_blob.h
 *
 * What one upload says of X accounts, and its form in the store (inside the box): entries sorted by number.
 *
 * One byte of version; then for each entry, in varints: distance from the number before; bits of what follows and of
 * verified and protected; the day on which it was said (days since 1970; only where it is another than the entry's
 * before, which of the first is 0: not known); then each text with its length. Handle and name of an ordinary account
 * come to some 27 bytes; its id lies elsewhere (x_chunk). Pure.
 */
#ifndef SKEIN_GRAPH_FACT_BLOB_H
#define SKEIN_GRAPH_FACT_BLOB_H

#include "base/buf.h"
#include "base/err.h"
#include "model/x_account.h"

struct fact {
    uint32_t number;
    uint32_t day;             /* days since 1970-01-01; 0: not known, then that of the fact_set row counts */
    struct x_account account; /* its id is not stored */
};

/* Appends the blob of facts in any order; of those with one number the first is taken. ret_n (may be NULL): entries
 * written. 0, E_NOMEM or E_TOO_LARGE. */
int fact_blob_write(const struct fact *facts, size_t n, struct buf *out, size_t *ret_n);

/* Walks a blob: texts are views into it. */
struct fact_reader {
    struct text rest;
    uint32_t number; /* of the entry before */
    uint32_t day;    /* likewise */
};
int fact_reader_init(struct fact_reader *reader, struct text blob, struct err *err);

/* 1 with an entry, numbers ascending; 0 at the end; E_BAD_INPUT where the blob is damaged. */
int fact_reader_next(struct fact_reader *reader, struct fact *ret_fact, struct err *err);

#endif

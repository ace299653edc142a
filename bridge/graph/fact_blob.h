/* bridge/graph/fact_blob.h
 *
 * What one upload says of X accounts, and its form in the store (inside the box): entries sorted by number.
 *
 * One byte of version; then for each entry, in varints: distance from the number before; bits of what follows and of
 * verified and protected; the day on which it was said (days since 1970, 0: not known, where its bit is set); then each
 * text with its length. Id, handle and name of an ordinary account come to some 30 bytes, the id itself apart (x_chunk).
 * Pure.
 */
#ifndef SKEIN_GRAPH_FACT_BLOB_H
#define SKEIN_GRAPH_FACT_BLOB_H

#include "base/buf.h"
#include "base/err.h"
#include "model/x_account.h"

struct fact {
    uint32_t number;
    uint32_t day;             /* days since 1970-01-01; 0: not known */
    struct x_account account; /* its id is not stored */
};

/* Sorts the facts in place and appends their blob; two of one number: the first stays. 0, E_NOMEM or E_TOO_LARGE. */
int fact_blob_write(struct fact *facts, size_t n, struct buf *out);

/* Walks a blob: texts are views into it. */
struct fact_reader {
    struct text rest;
    uint32_t number; /* of the entry before */
};
int fact_reader_init(struct fact_reader *reader, struct text blob, struct err *err);
int fact_reader_next(struct fact_reader *reader, struct fact *ret_fact,
                     struct err *err); /* 1, 0 at the end, E_BAD_INPUT */

#endif

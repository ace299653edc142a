/* bridge/graph/sealed_list.h
 *
 * A list of blocks or mutes, and its form in the store (inside the box): X accounts as the member gave them.
 *
 * These accounts have no numbers, so that nothing which is counted, shown or matched in the open can lead to them.
 *
 * One byte of version; the day of the last whole list in a varint (days since 1970; 0: not known); then for each entry a
 * byte of bits, the id (eight bytes, little-endian) and the handle with its length, as far as they are known. Pure.
 */
#ifndef SKEIN_GRAPH_SEALED_LIST_H
#define SKEIN_GRAPH_SEALED_LIST_H

#include "base/buf.h"
#include "base/err.h"

struct sealed_entry {
    uint64_t id;        /* 0: not known */
    struct text handle; /* empty: not known */
    bool whole;         /* stood in the last whole list; a newer one replaces it */
};

/* A blob: its beginning, then each entry. 0, E_NOMEM or E_TOO_LARGE. */
int sealed_list_begin(uint32_t day, struct buf *out);
int sealed_list_add(const struct sealed_entry *entry, struct buf *out);

/* Walks a blob: handles are views into it. */
struct sealed_reader {
    struct text rest;
    uint32_t day; /* of the last whole list */
};
int sealed_reader_init(struct sealed_reader *reader, struct text blob, struct err *err);

/* 1 with an entry; 0 at the end; E_BAD_INPUT where the blob is damaged. */
int sealed_reader_next(struct sealed_reader *reader, struct sealed_entry *ret_entry, struct err *err);

#endif

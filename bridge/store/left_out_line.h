/* bridge/store/left_out_line.h
 *
 * One line of left-out.log, as text and as a record. Inside the room.
 */
#ifndef SKEIN_STORE_LEFT_OUT_LINE_H
#define SKEIN_STORE_LEFT_OUT_LINE_H

#include "base/buf.h"
#include "base/id.h"
#include "crypto/keys.h"

/* Bytes of the longest line, with its end: time, word, hash, id and what parts them are 124. */
#define LEFT_OUT_LINE_MAX 128

enum left_out_word { LEFT_OUT_OPT_OUT, LEFT_OUT_OPT_IN, LEFT_OUT_SHIELD, LEFT_OUT_UNSHIELD };

struct left_out_line {
    int64_t ms; /* when it was wished */
    enum left_out_word word;
    struct keyed_hash hash; /* of opt-outs, opt-ins and shields */
    struct id member;       /* of shields and unshields */
};

/* Appends the line with its end. What buf_add returns. */
int left_out_print(const struct left_out_line *line, struct buf *out);

/* Reads a line without its end. NULL, or why it cannot be read: "has no time at its beginning". */
const char *left_out_parse(struct text text, struct left_out_line *ret_line);

#endif

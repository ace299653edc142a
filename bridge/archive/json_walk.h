/* bridge/archive/json_walk.h
 *
 * Small steps over json_reader that the readers of this room share: members, elements, short values.
 */
#ifndef SKEIN_ARCHIVE_JSON_WALK_H
#define SKEIN_ARCHIVE_JSON_WALK_H

#include "archive/json_reader.h"

/* Inside an object, behind its TOKEN_OBJECT or a member's value: 1 and the name of the next member (valid until the
 * next call), 0 at the object's end, or an error code. */
int json_member(struct json_reader *reader, struct text *ret_name, struct err *err);

/* Inside an array: 1 and the first token of the next element, 0 at the array's end, or an error code. */
int json_element(struct json_reader *reader, enum json_token *ret_token, struct err *err);

/* Reads a member's value into out, cut at out's maximum: a string or a number as text; anything else is skipped and
 * leaves out empty. */
int json_read_text(struct json_reader *reader, struct buf *out, struct err *err);

/* Puts as much of t into out as fits, whole characters. Returns 0 or E_NOMEM. */
int buf_set_cut(struct buf *out, struct text t);

#endif

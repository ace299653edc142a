/* bridge/views/import_view.h
 *
 * What became of an upload, as scripts and people see it: a JSON line for each list and for each file that gave nothing,
 * and the same in words.
 *
 * The JSON line is a contract, and what the store keeps of an import; so it can be read again. Where there is more to be
 * said it has a member "note", a sentence.
 */
#ifndef SKEIN_VIEWS_IMPORT_VIEW_H
#define SKEIN_VIEWS_IMPORT_VIEW_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/import.h"

/* One line, with its end. 0, E_NOMEM or E_TOO_LARGE. */
int import_view_json(const struct import_line *line, struct buf *out);

/* Such a line again; its texts live in the arena. E_BAD_INPUT where it is none. */
int import_view_read(struct text json, struct arena *arena, struct import_line *ret_line, struct err *err);

/* A block of sentences for a terminal of `columns` (at least 40). Returns as import_view_json. */
int import_view_words(const struct import_line *line, size_t columns, struct buf *out);

#endif

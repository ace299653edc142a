/* bridge/views/terminal.h
 *
 * Text for a terminal: cells of a known width, and nothing in them that a terminal would obey.
 *
 * Display names are anybody's bytes. Control characters, escape sequences and marks that turn the direction of writing
 * are dropped, so that a name can neither paint the screen nor swap what stands beside it.
 */
#ifndef SKEIN_VIEWS_TERMINAL_H
#define SKEIN_VIEWS_TERMINAL_H

#include "base/buf.h"
#include "base/err.h"

/* Columns that t takes on a terminal once it is cleaned. */
size_t terminal_width(struct text t);

/* Adds t cleaned, cut to `width` columns with an ellipsis where it is longer, and filled with spaces to that width
 * unless it is the last cell of a line. Returns what buf_add returns. */
int terminal_cell(struct buf *out, struct text t, size_t width, bool last);

/* Adds t in lines of at most `width` columns, broken between words; each line but the first begins with `indent` spaces.
 * No line end behind the last. */
int terminal_paragraph(struct buf *out, struct text t, size_t width, size_t indent);

#endif

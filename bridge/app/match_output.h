/* bridge/app/match_output.h
 *
 * Results of matching on stdout, as `match`, `moved` and `pairs export` print them: a table, CSV, or JSON lines.
 */
#ifndef SKEIN_APP_MATCH_OUTPUT_H
#define SKEIN_APP_MATCH_OUTPUT_H

#include "app/command.h"
#include "model/pair.h"

enum match_format { MATCH_AS_TABLE, MATCH_AS_CSV, MATCH_AS_JSON };

/* The option --format; a table where it was not given. E_USAGE with a sentence. */
int match_format_read(const struct invocation *invocation, enum match_format *ret_format, struct err *err);

/* `network` and `title`: its name and what people call it. `all`: the table also lists who was not found. */
int match_output(enum match_format format, const char *network, const char *title, bool all,
                 const struct match *matches, size_t n, struct err *err);

/* Writes what the buffer holds, and empties it. */
int output_flush(struct buf *out, struct err *err);

#endif

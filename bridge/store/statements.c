/* bridge/store/statements.c
 *
 * The list of all statements, as the linker gathered it.
 */
#include "store/db.h"

/* The bounds of the section that STATEMENT fills: names that the linker makes (GNU ld, "Input Section Basics"). */
extern const struct statement *const __start_skein_statements[];
extern const struct statement *const __stop_skein_statements[];

void statements_all(const struct statement *const **ret_begin, const struct statement *const **ret_end)
{
    *ret_begin = __start_skein_statements;
    *ret_end = __stop_skein_statements;
}

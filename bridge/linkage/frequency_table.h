/* bridge/linkage/frequency_table.h
 *
 * The built-in numbers behind frequency.h (private to linkage).
 */
#ifndef SKEIN_LINKAGE_FREQUENCY_TABLE_H
#define SKEIN_LINKAGE_FREQUENCY_TABLE_H

#include <stddef.h>

/* Eighths of a bit: what it costs that column follows row. Rows: start of a word, a to z. Columns: a to z, its end. */
extern const unsigned char letter_cost[27][27];

/* In byte order, for the binary search. */
struct common_name {
    const char *name;
    float bits; /* -log2 of the share of people who bear it, judged: 7, 8.5, 10 or 11.5 */
};
extern const struct common_name common_names[];
extern const size_t n_common_names;

#endif

/* bridge/app/pair_file.h
 *
 * Pairs from a CSV for `skein pairs import`: columns network and profile, and x_handle or x_id or both, by name and in any
 * order; other columns (of `pairs export`) are passed over.
 *
 * Unlike known_pairs.h a row that cannot be understood does not fail the others: it is named, with its line.
 */
#ifndef SKEIN_APP_PAIR_FILE_H
#define SKEIN_APP_PAIR_FILE_H

#include "base/json.h"

/* Appends {"line", "x_handle", "x_id", "network", "profile"} of each row to the JSON array. `bad` is called for each row
 * that is none. E_BAD_INPUT, E_IO and the like where the file gives nothing. */
int pair_file_read(const char *path, json_t *pairs, void (*bad)(void *context, uint64_t line, const char *why),
                   void *context, struct err *err);

#endif

/* bridge/graph/pairs_by_handle.h
 *
 * Pairs that are about a handle, for a list that knows whose id has it.
 *
 * Who vouches for a pair often knows the handle alone, so its row stands under the number of that handle. A list (graph/
 * list.h) whose owner was told the handle of an id finds such rows here; nobody else learns by them which id it is.
 */
#ifndef SKEIN_GRAPH_PAIRS_BY_HANDLE_H
#define SKEIN_GRAPH_PAIRS_BY_HANDLE_H

#include "base/arena.h"
#include "graph/numbers.h"
#include "store/pairs.h"

/* Gives rows that stand under the number of a handle the number of the account in the list that has both, and sorts again
 * as pair_list does. Where that account has a row of the same profile, what people decided stays of the two. `profiles`
 * lie beside `pairs`. E_NOMEM. */
int pairs_by_handle(const struct numbers *numbers, const struct x_account *accounts, const uint32_t *account_numbers,
                    size_t n_accounts, struct pair_row *pairs, struct profile *profiles, size_t *n_pairs);

#endif

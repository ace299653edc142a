/* bridge/graph/numbers.h
 *
 * X accounts as dense 32-bit numbers from 1: who has which, in memory, rebuilt at start.
 *
 *     id -> number        one for each 64-bit X id that a list or a fact ever named
 *     handle -> number    for accounts that were known by handle alone when they first came: such an account keeps a number
 *                         of its own for ever, and same_as says which id held the handle when (64 bits of a keyed hash;
 *                         equal hashes are taken as equal: three in a million for one collision among ten million)
 *     number -> id        0: by handle alone
 *
 * The writer lane alone gives numbers. What it gave in a transaction waits beside the maps: a rolled back savepoint takes
 * it back, and after COMMIT it is published in slices of at most 0.2 ms under one rwlock, before the answer goes out.
 * Other threads see committed numbers only.
 */
#ifndef SKEIN_GRAPH_NUMBERS_H
#define SKEIN_GRAPH_NUMBERS_H

#include "model/x_account.h"
#include "store/store.h"

struct numbers;

struct numbers *numbers_new(void); /* NULL without memory */
void numbers_free(struct numbers *numbers);

/* Everything that the store holds; before other threads see it. */
int numbers_load(struct numbers *numbers, struct db *db, const struct keys *keys, struct err *err);

/* --- any thread ----------------------------------------------------------------------------------------------------- */

uint32_t numbers_count(const struct numbers *numbers); /* the largest number given */
bool numbers_of_id(const struct numbers *numbers, uint64_t id, uint32_t *ret_number);
bool numbers_of_handle(const struct numbers *numbers, struct text handle, uint32_t *ret_number); /* ASCII case folds */
uint64_t numbers_id(const struct numbers *numbers, uint32_t number); /* 0: by handle alone, or no such number */
/* The ids of n numbers, taking the lock for many at a time. */
void numbers_ids(const struct numbers *numbers, const uint32_t *wanted, size_t n, uint64_t *ret_ids);

/* --- the writer lane ------------------------------------------------------------------------------------------------ */

/* A number for each account: by its id, else by its handle. New ones are written as a chunk in the lane's transaction.
 * An account has an id or a handle of at most LIMIT_X_HANDLE bytes (E_BUG). Returns 0, E_NOMEM, E_TOO_LARGE (four billion), or the store's error. */
int numbers_give(struct numbers *numbers, struct db *db, const struct x_account *accounts, size_t n,
                 uint32_t *ret_numbers, struct err *err);

/* Takes back and publishes with the lane's transactions: for store_listen. */
struct store_listener numbers_listener(struct numbers *numbers);

#endif

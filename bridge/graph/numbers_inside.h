/* bridge/graph/numbers_inside.h
 *
 * The numbers as they lie in memory: for the files of numbers.h alone.
 *
 * Ids by number lie in pages that never move, so that a new number moves no old one. Only the writer lane changes anything,
 * so it reads without the lock; what others read it changes under the lock.
 */
#ifndef SKEIN_GRAPH_NUMBERS_INSIDE_H
#define SKEIN_GRAPH_NUMBERS_INSIDE_H

#include "base/u64_map.h"
#include "graph/numbers.h"

#include <pthread.h>

#define PAGE_BITS 16
#define PAGE_IDS  (1u << PAGE_BITS)
#define PAGES     (1u << (32 - PAGE_BITS))

/* What an account is found by: its X id, or the keyed hash of its handle. */
struct account_key {
    uint64_t key;
    bool by_handle;
};

struct numbers {
    pthread_rwlock_t lock;
    struct u64_map by_id;     /* X id -> number */
    struct u64_map by_handle; /* keyed hash of the handle -> number */
    uint32_t count;           /* the largest number that was published */
    uint64_t *pages[PAGES];   /* owned; X ids by number; NULL where no number lies */

    /* The writer lane's: given and not yet committed, numbers count + 1, count + 2, ... The maps lead to places in
     * `pending` and may hold keys that were taken back: a place counts where it holds the key. */
    struct account_key *pending; /* owned */
    size_t n_pending;
    size_t room;
    size_t mark; /* pending at the last savepoint */
    struct u64_map pending_ids;
    struct u64_map pending_handles;
};

struct account_key account_key_of(const struct x_account *account);

/* Room for `more` numbers, so that publishing them cannot fail: `ids` of them found by id, `handles` by handle. */
int numbers_make_room(struct numbers *numbers, size_t more, size_t ids, size_t handles);

/* The next number, for whoever holds the lock or is alone; there is room. */
void numbers_append(struct numbers *numbers, const struct account_key *key);

#endif

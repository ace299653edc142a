/* bridge/graph/numbers_give.c
 *
 * Giving numbers, on the writer lane: what was given waits here until its transaction is committed.
 *
 * All memory that publishing needs is taken while numbers are given, so that nothing can fail once COMMIT has returned.
 */
#include "base/cleanup.h"
#include "base/limits.h"
#include "graph/numbers_inside.h"
#include "store/lists.h"

#include <endian.h>
#include <string.h>

/* Look-ups whose places are fetched together. */
#define KEYS_AT_ONCE 32
/* Numbers that are published under one lock: at half a microsecond each, which a table that is not in any cache takes,
 * well under the 0.2 ms that readers may be held. */
#define PUBLISHED_AT_ONCE 128
/* Tables of pending keys that are kept for the next transaction; larger ones are given back. */
#define PENDING_KEPT ((size_t)1 << 16)

/* --- finding and adding --------------------------------------------------------------------------------------------- */

static bool find_pending(const struct numbers *numbers, const struct account_key *key, uint32_t *ret_number)
{
    uint32_t place;
    if (!u64_map_get(key->by_handle ? &numbers->pending_handles : &numbers->pending_ids, key->key, &place))
        return false;
    if (place >= numbers->n_pending || numbers->pending[place].by_handle != key->by_handle ||
        numbers->pending[place].key != key->key) /* that one was taken back */
        return false;
    *ret_number = numbers->count + 1 + place;
    return true;
}

static int add_pending(struct numbers *numbers, const struct account_key *key, uint32_t *ret_number)
{
    struct u64_map *map = key->by_handle ? &numbers->pending_handles : &numbers->pending_ids;
    int rc = u64_map_put(map, key->key, (uint32_t)numbers->n_pending);
    if (rc < 0)
        return rc;
    numbers->pending[numbers->n_pending++] = *key;
    *ret_number = numbers->count + (uint32_t)numbers->n_pending;
    return 0;
}

static int give_one(struct numbers *numbers, const struct account_key *key, uint32_t *ret_number)
{
    if (u64_map_get(key->by_handle ? &numbers->by_handle : &numbers->by_id, key->key, ret_number) ||
        find_pending(numbers, key, ret_number))
        return 0;
    return add_pending(numbers, key, ret_number);
}

static int give_some(struct numbers *numbers, const struct x_account *accounts, size_t n, uint32_t *ret_numbers)
{
    struct account_key keys[KEYS_AT_ONCE];
    for (size_t i = 0; i < n; i++) {
        keys[i] = account_key_of(&accounts[i]);
        u64_map_fetch_ahead(keys[i].by_handle ? &numbers->by_handle : &numbers->by_id, keys[i].key);
    }
    for (size_t i = 0; i < n; i++) {
        int rc = give_one(numbers, &keys[i], &ret_numbers[i]);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* Room for all of them, as if each were new: here, and where they will be published. */
static int make_room(struct numbers *numbers, const struct x_account *accounts, size_t n)
{
    size_t by_id = 0;
    size_t wanted = numbers->n_pending + n;
    for (size_t i = 0; i < n; i++)
        by_id += accounts[i].id != 0;
    int rc =
        numbers_make_room(numbers, wanted, by_id > 0 ? numbers->n_pending + by_id : 0, by_id < n ? wanted - by_id : 0);
    if (rc < 0 || wanted <= numbers->room)
        return rc;
    size_t room = numbers->room ? numbers->room : KEYS_AT_ONCE;
    while (room < wanted)
        room *= 2;
    struct account_key *pending = realloc(numbers->pending, room * sizeof *pending);
    if (!pending)
        return E_NOMEM;
    numbers->pending = pending;
    numbers->room = room;
    return 0;
}

/* --- in the store --------------------------------------------------------------------------------------------------- */

/* The chunk of what is pending from `from` on. */
static int put_chunk(const struct numbers *numbers, struct db *db, size_t from, struct err *err)
{
    size_t n = numbers->n_pending - from;
    CLEANUP_FREE uint64_t *ids = calloc(n, sizeof *ids);
    if (!ids)
        return err_set(err, E_NOMEM, "there is no memory for the numbers of %zu X accounts", n);
    for (size_t i = 0; i < n; i++)
        ids[i] = numbers->pending[from + i].by_handle ? 0 : htole64(numbers->pending[from + i].key);
    return x_chunk_put(db, numbers->count + 1 + (uint32_t)from, (uint32_t)n,
                       (struct text){(const char *)ids, n * sizeof *ids}, err);
}

static bool all_can_be_found(const struct x_account *accounts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (accounts[i].id == 0 && (text_empty(accounts[i].handle) || accounts[i].handle.len > LIMIT_X_HANDLE))
            return false;
    return true;
}

static int give_all(struct numbers *numbers, const struct x_account *accounts, size_t n, uint32_t *ret_numbers,
                    struct err *err)
{
    int rc = make_room(numbers, accounts, n);
    for (size_t i = 0; i < n && rc == 0; i += KEYS_AT_ONCE)
        rc = give_some(numbers, accounts + i, n - i < KEYS_AT_ONCE ? n - i : KEYS_AT_ONCE, ret_numbers + i);
    if (rc == E_TOO_LARGE)
        return err_set(err, rc, "four billion X accounts are the most that Skein can tell apart");
    if (rc < 0)
        return err_set(err, rc, "there is no memory for the numbers of %zu X accounts", n);
    return 0;
}

int numbers_give(struct numbers *numbers, struct db *db, const struct x_account *accounts, size_t n,
                 uint32_t *ret_numbers, struct err *err)
{
    size_t before = numbers->n_pending;
    if (!all_can_be_found(accounts, n))
        return err_set(err, E_BUG, "an X account without id and without a handle of X's length has no number");
    int rc = give_all(numbers, accounts, n, ret_numbers, err);
    if (rc == 0 && numbers->n_pending > before)
        rc = put_chunk(numbers, db, before, err);
    if (rc < 0)
        numbers->n_pending = before;
    return rc;
}

/* --- with the lane's transactions ----------------------------------------------------------------------------------- */

static void on_savepoint(void *context)
{
    struct numbers *numbers = context;
    numbers->mark = numbers->n_pending;
}

static void on_rollback_to(void *context)
{
    struct numbers *numbers = context;
    numbers->n_pending = numbers->mark;
}

static void forget_pending(struct numbers *numbers)
{
    numbers->n_pending = 0;
    numbers->mark = 0;
    u64_map_clear(&numbers->pending_ids, PENDING_KEPT);
    u64_map_clear(&numbers->pending_handles, PENDING_KEPT);
}

static void on_rollback(void *context)
{
    forget_pending(context);
}

static void publish_slice(struct numbers *numbers, const struct account_key *keys, size_t n)
{
    for (size_t i = 0; i < n; i++)
        u64_map_fetch_ahead(keys[i].by_handle ? &numbers->by_handle : &numbers->by_id, keys[i].key);
    pthread_rwlock_wrlock(&numbers->lock);
    for (size_t i = 0; i < n; i++)
        numbers_append(numbers, &keys[i]);
    pthread_rwlock_unlock(&numbers->lock);
}

static void on_committed(void *context)
{
    struct numbers *numbers = context;
    for (size_t i = 0; i < numbers->n_pending; i += PUBLISHED_AT_ONCE) {
        size_t left = numbers->n_pending - i;
        publish_slice(numbers, &numbers->pending[i], left < PUBLISHED_AT_ONCE ? left : PUBLISHED_AT_ONCE);
    }
    forget_pending(numbers);
}

struct store_listener numbers_listener(struct numbers *numbers)
{
    return (struct store_listener){.savepoint = on_savepoint,
                                   .rollback_to = on_rollback_to,
                                   .rollback = on_rollback,
                                   .committed = on_committed,
                                   .context = numbers};
}

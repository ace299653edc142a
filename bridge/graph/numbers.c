/* bridge/graph/numbers.c
 *
 * Who has which number: the maps, the questions that any thread asks, and loading them at start.
 */
#include "graph/numbers.h"

#include "base/cleanup.h"
#include "base/limits.h"
#include "graph/fact_blob.h"
#include "graph/numbers_inside.h"
#include "store/lists.h"

#include <endian.h>
#include <string.h>

/* Ids that are read under one lock, which takes some ten microseconds. */
#define IDS_AT_ONCE 1024

struct numbers *numbers_new(void)
{
    struct numbers *numbers = calloc(1, sizeof *numbers);
    pthread_rwlockattr_t how;
    if (!numbers)
        return NULL;
    pthread_rwlockattr_init(&how);
    /* The usual kind lets readers keep the writer waiting for ever. */
    pthread_rwlockattr_setkind_np(&how, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    int failed = pthread_rwlock_init(&numbers->lock, &how);
    pthread_rwlockattr_destroy(&how);
    if (failed) {
        free(numbers);
        return NULL;
    }
    return numbers;
}

void numbers_free(struct numbers *numbers)
{
    if (!numbers)
        return;
    for (size_t i = 0; i < PAGES; i++)
        free(numbers->pages[i]);
    u64_map_release(&numbers->by_id);
    u64_map_release(&numbers->by_handle);
    u64_map_release(&numbers->pending_ids);
    u64_map_release(&numbers->pending_handles);
    free(numbers->pending);
    pthread_rwlock_destroy(&numbers->lock);
    free(numbers);
}

struct account_key account_key_of(const struct x_account *account)
{
    bool by_handle = account->id == 0;
    return (struct account_key){.key = by_handle ? x_handle_hash(account->handle) : account->id,
                                .by_handle = by_handle};
}

/* --- any thread ----------------------------------------------------------------------------------------------------- */

/* Taking the lock for reading changes it, whoever asks. */
static void lock_for_reading(const struct numbers *numbers)
{
    pthread_rwlock_rdlock((pthread_rwlock_t *)&numbers->lock);
}

static void unlock(const struct numbers *numbers)
{
    pthread_rwlock_unlock((pthread_rwlock_t *)&numbers->lock);
}

uint32_t numbers_count(const struct numbers *numbers)
{
    lock_for_reading(numbers);
    uint32_t count = numbers->count;
    unlock(numbers);
    return count;
}

static bool look_up(const struct numbers *numbers, const struct u64_map *map, uint64_t key, uint32_t *ret_number)
{
    lock_for_reading(numbers);
    bool found = u64_map_get(map, key, ret_number);
    unlock(numbers);
    return found;
}

bool numbers_of_id(const struct numbers *numbers, uint64_t id, uint32_t *ret_number)
{
    return look_up(numbers, &numbers->by_id, id, ret_number);
}

bool numbers_of_handle(const struct numbers *numbers, struct text handle, uint32_t *ret_number)
{
    return handle.len <= LIMIT_X_HANDLE && look_up(numbers, &numbers->by_handle, x_handle_hash(handle), ret_number);
}

static uint64_t id_of(const struct numbers *numbers, uint32_t number)
{
    if (number == 0 || number > numbers->count)
        return 0;
    return numbers->pages[number >> PAGE_BITS][number & (PAGE_IDS - 1)];
}

uint64_t numbers_id(const struct numbers *numbers, uint32_t number)
{
    uint64_t id;
    numbers_ids(numbers, &number, 1, &id);
    return id;
}

void numbers_ids(const struct numbers *numbers, const uint32_t *wanted, size_t n, uint64_t *ret_ids)
{
    for (size_t i = 0; i < n;) {
        size_t end = n - i < IDS_AT_ONCE ? n : i + IDS_AT_ONCE;
        lock_for_reading(numbers);
        for (; i < end; i++)
            ret_ids[i] = id_of(numbers, wanted[i]);
        unlock(numbers);
    }
}

/* --- adding --------------------------------------------------------------------------------------------------------- */

/* A larger table is made beside, while others go on reading, and takes the place of the old one under the lock. */
static int make_map_room(struct numbers *numbers, struct u64_map *map, size_t more)
{
    struct u64_map larger;
    if (more == 0 || u64_map_has_room(map, more))
        return 0;
    int rc = u64_map_copy(map, more, &larger);
    if (rc < 0)
        return rc;
    pthread_rwlock_wrlock(&numbers->lock);
    struct u64_map old = *map;
    *map = larger;
    unlock(numbers);
    u64_map_release(&old);
    return 0;
}

static int make_pages(struct numbers *numbers, uint64_t last)
{
    for (size_t i = numbers->count >> PAGE_BITS; i <= last >> PAGE_BITS; i++) {
        if (numbers->pages[i])
            continue;
        numbers->pages[i] = calloc(PAGE_IDS, sizeof(uint64_t));
        if (!numbers->pages[i])
            return E_NOMEM;
    }
    return 0;
}

int numbers_make_room(struct numbers *numbers, size_t more, size_t ids, size_t handles)
{
    if (more >= UINT32_MAX - numbers->count)
        return E_TOO_LARGE;
    int rc = make_pages(numbers, numbers->count + more);
    if (rc == 0)
        rc = make_map_room(numbers, &numbers->by_id, ids);
    if (rc == 0)
        rc = make_map_room(numbers, &numbers->by_handle, handles);
    return rc;
}

void numbers_append(struct numbers *numbers, const struct account_key *key)
{
    uint32_t number = numbers->count + 1;
    numbers->pages[number >> PAGE_BITS][number & (PAGE_IDS - 1)] = key->by_handle ? 0 : key->key;
    (void)u64_map_put(key->by_handle ? &numbers->by_handle : &numbers->by_id, key->key, number); /* there is room */
    numbers->count = number;
}

/* --- loading -------------------------------------------------------------------------------------------------------- */

struct loading {
    struct numbers *numbers; /* borrowed */
    const struct keys *keys; /* borrowed */
    struct buf facts;        /* owned; one upload's, unsealed */
    struct err *err;         /* borrowed */
};

static void loading_release(struct loading *loading)
{
    buf_release(&loading->facts);
}

static uint64_t chunk_id(struct text ids, uint32_t place)
{
    uint64_t id;
    memcpy(&id, ids.data + place * sizeof id, sizeof id);
    return le64toh(id);
}

static int load_chunk(void *context, uint32_t first, uint32_t n, struct text ids)
{
    struct loading *loading = context;
    struct numbers *numbers = loading->numbers;
    if (first != numbers->count + 1 || n == 0 || ids.len / sizeof(uint64_t) != n || ids.len % sizeof(uint64_t) != 0)
        return err_set(loading->err, E_BAD_INPUT,
                       "the X accounts from number %u on are damaged in the database: restore it from a backup",
                       (unsigned)numbers->count + 1);
    int rc = numbers_make_room(numbers, n, n, 0);
    if (rc < 0)
        return err_set(loading->err, rc, "there is no memory for the numbers of %u X accounts",
                       (unsigned)first + n - 1);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t id = chunk_id(ids, i);
        if (id != 0)
            numbers_append(numbers, &(struct account_key){.key = id});
        else
            numbers->count++; /* by handle alone, or nobody's any more; its page is zeroed */
    }
    return 0;
}

/* The handle of an account that is known by it alone; of several numbers the first. */
static int load_handle(struct loading *loading, const struct fact *fact)
{
    struct numbers *numbers = loading->numbers;
    uint64_t key = x_handle_hash(fact->account.handle);
    uint32_t number;
    if (text_empty(fact->account.handle) || fact->number > numbers->count || id_of(numbers, fact->number) != 0)
        return 0;
    if (u64_map_get(&numbers->by_handle, key, &number) && number <= fact->number)
        return 0;
    return u64_map_put(&numbers->by_handle, key, fact->number);
}

static int load_facts(struct loading *loading, struct text blob)
{
    struct fact_reader reader;
    struct fact fact;
    int rc = fact_reader_init(&reader, blob, loading->err);
    while (rc == 0 && (rc = fact_reader_next(&reader, &fact, loading->err)) == 1) {
        rc = load_handle(loading, &fact);
        if (rc < 0)
            return err_set(loading->err, rc, "there is no memory for the handles of X accounts");
    }
    return rc;
}

static int load_fact_set(void *context, const struct fact_set_row *set)
{
    struct loading *loading = context;
    buf_clear(&loading->facts);
    int rc = keys_unseal(loading->keys, set->facts, id_text(&set->import), &loading->facts, loading->err);
    if (rc == 0)
        rc = load_facts(loading, buf_text(&loading->facts));
    if (rc < 0)
        err_prefix(loading->err, "what import %s says of X accounts: ", set->import.chars);
    return rc;
}

int numbers_load(struct numbers *numbers, struct db *db, const struct keys *keys, struct err *err)
{
    CLEANUP(loading_release) struct loading loading = {.numbers = numbers, .keys = keys, .err = err};
    buf_init(&loading.facts, LIMIT_FACTS_ARENA);
    int rc = x_chunk_walk(db, numbers->count + 1, load_chunk, &loading, err);
    if (rc == 0)
        rc = fact_set_walk(db, load_fact_set, &loading, err);
    return rc;
}

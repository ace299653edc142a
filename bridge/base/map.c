/* bridge/base/map.c
 *
 * The keyed hash map over uthash.
 */
#include "base/map.h"

#include "base/err.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

static unsigned char hash_key[crypto_shorthash_KEYBYTES];
static pthread_once_t hash_key_once = PTHREAD_ONCE_INIT;

static void draw_hash_key(void)
{
    randombytes_buf(hash_key, sizeof hash_key); /* falls back to the kernel where sodium_init has not run */
}

static uint64_t keyed_hash(const void *key, size_t len)
{
    union {
        unsigned char bytes[crypto_shorthash_BYTES];
        uint64_t word;
    } out;
    static const unsigned char nothing[1];
    crypto_shorthash(out.bytes, len ? key : nothing, len, hash_key);
    return out.word;
}

uint64_t map_hash(struct text t)
{
    pthread_once(&hash_key_once, draw_hash_key);
    return keyed_hash(t.data, t.len);
}

/* uthash takes its choices as macros, read where its own header is. */
#define HASH_FUNCTION(key, len, hash) ((hash) = (unsigned)keyed_hash((key), (len)))
#define HASH_NONFATAL_OOM             1
#define uthash_nonfatal_oom(entry)    ((entry)->lost = true)
#include <uthash.h>

struct map_entry {
    struct text key;
    void *value;
    bool lost; /* uthash found no memory for it */
    UT_hash_handle hh;
};

void map_init(struct map *map)
{
    pthread_once(&hash_key_once, draw_hash_key);
    map->entries = NULL;
}

void map_release(struct map *map)
{
    struct map_entry *entry;
    struct map_entry *next;
    HASH_ITER (hh, map->entries, entry, next) {
        HASH_DEL(map->entries, entry);
        free(entry);
    }
}

size_t map_count(const struct map *map)
{
    return HASH_COUNT(map->entries);
}

/* uthash compares with memcmp, which may not be given NULL, not even for no bytes. */
static struct text usable(struct text key)
{
    return text_empty(key) ? TEXT("") : key;
}

static struct map_entry *find(const struct map *map, struct text key)
{
    struct map_entry *entry = NULL;
    key = usable(key);
    HASH_FIND(hh, map->entries, key.data, key.len, entry);
    return entry;
}

void *map_get(const struct map *map, struct text key)
{
    struct map_entry *entry = find(map, key);
    return entry ? entry->value : NULL;
}

int map_put(struct map *map, struct text key, void *value)
{
    struct map_entry *entry = find(map, key);
    if (entry) {
        entry->value = value;
        return 0;
    }
    entry = calloc(1, sizeof *entry);
    if (!entry)
        return E_NOMEM;
    entry->key = usable(key);
    entry->value = value;
    HASH_ADD_KEYPTR(hh, map->entries, entry->key.data, entry->key.len, entry);
    if (entry->lost) {
        free(entry);
        return E_NOMEM;
    }
    return 0;
}

void *map_take(struct map *map, struct text key)
{
    struct map_entry *entry = find(map, key);
    if (!entry)
        return NULL;
    void *value = entry->value;
    HASH_DEL(map->entries, entry);
    free(entry);
    return value;
}

struct map_entry *map_first(const struct map *map)
{
    return map->entries;
}

struct map_entry *map_next(const struct map_entry *entry)
{
    return entry->hh.next;
}

struct text map_key(const struct map_entry *entry)
{
    return entry->key;
}

void *map_value(const struct map_entry *entry)
{
    return entry->value;
}

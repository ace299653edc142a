/* bridge/base/u64_map.c
 *
 * Numbers to numbers, by open addressing.
 *
 * The hash: SipHash took most of a look-up's time. One folded multiplication is four times as fast as it, but lays
 * arithmetic progressions (which an upload can be) in runs, twenty times longer than chance under some keys; after two no
 * structure was found that differs from SipHash (test_u64_map tries). Its key never leaves the table, so nobody sees
 * places or can work out ids that collide.
 */
#include "base/u64_map.h"

#include "base/err.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 64

/* Packed, or the compiler would make 16 bytes of it. */
struct __attribute__((packed, aligned(4))) u64_slot {
    uint64_t key;
    uint32_t value_1; /* value + 1; 0: free */
};

void u64_map_init(struct u64_map *map)
{
    *map = (struct u64_map){.slots = NULL};
}

void u64_map_release(struct u64_map *map)
{
    free(map->slots);
    u64_map_init(map);
}

void u64_map_clear(struct u64_map *map, size_t kept)
{
    if (map->count > 0 && map->size <= kept)
        memset(map->slots, 0, map->size * sizeof *map->slots);
    else if (map->size > kept)
        u64_map_release(map);
    map->count = 0;
}

static uint64_t fold(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static size_t place_of(const struct u64_map *map, uint64_t key)
{
    return (size_t)fold(fold(key ^ map->key[0], map->key[1]), map->key[0]) & (map->size - 1);
}

/* The slot that holds key, or the free one where it belongs. The table is never full. */
static struct u64_slot *find(const struct u64_map *map, uint64_t key)
{
    size_t at = place_of(map, key);
    while (map->slots[at].value_1 != 0 && map->slots[at].key != key)
        at = (at + 1) & (map->size - 1);
    return &map->slots[at];
}

/* Numbers that a table of this size may hold. */
static size_t most_of(size_t size)
{
    return size / 4 * 3;
}

bool u64_map_has_room(const struct u64_map *map, size_t more)
{
    return more <= most_of(map->size) - map->count;
}

int u64_map_copy(const struct u64_map *map, size_t more, struct u64_map *ret_copy)
{
    struct u64_map copy = {.size = map->size ? map->size : FIRST_SIZE, .count = map->count};
    while (!u64_map_has_room(&copy, more) && copy.size <= SIZE_MAX / 2)
        copy.size *= 2;
    copy.slots = u64_map_has_room(&copy, more) ? calloc(copy.size, sizeof *copy.slots) : NULL;
    if (!copy.slots)
        return E_NOMEM;
    randombytes_buf(copy.key, sizeof copy.key); /* falls back to the kernel where sodium_init has not run */
    copy.key[0] |= 1;
    copy.key[1] |= 1; /* a factor of 0 would be no hash, and even ones lose bits */
    for (size_t i = 0; i < map->size; i++)
        if (map->slots[i].value_1 != 0)
            *find(&copy, map->slots[i].key) = map->slots[i];
    *ret_copy = copy;
    return 0;
}

bool u64_map_get(const struct u64_map *map, uint64_t key, uint32_t *ret_value)
{
    if (map->count == 0)
        return false;
    const struct u64_slot *slot = find(map, key);
    if (slot->value_1 == 0)
        return false;
    *ret_value = slot->value_1 - 1;
    return true;
}

int u64_map_put(struct u64_map *map, uint64_t key, uint32_t value)
{
    if (!u64_map_has_room(map, 1)) {
        struct u64_map larger;
        int rc = u64_map_copy(map, 1, &larger);
        if (rc < 0)
            return rc;
        u64_map_release(map);
        *map = larger;
    }
    struct u64_slot *slot = find(map, key);
    if (slot->value_1 == 0)
        map->count++;
    *slot = (struct u64_slot){.key = key, .value_1 = value + 1};
    return 0;
}

void u64_map_fetch_ahead(const struct u64_map *map, uint64_t key)
{
    if (map->count > 0)
        __builtin_prefetch(&map->slots[place_of(map, key)]);
}

size_t u64_map_steps(const struct u64_map *map, uint64_t key)
{
    if (map->count == 0)
        return 0;
    return ((size_t)(find(map, key) - map->slots) - place_of(map, key)) & (map->size - 1);
}

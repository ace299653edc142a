/* bridge/base/u64_map.c
 *
 * Numbers to numbers, by open addressing.
 */
#include "base/u64_map.h"

#include "base/err.h"
#include "base/map.h"

#include <stdlib.h>

#define FIRST_SIZE 64

struct u64_slot {
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

/* The slot that holds key, or the free one where it belongs. The table is never full. */
static struct u64_slot *find(struct u64_slot *slots, size_t size, uint64_t key)
{
    size_t at = (size_t)map_hash((struct text){(const char *)&key, sizeof key}) & (size - 1);
    while (slots[at].value_1 != 0 && slots[at].key != key)
        at = (at + 1) & (size - 1);
    return &slots[at];
}

static int grow(struct u64_map *map)
{
    size_t size = map->size ? map->size * 2 : FIRST_SIZE;
    struct u64_slot *slots = calloc(size, sizeof *slots);
    if (!slots)
        return E_NOMEM;
    for (size_t i = 0; i < map->size; i++)
        if (map->slots[i].value_1 != 0)
            *find(slots, size, map->slots[i].key) = map->slots[i];
    free(map->slots);
    map->slots = slots;
    map->size = size;
    return 0;
}

bool u64_map_get(const struct u64_map *map, uint64_t key, uint32_t *ret_value)
{
    if (map->count == 0)
        return false;
    const struct u64_slot *slot = find(map->slots, map->size, key);
    if (slot->value_1 == 0)
        return false;
    *ret_value = slot->value_1 - 1;
    return true;
}

int u64_map_put(struct u64_map *map, uint64_t key, uint32_t value)
{
    if (map->count >= map->size / 8 * 7) {
        int rc = grow(map);
        if (rc < 0)
            return rc;
    }
    struct u64_slot *slot = find(map->slots, map->size, key);
    if (slot->value_1 == 0)
        map->count++;
    *slot = (struct u64_slot){.key = key, .value_1 = value + 1};
    return 0;
}

/* bridge/base/u64_map.h
 *
 * A hash map from a 64-bit number to a 32-bit one: X ids, or the keyed hashes of handles, to places in an array.
 *
 * Open addressing, 16 bytes a slot, at most 7 of 8 slots in use. Places come from a keyed hash, because ids come from
 * uploads. Not thread-safe.
 */
#ifndef SKEIN_BASE_U64_MAP_H
#define SKEIN_BASE_U64_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct u64_slot;

struct u64_map {
    struct u64_slot *slots; /* owned; NULL until the first number */
    size_t size;            /* slots, a power of two */
    size_t count;           /* of them in use */
};

void u64_map_init(struct u64_map *map);
void u64_map_release(struct u64_map *map);

bool u64_map_get(const struct u64_map *map, uint64_t key, uint32_t *ret_value);

/* Stores value (not UINT32_MAX) under key, instead of what was there. Returns 0 or E_NOMEM (then nothing changed). */
int u64_map_put(struct u64_map *map, uint64_t key, uint32_t value);

#endif

/* bridge/base/u64_map.h
 *
 * A hash map from a 64-bit number to a 32-bit one: X ids, or the keyed hashes of handles, to places in an array.
 *
 * Open addressing, 12 bytes a slot, at most 3 of 4 slots in use, so 16 to 32 bytes a number. Ids come from uploads, so
 * places come from a hash that nobody can foresee: two folded multiplications (as in wyhash) under 128 bits that each
 * table draws for itself. Not thread-safe; threads that only read may do so together.
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
    uint64_t key[2];        /* of the hash */
};

void u64_map_init(struct u64_map *map);
void u64_map_release(struct u64_map *map);

/* Forgets all numbers; keeps the memory of at most `kept` slots. */
void u64_map_clear(struct u64_map *map, size_t kept);

bool u64_map_get(const struct u64_map *map, uint64_t key, uint32_t *ret_value);

/* Stores value (not UINT32_MAX) under key, instead of what was there. Returns 0 or E_NOMEM (then nothing changed). */
int u64_map_put(struct u64_map *map, uint64_t key, uint32_t value);

/* Would this many more numbers go in without making the table anew? */
bool u64_map_has_room(const struct u64_map *map, size_t more);

/* Makes a copy with room for `more` numbers beside a map that others go on reading. Returns 0 or E_NOMEM. */
int u64_map_copy(const struct u64_map *map, size_t more, struct u64_map *ret_copy);

/* Brings what lies at a key's place nearer, for who asks for many keys: some ten of them ahead of u64_map_get. */
void u64_map_fetch_ahead(const struct u64_map *map, uint64_t key);

/* Slots behind its own place that a look-up of key goes through: how good the hash is. */
size_t u64_map_steps(const struct u64_map *map, uint64_t key);

#endif

/* bridge/base/map.h
 *
 * A hash map from text to a pointer, in the order of insertion.
 *
 * uthash underneath, with libsodium's keyed hash (SipHash-2-4 under a key drawn at start), because keys come from
 * uploads and from other people's profiles: whoever could foresee the hash could make every look-up slow.
 * Not thread-safe.
 */
#ifndef SKEIN_BASE_MAP_H
#define SKEIN_BASE_MAP_H

#include "base/text.h"

struct map_entry;

/* 64 bits of t under the same key: for tables of our own that must not be foreseen either. Any thread. It differs from
 * one start to the next, so it is never stored. */
uint64_t map_hash(struct text t);

struct map {
    struct map_entry *entries; /* owned */
};

void map_init(struct map *map);
void map_release(struct map *map); /* frees the entries, not what they point to */

size_t map_count(const struct map *map);

/* What is stored under key; NULL where nothing is. */
void *map_get(const struct map *map, struct text key);

/* Stores value (not NULL) under key, instead of what was there. The key is borrowed: its bytes must outlive the map.
 * Returns 0 or E_NOMEM (then nothing changed). */
int map_put(struct map *map, struct text key, void *value);

/* Takes the entry out; returns what it held, or NULL. */
void *map_take(struct map *map, struct text key);

/* Walks in the order of insertion: for (e = map_first(m); e; e = map_next(e)). */
struct map_entry *map_first(const struct map *map);
struct map_entry *map_next(const struct map_entry *entry);
struct text map_key(const struct map_entry *entry);
void *map_value(const struct map_entry *entry);

#endif

/* bridge/linkage/index.h
 *
 * The cache of public profiles, findable by what could join them to an X account: handle key, name key, X handle named
 * in the bio, site.
 *
 * One index serves many runs and lives as long as its owner wants: for one `skein match`, or for a server. It copies
 * what it is given. A key that very many profiles share finds only the first INDEX_HOLDERS_MAX of them. Not
 * thread-safe: one owner at a time; readers may share it while nobody adds.
 */
#ifndef SKEIN_LINKAGE_INDEX_H
#define SKEIN_LINKAGE_INDEX_H

#include "linkage/compare.h"
#include "linkage/frequency.h"

/* Profiles looked at under one key. More share only names such as "Anna", which are no reason to look. */
#define INDEX_HOLDERS_MAX 64

struct profile_index;

/* `space` is copied, what it points to is borrowed. NULL without memory. */
struct profile_index *profile_index_new(const struct handle_space *space);
void profile_index_free(struct profile_index *index);

/* How a profile came to us: what we asked for by its name must not count as a sign of how common the name is. */
enum profile_source { PROFILE_ASKED_BY_HANDLE, PROFILE_FROM_SEARCH, PROFILE_FROM_NEIGHBOURHOOD };

/* Adds a copy, or renews the one with the same id: a detailed profile replaces any, a search hit only another search
 * hit. Marked PROFILE_LEAVE_ME_OUT it is kept so that it is known, but nothing finds it. Returns 0 or E_NOMEM. */
int profile_index_add(struct profile_index *index, const struct profile *profile, enum profile_source source);

/* By id, or by handle (any case); NULL: not in the cache. Borrowed until the index is freed; a renewed profile is
 * another record. */
const struct profile *profile_index_get(const struct profile_index *index, struct text id);
const struct profile *profile_index_by_handle(const struct profile_index *index, struct text handle);

size_t profile_index_count(const struct profile_index *index);
const struct frequency *profile_index_frequency(const struct profile_index *index);

/* Numbers of the profiles that share a key with x, each once, into ret_numbers (room for max), in no telling order.
 * Returns how many. */
size_t profile_index_find(const struct profile_index *index, const struct x_keys *x, uint32_t *ret_numbers, size_t max);

/* The keys of profile `number` (from find, or from profile_index_number); borrowed. */
const struct profile_keys *profile_index_keys(const struct profile_index *index, uint32_t number);
bool profile_index_number(const struct profile_index *index, struct text id, uint32_t *ret_number);

#endif

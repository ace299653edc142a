/* bridge/base/arena.h
 *
 * Memory with one lifetime: allocated piece by piece, freed all at once.
 *
 * An operation, an uploaded list or a set of candidates owns one arena; everything it makes lives until the arena is
 * released. Not thread-safe: one thread at a time, as an operation's steps are.
 */
#ifndef SKEIN_BASE_ARENA_H
#define SKEIN_BASE_ARENA_H

#include "base/text.h"

struct arena_block;

struct arena {
    struct arena_block *blocks; /* owned; newest first */
    size_t used;                /* bytes handed out, padding included */
    size_t max;                 /* bytes it may ever hand out */
};

void arena_init(struct arena *arena, size_t max);
void arena_release(struct arena *arena);

/* Zeroed memory, aligned for any type; NULL when the maximum or the system's memory is reached. */
void *arena_alloc(struct arena *arena, size_t count, size_t size);

#define ARENA_NEW(arena, type)          ((type *)arena_alloc((arena), 1, sizeof(type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_alloc((arena), (count), sizeof(type)))

/* A copy of t that lives as long as the arena, with a NUL behind it. On failure false; an empty t copies to empty. */
bool arena_text(struct arena *arena, struct text t, struct text *ret_copy);

/* The same with ASCII letters made small: keys of handles, hosts and DIDs. */
bool arena_lower(struct arena *arena, struct text t, struct text *ret_copy);

/* The same for printf's words; NULL on failure. */
const char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Makes room for one more element behind `count` of an array that lives in the arena: doubles it when it is full. The
 * old array stays behind until the arena goes, so pointers into it stay valid. NULL on failure. */
void *arena_grow(struct arena *arena, void *array, size_t count, size_t size);

#endif

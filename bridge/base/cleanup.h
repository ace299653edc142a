/* bridge/base/cleanup.h
 *
 * Scope-bound release: `CLEANUP(buf_release) struct buf b = ...;` runs buf_release(&b) when b leaves its scope.
 */
#ifndef SKEIN_BASE_CLEANUP_H
#define SKEIN_BASE_CLEANUP_H

#include <stddef.h>
#include <stdlib.h>

#define CLEANUP(function) __attribute__((cleanup(function)))

/* Defines a cleanup function for a pointer type whose release function takes the pointer itself:
 * CLEANUP_POINTER(json_t, json_decref) makes json_decref_at(json_t **), for CLEANUP(json_decref_at). */
#define CLEANUP_POINTER(type, release)                                                                                 \
    static inline void release##_at(type **at)                                                                         \
    {                                                                                                                  \
        if (*at)                                                                                                       \
            release(*at);                                                                                              \
    }

static inline void free_at(void *at)
{
    free(*(void **)at);
}

/* Memory from malloc, freed at the end of the scope. */
#define CLEANUP_FREE CLEANUP(free_at)

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* The struct that holds `member` at `pointer`: how an operation finds its own record from its `struct op`. */
#define CONTAINER_OF(pointer, type, member) ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#endif

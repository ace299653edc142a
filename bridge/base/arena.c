/* bridge/base/arena.c
 *
 * A list of blocks, each twice the one before, from which pieces are cut.
 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BLOCK   4096
#define LARGEST_BLOCK ((size_t)1 << 20)

struct arena_block {
    struct arena_block *next;
    size_t used;
    size_t size;
    _Alignas(max_align_t) char data[];
};

void arena_init(struct arena *arena, size_t max)
{
    *arena = (struct arena){.max = max};
}

void arena_release(struct arena *arena)
{
    struct arena_block *block = arena->blocks;
    while (block) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
    arena_init(arena, arena->max);
}

static struct arena_block *add_block(struct arena *arena, size_t needed)
{
    size_t size = arena->blocks ? arena->blocks->size * 2 : FIRST_BLOCK;
    if (size > LARGEST_BLOCK)
        size = LARGEST_BLOCK;
    if (size < needed)
        size = needed;
    struct arena_block *block = calloc(1, sizeof *block + size);
    if (!block)
        return NULL;
    block->size = size;
    block->next = arena->blocks;
    arena->blocks = block;
    return block;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > arena->max)
        return NULL;
    size_t align = _Alignof(max_align_t);
    bytes = (bytes + align - 1) / align * align;
    if (bytes == 0)
        bytes = align;
    if (bytes > arena->max - arena->used)
        return NULL;
    struct arena_block *block = arena->blocks;
    if (!block || block->size - block->used < bytes)
        block = add_block(arena, bytes);
    if (!block)
        return NULL;
    void *piece = block->data + block->used;
    block->used += bytes;
    arena->used += bytes;
    return piece;
}

bool arena_text(struct arena *arena, struct text t, struct text *ret_copy)
{
    char *copy = arena_alloc(arena, t.len + 1, 1);
    if (!copy)
        return false;
    if (t.len > 0)
        memcpy(copy, t.data, t.len);
    *ret_copy = (struct text){copy, t.len};
    return true;
}

bool arena_lower(struct arena *arena, struct text t, struct text *ret_copy)
{
    char *copy = arena_alloc(arena, t.len + 1, 1);
    if (!copy)
        return false;
    for (size_t i = 0; i < t.len; i++)
        copy[i] = byte_lower(t.data[i]);
    *ret_copy = (struct text){copy, t.len};
    return true;
}

const char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0)
        return NULL;
    char *copy = arena_alloc(arena, (size_t)len + 1, 1);
    if (!copy)
        return NULL;
    va_start(args, format);
    vsnprintf(copy, (size_t)len + 1, format, args);
    va_end(args);
    return copy;
}

/* Full exactly when the count is 0 or a power of two: no capacity need be stored beside the array. */
void *arena_grow(struct arena *arena, void *array, size_t count, size_t size)
{
    if (count > 0 && (count & (count - 1)) != 0)
        return array;
    void *larger = arena_alloc(arena, count ? count * 2 : 1, size);
    if (larger && count > 0)
        memcpy(larger, array, count * size);
    return larger;
}

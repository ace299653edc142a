/* bridge/linkage/index.c
 *
 * The cache of profiles and the table under which they are found.
 *
 * The table maps a 64-bit keyed hash to profile numbers, 16 bytes a slot, open addressing. Keys are not stored: whoever
 * is found is compared anyway, so two keys with one hash cost a comparison. A slot is never taken back; a renewed
 * profile leaves its old keys behind, which again cost a comparison at most.
 */
#include "linkage/index.h"

#include "base/cleanup.h"
#include "base/err.h"
#include "base/limits.h"
#include "linkage/handle.h"

#include <stdlib.h>
#include <string.h>

/* What a key is a key of: part of its hash. */
enum key_kind { KEY_ID, KEY_ACTOR, KEY_HANDLE, KEY_NAME, KEY_NAMES_X, KEY_SITE };

struct slot {
    uint64_t hash;
    uint32_t number; /* of the profile, plus one; 0: free */
};

struct profile_index {
    struct arena arena; /* owned: profiles and their keys */
    struct handle_space space;
    struct frequency frequency;  /* owned */
    struct profile_keys **items; /* owned array; what it points to lives in the arena */
    size_t n;
    size_t room;        /* of items */
    struct slot *slots; /* owned */
    size_t n_slots;     /* a power of two, or 0 */
    size_t used;
};

struct profile_index *profile_index_new(const struct handle_space *space)
{
    struct profile_index *index = calloc(1, sizeof *index);
    if (!index)
        return NULL;
    arena_init(&index->arena, LIMIT_PROFILE_INDEX);
    frequency_init(&index->frequency);
    index->space = *space;
    return index;
}

void profile_index_free(struct profile_index *index)
{
    if (!index)
        return;
    frequency_release(&index->frequency);
    arena_release(&index->arena);
    free(index->items);
    free(index->slots);
    free(index);
}

/* --- the table ----------------------------------------------------------------------------------------------------- */

static uint64_t hash_of(enum key_kind kind, struct text key)
{
    static const uint64_t odd = UINT64_C(0x9E3779B97F4A7C15); /* 2^64 over the golden ratio: far from any small kind */
    return map_hash(key) + odd * (uint64_t)(kind + 1);
}

/* Calls for each slot of this hash, in order: *at starts at hash and moves on. NULL at the end. */
static const struct slot *next_slot(const struct profile_index *index, uint64_t hash, size_t *at)
{
    while (index->n_slots > 0) {
        const struct slot *slot = &index->slots[*at & (index->n_slots - 1)];
        (*at)++;
        if (slot->number == 0)
            return NULL;
        if (slot->hash == hash)
            return slot;
    }
    return NULL;
}

static void place(struct slot *slots, size_t n_slots, struct slot slot)
{
    size_t at = (size_t)slot.hash;
    while (slots[at & (n_slots - 1)].number != 0)
        at++;
    slots[at & (n_slots - 1)] = slot;
}

static int make_room(struct profile_index *index)
{
    if (index->used * 3 < index->n_slots * 2)
        return 0;
    size_t n_slots = index->n_slots ? index->n_slots * 2 : 1024;
    struct slot *slots = calloc(n_slots, sizeof *slots);
    if (!slots)
        return E_NOMEM;
    for (size_t i = 0; i < index->n_slots; i++)
        if (index->slots[i].number != 0)
            place(slots, n_slots, index->slots[i]);
    free(index->slots);
    index->slots = slots;
    index->n_slots = n_slots;
    return 0;
}

/* Once for each profile; under one key at most INDEX_HOLDERS_MAX, which also bounds the walk. */
static int add_key(struct profile_index *index, enum key_kind kind, struct text key, uint32_t number)
{
    if (text_empty(key))
        return 0;
    int rc = make_room(index);
    if (rc < 0)
        return rc;
    uint64_t hash = hash_of(kind, key);
    size_t at = (size_t)hash;
    size_t holders = 0;
    const struct slot *slot;
    while ((slot = next_slot(index, hash, &at))) {
        holders++;
        if (slot->number == number + 1 || holders == INDEX_HOLDERS_MAX)
            return 0;
    }
    place(index->slots, index->n_slots, (struct slot){.hash = hash, .number = number + 1});
    index->used++;
    return 0;
}

/* --- adding -------------------------------------------------------------------------------------------------------- */

static int copy_profile(struct arena *arena, const struct profile *profile, struct profile **ret_copy)
{
    struct profile *copy = ARENA_NEW(arena, struct profile);
    if (!copy)
        return E_NOMEM;
    *copy = *profile;
    if (!arena_text(arena, profile->id, &copy->id) || !arena_text(arena, profile->handle, &copy->handle) ||
        !arena_text(arena, profile->name, &copy->name) || !arena_text(arena, profile->bio, &copy->bio) ||
        !arena_text(arena, profile->website, &copy->website))
        return E_NOMEM;
    *ret_copy = copy;
    return 0;
}

static int add_handle_keys(struct profile_index *index, const struct profile_handle *handle, uint32_t number)
{
    const struct text keys[] = {handle->label, handle->stem, handle->registrable, handle->joined, handle->whole};
    struct text rest;
    int rc = 0;
    for (size_t i = 0; i < ARRAY_LEN(keys) && rc == 0; i++)
        rc = add_key(index, KEY_HANDLE, keys[i], number);
    for (size_t nth = 0; rc == 0 && handle_without_affix(handle->label, nth, &rest); nth++)
        rc = add_key(index, KEY_HANDLE, rest, number);
    if (rc == 0 && handle->own_domain)
        rc = add_key(index, KEY_SITE, handle->plain, number);
    if (rc == 0 && handle->own_domain)
        rc = add_key(index, KEY_SITE, handle->owned, number);
    return rc;
}

static int add_keys(struct profile_index *index, const struct profile_keys *keys, uint32_t number)
{
    int rc = add_key(index, KEY_ID, keys->profile->id, number);
    if (rc == 0)
        rc = add_key(index, KEY_ACTOR, keys->handle.plain, number);
    if (rc < 0 || (keys->profile->marks & PROFILE_LEAVE_ME_OUT))
        return rc;
    rc = add_handle_keys(index, &keys->handle, number);
    if (rc == 0)
        rc = add_key(index, KEY_NAME, keys->name.sorted, number);
    if (rc == 0 && keys->name.n_tokens > 1)
        rc = add_key(index, KEY_HANDLE, keys->name.joined, number);
    for (size_t i = 0; i < keys->mentions.n && rc == 0; i++) {
        const struct mention *mention = &keys->mentions.items[i];
        if (mention->kind == MENTION_X && mention->form != MENTION_DISCLAIMED)
            rc = add_key(index, KEY_NAMES_X, mention->value, number);
        else if (mention->kind == MENTION_SITE)
            rc = add_key(index, KEY_SITE, mention->value, number);
    }
    return rc;
}

static int make_item_room(struct profile_index *index)
{
    if (index->n < index->room)
        return 0;
    size_t room = index->room ? index->room * 2 : 256;
    struct profile_keys **items = reallocarray(index->items, room, sizeof(struct profile_keys *));
    if (!items)
        return E_NOMEM;
    index->items = items;
    index->room = room;
    return 0;
}

int profile_index_add(struct profile_index *index, const struct profile *profile, enum profile_source source)
{
    uint32_t number = (uint32_t)index->n;
    bool known = profile_index_number(index, profile->id, &number);
    if (known && index->items[number]->profile->detailed && !profile->detailed)
        return 0;
    struct profile *copy;
    struct profile_keys *keys = ARENA_NEW(&index->arena, struct profile_keys);
    if (!keys)
        return E_NOMEM;
    int rc = copy_profile(&index->arena, profile, &copy);
    if (rc == 0)
        rc = profile_keys_make(&index->arena, &index->space, copy, keys);
    if (rc == 0)
        rc = make_item_room(index);
    if (rc == 0 && !known && source != PROFILE_FROM_SEARCH)
        rc = frequency_add_name(&index->frequency, &keys->name);
    if (rc < 0)
        return rc;
    index->items[number] = keys;
    if (!known)
        index->n++;
    return add_keys(index, keys, number);
}

/* --- finding ------------------------------------------------------------------------------------------------------- */

bool profile_index_number(const struct profile_index *index, struct text id, uint32_t *ret_number)
{
    uint64_t hash = hash_of(KEY_ID, id);
    size_t at = (size_t)hash;
    const struct slot *slot;
    while ((slot = next_slot(index, hash, &at))) {
        if (!text_equal(index->items[slot->number - 1]->profile->id, id))
            continue;
        *ret_number = slot->number - 1;
        return true;
    }
    return false;
}

const struct profile *profile_index_get(const struct profile_index *index, struct text id)
{
    uint32_t number;
    return profile_index_number(index, id, &number) ? index->items[number]->profile : NULL;
}

const struct profile *profile_index_by_handle(const struct profile_index *index, struct text handle)
{
    char lower[256];
    if (handle.len > sizeof lower)
        return NULL;
    for (size_t i = 0; i < handle.len; i++)
        lower[i] = byte_lower(handle.data[i]);
    struct text plain = {lower, handle.len};
    uint64_t hash = hash_of(KEY_ACTOR, plain);
    size_t at = (size_t)hash;
    const struct slot *slot;
    const struct profile *found = NULL;
    while ((slot = next_slot(index, hash, &at))) {
        const struct profile_keys *keys = index->items[slot->number - 1];
        if (text_equal(keys->handle.plain, plain))
            found = keys->profile; /* the last: whoever was seen with the handle most recently */
    }
    return found;
}

size_t profile_index_count(const struct profile_index *index)
{
    return index->n;
}

const struct frequency *profile_index_frequency(const struct profile_index *index)
{
    return &index->frequency;
}

const struct profile_keys *profile_index_keys(const struct profile_index *index, uint32_t number)
{
    return index->items[number];
}

struct found {
    uint32_t *numbers; /* borrowed */
    size_t n;
    size_t max;
};

static void find_key(const struct profile_index *index, enum key_kind kind, struct text key, struct found *found)
{
    if (text_empty(key))
        return;
    uint64_t hash = hash_of(kind, key);
    size_t at = (size_t)hash;
    const struct slot *slot;
    while (found->n < found->max && (slot = next_slot(index, hash, &at))) {
        uint32_t number = slot->number - 1;
        bool had = (index->items[number]->profile->marks & PROFILE_LEAVE_ME_OUT) != 0;
        for (size_t i = 0; i < found->n && !had; i++)
            had = found->numbers[i] == number;
        if (!had)
            found->numbers[found->n++] = number;
    }
}

static void find_mentions(const struct profile_index *index, const struct mentions *mentions, struct found *found)
{
    for (size_t i = 0; i < mentions->n; i++) {
        const struct mention *mention = &mentions->items[i];
        if (mention->form == MENTION_DISCLAIMED)
            continue;
        switch (mention->kind) {
        case MENTION_DID:
            find_key(index, KEY_ID, mention->value, found);
            break;
        case MENTION_HANDLE:
        case MENTION_THREADS:
            find_key(index, KEY_ACTOR, mention->value, found);
            find_key(index, KEY_HANDLE, mention->value, found);
            break;
        case MENTION_SITE:
            find_key(index, KEY_SITE, mention->value, found);
            find_key(index, KEY_SITE, host_owned(mention->value), found);
            break;
        case MENTION_X:
            break;
        }
    }
}

size_t profile_index_find(const struct profile_index *index, const struct x_keys *x, uint32_t *ret_numbers, size_t max)
{
    struct found found = {.numbers = ret_numbers, .max = max};
    struct text rest;
    find_key(index, KEY_NAMES_X, x->handle.plain, &found);
    find_mentions(index, &x->mentions, &found);
    find_key(index, KEY_HANDLE, x->handle.squeezed, &found);
    find_key(index, KEY_NAME, x->name.sorted, &found);
    find_key(index, KEY_HANDLE, x->handle.stem, &found);
    for (size_t nth = 0; handle_without_affix(x->handle.squeezed, nth, &rest); nth++)
        find_key(index, KEY_HANDLE, rest, &found);
    if (x->name.n_tokens > 1)
        find_key(index, KEY_HANDLE, x->name.joined, &found);
    find_key(index, KEY_NAME, x->split_name.sorted, &found);
    return found.n;
}

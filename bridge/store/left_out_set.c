/* bridge/store/left_out_set.c
 *
 * Wishes to be left out, sorted.
 */
#include "store/left_out_set.h"

#include "base/limits.h"
#include "store/wishes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void left_out_hash_x_id(const struct keys *keys, uint64_t id, struct keyed_hash *ret_hash)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRIu64, id);
    keys_hash(keys, "x-id", (struct text){digits, (size_t)len}, ret_hash);
}

void left_out_hash_x_handle(const struct keys *keys, struct text handle, struct keyed_hash *ret_hash)
{
    char folded[LIMIT_X_HANDLE];
    handle = text_slice(handle, 0, sizeof folded);
    for (size_t i = 0; i < handle.len; i++)
        folded[i] = byte_lower(handle.data[i]);
    keys_hash(keys, "x-handle", (struct text){folded, handle.len}, ret_hash);
}

void left_out_hash_profile(const struct keys *keys, const char *network, struct text id, struct keyed_hash *ret_hash)
{
    keys_hash(keys, network, id, ret_hash);
}

static int add_hash(void *context, const struct keyed_hash *hash)
{
    struct left_out_set *set = context;
    if (set->n == set->room) {
        size_t room = set->room ? 2 * set->room : 64;
        struct keyed_hash *hashes = realloc(set->hashes, room * sizeof *hashes);
        if (!hashes)
            return E_NOMEM;
        set->hashes = hashes;
        set->room = room;
    }
    set->hashes[set->n++] = *hash;
    return 0;
}

static int compare_hashes(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct keyed_hash));
}

int left_out_set_load(struct left_out_set *set, struct db *db, const struct keys *keys, struct err *err)
{
    *set = (struct left_out_set){.keys = keys};
    int rc = opt_out_walk(db, add_hash, set, err);
    if (rc == E_NOMEM)
        return err_set(err, rc, "there is no memory for the wishes of those who are to be left out");
    if (set->n > 0)
        qsort(set->hashes, set->n, sizeof *set->hashes, compare_hashes);
    return rc;
}

void left_out_set_release(struct left_out_set *set)
{
    free(set->hashes);
    *set = (struct left_out_set){.keys = NULL};
}

static bool has(const struct left_out_set *set, const struct keyed_hash *hash)
{
    return bsearch(hash, set->hashes, set->n, sizeof *set->hashes, compare_hashes) != NULL;
}

bool left_out_set_has_x(const struct left_out_set *set, const struct x_account *x)
{
    struct keyed_hash hash;
    if (set->n == 0)
        return false; /* on most servers: no account is hashed then */
    if (x->id != 0) {
        left_out_hash_x_id(set->keys, x->id, &hash);
        if (has(set, &hash))
            return true;
    }
    if (text_empty(x->handle))
        return false;
    left_out_hash_x_handle(set->keys, x->handle, &hash);
    return has(set, &hash);
}

bool left_out_set_has_profile(const struct left_out_set *set, const char *network, struct text id)
{
    struct keyed_hash hash;
    if (set->n == 0)
        return false;
    left_out_hash_profile(set->keys, network, id, &hash);
    return has(set, &hash);
}

/* bridge/graph/asked_as.c
 *
 * Keys of look-ups.
 */
#include "graph/asked_as.h"

#include "base/cleanup.h"
#include "base/limits.h"

#include <string.h>

/* Kind, name or handle, scope: no two can run into each other, since the scope is last and has no line end in it. */
#define ASKED_MAX (LIMIT_X_NAME + 64)

static void add(char *what, size_t *len, struct text t, bool folds)
{
    for (size_t i = 0; i < t.len && *len < ASKED_MAX; i++)
        what[(*len)++] = folds ? byte_lower(t.data[i]) : t.data[i];
}

int64_t asked_as(const struct keys *keys, const struct x_account *x, struct text scope)
{
    char what[ASKED_MAX];
    size_t len = 0;
    struct keyed_hash hash;
    int64_t key;
    bool by_handle = !text_empty(x->handle);
    if (!by_handle && text_empty(x->name) && text_empty(scope))
        return 0;
    add(what, &len, by_handle ? TEXT("@") : TEXT("="), false);
    add(what, &len, text_slice(by_handle ? x->handle : x->name, 0, LIMIT_X_NAME), by_handle);
    add(what, &len, TEXT("\n"), false);
    add(what, &len, scope, false);
    keys_hash(keys, "asked-as", (struct text){what, len}, &hash);
    memcpy(&key, hash.bytes, sizeof key);
    return key != 0 ? key : 1;
}

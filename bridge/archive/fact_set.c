/* bridge/archive/fact_set.c
 *
 * Facts about third parties, by id.
 */
#include "archive/fact_set.h"

#include "base/limits.h"

void fact_set_init(struct fact_set *set)
{
    *set = (struct fact_set){.facts = NULL};
    arena_init(&set->arena, LIMIT_FACTS_ARENA);
    u64_map_init(&set->by_id);
}

void fact_set_release(struct fact_set *set)
{
    arena_release(&set->arena);
    u64_map_release(&set->by_id);
    fact_set_init(set);
}

const struct x_fact *fact_set_get(const struct fact_set *set, uint64_t id)
{
    uint32_t place;
    return u64_map_get(&set->by_id, id, &place) ? &set->facts[place] : NULL;
}

/* The set or its arena is full; where half of the arena is free, it was the system's memory that ended. */
static int full(const struct fact_set *set, struct err *err)
{
    if (set->n < LIMIT_FACTS && set->arena.used < set->arena.max / 2)
        return E_NOMEM;
    return err_set(err, E_TOO_LARGE, "the posts name more than %zu people, more than one import may hold", LIMIT_FACTS);
}

/* The fact of this id, made where it is new. */
static int find_or_make(struct fact_set *set, uint64_t id, struct x_fact **ret_fact, struct err *err)
{
    uint32_t place;
    if (u64_map_get(&set->by_id, id, &place)) {
        *ret_fact = &set->facts[place];
        return 0;
    }
    if (set->n == LIMIT_FACTS)
        return full(set, err);
    struct x_fact *facts = arena_grow(&set->arena, set->facts, set->n, sizeof *facts);
    if (!facts)
        return full(set, err);
    set->facts = facts;
    int rc = u64_map_put(&set->by_id, id, (uint32_t)set->n);
    if (rc < 0)
        return rc;
    facts[set->n] = (struct x_fact){.account = {.id = id}};
    *ret_fact = &facts[set->n++];
    return 0;
}

/* A copy, unless it says the same already; empty texts change nothing. */
static int replace(struct fact_set *set, struct text *field, struct text with, size_t max, struct err *err)
{
    with = text_floor_utf8(with, max);
    if (text_empty(with) || text_equal(*field, with))
        return 0;
    return arena_text(&set->arena, with, field) ? 0 : full(set, err);
}

int fact_set_add_post(struct fact_set *set, uint64_t id, struct text handle, struct text name, int64_t said_ms,
                      struct err *err)
{
    struct x_fact *fact;
    int rc = find_or_make(set, id, &fact, err);
    if (rc < 0)
        return rc;
    bool newer = !fact->by_file && (!fact->by_post || said_ms > fact->said_ms);
    if (newer)
        rc = replace(set, &fact->account.handle, handle, LIMIT_X_HANDLE, err);
    if (rc == 0 && (newer || text_empty(fact->account.name)))
        rc = replace(set, &fact->account.name, name, LIMIT_X_NAME, err);
    if (!fact->by_post || said_ms > fact->said_ms)
        fact->said_ms = said_ms;
    fact->by_post = true;
    return rc;
}

int fact_set_add_file(struct fact_set *set, const struct x_account *account, struct err *err)
{
    struct x_fact *fact;
    if (account->id == 0 || text_empty(account->handle))
        return 0;
    int rc = find_or_make(set, account->id, &fact, err);
    if (rc < 0 || fact->by_file)
        return rc;
    fact->by_file = true;
    fact->account.is_protected = account->is_protected;
    fact->account.is_verified = account->is_verified;
    rc = replace(set, &fact->account.handle, account->handle, LIMIT_X_HANDLE, err);
    if (rc == 0)
        rc = replace(set, &fact->account.name, account->name, LIMIT_X_NAME, err);
    if (rc == 0)
        rc = replace(set, &fact->account.bio, account->bio, LIMIT_X_BIO, err);
    if (rc == 0)
        rc = replace(set, &fact->account.website, account->website, LIMIT_X_WEBSITE, err);
    if (rc == 0)
        rc = replace(set, &fact->account.location, account->location, LIMIT_X_LOCATION, err);
    return rc;
}

int fact_set_merge(struct fact_set *set, const struct fact_set *from, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; i < from->n && rc == 0; i++) {
        const struct x_fact *fact = &from->facts[i];
        if (fact->by_post)
            rc = fact_set_add_post(set, fact->account.id, fact->account.handle, fact->account.name, fact->said_ms, err);
        if (rc == 0 && fact->by_file)
            rc = fact_set_add_file(set, &fact->account, err);
    }
    return rc;
}

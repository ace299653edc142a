/* bridge/imports/seal.c
 *
 * Blocks and mutes: sealed in the member's own row for seven days, and of blocks keyed hashes, so that those who were
 * blocked do not find the member. They get no number and no fact, and enter no set.
 *
 * A whole list replaces what an older whole list held; what other files added stays. Shields are only added: a list that
 * lacks somebody may be the older one, and its box is gone by then.
 */
#include "imports/inside.h"

#include "base/limits.h"
#include "graph/sealed_list.h"
#include "store/left_out.h"
#include "store/wishes.h"

#include <stdio.h>
#include <stdlib.h>

#define SEALED_MS (7 * DAY_MS)

/* --- what is there -------------------------------------------------------------------------------------------------- */

struct sealing {
    struct buf there;   /* owned; unsealed; empty: nothing is there */
    struct buf after;   /* owned */
    uint32_t day;       /* of the whole list there */
    struct u64_map ids; /* there -> 1 */
    struct u64_map handles;
    char bound_to[64];
};

static void sealing_release(struct sealing *sealing)
{
    buf_release(&sealing->there);
    buf_release(&sealing->after);
    u64_map_release(&sealing->ids);
    u64_map_release(&sealing->handles);
}

static void sealing_init(struct sealing *sealing, const struct import_run *run, const struct import_list *list)
{
    *sealing = (struct sealing){.day = 0};
    buf_init(&sealing->there, LIMIT_LIST_ARENA);
    buf_init(&sealing->after, LIMIT_LIST_ARENA);
    u64_map_init(&sealing->ids);
    u64_map_init(&sealing->handles);
    snprintf(sealing->bound_to, sizeof sealing->bound_to, "%s/%s", run->owner.chars, list_kind_word(list->kind));
}

static int remember(struct u64_map *ids, struct u64_map *handles, uint64_t id, struct text handle)
{
    int rc = id != 0 ? u64_map_put(ids, id, 1) : 0;
    return rc == 0 && !text_empty(handle) ? u64_map_put(handles, x_handle_hash(handle), 1) : rc;
}

/* By the id where both have one; a handle alone may be anybody's. */
static bool knows(const struct u64_map *ids, const struct u64_map *handles, uint64_t id, struct text handle)
{
    uint32_t one;
    if (id != 0 && u64_map_get(ids, id, &one))
        return true;
    return !text_empty(handle) && u64_map_get(handles, x_handle_hash(handle), &one);
}

static int open_box(struct import_run *run, struct db *db, const struct import_list *list, struct sealing *sealing,
                    struct err *err)
{
    CLEANUP(arena_release) struct arena arena;
    struct sealed_row row;
    arena_init(&arena, LIMIT_LIST_ARENA);
    int rc = sealed_get(db, &run->owner, text_of(list_kind_word(list->kind)), &arena, &row, err);
    if (rc == E_NOT_FOUND)
        return 0;
    if (rc < 0)
        return rc;
    if (row.until_ms <= clock_wall(store_clock(run->options.store)))
        return 0; /* due to be wiped */
    return keys_unseal(store_keys(run->options.store), row.box, text_of(sealing->bound_to), &sealing->there, err);
}

static int load_there(struct sealing *sealing, struct err *err)
{
    struct sealed_reader reader;
    struct sealed_entry entry;
    if (sealing->there.len == 0)
        return 0;
    int rc = sealed_reader_init(&reader, buf_text(&sealing->there), err);
    sealing->day = rc == 0 ? reader.day : 0;
    while (rc == 0 && (rc = sealed_reader_next(&reader, &entry, err)) == 1)
        if ((rc = remember(&sealing->ids, &sealing->handles, entry.id, entry.handle)) < 0)
            return import_no_memory(err);
    return rc;
}

/* --- what it becomes ------------------------------------------------------------------------------------------------ */

struct given {
    struct u64_map ids;
    struct u64_map handles;
};

static void given_release(struct given *given)
{
    u64_map_release(&given->ids);
    u64_map_release(&given->handles);
}

static int given_init(struct given *given, const struct follow_list *list)
{
    int rc = 0;
    u64_map_init(&given->ids);
    u64_map_init(&given->handles);
    for (size_t i = 0; i < list->n && rc == 0; i++)
        rc = remember(&given->ids, &given->handles, list->accounts[i].id, list->accounts[i].handle);
    return rc;
}

static bool is_whole(const struct import_list *list)
{
    return list->source == LIST_FROM_ARCHIVE || list->source == LIST_FROM_API;
}

static int add_given(struct sealing *sealing, struct import_list *list)
{
    int rc = 0;
    for (size_t i = 0; i < list->list->n && rc == 0; i++) {
        const struct x_account *account = &list->list->accounts[i];
        bool there = knows(&sealing->ids, &sealing->handles, account->id, account->handle);
        list->unchanged += there;
        list->added += !there;
        rc = sealed_list_add(
            &(struct sealed_entry){.id = account->id, .handle = account->handle, .whole = is_whole(list)},
            &sealing->after);
    }
    return rc;
}

/* What is there and not given: stays, but for what an older whole list held. */
static int add_staying(struct sealing *sealing, struct import_list *list, const struct given *given, struct err *err)
{
    struct sealed_reader reader;
    struct sealed_entry entry;
    if (sealing->there.len == 0)
        return 0;
    int rc = sealed_reader_init(&reader, buf_text(&sealing->there), err);
    while (rc == 0 && (rc = sealed_reader_next(&reader, &entry, err)) == 1) {
        rc = 0;
        if (knows(&given->ids, &given->handles, entry.id, entry.handle))
            continue;
        list->dropped += entry.whole && is_whole(list);
        if (!entry.whole || !is_whole(list))
            rc = sealed_list_add(&entry, &sealing->after);
    }
    return rc;
}

static int make_after(struct sealing *sealing, struct import_list *list, uint32_t day, struct err *err)
{
    CLEANUP(given_release) struct given given;
    int rc = given_init(&given, list->list);
    if (rc == 0)
        rc = sealed_list_begin(is_whole(list) ? day : sealing->day, &sealing->after);
    if (rc == 0)
        rc = add_given(sealing, list);
    if (rc == 0)
        rc = add_staying(sealing, list, &given, err);
    return rc == E_NOMEM ? import_no_memory(err) : rc;
}

static int put_box(struct import_run *run, struct db *db, const struct import_list *list, const struct sealing *sealing,
                   struct err *err)
{
    CLEANUP(buf_release) struct buf box;
    const struct store *store = run->options.store;
    buf_init(&box, LIMIT_LIST_ARENA + SEAL_OVERHEAD);
    int rc =
        keys_seal(store_keys(store), store_random(store), buf_text(&sealing->after), text_of(sealing->bound_to), &box);
    if (rc < 0)
        return import_no_memory(err);
    struct sealed_row row = {.owner = run->owner,
                             .kind = text_of(list_kind_word(list->kind)),
                             .seal_key = keys_seal_number(store_keys(store)),
                             .box = buf_text(&box),
                             .until_ms = clock_wall(store_clock(store)) + SEALED_MS};
    return sealed_put(db, &row, err);
}

/* An older whole list changes nothing; who is on both is counted all the same. */
static bool stays_older(struct sealing *sealing, struct import_list *list, uint32_t day)
{
    char there[CLOCK_DAY_MAX];
    if (!is_whole(list) || day == 0 || sealing->day == 0 || day >= sealing->day)
        return false;
    for (size_t i = 0; i < list->list->n; i++)
        list->unchanged +=
            knows(&sealing->ids, &sealing->handles, list->list->accounts[i].id, list->list->accounts[i].handle);
    clock_day_print(sealing->day, there);
    list->older = true;
    snprintf(list->note, sizeof list->note, "A newer list, of %s, is there and stays; this one changed nothing in it.",
             there);
    return true;
}

int import_keep_sealed(struct import_run *run, struct db *db, struct import_list *list, struct err *err)
{
    CLEANUP(sealing_release) struct sealing sealing;
    uint32_t day = 0;
    sealing_init(&sealing, run, list);
    (void)clock_day_parse(text_of(list->list->day), &day);
    int rc = open_box(run, db, list, &sealing, err);
    if (rc == 0)
        rc = load_there(&sealing, err);
    if (rc < 0 || stays_older(&sealing, list, day))
        return rc;
    rc = make_after(&sealing, list, day, err);
    if (rc < 0)
        return rc;
    if (list->added == 0 && list->dropped == 0)
        snprintf(list->note, sizeof list->note, "The same list is there already; nothing changed.");
    return put_box(run, db, list, &sealing, err);
}

/* --- shields -------------------------------------------------------------------------------------------------------- */

/* Appends the hash unless the row is there. */
static int add_shield(struct import_run *run, struct db *db, const struct keyed_hash *hash, struct keyed_hash *hashes,
                      size_t *n, struct err *err)
{
    bool there = false;
    int rc = shield_has(db, hash, &run->owner, &there, err);
    if (rc == 0 && !there)
        hashes[(*n)++] = *hash;
    return rc;
}

int import_keep_shields(struct import_run *run, struct db *db, const struct import_list *list, struct err *err)
{
    const struct keys *keys = store_keys(run->options.store);
    const struct follow_list *blocks = list->list;
    CLEANUP_FREE struct keyed_hash *hashes = calloc(2 * blocks->n + 1, sizeof *hashes);
    size_t n = 0;
    int rc = hashes ? 0 : import_no_memory(err);
    for (size_t i = 0; i < blocks->n && rc == 0 && !list->older; i++) {
        const struct x_account *account = &blocks->accounts[i];
        struct keyed_hash hash;
        if (account->id != 0) {
            left_out_hash_x_id(keys, account->id, &hash);
            rc = add_shield(run, db, &hash, hashes, &n, err);
        }
        if (rc == 0 && !text_empty(account->handle)) {
            left_out_hash_x_handle(keys, account->handle, &hash);
            rc = add_shield(run, db, &hash, hashes, &n, err);
        }
    }
    return rc < 0 || n == 0 ? rc : left_out_shield(run->options.store, db, hashes, n, &run->owner, err);
}

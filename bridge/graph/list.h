/* bridge/graph/list.h
 *
 * A list as it is used: the union of its sources, each account once, with what may be said of it to this owner.
 *
 * Sets are loaded, numbers that were known by handle alone are replaced by the id that same_as names for the list's own
 * day, doubles merged. An account's handle, name and the rest come from the owner's own uploads (the newest day wins),
 * else from x_public; what others' uploads say in private is never looked at. Who wished to be left out, by id or by any
 * handle that is told of them here, is not in the list.
 */
#ifndef SKEIN_GRAPH_LIST_H
#define SKEIN_GRAPH_LIST_H

#include "base/arena.h"
#include "base/id.h"
#include "graph/numbers.h"

struct graph_list {
    struct x_account *accounts; /* in the arena; ascending by number */
    uint32_t *numbers;          /* beside accounts */
    unsigned char *told;        /* beside accounts: enum graph_told, who knows the handle */
    size_t n;
};

enum graph_told { GRAPH_TOLD_NOT, GRAPH_TOLD_OWN, GRAPH_TOLD_OTHERS };

/* kind: "following", "followers", "roster". An owner without such a list: n is 0. Reads in the connection's transaction. */
int graph_list_load(struct db *db, const struct numbers *numbers, const struct keys *keys, const struct id *owner,
                    struct text kind, struct arena *arena, struct graph_list *ret_list, struct err *err);

/* Does only this member's list bring up its account at `place`: one that the group's roster lacks, or knows by another
 * handle or by none? Such an account is matched and shown by what the member's uploads say, and for the member alone; any
 * other as the roster knows it. ret_at: its place in the roster; SIZE_MAX where it has none. */
bool graph_list_brings_up(const struct graph_list *own, size_t place, const struct graph_list *roster, size_t *ret_at);

/* Tells what is known of accounts to this owner: fills `accounts` (of the numbers given, ascending) as above. Of those
 * who wished to be left out nothing is told, not even the id. */
int graph_list_describe(struct db *db, const struct numbers *numbers, const struct keys *keys, const struct id *owner,
                        const uint32_t *wanted, size_t n, struct arena *arena, struct x_account *ret_accounts,
                        unsigned char *ret_told, struct err *err);

#endif

/* bridge/store/left_out_set.h
 *
 * Who wished to be left out, in memory: looked at before anybody is asked about, paired or shown.
 *
 * A wish is a keyed hash (crypto/keys.h) of what it is about. The subjects have their names here and nowhere else:
 *
 *     "x-id"       the decimal digits of an X id
 *     "x-handle"   an X handle without @, in small letters
 *     "bluesky"... the network's name: the id of a profile there
 *
 * Shields (whom a member blocked) use the same. Immutable once loaded: any thread.
 */
#ifndef SKEIN_STORE_LEFT_OUT_SET_H
#define SKEIN_STORE_LEFT_OUT_SET_H

#include "crypto/keys.h"
#include "model/x_account.h"
#include "store/db.h"

void left_out_hash_x_id(const struct keys *keys, uint64_t id, struct keyed_hash *ret_hash);
void left_out_hash_x_handle(const struct keys *keys, struct text handle, struct keyed_hash *ret_hash);
void left_out_hash_profile(const struct keys *keys, const char *network, struct text id, struct keyed_hash *ret_hash);

struct left_out_set {
    const struct keys *keys;   /* borrowed */
    struct keyed_hash *hashes; /* owned; ascending */
    size_t n;
    size_t room;
};

/* Everybody's wishes, in the connection's transaction. left_out_set_release in any case. */
int left_out_set_load(struct left_out_set *set, struct db *db, const struct keys *keys, struct err *err);
void left_out_set_release(struct left_out_set *set);

/* By the account's id or by its handle, as far as they are known. */
bool left_out_set_has_x(const struct left_out_set *set, const struct x_account *x);
bool left_out_set_has_profile(const struct left_out_set *set, const char *network, struct text id);

#endif

/* bridge/store/wishes.h
 *
 * Rows of what people wish for themselves: to be left out, not to be found by somebody, sealed lists, wishes with an end.
 *
 * Opt-outs and shields are written through store/left_out.h, which keeps them in a file as well. As store/people.h
 * otherwise.
 */
#ifndef SKEIN_STORE_WISHES_H
#define SKEIN_STORE_WISHES_H

#include "base/arena.h"
#include "base/id.h"
#include "crypto/keys.h"
#include "store/db.h"

int opt_out_put(struct db *db, const struct keyed_hash *hash, int64_t now_ms, struct err *err);
int opt_out_has(struct db *db, const struct keyed_hash *hash, bool *ret_has, struct err *err);
int opt_out_walk(struct db *db, int (*visit)(void *context, const struct keyed_hash *hash), void *context,
                 struct err *err);
int opt_out_delete(struct db *db, const struct keyed_hash *hash, struct err *err);

int shield_put(struct db *db, const struct keyed_hash *hash, const struct id *member, struct err *err);
int shield_has(struct db *db, const struct keyed_hash *hash, const struct id *member, bool *ret_has, struct err *err);
int shield_delete_member(struct db *db, const struct id *member, struct err *err);

struct sealed_row {
    struct id owner;
    struct text kind; /* "blocks", "mutes" */
    uint32_t seal_key;
    struct text box;  /* bound to "<owner>/<kind>" */
    int64_t until_ms; /* when it is wiped; 0: with its owner */
};

int sealed_put(struct db *db, const struct sealed_row *row, struct err *err); /* instead of the row there */
int sealed_get(struct db *db, const struct id *owner, struct text kind, struct arena *arena, struct sealed_row *ret_row,
               struct err *err);
/* All of them, by owner and kind. As the walks of store/lists.h. */
int sealed_walk(struct db *db, int (*visit)(void *context, const struct sealed_row *row), void *context,
                struct err *err);
int sealed_delete(struct db *db, const struct id *owner, struct text kind, struct err *err);

int wish_put(struct db *db, const struct id *member, struct text kind, int64_t until_ms, struct err *err);
int wish_get(struct db *db, const struct id *member, struct text kind, int64_t *ret_until_ms, struct err *err);

/* What has an end goes when it has come: sealed rows and wishes. ret_n: rows that went. */
int wishes_expire(struct db *db, int64_t now_ms, int64_t *ret_n, struct err *err);

#endif

/* bridge/store/lists.h
 *
 * Rows of imports, follow sets, and what uploads say of X accounts.
 *
 * Blobs go in and out as they are: graph/ knows their shapes, crypto/ opens the sealed ones. As store/people.h otherwise.
 */
#ifndef SKEIN_STORE_LISTS_H
#define SKEIN_STORE_LISTS_H

#include "base/arena.h"
#include "base/id.h"
#include "store/db.h"

/* --- imports ------------------------------------------------------------------------------------------------------- */

#define IMPORT_RECEIVED "received"
#define IMPORT_READING  "reading"
#define IMPORT_DONE     "done"
#define IMPORT_FAILED   "failed"

struct import_row {
    struct id id;
    struct id owner; /* a member or a community */
    struct id community;
    struct text state;
    int64_t created_ms;
    int64_t done_ms;    /* 0: not yet */
    struct text report; /* JSON array: the lines of `skein import` */
};

int import_put(struct db *db, const struct import_row *import, struct err *err); /* new, or instead of the row there */
int import_get(struct db *db, const struct id *id, struct arena *arena, struct import_row *ret_import, struct err *err);
int import_list(struct db *db, const struct id *owner, struct arena *arena, struct import_row **ret_imports,
                size_t *ret_n, struct err *err); /* newest first */
/* How many of an owner's are done: whoever read something before a write sees by it that another came between. */
int import_count(struct db *db, const struct id *owner, int64_t *ret_n, struct err *err);

/* --- follow sets ---------------------------------------------------------------------------------------------------- */

struct follow_set_row {
    struct id owner;
    struct text kind;   /* list_kind_word: following, followers, roster */
    struct text source; /* list_source_word */
    struct text day;    /* "2024-11-14"; empty: not known */
    uint32_t n;
    struct text ids; /* graph/id_set.h */
    struct id import;
    int64_t changed_ms;
};

int follow_set_put(struct db *db, const struct follow_set_row *set, struct err *err); /* instead of the row there */
int follow_set_get(struct db *db, const struct id *owner, struct text kind, struct text source, struct arena *arena,
                   struct follow_set_row *ret_set, struct err *err);
/* All sources of one list, by source; none is no error. */
int follow_set_list(struct db *db, const struct id *owner, struct text kind, struct arena *arena,
                    struct follow_set_row **ret_sets, size_t *ret_n, struct err *err);
int follow_set_delete(struct db *db, const struct id *owner, struct text kind, struct text source, struct err *err);

/* Calls visit for every set of the store, in order of the key; a result other than 0 ends the walk and is returned.
 * Rows are valid until visit returns. Likewise the other walks. */
int follow_set_walk(struct db *db, int (*visit)(void *context, const struct follow_set_row *set), void *context,
                    struct err *err);

/* --- X accounts ----------------------------------------------------------------------------------------------------- */

/* E_BUSY: another process has given these numbers. */
int x_chunk_put(struct db *db, uint32_t first, uint32_t n, struct text ids, struct err *err);

/* Chunks from number `from` on, in order. */
int x_chunk_walk(struct db *db, uint32_t from, int (*visit)(void *context, uint32_t first, uint32_t n, struct text ids),
                 void *context, struct err *err);

struct fact_set_row {
    struct id import;
    struct id owner;
    struct text day; /* of the upload: its archive's own, else when it came; facts without a day count as of it */
    uint32_t n;
    uint32_t seal_key;
    struct text facts; /* sealed, bound to the import's id; inside: graph/fact_blob.h */
};

int fact_set_put(struct db *db, const struct fact_set_row *set, struct err *err);
int fact_set_list(struct db *db, const struct id *owner, struct arena *arena, struct fact_set_row **ret_sets,
                  size_t *ret_n, struct err *err); /* oldest import first */
int fact_set_walk(struct db *db, int (*visit)(void *context, const struct fact_set_row *set), void *context,
                  struct err *err);
int fact_set_delete(struct db *db, const struct id *import, struct err *err);

/* --- what may serve everybody --------------------------------------------------------------------------------------- */

#define X_PUBLIC_ROSTER "roster" /* an admin's list says so */
#define X_PUBLIC_AGREED "agreed" /* three members' uploads agree */

struct x_public_row {
    uint32_t number;
    struct text handle;
    struct text name;
    struct text bio;
    struct text website;
    struct text location;
    int verified;     /* enum known */
    int is_protected; /* enum known */
    int64_t since_ms;
    struct text why;
    struct id import; /* none where why is agreed */
};

int x_public_put(struct db *db, const struct x_public_row *row, struct err *err); /* instead of the row there */
int x_public_get(struct db *db, uint32_t number, struct arena *arena, struct x_public_row *ret_row, struct err *err);
int x_public_walk(struct db *db, int (*visit)(void *context, const struct x_public_row *row), void *context,
                  struct err *err); /* by number */
int x_public_delete(struct db *db, uint32_t number, struct err *err);
/* Other uploads may say the same of these numbers: whoever erases one derives them anew. */
int x_public_delete_import(struct db *db, const struct id *import, struct err *err);

struct same_as_row {
    uint32_t number;    /* known by handle alone */
    uint32_t id_number; /* the id that held the handle from from_day to to_day */
    struct text from_day;
    struct text to_day;
    struct text why;
};

int same_as_put(struct db *db, const struct same_as_row *row, struct err *err); /* key: both numbers and from_day */
int same_as_walk(struct db *db, int (*visit)(void *context, const struct same_as_row *row), void *context,
                 struct err *err); /* by number and from_day */
int same_as_delete(struct db *db, uint32_t number, struct err *err);

#endif

/* bridge/store/schema.h
 *
 * The schema, step by step: what the binary carries, what a database has, and from the one to the other.
 *
 * migrations/{sqlite,postgres}/NNNN_name.sql are built into the binary (migrations/embed.cmake). Table schema_step of a
 * database names those that were applied, with a hash of their text: BLAKE2b-128 in hexadecimal digits. A database whose
 * steps are not the first of ours, word for word, is refused: it was made by another Skein. Inside the room, but for
 * store_schema (store.h).
 */
#ifndef SKEIN_STORE_SCHEMA_H
#define SKEIN_STORE_SCHEMA_H

#include "base/clock.h"
#include "store/db.h"

struct schema_text {
    int64_t number; /* 1, 2, ...; 0: the end of the table */
    const char *name;
    const char *sql;
};

extern const struct schema_text schema_sqlite[];
extern const struct schema_text schema_postgres[];

const struct schema_text *schema_texts(enum db_kind kind);

/* Applies what is missing of `texts`, each step in a transaction of its own. A writer's, of the one owner. E_FORBIDDEN
 * with what to do where the database was made by a newer Skein or by other steps. */
int schema_update(struct db *db, const struct schema_text *texts, const struct clock *clock, struct err *err);

/* Is everything applied? E_NOT_FOUND: nothing is; E_FORBIDDEN as above, and where steps are missing. Any connection. */
int schema_check(struct db *db, const struct schema_text *texts, struct err *err);

#endif

/* tests/store/many_rows.h
 *
 * A database in which every table is large: what is planned well there was not planned well because there was nothing.
 */
#ifndef SKEIN_TESTS_STORE_MANY_ROWS_H
#define SKEIN_TESTS_STORE_MANY_ROWS_H

#include "store/db.h"

#define MANY_ROWS 100000

/* MANY_ROWS rows in every table of the schema, five to an owner, a scope, an X account; then ANALYZE. Their ids of ours
 * begin with 01MANY. */
void many_rows_put(struct db *db);

#endif

/* bridge/store/server.h
 *
 * Rows of table `server`: what the store notes about itself. Inside the room.
 */
#ifndef SKEIN_STORE_SERVER_H
#define SKEIN_STORE_SERVER_H

#include "base/buf.h"
#include "store/db.h"

#define SERVER_HASH_KEY "hash_key" /* fingerprint of the key that rows were hashed with */
#define SERVER_LEFT_OUT "left_out" /* how far left-out.log was replayed: left_out.c */

/* Replaces what `ret_value` holds. E_NOT_FOUND where there is no such row. */
int server_get(struct db *db, const char *name, struct buf *ret_value, struct err *err);
int server_put(struct db *db, const char *name, struct text value, struct err *err); /* instead of the row there */

#endif

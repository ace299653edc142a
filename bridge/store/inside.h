/* bridge/store/inside.h
 *
 * The record of a store, for the files of this room that make it up: store.c, lanes.c, left_out.c, check.c, backup.c.
 */
#ifndef SKEIN_STORE_INSIDE_H
#define SKEIN_STORE_INSIDE_H

#include "store/driver.h"
#include "store/left_out.h"
#include "store/store.h"

#include <sys/types.h>

#define DATABASE_FILE "skein.db"
#define LOCK_FILE     "lock"

/* data/left-out.log, opened by the owner; on the writer lane once the store is open. */
struct left_out {
    char *path;  /* owned */
    int fd;      /* owned; -1: not open */
    off_t size;  /* bytes of whole lines */
    bool broken; /* a line that was cut could not be taken back: nothing may be written behind it */
};

struct store {
    char *folder;  /* owned */
    char *address; /* owned; of the database */
    enum store_role role;
    const struct clock *clock;          /* borrowed */
    const struct random_source *random; /* borrowed */
    int lock;                           /* owned descriptor; -1: a reader's */
    struct keys *keys;                  /* owned */
    struct db *writer;                  /* owned; the writer lane's, while there are lanes; NULL: a reader's */
    struct left_out left_out;
    struct store_listener listener;
};

/* FOLDER/NAME in new memory; NULL without. */
char *path_in(const char *folder, const char *name);

/* 0 where `keys` are those that the database's rows were hashed with. E_FORBIDDEN, or E_NOT_FOUND where the database does
 * not say yet. */
int store_compare_keys(struct db *db, const struct keys *keys, const char *folder, struct err *err);

/* --- left-out.log ---------------------------------------------------------------------------------------------------- */

/* Is there a line in the folder's file? */
bool left_out_written(const char *folder);

/* The owner's: opens the file, mends its end, and replays what the database may not have. */
int left_out_open(struct store *store, struct err *err);
void left_out_close(struct store *store);

/* Reads all whole lines of the file. E_BAD_INPUT with file and line where one is not understood. */
int left_out_check(const char *path, struct err *err);

#endif

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

/* Calls visit with each whole line and the bytes of the file up to its end; a result other than 0 ends the walk and is
 * returned. ret_cut: bytes behind the last end, which a crash may have left. E_BAD_INPUT with file and line where one is
 * not understood. */
struct left_out_line;
int left_out_walk(const char *path, int (*visit)(void *context, const struct left_out_line *line, off_t end),
                  void *context, size_t *ret_cut, struct err *err);

/* What the database notes of the file. */
struct left_out_note {
    off_t bytes; /* so much of it was replayed */
    off_t size;  /* of the file's whole lines up to there */
    bool fits;   /* the note is about this file; else all of it is replayed at the next start */
};
int left_out_note(struct db *db, const char *path, struct left_out_note *ret_note, struct err *err);

#endif

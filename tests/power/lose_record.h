/* tests/power/lose_record.h
 *
 * Inside the preloaded library: which files are watched, one order for all, the record, the cut and the full disk.
 *
 * Between lose_enter and lose_leave nobody else changes anything in the folder, so the record stands in the order in
 * which things happened. Any thread.
 */
#ifndef SKEIN_TESTS_POWER_LOSE_RECORD_H
#define SKEIN_TESTS_POWER_LOSE_RECORD_H

#include "lose.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum lose_watch {
    LOSE_NOT,   /* outside the folder, or no file */
    LOSE_FILE,  /* in the record */
    LOSE_INDEX, /* SQLite's -shm: not in the record, because it is shared memory. SQLite writes it anew after a crash,
                     and never calls fsync for it. It needs room all the same. */
    LOSE_DIRECTORY,
};

struct lose_place {
    char path[PATH_MAX]; /* in the folder; empty: the folder itself */
    uint64_t file;       /* of an open file */
};

/* Where `path` leads, from the open directory `from` or AT_FDCWD. It need not exist; then it is LOSE_FILE by its name. */
enum lose_watch lose_look_at(int from, const char *path, struct lose_place *ret_place);
enum lose_watch lose_look_at_open(int fd, struct lose_place *ret_place);

void lose_enter(void);       /* counts an event, and dies where the power goes */
void lose_enter_quiet(void); /* counts none */
void lose_leave(void);       /* keeps errno */

/* Whether the disk is full for the call that comes now: then errno is ENOSPC. Counts it. Between enter and leave. */
bool lose_full(void);

bool lose_syncs(void); /* whether the kernel is asked for syncs, too */

/* Between enter and leave. */
uint64_t lose_position(void); /* bytes of the record so far */
void lose_write_down(struct lose_record record, const char *path, const void *other, size_t other_len);

/* Something was done to `what` that the record cannot tell. Not between enter and leave. */
void lose_unknown(const char *call, const char *what);

/* --- standing in front of the C library ---------------------------------------------------------------------------- */

#define PUBLIC __attribute__((visibility("default")))

/* The next function of that name, with its own type. */
#define NEXT(function)                                                                                                 \
    ({                                                                                                                 \
        static __typeof__(&(function)) next_;                                                                          \
        if (!next_)                                                                                                    \
            *(void **)&next_ = dlsym(RTLD_NEXT, #function);                                                            \
        next_;                                                                                                         \
    })

#endif

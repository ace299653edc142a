/* bridge/refollow/keeper.h
 *
 * Keeps batches going for members who are signed in: runs them, waits until the rest is due, runs them again.
 *
 *     take ─> run ─┬─ rests ─> alarm ─> run ...
 *                  └─ over, paused, told to stop, failed ─> the hand is given back
 *
 * A hand (with its password or session) is held here and in no file: when the process ends it is gone, and the batch
 * stands "paused: sign in again". For the loop thread.
 */
#ifndef SKEIN_REFOLLOW_KEEPER_H
#define SKEIN_REFOLLOW_KEEPER_H

#include "refollow/batch_run.h"

struct keeper;

struct keeper_options {
    struct store *store;           /* borrowed, as all here */
    const struct numbers *numbers; /* may be NULL */
    size_t slice_max;              /* as batch_run_options */
};

struct keeper *keeper_new(struct loop *loop, const struct keeper_options *options, struct err *err);

/* Cancels all runs and gives every hand back. Frees when the last has ended, in later turns of the loop. */
void keeper_close(struct keeper *keeper);

/* What happens to a batch. */
struct keeper_news {
    struct id batch;
    const struct batch_progress *progress; /* after a slice; NULL: it is about what follows */
    enum batch_end end;                    /* BATCH_RESTS: it goes on at due_ms; else it is no longer kept */
    int64_t due_ms;
    const char *why;       /* one clause; empty: nothing is to be said */
    const struct err *err; /* NULL, or what ended it otherwise */
};

struct keeper_charge {
    struct id batch;
    const struct hand *hand;       /* taken: release is called once it is no longer needed */
    const struct network *network; /* as batch_run_options; borrowed */
    void (*release)(const struct hand *hand);
    void (*news)(void *context, const struct keeper_news *news); /* may be NULL */
    void *context;                                               /* borrowed */
};

/* Starts it, or goes on with it. E_BUSY: it is kept already; E_NOMEM. The hand is not taken then. */
int keeper_take(struct keeper *keeper, const struct keeper_charge *charge, struct err *err);

bool keeper_has(const struct keeper *keeper, const struct id *batch);

/* The stored batch was changed (undo, another pace): it is run again at once, when the run under way has ended. False: it
 * is not kept. */
bool keeper_stir(struct keeper *keeper, const struct id *batch);

/* Nobody needs the hand any more (paused or cancelled in the store): the run ends before its next request. */
bool keeper_drop(struct keeper *keeper, const struct id *batch);

#endif

/* bridge/refollow/batch_run.h
 *
 * Runs a batch as far as it is due now: rounds of look, store, send, store.
 *
 *     load ON_READ ─> looks ON_LOOP ─> settle ON_CPU ─> reserve ON_WRITE ─> send ON_LOOP ─> keep ON_WRITE ─┐
 *       ▲                                                                                                  │
 *       └─────────────────────────────── while something is due ───────────────────────────────────────────┘
 *
 * It starts, goes on after a crash, and is begun again after a rest in the same way, and may be cancelled at any time.
 * Whoever wants it paused or cancelled for good says so in the store: the run sees it before the next request goes out.
 * One run of a batch at a time; two batches of one account do each other no harm.
 */
#ifndef SKEIN_REFOLLOW_BATCH_RUN_H
#define SKEIN_REFOLLOW_BATCH_RUN_H

#include "graph/numbers.h"
#include "loop/loop.h"
#include "network/network.h"
#include "refollow/hand.h"
#include "store/store.h"

struct batch_run;

enum batch_end {
    BATCH_OVER,    /* done or undone, now or before */
    BATCH_RESTS,   /* running; the rest is due at due_ms */
    BATCH_STOPPED, /* paused, for `why`; or somebody else changed what it is to do */
};

struct batch_progress {
    int64_t counts[ITEM_STATES];
};

struct batch_run_options {
    struct store *store;           /* borrowed */
    const struct numbers *numbers; /* borrowed; NULL: wishes are looked up by profile alone */
    const struct hand *hand;       /* borrowed; signed in */
    const struct network
        *network; /* borrowed: profiles are looked at again before they are followed; NULL: they are not */
    struct id batch;
    size_t slice_max; /* at most so many at once, whatever the network takes; 0: as the network */

    void (*progress)(void *context, const struct batch_progress *progress); /* after each slice; may be NULL */
    void (*done)(void *context, struct batch_run *run);                     /* once, on the loop */
    void *context;                                                          /* borrowed */
};

/* NULL and a sentence without memory; done is not called then. */
struct batch_run *batch_run_start(struct loop *loop, const struct batch_run_options *options, struct err *err);

/* In done and after. 0, or the error that ended it: E_NOT_FOUND (no such batch), E_FORBIDDEN (another account is signed
 * in), errors of the store. The batch then stands as it was stored last. */
int batch_run_error(const struct batch_run *run, struct err *err);
enum batch_end batch_run_end(const struct batch_run *run);
int64_t batch_run_due_ms(const struct batch_run *run);  /* BATCH_RESTS */
const char *batch_run_why(const struct batch_run *run); /* one clause; empty: nothing is to be said */

void batch_run_cancel(struct batch_run *run);
void batch_run_free(struct batch_run *run);

#endif

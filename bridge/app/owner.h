/* bridge/app/owner.h
 *
 * A process that owns the store: what it holds on its loop, for `skein serve` and for a command that does its own work.
 *
 *     store opened (store_open, off the loop) ─> numbers ON_CPU ─> lanes ─> batches are paused ─> control socket ─> ready
 *
 * Numbers of X accounts are loaded by a worker, so that who serves can answer /healthz meanwhile.
 */
#ifndef SKEIN_APP_OWNER_H
#define SKEIN_APP_OWNER_H

#include "api/control.h"
#include "app/outward.h"
#include "graph/numbers.h"
#include "loop/lane.h"
#include "loop/op.h"
#include "store/store.h"

struct owner {
    struct op op;
    struct loop *loop;       /* borrowed */
    struct outward *outward; /* borrowed */
    struct store *store;     /* owned */
    struct numbers *numbers; /* owned */
    struct lanes *lanes;     /* owned */
    struct control *control; /* owned */
    const struct network *networks[1];
    struct store_listener listener;

    /* Once, on the loop: rc 0, or an error and its sentence. */
    void (*ready)(void *context, int rc, const struct err *err);
    void *context; /* borrowed */
};

/* Takes the store (also where this fails), and begins. `ready` and `context` are set, the rest is zero. */
void owner_start(struct owner *owner, struct loop *loop, struct outward *outward, struct store *store);

/* After loop_run has returned 0; safe on a zeroed record. */
void owner_release(struct owner *owner);

#endif

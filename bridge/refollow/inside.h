/* bridge/refollow/inside.h
 *
 * The record of a run, for the files of this room that make it up: batch_run.c, batch_load.c, batch_vet.c.
 */
#ifndef SKEIN_REFOLLOW_INSIDE_H
#define SKEIN_REFOLLOW_INSIDE_H

#include "base/cleanup.h"
#include "base/limits.h"
#include "loop/op.h"
#include "refollow/batch_run.h"

#include <stdio.h>

/* A profile is looked at again before it is followed, once in a run. */
enum vetted { VET_UNKNOWN, VET_WANTED, VET_FINE, VET_GONE, VET_MARKED };
#define VET_AT_ONCE 64

struct batch_run {
    struct op op;
    struct batch_run_options options;
    struct arena arena; /* of the round */
    struct batch_row batch;
    struct round round;
    const char **left_out; /* beside round.items, in the arena: why not */
    unsigned char *vetted; /* beside round.items, in op.arena: enum vetted, of this run */
    size_t asked[VET_AT_ONCE];
    size_t n_asked;
    struct network_question *question; /* under way */
    size_t slice_max;                  /* now: halved by a refusal */
    int64_t room;                      /* of the pace */
    int64_t wait_ms;                   /* where there is no room */
    struct hand_view view;
    enum write_outcome outcome;
    int64_t until_ms;
    unsigned fruitless;
    bool calling;
    bool ended; /* as `end` says */
    enum batch_end end;
    int64_t due_ms;
    char why[ERR_TEXT_MAX];
};

static inline struct batch_run *run_of(struct op *op)
{
    return CONTAINER_OF(op, struct batch_run, op);
}

static inline int no_memory(struct batch_run *run)
{
    return err_set(&run->op.err, E_NOMEM, "no memory to follow for the batch %s", run->options.batch.chars);
}

static inline int64_t now_of(const struct batch_run *run)
{
    return clock_wall(store_clock(run->options.store));
}

static inline void say_why(struct batch_run *run, const char *why)
{
    snprintf(run->why, sizeof run->why, "%s", why ? why : "");
}

/* Steps of a run. */
int batch_load(struct op *op);           /* ON_READ: the batch and its items, who is left out, the pace's room */
int batch_look_at_people(struct op *op); /* ON_LOOP: comes back to itself until everybody wanted was looked at */

/* Why somebody is not followed after all: one static clause. NULL: nothing was seen against it. */
const char *batch_why_vetted(enum vetted vetted);
extern const char batch_why_gone[]; /* who hid and who left look the same */

#endif

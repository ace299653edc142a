/* bridge/loop/inside.h
 *
 * What loop.c, hold.c, op.c and lane.c know of each other; for this room alone.
 */
#ifndef SKEIN_LOOP_INSIDE_H
#define SKEIN_LOOP_INSIDE_H

#include "loop/loop.h"
#include "loop/op.h"

/* --- hold.c --- */
struct hold {
    struct loop_hold sums;
    int schedstat;        /* owned; descriptor of the running thread's schedstat, or -1 */
    int64_t began_ns;     /* monotonic; when the turn under way began */
    int64_t core_wait_ns; /* the thread's wait for a core until then */
};

void hold_init(struct hold *hold);
void hold_open(struct hold *hold); /* on the thread to be measured */
void hold_close(struct hold *hold);
void hold_begin(struct hold *hold);
void hold_end(struct hold *hold);

/* --- queues of operations: each is in one at most --- */
struct op_queue {
    struct op *first; /* borrowed */
    struct op *last;  /* borrowed */
};

static inline void op_queue_add(struct op_queue *queue, struct op *op)
{
    op->notes.behind = NULL;
    if (queue->last)
        queue->last->notes.behind = op;
    else
        queue->first = op;
    queue->last = op;
}

static inline struct op *op_queue_take(struct op_queue *queue)
{
    struct op *op = queue->first;
    if (op && !(queue->first = op->notes.behind))
        queue->last = NULL;
    return op;
}

/* --- what the loop keeps for op.c --- */
struct op_list {
    struct op *newest;     /* borrowed; every operation under way */
    struct op_queue ready; /* those whose next step is due on the loop */
    uv_idle_t turn;        /* runs them; active while there are some */
};

struct op_list *loop_ops(struct loop *loop);
void ops_run_ready(uv_idle_t *turn);
void ops_cancel_all(struct op_list *ops);
void ops_name_all(const struct op_list *ops); /* into the log */

/* --- op.c and lane.c --- */
/* Queues the operation's ON_READ or ON_WRITE step. On the loop thread. */
void lanes_add(struct lanes *lanes, struct op *op, enum op_where where);
/* The step has run on a lane, with op->notes.result. On the loop thread. */
void op_returned(struct op *op);
const struct op_step *op_step(const struct op *op);

#endif

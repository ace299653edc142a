/* bridge/loop/op.h
 *
 * An operation: one request or job as one record and one table of named steps, read from top to bottom.
 *
 *     static const struct op_step match_steps[] = {
 *         STEP(ask_guesses, ON_LOOP),    starts requests, returns op_wait()
 *         STEP(score,       ON_CPU),
 *         STEP_END
 *     };
 *
 * The record embeds `struct op` and finds itself with CONTAINER_OF. States:
 *
 *     op_start ─> a step runs ─┬─ OP_NEXT ──> the next step, on the thread its kind asks for
 *                 ▲            ├─ op_wait() ─> waiting ── op_resume() ──> the next step
 *                 │            │                       └─ deadline ────> E_TIMEOUT ─┐
 *                 │            ├─ op_go_to() ─> the step named                      │
 *                 │            ├─ OP_DONE or after STEP_END ──────────────────────> finish, once
 *                 │            └─ an error code ──────────────────────────────────> finish, once
 *                 └─ a savepoint rolled back with its neighbours: the same ON_WRITE step again
 *
 * Threads: op_start, op_resume, op_cancel and `finish` belong to the loop thread. Between steps exactly one thread owns
 * the operation, so steps need no locks for their own record.
 */
#ifndef SKEIN_LOOP_OP_H
#define SKEIN_LOOP_OP_H

#include "base/arena.h"
#include "base/err.h"

struct loop;
struct op;

enum op_where {
    ON_LOOP,  /* the loop thread: never blocks; no file, DNS, zip, hash, scan or read of the store */
    ON_READ,  /* a reader lane: one read transaction around the step */
    ON_WRITE, /* the writer lane: in the group's transaction, under a savepoint of its own; may be run again, so
                 it touches only its transaction and its own result fields */
    ON_CPU,   /* a worker: zip, folding, scoring, Argon2id */
};

/* What a step returns, beside negative error codes. */
enum op_next { OP_NEXT = 0, OP_WAIT = 1, OP_DONE = 2, OP_MOVED = 3 };

typedef int op_step_fn(struct op *op);

struct op_step {
    const char *name;
    op_step_fn *run;
    enum op_where where;
};

#define STEP(function, where)                                                                                          \
    {                                                                                                                  \
#function, function, where                                                                                     \
    }
#define STEP_END                                                                                                       \
    {                                                                                                                  \
        NULL, NULL, ON_LOOP                                                                                            \
    }

struct op {
    /* The owner's, before op_start; the rest is zero. */
    const struct op_step *steps;   /* borrowed, static */
    void (*finish)(struct op *op); /* called once, on the loop, at the end of every path; may free the op */

    /* For steps. */
    struct loop *loop;  /* borrowed */
    struct arena arena; /* owned; released after finish has returned unless finish took the op: see
                                         op_start */
    struct err err;     /* code 0 after success; what finish reports */
    void *lane;         /* borrowed, in ON_READ and ON_WRITE steps: the lane's connection */

    /* The runner's. */
    struct op_private *private_state; /* owned by the runner */
};

/* Starts the first step. op->steps and op->finish are set; the arena is made here. On the loop thread. The first step
 * may run before op_start returns where it is ON_LOOP. Before `finish` is called the runner has released the arena
 * only if `finish` is NULL; otherwise `finish` calls op_release() when it no longer needs what the arena holds. */
void op_start(struct op *op, struct loop *loop);

/* Frees what the runner and the arena hold; the record itself stays its owner's. Called in or after finish. */
void op_release(struct op *op);

/* Ends a wait: the next step is due. On the loop thread; does nothing when the operation does not wait. The step runs
 * from the loop, never from inside op_resume, so callers need not fear being re-entered. */
void op_resume(struct op *op);

/* For steps ON_LOOP: wait until op_resume, at most deadline_ms (> 0), after which the operation ends with E_TIMEOUT.
 * Return its result. */
int op_wait(struct op *op, int64_t deadline_ms);

/* For steps: go on at another step of the table (a loop over slices). Return its result. */
int op_go_to(struct op *op, op_step_fn *step);

/* Ends the operation with E_CANCELLED: a waiting one at the next turn of the loop, a working one after its step.
 * `on_cancel`, where set by op_on_cancel, runs first, on the loop, to cancel what the operation waits for. */
void op_cancel(struct op *op);
void op_on_cancel(struct op *op, void (*on_cancel)(struct op *op));

/* The step at which it is, for logs: "send_writes". */
const char *op_step_name(const struct op *op);

#endif

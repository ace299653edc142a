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

#include <stdatomic.h>

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
enum op_next {
    OP_NEXT = 0,  /* the next step of the table */
    OP_WAIT = 1,  /* op_wait's result */
    OP_DONE = 2,  /* finish, with success */
    OP_MOVED = 3, /* op_go_to's result */
    OP_AGAIN = 4, /* ON_WRITE only: the transaction is spoilt, run its steps again in a new one */
};

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

/* The runner's notes in an operation: nobody else's. */
struct op_notes {
    struct op *older;                 /* borrowed; the loop's list of operations */
    struct op *newer;                 /* borrowed */
    struct op *behind;                /* borrowed; the next one in the queue that this one is in */
    struct op_timer *timer;           /* owned until it is handed to uv_close; made by the first wait */
    struct op_work *work;             /* owned; made by the first ON_CPU step */
    void (*on_cancel)(struct op *op); /* for the wait under way */
    unsigned at;                      /* index of the step that runs or ran last */
    unsigned next;                    /* index of the step after it */
    int state;                        /* enum op_state of op.c */
    int result;                       /* of the step that a lane or worker ran */
    int64_t wait_ms;                  /* op_wait was called, with this deadline; 0: it was not */
    bool woken;                       /* op_resume came while the step that will wait still ran */
    atomic_bool cancelled;
};

struct op {
    /* The owner's, before op_start; the rest is zero. */
    const struct op_step *steps;   /* borrowed, static */
    void (*finish)(struct op *op); /* called once, on the loop, at the end of every path; may free the op */

    /* For steps. */
    struct loop *loop;  /* borrowed */
    struct arena arena; /* owned; of LIMIT_OPERATION_ARENA unless the owner initialised it before op_start */
    struct err err;     /* code 0 after success; what finish reports */
    void *lane;         /* borrowed, in ON_READ and ON_WRITE steps: the lane's connection */

    struct op_notes notes; /* the runner's */
};

/* Starts the first step, from the loop, never from inside op_start. op->steps and op->finish are set; the arena is made
 * here. On the loop thread. The runner releases the arena only if `finish` is NULL; otherwise `finish` (or the owner,
 * later) calls op_release() when it no longer needs what the arena holds. */
void op_start(struct op *op, struct loop *loop);

/* As op_start, but steps ON_LOOP run at once until one waits or belongs to another thread; `finish` may be called from
 * inside. For answers that are ready: a turn of the loop would double what they cost. */
void op_start_now(struct op *op, struct loop *loop);

/* Frees what the runner and the arena hold; the record itself stays its owner's. Called in or after finish. */
void op_release(struct op *op);

/* Ends a wait: the next step is due. On the loop thread. The step runs from the loop, never from inside op_resume, so
 * callers need not fear being re-entered. A call while the step itself still runs, before its op_wait, counts for that
 * wait; in any other state the call does nothing. */
void op_resume(struct op *op);

/* For steps ON_LOOP: wait until op_resume, at most deadline_ms (> 0), after which the operation ends with E_TIMEOUT.
 * Return its result. */
int op_wait(struct op *op, int64_t deadline_ms);

/* As op_wait, but goes on at `step` of the table: return op_wait_at(op, this_step, ms) is a step that looks again. */
int op_wait_at(struct op *op, op_step_fn *step, int64_t deadline_ms);

/* For steps on any thread: go on at another step of the table (a loop over slices). Return its result. */
int op_go_to(struct op *op, op_step_fn *step);

/* Ends the operation with E_CANCELLED: a waiting one at the next turn of the loop, a working one after its step (an
 * ON_READ, ON_WRITE or ON_CPU step that has not begun is left out; one that was committed stays committed). Does
 * nothing before op_start and after finish. */
void op_cancel(struct op *op);

/* What to do when the operation ends (op_cancel, a deadline, an error) while something it asked for is on its way: give
 * it up, for the answer would find the operation gone. Runs once, on the loop, before finish; in op_cancel at once
 * where the operation waits. Forgotten when a wait ends by op_resume. */
void op_on_cancel(struct op *op, void (*on_cancel)(struct op *op));

/* Was op_cancel called? From any thread: long ON_CPU steps ask now and then and return E_CANCELLED. */
bool op_cancelled(const struct op *op);

/* The step at which it is, for logs: "send_writes". */
const char *op_step_name(const struct op *op);

#endif

/* bridge/loop/op.c
 *
 * The runner of operations.
 *
 * On the loop there is one queue of operations whose next step is due, run by an idle handle: once a turn, those that
 * were in it when the turn came. So a step is never on the stack of the one who resumed it, and an operation that
 * resumes itself for ever still lets sockets be read. Timers and work records are heap memory of their own, made when
 * first needed, because libuv may hold a handle longer than the operation lives.
 */
#include "loop/op.h"

#include "base/limits.h"
#include "base/log.h"
#include "loop/inside.h"

#include <stdlib.h>

enum op_state {
    OP_UNSTARTED,
    OP_READY,   /* in the loop's queue */
    OP_RUNNING, /* a step is on the loop thread's stack */
    OP_WAITING,
    OP_WORKING, /* with a lane or a worker */
    OP_ENDED,
};

struct op_timer {
    uv_timer_t uv;
    struct op *op; /* borrowed */
    int64_t deadline_ms;
};

struct op_work {
    uv_work_t uv;
    struct op *op; /* borrowed */
};

const struct op_step *op_step(const struct op *op)
{
    return &op->steps[op->notes.at];
}

const char *op_step_name(const struct op *op)
{
    const char *name = op_step(op)->name;
    return name ? name : "the end";
}

/* --- the list of all ----------------------------------------------------------------------------------------------- */

static void list_add(struct op *op)
{
    struct op_list *ops = loop_ops(op->loop);
    op->notes.older = ops->newest;
    if (ops->newest)
        ops->newest->notes.newer = op;
    ops->newest = op;
    loop_work_begin(op->loop);
}

static void list_take(struct op *op)
{
    struct op_list *ops = loop_ops(op->loop);
    struct op_notes *notes = &op->notes;
    if (notes->newer)
        notes->newer->notes.older = notes->older;
    else
        ops->newest = notes->older;
    if (notes->older)
        notes->older->notes.newer = notes->newer;
    notes->older = notes->newer = NULL;
    loop_work_end(op->loop);
}

void ops_cancel_all(struct op_list *ops)
{
    for (struct op *op = ops->newest; op; op = op->notes.older)
        op_cancel(op); /* ends nobody before the next turn, so the list stays as it is */
}

void ops_name_all(const struct op_list *ops)
{
    for (const struct op *op = ops->newest; op; op = op->notes.older)
        log_line(LOG_WARN, "loop", "left under way at %s", op_step_name(op));
}

/* --- waits --------------------------------------------------------------------------------------------------------- */

static void make_ready(struct op *op)
{
    struct op_list *ops = loop_ops(op->loop);
    if (!ops->ready.first)
        uv_idle_start(&ops->turn, ops_run_ready);
    op->notes.state = OP_READY;
    op_queue_add(&ops->ready, op);
}

static void wait_over(struct op *op)
{
    if (op->notes.timer)
        uv_timer_stop(&op->notes.timer->uv);
    op->notes.on_cancel = NULL;
}

/* Whoever would bring the answer must forget the operation. */
static void give_up(struct op *op)
{
    void (*on_cancel)(struct op * op) = op->notes.on_cancel;
    wait_over(op);
    if (on_cancel)
        on_cancel(op);
}

static void op_end(struct op *op, int result);

static void on_deadline(uv_timer_t *uv)
{
    struct op_timer *timer = uv->data;
    struct op *op = timer->op;
    err_set(&op->err, E_TIMEOUT, "%s got no answer within %lld ms", op_step_name(op), (long long)timer->deadline_ms);
    op_end(op, E_TIMEOUT);
}

static struct op_timer *timer_of(struct op *op)
{
    struct op_timer *timer = op->notes.timer;
    if (timer)
        return timer;
    timer = calloc(1, sizeof *timer);
    if (!timer)
        return NULL;
    uv_timer_init(loop_uv(op->loop), &timer->uv);
    timer->uv.data = timer;
    timer->op = op;
    return op->notes.timer = timer;
}

static void on_timer_closed(uv_handle_t *uv)
{
    free(uv->data);
}

static void timer_close(struct op *op)
{
    if (op->notes.timer)
        uv_close((uv_handle_t *)&op->notes.timer->uv, on_timer_closed);
    op->notes.timer = NULL;
}

/* A step waits only once it has returned: until then it may still fail, and op_resume may have come already. */
static int begin_wait(struct op *op)
{
    struct op_timer *timer = timer_of(op);
    if (!timer)
        return err_set(&op->err, E_NOMEM, "no memory for the wait of %s", op_step_name(op));
    uv_update_time(loop_uv(op->loop)); /* the turn's time is old where the step took long */
    timer->deadline_ms = op->notes.wait_ms;
    uv_timer_start(&timer->uv, on_deadline, (uint64_t)timer->deadline_ms, 0);
    op->notes.state = OP_WAITING;
    return 0;
}

int op_wait(struct op *op, int64_t deadline_ms)
{
    if (op->notes.state != OP_RUNNING)
        return err_set(&op->err, E_BUG, "%s waits outside the loop", op_step_name(op));
    op->notes.wait_ms = deadline_ms > 0 ? deadline_ms : 1;
    return OP_WAIT;
}

int op_wait_at(struct op *op, op_step_fn *step, int64_t deadline_ms)
{
    int moved = op_go_to(op, step);
    return moved < 0 ? moved : op_wait(op, deadline_ms);
}

void op_resume(struct op *op)
{
    if (op->notes.state == OP_RUNNING) {
        op->notes.woken = true;
    } else if (op->notes.state == OP_WAITING) {
        wait_over(op);
        make_ready(op);
    }
}

void op_cancel(struct op *op)
{
    int state = op->notes.state;
    if (state == OP_UNSTARTED || state == OP_ENDED || atomic_exchange(&op->notes.cancelled, true))
        return;
    if (state == OP_WAITING) {
        give_up(op);
        make_ready(op);
    } else if (state == OP_WORKING && op->notes.work && op_step(op)->where == ON_CPU) {
        uv_cancel((uv_req_t *)&op->notes.work->uv); /* fails where it has begun */
    }
}

void op_on_cancel(struct op *op, void (*on_cancel)(struct op *op))
{
    op->notes.on_cancel = on_cancel;
}

bool op_cancelled(const struct op *op)
{
    return atomic_load(&op->notes.cancelled);
}

/* --- steps --------------------------------------------------------------------------------------------------------- */

int op_go_to(struct op *op, op_step_fn *step)
{
    for (unsigned i = 0; op->steps[i].name; i++) {
        if (op->steps[i].run == step) {
            op->notes.next = i;
            return OP_MOVED;
        }
    }
    return err_set(&op->err, E_BUG, "%s goes on at a step that is not in its table", op_step_name(op));
}

/* Before the owner's finish: op->err says what `result` says. */
static void settle_err(struct op *op, int result)
{
    if (result >= 0)
        op->err = (struct err){0};
    else if (result == E_CANCELLED && op->err.code != E_CANCELLED)
        err_set(&op->err, E_CANCELLED, "cancelled at %s", op_step_name(op));
    else if (op->err.code != result)
        err_set(&op->err, result, "%s failed: %s", op_step_name(op), err_word(result));
}

static void op_end(struct op *op, int result)
{
    give_up(op);
    op->notes.state = OP_ENDED;
    timer_close(op);
    list_take(op);
    settle_err(op, result);
    if (op->finish)
        op->finish(op);
    else
        op_release(op);
}

void op_release(struct op *op)
{
    free(op->notes.work);
    op->notes.work = NULL;
    arena_release(&op->arena);
}

static void on_work(uv_work_t *uv)
{
    struct op *op = ((struct op_work *)uv->data)->op;
    op->notes.result = op_step(op)->run(op);
}

static void on_worked(uv_work_t *uv, int failed)
{
    struct op *op = ((struct op_work *)uv->data)->op;
    if (failed)
        op->notes.result = failed == UV_ECANCELED ? E_CANCELLED : E_IO;
    op_returned(op);
}

static int give_to_worker(struct op *op)
{
    if (!op->notes.work && !(op->notes.work = calloc(1, sizeof *op->notes.work)))
        return err_set(&op->err, E_NOMEM, "no memory to begin %s", op_step_name(op));
    struct op_work *work = op->notes.work;
    work->op = op;
    work->uv.data = work;
    return uv_queue_work(loop_uv(op->loop), &work->uv, on_work, on_worked);
}

/* Hands the step to its thread. 0 or an error code. */
static int give_away(struct op *op, enum op_where where)
{
    struct lanes *lanes = loop_lanes(op->loop);
    op->notes.state = OP_WORKING;
    if (where == ON_CPU)
        return give_to_worker(op);
    if (!lanes)
        return err_set(&op->err, E_BUG, "%s asks for a lane, and the loop has none", op_step_name(op));
    lanes_add(lanes, op, where);
    return 0;
}

/* The step waits: in its own time, or no longer where it was woken or cancelled before it returned. 0 or an error. */
static int settle_wait(struct op *op)
{
    if (op->notes.wait_ms == 0)
        return err_set(&op->err, E_BUG, "%s waits without op_wait", op_step_name(op));
    if (op_cancelled(op))
        return E_CANCELLED;
    if (!op->notes.woken)
        return begin_wait(op);
    wait_over(op);
    make_ready(op);
    return 0;
}

/* What follows from a step's result. True where the operation goes on at once. */
static bool op_settle(struct op *op, int result)
{
    if (result == OP_NEXT || result == OP_MOVED)
        return true;
    if (result == OP_WAIT && (result = settle_wait(op)) == 0)
        return false;
    if (result > 0 && result != OP_DONE)
        result = err_set(&op->err, E_BUG, "%s returned %d, which means nothing there", op_step_name(op), result);
    op_end(op, result < 0 ? result : 0);
    return false;
}

/* Begins the step at which the operation is. True where it goes on at once. */
static bool op_run_step(struct op *op, const struct op_step *step)
{
    if (step->where != ON_LOOP) {
        int failed = give_away(op, step->where);
        if (failed)
            op_end(op, failed);
        return false;
    }
    op->notes.state = OP_RUNNING;
    op->notes.woken = false;
    op->notes.wait_ms = 0;
    return op_settle(op, step->run(op));
}

static void op_advance(struct op *op)
{
    for (int steps = 0; steps < LIMIT_STEPS_A_TURN; steps++) {
        const struct op_step *step = &op->steps[op->notes.next];
        if (op_cancelled(op)) {
            op_end(op, E_CANCELLED);
            return;
        }
        op->notes.at = op->notes.next;
        if (!step->name) {
            op_end(op, 0);
            return;
        }
        op->notes.next++;
        if (!op_run_step(op, step))
            return;
    }
    make_ready(op);
}

void op_returned(struct op *op)
{
    if (op_settle(op, op->notes.result))
        op_advance(op);
}

void ops_run_ready(uv_idle_t *turn)
{
    struct loop *loop = turn->data;
    struct op_list *ops = loop_ops(loop);
    struct op_queue due = ops->ready;
    ops->ready = (struct op_queue){0};
    uv_idle_stop(turn);
    for (struct op *op = op_queue_take(&due); op; op = op_queue_take(&due))
        op_advance(op);
}

/* --- start --------------------------------------------------------------------------------------------------------- */

static void op_begin(struct op *op, struct loop *loop)
{
    op->loop = loop;
    op->err = (struct err){0};
    if (op->arena.max == 0)
        arena_init(&op->arena, LIMIT_OPERATION_ARENA);
    op->notes = (struct op_notes){.state = OP_READY};
    list_add(op);
}

void op_start(struct op *op, struct loop *loop)
{
    op_begin(op, loop);
    make_ready(op);
}

void op_start_now(struct op *op, struct loop *loop)
{
    op_begin(op, loop);
    op_advance(op);
}

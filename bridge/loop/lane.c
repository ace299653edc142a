/* bridge/loop/lane.c
 *
 * The writer and the readers, and the group commit.
 *
 * Two queues under one mutex, one for each kind of step; lanes take from them, put what they have run into `answered`,
 * and wake the loop by one uv_async a group. The loop sees the handle as alive only while steps are under way.
 */
#include "loop/lane.h"

#include "base/limits.h"
#include "base/log.h"
#include "loop/inside.h"

#include <stdlib.h>

struct lane_thread {
    uv_thread_t thread;
    struct lanes *lanes; /* borrowed */
    enum lane_kind kind;
    bool started;
    void *lane; /* what open gave */
};

struct lanes {
    const struct lane_functions *functions; /* borrowed */
    void *context;                          /* borrowed */
    struct loop *loop;                      /* borrowed */
    uv_async_t answers;                     /* wakes the loop */
    size_t under_way;                       /* steps that the loop has given and not got back; the loop's alone */

    uv_mutex_t mutex;
    uv_cond_t wake[2]; /* a step came, by kind of lane; or: stop */
    uv_cond_t opened;
    struct op_queue waiting[2]; /* by kind of lane */
    struct op_queue answered;
    struct lane_counts counts;
    unsigned n_open; /* lanes that have tried to open */
    bool stopping;
    struct err failed; /* the first lane that could not be opened */

    unsigned n_threads;
    struct lane_thread threads[]; /* the first is the writer */
};

/* --- the queues ---------------------------------------------------------------------------------------------------- */

/* Waits for steps and takes up to `most` of them. Empty: stop. */
static size_t lane_take(struct lane_thread *self, struct op **ret_steps, size_t most)
{
    struct lanes *lanes = self->lanes;
    struct op_queue *queue = &lanes->waiting[self->kind];
    size_t n = 0;
    uv_mutex_lock(&lanes->mutex);
    while (!queue->first && !lanes->stopping)
        uv_cond_wait(&lanes->wake[self->kind], &lanes->mutex);
    while (n < most && queue->first)
        ret_steps[n++] = op_queue_take(queue);
    lanes->counts.waiting -= n;
    uv_mutex_unlock(&lanes->mutex);
    return n;
}

/* Gives back the steps that did not fit into the group, to the front and in their order. */
static void lane_give_back(struct lane_thread *self, struct op **steps, size_t n)
{
    struct lanes *lanes = self->lanes;
    struct op_queue front = {0};
    if (n == 0)
        return;
    for (size_t i = 0; i < n; i++)
        op_queue_add(&front, steps[i]);
    uv_mutex_lock(&lanes->mutex);
    struct op_queue *queue = &lanes->waiting[self->kind];
    front.last->notes.behind = queue->first;
    queue->first = front.first;
    if (!queue->last)
        queue->last = front.last;
    lanes->counts.waiting += n;
    uv_mutex_unlock(&lanes->mutex);
}

static void lane_answer(struct lane_thread *self, struct op **steps, size_t n, struct lane_counts done)
{
    struct lanes *lanes = self->lanes;
    uv_mutex_lock(&lanes->mutex);
    for (size_t i = 0; i < n; i++) {
        steps[i]->lane = NULL;
        op_queue_add(&lanes->answered, steps[i]);
    }
    lanes->counts.groups += done.groups;
    lanes->counts.writes += done.writes;
    lanes->counts.again += done.again;
    lanes->counts.reads += done.reads;
    uv_mutex_unlock(&lanes->mutex);
    uv_async_send(&lanes->answers);
}

void lanes_add(struct lanes *lanes, struct op *op, enum op_where where)
{
    enum lane_kind kind = where == ON_WRITE ? LANE_WRITER : LANE_READER;
    if (lanes->under_way++ == 0)
        uv_ref((uv_handle_t *)&lanes->answers);
    uv_mutex_lock(&lanes->mutex);
    op_queue_add(&lanes->waiting[kind], op);
    lanes->counts.waiting++;
    uv_cond_signal(&lanes->wake[kind]);
    uv_mutex_unlock(&lanes->mutex);
}

static void on_answers(uv_async_t *async)
{
    struct lanes *lanes = async->data;
    uv_mutex_lock(&lanes->mutex);
    struct op_queue answered = lanes->answered;
    lanes->answered = (struct op_queue){0};
    uv_mutex_unlock(&lanes->mutex);
    for (struct op *op = op_queue_take(&answered); op; op = op_queue_take(&answered)) {
        if (--lanes->under_way == 0)
            uv_unref((uv_handle_t *)&lanes->answers);
        op_returned(op);
    }
}

/* --- the writer ---------------------------------------------------------------------------------------------------- */

/* What one run of a group came to. */
struct group {
    struct lane_thread *self;
    struct op **steps;
    size_t n;   /* steps in the group; fewer than were taken where time ran out */
    int result; /* 0, OP_AGAIN or the error of the transaction itself */
    struct err err;
};

/* Runs the step as if for the first time: an earlier run may have left a sentence and a place to go. */
static int step_run(struct lane_thread *self, struct op *op)
{
    op->err = (struct err){0};
    op->notes.next = op->notes.at + 1;
    op->lane = self->lane;
    if (op_cancelled(op))
        return E_CANCELLED;
    return op_step(op)->run(op);
}

static bool keeps_its_writes(int result)
{
    return result == OP_NEXT || result == OP_MOVED || result == OP_DONE;
}

/* One step under its savepoint. 0, or what is wrong with the transaction as a whole. */
static int group_step(struct group *group, struct op *op)
{
    const struct lane_functions *f = group->self->lanes->functions;
    int failed = f->savepoint(group->self->lane, &group->err);
    if (failed)
        return failed;
    op->notes.result = step_run(group->self, op);
    if (op->notes.result == OP_AGAIN)
        return OP_AGAIN;
    if (keeps_its_writes(op->notes.result))
        return f->release(group->self->lane, &group->err);
    return f->rollback_to(group->self->lane, &group->err);
}

static int group_run(struct group *group)
{
    const struct lane_functions *f = group->self->lanes->functions;
    uint64_t latest = uv_hrtime() + (uint64_t)LIMIT_GROUP_MS * 1000000;
    int result = f->begin(group->self->lane, &group->err);
    if (result)
        return result;
    for (size_t i = 0; i < group->n && result == 0; i++) {
        if (i > 0 && uv_hrtime() > latest) {
            lane_give_back(group->self, group->steps + i, group->n - i);
            group->n = i;
            break;
        }
        result = group_step(group, group->steps[i]);
    }
    if (result == 0)
        result = f->commit(group->self->lane, &group->err);
    if (result != 0)
        f->rollback(group->self->lane);
    return result;
}

/* The whole group failed: its steps fail with it, but for those that had failed by themselves. */
static void group_fail(struct group *group)
{
    int code = group->result < 0 ? group->result : E_BUSY;
    for (size_t i = 0; i < group->n; i++) {
        struct op *op = group->steps[i];
        if (op->notes.result < 0)
            continue;
        if (group->result > 0)
            err_set(&op->err, code, "%s: the store asked %d times to begin again", op_step_name(op), LIMIT_GROUP_TRIES);
        else
            err_set(&op->err, code, "%s", group->err.code ? group->err.text : "the transaction failed");
        op->notes.result = code;
    }
}

static void write_group(struct lane_thread *self, struct op **steps, size_t n)
{
    struct lanes *lanes = self->lanes;
    struct lane_counts done = {0};
    struct group group = {.self = self, .steps = steps, .n = n};
    for (size_t i = 0; i < n; i++)
        steps[i]->notes.result = OP_NEXT;
    group.result = group_run(&group);
    for (unsigned tries = 1; group.result == OP_AGAIN && tries < LIMIT_GROUP_TRIES; tries++) {
        done.again++;
        group.result = group_run(&group);
    }
    if (group.result) {
        group_fail(&group);
    } else {
        done.groups = 1;
        done.writes = group.n;
        if (lanes->functions->after_commit)
            lanes->functions->after_commit(lanes->context, self->lane);
    }
    lane_answer(self, steps, group.n, done);
}

/* --- a reader ------------------------------------------------------------------------------------------------------ */

static int read_step(struct lane_thread *self, struct op *op)
{
    const struct lane_functions *f = self->lanes->functions;
    int result = f->begin(self->lane, &op->err);
    if (result)
        return result;
    result = step_run(self, op);
    if (!keeps_its_writes(result)) {
        f->rollback(self->lane);
        return result;
    }
    int failed = f->commit(self->lane, &op->err);
    if (failed)
        f->rollback(self->lane);
    return failed ? failed : result;
}

/* --- threads ------------------------------------------------------------------------------------------------------- */

static bool lane_open(struct lane_thread *self)
{
    struct lanes *lanes = self->lanes;
    struct err err = {0};
    int failed = lanes->functions->open(lanes->context, self->kind, &self->lane, &err);
    uv_mutex_lock(&lanes->mutex);
    if (failed && lanes->failed.code == 0) {
        lanes->failed = err;
        lanes->failed.code = failed;
    }
    lanes->n_open++;
    uv_cond_signal(&lanes->opened);
    uv_mutex_unlock(&lanes->mutex);
    return failed == 0;
}

static void lane_main(void *argument)
{
    struct lane_thread *self = argument;
    struct lanes *lanes = self->lanes;
    struct op *steps[LIMIT_GROUP_STEPS];
    size_t most = self->kind == LANE_WRITER ? LIMIT_GROUP_STEPS : 1;
    if (!lane_open(self))
        return;
    for (size_t n = lane_take(self, steps, most); n > 0; n = lane_take(self, steps, most)) {
        if (self->kind == LANE_WRITER) {
            write_group(self, steps, n);
        } else {
            steps[0]->notes.result = read_step(self, steps[0]);
            lane_answer(self, steps, 1, (struct lane_counts){.reads = 1});
        }
    }
    lanes->functions->close(lanes->context, self->lane);
}

static void on_lanes_closed(uv_handle_t *handle)
{
    struct lanes *lanes = handle->data;
    for (int kind = 0; kind < 2; kind++)
        uv_cond_destroy(&lanes->wake[kind]);
    uv_cond_destroy(&lanes->opened);
    uv_mutex_destroy(&lanes->mutex);
    free(lanes);
}

void lanes_close(struct lanes *lanes)
{
    if (!lanes)
        return;
    if (loop_lanes(lanes->loop) == lanes)
        loop_set_lanes(lanes->loop, NULL);
    uv_mutex_lock(&lanes->mutex);
    lanes->stopping = true;
    for (int kind = 0; kind < 2; kind++)
        uv_cond_broadcast(&lanes->wake[kind]);
    uv_mutex_unlock(&lanes->mutex);
    for (unsigned i = 0; i < lanes->n_threads; i++)
        if (lanes->threads[i].started)
            uv_thread_join(&lanes->threads[i].thread);
    uv_close((uv_handle_t *)&lanes->answers, on_lanes_closed);
}

/* Until every thread that runs has opened its lane, or failed. */
static int lanes_start(struct lanes *lanes, struct err *err)
{
    unsigned started = 0;
    for (unsigned i = 0; i < lanes->n_threads; i++) {
        struct lane_thread *thread = &lanes->threads[i];
        thread->lanes = lanes;
        thread->kind = i == 0 ? LANE_WRITER : LANE_READER;
        thread->started = uv_thread_create(&thread->thread, lane_main, thread) == 0;
        started += thread->started;
    }
    uv_mutex_lock(&lanes->mutex);
    while (lanes->n_open < started)
        uv_cond_wait(&lanes->opened, &lanes->mutex);
    uv_mutex_unlock(&lanes->mutex);
    if (started < lanes->n_threads)
        return err_set(err, E_IO, "of %u threads for the store %u could be started", lanes->n_threads, started);
    if (lanes->failed.code && err)
        *err = lanes->failed;
    return lanes->failed.code;
}

struct lanes *lanes_new(struct loop *loop, const struct lane_functions *functions, void *context, unsigned readers,
                        struct err *err)
{
    struct lanes *lanes = calloc(1, sizeof *lanes + (readers + 1) * sizeof lanes->threads[0]);
    if (!lanes) {
        err_set(err, E_NOMEM, "no memory for the store's threads");
        return NULL;
    }
    lanes->functions = functions;
    lanes->context = context;
    lanes->loop = loop;
    lanes->n_threads = readers + 1;
    uv_mutex_init(&lanes->mutex);
    uv_cond_init(&lanes->opened);
    for (int kind = 0; kind < 2; kind++)
        uv_cond_init(&lanes->wake[kind]);
    uv_async_init(loop_uv(loop), &lanes->answers, on_answers);
    uv_unref((uv_handle_t *)&lanes->answers);
    lanes->answers.data = lanes;
    if (lanes_start(lanes, err) == 0)
        return lanes;
    lanes_close(lanes);
    return NULL;
}

void lanes_counts(struct lanes *lanes, struct lane_counts *ret_counts)
{
    uv_mutex_lock(&lanes->mutex);
    *ret_counts = lanes->counts;
    uv_mutex_unlock(&lanes->mutex);
}

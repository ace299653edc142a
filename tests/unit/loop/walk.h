/* tests/unit/loop/walk.h
 *
 * An operation that notes where it was, and does at each step what the test tells it to.
 */
#ifndef SKEIN_TESTS_WALK_H
#define SKEIN_TESTS_WALK_H

#include "base/cleanup.h"
#include "journal.h"

#include <string.h>

struct walk {
    struct op op;
    struct buf path;        /* owned; names of the steps that ran, each with a blank behind it */
    uv_thread_t threads[4]; /* on which the last step of each kind ran */
    const char *fails_at;   /* step that returns E_BAD_INPUT */
    bool says_why;          /* and leaves a sentence */
    const char *cancels_at; /* step that cancels its own operation */
    uv_sem_t *gate;         /* steps on other threads wait here, where it is set */
    atomic_bool at_gate;
    int slices;
    int finished;
    int given_up;
    int code;
    char text[ERR_TEXT_MAX];
    uv_timer_t timer;
};

static struct walk *walk_of(struct op *op)
{
    return CONTAINER_OF(op, struct walk, op);
}

static inline int note(struct op *op, const char *name, enum op_where where)
{
    struct walk *walk = walk_of(op);
    walk->threads[where] = uv_thread_self();
    if (buf_printf(&walk->path, "%s ", name))
        abort();
    if (walk->gate && where != ON_LOOP) {
        atomic_store(&walk->at_gate, true);
        uv_sem_wait(walk->gate);
    }
    if (walk->cancels_at && strcmp(walk->cancels_at, name) == 0)
        op_cancel(op);
    if (!walk->fails_at || strcmp(walk->fails_at, name) != 0)
        return OP_NEXT;
    return walk->says_why ? err_set(&op->err, E_BAD_INPUT, "line 7 is no line") : E_BAD_INPUT;
}

static inline int look(struct op *op)
{
    return note(op, "look", ON_LOOP);
}

static inline int work_out(struct op *op)
{
    return note(op, "work_out", ON_CPU);
}

static inline int read_row(struct op *op)
{
    return note(op, "read_row", ON_READ);
}

static inline int write_row(struct op *op)
{
    return note(op, "write_row", ON_WRITE);
}

static inline int answer(struct op *op)
{
    return note(op, "answer", ON_LOOP);
}

static const struct op_step all_kinds[] = {STEP(look, ON_LOOP),       STEP(work_out, ON_CPU), STEP(read_row, ON_READ),
                                           STEP(write_row, ON_WRITE), STEP(answer, ON_LOOP),  STEP_END};

static inline void on_finish(struct op *op)
{
    struct walk *walk = walk_of(op);
    walk->finished++;
    walk->code = op->err.code;
    memcpy(walk->text, op->err.text, sizeof walk->text);
    op_release(op);
}

static inline void on_give_up(struct op *op)
{
    walk_of(op)->given_up++;
}

static inline void walk_init(struct walk *walk, const struct op_step *steps)
{
    *walk = (struct walk){.op = {.steps = steps, .finish = on_finish}};
    buf_init(&walk->path, 1 << 16);
}

static inline void assert_walk(struct walk *walk, int code, const char *path)
{
    assert_int_equal(walk->finished, 1);
    assert_int_equal(walk->code, code);
    assert_string_equal(buf_string(&walk->path), path);
    buf_release(&walk->path);
}

static inline struct loop *loop_alone(void)
{
    struct err err = {0};
    struct loop *loop = loop_new(NULL, &err);
    assert_non_null(loop);
    return loop;
}

static inline void loop_end(struct loop *loop)
{
    assert_int_equal(loop_work_count(loop), 0);
    loop_free(loop);
}

static inline void on_closed(uv_handle_t *handle)
{
    (void)handle;
}

static inline void on_freed(uv_handle_t *handle)
{
    free(handle);
}

static inline void on_wake(uv_timer_t *timer)
{
    struct walk *walk = timer->data;
    struct buf *path = &walk->path;
    size_t before = path->len;
    op_resume(&walk->op);
    op_resume(&walk->op);
    assert_int_equal(path->len, before); /* the step runs from the loop, not in here */
    uv_close((uv_handle_t *)timer, on_freed);
}

static inline void wake_in(struct walk *walk, uint64_t ms)
{
    uv_timer_t *timer = calloc(1, sizeof *timer);
    uv_timer_init(loop_uv(walk->op.loop), timer);
    timer->data = walk;
    uv_timer_start(timer, on_wake, ms, 0);
}

#endif

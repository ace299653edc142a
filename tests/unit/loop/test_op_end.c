/* tests/unit/loop/test_op_end.c
 *
 * Operations: every way in which one can end, and thousands at once.
 */
#include "walk.h"

/* --- errors -------------------------------------------------------------------------------------------------------- */

static void an_error_at_any_step_ends_it_there(void **state)
{
    (void)state;
    static const struct {
        const char *step;
        const char *path;
    } cases[] = {
        {"look", "look "},
        {"work_out", "look work_out "},
        {"read_row", "look work_out read_row "},
        {"write_row", "look work_out read_row write_row "},
        {"answer", "look work_out read_row write_row answer "},
    };
    for (size_t i = 0; i < 2 * ARRAY_LEN(cases); i++) {
        struct bench bench;
        struct walk walk;
        char sentence[64];
        bench_open(&bench, 1);
        walk_init(&walk, all_kinds);
        walk.fails_at = cases[i / 2].step;
        walk.says_why = i % 2;
        op_start(&walk.op, bench.loop);
        assert_int_equal(loop_run(bench.loop), 0);
        snprintf(sentence, sizeof sentence, i % 2 ? "line 7 is no line" : "%s failed: bad_input", cases[i / 2].step);
        assert_string_equal(walk.text, sentence);
        assert_walk(&walk, E_BAD_INPUT, cases[i / 2].path);
        bench_close(&bench);
    }
}

static int wait_on_worker(struct op *op)
{
    return op_wait(op, 1000);
}

static int say_wait(struct op *op)
{
    (void)op;
    return OP_WAIT;
}

static int say_again(struct op *op)
{
    (void)op;
    return OP_AGAIN;
}

static int go_nowhere(struct op *op)
{
    return op_go_to(op, look);
}

static void broken_rules_end_the_operation_with_a_bug(void **state)
{
    (void)state;
    static const struct op_step cases[][2] = {
        {STEP(wait_on_worker, ON_CPU), STEP_END}, {STEP(say_wait, ON_LOOP), STEP_END},
        {STEP(say_wait, ON_CPU), STEP_END},       {STEP(say_again, ON_LOOP), STEP_END},
        {STEP(say_again, ON_CPU), STEP_END},      {STEP(go_nowhere, ON_LOOP), STEP_END},
        {STEP(look, ON_READ), STEP_END},          {STEP(look, ON_WRITE), STEP_END}, /* there are no lanes */
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct loop *loop = loop_alone();
        struct walk walk;
        walk_init(&walk, cases[i]);
        op_start(&walk.op, loop);
        assert_int_equal(loop_run(loop), 0);
        assert_string_not_equal(walk.text, "");
        assert_walk(&walk, E_BUG, "");
        loop_end(loop);
    }
}

/* --- cancel -------------------------------------------------------------------------------------------------------- */

static void cancelled_before_its_first_step(void **state)
{
    (void)state;
    struct loop *loop = loop_alone();
    struct walk walk;
    walk_init(&walk, all_kinds);
    op_cancel(&walk.op); /* not started: nothing */
    op_start(&walk.op, loop);
    op_cancel(&walk.op);
    op_cancel(&walk.op);
    assert_int_equal(walk.finished, 0);
    assert_int_equal(loop_run(loop), 0);
    op_cancel(&walk.op); /* ended: nothing */
    assert_walk(&walk, E_CANCELLED, "");
    loop_end(loop);
}

static void cancelled_from_inside_any_step(void **state)
{
    (void)state;
    static const char *const steps[] = {"look", "answer"};
    static const char *const paths[] = {"look ", "look work_out read_row write_row answer "};
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        struct bench bench;
        struct walk walk;
        bench_open(&bench, 1);
        walk_init(&walk, all_kinds);
        walk.cancels_at = steps[i];
        op_start(&walk.op, bench.loop);
        assert_int_equal(loop_run(bench.loop), 0);
        assert_walk(&walk, E_CANCELLED, paths[i]);
        bench_close(&bench);
    }
}

static int wait_long(struct op *op)
{
    note(op, "wait_long", ON_LOOP);
    op_on_cancel(op, on_give_up);
    return op_wait(op, 600000);
}

static void on_cancel_time(uv_timer_t *timer)
{
    struct walk *walk = timer->data;
    op_cancel(&walk->op);
    op_resume(&walk->op); /* comes too late */
    uv_close((uv_handle_t *)timer, on_closed);
}

static void cancel_in(struct walk *walk, struct loop *loop, uint64_t ms)
{
    uv_timer_init(loop_uv(loop), &walk->timer);
    walk->timer.data = walk;
    uv_timer_start(&walk->timer, on_cancel_time, ms, 0);
}

static void cancelled_while_it_waits(void **state)
{
    (void)state;
    static const struct op_step steps[] = {STEP(wait_long, ON_LOOP), STEP(answer, ON_LOOP), STEP_END};
    static const struct op_step own[] = {STEP(wait_long, ON_LOOP), STEP(answer, ON_LOOP), STEP_END};
    struct loop *loop = loop_alone();
    struct walk walk;
    struct walk self;
    walk_init(&walk, steps);
    walk_init(&self, own);
    self.cancels_at = "wait_long";
    op_start(&walk.op, loop);
    op_start(&self.op, loop);
    cancel_in(&walk, loop, 2);
    assert_int_equal(loop_run(loop), 0);
    assert_int_equal(walk.given_up, 1);
    assert_int_equal(self.given_up, 1);
    assert_string_equal(walk.text, "cancelled at wait_long");
    assert_walk(&walk, E_CANCELLED, "wait_long ");
    assert_walk(&self, E_CANCELLED, "wait_long ");
    loop_end(loop);
}

struct gate {
    uv_idle_t idle;
    struct walk *at; /* borrowed; the operation that is cancelled once it stands at the gate */
    struct walk *also;
    uv_sem_t sem;
    unsigned posts;
};

static void on_gate(uv_idle_t *idle)
{
    struct gate *gate = idle->data;
    if (!atomic_load(&gate->at->at_gate)) {
        uv_sleep(1);
        return;
    }
    op_cancel(&gate->at->op);
    if (gate->also)
        op_cancel(&gate->also->op);
    for (unsigned i = 0; i < gate->posts; i++)
        uv_sem_post(&gate->sem);
    uv_close((uv_handle_t *)idle, on_closed);
}

static void gate_open(struct gate *gate, struct bench *bench, struct walk *at, struct walk *also)
{
    *gate = (struct gate){.at = at, .also = also, .posts = 1};
    uv_sem_init(&gate->sem, 0);
    uv_idle_init(loop_uv(bench->loop), &gate->idle);
    gate->idle.data = gate;
    uv_idle_start(&gate->idle, on_gate);
    at->gate = &gate->sem;
}

/* One is in the step and ends it; the other, behind it in the queue, never begins. */
static void cancelled_on_other_threads(void **state)
{
    (void)state;
    static const struct op_step cases[][3] = {
        {STEP(work_out, ON_CPU), STEP(answer, ON_LOOP), STEP_END},
        {STEP(read_row, ON_READ), STEP(answer, ON_LOOP), STEP_END},
        {STEP(write_row, ON_WRITE), STEP(answer, ON_LOOP), STEP_END},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct bench bench;
        struct walk begun;
        struct walk behind;
        struct gate gate;
        char path[32];
        bench_open(&bench, 1);
        walk_init(&begun, cases[i]);
        walk_init(&behind, cases[i]);
        gate_open(&gate, &bench, &begun, &behind);
        op_start(&begun.op, bench.loop);
        op_start(&behind.op, bench.loop);
        assert_int_equal(loop_run(bench.loop), 0);
        snprintf(path, sizeof path, "%s ", cases[i][0].name);
        assert_walk(&begun, E_CANCELLED, path);
        assert_walk(&behind, E_CANCELLED, "");
        uv_sem_destroy(&gate.sem);
        bench_close(&bench);
    }
}

static int long_work(struct op *op)
{
    note(op, "long_work", ON_CPU);
    while (!op_cancelled(op))
        uv_sleep(1);
    return E_CANCELLED;
}

static void long_work_asks_whether_it_is_still_wanted(void **state)
{
    (void)state;
    static const struct op_step steps[] = {STEP(long_work, ON_CPU), STEP_END};
    struct loop *loop = loop_alone();
    struct walk walk;
    walk_init(&walk, steps);
    op_start(&walk.op, loop);
    cancel_in(&walk, loop, 5);
    assert_int_equal(loop_run(loop), 0);
    assert_walk(&walk, E_CANCELLED, "long_work ");
    loop_end(loop);
}

/* --- memory and many ----------------------------------------------------------------------------------------------- */

static int fill_arena(struct op *op)
{
    return ARENA_ARRAY(&op->arena, char, 1000) ? OP_NEXT : err_set(&op->err, E_NOMEM, "no room");
}

static void an_owner_may_bound_the_arena(void **state)
{
    (void)state;
    static const struct op_step steps[] = {STEP(fill_arena, ON_LOOP), STEP(fill_arena, ON_LOOP), STEP_END};
    struct loop *loop = loop_alone();
    struct walk walk;
    walk_init(&walk, steps);
    walk.op.arena.max = 1500;
    op_start(&walk.op, loop);
    struct op nobody = {.steps = steps}; /* without a finish the runner releases */
    op_start(&nobody, loop);
    assert_int_equal(loop_run(loop), 0);
    assert_walk(&walk, E_NOMEM, "");
    loop_end(loop);
}

struct crowd {
    struct op op;
    struct bench *bench; /* borrowed */
    unsigned number;
    unsigned sum;
    int *left; /* borrowed */
};

static int crowd_add(struct op *op)
{
    struct crowd *one = CONTAINER_OF(op, struct crowd, op);
    one->sum += one->number;
    return one->number % 11 == 0 && one->sum > 2 * one->number ? E_BAD_INPUT : OP_NEXT;
}

static int crowd_set(struct op *op) /* on the writer, where a step may run more than once */
{
    struct crowd *one = CONTAINER_OF(op, struct crowd, op);
    one->sum = 3 * one->number;
    return OP_NEXT;
}

static int crowd_wait(struct op *op)
{
    struct crowd *one = CONTAINER_OF(op, struct crowd, op);
    if (one->number % 3 == 0)
        op_resume(op);
    return one->number % 5 == 0 && one->number % 3 != 0 ? op_wait(op, 1) : op_wait(op, 600000);
}

static int crowd_again(struct op *op)
{
    struct crowd *one = CONTAINER_OF(op, struct crowd, op);
    if (one->sum >= 8 * one->number)
        return OP_NEXT;
    one->sum += one->number;
    return op_go_to(op, crowd_again);
}

static const struct op_step crowd_steps[] = {STEP(crowd_add, ON_LOOP),
                                             STEP(crowd_add, ON_CPU),
                                             STEP(crowd_set, ON_WRITE),
                                             STEP(crowd_wait, ON_LOOP),
                                             STEP(crowd_add, ON_READ),
                                             STEP(crowd_again, ON_LOOP),
                                             STEP_END};

static void crowd_finish(struct op *op)
{
    struct crowd *one = CONTAINER_OF(op, struct crowd, op);
    if (one->number % 7 == 0 && one->number % 11 != 0)
        assert_int_equal(op->err.code, E_CANCELLED);
    else if (one->number % 5 == 0 && one->number % 3 != 0)
        assert_int_equal(op->err.code, E_TIMEOUT);
    else if (one->number % 11 == 0)
        assert_int_equal(op->err.code, E_BAD_INPUT);
    else
        assert_int_equal(one->sum, 8 * one->number);
    --*one->left;
    op_release(op);
    free(one);
}

static struct crowd *crowd_start(struct bench *bench, unsigned number, int *left)
{
    struct crowd *one = calloc(1, sizeof *one);
    assert_non_null(one);
    *one = (struct crowd){
        .op = {.steps = crowd_steps, .finish = crowd_finish}, .bench = bench, .number = number, .left = left};
    op_start(&one->op, bench->loop);
    return one;
}

struct waker {
    uv_timer_t timer;
    struct crowd **crowd; /* those that wait for long; taken out when they were woken */
    size_t n;
};

/* Wakes those whose wait nothing else ends; how often does not matter, for op_resume on others does nothing. */
static void on_waker(uv_timer_t *timer)
{
    struct waker *waker = timer->data;
    if (loop_work_count(timer->loop->data) == 0) {
        uv_close((uv_handle_t *)timer, on_closed);
        return;
    }
    for (size_t i = 0; i < waker->n; i++)
        if (waker->crowd[i])
            op_resume(&waker->crowd[i]->op);
}

static struct crowd *woken[4096];

static void forget_woken(struct op *op)
{
    woken[CONTAINER_OF(op, struct crowd, op)->number] = NULL;
    crowd_finish(op);
}

static void thousands_at_once(void **state)
{
    (void)state;
    struct bench bench;
    int left = 3000;
    struct waker waker = {.crowd = woken, .n = ARRAY_LEN(woken)};
    bench_open(&bench, 3);
    for (unsigned i = 1; i <= 3000; i++) {
        struct crowd *one = crowd_start(&bench, i, &left);
        bool wakes = i % 3 != 0 && i % 5 != 0;
        if (i % 7 == 0 && i % 11 != 0)
            op_cancel(&one->op);
        if (wakes) {
            one->op.finish = forget_woken;
            woken[i] = one;
        }
    }
    uv_timer_init(loop_uv(bench.loop), &waker.timer);
    waker.timer.data = &waker;
    uv_timer_start(&waker.timer, on_waker, 1, 1);
    assert_int_equal(loop_run(bench.loop), 0);
    assert_int_equal(left, 0);
    bench_close(&bench);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_at_any_step_ends_it_there),
        cmocka_unit_test(broken_rules_end_the_operation_with_a_bug),
        cmocka_unit_test(cancelled_before_its_first_step),
        cmocka_unit_test(cancelled_from_inside_any_step),
        cmocka_unit_test(cancelled_while_it_waits),
        cmocka_unit_test(cancelled_on_other_threads),
        cmocka_unit_test(long_work_asks_whether_it_is_still_wanted),
        cmocka_unit_test(an_owner_may_bound_the_arena),
        cmocka_unit_test(thousands_at_once),
    };
    setenv("UV_THREADPOOL_SIZE", "1", 1); /* so that a second step is behind the first */
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tests/unit/loop/test_op.c
 *
 * Operations: the order of steps, the thread of each, and waits.
 */
#include "walk.h"

/* --- order and threads --------------------------------------------------------------------------------------------- */

static void runs_each_step_on_its_thread_in_the_order_of_the_table(void **state)
{
    (void)state;
    struct bench bench;
    struct walk walk;
    bench_open(&bench, 1);
    walk_init(&walk, all_kinds);
    op_start(&walk.op, bench.loop);
    assert_int_equal(loop_work_count(bench.loop), 1);
    assert_int_equal(loop_run(bench.loop), 0);
    uv_thread_t here = uv_thread_self();
    assert_true(uv_thread_equal(&walk.threads[ON_LOOP], &here));
    for (int a = ON_LOOP; a <= ON_CPU; a++)
        for (int b = ON_LOOP; b < a; b++)
            assert_false(uv_thread_equal(&walk.threads[a], &walk.threads[b]));
    assert_walk(&walk, 0, "look work_out read_row write_row answer ");
    bench_close(&bench);
}

static void starts_from_the_loop_or_at_once(void **state)
{
    (void)state;
    static const struct op_step steps[] = {STEP(look, ON_LOOP), STEP(answer, ON_LOOP), STEP_END};
    struct loop *loop = loop_alone();
    struct walk later;
    struct walk now;
    walk_init(&later, steps);
    walk_init(&now, steps);
    op_start(&later.op, loop);
    op_start_now(&now.op, loop);
    assert_int_equal(later.finished, 0);
    assert_string_equal(buf_string(&later.path), "");
    assert_walk(&now, 0, "look answer ");
    assert_int_equal(loop_run(loop), 0);
    assert_walk(&later, 0, "look answer ");
    loop_end(loop);
}

static int finish_early(struct op *op)
{
    note(op, "finish_early", ON_LOOP);
    err_set(&op->err, E_IO, "a sentence that no longer matters");
    return OP_DONE;
}

static void done_leaves_the_rest_of_the_table_out(void **state)
{
    (void)state;
    static const struct op_step steps[] = {STEP(finish_early, ON_LOOP), STEP(answer, ON_LOOP), STEP_END};
    struct loop *loop = loop_alone();
    struct walk walk;
    walk_init(&walk, steps);
    op_start(&walk.op, loop);
    assert_int_equal(loop_run(loop), 0);
    assert_string_equal(walk.text, "");
    assert_walk(&walk, 0, "finish_early ");
    loop_end(loop);
}

/* --- waits --------------------------------------------------------------------------------------------------------- */

static int ask(struct op *op)
{
    note(op, "ask", ON_LOOP);
    wake_in(walk_of(op), 3);
    op_on_cancel(op, on_give_up);
    return op_wait(op, 60000);
}

static void a_wait_ends_with_resume(void **state)
{
    (void)state;
    static const struct op_step steps[] = {STEP(ask, ON_LOOP), STEP(answer, ON_LOOP), STEP_END};
    struct loop *loop = loop_alone();
    struct walk walk;
    walk_init(&walk, steps);
    op_start(&walk.op, loop);
    assert_int_equal(loop_run(loop), 0);
    assert_int_equal(walk.given_up, 0);
    op_resume(&walk.op); /* after the end it does nothing */
    assert_walk(&walk, 0, "ask answer ");
    loop_end(loop);
}

static int ask_and_get_at_once(struct op *op)
{
    note(op, "ask_and_get_at_once", ON_LOOP);
    op_resume(op);
    return op_wait(op, 60000);
}

static int resume_for_nobody(struct op *op)
{
    note(op, "resume_for_nobody", ON_LOOP);
    op_resume(op);
    return OP_NEXT;
}

static int wait_alone(struct op *op)
{
    note(op, "wait_alone", ON_LOOP);
    op_on_cancel(op, on_give_up);
    return op_wait(op, 2);
}

static void a_resume_before_the_wait_counts_for_that_step_alone(void **state)
{
    (void)state;
    static const struct op_step early[] = {STEP(ask_and_get_at_once, ON_LOOP), STEP(answer, ON_LOOP), STEP_END};
    static const struct op_step stale[] = {STEP(resume_for_nobody, ON_LOOP), STEP(wait_alone, ON_LOOP), STEP_END};
    struct loop *loop = loop_alone();
    struct walk woken;
    struct walk lost;
    walk_init(&woken, early);
    walk_init(&lost, stale);
    op_start(&woken.op, loop);
    op_start(&lost.op, loop);
    assert_int_equal(loop_run(loop), 0);
    assert_walk(&woken, 0, "ask_and_get_at_once answer ");
    assert_walk(&lost, E_TIMEOUT, "resume_for_nobody wait_alone ");
    loop_end(loop);
}

static void a_deadline_ends_the_operation_and_gives_up_what_it_asked_for(void **state)
{
    (void)state;
    static const struct op_step steps[] = {STEP(wait_alone, ON_LOOP), STEP(answer, ON_LOOP), STEP_END};
    struct loop *loop = loop_alone();
    struct walk walk;
    walk_init(&walk, steps);
    op_start(&walk.op, loop);
    assert_int_equal(loop_run(loop), 0);
    assert_int_equal(walk.given_up, 1);
    assert_string_equal(walk.text, "wait_alone got no answer within 2 ms");
    assert_walk(&walk, E_TIMEOUT, "wait_alone ");
    loop_end(loop);
}

/* A step that holds the loop for longer than its own deadline has the whole deadline left. */
static int dawdle_and_wait(struct op *op)
{
    note(op, "dawdle_and_wait", ON_LOOP);
    uv_sleep(30);
    wake_in(walk_of(op), 5);
    return op_wait(op, 25);
}

static void a_deadline_counts_from_the_wait(void **state)
{
    (void)state;
    static const struct op_step steps[] = {STEP(dawdle_and_wait, ON_LOOP), STEP(answer, ON_LOOP), STEP_END};
    struct loop *loop = loop_alone();
    struct walk walk;
    walk_init(&walk, steps);
    op_start(&walk.op, loop);
    assert_int_equal(loop_run(loop), 0);
    assert_walk(&walk, 0, "dawdle_and_wait answer ");
    loop_end(loop);
}

static int look_again(struct op *op)
{
    struct walk *walk = walk_of(op);
    note(op, "look_again", ON_LOOP);
    if (++walk->slices == 3)
        return OP_NEXT;
    wake_in(walk, 1);
    return op_wait_at(op, look_again, 60000);
}

static void a_step_may_wait_and_look_again(void **state)
{
    (void)state;
    static const struct op_step steps[] = {STEP(look_again, ON_LOOP), STEP(answer, ON_LOOP), STEP_END};
    struct loop *loop = loop_alone();
    struct walk walk;
    walk_init(&walk, steps);
    op_start(&walk.op, loop);
    assert_int_equal(loop_run(loop), 0);
    assert_walk(&walk, 0, "look_again look_again look_again answer ");
    loop_end(loop);
}

/* --- loops over slices --------------------------------------------------------------------------------------------- */

static int slice_loop(struct op *op)
{
    return ++walk_of(op)->slices % 2 ? OP_NEXT : op_go_to(op, slice_loop);
}

static int slice_cpu(struct op *op)
{
    struct walk *walk = walk_of(op);
    return ++walk->slices < 100 ? op_go_to(op, slice_loop) : OP_NEXT;
}

static void goes_round_over_slices_on_every_thread(void **state)
{
    (void)state;
    static const struct op_step steps[] = {STEP(slice_loop, ON_LOOP), STEP(slice_cpu, ON_CPU), STEP(answer, ON_LOOP),
                                           STEP_END};
    struct loop *loop = loop_alone();
    struct walk walk;
    walk_init(&walk, steps);
    op_start(&walk.op, loop);
    assert_int_equal(loop_run(loop), 0);
    assert_true(walk.slices >= 100);
    assert_walk(&walk, 0, "answer ");
    loop_end(loop);
}

static int spin(struct op *op)
{
    struct walk *walk = walk_of(op);
    walk->slices++;
    return walk->given_up ? OP_NEXT : op_go_to(op, spin);
}

static void on_enough(uv_timer_t *timer)
{
    ((struct walk *)timer->data)->given_up = 1;
    uv_close((uv_handle_t *)timer, on_closed);
}

static void an_operation_that_never_waits_lets_others_have_their_turn(void **state)
{
    (void)state;
    static const struct op_step steps[] = {STEP(spin, ON_LOOP), STEP_END};
    struct loop *loop = loop_alone();
    struct walk walk;
    walk_init(&walk, steps);
    uv_timer_init(loop_uv(loop), &walk.timer);
    walk.timer.data = &walk;
    uv_timer_start(&walk.timer, on_enough, 2, 0);
    op_start(&walk.op, loop);
    assert_int_equal(loop_run(loop), 0); /* without fairness it would never return */
    assert_true(walk.slices > 16);
    assert_walk(&walk, 0, "");
    loop_end(loop);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_each_step_on_its_thread_in_the_order_of_the_table),
        cmocka_unit_test(starts_from_the_loop_or_at_once),
        cmocka_unit_test(done_leaves_the_rest_of_the_table_out),
        cmocka_unit_test(a_wait_ends_with_resume),
        cmocka_unit_test(a_resume_before_the_wait_counts_for_that_step_alone),
        cmocka_unit_test(a_deadline_ends_the_operation_and_gives_up_what_it_asked_for),
        cmocka_unit_test(a_deadline_counts_from_the_wait),
        cmocka_unit_test(a_step_may_wait_and_look_again),
        cmocka_unit_test(goes_round_over_slices_on_every_thread),
        cmocka_unit_test(an_operation_that_never_waits_lets_others_have_their_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

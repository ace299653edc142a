/* tests/unit/loop/test_loop.c
 *
 * The loop: orderly stop, signals, and the measure of how long a turn holds.
 */
#include "walk.h"

#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- stop ---------------------------------------------------------------------------------------------------------- */

struct diary {
    struct loop *loop;
    char said[64];
    struct walk *ends; /* on_stop resumes it */
};

static void say(struct diary *diary, const char *word)
{
    size_t used = strlen(diary->said);
    snprintf(diary->said + used, sizeof diary->said - used, "%s ", word);
}

static void on_stop_a(void *context)
{
    struct diary *diary = context;
    say(diary, "stop-a");
    if (diary->ends)
        op_resume(&diary->ends->op);
}

static void on_stop_b(void *context)
{
    say(context, "stop-b");
}

static void on_quiet_a(void *context)
{
    say(context, "quiet-a");
}

static void on_quiet_b(void *context)
{
    say(context, "quiet-b");
}

static void on_stop_adds(void *context)
{
    struct diary *diary = context;
    say(diary, "adds");
    assert_int_equal(loop_on_stop(diary->loop, on_stop_a, diary), 0);
}

static void diary_open(struct diary *diary)
{
    *diary = (struct diary){.loop = loop_alone()};
    assert_int_equal(loop_on_stop(diary->loop, on_stop_a, diary), 0);
    assert_int_equal(loop_on_stop(diary->loop, on_stop_b, diary), 0);
    assert_int_equal(loop_on_quiet(diary->loop, on_quiet_a, diary), 0);
    assert_int_equal(loop_on_quiet(diary->loop, on_quiet_b, diary), 0);
}

static void hooks_run_once_even_where_nothing_else_does(void **state)
{
    (void)state;
    struct diary diary;
    diary_open(&diary);
    assert_false(loop_stopping(diary.loop));
    loop_stop(diary.loop);
    loop_stop(diary.loop);
    assert_true(loop_stopping(diary.loop));
    assert_string_equal(diary.said, ""); /* never from inside loop_stop */
    assert_int_equal(loop_run(diary.loop), 0);
    assert_string_equal(diary.said, "stop-a stop-b quiet-b quiet-a ");
    loop_end(diary.loop);
}

static void without_a_stop_no_hook_runs(void **state)
{
    (void)state;
    struct diary diary;
    diary_open(&diary);
    assert_int_equal(loop_run(diary.loop), 0);
    assert_string_equal(diary.said, "");
    loop_end(diary.loop);
}

static void hooks_may_be_forgotten_and_added_late(void **state)
{
    (void)state;
    struct diary diary;
    struct diary other;
    diary_open(&diary);
    other = (struct diary){.loop = diary.loop};
    assert_int_equal(loop_on_stop(diary.loop, on_stop_adds, &other), 0);
    loop_forget(diary.loop, &diary);
    loop_stop(diary.loop);
    assert_int_equal(loop_run(diary.loop), 0);
    assert_string_equal(diary.said, "");
    assert_string_equal(other.said, "adds stop-a ");
    loop_end(diary.loop);
}

static int wait_for_the_stop(struct op *op)
{
    note(op, "wait_for_the_stop", ON_LOOP);
    op_on_cancel(op, on_give_up);
    return op_wait(op, 600000);
}

static int stop_the_loop(struct op *op)
{
    loop_stop(op->loop);
    return OP_NEXT;
}

static const struct op_step waiting_steps[] = {STEP(wait_for_the_stop, ON_LOOP), STEP(work_out, ON_CPU),
                                               STEP(answer, ON_LOOP), STEP_END};
static const struct op_step stopping_steps[] = {STEP(stop_the_loop, ON_LOOP), STEP_END};

static void a_stop_lets_operations_end_before_it_is_quiet(void **state)
{
    (void)state;
    struct diary diary;
    struct walk walk;
    struct walk stopper;
    diary_open(&diary);
    walk_init(&walk, waiting_steps);
    walk_init(&stopper, stopping_steps);
    diary.ends = &walk;
    loop_set_stop_times(diary.loop, 600000, 600000);
    op_start(&walk.op, diary.loop);
    op_start(&stopper.op, diary.loop);
    assert_int_equal(loop_run(diary.loop), 0);
    assert_string_equal(diary.said, "stop-a stop-b quiet-b quiet-a ");
    assert_walk(&walk, 0, "wait_for_the_stop work_out answer ");
    loop_end(diary.loop);
}

static void a_stop_cancels_what_goes_on_for_too_long(void **state)
{
    (void)state;
    struct diary diary;
    struct walk walk;
    diary_open(&diary);
    walk_init(&walk, waiting_steps);
    op_start(&walk.op, diary.loop);
    loop_set_stop_times(diary.loop, 5, 600000);
    loop_stop(diary.loop);
    uint64_t began = uv_hrtime();
    assert_int_equal(loop_run(diary.loop), 0);
    assert_true(uv_hrtime() - began >= 4 * UINT64_C(1000000));
    assert_string_equal(diary.said, "stop-a stop-b quiet-b quiet-a ");
    assert_int_equal(walk.given_up, 1);
    assert_walk(&walk, E_CANCELLED, "wait_for_the_stop ");
    loop_end(diary.loop);
}

static void on_let_go(uv_timer_t *timer)
{
    loop_work_end(timer->data);
    uv_close((uv_handle_t *)timer, on_closed);
}

static void a_stop_waits_for_other_counted_work(void **state)
{
    (void)state;
    struct diary diary;
    uv_timer_t timer;
    diary_open(&diary);
    loop_work_begin(diary.loop);
    uv_timer_init(loop_uv(diary.loop), &timer);
    timer.data = diary.loop;
    uv_timer_start(&timer, on_let_go, 10, 0);
    loop_stop(diary.loop);
    assert_int_equal(loop_run(diary.loop), 0);
    assert_string_equal(diary.said, "stop-a stop-b quiet-b quiet-a ");
    loop_end(diary.loop);
}

static void a_stop_has_an_end_whatever_is_left(void **state)
{
    (void)state;
    struct diary diary;
    uv_timer_t timer;
    diary_open(&diary);
    uv_timer_init(loop_uv(diary.loop), &timer);
    uv_timer_start(&timer, on_let_go, 600000, 0);
    loop_set_stop_times(diary.loop, 2, 10);
    loop_work_begin(diary.loop);
    loop_stop(diary.loop);
    assert_int_equal(loop_run(diary.loop), E_TIMEOUT);
    assert_string_equal(diary.said, "stop-a stop-b "); /* never quiet */
    loop_work_end(diary.loop);
    uv_close((uv_handle_t *)&timer, on_closed);
    loop_end(diary.loop);
}

/* --- signals ------------------------------------------------------------------------------------------------------- */

static void on_raise(uv_timer_t *timer)
{
    if (timer->data)
        uv_timer_stop(timer);
    else
        uv_close((uv_handle_t *)timer, on_closed);
    raise(SIGTERM);
}

static void a_signal_begins_an_orderly_stop(void **state)
{
    (void)state;
    struct diary diary;
    struct err err = {0};
    uv_timer_t timer;
    diary_open(&diary);
    assert_int_equal(loop_catch_signals(diary.loop, &err), 0);
    uv_timer_init(loop_uv(diary.loop), &timer);
    timer.data = NULL;
    uv_timer_start(&timer, on_raise, 1, 0);
    struct walk walk;
    walk_init(&walk, waiting_steps);
    diary.ends = &walk;
    op_start(&walk.op, diary.loop);
    assert_int_equal(loop_run(diary.loop), 0);
    assert_string_equal(diary.said, "stop-a stop-b quiet-b quiet-a ");
    assert_walk(&walk, 0, "wait_for_the_stop work_out answer ");
    loop_end(diary.loop);
}

static void on_raise_again(void *context)
{
    (void)context;
    raise(SIGTERM);
    _exit(1); /* not reached */
}

static void a_second_signal_ends_at_once(void **state)
{
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct err err = {0};
        struct loop *loop = loop_new(NULL, &err);
        uv_timer_t timer;
        if (!loop || loop_catch_signals(loop, &err) || loop_on_stop(loop, on_raise_again, NULL))
            _exit(2);
        uv_timer_init(loop_uv(loop), &timer);
        timer.data = loop;
        uv_timer_start(&timer, on_raise, 1, 0);
        struct walk walk;
        walk_init(&walk, waiting_steps);
        op_start(&walk.op, loop);
        loop_run(loop);
        _exit(3);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
}

/* --- how long a turn holds ----------------------------------------------------------------------------------------- */

static int64_t thread_cpu_us(void)
{
    struct timespec used;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

static int sleep_on_the_loop(struct op *op)
{
    (void)op;
    uv_sleep(30);
    return OP_NEXT;
}

static int rest(struct op *op)
{
    wake_in(walk_of(op), 60);
    return op_wait(op, 600000);
}

static uint64_t sum_of(const struct loop_hold *hold)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < LOOP_HOLD_BUCKETS; i++)
        sum += hold->buckets[i];
    return sum;
}

static void a_step_that_sleeps_shows_and_waiting_does_not(void **state)
{
    (void)state;
    static const struct op_step sleeps[] = {STEP(sleep_on_the_loop, ON_LOOP), STEP_END};
    static const struct op_step rests[] = {STEP(rest, ON_LOOP), STEP_END};
    struct loop *loop = loop_alone();
    struct loop_hold hold;
    struct walk walk;
    walk_init(&walk, rests);
    op_start(&walk.op, loop);
    assert_int_equal(loop_run(loop), 0);
    loop_hold(loop, &hold);
    assert_true(hold.turns >= 2);
    assert_true(hold.total_us < 60000);
    assert_int_equal(sum_of(&hold), hold.turns);

    loop_hold_reset(loop);
    walk_init(&walk, sleeps);
    op_start(&walk.op, loop);
    assert_int_equal(loop_run(loop), 0);
    loop_hold(loop, &hold);
    assert_true(hold.max_us >= 30000);
    assert_int_equal(hold.over_goal, 1);
    assert_int_equal(hold.buckets[4] + hold.buckets[5] + hold.buckets[6], 1); /* over 20 ms, under 1 s */
    loop_end(loop);
}

static atomic_bool spinning;

static void spin_beside(void *argument)
{
    (void)argument;
    while (atomic_load(&spinning))
        ;
}

static int64_t burnt_us;

static int burn(struct op *op)
{
    (void)op;
    int64_t began = thread_cpu_us();
    while (thread_cpu_us() - began < 60000)
        ;
    burnt_us = thread_cpu_us() - began;
    return OP_NEXT;
}

/* Three threads on one core: the turn takes about three times as long as it worked. */
static void the_wait_for_a_core_is_not_ours(void **state)
{
    (void)state;
    static const struct op_step burns[] = {STEP(burn, ON_LOOP), STEP_END};
    cpu_set_t before;
    cpu_set_t one;
    uv_thread_t beside[2];
    struct loop_hold hold;
    struct walk walk;
    if (access("/proc/thread-self/schedstat", R_OK) != 0)
        skip();
    struct loop *loop = loop_alone();
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    CPU_ZERO(&one);
    CPU_SET((size_t)sched_getcpu(), &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0); /* threads made now inherit it */
    atomic_store(&spinning, true);
    for (int i = 0; i < 2; i++)
        assert_int_equal(uv_thread_create(&beside[i], spin_beside, NULL), 0);
    walk_init(&walk, burns);
    op_start(&walk.op, loop);
    uint64_t began = uv_hrtime();
    assert_int_equal(loop_run(loop), 0);
    int64_t wall_us = (int64_t)((uv_hrtime() - began) / 1000);
    atomic_store(&spinning, false);
    for (int i = 0; i < 2; i++)
        uv_thread_join(&beside[i]);
    assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
    loop_hold(loop, &hold);
    assert_true(wall_us > burnt_us + 20000);
    assert_true(hold.max_us >= burnt_us - 5000);
    assert_true(hold.max_us < burnt_us + 20000);
    loop_end(loop);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_second_signal_ends_at_once), /* first: it forks, and no thread is running yet */
        cmocka_unit_test(a_signal_begins_an_orderly_stop),
        cmocka_unit_test(hooks_run_once_even_where_nothing_else_does),
        cmocka_unit_test(without_a_stop_no_hook_runs),
        cmocka_unit_test(hooks_may_be_forgotten_and_added_late),
        cmocka_unit_test(a_stop_lets_operations_end_before_it_is_quiet),
        cmocka_unit_test(a_stop_cancels_what_goes_on_for_too_long),
        cmocka_unit_test(a_stop_waits_for_other_counted_work),
        cmocka_unit_test(a_stop_has_an_end_whatever_is_left),
        cmocka_unit_test(a_step_that_sleeps_shows_and_waiting_does_not),
        cmocka_unit_test(the_wait_for_a_core_is_not_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* bridge/loop/loop.c
 *
 * The event loop: turns, stop, counted work.
 *
 * A turn is one uv_run that does not wait; the wait is ours, on libuv's own descriptor, because only so the time from
 * waking up to the next wait can be measured (libuv calls back from inside its poll). Hooks and cancellations of a stop
 * happen between turns, so they never find a callback of their own on the stack.
 */
#include "loop/loop.h"

#include "base/limits.h"
#include "base/log.h"
#include "loop/inside.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>

enum stop_state { STOP_NOT, STOP_ASKED, STOP_GRACE, STOP_CANCELLED, STOP_LATE };

struct loop_hook {
    struct loop_hook *next; /* owned */
    loop_hook_fn *call;
    void *context; /* borrowed */
};

struct loop {
    uv_loop_t uv;
    const struct clock *clock; /* borrowed */
    struct lanes *lanes;       /* borrowed */
    struct op_list ops;
    struct hold hold;
    size_t work; /* operations and other counted work */

    enum stop_state stop;
    struct loop_hook *on_stop;  /* owned; in the order of calling */
    struct loop_hook *on_quiet; /* owned; in the order of calling */
    uv_timer_t stop_timer;      /* wakes the loop for the next state of the stop */
    uint64_t stop_began_ms;     /* uv_now */
    int64_t grace_ms;
    int64_t end_ms;
    uv_signal_t signals[2]; /* inactive until loop_catch_signals */
};

struct loop *loop_new(const struct clock *clock, struct err *err)
{
    struct loop *loop = calloc(1, sizeof *loop);
    if (!loop) {
        err_set(err, E_NOMEM, "no memory for the event loop");
        return NULL;
    }
    int failed = uv_loop_init(&loop->uv);
    if (failed) {
        free(loop);
        err_set_system(err, failed, "the event loop does not start");
        return NULL;
    }
    loop->uv.data = loop;
    loop->clock = clock ? clock : &clock_system;
    loop->grace_ms = LIMIT_STOP_GRACE;
    loop->end_ms = LIMIT_STOP_END;
    hold_init(&loop->hold);
    uv_idle_init(&loop->uv, &loop->ops.turn);
    uv_timer_init(&loop->uv, &loop->stop_timer);
    for (size_t i = 0; i < 2; i++)
        uv_signal_init(&loop->uv, &loop->signals[i]);
    loop->ops.turn.data = loop;
    return loop;
}

static void name_handle(uv_handle_t *handle, void *context)
{
    (void)context;
    const char *name = uv_handle_type_name(handle->type);
    log_line(LOG_ERROR, "loop", "a %s handle was left open%s", name ? name : "strange",
             uv_is_closing(handle) ? ", closing" : "");
}

static void hooks_free(struct loop_hook **hooks)
{
    while (*hooks) {
        struct loop_hook *hook = *hooks;
        *hooks = hook->next;
        free(hook);
    }
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    uv_close((uv_handle_t *)&loop->ops.turn, NULL);
    uv_close((uv_handle_t *)&loop->stop_timer, NULL);
    for (size_t i = 0; i < 2; i++)
        uv_close((uv_handle_t *)&loop->signals[i], NULL);
    uv_run(&loop->uv, UV_RUN_NOWAIT);
    hooks_free(&loop->on_stop);
    hooks_free(&loop->on_quiet);
    if (uv_loop_close(&loop->uv) == 0)
        free(loop);
    else /* its handles still point to it: memory that is lost is better than memory that is used after free */
        uv_walk(&loop->uv, name_handle, NULL);
}

uv_loop_t *loop_uv(struct loop *loop)
{
    return &loop->uv;
}

const struct clock *loop_clock(const struct loop *loop)
{
    return loop->clock;
}

void loop_set_lanes(struct loop *loop, struct lanes *lanes)
{
    loop->lanes = lanes;
}

struct lanes *loop_lanes(const struct loop *loop)
{
    return loop->lanes;
}

struct op_list *loop_ops(struct loop *loop)
{
    return &loop->ops;
}

void loop_work_begin(struct loop *loop)
{
    loop->work++;
}

void loop_work_end(struct loop *loop)
{
    loop->work--;
}

size_t loop_work_count(const struct loop *loop)
{
    return loop->work;
}

void loop_hold(const struct loop *loop, struct loop_hold *ret_hold)
{
    *ret_hold = loop->hold.sums;
}

void loop_hold_reset(struct loop *loop)
{
    loop->hold.sums = (struct loop_hold){0};
}

/* --- stop ---------------------------------------------------------------------------------------------------------- */

static void on_signal(uv_signal_t *signal_handle, int number)
{
    struct loop *loop = signal_handle->loop->data;
    log_line(LOG_INFO, "loop", "signal %d: stopping; a second one ends at once", number);
    for (size_t i = 0; i < 2; i++)
        uv_signal_stop(&loop->signals[i]); /* gives the signal its default effect back */
    loop_stop(loop);
}

int loop_catch_signals(struct loop *loop, struct err *err)
{
    static const int numbers[2] = {SIGINT, SIGTERM};
    signal(SIGPIPE, SIG_IGN); /* a peer that left is an error code of write, not the end of the process */
    for (size_t i = 0; i < 2; i++) {
        int failed = uv_signal_start(&loop->signals[i], on_signal, numbers[i]);
        if (failed)
            return err_set_system(err, failed, "signal %d cannot be caught", numbers[i]);
        uv_unref((uv_handle_t *)&loop->signals[i]);
    }
    return 0;
}

static struct loop_hook *hook_new(loop_hook_fn *call, void *context)
{
    struct loop_hook *hook = calloc(1, sizeof *hook);
    if (hook)
        *hook = (struct loop_hook){.call = call, .context = context};
    return hook;
}

int loop_on_stop(struct loop *loop, loop_hook_fn *call, void *context)
{
    struct loop_hook *hook = hook_new(call, context);
    if (!hook)
        return E_NOMEM;
    struct loop_hook **end = &loop->on_stop;
    while (*end)
        end = &(*end)->next;
    *end = hook;
    return 0;
}

int loop_on_quiet(struct loop *loop, loop_hook_fn *call, void *context)
{
    struct loop_hook *hook = hook_new(call, context);
    if (!hook)
        return E_NOMEM;
    hook->next = loop->on_quiet;
    loop->on_quiet = hook;
    return 0;
}

static void hooks_forget(struct loop_hook **at, const void *context)
{
    while (*at) {
        struct loop_hook *hook = *at;
        if (hook->context != context) {
            at = &hook->next;
            continue;
        }
        *at = hook->next;
        free(hook);
    }
}

void loop_forget(struct loop *loop, const void *context)
{
    hooks_forget(&loop->on_stop, context);
    hooks_forget(&loop->on_quiet, context);
}

/* Takes each off the list before it is called: a hook may add and forget others. */
static bool hooks_call(struct loop_hook **hooks)
{
    bool any = *hooks != NULL;
    while (*hooks) {
        struct loop_hook hook = **hooks;
        free(*hooks);
        *hooks = hook.next;
        hook.call(hook.context);
    }
    return any;
}

/* The timer only has to end the wait; stop_advance looks at the time itself. */
static void on_stop_timer(uv_timer_t *timer)
{
    (void)timer;
}

static void stop_wake_in(struct loop *loop, int64_t from_begin_ms)
{
    int64_t passed = (int64_t)(uv_now(&loop->uv) - loop->stop_began_ms);
    int64_t left = from_begin_ms - passed;
    uv_timer_start(&loop->stop_timer, on_stop_timer, left > 0 ? (uint64_t)left : 0, 0);
    uv_unref((uv_handle_t *)&loop->stop_timer);
}

void loop_stop(struct loop *loop)
{
    if (loop->stop != STOP_NOT)
        return;
    loop->stop = STOP_ASKED;
    uv_update_time(&loop->uv);
    loop->stop_began_ms = uv_now(&loop->uv);
    stop_wake_in(loop, 0);
}

bool loop_stopping(const struct loop *loop)
{
    return loop->stop != STOP_NOT;
}

void loop_set_stop_times(struct loop *loop, int64_t grace_ms, int64_t end_ms)
{
    loop->grace_ms = grace_ms;
    loop->end_ms = end_ms;
}

static void stop_cancel(struct loop *loop)
{
    if (loop->work > 0)
        log_line(LOG_INFO, "loop", "stop: %zu pieces of work are cancelled after %lld ms", loop->work,
                 (long long)loop->grace_ms);
    ops_cancel_all(&loop->ops);
    loop->stop = STOP_CANCELLED;
    stop_wake_in(loop, loop->end_ms);
}

static void stop_give_up(struct loop *loop)
{
    log_line(LOG_WARN, "loop", "stop: %zu pieces of work were left after %lld ms", loop->work, (long long)loop->end_ms);
    ops_name_all(&loop->ops);
    loop->stop = STOP_LATE;
}

/* Between two turns. True where something was called that may have made handles to close. */
static bool stop_advance(struct loop *loop)
{
    bool called = hooks_call(&loop->on_stop);
    if (loop->stop == STOP_ASKED) {
        loop->stop = STOP_GRACE;
        stop_wake_in(loop, loop->grace_ms);
    }
    int64_t passed = (int64_t)(uv_now(&loop->uv) - loop->stop_began_ms);
    if (loop->stop == STOP_GRACE && passed >= loop->grace_ms)
        stop_cancel(loop);
    if (loop->stop == STOP_CANCELLED && passed >= loop->end_ms)
        stop_give_up(loop);
    if (loop->work == 0)
        called |= hooks_call(&loop->on_quiet);
    return called;
}

/* --- turns --------------------------------------------------------------------------------------------------------- */

static bool turn(struct loop *loop)
{
    hold_begin(&loop->hold);
    bool alive = uv_run(&loop->uv, UV_RUN_NOWAIT) != 0;
    if (loop->stop != STOP_NOT && stop_advance(loop))
        alive = true;
    hold_end(&loop->hold);
    return alive;
}

static void wait_for_events(struct loop *loop)
{
    struct pollfd events = {.fd = uv_backend_fd(&loop->uv), .events = POLLIN};
    int timeout = uv_backend_timeout(&loop->uv);
    if (timeout != 0 && poll(&events, 1, timeout) < 0 && errno != EINTR)
        log_line(LOG_ERROR, "loop", "poll: errno %d", errno); /* the next turn waits again, or does the work */
}

int loop_run(struct loop *loop)
{
    hold_open(&loop->hold);
    while (turn(loop) && loop->stop != STOP_LATE)
        wait_for_events(loop);
    hold_close(&loop->hold);
    return loop->stop == STOP_LATE ? E_TIMEOUT : 0;
}

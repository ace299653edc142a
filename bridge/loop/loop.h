/* bridge/loop/loop.h
 *
 * The one event loop of a process: libuv's, with the clock, worker pool, orderly stop and the measure of how long a
 * turn held it.
 *
 * Everything that is said to be "for the loop thread" runs on the thread that calls loop_run.
 *
 * Stop, in turns of the loop and never from inside loop_stop:
 *
 *     running ── loop_stop() or the first signal ──> stop hooks: take no new work
 *        operations and other counted work go on, at most LIMIT_STOP_GRACE; then every operation is cancelled
 *     nothing counted is left ──> quiet hooks: close what operations use (lanes, fetch, the store)
 *     no handle is left, or LIMIT_STOP_END has passed ──> loop_run returns
 *
 * libuv's timers: a timer that starts itself again with 0 from its own callback never lets the loop go on to sockets
 * (1.44 runs all timers that are due before it polls). Start it with 1, or use a uv_idle_t.
 */
#ifndef SKEIN_LOOP_LOOP_H
#define SKEIN_LOOP_LOOP_H

#include "base/clock.h"
#include "base/err.h"

#include <uv.h>

struct loop;
struct lanes;

/* NULL and a sentence where libuv cannot start. `clock` is borrowed; NULL: clock_system. */
struct loop *loop_new(const struct clock *clock, struct err *err);

/* Frees; every handle must be closed (loop_run has returned 0). */
void loop_free(struct loop *loop);

uv_loop_t *loop_uv(struct loop *loop);
const struct clock *loop_clock(const struct loop *loop);

/* Runs until no handle and no operation is left: 0. E_TIMEOUT where a stop left something under way after its end; the
 * log names it, and the process should exit without freeing what the loop may still touch. */
int loop_run(struct loop *loop);

/* The lanes that ON_READ and ON_WRITE steps go to: borrowed; NULL takes them away. */
void loop_set_lanes(struct loop *loop, struct lanes *lanes);
struct lanes *loop_lanes(const struct loop *loop);

/* --- stop ---------------------------------------------------------------------------------------------------------- */

/* SIGINT and SIGTERM call loop_stop. A second one has its default effect: the process ends at once. SIGPIPE is ignored
 * from here on. Once a process. */
int loop_catch_signals(struct loop *loop, struct err *err);

typedef void loop_hook_fn(void *context);

/* Calls hook(context) once when a stop begins: take no new work, end what would go on for ever. Called at the next
 * turn where the stop has begun already. Hooks run in the order in which they were added. Returns 0 or E_NOMEM. */
int loop_on_stop(struct loop *loop, loop_hook_fn *hook, void *context);

/* Calls hook(context) once while stopping, when no operation and no other counted work is left: close what operations
 * use. Newest first, so that what was made last is closed first. */
int loop_on_quiet(struct loop *loop, loop_hook_fn *hook, void *context);

/* Forgets every hook with this context that has not been called. */
void loop_forget(struct loop *loop, const void *context);

/* Begins the stop; a second call does nothing. On the loop thread, also before loop_run. */
void loop_stop(struct loop *loop);
bool loop_stopping(const struct loop *loop);

/* Instead of LIMIT_STOP_GRACE and LIMIT_STOP_END, both counted from the beginning of the stop. */
void loop_set_stop_times(struct loop *loop, int64_t grace_ms, int64_t end_ms);

/* Work that a stop waits for though it is no operation (a request that is still coming in). */
void loop_work_begin(struct loop *loop);
void loop_work_end(struct loop *loop);

/* Operations and other counted work under way. */
size_t loop_work_count(const struct loop *loop);

/* --- how long a turn held the loop thread ---------------------------------------------------------------------------
 *
 * From the return of the wait for events to the next wait, in wall time, less the time in which the thread was ready
 * and waited for a core (second number of /proc/thread-self/schedstat, where the kernel has it): on a shared machine
 * only the rest is ours. Sleeping in a system call counts; that is what the measure is for. */

#define LOOP_HOLD_GOAL_US 20000 /* no turn should hold longer */

/* Upper ends of the histogram's buckets, in microseconds; the last bucket has none. */
#define LOOP_HOLD_BUCKETS 8
extern const int64_t loop_hold_ends_us[LOOP_HOLD_BUCKETS - 1];

struct loop_hold {
    uint64_t turns;
    uint64_t over_goal;                  /* turns longer than LOOP_HOLD_GOAL_US */
    int64_t max_us;                      /* the longest turn */
    int64_t total_us;                    /* all turns together */
    uint64_t buckets[LOOP_HOLD_BUCKETS]; /* turns by length; each turn in one bucket */
};

/* The loop thread only. The turn under way is not in it. */
void loop_hold(const struct loop *loop, struct loop_hold *ret_hold);
void loop_hold_reset(struct loop *loop);

#endif

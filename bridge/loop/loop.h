/* bridge/loop/loop.h
 *
 * The one event loop of a process: libuv's, with the clock, worker pool, orderly stop and the measure of how long a
 * turn held it.
 *
 * Everything that is said to be "for the loop thread" runs on the thread that calls loop_run.
 */
#ifndef SKEIN_LOOP_LOOP_H
#define SKEIN_LOOP_LOOP_H

#include "base/clock.h"
#include "base/err.h"

#include <uv.h>

struct loop;

/* NULL and a sentence where libuv cannot start. `clock` is borrowed; NULL: clock_system. */
struct loop *loop_new(const struct clock *clock, struct err *err);

/* Frees; every handle must be closed (loop_run has returned). */
void loop_free(struct loop *loop);

uv_loop_t *loop_uv(struct loop *loop);
const struct clock *loop_clock(const struct loop *loop);

/* Runs until no handle and no operation is left. */
void loop_run(struct loop *loop);

#endif

/* bridge/loop/hold.c
 *
 * How long each turn held the loop thread.
 *
 * The wait for a core is read at the beginning of every turn (a pread of 0.4 us), because what was waited before it,
 * on waking up, is not the turn's; at the end it is read only after turns that were long enough to matter.
 */
#include "base/text.h"
#include "loop/inside.h"

#include <fcntl.h>
#include <unistd.h>

const int64_t loop_hold_ends_us[LOOP_HOLD_BUCKETS - 1] = {1000, 5000, 10000, LOOP_HOLD_GOAL_US, 50000, 100000, 1000000};

/* Below this the wait for a core is not subtracted: it could only make a short turn shorter. */
#define WORTH_A_LOOK_NS 1000000

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* "ran-ns waited-ns slices" of proc(5); 0 where it cannot be read. */
static int64_t core_wait_ns(const struct hold *hold)
{
    char line[96];
    if (hold->schedstat < 0)
        return 0;
    ssize_t len = pread(hold->schedstat, line, sizeof line, 0);
    struct text rest = {line, len > 0 ? (size_t)len : 0};
    struct text ran;
    struct text waited;
    int64_t ns;
    if (!text_cut(&rest, ' ', &ran) || !text_cut(&rest, ' ', &waited) || !text_to_i64(waited, &ns))
        return 0;
    return ns;
}

void hold_init(struct hold *hold)
{
    *hold = (struct hold){.schedstat = -1};
}

void hold_open(struct hold *hold)
{
    hold->schedstat = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
}

void hold_close(struct hold *hold)
{
    if (hold->schedstat >= 0)
        close(hold->schedstat);
    hold->schedstat = -1;
}

void hold_begin(struct hold *hold)
{
    hold->core_wait_ns = core_wait_ns(hold);
    hold->began_ns = now_ns();
}

static void hold_count(struct loop_hold *sums, int64_t held_us)
{
    size_t bucket = 0;
    while (bucket < LOOP_HOLD_BUCKETS - 1 && held_us > loop_hold_ends_us[bucket])
        bucket++;
    sums->turns++;
    sums->total_us += held_us;
    sums->buckets[bucket]++;
    if (held_us > LOOP_HOLD_GOAL_US)
        sums->over_goal++;
    if (held_us > sums->max_us)
        sums->max_us = held_us;
}

void hold_end(struct hold *hold)
{
    int64_t held_ns = now_ns() - hold->began_ns;
    if (held_ns > WORTH_A_LOOK_NS)
        held_ns -= core_wait_ns(hold) - hold->core_wait_ns;
    hold_count(&hold->sums, held_ns > 0 ? held_ns / 1000 : 0);
}

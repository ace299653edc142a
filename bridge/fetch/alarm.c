/* bridge/fetch/alarm.c
 *
 * The heap, and the two handles that wake it: a timer for what is due later, an idle handle for what is due now.
 *
 * A timer that starts itself again with 0 would keep the loop from its sockets, and with 1 every chain of steps would
 * cost milliseconds; an idle handle lets the loop look at its sockets without sleeping. What is set while alarms ring
 * waits for the next turn, so that no chain holds the loop.
 */
#include "fetch/alarm.h"

#include "base/cleanup.h"

struct alarms {
    uv_timer_t timer;
    uv_idle_t idle;
    const struct clock *clock; /* borrowed */
    struct alarm *first;       /* borrowed: the root of the heap */
    uint64_t order;            /* given to the next alarm that is set */
    bool closing;
    unsigned open_handles;
    void (*closed)(void *context);
    void *context; /* borrowed */
};

static bool earlier(const struct alarm *a, const struct alarm *b)
{
    return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->order < b->order;
}

/* The later of two roots becomes the first child of the other. */
static struct alarm *meld(struct alarm *a, struct alarm *b)
{
    if (!a || !b)
        return a ? a : b;
    struct alarm *top = earlier(b, a) ? b : a;
    struct alarm *below = top == a ? b : a;
    below->before = top;
    below->next = top->child;
    if (top->child)
        top->child->before = below;
    top->child = below;
    top->next = NULL;
    top->before = NULL;
    return top;
}

/* Siblings to one heap: pairs from left to right, then all pairs from right to left. */
static struct alarm *meld_siblings(struct alarm *first)
{
    struct alarm *pairs = NULL; /* stacked through `next` */
    while (first) {
        struct alarm *a = first;
        struct alarm *b = a->next;
        first = b ? b->next : NULL;
        struct alarm *pair = meld(a, b);
        pair->next = pairs;
        pairs = pair;
    }
    struct alarm *root = NULL;
    while (pairs) {
        struct alarm *next = pairs->next;
        root = meld(root, pairs);
        pairs = next;
    }
    if (root) {
        root->next = NULL;
        root->before = NULL;
    }
    return root;
}

static void take_off(struct alarms *alarms, struct alarm *alarm)
{
    struct alarm *below = meld_siblings(alarm->child);
    if (alarm == alarms->first) {
        alarms->first = below;
    } else {
        if (alarm->before->child == alarm)
            alarm->before->child = alarm->next;
        else
            alarm->before->next = alarm->next;
        if (alarm->next)
            alarm->next->before = alarm->before;
        alarms->first = meld(alarms->first, below);
    }
    alarm->child = NULL;
    alarm->next = NULL;
    alarm->before = NULL;
    alarm->is_set = false;
}

static void wake_in_time(struct alarms *alarms);

static void ring_due(struct alarms *alarms)
{
    int64_t now = alarms_now(alarms);
    uint64_t end = alarms->order;
    while (alarms->first && alarms->first->due_ms <= now && alarms->first->order < end) {
        struct alarm *alarm = alarms->first;
        take_off(alarms, alarm);
        alarm->ring(alarm); /* may free its owner */
    }
    if (!alarms->closing)
        wake_in_time(alarms);
}

static void on_timer(uv_timer_t *timer)
{
    ring_due(timer->data);
}

static void on_idle(uv_idle_t *idle)
{
    ring_due(idle->data);
}

static void wake_in_time(struct alarms *alarms)
{
    uv_timer_stop(&alarms->timer);
    uv_idle_stop(&alarms->idle);
    if (!alarms->first)
        return;
    int64_t in = alarms->first->due_ms - alarms_now(alarms);
    if (in > 0)
        uv_timer_start(&alarms->timer, on_timer, (uint64_t)in, 0);
    else
        uv_idle_start(&alarms->idle, on_idle);
}

struct alarms *alarms_new(uv_loop_t *loop, const struct clock *clock)
{
    struct alarms *alarms = calloc(1, sizeof *alarms);
    if (!alarms)
        return NULL;
    alarms->clock = clock;
    uv_timer_init(loop, &alarms->timer);
    uv_idle_init(loop, &alarms->idle);
    alarms->timer.data = alarms;
    alarms->idle.data = alarms;
    return alarms;
}

static void on_closed(uv_handle_t *handle)
{
    struct alarms *alarms = handle->data;
    if (--alarms->open_handles > 0)
        return;
    void (*closed)(void *context) = alarms->closed;
    void *context = alarms->context;
    free(alarms);
    if (closed)
        closed(context);
}

void alarms_close(struct alarms *alarms, void (*done)(void *context), void *context)
{
    while (alarms->first)
        take_off(alarms, alarms->first);
    alarms->closing = true;
    alarms->closed = done;
    alarms->context = context;
    alarms->open_handles = 2;
    uv_close((uv_handle_t *)&alarms->timer, on_closed);
    uv_close((uv_handle_t *)&alarms->idle, on_closed);
}

int64_t alarms_now(const struct alarms *alarms)
{
    return clock_monotonic(alarms->clock);
}

void alarm_set(struct alarms *alarms, struct alarm *alarm, int64_t in_ms)
{
    if (alarms->closing)
        return;
    if (alarm->is_set)
        take_off(alarms, alarm);
    alarm->due_ms = alarms_now(alarms) + in_ms;
    alarm->order = alarms->order++;
    alarm->is_set = true;
    alarms->first = meld(alarms->first, alarm);
    wake_in_time(alarms);
}

void alarm_stop(struct alarms *alarms, struct alarm *alarm)
{
    if (alarm->is_set)
        take_off(alarms, alarm);
}

/* bridge/refollow/keeper.c
 *
 * A record for each batch, in a list: there are as many as members who follow right now. Each has a timer of the loop,
 * which does not keep the loop alive.
 */
#include "refollow/keeper.h"

#include "base/cleanup.h"

#include <stdlib.h>
#include <utlist.h>

/* The clock that says when something is due may be set: no wait is slept through whole. */
#define NAP_MS (10 * MINUTE_MS)

struct charge {
    struct keeper *keeper;
    struct keeper_charge about;
    struct batch_run *run; /* owned; NULL: it rests */
    uv_timer_t timer;
    int64_t due_ms;
    bool stirred; /* to be run again when this run has ended */
    bool dropped;
    struct charge *next;
};

struct keeper {
    struct loop *loop;
    struct keeper_options options;
    struct charge *charges; /* owned */
    bool closing;
};

static struct charge *find(const struct keeper *keeper, const struct id *batch)
{
    struct charge *charge;
    LL_FOREACH(keeper->charges, charge)
    {
        if (!charge->dropped && text_equal(id_text(&charge->about.batch), id_text(batch)))
            return charge;
    }
    return NULL;
}

static void maybe_free(struct keeper *keeper)
{
    if (keeper->closing && !keeper->charges)
        free(keeper);
}

static void on_closed(uv_handle_t *handle)
{
    struct charge *charge = handle->data;
    struct keeper *keeper = charge->keeper;
    LL_DELETE(keeper->charges, charge);
    free(charge);
    maybe_free(keeper);
}

/* No run is under way. */
static void give_back(struct charge *charge)
{
    charge->dropped = true;
    charge->about.release(charge->about.hand);
    charge->about.hand = NULL;
    uv_close((uv_handle_t *)&charge->timer, on_closed);
}

static void tell(struct charge *charge, const struct keeper_news *news)
{
    if (charge->about.news && !charge->dropped)
        charge->about.news(charge->about.context, news);
}

/* --- runs ------------------------------------------------------------------------------------------------------------------ */

static void on_progress(void *context, const struct batch_progress *progress)
{
    struct charge *charge = context;
    tell(charge, &(struct keeper_news){.batch = charge->about.batch, .progress = progress, .why = ""});
}

static void start(struct charge *charge);

static int64_t now_of(const struct charge *charge)
{
    return clock_wall(store_clock(charge->keeper->options.store));
}

static void on_timer(uv_timer_t *timer);

static void wait(struct charge *charge)
{
    int64_t wait_ms = charge->due_ms - now_of(charge);
    wait_ms = wait_ms < 1 ? 1 : wait_ms > NAP_MS ? NAP_MS : wait_ms;
    uv_timer_start(&charge->timer, on_timer, (uint64_t)wait_ms, 0);
    uv_unref((uv_handle_t *)&charge->timer);
}

static void on_timer(uv_timer_t *timer)
{
    struct charge *charge = timer->data;
    if (now_of(charge) < charge->due_ms)
        wait(charge);
    else
        start(charge);
}

static void on_done(void *context, struct batch_run *run)
{
    struct charge *charge = context;
    struct err err = {0};
    struct keeper_news news = {.batch = charge->about.batch,
                               .end = batch_run_end(run),
                               .due_ms = batch_run_due_ms(run),
                               .why = batch_run_why(run)};
    if (batch_run_error(run, &err) < 0) {
        news.err = &err;
        news.end = BATCH_STOPPED;
    }
    charge->run = NULL;
    charge->due_ms = news.due_ms;
    if (charge->stirred && !charge->dropped && !news.err) {
        start(charge);
    } else {
        tell(charge, &news);
        if (news.end == BATCH_RESTS && !charge->dropped)
            wait(charge);
        else
            give_back(charge);
    }
    batch_run_free(run);
}

static void start(struct charge *charge)
{
    const struct keeper_options *options = &charge->keeper->options;
    struct batch_run_options run = {.store = options->store,
                                    .numbers = options->numbers,
                                    .hand = charge->about.hand,
                                    .network = charge->about.network,
                                    .batch = charge->about.batch,
                                    .slice_max = options->slice_max,
                                    .progress = on_progress,
                                    .done = on_done,
                                    .context = charge};
    struct err err = {0};
    charge->stirred = false;
    charge->run = batch_run_start(charge->keeper->loop, &run, &err);
    if (charge->run)
        return;
    tell(charge, &(struct keeper_news){.batch = charge->about.batch, .end = BATCH_STOPPED, .why = "", .err = &err});
    give_back(charge);
}

/* --- for everybody --------------------------------------------------------------------------------------------------------- */

struct keeper *keeper_new(struct loop *loop, const struct keeper_options *options, struct err *err)
{
    struct keeper *keeper = calloc(1, sizeof *keeper);
    if (!keeper) {
        err_set(err, E_NOMEM, "no memory to keep batches");
        return NULL;
    }
    keeper->loop = loop;
    keeper->options = *options;
    return keeper;
}

int keeper_take(struct keeper *keeper, const struct keeper_charge *about, struct err *err)
{
    if (find(keeper, &about->batch))
        return err_set(err, E_BUSY, "the batch %s is under way already", about->batch.chars);
    struct charge *charge = calloc(1, sizeof *charge);
    if (!charge)
        return err_set(err, E_NOMEM, "no memory to keep the batch %s", about->batch.chars);
    charge->keeper = keeper;
    charge->about = *about;
    uv_timer_init(loop_uv(keeper->loop), &charge->timer);
    charge->timer.data = charge;
    LL_PREPEND(keeper->charges, charge);
    start(charge);
    return 0;
}

bool keeper_has(const struct keeper *keeper, const struct id *batch)
{
    return find(keeper, batch) != NULL;
}

bool keeper_stir(struct keeper *keeper, const struct id *batch)
{
    struct charge *charge = find(keeper, batch);
    if (!charge)
        return false;
    charge->stirred = true;
    if (!charge->run) {
        uv_timer_stop(&charge->timer);
        start(charge);
    }
    return true;
}

static void drop(struct charge *charge)
{
    if (charge->dropped)
        return;
    if (!charge->run) {
        give_back(charge);
        return;
    }
    charge->dropped = true; /* given back when the run has ended */
    batch_run_cancel(charge->run);
}

bool keeper_drop(struct keeper *keeper, const struct id *batch)
{
    struct charge *charge = find(keeper, batch);
    if (charge)
        drop(charge);
    return charge != NULL;
}

void keeper_close(struct keeper *keeper)
{
    struct charge *charge;
    if (!keeper)
        return;
    keeper->closing = true;
    LL_FOREACH(keeper->charges, charge)
    {
        drop(charge);
    }
    maybe_free(keeper);
}

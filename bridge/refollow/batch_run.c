/* bridge/refollow/batch_run.c
 *
 * The run as one operation. What a round is about is decided in round.c and settle.c; here stands only when what is read,
 * stored and sent.
 *
 * Each round has an arena of its own: a batch of five thousand looks at the account's follows twenty-five times.
 */
#include "refollow/inside.h"

#include <stdlib.h>

/* The calls below have deadlines of their own; these only say that nothing is for ever. */
#define LOOK_DEADLINE_MS (30 * MINUTE_MS)
#define SEND_DEADLINE_MS (10 * MINUTE_MS)

/* Rounds in a row that bring nothing, before the account is left alone for a while. */
#define FRUITLESS_MAX 4
#define RETRY_MS      (5 * MINUTE_MS)

static void end_as(struct batch_run *run, enum batch_end end)
{
    run->ended = true;
    run->end = end;
}

static enum batch_end end_of(enum batch_state state)
{
    switch (state) {
    case BATCH_RUNNING:
        return BATCH_RESTS;
    case BATCH_DONE:
    case BATCH_UNDONE:
        return BATCH_OVER;
    case BATCH_PLANNED:
    case BATCH_PAUSED:
    case BATCH_CANCELLED:
        break;
    }
    return BATCH_STOPPED;
}

/* Has it anything to do, and now? A batch that was told to wait waits also when it is begun again. */
static int ask_when(struct op *op)
{
    struct batch_run *run = run_of(op);
    if (run->batch.state == BATCH_RUNNING && run->batch.due_ms <= now_of(run))
        return OP_NEXT;
    run->due_ms = run->batch.due_ms;
    snprintf(run->why, sizeof run->why, "%.*s", TEXT_ARG(run->batch.why));
    end_as(run, end_of(run->batch.state));
    return OP_DONE;
}

/* --- look --------------------------------------------------------------------------------------------------------------- */

static void cancel_call(struct op *op)
{
    struct batch_run *run = run_of(op);
    if (run->calling)
        run->options.hand->ops->cancel(run->options.hand->self);
    run->calling = false;
}

static void on_view(void *context, const struct hand_view *view)
{
    struct batch_run *run = context;
    run->calling = false;
    run->view = *view;
    run->view.why = NULL;
    if (view->trouble != HAND_FINE)
        say_why(run, view->why);
    op_resume(&run->op);
}

static int look(struct op *op)
{
    struct batch_run *run = run_of(op);
    const struct hand *hand = run->options.hand;
    if (run->view.trouble != HAND_FINE)
        return OP_NEXT;
    run->calling = true;
    if (hand->ops->look(hand->self, &run->arena, on_view, run) < 0) {
        run->calling = false;
        return no_memory(run);
    }
    op_on_cancel(op, cancel_call);
    return op_wait(op, LOOK_DEADLINE_MS);
}

/* --- settle ------------------------------------------------------------------------------------------------------------- */

static int new_key(void *context, struct arena *arena, struct text *ret_rkey)
{
    const struct hand *hand = context;
    return hand->ops->new_key(hand->self, arena, ret_rkey);
}

static size_t slice_of(const struct batch_run *run)
{
    size_t slice = run->slice_max;
    if (run->room > 0 && (int64_t)slice > run->room)
        slice = (size_t)run->room;
    if (run->view.points > 0 && (int64_t)slice > run->view.points)
        slice = (size_t)run->view.points;
    return slice;
}

static int settle(struct op *op)
{
    struct batch_run *run = run_of(op);
    struct round *round = &run->round;
    if (run->view.trouble != HAND_FINE)
        return OP_NEXT;
    for (size_t i = 0; i < round->n; i++)
        if (!run->left_out[i])
            run->left_out[i] = batch_why_vetted((enum vetted)run->vetted[i]);
    round->doing = run->batch.doing;
    round->left_out = run->left_out;
    round->doubt = run->batch.doubt;
    round->head = run->view.head;
    round->follows = run->view.follows;
    round->n_follows = run->view.n_follows;
    round->slice_max = run->room > 0 && run->view.points != 0 ? slice_of(run) : 0;
    round->now_ms = now_of(run);
    round->new_key = new_key;
    round->context = (void *)run->options.hand;
    return round_look(round) < 0 ? no_memory(run) : OP_NEXT;
}

/* --- reserve ------------------------------------------------------------------------------------------------------------ */

static int put_changed(struct batch_run *run, struct db *db)
{
    for (size_t i = 0; i < run->round.n; i++) {
        int failed = run->round.changed[i] ? batch_item_put(db, &run->round.items[i], &run->op.err) : 0;
        if (failed)
            return failed;
    }
    return 0;
}

/* The batch as it stands now, not as it was loaded: somebody may have paused it. Has it still to do the same? */
static int get_again(struct batch_run *run, struct db *db, struct batch_row *ret_batch, bool *ret_same)
{
    int failed = batch_get(db, &run->options.batch, &run->arena, ret_batch, &run->op.err);
    if (!failed)
        *ret_same = ret_batch->state == BATCH_RUNNING && ret_batch->doing == run->batch.doing;
    return failed;
}

static int put_batch(struct batch_run *run, struct db *db, struct batch_row *batch)
{
    batch->changed_ms = now_of(run);
    return batch_put(db, batch, &run->op.err);
}

static void rest(struct batch_run *run, struct batch_row *batch, int64_t due_ms)
{
    end_as(run, BATCH_RESTS);
    run->due_ms = batch->due_ms = due_ms;
    batch->why = text_of(run->why);
}

static void pause_batch(struct batch_run *run, struct batch_row *batch)
{
    end_as(run, BATCH_STOPPED);
    batch->state = BATCH_PAUSED;
    batch->why = text_of(run->why);
}

static int end_by_trouble(struct batch_run *run, struct db *db, struct batch_row *batch)
{
    int64_t now_ms = now_of(run);
    switch (run->view.trouble) {
    case HAND_FINE:
    case HAND_AWAY:
        rest(run, batch, now_ms + RETRY_MS);
        break;
    case HAND_WAIT:
        rest(run, batch, run->view.until_ms > now_ms ? run->view.until_ms : now_ms + RETRY_MS);
        break;
    case HAND_SIGNED_OUT:
    case HAND_CLOSED:
        pause_batch(run, batch);
        break;
    }
    int failed = put_batch(run, db, batch);
    return failed ? failed : OP_DONE;
}

/* From here on it may have been sent: keys and head are on disk before anything goes out. */
static int reserve(struct op *op)
{
    struct batch_run *run = run_of(op);
    struct round *round = &run->round;
    struct batch_row batch;
    bool same = false;
    int failed = get_again(run, op->lane, &batch, &same);
    if (failed)
        return failed;
    run->ended = false;
    if (!same) {
        end_as(run, BATCH_STOPPED);
        return OP_DONE;
    }
    if (run->view.trouble != HAND_FINE)
        return end_by_trouble(run, op->lane, &batch);
    failed = put_changed(run, op->lane);
    if (failed)
        return failed;
    batch.why = TEXT_NONE;
    batch.due_ms = 0;
    if (round->over) {
        end_as(run, BATCH_OVER);
        batch.state = batch.doing == BATCH_UNDO ? BATCH_UNDONE : BATCH_DONE;
    } else if (round->n_slice == 0 && !round->fence) {
        rest(run, &batch, now_of(run) + run->wait_ms);
    } else {
        batch.doubt = round->head;
    }
    failed = put_batch(run, op->lane, &batch);
    return failed ? failed : run->ended ? OP_DONE : OP_NEXT;
}

/* --- send --------------------------------------------------------------------------------------------------------------- */

static void on_answer(void *context, const struct hand_answer *answer)
{
    struct batch_run *run = context;
    run->calling = false;
    run->outcome = answer->outcome;
    run->until_ms = answer->until_ms;
    say_why(run, answer->why);
    op_resume(&run->op);
}

static int send_slice(struct op *op)
{
    struct batch_run *run = run_of(op);
    const struct hand *hand = run->options.hand;
    const struct round *round = &run->round;
    struct round_follow *writes = ARENA_ARRAY(&run->arena, struct round_follow, round->n_slice + 1);
    if (!writes)
        return no_memory(run);
    for (size_t i = 0; i < round->n_slice; i++) {
        const struct batch_item_row *item = &round->items[round->slice[i]];
        writes[i] = (struct round_follow){item->rkey, item->profile};
    }
    run->calling = true;
    if (hand->ops->write(hand->self, round->doing, round->head, writes, round->n_slice, on_answer, run) < 0) {
        run->calling = false;
        return no_memory(run);
    }
    op_on_cancel(op, cancel_call);
    return op_wait(op, SEND_DEADLINE_MS);
}

/* --- keep --------------------------------------------------------------------------------------------------------------- */

static size_t slice_limit(const struct batch_run *run)
{
    size_t most = run->options.hand->slice_max;
    return run->options.slice_max > 0 && run->options.slice_max < most ? run->options.slice_max : most;
}

/* A slice is refused as a whole for what one of it has: halves find out who. Nothing is left to halve where a removal
 * or a write of nothing is refused. */
static bool refused_for_good(const struct batch_run *run)
{
    return run->round.n_slice == 0 || (run->round.n_slice == 1 && run->round.doing == BATCH_UNDO);
}

static void end_by_outcome(struct batch_run *run, struct batch_row *batch)
{
    int64_t now_ms = now_of(run);
    switch (run->outcome) {
    case WRITE_DONE: /* a write of nothing that moves nothing must not go on for ever */
    case WRITE_HEAD_MOVED:
    case WRITE_UNKNOWN:
        if (run->fruitless >= FRUITLESS_MAX)
            rest(run, batch, now_ms + RETRY_MS);
        break;
    case WRITE_REFUSED:
        if (refused_for_good(run))
            pause_batch(run, batch);
        break;
    case WRITE_WAIT:
        rest(run, batch, run->until_ms > now_ms ? run->until_ms : now_ms + RETRY_MS);
        break;
    case WRITE_SIGNED_OUT:
    case WRITE_CLOSED:
        pause_batch(run, batch);
        break;
    }
}

static int keep(struct op *op)
{
    struct batch_run *run = run_of(op);
    struct batch_row batch;
    bool same = false;
    int failed = put_changed(run, op->lane);
    if (!failed)
        failed = get_again(run, op->lane, &batch, &same);
    if (failed)
        return failed;
    run->ended = false;
    if (!same) {
        end_as(run, BATCH_STOPPED);
        return OP_NEXT;
    }
    end_by_outcome(run, &batch);
    return put_batch(run, op->lane, &batch);
}

/* What the answer means for the items, before it is stored: a step that writes may be run twice. */
static int hear(struct op *op)
{
    struct batch_run *run = run_of(op);
    struct text why = TEXT_NONE;
    if (!arena_text(&run->arena, text_of(run->why), &why))
        return no_memory(run);
    round_answer(&run->round, run->outcome, why, now_of(run));
    run->fruitless = run->outcome == WRITE_DONE && !run->round.fence ? 0 : run->fruitless + 1;
    if (run->outcome == WRITE_DONE && run->slice_max < slice_limit(run))
        run->slice_max = run->slice_max < slice_limit(run) / 2 ? run->slice_max * 2 : slice_limit(run);
    else if (run->outcome == WRITE_REFUSED && run->round.n_slice > 1)
        run->slice_max = run->round.n_slice / 2;
    return OP_NEXT;
}

static void tell_progress(struct batch_run *run)
{
    struct batch_progress progress = {{0}};
    for (size_t i = 0; i < run->round.n; i++)
        progress.counts[run->round.items[i].state]++;
    if (run->options.progress)
        run->options.progress(run->options.context, &progress);
}

static int more(struct op *op)
{
    struct batch_run *run = run_of(op);
    tell_progress(run);
    if (run->ended)
        return OP_DONE;
    say_why(run, NULL);
    return op_go_to(op, batch_load);
}

static const struct op_step batch_steps[] = {
    STEP(batch_load, ON_READ), /* the batch as it is stored, who is left out by now, what the pace has room for */
    STEP(ask_when, ON_LOOP),   /* is it to run, and is anything due? */
    STEP(batch_look_at_people, ON_LOOP), /* is everybody still there, and is nothing against them? */
    STEP(look, ON_LOOP),                 /* the account's head, then its follows */
    STEP(settle, ON_CPU),                /* what became of each item, and the next slice */
    STEP(reserve, ON_WRITE),             /* keys and head are on disk before anything is sent; or the end */
    STEP(send_slice, ON_LOOP),           /* all of the slice or nothing, while the head stands */
    STEP(hear, ON_LOOP),                 /* what the answer means */
    STEP(keep, ON_WRITE),                /* done, or to be looked for in the next round */
    STEP(more, ON_LOOP),
    STEP_END,
};

/* --- start and end ------------------------------------------------------------------------------------------------------- */

static void finish(struct op *op)
{
    struct batch_run *run = run_of(op);
    run->options.done(run->options.context, run);
}

struct batch_run *batch_run_start(struct loop *loop, const struct batch_run_options *options, struct err *err)
{
    struct batch_run *run = calloc(1, sizeof *run);
    if (!run) {
        err_set(err, E_NOMEM, "no memory to follow for the batch %s", options->batch.chars);
        return NULL;
    }
    run->options = *options;
    run->slice_max = slice_limit(run);
    arena_init(&run->arena, LIMIT_OPERATION_ARENA);
    run->op.steps = batch_steps;
    run->op.finish = finish;
    op_start(&run->op, loop);
    return run;
}

int batch_run_error(const struct batch_run *run, struct err *err)
{
    if (run->op.err.code < 0 && err)
        *err = run->op.err;
    return run->op.err.code;
}

enum batch_end batch_run_end(const struct batch_run *run)
{
    return run->end;
}

int64_t batch_run_due_ms(const struct batch_run *run)
{
    return run->due_ms;
}

const char *batch_run_why(const struct batch_run *run)
{
    return run->why;
}

void batch_run_cancel(struct batch_run *run)
{
    op_cancel(&run->op);
}

void batch_run_free(struct batch_run *run)
{
    if (!run)
        return;
    arena_release(&run->arena);
    op_release(&run->op);
    free(run);
}

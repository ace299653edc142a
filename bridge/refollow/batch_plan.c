/* bridge/refollow/batch_plan.c
 *
 * Planning as one operation.
 */
#include "refollow/batch_plan.h"

#include "base/cleanup.h"
#include "loop/op.h"
#include "refollow/pace.h"

#include <stdlib.h>

#define LOOK_DEADLINE_MS (30 * MINUTE_MS)

struct batch_plan {
    struct op op;
    struct batch_plan_options options;
    struct plan_source source;
    struct text *before; /* in op.arena */
    size_t n_before;
    struct hand_view view;
    struct plan plan;
    struct id batch;
    int64_t now_ms;
    bool calling;
};

static struct batch_plan *plan_of(struct op *op)
{
    return CONTAINER_OF(op, struct batch_plan, op);
}

static int no_memory(struct op *op)
{
    return err_set(&op->err, E_NOMEM, "no memory to plan whom to follow");
}

/* --- steps --------------------------------------------------------------------------------------------------------------- */

static int note_before(void *context, struct text profile)
{
    struct batch_plan *plan = context;
    plan->before = arena_grow(&plan->op.arena, plan->before, plan->n_before, sizeof *plan->before);
    if (!plan->before || !arena_text(&plan->op.arena, profile, &plan->before[plan->n_before]))
        return no_memory(&plan->op);
    plan->n_before++;
    return 0;
}

static int load(struct op *op)
{
    struct batch_plan *plan = plan_of(op);
    const struct hand *hand = plan->options.hand;
    int failed = plan->options.load(plan->options.context, op->lane, &op->arena, &plan->source, &op->err);
    if (failed)
        return failed;
    return batch_followed_walk(op->lane, &plan->source.member, text_of(hand->network), hand->account, note_before, plan,
                               &op->err);
}

static void cancel_call(struct op *op)
{
    struct batch_plan *plan = plan_of(op);
    if (plan->calling)
        plan->options.hand->ops->cancel(plan->options.hand->self);
    plan->calling = false;
}

static int code_of(enum hand_trouble trouble)
{
    switch (trouble) {
    case HAND_FINE:
        return 0;
    case HAND_AWAY:
        return E_UNAVAILABLE;
    case HAND_WAIT:
        return E_RATE_LIMITED;
    case HAND_SIGNED_OUT:
    case HAND_CLOSED:
        break;
    }
    return E_FORBIDDEN;
}

static void on_view(void *context, const struct hand_view *view)
{
    struct batch_plan *plan = context;
    plan->calling = false;
    plan->view = *view;
    plan->view.why = NULL;
    if (view->trouble != HAND_FINE)
        err_set(&plan->op.err, code_of(view->trouble), "whom you follow there cannot be read: %s",
                view->why ? view->why : err_word(code_of(view->trouble)));
    op_resume(&plan->op);
}

static int look(struct op *op)
{
    struct batch_plan *plan = plan_of(op);
    const struct hand *hand = plan->options.hand;
    plan->now_ms = clock_wall(store_clock(plan->options.store));
    id_new(store_clock(plan->options.store), store_random(plan->options.store), &plan->batch);
    plan->calling = true;
    if (hand->ops->look(hand->self, &op->arena, on_view, plan) < 0) {
        plan->calling = false;
        return no_memory(op);
    }
    op_on_cancel(op, cancel_call);
    return op_wait(op, LOOK_DEADLINE_MS);
}

static int choose(struct op *op)
{
    struct batch_plan *plan = plan_of(op);
    if (plan->view.trouble != HAND_FINE)
        return code_of(plan->view.trouble);
    struct plan_question question = {.people = plan->source.people,
                                     .n = plan->source.n,
                                     .account = plan->options.hand->account,
                                     .follows = plan->view.follows,
                                     .n_follows = plan->view.n_follows,
                                     .before = plan->before,
                                     .n_before = plan->n_before};
    if (plan_make(&question, &op->arena, &plan->plan) < 0)
        return no_memory(op);
    if (!plan->options.dry_run && plan->plan.n > 0)
        return OP_NEXT;
    plan->batch = (struct id){{0}};
    return OP_DONE;
}

static int put_items(struct batch_plan *plan, struct db *db)
{
    for (size_t i = 0; i < plan->plan.n; i++) {
        const struct plan_person *person = plan->plan.follow[i];
        struct batch_item_row item = {
            .batch = plan->batch, .position = (int64_t)i, .x = person->x, .profile = person->profile};
        int failed = batch_item_put(db, &item, &plan->op.err);
        if (failed)
            return failed;
    }
    return OP_DONE;
}

static int keep(struct op *op)
{
    struct batch_plan *plan = plan_of(op);
    struct batch_row batch = {.id = plan->batch,
                              .member = plan->source.member,
                              .community = plan->source.community,
                              .network = text_of(plan->options.hand->network),
                              .account = plan->options.hand->account,
                              .handle = text_of(plan->options.handle),
                              .state = BATCH_PLANNED,
                              .pace = plan->options.pace,
                              .created_ms = plan->now_ms,
                              .changed_ms = plan->now_ms};
    int failed = batch_put(op->lane, &batch, &op->err);
    return failed ? failed : put_items(plan, op->lane);
}

static const struct op_step plan_steps[] = {
    STEP(load, ON_READ),  /* who of the list moved, and whom we followed before */
    STEP(look, ON_LOOP),  /* whom the account follows already */
    STEP(choose, ON_CPU), /* the surest first; a dry run ends here */
    STEP(keep, ON_WRITE), /* planned, with all its items */
    STEP_END,
};

/* --- start and end ------------------------------------------------------------------------------------------------------- */

static void finish(struct op *op)
{
    struct batch_plan *plan = plan_of(op);
    plan->options.done(plan->options.context, plan);
}

struct batch_plan *batch_plan_start(struct loop *loop, const struct batch_plan_options *options, struct err *err)
{
    struct batch_plan *plan = calloc(1, sizeof *plan);
    if (!plan) {
        err_set(err, E_NOMEM, "no memory to plan whom to follow");
        return NULL;
    }
    plan->options = *options;
    plan->op.steps = plan_steps;
    plan->op.finish = finish;
    op_start(&plan->op, loop);
    return plan;
}

int batch_plan_error(const struct batch_plan *plan, struct err *err)
{
    if (plan->op.err.code < 0 && err)
        *err = plan->op.err;
    return plan->op.err.code;
}

struct batch_plan_result batch_plan_result(const struct batch_plan *plan)
{
    const struct pace_limits *limits = pace_limits(plan->options.pace, BATCH_FOLLOW);
    return (struct batch_plan_result){
        .batch = plan->batch, .plan = &plan->plan, .lasts_ms = pace_lasts_ms(limits, (int64_t)plan->plan.n)};
}

void batch_plan_cancel(struct batch_plan *plan)
{
    op_cancel(&plan->op);
}

void batch_plan_free(struct batch_plan *plan)
{
    if (!plan)
        return;
    op_release(&plan->op);
    free(plan);
}

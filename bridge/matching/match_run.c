/* bridge/matching/match_run.c
 *
 * The run as one operation. Questions are made in ON_CPU steps (folding and scoring take time) and asked in ON_LOOP
 * steps; what came back is added to the index at the start of the next ON_CPU step.
 */
#include "matching/match_run.h"

#include "base/cleanup.h"
#include "base/limits.h"
#include "base/map.h"
#include "linkage/decide.h"
#include "linkage/guesses.h"
#include "loop/op.h"
#include "matching/asker.h"
#include "matching/candidates.h"

#include <stdlib.h>
#include <string.h>

struct match_run {
    struct op op;
    struct match_options options;
    struct candidates candidates;
    struct asker asker;   /* of the network */
    struct asker checker; /* of its directory: another host, so another patience */
    const char *doing;
    struct match *matches;    /* in op.arena */
    struct question **checks; /* by account; NULL: not checked */
};

static struct match_run *run_of(struct op *op)
{
    return CONTAINER_OF(op, struct match_run, op);
}

static int no_memory(struct op *op)
{
    return err_set(&op->err, E_NOMEM, "no memory to match a list of %zu accounts", run_of(op)->options.n);
}

/* --- waiting for answers ----------------------------------------------------------------------------------------- */

/* Each question has its own deadline; this one only says that a run is not for ever. */
#define STAGE_DEADLINE_MS (2 * DAY_MS)

static void on_idle(void *context)
{
    struct match_run *run = context;
    op_resume(&run->op);
}

static void on_progress(void *context, size_t answered, size_t all)
{
    struct match_run *run = context;
    if (run->options.progress)
        run->options.progress(run->options.context, run->doing, answered, all);
}

static void on_cancel(struct op *op)
{
    asker_cancel(&run_of(op)->asker);
    asker_cancel(&run_of(op)->checker);
}

static int ask(struct match_run *run, struct asker *asker, const char *doing)
{
    run->doing = doing;
    if (!asker_start(asker))
        return OP_NEXT;
    op_on_cancel(&run->op, on_cancel);
    return op_wait(&run->op, STAGE_DEADLINE_MS);
}

/* --- steps ------------------------------------------------------------------------------------------------------- */

static enum match_how how_of(const struct match_run *run, size_t place)
{
    return run->options.how ? (enum match_how)run->options.how[place] : MATCH_ASK;
}

static int add_accounts(struct op *op)
{
    struct match_run *run = run_of(op);
    const struct match_options *options = &run->options;
    if (candidates_init(&run->candidates, &op->arena, options->network, loop_clock(op->loop)) < 0)
        return no_memory(op);
    run->candidates.leave_out = options->leave_out;
    run->candidates.leave_out_context = options->context;
    for (size_t i = 0; i < options->n_cached; i++)
        if (candidates_cache(&run->candidates, &options->cached[i]) < 0)
            return no_memory(op);
    for (size_t i = 0; i < options->n; i++)
        if (candidates_add(&run->candidates, &options->accounts[i], how_of(run, i)) < 0)
            return no_memory(op);
    for (size_t i = 0; i < options->n_known; i++)
        if (candidates_know(&run->candidates, &options->known[i]) < 0)
            return no_memory(op);
    for (size_t i = 0; i < options->n_decided; i++)
        if (candidates_heed(&run->candidates, &options->decided[i]) < 0)
            return no_memory(op);
    return candidates_ask_known(&run->candidates, &run->asker) < 0 ? no_memory(op) : OP_NEXT;
}

static int ask_known(struct op *op)
{
    return ask(run_of(op), &run_of(op)->asker, "asking for known accounts");
}

static int plan_guesses(struct op *op)
{
    struct match_run *run = run_of(op);
    if (candidates_take(&run->candidates, &run->asker) < 0 || candidates_ask_guesses(&run->candidates, &run->asker) < 0)
        return no_memory(op);
    return OP_NEXT;
}

static int ask_guesses(struct op *op)
{
    return ask(run_of(op), &run_of(op)->asker, "asking for handles");
}

static int more_guesses(struct op *op)
{
    return candidates_guesses_left(&run_of(op)->candidates) ? op_go_to(op, plan_guesses) : OP_NEXT;
}

static int plan_searches(struct op *op)
{
    struct match_run *run = run_of(op);
    if (candidates_take(&run->candidates, &run->asker) < 0 ||
        candidates_ask_searches(&run->candidates, &run->asker) < 0)
        return no_memory(op);
    return OP_NEXT;
}

static int ask_searches(struct op *op)
{
    return ask(run_of(op), &run_of(op)->asker, "searching for names");
}

static int plan_completions(struct op *op)
{
    struct match_run *run = run_of(op);
    if (candidates_take(&run->candidates, &run->asker) < 0 ||
        candidates_ask_completions(&run->candidates, &run->asker) < 0)
        return no_memory(op);
    return OP_NEXT;
}

static int ask_completions(struct op *op)
{
    return ask(run_of(op), &run_of(op)->asker, "looking closer");
}

static int decide(struct op *op)
{
    struct match_run *run = run_of(op);
    run->matches = ARENA_ARRAY(&op->arena, struct match, run->options.n);
    run->checks = ARENA_ARRAY(&op->arena, struct question *, run->options.n);
    if (!run->matches || !run->checks || candidates_take(&run->candidates, &run->asker) < 0 ||
        candidates_decide(&run->candidates, run->matches) < 0)
        return no_memory(op);
    for (size_t i = 0; i < run->options.n; i++) {
        if (run->matches[i].best.state != PAIR_LIKELY || how_of(run, i) == MATCH_RIVAL)
            continue;
        run->checks[i] = asker_add(&run->checker, QUESTION_IDENTITY);
        if (!run->checks[i])
            return no_memory(op);
        run->checks[i]->profile = run->matches[i].best.profile;
    }
    return OP_NEXT;
}

static int ask_identities(struct op *op)
{
    return ask(run_of(op), &run_of(op)->checker, "checking identities");
}

/* A likely pair whose handle and id do not lead to each other, or could not be checked, is for review. */
static int settle_identities(struct op *op)
{
    struct match_run *run = run_of(op);
    for (size_t i = 0; i < run->options.n; i++) {
        const struct question *check = run->checks[i];
        struct match *match = &run->matches[i];
        if (!check || (check->state == QUESTION_ANSWERED && check->identity == IDENTITY_AGREES))
            continue;
        match->best.state = PAIR_POSSIBLE;
        match->why = check->state == QUESTION_FAILED ? check->why : "its handle and identity do not lead to each other";
    }
    return OP_DONE;
}

static const struct op_step match_steps[] = {
    STEP(add_accounts, ON_CPU),      /* keys of every account; what is known already */
    STEP(ask_known, ON_LOOP),        /* profiles of known pairs, by id */
    STEP(plan_guesses, ON_CPU),      /* the next handle to guess for each account still open */
    STEP(ask_guesses, ON_LOOP),      /* 25 to a question */
    STEP(more_guesses, ON_LOOP),     /* another round, or on */
    STEP(plan_searches, ON_CPU),     /* one search for each account still open */
    STEP(ask_searches, ON_LOOP),     /* the telling ones first, within the budget */
    STEP(plan_completions, ON_CPU),  /* hits whose website could decide */
    STEP(ask_completions, ON_LOOP),  /* 25 to a question */
    STEP(decide, ON_CPU),            /* all accounts together, one profile each */
    STEP(ask_identities, ON_LOOP),   /* one question for each new likely pair */
    STEP(settle_identities, ON_CPU), /* who does not lead to themselves is for review */
    STEP_END,
};

/* --- start and end ----------------------------------------------------------------------------------------------- */

static void finish(struct op *op)
{
    struct match_run *run = run_of(op);
    run->options.done(run->options.context, run);
}

static uint64_t budget_of(const struct match_run *run)
{
    return run->options.budget ? run->options.budget : UINT64_MAX;
}

static void asker_init(struct asker *asker, struct match_run *run, uint64_t budget)
{
    *asker = (struct asker){.network = run->options.network,
                            .arena = &run->op.arena,
                            .budget = budget,
                            .idle = on_idle,
                            .progress = on_progress,
                            .context = run};
}

struct match_run *match_run_start(struct loop *loop, const struct match_options *options, struct err *err)
{
    struct match_run *run = calloc(1, sizeof *run);
    if (!run) {
        err_set(err, E_NOMEM, "no memory to start matching");
        return NULL;
    }
    run->options = *options;
    run->op.steps = match_steps;
    run->op.finish = finish;
    asker_init(&run->asker, run, budget_of(run));
    asker_init(&run->checker, run, UINT64_MAX);
    op_start(&run->op, loop);
    return run;
}

int match_run_error(const struct match_run *run, struct err *err)
{
    if (run->op.err.code < 0 && err)
        *err = run->op.err;
    return run->op.err.code;
}

const struct match *match_run_matches(const struct match_run *run)
{
    return run->matches;
}

struct match_counts match_run_counts(const struct match_run *run)
{
    struct match_counts counts = run->candidates.counts;
    counts.questions = budget_of(run) - run->asker.budget;
    return counts;
}

bool match_run_unfinished(const struct match_run *run, size_t place)
{
    const struct match *match = &run->matches[place];
    const struct question *check = run->checks[place];
    if (check)
        return check->state == QUESTION_FAILED;
    return !pair_state_moved(match->best.state) && candidates_unfinished(&run->candidates, place);
}

void match_run_found(const struct match_run *run, void (*visit)(void *context, const struct profile *profile),
                     void *context)
{
    for (size_t i = 0; i < run->asker.n; i++)
        for (size_t j = 0; j < run->asker.questions[i]->n_found; j++)
            visit(context, run->asker.questions[i]->found[j]);
}

const char *match_run_gave_up(const struct match_run *run)
{
    return run->asker.gave_up ? run->asker.gave_up : run->checker.gave_up;
}

void match_run_cancel(struct match_run *run)
{
    op_cancel(&run->op);
}

void match_run_free(struct match_run *run)
{
    candidates_release(&run->candidates);
    op_release(&run->op);
    free(run);
}

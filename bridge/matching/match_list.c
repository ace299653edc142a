/* bridge/matching/match_list.c
 *
 * A list of the store, matched and kept: first the community's roster by itself, then what only the member's list brings.
 *
 * Each of the two is loaded, asked about and kept before the next begins, so that the second finds what the first fetched,
 * and the first knows nothing of the second.
 */
#include "matching/match_list.h"

#include "base/cleanup.h"
#include "base/limits.h"
#include "loop/op.h"
#include "matching/match_plan.h"
#include "store/people.h"

#include <stdlib.h>
#include <string.h>

struct match_list {
    struct op op;
    struct match_list_options options;
    struct text community; /* slug; owned (malloc), with the next in one piece */
    struct text as;
    struct community_row group;
    struct member_row member;
    struct graph_list roster;
    struct graph_list own;        /* the member's list */
    struct left_out_set left_out; /* owned */
    struct match_plan plan;       /* of the scope under way */
    struct arena arena;           /* owned; of the plan: goes with it, since it holds every cached profile */
    bool members;                 /* it is the member's */
    size_t kept;                  /* rows of the plan that are on disk */
    struct match_run *run;        /* owned; of the plan */
    bool run_ended;
    bool ending; /* the operation has ended; the run has not */
    uint64_t questions;
    struct match_list_counts counts;
    const char *gave_up; /* in the arena; NULL */
};

static struct match_list *list_of(struct op *op)
{
    return CONTAINER_OF(op, struct match_list, op);
}

static int no_memory(struct err *err)
{
    return err_set(err, E_NOMEM, "there is no memory to match a list of the store");
}

/* --- what is matched ------------------------------------------------------------------------------------------------ */

static int find_people(struct match_list *list, struct db *db, struct err *err)
{
    struct arena *arena = &list->op.arena;
    int rc = community_by_slug(db, list->community, arena, &list->group, err);
    if (rc == E_NOT_FOUND)
        return err_set(err, rc, "there is no community \"%.*s\"", TEXT_ARG(list->community));
    if (rc < 0 || text_empty(list->as))
        return rc;
    rc = member_by_handle(db, &list->group.id, list->as, arena, &list->member, err);
    if (rc == E_NOT_FOUND)
        return err_set(err, rc, "nobody in the community \"%.*s\" has the X handle @%.*s; import their list first",
                       TEXT_ARG(list->community), TEXT_ARG(list->as));
    return rc;
}

static int load_lists(struct match_list *list, struct db *db, struct err *err)
{
    const struct numbers *numbers = list->options.numbers;
    const struct keys *keys = store_keys(list->options.store);
    struct arena *arena = &list->op.arena;
    int rc = left_out_set_load(&list->left_out, db, keys, err);
    if (rc == 0)
        rc = graph_list_load(db, numbers, keys, &list->group.id, TEXT("roster"), arena, &list->roster, err);
    if (rc == 0 && !text_empty(list->as))
        rc = graph_list_load(db, numbers, keys, &list->member.id, TEXT("following"), arena, &list->own, err);
    return rc;
}

static int plan_begin(struct match_list *list, struct text scope, size_t most)
{
    struct arena *arena = &list->arena;
    arena_release(arena);
    arena_init(arena, LIMIT_OPERATION_ARENA);
    list->kept = 0;
    list->plan = (struct match_plan){.scope = scope,
                                     .network = text_of(list->options.network->name),
                                     .keys = store_keys(list->options.store),
                                     .now_ms = clock_wall(store_clock(list->options.store)),
                                     .accounts = ARENA_ARRAY(arena, struct x_account, most + 1),
                                     .known = list->options.numbers,
                                     .numbers = ARENA_ARRAY(arena, uint32_t, most + 1),
                                     .ours = ARENA_ARRAY(arena, bool, most + 1)};
    return list->plan.accounts && list->plan.numbers && list->plan.ours ? 0 : E_NOMEM;
}

static void plan_add(struct match_plan *plan, const struct graph_list *from, size_t place, bool ours)
{
    plan->accounts[plan->n] = from->accounts[place];
    plan->numbers[plan->n] = from->numbers[place];
    plan->ours[plan->n++] = ours;
}

static int plan_community(struct match_list *list)
{
    if (plan_begin(list, id_text(&list->group.id), list->roster.n) < 0)
        return E_NOMEM;
    for (size_t i = 0; i < list->roster.n; i++)
        plan_add(&list->plan, &list->roster, i, true);
    return 0;
}

/* Both ascend, and so does the plan. */
static int plan_member(struct match_list *list)
{
    const struct graph_list *roster = &list->roster;
    const struct graph_list *own = &list->own;
    if (plan_begin(list, id_text(&list->member.id), roster->n + own->n) < 0)
        return E_NOMEM;
    for (size_t r = 0, o = 0; r < roster->n || o < own->n;) {
        if (o == own->n || (r < roster->n && roster->numbers[r] < own->numbers[o])) {
            plan_add(&list->plan, roster, r++, false);
            continue;
        }
        bool both = r < roster->n && roster->numbers[r] == own->numbers[o];
        size_t at;
        if (graph_list_brings_up(own, o, roster, &at))
            plan_add(&list->plan, own, o, true);
        else
            plan_add(&list->plan, roster, r, false);
        r += both;
        o++;
    }
    return 0;
}

static int load_plan(struct match_list *list, struct db *db, struct err *err)
{
    struct plan_scopes scopes = {.n = 0};
    if (list->members)
        scopes.scopes[scopes.n++] = id_text(&list->member.id);
    scopes.scopes[scopes.n++] = id_text(&list->group.id);
    scopes.scopes[scopes.n++] = SCOPE_PUBLIC;
    if ((list->members ? plan_member(list) : plan_community(list)) < 0)
        return no_memory(err);
    return match_plan_load(&list->plan, db, &scopes, &list->arena, err);
}

static int load(struct op *op)
{
    struct match_list *list = list_of(op);
    int rc = 0;
    if (!list->members) {
        rc = find_people(list, op->lane, &op->err);
        if (rc == 0)
            rc = load_lists(list, op->lane, &op->err);
    }
    if (rc == 0)
        rc = load_plan(list, op->lane, &op->err);
    return rc < 0 ? rc : OP_NEXT;
}

/* --- asking --------------------------------------------------------------------------------------------------------- */

/* A run's own deadline is of the same kind: it only says that nothing is for ever. */
#define RUN_DEADLINE_MS (3 * DAY_MS)

static void report(struct match_list *list)
{
    list->options.done(list->options.context, list);
}

static void on_run_done(void *context, struct match_run *run)
{
    struct match_list *list = context;
    (void)run;
    list->run_ended = true;
    if (list->ending)
        report(list);
    else
        op_resume(&list->op);
}

static void on_progress(void *context, const char *doing, size_t answered, size_t all)
{
    struct match_list *list = context;
    if (list->options.progress)
        list->options.progress(list->options.context, doing, answered, all);
}

static bool leave_out(void *context, struct text profile_id)
{
    const struct match_list *list = context;
    return left_out_set_has_profile(&list->left_out, list->options.network->name, profile_id);
}

static void on_cancel(struct op *op)
{
    struct match_list *list = list_of(op);
    if (list->run && !list->run_ended)
        match_run_cancel(list->run);
}

static uint64_t budget_left(const struct match_list *list)
{
    return list->options.budget > list->questions ? list->options.budget - list->questions : 0;
}

static void count_plan(struct match_list *list)
{
    const struct match_plan *plan = &list->plan;
    bool spent = list->options.budget > 0 && budget_left(list) == 0;
    for (size_t i = 0; i < plan->n; i++) {
        if (!plan->ours[i])
            continue;
        list->counts.accounts++;
        list->counts.fresh += plan->how[i] != MATCH_ASK;
        if (spent && plan->how[i] == MATCH_ASK)
            plan->how[i] = MATCH_RIVAL; /* nobody can be asked any more: nothing is kept of it */
    }
}

static int begin_run(struct op *op)
{
    struct match_list *list = list_of(op);
    const struct match_plan *plan = &list->plan;
    count_plan(list);
    struct match_options options = {.network = list->options.network,
                                    .accounts = plan->accounts,
                                    .how = plan->how,
                                    .n = plan->n,
                                    .decided = plan->decided,
                                    .n_decided = plan->n_decided,
                                    .cached = plan->cached,
                                    .n_cached = plan->n_cached,
                                    .leave_out = leave_out,
                                    .budget = budget_left(list),
                                    .progress = on_progress,
                                    .done = on_run_done,
                                    .context = list};
    list->run_ended = false;
    list->run = match_run_start(op->loop, &options, &op->err);
    if (!list->run)
        return op->err.code;
    op_on_cancel(op, on_cancel);
    return op_wait(op, RUN_DEADLINE_MS);
}

/* --- keeping -------------------------------------------------------------------------------------------------------- */

static int collect(struct op *op)
{
    struct match_list *list = list_of(op);
    int rc = match_run_error(list->run, &op->err);
    if (rc == 0)
        rc = match_plan_collect(&list->plan, list->run, &list->left_out, &list->arena, &op->err);
    return rc < 0 ? rc : OP_NEXT;
}

static int keep(struct op *op)
{
    struct match_list *list = list_of(op);
    int rc = match_plan_keep(&list->plan, list->run, list->kept, op->lane, &op->err);
    return rc < 0 ? rc : OP_NEXT;
}

static int more_to_keep(struct op *op)
{
    struct match_list *list = list_of(op);
    list->kept += PLAN_SLICE;
    return list->kept < match_plan_rows(&list->plan) ? op_go_to(op, keep) : OP_NEXT;
}

static void count_run(struct match_list *list)
{
    const struct match_counts counts = match_run_counts(list->run);
    const struct match *matches = match_run_matches(list->run);
    list->questions += counts.questions;
    list->counts.cache_hits += counts.cache_hits;
    for (size_t i = 0; i < list->plan.n; i++)
        list->counts.asked += list->plan.how[i] == MATCH_ASK && matches[i].lookup != LOOKUP_COULD_NOT_LOOK;
}

static int end_run(struct op *op)
{
    struct match_list *list = list_of(op);
    const char *gave_up = match_run_gave_up(list->run);
    count_run(list);
    if (gave_up && !(list->gave_up = arena_printf(&op->arena, "%s", gave_up)))
        return no_memory(&op->err);
    match_run_free(list->run);
    list->run = NULL;
    if (list->members || text_empty(list->as))
        return OP_DONE;
    list->members = true;
    return op_go_to(op, load);
}

static const struct op_step match_list_steps[] = {
    STEP(load, ON_READ),         /* lists, decisions, fresh look-ups, cached profiles */
    STEP(begin_run, ON_LOOP),    /* asks the network about whoever is open */
    STEP(collect, ON_CPU),       /* which profiles are kept */
    STEP(keep, ON_WRITE),        /* a slice of profiles, pairs and look-ups */
    STEP(more_to_keep, ON_LOOP), /* the next slice, or on */
    STEP(end_run, ON_LOOP),      /* the member's list after the roster */
    STEP_END,
};

/* --- start and end -------------------------------------------------------------------------------------------------- */

/* A run that was given up ends a turn later: until then it looks at what is ours. */
static void finish(struct op *op)
{
    struct match_list *list = list_of(op);
    if (list->run && !list->run_ended)
        list->ending = true;
    else
        report(list);
}

struct match_list *match_list_start(struct loop *loop, const struct match_list_options *options, struct err *err)
{
    struct match_list *list = calloc(1, sizeof *list);
    char *texts = list ? malloc(options->community.len + options->as.len + 1) : NULL;
    if (!texts) {
        free(list);
        no_memory(err);
        return NULL;
    }
    if (options->community.len > 0)
        memcpy(texts, options->community.data, options->community.len);
    if (options->as.len > 0)
        memcpy(texts + options->community.len, options->as.data, options->as.len);
    list->options = *options;
    list->community = (struct text){texts, options->community.len};
    list->as = (struct text){texts + options->community.len, options->as.len};
    list->op.steps = match_list_steps;
    list->op.finish = finish;
    op_start(&list->op, loop);
    return list;
}

int match_list_error(const struct match_list *list, struct err *err)
{
    if (list->op.err.code < 0 && err)
        *err = list->op.err;
    return list->op.err.code;
}

struct match_list_counts match_list_counts(const struct match_list *list)
{
    return list->counts;
}

const char *match_list_gave_up(const struct match_list *list)
{
    return list->gave_up;
}

void match_list_cancel(struct match_list *list)
{
    op_cancel(&list->op);
}

void match_list_free(struct match_list *list)
{
    if (list->run)
        match_run_free(list->run);
    left_out_set_release(&list->left_out);
    arena_release(&list->arena);
    op_release(&list->op);
    free((char *)(uintptr_t)list->community.data);
    free(list);
}

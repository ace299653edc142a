/* bridge/refollow/batch_plan.h
 *
 * Makes a batch: who of a member's list moved, less whom they follow already.
 *
 *     load ON_READ ─> look ON_LOOP ─> choose ON_CPU ─> keep ON_WRITE (not in a dry run)
 *
 * Who moved is not this room's to know: the caller brings a function that reads it (communities/moved.h), which leaves
 * out whoever wished so.
 */
#ifndef SKEIN_REFOLLOW_BATCH_PLAN_H
#define SKEIN_REFOLLOW_BATCH_PLAN_H

#include "loop/loop.h"
#include "refollow/plan.h"
#include "store/store.h"

struct batch_plan;

/* For whom, and who moved: on a reader lane, in its transaction; texts in the arena. */
struct plan_source {
    struct id member;
    struct id community;
    struct plan_person *people;
    size_t n;
};
typedef int plan_load_fn(void *context, struct db *db, struct arena *arena, struct plan_source *ret_source,
                         struct err *err);

struct batch_plan_options {
    struct store *store;     /* borrowed */
    const struct hand *hand; /* borrowed; signed in */
    const char *handle;      /* as the account is shown */
    enum batch_pace pace;
    bool dry_run;
    plan_load_fn *load;

    void (*done)(void *context, struct batch_plan *plan); /* once, on the loop */
    void *context;                                        /* borrowed; load's as well */
};

/* NULL and a sentence without memory; done is not called then. */
struct batch_plan *batch_plan_start(struct loop *loop, const struct batch_plan_options *options, struct err *err);

/* In done and after: 0, or the error that ended it: load's own, E_UNAVAILABLE, E_RATE_LIMITED or E_FORBIDDEN from the
 * account, errors of the store. Nothing is stored then. */
int batch_plan_error(const struct batch_plan *plan, struct err *err);

struct batch_plan_result {
    struct id batch; /* none in a dry run, and where nobody is to be followed */
    const struct plan *plan;
    int64_t lasts_ms; /* at this pace */
};
struct batch_plan_result batch_plan_result(const struct batch_plan *plan);

void batch_plan_cancel(struct batch_plan *plan);
void batch_plan_free(struct batch_plan *plan);

#endif

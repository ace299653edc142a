/* tests/unit/refollow/house.h
 *
 * A real store with its lanes and loop, a fake account, a clock of the test's own, and batches of made-up people.
 */
#ifndef SKEIN_TESTS_REFOLLOW_HOUSE_H
#define SKEIN_TESTS_REFOLLOW_HOUSE_H

#include "base/cleanup.h"
#include "lib/check.h"
#include "lib/fake_account.h"
#include "lib/scratch.h"
#include "loop/op.h"
#include "refollow/batch_run.h"
#include "refollow/batch_wish.h"
#include "store/left_out.h"
#include "store/left_out_set.h"
#include "store/pairs.h"

#include <stdlib.h>
#include <string.h>

struct house {
    struct scratch scratch;
    struct store *store;
    struct loop *loop;
    struct lanes *lanes;
    struct fake_account *account;
    const struct network *network; /* NULL: nobody is looked at again */
    int64_t now_ms;                /* of the house's clock */
    unsigned ids;
    struct arena arena; /* of what is read */

    /* The run under way, and how the last one ended. */
    struct batch_run *run;
    int error;
    struct err err;
    enum batch_end end;
    int64_t due_ms;
    char why[ERR_TEXT_MAX];
    struct batch_progress progress;
};

static struct house house;

static inline int64_t house_wall(void *context)
{
    (void)context;
    return house.now_ms;
}

static inline int64_t house_monotonic(void *context)
{
    (void)context;
    return house.now_ms;
}

static const struct clock house_clock = {house_wall, house_monotonic, NULL};

static inline int open_house(void **state)
{
    struct err err = {0};
    (void)state;
    memset(&house, 0, sizeof house);
    house.now_ms = INT64_C(1764149400000);
    db_sync_nothing();
    scratch_make(&house.scratch);
    struct store_options options = {
        .folder = scratch_name(&house.scratch, "", "data"), .role = STORE_OWNER, .clock = &house_clock};
    if (store_open(&options, &house.store, &err) < 0)
        fail_msg("%s", err.text);
    house.loop = loop_new(NULL, &err);
    house.lanes = lanes_new(house.loop, &store_lane_functions, house.store, 1, &err);
    assert_non_null(house.lanes);
    loop_set_lanes(house.loop, house.lanes);
    house.account = calloc(1, sizeof *house.account);
    fake_account_init(house.account, house.loop);
    arena_init(&house.arena, (size_t)1 << 30);
    return 0;
}

static inline int close_house(void **state)
{
    (void)state;
    fake_account_release(house.account);
    free(house.account);
    lanes_close(house.lanes);
    assert_int_equal(loop_run(house.loop), 0);
    loop_free(house.loop);
    store_close(house.store);
    arena_release(&house.arena);
    scratch_remove(&house.scratch);
    return 0;
}

/* --- work on the store, on its writer lane ------------------------------------------------------------------------------ */

struct task {
    struct op op;
    int (*run)(struct db *db, void *context, struct err *err);
    void *context;
};

static inline int run_task(struct op *op)
{
    struct task *task = CONTAINER_OF(op, struct task, op);
    int failed = task->run(op->lane, task->context, &op->err);
    return failed ? failed : OP_NEXT;
}

static const struct op_step task_steps[] = {STEP(run_task, ON_WRITE), STEP_END};

static inline void task_finish(struct op *op)
{
    op_release(op);
}

/* What it returned, or what went wrong with the transaction. */
static inline int write_store(int (*run)(struct db *, void *, struct err *), void *context)
{
    struct task task = {.op = {.steps = task_steps, .finish = task_finish}, .run = run, .context = context};
    op_start(&task.op, house.loop);
    assert_int_equal(loop_run(house.loop), 0);
    return task.op.err.code;
}

struct wish {
    struct id batch;
    enum batch_wish wish;
};

static inline int store_wish(struct db *db, void *context, struct err *err)
{
    struct wish *wish = context;
    return batch_wish_store(db, &wish->batch, wish->wish, house.now_ms, &house.arena, NULL, err);
}

static inline int tell_batch(const struct id *batch, enum batch_wish wish)
{
    struct wish what = {*batch, wish};
    return write_store(store_wish, &what);
}

static inline int pause_all(struct db *db, void *context, struct err *err)
{
    return batch_pause_at_start(db, house.now_ms, context, err);
}

/* --- batches -------------------------------------------------------------------------------------------------------------- */

struct made {
    struct id id;
    size_t n;
    enum batch_pace pace;
};

static inline struct text person(const struct id *batch, size_t k)
{
    const char *made = arena_printf(&house.arena, "did:test:%s:%u", batch->chars, (unsigned)k);
    assert_non_null(made);
    return text_of(made);
}

#define HOUSE_MEMBER    "01JDQ0A1B2C3D4E5F6G7H8J9KA"
#define HOUSE_COMMUNITY "01JDQ0A1B2C3D4E5F6G7H8J9KC"

static inline int put_made(struct db *db, void *context, struct err *err)
{
    struct made *made = context;
    struct batch_row batch = {.id = made->id,
                              .network = TEXT("bluesky"),
                              .account = TEXT("did:test:me"),
                              .handle = TEXT("me.test"),
                              .state = BATCH_PLANNED,
                              .pace = made->pace,
                              .created_ms = house.now_ms,
                              .changed_ms = house.now_ms};
    assert_true(id_parse(TEXT(HOUSE_MEMBER), &batch.member));
    assert_true(id_parse(TEXT(HOUSE_COMMUNITY), &batch.community));
    int failed = batch_put(db, &batch, err);
    for (size_t i = 0; !failed && i < made->n; i++) {
        struct batch_item_row item = {
            .batch = made->id, .position = (int64_t)i, .x = (uint32_t)i + 1, .profile = person(&made->id, i)};
        failed = batch_item_put(db, &item, err);
    }
    return failed;
}

/* A batch of n people, planned. */
static inline struct id make_batch(size_t n, enum batch_pace pace)
{
    struct made made = {.n = n, .pace = pace};
    char text[ID_LEN + 1];
    snprintf(text, sizeof text, "01H0VSE%019u", ++house.ids);
    assert_true(id_parse(text_of(text), &made.id));
    assert_int_equal(write_store(put_made, &made), 0);
    return made.id;
}

struct stored {
    struct id id;
    struct batch_row batch;
    struct batch_item_row *items;
    size_t n;
};

static inline int get_stored(struct db *db, void *context, struct err *err)
{
    struct stored *stored = context;
    int failed = batch_get(db, &stored->id, &house.arena, &stored->batch, err);
    return failed ? failed : batch_item_list(db, &stored->id, &house.arena, &stored->items, &stored->n, err);
}

static inline struct stored read_batch(const struct id *batch)
{
    struct stored stored = {.id = *batch};
    assert_int_equal(write_store(get_stored, &stored), 0);
    return stored;
}

static inline size_t count_in(const struct stored *stored, enum item_state state)
{
    size_t n = 0;
    for (size_t i = 0; i < stored->n; i++)
        n += stored->items[i].state == state;
    return n;
}

/* --- runs ------------------------------------------------------------------------------------------------------------------ */

static inline void on_done(void *context, struct batch_run *run)
{
    (void)context;
    assert_ptr_equal(run, house.run);
    house.error = batch_run_error(run, &house.err);
    house.end = batch_run_end(run);
    house.due_ms = batch_run_due_ms(run);
    snprintf(house.why, sizeof house.why, "%s", batch_run_why(run));
    batch_run_free(run);
    house.run = NULL;
}

static inline void on_progress(void *context, const struct batch_progress *progress)
{
    (void)context;
    house.progress = *progress;
}

static inline void start_run(const struct id *batch, size_t slice_max)
{
    struct batch_run_options options = {.store = house.store,
                                        .hand = &house.account->hand,
                                        .network = house.network,
                                        .batch = *batch,
                                        .slice_max = slice_max,
                                        .progress = on_progress,
                                        .done = on_done};
    house.run = batch_run_start(house.loop, &options, &house.err);
    assert_non_null(house.run);
}

/* Starts or goes on, and waits for its end. */
static inline void run_batch(const struct id *batch, size_t slice_max)
{
    start_run(batch, slice_max);
    assert_int_equal(loop_run(house.loop), 0);
    assert_null(house.run);
}

static inline void run_well(const struct id *batch, size_t slice_max, enum batch_end end)
{
    run_batch(batch, slice_max);
    if (house.error)
        fail_msg("%s", house.err.text);
    assert_int_equal(house.end, end);
}

#endif

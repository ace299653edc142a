/* tests/unit/refollow/test_keeper.c
 *
 * Batches that are kept going: through a rest, told to do something else, dropped, and given up at a stop. The hand is
 * given back exactly once.
 */
#include "house.h"

#include "refollow/keeper.h"

static struct {
    struct keeper *keeper;
    struct id batch;
    unsigned released;
    unsigned rests;
    unsigned ends;
    unsigned slices;
    enum batch_end end;
    int code;
    uv_timer_t alive; /* the loop runs until the test has seen what it waits for */
    enum fake_fate first_write;
    void (*at_slice)(void);
} seen;

static void release(const struct hand *hand)
{
    assert_ptr_equal(hand, &house.account->hand);
    seen.released++;
}

static void on_news(void *context, const struct keeper_news *news)
{
    (void)context;
    assert_true(text_equal(id_text(&news->batch), id_text(&seen.batch)));
    if (news->progress) {
        if (++seen.slices == 1 && seen.at_slice)
            seen.at_slice();
        return;
    }
    seen.end = news->end;
    seen.code = news->err ? news->err->code : 0;
    if (news->end == BATCH_RESTS) {
        seen.rests++;
        house.now_ms = news->due_ms;
        return;
    }
    seen.ends++;
    uv_close((uv_handle_t *)&seen.alive, NULL);
}

static void pass(uv_timer_t *timer)
{
    (void)timer;
}

static enum fake_fate first_fate(void *context, bool looks)
{
    (void)context;
    enum fake_fate fate = looks ? FAKE_WORKS : seen.first_write;
    if (!looks)
        seen.first_write = FAKE_WORKS;
    return fate;
}

static int open_keeper(void **state)
{
    struct err err;
    open_house(state);
    memset(&seen, 0, sizeof seen);
    house.account->fate = first_fate;
    struct keeper_options options = {.store = house.store, .slice_max = 10};
    seen.keeper = keeper_new(house.loop, &options, &err);
    assert_non_null(seen.keeper);
    return 0;
}

static void close_keeper(void)
{
    keeper_close(seen.keeper);
    seen.keeper = NULL;
    assert_int_equal(loop_run(house.loop), 0);
}

static struct id begin(size_t n)
{
    struct err err;
    seen.batch = make_batch(n, PACE_BRISK);
    assert_int_equal(tell_batch(&seen.batch, WISH_START), 0);
    struct keeper_charge charge = {
        .batch = seen.batch, .hand = &house.account->hand, .release = release, .news = on_news};
    uv_timer_init(loop_uv(house.loop), &seen.alive);
    uv_timer_start(&seen.alive, pass, 1, 1);
    assert_int_equal(keeper_take(seen.keeper, &charge, &err), 0);
    assert_true(keeper_has(seen.keeper, &seen.batch));
    assert_int_equal(keeper_take(seen.keeper, &charge, &err), E_BUSY);
    return seen.batch;
}

static void a_batch_goes_on_after_its_rest(void **state)
{
    (void)state;
    seen.first_write = FAKE_WAITS;
    house.account->until_ms = house.now_ms + 20 * MINUTE_MS;
    struct id batch = begin(25);
    assert_int_equal(loop_run(house.loop), 0);
    assert_int_equal(seen.rests, 1);
    assert_int_equal(seen.ends, 1);
    assert_int_equal(seen.end, BATCH_OVER);
    assert_int_equal(seen.released, 1);
    assert_int_equal(house.account->n_records, 25);
    assert_false(keeper_has(seen.keeper, &batch));
    close_keeper();
    assert_int_equal(seen.released, 1);
}

static int undo_it(struct db *db, void *context, struct err *err)
{
    (void)context;
    return batch_wish_store(db, &seen.batch, WISH_UNDO, house.now_ms, &house.arena, NULL, err);
}

static struct task undoing;

static void undo_at_slice(void)
{
    undoing = (struct task){.op = {.steps = task_steps, .finish = task_finish}, .run = undo_it};
    op_start(&undoing.op, house.loop);
    assert_true(keeper_stir(seen.keeper, &seen.batch));
}

static void a_batch_is_undone_in_the_midst_of_it(void **state)
{
    (void)state;
    seen.at_slice = undo_at_slice;
    struct id batch = begin(45);
    assert_int_equal(loop_run(house.loop), 0);
    assert_int_equal(seen.ends, 1);
    assert_int_equal(seen.end, BATCH_OVER);
    assert_int_equal(read_batch(&batch).batch.state, BATCH_UNDONE);
    assert_int_equal(house.account->n_records, 0);
    assert_int_equal(seen.released, 1);
    close_keeper();
}

static void drop_at_slice(void)
{
    assert_true(keeper_drop(seen.keeper, &seen.batch));
    assert_false(keeper_has(seen.keeper, &seen.batch));
    uv_close((uv_handle_t *)&seen.alive, NULL);
}

static void a_batch_that_is_dropped_stops(void **state)
{
    (void)state;
    seen.at_slice = drop_at_slice;
    struct id batch = begin(45);
    assert_int_equal(loop_run(house.loop), 0);
    assert_int_equal(seen.ends, 0);
    assert_int_equal(seen.released, 1);
    assert_int_equal(house.account->n_records, 10);
    assert_false(keeper_drop(seen.keeper, &batch));
    assert_false(keeper_stir(seen.keeper, &batch));
    close_keeper();
}

static void close_at_slice(void)
{
    keeper_close(seen.keeper);
    uv_close((uv_handle_t *)&seen.alive, NULL);
}

static void a_stop_gives_every_hand_back(void **state)
{
    (void)state;
    seen.at_slice = close_at_slice;
    struct id batch = begin(45);
    assert_int_equal(loop_run(house.loop), 0);
    assert_int_equal(seen.released, 1);
    assert_int_equal(read_batch(&batch).batch.state, BATCH_RUNNING); /* paused at the next start */
}

static void what_fails_is_told(void **state)
{
    (void)state;
    house.account->hand.account = TEXT("did:test:somebody-else");
    begin(5);
    assert_int_equal(loop_run(house.loop), 0);
    assert_int_equal(seen.ends, 1);
    assert_int_equal(seen.code, E_FORBIDDEN);
    assert_int_equal(seen.released, 1);
    close_keeper();
}

#define RUN(test) cmocka_unit_test_setup_teardown(test, open_keeper, close_house)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(a_batch_goes_on_after_its_rest),
        RUN(a_batch_is_undone_in_the_midst_of_it),
        RUN(a_batch_that_is_dropped_stops),
        RUN(a_stop_gives_every_hand_back),
        RUN(what_fails_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

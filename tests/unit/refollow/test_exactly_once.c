/* tests/unit/refollow/test_exactly_once.c
 *
 * "Exactly once" on the real store: whole runs that die at any step, whose answers are lost and whose requests arrive
 * later or never, whose member follows by hand meanwhile, and that go on after a restart. test_round.c holds the rules
 * against many more schedules; here what is stored, and when, is the thing tried.
 *
 * Deaths: at a look, before a request goes out, after it was sent, after it was written, before its answer is stored, and
 * at a random moment of the clock (which then differs from run to run; all else comes from the seed).
 */
#include "house.h"

#include "lib/seeded.h"

#define SCHEDULES  400
#define PEOPLE_MAX 30
#define LIVES_MAX  400

static struct {
    struct seeded seeded;
    struct id batch;
    size_t n;
    bool calm; /* no faults any more */
    uv_timer_t killer;
    unsigned deaths;
    unsigned lost;
    unsigned late;
    unsigned by_hand;
} tale;

static bool chance(size_t one_in)
{
    return !tale.calm && seeded_below(&tale.seeded, one_in) == 0;
}

static void die(void)
{
    if (!house.run)
        return;
    tale.deaths++;
    batch_run_cancel(house.run);
}

static void meanwhile(void)
{
    while (chance(4))
        tale.late += fake_account_deliver(house.account, seeded_below(&tale.seeded, 64));
    if (chance(15))
        fake_account_post(house.account);
    if (chance(30)) {
        struct text who = person(&tale.batch, seeded_below(&tale.seeded, tale.n));
        if (fake_account_count(house.account, who) == 0) {
            fake_account_follow(house.account, who);
            tale.by_hand++;
        }
    }
}

static enum fake_fate choose_fate(void *context, bool looks)
{
    (void)context;
    meanwhile();
    if (chance(12))
        die(); /* before anything goes out, or right behind it */
    if (looks)
        return chance(15) ? FAKE_DROPPED : FAKE_WORKS;
    static const enum fake_fate faults[] = {FAKE_HELD,    FAKE_HELD,    FAKE_ANSWER_LOST, FAKE_ANSWER_LOST,
                                            FAKE_DROPPED, FAKE_DROPPED, FAKE_WAITS};
    if (!chance(2))
        return FAKE_WORKS;
    enum fake_fate fate = faults[seeded_below(&tale.seeded, ARRAY_LEN(faults))];
    tale.lost += fate != FAKE_WAITS;
    return fate;
}

static void before_answer(void *context)
{
    (void)context;
    meanwhile();
    if (chance(10))
        die();
}

static void on_killer(uv_timer_t *timer)
{
    (void)timer;
    die();
}

/* One life of the server: it signs in, resumes, and runs until the batch rests or ends, or death. */
static void live(void)
{
    int64_t n;
    assert_int_equal(write_store(pause_all, &n), 0);
    if (read_batch(&tale.batch).batch.state == BATCH_PAUSED)
        assert_int_equal(tell_batch(&tale.batch, WISH_RESUME), 0);
    meanwhile();
    if (chance(3)) {
        uv_timer_start(&tale.killer, on_killer, seeded_below(&tale.seeded, 4), 0);
        uv_unref((uv_handle_t *)&tale.killer);
    }
    run_batch(&tale.batch, 1 + seeded_below(&tale.seeded, 12));
    uv_timer_stop(&tale.killer);
    if (house.error != 0 && house.error != E_CANCELLED)
        fail_msg("%s", house.err.text);
    house.now_ms += house.error == 0 && house.end == BATCH_RESTS ? house.due_ms - house.now_ms : SECOND_MS;
}

static struct stored live_until(enum batch_state state)
{
    tale.calm = false;
    for (unsigned lives = 0; lives < LIVES_MAX; lives++) {
        tale.calm = lives > 25;
        live();
        struct stored stored = read_batch(&tale.batch);
        if (stored.batch.state == state)
            return stored;
    }
    fail_msg("the batch did not come to its end in %d lives", LIVES_MAX);
    return (struct stored){0};
}

static void deliver_all(void)
{
    while (fake_account_deliver(house.account, seeded_below(&tale.seeded, 64)))
        continue;
}

/* --- what must hold -------------------------------------------------------------------------------------------------------- */

static const char *wrong_after_follow(const struct stored *stored)
{
    for (size_t i = 0; i < stored->n; i++) {
        const struct batch_item_row *item = &stored->items[i];
        bool ours = !text_empty(item->rkey) && fake_account_has(house.account, item->rkey);
        if (item->state != ITEM_DONE && item->state != ITEM_THERE)
            return "somebody was not followed";
        if (fake_account_count(house.account, item->profile) != 1)
            return "somebody is not followed exactly once";
        if (ours != (item->state == ITEM_DONE))
            return "what is stored is not what is there";
    }
    return house.account->n_records == stored->n ? NULL : "somebody else is followed";
}

static const char *wrong_after_undo(const struct stored *stored, size_t theirs)
{
    for (size_t i = 0; i < house.account->n_records; i++)
        if (text_starts(house.account->records[i].rkey, TEXT("key")))
            return "a follow of ours is left";
    if (count_in(stored, ITEM_DONE) + count_in(stored, ITEM_SENDING) > 0)
        return "an item does not say that it is undone";
    return house.account->n_records >= theirs ? NULL : "a follow of theirs is gone";
}

static size_t count_by_hand(void)
{
    size_t n = 0;
    for (size_t i = 0; i < house.account->n_records; i++)
        n += text_starts(house.account->records[i].rkey, TEXT("hand"));
    return n;
}

static void begin_tale(uint64_t seed, bool heedless)
{
    fake_account_release(house.account);
    fake_account_init(house.account, house.loop);
    house.account->heedless = heedless;
    house.account->fate = choose_fate;
    house.account->before_answer = before_answer;
    house.account->until_ms = house.now_ms + MINUTE_MS;
    house.now_ms += 2 * DAY_MS; /* the pace of the tale before is forgotten */
    tale.seeded = (struct seeded){seed};
    tale.calm = true;
    tale.n = 1 + seeded_below(&tale.seeded, PEOPLE_MAX);
    tale.batch = make_batch(tale.n, PACE_BRISK);
    assert_int_equal(tell_batch(&tale.batch, WISH_START), 0);
}

/* NULL, or what is wrong. */
static const char *tell_tale(uint64_t seed, bool heedless)
{
    begin_tale(seed, heedless);
    if (seeded_below(&tale.seeded, 4) > 0) {
        struct stored stored = live_until(BATCH_DONE);
        deliver_all();
        const char *wrong = wrong_after_follow(&stored);
        if (wrong)
            return wrong;
    } else {
        tale.calm = false;
        live(); /* and is undone in the midst of it */
    }
    size_t theirs = count_by_hand();
    tale.calm = true;
    assert_int_equal(tell_batch(&tale.batch, WISH_UNDO), 0);
    struct stored stored = live_until(BATCH_UNDONE);
    deliver_all();
    return wrong_after_undo(&stored, theirs);
}

static unsigned tell_tales(struct seeded *seeded, unsigned n, bool heedless)
{
    unsigned broken = 0;
    uv_timer_init(loop_uv(house.loop), &tale.killer);
    for (unsigned i = 0; i < n; i++) {
        uint64_t seed = seeded_next(seeded);
        const char *wrong = tell_tale(seed, heedless);
        broken += wrong != NULL;
        if (wrong && !heedless)
            print_message("seed %llu: %s\n", (unsigned long long)seed, wrong);
    }
    uv_close((uv_handle_t *)&tale.killer, NULL);
    assert_int_equal(loop_run(house.loop), 0);
    return broken;
}

static void everybody_is_followed_exactly_once(void **state)
{
    (void)state;
    struct seeded seeded = seeded_start("whole runs that die and go on");
    unsigned broken = tell_tales(&seeded, SCHEDULES, false);
    print_message("%u tales: %u deaths, %u answers lost, %u requests came late, %u follows by hand\n", SCHEDULES,
                  tale.deaths, tale.lost, tale.late, tale.by_hand);
    assert_int_equal(broken, 0);
    assert_true(tale.deaths > SCHEDULES && tale.lost > SCHEDULES && tale.late > SCHEDULES / 4 && tale.by_hand > 0);
}

static void without_the_condition_somebody_is_followed_twice(void **state)
{
    (void)state;
    struct seeded seeded = seeded_start("an account that does not heed the condition");
    unsigned broken = tell_tales(&seeded, SCHEDULES, true);
    print_message("%u of %u tales broke\n", broken, SCHEDULES);
    assert_true(broken > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(everybody_is_followed_exactly_once, open_house, close_house),
        cmocka_unit_test_setup_teardown(without_the_condition_somebody_is_followed_twice, open_house, close_house),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

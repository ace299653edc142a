/* tests/unit/refollow/test_batch_run.c
 *
 * One run of a batch against an account in memory: what is asked and sent, what a refusal, a wait, a lost sign-in and
 * other people's decisions lead to.
 */
#include "house.h"

#include "lib/fake_network.h"

/* Fates of the calls to come, by turns; then all works. */
static struct {
    enum fake_fate looks[16];
    enum fake_fate writes[16];
    size_t n_looks, n_writes;
} script;

static enum fake_fate next_fate(void *context, bool looks)
{
    (void)context;
    size_t *n = looks ? &script.n_looks : &script.n_writes;
    enum fake_fate *fates = looks ? script.looks : script.writes;
    return *n < ARRAY_LEN(script.looks) ? fates[(*n)++] : FAKE_WORKS;
}

static int open_scripted(void **state)
{
    open_house(state);
    memset(&script, 0, sizeof script); /* FAKE_WORKS is 0 */
    house.account->fate = next_fate;
    return 0;
}

static struct id start_batch(size_t n, enum batch_pace pace)
{
    struct id batch = make_batch(n, pace);
    assert_int_equal(tell_batch(&batch, WISH_START), 0);
    return batch;
}

static void assert_counts(const struct id *batch, enum batch_state state, size_t done, size_t planned)
{
    struct stored stored = read_batch(batch);
    assert_string_equal(batch_state_word(stored.batch.state), batch_state_word(state));
    assert_int_equal(count_in(&stored, ITEM_DONE), done);
    assert_int_equal(count_in(&stored, ITEM_PLANNED) + count_in(&stored, ITEM_SENDING), planned);
}

/* --- tests ------------------------------------------------------------------------------------------------------------- */

static void everybody_is_followed_in_slices(void **state)
{
    (void)state;
    struct id batch = start_batch(150, PACE_BRISK);
    run_well(&batch, 50, BATCH_OVER);
    assert_counts(&batch, BATCH_DONE, 150, 0);
    assert_int_equal(house.account->writes, 3);
    assert_int_equal(house.account->looks, 4); /* before each slice, and at the end */
    assert_int_equal(house.progress.counts[ITEM_DONE], 150);
    struct stored stored = read_batch(&batch);
    for (size_t i = 0; i < stored.n; i++) {
        assert_int_equal(fake_account_count(house.account, stored.items[i].profile), 1);
        assert_true(fake_account_has(house.account, stored.items[i].rkey));
        assert_int_equal(stored.items[i].done_ms, house.now_ms);
    }
}

static void who_is_followed_already_is_not_followed_again(void **state)
{
    (void)state;
    struct id batch = start_batch(3, PACE_BRISK);
    fake_account_follow(house.account, person(&batch, 1));
    run_well(&batch, 0, BATCH_OVER);
    struct stored stored = read_batch(&batch);
    assert_int_equal(stored.items[1].state, ITEM_THERE);
    assert_int_equal(count_in(&stored, ITEM_DONE), 2);
    assert_int_equal(fake_account_count(house.account, person(&batch, 1)), 1);
}

static void undo_takes_ours_and_leaves_theirs(void **state)
{
    (void)state;
    struct id batch = start_batch(120, PACE_BRISK);
    fake_account_follow(house.account, person(&batch, 7));
    run_well(&batch, 50, BATCH_OVER);
    assert_int_equal(tell_batch(&batch, WISH_UNDO), 0);
    run_well(&batch, 50, BATCH_OVER);
    struct stored stored = read_batch(&batch);
    assert_int_equal(stored.batch.state, BATCH_UNDONE);
    assert_int_equal(count_in(&stored, ITEM_UNDONE), 119);
    assert_int_equal(house.account->n_records, 1);
    assert_int_equal(fake_account_count(house.account, person(&batch, 7)), 1);
}

static void what_is_over_is_over(void **state)
{
    (void)state;
    struct id batch = start_batch(3, PACE_BRISK);
    run_well(&batch, 0, BATCH_OVER);
    unsigned looks = house.account->looks;
    run_well(&batch, 0, BATCH_OVER);
    assert_int_equal(house.account->looks, looks);
}

static void a_batch_that_nobody_started_sends_nothing(void **state)
{
    (void)state;
    struct id batch = make_batch(3, PACE_BRISK);
    run_well(&batch, 0, BATCH_STOPPED);
    assert_int_equal(house.account->writes, 0);
    assert_int_equal(house.account->looks, 0);
}

static void another_account_is_not_written_to(void **state)
{
    (void)state;
    struct id batch = start_batch(3, PACE_BRISK);
    house.account->hand.account = TEXT("did:test:somebody-else");
    run_batch(&batch, 0);
    assert_int_equal(house.error, E_FORBIDDEN);
    assert_non_null(strstr(house.err.text, "me.test"));
    assert_int_equal(house.account->writes, 0);
}

static void a_lost_answer_is_read_back(void **state)
{
    (void)state;
    struct id batch = start_batch(100, PACE_BRISK);
    script.writes[0] = FAKE_ANSWER_LOST;
    run_well(&batch, 50, BATCH_OVER);
    assert_counts(&batch, BATCH_DONE, 100, 0);
    assert_int_equal(house.account->writes, 2);
    assert_int_equal(house.account->n_records, 100);
}

static void a_request_that_comes_late_finds_its_twin(void **state)
{
    (void)state;
    struct id batch = start_batch(50, PACE_BRISK);
    script.writes[0] = FAKE_HELD;
    run_well(&batch, 50, BATCH_OVER);
    assert_true(fake_account_deliver(house.account, 0));
    assert_int_equal(house.account->n_records, 50);
    struct stored stored = read_batch(&batch);
    for (size_t i = 0; i < stored.n; i++)
        assert_int_equal(fake_account_count(house.account, stored.items[i].profile), 1);
}

/* The request is on its way when the batch is undone: nothing is there to be removed, and it must not come afterwards. */
static void a_request_that_comes_after_undo_is_not_written(void **state)
{
    (void)state;
    struct id batch = start_batch(5, PACE_BRISK);
    script.writes[0] = FAKE_HELD;
    script.looks[1] = FAKE_SIGNED_OUT;
    run_well(&batch, 0, BATCH_STOPPED);
    assert_int_equal(tell_batch(&batch, WISH_UNDO), 0);
    run_well(&batch, 0, BATCH_OVER);
    assert_true(fake_account_deliver(house.account, 0));
    assert_int_equal(house.account->n_records, 0);
    assert_counts(&batch, BATCH_UNDONE, 0, 5);
}

static void who_is_refused_does_not_hold_up_the_others(void **state)
{
    (void)state;
    struct id batch = start_batch(40, PACE_BRISK);
    house.account->refuses = person(&batch, 13);
    run_well(&batch, 0, BATCH_OVER);
    struct stored stored = read_batch(&batch);
    assert_int_equal(stored.items[13].state, ITEM_REFUSED);
    assert_text(stored.items[13].why, "not taken");
    assert_int_equal(count_in(&stored, ITEM_DONE), 39);
}

static void a_wait_is_waited_for(void **state)
{
    (void)state;
    struct id batch = start_batch(60, PACE_BRISK);
    script.writes[1] = FAKE_WAITS;
    house.account->until_ms = house.now_ms + 17 * MINUTE_MS;
    run_well(&batch, 50, BATCH_RESTS);
    assert_int_equal(house.due_ms, house.now_ms + 17 * MINUTE_MS);
    assert_string_equal(house.why, "too much");
    assert_counts(&batch, BATCH_RUNNING, 50, 10);
    assert_int_equal(read_batch(&batch).batch.due_ms, house.due_ms);
    house.now_ms = house.due_ms;
    run_well(&batch, 50, BATCH_OVER);
    assert_counts(&batch, BATCH_DONE, 60, 0);
}

static void who_begins_too_early_waits(void **state)
{
    (void)state;
    struct id batch = start_batch(10, PACE_BRISK);
    script.writes[0] = FAKE_WAITS;
    house.account->until_ms = house.now_ms + HOUR_MS;
    run_well(&batch, 0, BATCH_RESTS);
    assert_int_equal(write_store(pause_all, &(int64_t){0}), 0);
    assert_int_equal(tell_batch(&batch, WISH_RESUME), 0);
    house.now_ms += HOUR_MS - 1;
    run_well(&batch, 0, BATCH_RESTS);
    assert_int_equal(house.due_ms, house.now_ms + 1);
    assert_int_equal(house.account->looks, 1);
    house.now_ms++;
    run_well(&batch, 0, BATCH_OVER);
    assert_int_equal(house.account->n_records, 10);
}

static void a_lost_sign_in_pauses(void **state)
{
    (void)state;
    struct id batch = start_batch(60, PACE_BRISK);
    script.looks[1] = FAKE_SIGNED_OUT;
    run_well(&batch, 50, BATCH_STOPPED);
    assert_counts(&batch, BATCH_PAUSED, 50, 10);
    assert_text(read_batch(&batch).batch.why, "sign in again");
    assert_int_equal(tell_batch(&batch, WISH_RESUME), 0);
    run_well(&batch, 50, BATCH_OVER);
    assert_counts(&batch, BATCH_DONE, 60, 0);
}

static void an_account_that_cannot_be_reached_is_left_alone_for_a_while(void **state)
{
    (void)state;
    struct id batch = start_batch(10, PACE_BRISK);
    for (size_t i = 0; i < 8; i++)
        script.writes[i] = FAKE_DROPPED;
    run_well(&batch, 0, BATCH_RESTS);
    assert_string_equal(house.why, "the fake account did not answer");
    assert_text(read_batch(&batch).batch.why, "the fake account did not answer");
    assert_true(house.due_ms > house.now_ms);
    assert_int_equal(house.account->n_records, 0);
    house.now_ms = house.due_ms;
    run_well(&batch, 0, BATCH_RESTS);
    house.now_ms = house.due_ms;
    run_well(&batch, 0, BATCH_OVER);
    assert_int_equal(house.account->n_records, 10);
    assert_text(read_batch(&batch).batch.why, "");
}

static void the_pace_is_kept(void **state)
{
    (void)state;
    struct id batch = start_batch(100, PACE_GENTLE);
    run_well(&batch, 0, BATCH_RESTS);
    assert_counts(&batch, BATCH_RUNNING, 50, 50);
    int64_t start_ms = house.now_ms;
    for (unsigned rests = 0; house.end == BATCH_RESTS; rests++) {
        assert_true(rests < 100);
        house.now_ms = house.due_ms;
        run_batch(&batch, 0);
    }
    assert_counts(&batch, BATCH_DONE, 100, 0);
    assert_in_range(house.now_ms - start_ms, 3 * HOUR_MS, 4 * HOUR_MS);
}

static void what_the_network_still_takes_is_not_overdrawn(void **state)
{
    (void)state;
    struct id batch = start_batch(30, PACE_BRISK);
    house.account->points = 0;
    run_well(&batch, 0, BATCH_RESTS);
    assert_int_equal(house.account->writes, 0);
    house.now_ms = house.due_ms;
    house.account->points = 10; /* it goes on saying so */
    run_well(&batch, 0, BATCH_OVER);
    assert_int_equal(house.account->writes, 3);
    assert_int_equal(house.account->n_records, 30);
}

static int reject_first(struct db *db, void *context, struct err *err)
{
    struct id *batch = context;
    struct pair_row pair = {.scope = TEXT(HOUSE_COMMUNITY),
                            .x = 1,
                            .network = TEXT("bluesky"),
                            .profile = person(batch, 0),
                            .state = PAIR_REJECTED,
                            .decided = TEXT(HOUSE_MEMBER)};
    return pair_put(db, &pair, err);
}

static int hide_second(struct db *db, void *context, struct err *err)
{
    struct keyed_hash hash;
    left_out_hash_profile(store_keys(house.store), "bluesky", person(context, 1), &hash);
    return left_out_opt_out(house.store, db, &hash, err);
}

static void who_was_rejected_or_hid_since_the_plan_is_left_out(void **state)
{
    (void)state;
    struct id batch = start_batch(4, PACE_BRISK);
    assert_int_equal(write_store(reject_first, &batch), 0);
    assert_int_equal(write_store(hide_second, &batch), 0);
    run_well(&batch, 0, BATCH_OVER);
    struct stored stored = read_batch(&batch);
    assert_int_equal(stored.items[0].state, ITEM_LEFT_OUT);
    assert_int_equal(stored.items[1].state, ITEM_LEFT_OUT);
    assert_int_equal(count_in(&stored, ITEM_DONE), 2);
    assert_int_equal(house.account->n_records, 2);
}

/* --- people are looked at again ------------------------------------------------------------------------------------------ */

#define LOOKED_AT 70

static struct fake_network network;
static struct profile profiles[LOOKED_AT];

/* A network where everybody of the batch is; the test takes some away. */
static struct id start_among_profiles(void)
{
    struct id batch = start_batch(LOOKED_AT, PACE_BRISK);
    fake_network_init(&network, house.loop);
    for (size_t i = 0; i < LOOKED_AT; i++)
        profiles[i] = (struct profile){.id = person(&batch, i)};
    network.profiles = profiles;
    network.n_profiles = LOOKED_AT;
    house.network = &network.network;
    return batch;
}

static void who_left_or_is_marked_since_is_not_followed(void **state)
{
    (void)state;
    struct id batch = start_among_profiles();
    profiles[3].id = TEXT("did:test:gone");
    profiles[4].marks = PROFILE_IMPERSONATION;
    profiles[69].bio = TEXT("please #noskein");
    run_well(&batch, 50, BATCH_OVER);
    struct stored stored = read_batch(&batch);
    assert_int_equal(count_in(&stored, ITEM_DONE), LOOKED_AT - 3);
    assert_int_equal(count_in(&stored, ITEM_LEFT_OUT), 3);
    assert_text(stored.items[3].why, "is not there any more");
    assert_text(stored.items[4].why, "is marked as spam, an impersonation, or taken down");
    assert_text(stored.items[69].why, "is not there any more");
    assert_int_equal(fake_account_count(house.account, stored.items[4].profile), 0);
    assert_int_equal(network.under_way, 0);
}

static void everybody_is_looked_at_once(void **state)
{
    (void)state;
    struct id batch = start_among_profiles();
    script.writes[0] = FAKE_ANSWER_LOST;
    run_well(&batch, 50, BATCH_OVER);
    assert_int_equal(network.n_asked, LOOKED_AT);
    assert_int_equal(house.account->n_records, LOOKED_AT);
}

static void who_cannot_be_looked_at_is_not_followed(void **state)
{
    (void)state;
    struct id batch = start_among_profiles();
    network.fail_from = 2;
    run_well(&batch, 50, BATCH_RESTS);
    assert_string_equal(house.why, "the fake network is down");
    assert_int_equal(house.account->writes, 0);
    network.fail_from = 0;
    house.now_ms = house.due_ms;
    run_well(&batch, 50, BATCH_OVER);
    assert_int_equal(house.account->n_records, LOOKED_AT);
}

/* What is there may be removed whatever became of the people. */
static void undo_asks_nobody(void **state)
{
    (void)state;
    struct id batch = start_among_profiles();
    run_well(&batch, 50, BATCH_OVER);
    network.fail_from = 1;
    assert_int_equal(tell_batch(&batch, WISH_UNDO), 0);
    run_well(&batch, 50, BATCH_OVER);
    assert_int_equal(house.account->n_records, 0);
}

/* Somebody pauses it while a request is under way. */
static struct id to_pause;

static int pause_it(struct db *db, void *context, struct err *err)
{
    (void)context;
    return batch_wish_store(db, &to_pause, WISH_PAUSE, house.now_ms, &house.arena, NULL, err);
}

static struct task pausing;

static void pause_before_answer(void *context)
{
    (void)context;
    if (house.account->writes != 1 || pausing.run)
        return;
    pausing = (struct task){.op = {.steps = task_steps, .finish = task_finish}, .run = pause_it};
    op_start(&pausing.op, house.loop);
}

static void a_pause_is_seen_before_the_next_request(void **state)
{
    (void)state;
    to_pause = start_batch(100, PACE_BRISK);
    memset(&pausing, 0, sizeof pausing);
    house.account->before_answer = pause_before_answer;
    run_well(&to_pause, 50, BATCH_STOPPED);
    house.account->before_answer = NULL;
    assert_int_equal(house.account->writes, 1);
    assert_counts(&to_pause, BATCH_PAUSED, 50, 50);
    assert_int_equal(tell_batch(&to_pause, WISH_RESUME), 0);
    run_well(&to_pause, 50, BATCH_OVER);
    assert_counts(&to_pause, BATCH_DONE, 100, 0);
}

static void after_a_restart_it_is_paused_until_somebody_signs_in(void **state)
{
    (void)state;
    int64_t n = 0;
    struct id batch = start_batch(60, PACE_BRISK);
    script.writes[1] = FAKE_WAITS;
    run_well(&batch, 50, BATCH_RESTS);
    assert_int_equal(write_store(pause_all, &n), 0);
    assert_int_equal(n, 1);
    assert_text(read_batch(&batch).batch.why, "sign in again");
    run_well(&batch, 50, BATCH_STOPPED);
    assert_counts(&batch, BATCH_PAUSED, 50, 10);
    assert_int_equal(tell_batch(&batch, WISH_RESUME), 0);
    house.now_ms += HOUR_MS;
    run_well(&batch, 50, BATCH_OVER);
    assert_int_equal(house.account->n_records, 60);
}

static void a_disk_that_fails_before_sending_sends_nothing(void **state)
{
    (void)state;
    struct id batch = start_batch(40, PACE_BRISK);
    assert_int_equal(write_store(pause_all, &(int64_t){0}), 0);
    assert_int_equal(tell_batch(&batch, WISH_RESUME), 0);
    lanes_close(house.lanes);
    assert_int_equal(loop_run(house.loop), 0);
    loop_set_lanes(house.loop, NULL);
    run_batch(&batch, 0);
    assert_true(house.error < 0);
    assert_int_equal(house.account->writes, 0);
    house.lanes = lanes_new(house.loop, &store_lane_functions, house.store, 1, &house.err);
    assert_non_null(house.lanes);
    loop_set_lanes(house.loop, house.lanes);
    run_well(&batch, 0, BATCH_OVER);
    assert_int_equal(house.account->n_records, 40);
}

#define RUN(test) cmocka_unit_test_setup_teardown(test, open_scripted, close_house)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(everybody_is_followed_in_slices),
        RUN(who_is_followed_already_is_not_followed_again),
        RUN(undo_takes_ours_and_leaves_theirs),
        RUN(what_is_over_is_over),
        RUN(a_batch_that_nobody_started_sends_nothing),
        RUN(another_account_is_not_written_to),
        RUN(a_lost_answer_is_read_back),
        RUN(a_request_that_comes_late_finds_its_twin),
        RUN(a_request_that_comes_after_undo_is_not_written),
        RUN(who_is_refused_does_not_hold_up_the_others),
        RUN(a_wait_is_waited_for),
        RUN(who_begins_too_early_waits),
        RUN(a_lost_sign_in_pauses),
        RUN(an_account_that_cannot_be_reached_is_left_alone_for_a_while),
        RUN(the_pace_is_kept),
        RUN(what_the_network_still_takes_is_not_overdrawn),
        RUN(who_was_rejected_or_hid_since_the_plan_is_left_out),
        RUN(who_left_or_is_marked_since_is_not_followed),
        RUN(everybody_is_looked_at_once),
        RUN(who_cannot_be_looked_at_is_not_followed),
        RUN(undo_asks_nobody),
        RUN(a_pause_is_seen_before_the_next_request),
        RUN(after_a_restart_it_is_paused_until_somebody_signs_in),
        RUN(a_disk_that_fails_before_sending_sends_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

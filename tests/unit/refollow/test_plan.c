/* tests/unit/refollow/test_plan.c
 *
 * Whom a plan follows, in which order, and why not the others; a dry run stores nothing.
 */
#include "house.h"

#include "refollow/batch_plan.h"

#define PERSON(number, at, how, sure)                                                                                  \
    {                                                                                                                  \
        .x = (number), .profile = TEXT_INIT("did:test:" at), .state = (how), .p = (sure)                               \
    }

static struct plan_person people[] = {
    PERSON(1, "likely", PAIR_LIKELY, 0.98),
    PERSON(2, "possible", PAIR_POSSIBLE, 0.4),
    PERSON(3, "proven", PAIR_PROVEN, 1),
    PERSON(4, "confirmed", PAIR_CONFIRMED, 0.7),
    PERSON(5, "rejected", PAIR_REJECTED, 0.99),
    PERSON(6, "there", PAIR_PROVEN, 1),
    PERSON(7, "me", PAIR_PROVEN, 1),
    PERSON(8, "surer", PAIR_LIKELY, 0.99),
    PERSON(9, "before", PAIR_LIKELY, 0.99),
    PERSON(10, "proven", PAIR_LIKELY, 0.99),
    {.x = 11, .state = PAIR_NONE},
};

static void the_surest_go_first_and_nobody_twice(void **state)
{
    (void)state;
    static const struct round_follow follows[] = {{TEXT_INIT("k1"), TEXT_INIT("did:test:there")},
                                                  {TEXT_INIT("k2"), TEXT_INIT("did:test:unknown")}};
    static const struct text before[] = {TEXT_INIT("did:test:before"), TEXT_INIT("did:test:there")};
    struct plan_question question = {.people = people,
                                     .n = ARRAY_LEN(people),
                                     .account = TEXT("did:test:me"),
                                     .follows = follows,
                                     .n_follows = ARRAY_LEN(follows),
                                     .before = before,
                                     .n_before = ARRAY_LEN(before)};
    struct plan plan;
    assert_int_equal(plan_make(&question, &house.arena, &plan), 0);
    assert_int_equal(plan.n, 4);
    assert_text(plan.follow[0]->profile, "did:test:proven");
    assert_int_equal(plan.follow[0]->x, 3);
    assert_text(plan.follow[1]->profile, "did:test:confirmed");
    assert_text(plan.follow[2]->profile, "did:test:surer");
    assert_text(plan.follow[3]->profile, "did:test:likely");
    static const size_t expected[PLAN_CHOICES] = {
        [PLAN_FOLLOW] = 4, [PLAN_THERE] = 1, [PLAN_BEFORE] = 1, [PLAN_SELF] = 1, [PLAN_UNSURE] = 3, [PLAN_TWICE] = 1};
    for (size_t i = 0; i < PLAN_CHOICES; i++)
        assert_int_equal(plan.counts[i], expected[i]);
}

static void a_plan_of_nobody_is_empty(void **state)
{
    (void)state;
    struct plan_question question = {.account = TEXT("did:test:me")};
    struct plan plan;
    assert_int_equal(plan_make(&question, &house.arena, &plan), 0);
    assert_int_equal(plan.n, 0);
}

/* --- the operation ------------------------------------------------------------------------------------------------------- */

static struct {
    int error;
    struct err err;
    struct id batch;
    size_t n;
    size_t there;
    size_t before;
    int64_t lasts_ms;
    int load_fails;
} planned;

static int load_people(void *context, struct db *db, struct arena *arena, struct plan_source *ret_source,
                       struct err *err)
{
    (void)context;
    (void)db;
    if (planned.load_fails)
        return err_set(err, planned.load_fails, "there is no such community");
    assert_true(id_parse(TEXT(HOUSE_MEMBER), &ret_source->member));
    assert_true(id_parse(TEXT(HOUSE_COMMUNITY), &ret_source->community));
    ret_source->people = ARENA_ARRAY(arena, struct plan_person, ARRAY_LEN(people));
    memcpy(ret_source->people, people, sizeof people);
    ret_source->n = ARRAY_LEN(people);
    return 0;
}

static void on_planned(void *context, struct batch_plan *plan)
{
    (void)context;
    struct batch_plan_result result = batch_plan_result(plan);
    planned.error = batch_plan_error(plan, &planned.err);
    planned.batch = result.batch;
    planned.n = result.plan->n;
    planned.there = result.plan->counts[PLAN_THERE];
    planned.before = result.plan->counts[PLAN_BEFORE];
    planned.lasts_ms = result.lasts_ms;
    batch_plan_free(plan);
}

static void make_plan(bool dry_run)
{
    struct err err;
    struct batch_plan_options options = {.store = house.store,
                                         .hand = &house.account->hand,
                                         .handle = "me.test",
                                         .pace = PACE_GENTLE,
                                         .dry_run = dry_run,
                                         .load = load_people,
                                         .done = on_planned};
    assert_non_null(batch_plan_start(house.loop, &options, &err));
    assert_int_equal(loop_run(house.loop), 0);
}

static int open_planning(void **state)
{
    memset(&planned, 0, sizeof planned);
    return open_house(state);
}

static int count_batches(struct db *db, void *context, struct err *err)
{
    struct id member;
    struct batch_row *batches;
    assert_true(id_parse(TEXT(HOUSE_MEMBER), &member));
    return batch_list(db, &member, &house.arena, &batches, context, err);
}

static size_t batches_stored(void)
{
    size_t n;
    assert_int_equal(write_store(count_batches, &n), 0);
    return n;
}

static void a_dry_run_stores_nothing(void **state)
{
    (void)state;
    fake_account_follow(house.account, TEXT("did:test:there"));
    make_plan(true);
    assert_int_equal(planned.error, 0);
    assert_int_equal(planned.n, 5);
    assert_int_equal(planned.there, 1);
    assert_int_equal(planned.lasts_ms, 0);
    assert_true(text_empty(id_text(&planned.batch)));
    assert_int_equal(batches_stored(), 0);
}

static void what_is_planned_is_followed(void **state)
{
    (void)state;
    make_plan(false);
    assert_int_equal(planned.error, 0);
    assert_int_equal(planned.n, 6);
    struct stored stored = read_batch(&planned.batch);
    assert_int_equal(stored.batch.state, BATCH_PLANNED);
    assert_text(stored.batch.account, "did:test:me");
    assert_text(stored.batch.handle, "me.test");
    assert_int_equal(stored.n, 6);
    assert_text(stored.items[0].profile, "did:test:proven");
    assert_int_equal(tell_batch(&planned.batch, WISH_START), 0);
    run_well(&planned.batch, 0, BATCH_OVER);
    assert_int_equal(house.account->n_records, 6);
    assert_int_equal(fake_account_count(house.account, TEXT("did:test:me")), 0);
}

static void who_was_unfollowed_by_hand_is_not_planned_again(void **state)
{
    (void)state;
    make_plan(false);
    assert_int_equal(tell_batch(&planned.batch, WISH_START), 0);
    run_well(&planned.batch, 0, BATCH_OVER);
    house.account->n_records = 2; /* the member unfollows four */
    make_plan(false);
    assert_int_equal(planned.n, 0);
    assert_int_equal(planned.there, 3); /* two accounts of the list lead to one of them */
    assert_int_equal(planned.before, 4);
    assert_true(text_empty(id_text(&planned.batch)));
    assert_int_equal(batches_stored(), 1);
}

static void what_was_undone_may_be_planned_again(void **state)
{
    (void)state;
    make_plan(false);
    assert_int_equal(tell_batch(&planned.batch, WISH_START), 0);
    run_well(&planned.batch, 0, BATCH_OVER);
    assert_int_equal(tell_batch(&planned.batch, WISH_UNDO), 0);
    run_well(&planned.batch, 0, BATCH_OVER);
    make_plan(false);
    assert_int_equal(planned.n, 6);
}

static enum fake_fate away(void *context, bool looks)
{
    (void)context;
    (void)looks;
    return FAKE_DROPPED;
}

static void whoever_cannot_be_read_gets_no_plan(void **state)
{
    (void)state;
    house.account->fate = away;
    make_plan(false);
    assert_int_equal(planned.error, E_UNAVAILABLE);
    assert_non_null(strstr(planned.err.text, "the fake account is away"));
    assert_int_equal(batches_stored(), 0);
}

static void an_error_of_the_list_is_told(void **state)
{
    (void)state;
    planned.load_fails = E_NOT_FOUND;
    make_plan(false);
    assert_int_equal(planned.error, E_NOT_FOUND);
    assert_string_equal(planned.err.text, "there is no such community");
    assert_int_equal(house.account->looks, 0);
}

#define RUN(test) cmocka_unit_test_setup_teardown(test, open_planning, close_house)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(the_surest_go_first_and_nobody_twice),
        RUN(a_plan_of_nobody_is_empty),
        RUN(a_dry_run_stores_nothing),
        RUN(what_is_planned_is_followed),
        RUN(who_was_unfollowed_by_hand_is_not_planned_again),
        RUN(what_was_undone_may_be_planned_again),
        RUN(whoever_cannot_be_read_gets_no_plan),
        RUN(an_error_of_the_list_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

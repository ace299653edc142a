/* tests/unit/refollow/test_settle.c
 *
 * Every look at every item, and every answer: what must hold whatever the case.
 */
#include "refollow/settle.h"

#include "base/cleanup.h"
#include "lib/check.h"

struct one_case {
    enum batch_doing doing;
    enum item_state state;
    struct item_look look;
};

typedef void check_fn(const struct one_case *c, struct item_settled settled);

static void each_case(check_fn *check)
{
    unsigned n = 0;
    for (unsigned bits = 0; bits < 16; bits++)
        for (unsigned key = KEY_ABSENT; key <= KEY_OTHERS; key++)
            for (unsigned state = 0; state < ITEM_STATES; state++, n++) {
                struct one_case c = {.doing = bits & 1 ? BATCH_UNDO : BATCH_FOLLOW,
                                     .state = (enum item_state)state,
                                     .look = {.key = (enum key_look)key,
                                              .followed = bits & 2 || key == KEY_OURS,
                                              .alive = bits & 4,
                                              .left_out = bits & 8}};
                check(&c, settle_look(c.doing, c.state, &c.look));
            }
    assert_int_equal(n, 16 * 3 * ITEM_STATES);
}

static void check_doubt(const struct one_case *c, struct item_settled settled)
{
    bool doubtful = c->state == ITEM_SENDING && c->look.alive && c->look.key == KEY_ABSENT;
    assert_int_equal(settled.state == ITEM_SENDING, doubtful);
}

/* In doubt it stays, for as long as it may still be written and no longer; nothing else comes into doubt by looking. */
static void doubt_lasts_exactly_as_long_as_it_is_one(void **state)
{
    (void)state;
    each_case(check_doubt);
}

static void check_record(const struct one_case *c, struct item_settled settled)
{
    if (c->look.key == KEY_OURS)
        assert_int_equal(settled.state, ITEM_DONE);
    else if (settled.state == ITEM_DONE) /* removed by hand: that is not our business */
        assert_true(c->state == ITEM_DONE && c->doing == BATCH_FOLLOW);
}

static void what_is_read_back_is_done(void **state)
{
    (void)state;
    each_case(check_record);
}

static void check_open(const struct one_case *c, struct item_settled settled)
{
    if (!settled.open)
        return;
    if (c->doing == BATCH_UNDO) {
        assert_int_equal(c->look.key, KEY_OURS);
        return;
    }
    assert_true(settled.state == ITEM_PLANNED || settled.state == ITEM_SENDING);
    assert_true(c->state == ITEM_PLANNED || c->state == ITEM_SENDING);
    assert_false(c->look.left_out);
    assert_true(!c->look.followed || settled.state == ITEM_SENDING);
}

static void nobody_is_followed_who_is_followed_or_left_out(void **state)
{
    (void)state;
    each_case(check_open);
}

static void check_end(const struct one_case *c, struct item_settled settled)
{
    bool ended = c->state != ITEM_PLANNED && c->state != ITEM_SENDING;
    if (ended && c->look.key != KEY_OURS && !(c->doing == BATCH_UNDO && c->state == ITEM_DONE))
        assert_int_equal(settled.state, c->state);
    if (c->doing == BATCH_UNDO && c->state == ITEM_DONE && c->look.key != KEY_OURS)
        assert_int_equal(settled.state, ITEM_UNDONE);
}

static void what_has_ended_stays_as_it_is(void **state)
{
    (void)state;
    each_case(check_end);
}

static void check_key(const struct one_case *c, struct item_settled settled)
{
    assert_int_equal(settled.drop_key, settled.open && c->doing == BATCH_FOLLOW && c->look.key == KEY_OTHERS);
}

static void a_key_that_is_taken_is_chosen_anew(void **state)
{
    (void)state;
    each_case(check_key);
}

/* A planned item, and one whose request can no longer be written, is followed, was there, or is left out. */
static void the_rest_is_sent(void **state)
{
    (void)state;
    static const enum item_state waiting[] = {ITEM_PLANNED, ITEM_SENDING};
    for (size_t i = 0; i < ARRAY_LEN(waiting); i++) {
        struct item_look look = {.key = KEY_ABSENT};
        struct item_settled settled = settle_look(BATCH_FOLLOW, waiting[i], &look);
        assert_true(settled.open);
        assert_int_equal(settled.state, ITEM_PLANNED);
        look.left_out = true;
        assert_int_equal(settle_look(BATCH_FOLLOW, waiting[i], &look).state, ITEM_LEFT_OUT);
        look.followed = true;
        assert_int_equal(settle_look(BATCH_FOLLOW, waiting[i], &look).state, ITEM_THERE);
    }
}

static void every_answer_to_a_follow(void **state)
{
    (void)state;
    for (unsigned outcome = 0; outcome < WRITE_OUTCOMES; outcome++)
        for (unsigned alone = 0; alone < 2; alone++) {
            enum item_state after = settle_answer(BATCH_FOLLOW, (enum write_outcome)outcome, alone);
            if (outcome == WRITE_DONE)
                assert_int_equal(after, ITEM_DONE);
            else if (outcome == WRITE_REFUSED && alone)
                assert_int_equal(after, ITEM_REFUSED);
            else
                assert_int_equal(after, ITEM_SENDING);
        }
}

static void every_answer_to_a_removal(void **state)
{
    (void)state;
    for (unsigned outcome = 0; outcome < WRITE_OUTCOMES; outcome++)
        for (unsigned alone = 0; alone < 2; alone++)
            assert_int_equal(settle_answer(BATCH_UNDO, (enum write_outcome)outcome, alone),
                             outcome == WRITE_DONE ? ITEM_UNDONE : ITEM_DONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubt_lasts_exactly_as_long_as_it_is_one),
        cmocka_unit_test(what_is_read_back_is_done),
        cmocka_unit_test(nobody_is_followed_who_is_followed_or_left_out),
        cmocka_unit_test(what_has_ended_stays_as_it_is),
        cmocka_unit_test(a_key_that_is_taken_is_chosen_anew),
        cmocka_unit_test(the_rest_is_sent),
        cmocka_unit_test(every_answer_to_a_follow),
        cmocka_unit_test(every_answer_to_a_removal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

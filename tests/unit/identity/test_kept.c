/* tests/unit/identity/test_kept.c
 *
 * What is remembered and for how long, questions that are asked once, and callers that leave.
 */
#include "unit/identity/stage.h"

/* --- what is kept ---------------------------------------------------------------------------------------------------*/

static size_t questions(const struct stage *stage)
{
    return script_dns_hits(stage->world.dns, "_atproto.alice.test", 0);
}

static void test_a_good_answer_is_kept_for_a_day(void **state)
{
    struct stage *stage = *state;
    add_txt(stage, "alice.test", "did=" ALICE);
    for (int i = 0; i < 3; i++)
        assert_string_equal(ask(stage, identity_resolve_handle, i == 1 ? "ALICE.test" : "alice.test").did, ALICE);
    assert_int_equal(questions(stage), 1);
    stage->ahead_ms += IDENTITY_KEEP_MS - MINUTE_MS;
    assert_int_equal(ask(stage, identity_resolve_handle, "alice.test").code, 0);
    assert_int_equal(questions(stage), 1);
    stage->ahead_ms += MINUTE_MS;
    assert_int_equal(ask(stage, identity_resolve_handle, "alice.test").code, 0);
    assert_int_equal(questions(stage), 2);
}

static void test_not_there_is_kept_for_five_minutes(void **state)
{
    struct stage *stage = *state;
    assert_int_equal(ask(stage, identity_resolve_handle, "alice.test").code, E_NOT_FOUND);
    add_txt(stage, "alice.test", "did=" ALICE);
    stage->ahead_ms += IDENTITY_KEEP_NONE_MS - MINUTE_MS;
    assert_int_equal(ask(stage, identity_resolve_handle, "alice.test").code, E_NOT_FOUND);
    assert_int_equal(questions(stage), 1);
    stage->ahead_ms += MINUTE_MS;
    assert_int_equal(ask(stage, identity_resolve_handle, "alice.test").code, 0);
}

/* DNS, which could not be asked, might have said otherwise. */
static void test_half_an_answer_is_not_kept_for_a_day(void **state)
{
    struct stage *stage = *state;
    add_web(stage, "alice.test", (struct script_answer){.body = ALICE});
    script_dns_fail(stage->world.dns, "_atproto.alice.test", SCRIPT_DNS_SERVFAIL, 2); /* c-ares asks twice */
    assert_string_equal(ask(stage, identity_resolve_handle, "alice.test").did, ALICE);
    add_txt(stage, "alice.test", "did=" BOB);
    stage->ahead_ms += 6 * MINUTE_MS;
    assert_string_equal(ask(stage, identity_resolve_handle, "alice.test").did, BOB);
}

static void test_could_not_look_is_forgotten_within_a_minute(void **state)
{
    struct stage *stage = *state;
    add_web(stage, "alice.test", (struct script_answer){.status = 404});
    script_dns_fail(stage->world.dns, "_atproto.alice.test", SCRIPT_DNS_SERVFAIL, 2); /* c-ares asks twice */
    struct told told = ask(stage, identity_resolve_handle, "alice.test");
    assert_true(told.code < 0 && told.code != E_NOT_FOUND);
    add_txt(stage, "alice.test", "did=" ALICE);
    stage->ahead_ms += MINUTE_MS;
    assert_int_equal(ask(stage, identity_resolve_handle, "alice.test").code, 0);
}

static void test_the_same_question_is_asked_once(void **state)
{
    struct stage *stage = *state;
    struct told told[20] = {0};
    add_txt(stage, "alice.test", "did=" ALICE);
    add_document(stage, ALICE, "alice.test");
    for (size_t i = 0; i < ARRAY_LEN(told); i++)
        assert_non_null(identity_verify(stage->identity, TEXT("alice.test"), keep, &told[i]));
    for (size_t i = 0; i < ARRAY_LEN(told); i++) {
        assert_true(world_until(&stage->world, &told[i].done, PATIENCE_MS));
        assert_int_equal(told[i].code, 0);
    }
    assert_int_equal(questions(stage), 1);
    assert_int_equal(script_server_hits(stage->world.server, "GET /" ALICE), 1);
}

/* --- cancelling -----------------------------------------------------------------------------------------------------*/

static void test_cancel_at_every_moment(void **state)
{
    struct stage *stage = *state;
    for (int turns = 0; turns < 30; turns++) {
        char handle[32];
        struct told told = {0};
        struct told other = {0};
        snprintf(handle, sizeof handle, "cancel-%d.test", turns); /* known to nobody yet */
        add_web(stage, handle, (struct script_answer){.body = ALICE});
        struct identity_call *call = identity_verify(stage->identity, text_of(handle), keep, &told);
        struct identity_call *second = identity_resolve_handle(stage->identity, text_of(handle), keep, &other);
        for (int i = 0; i < turns && !told.done; i++)
            uv_run(stage->world.uv, UV_RUN_ONCE);
        int times = told.times;
        if (!told.done)
            identity_cancel(call);
        if (turns % 2 == 0 && !other.done)
            identity_cancel(second);
        else
            assert_true(world_until(&stage->world, &other.done, PATIENCE_MS)); /* is not cancelled with it */
        world_sleep(&stage->world, 1);
        assert_int_equal(told.times, times);
    }
}

static void ask_again(void *context, const struct identity_answer *answer)
{
    struct stage **at = context;
    struct stage *stage = *at;
    static struct told second;
    (void)answer;
    assert_non_null(identity_resolve_handle(stage->identity, TEXT("alice.test"), keep, &second));
    assert_true(second.times == 0);
    *at = NULL;
}

static void test_a_callback_may_ask_again(void **state)
{
    struct stage *stage = *state;
    struct stage *at = stage;
    struct told told = {0};
    add_txt(stage, "alice.test", "did=" ALICE);
    assert_non_null(identity_resolve_handle(stage->identity, TEXT("alice.test"), ask_again, &at));
    assert_non_null(identity_resolve_handle(stage->identity, TEXT("alice.test"), keep, &told));
    assert_true(world_until(&stage->world, &told.done, PATIENCE_MS));
    world_sleep(&stage->world, 5);
    assert_null(at);
    assert_int_equal(questions(stage), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_a_good_answer_is_kept_for_a_day),
        TEST(test_not_there_is_kept_for_five_minutes),
        TEST(test_half_an_answer_is_not_kept_for_a_day),
        TEST(test_could_not_look_is_forgotten_within_a_minute),
        TEST(test_the_same_question_is_asked_once),
        TEST(test_cancel_at_every_moment),
        TEST(test_a_callback_may_ask_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tests/unit/fetch/test_circuit.c
 *
 * A host that fails is left alone, probed, and asked again.
 */
#include "unit/fetch/world.h"

/* --- circuit --------------------------------------------------------------------------------------------------------*/

static void until_hits(struct world *world, size_t hits)
{
    int64_t end = world_now() + PATIENCE_MS;
    while (script_server_hits(world->server, NULL) < hits && world_now() < end)
        world_sleep(world, 1);
    assert_int_equal(script_server_hits(world->server, NULL), hits);
}

static void test_the_circuit(void **state)
{
    struct world own;
    struct answer answers[8];
    (void)state;
    world_open(&own, &(struct fetch_options){
                         .allow_loopback = true,
                         .timing = {.retry_base_ms = 1, .retry_most_ms = 2, .probe_base_ms = 300, .probe_most_ms = 300},
                     });
    world_set_rate(&own, 10000, 1000, 6);
    script_server_on(own.server, "GET /", (struct script_answer){.status = 500});
    for (size_t i = 0; i < FETCH_CIRCUIT_FAILURES; i++) {
        struct fetch_request request = request_get(&own, "/");
        request.tries_max = 1;
        assert_int_equal(world_ask(&own, request).code, E_UNAVAILABLE);
    }
    int64_t opened = world_now();
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) { /* everybody waits for the probe */
        struct fetch_request request = request_get(&own, "/");
        request.tries_max = 10;
        world_send(&own, request, &answers[i]);
    }
    until_hits(&own, FETCH_CIRCUIT_FAILURES + 1);
    int64_t first = world_now();
    assert_true(first - opened >= 140); /* half of 300 ms, less what passed before `opened` was read */
    until_hits(&own, FETCH_CIRCUIT_FAILURES + 2);
    assert_true(world_now() - first >= 140);
    script_server_forget(own.server);
    script_server_on(own.server, "GET /", (struct script_answer){.body = "back"});
    world_wait_for(&own, answers, ARRAY_LEN(answers));
    for (size_t i = 0; i < ARRAY_LEN(answers); i++)
        assert_ok(answers[i]);
    world_close(&own);
}

static void open_the_circuit(struct world *world)
{
    script_server_forget(world->server);
    script_server_on(world->server, "GET /", (struct script_answer){.how = SCRIPT_CLOSE});
    for (size_t i = 0; i < FETCH_CIRCUIT_FAILURES; i++) {
        struct fetch_request request = request_get(world, "/");
        request.tries_max = 1;
        assert_int_equal(world_ask(world, request).code, E_UNAVAILABLE);
    }
}

static void test_waiting_for_a_probe_ends_at_the_deadline(void **state)
{
    struct world own;
    (void)state;
    world_open(
        &own, &(struct fetch_options){.allow_loopback = true, .timing = {.retry_base_ms = 1, .probe_base_ms = 100000}});
    open_the_circuit(&own);
    size_t before = script_server_hits(own.server, NULL);
    struct fetch_request request = request_get(&own, "/");
    request.deadline_ms = 50;
    struct answer answer = world_ask(&own, request);
    assert_int_equal(answer.code, E_UNAVAILABLE);
    assert_says(answer, "has failed too often in a row");
    assert_int_equal(script_server_hits(own.server, NULL), before);
    world_close(&own);
}

static void test_a_cancelled_probe_does_not_block(void **state)
{
    struct world *world = *state;
    open_the_circuit(world);
    script_server_forget(world->server);
    script_server_on(world->server, "GET /never", (struct script_answer){.how = SCRIPT_NEVER});
    script_server_on(world->server, "GET /", (struct script_answer){.body = "x"});
    struct answer probe;
    struct answer next;
    struct fetch_call *call = world_send(world, request_get(world, "/never"), &probe);
    world_send(world, request_get(world, "/"), &next);
    world_sleep(world, 60);
    assert_int_equal(script_server_hits(world->server, "GET /never"), 1); /* the probe is under way, alone */
    assert_int_equal(script_server_hits(world->server, "GET /"), FETCH_CIRCUIT_FAILURES);
    assert_false(next.done);
    fetch_cancel(call);
    world_wait_for(world, &next, 1);
    assert_ok(next);
}

static void test_answers_of_a_living_host_do_not_open_it(void **state)
{
    struct world *world = *state;
    world_set_rate(world, 10000, 1000, 6);
    script_server_on(world->server, "GET /404", (struct script_answer){.status = 404});
    script_server_on(world->server, "GET /501", (struct script_answer){.status = 501});
    script_server_on(world->server, "GET /big", (struct script_answer){.body = "x", .body_repeat = MIB});
    script_server_on(world->server, "GET /", (struct script_answer){.body = "x"});
    for (size_t i = 0; i < FETCH_CIRCUIT_FAILURES * 2; i++) {
        assert_ok(world_get(world, "/404"));
        assert_ok(world_get(world, "/501"));
        assert_int_equal(world_get(world, "/big").code, E_TOO_LARGE);
    }
    assert_ok(world_get(world, "/"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_the_circuit),
        TEST(test_waiting_for_a_probe_ends_at_the_deadline),
        TEST(test_a_cancelled_probe_does_not_block),
        TEST(test_answers_of_a_living_host_do_not_open_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

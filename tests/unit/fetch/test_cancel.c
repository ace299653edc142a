/* tests/unit/fetch/test_cancel.c
 *
 * Cancelling and closing at every moment.
 */
#include "unit/fetch/world.h"

/* --- cancelling and closing -----------------------------------------------------------------------------------------*/

/* Lets a request to the path turn the loop so many times, then cancels it. */
static void cancel_after(struct world *world, const char *path, int turns)
{
    struct answer answer;
    struct answer other;
    struct fetch_request request = request_get(world, path);
    request.follow_redirects = true;
    struct fetch_call *call = world_send(world, request, &answer);
    struct fetch_call *second = world_send(world, request_get(world, path), &other);
    for (int i = 0; i < turns && !answer.done; i++)
        uv_run(world->uv, UV_RUN_ONCE);
    if (!answer.done)
        fetch_cancel(call);
    int times = answer.times;
    world_sleep(world, 1);
    assert_int_equal(answer.times, times); /* not told after it was cancelled */
    if (!other.done)
        fetch_cancel(second);
}

/* A call is cancelled after every number of turns of the loop, so in every state that it goes through. */
static void test_cancel_at_every_moment(void **state)
{
    static const char *const paths[] = {"/fast", "/slow", "/fails", "/limited", "/away"};
    (void)state;
    for (size_t path = 0; path < ARRAY_LEN(paths); path++) {
        struct world own;
        world_open(&own, &(struct fetch_options){
                             .allow_loopback = true,
                             .timing = {.retry_base_ms = 1,
                                        .retry_most_ms = 2,
                                        .probe_base_ms = 1,
                                        .probe_most_ms = 2,
                                        .pause_base_ms = 1,
                                        .pause_most_ms = 2},
                         });
        script_server_on(own.server, "GET /fast", (struct script_answer){.body = "x"});
        script_server_on(own.server, "GET /slow",
                         (struct script_answer){.body = "x", .body_repeat = 300 * KIB, .delay_ms = 3});
        script_server_on(own.server, "GET /fails", (struct script_answer){.status = 500});
        script_server_on(own.server, "GET /limited", (struct script_answer){.status = 429});
        script_server_on(own.server, "GET /away", (struct script_answer){.status = 302, .headers = "Location: /fast"});
        for (int turns = 0; turns < 30; turns++) {
            world_set_rate(&own, 10000, 1000, 4); /* what 429s have taken from it comes back */
            cancel_after(&own, paths[path], turns);
        }
        assert_ok(world_get(&own, "/fast")); /* no slot was lost */
        world_close(&own);
    }
}

static void test_close_with_many_in_flight(void **state)
{
    struct world *world = *state;
    static struct answer answers[200];
    script_server_on(world->server, "GET /never", (struct script_answer){.how = SCRIPT_NEVER});
    script_server_on(world->server, "GET /fails", (struct script_answer){.status = 500});
    world_set_rate(world, 10000, 1000, 50);
    for (size_t i = 0; i < ARRAY_LEN(answers); i++)
        world_send(world, request_get(world, i % 2 ? "/never" : "/fails"), &answers[i]);
    world_sleep(world, 20);
    int told = 0;
    for (size_t i = 0; i < ARRAY_LEN(answers); i++)
        told += answers[i].times;
    int64_t start = world_now();
    world_close_fetch(world);
    assert_true(world_now() - start < 1000);
    world_sleep(world, 5);
    for (size_t i = 0; i < ARRAY_LEN(answers); i++)
        told -= answers[i].times;
    assert_int_equal(told, 0); /* nobody is told by closing */
}

struct busybody {
    struct world *world;
    struct fetch_call *others[4];
    struct answer answers[4];
    int times;
    bool closes;
};

static void meddle(void *context, const struct fetch_response *response)
{
    struct busybody *busybody = context;
    assert_int_equal(response->code, 0);
    assert_string_equal(busybody->times++ ? "" : "x", "x");
    for (size_t i = 0; i < ARRAY_LEN(busybody->others); i++)
        if (!busybody->answers[i].done)
            fetch_cancel(busybody->others[i]);
    if (busybody->closes)
        fetch_close(busybody->world->fetch, world_is_closed, &busybody->world->closed);
    else
        world_send(busybody->world, request_get(busybody->world, "/"), &busybody->answers[0]);
}

/* In a callback one may send, cancel and close. */
static void test_callbacks_may_do_anything(void **state)
{
    struct world *world = *state;
    (void)state;
    for (int closes = 0; closes < 2; closes++) {
        struct world own;
        world_open(&own, NULL);
        struct busybody busybody = {.world = &own, .closes = closes};
        script_server_on(own.server, "GET /", (struct script_answer){.body = "x"});
        script_server_on(own.server, "GET /never", (struct script_answer){.how = SCRIPT_NEVER});
        struct fetch_request request = request_get(&own, "/");
        request.label = "busybody";
        assert_non_null(fetch_send(own.fetch, &request, meddle, &busybody));
        for (size_t i = 0; i < ARRAY_LEN(busybody.others); i++)
            busybody.others[i] = world_send(&own, request_get(&own, i % 2 ? "/" : "/never"), &busybody.answers[i]);
        if (closes) {
            assert_true(world_until(&own, &own.closed, PATIENCE_MS));
            own.fetch = NULL;
        } else {
            busybody.answers[0].done = false;
            assert_true(world_until(&own, &busybody.answers[0].done, PATIENCE_MS));
        }
        assert_int_equal(busybody.times, 1);
        world_close(&own);
    }
    (void)world;
}

static void test_nothing_is_sent_after_close(void **state)
{
    struct world *world = *state;
    struct answer answer;
    struct fetch_request request = request_get(world, "/");
    fetch_close(world->fetch, world_is_closed, &world->closed);
    assert_null(fetch_send(world->fetch, &request, world_keep_answer, &answer));
    assert_true(world_until(world, &world->closed, PATIENCE_MS));
    world->fetch = NULL;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_cancel_at_every_moment),
        TEST(test_close_with_many_in_flight),
        TEST(test_callbacks_may_do_anything),
        TEST(test_nothing_is_sent_after_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

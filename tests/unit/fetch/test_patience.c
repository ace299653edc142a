/* tests/unit/fetch/test_patience.c
 *
 * Many requests and bad days: tries, pauses, budgets, queues, circuits, deadlines, cancelling.
 */
#include "unit/fetch/world.h"

/* --- tries ----------------------------------------------------------------------------------------------------------*/

static void test_the_nth_answer_fails(void **state)
{
    struct world *world = *state;
    static const struct script_answer failures[] = {
        {.status = 500}, {.status = 502},       {.status = 503},       {.status = 504},
        {.status = 408}, {.how = SCRIPT_CLOSE}, {.how = SCRIPT_RESET}, {.body = "cut", .how = SCRIPT_CUT},
    };
    world_set_rate(world, 10000, 1000, 6);
    for (size_t n = 0; n < LIMIT_TRIES; n++) {
        for (size_t i = 0; i < ARRAY_LEN(failures); i++) {
            size_t before = script_server_hits(world->server, NULL);
            script_server_forget(world->server);
            for (size_t k = 0; k < n; k++)
                script_server_on(world->server, "GET /", failures[i]);
            script_server_on(world->server, "GET /", (struct script_answer){.body = "at last"});
            struct answer answer = world_get(world, "/");
            assert_ok(answer);
            assert_string_equal(answer.body, "at last");
            assert_true(script_server_hits(world->server, NULL) - before >= n + 1);
        }
    }
}

static void test_when_tries_are_used_up_the_last_answer_is_kept(void **state)
{
    struct world *world = *state;
    script_server_on(
        world->server, "GET /",
        (struct script_answer){.status = 502, .headers = "X-Test: kept", .body = "{\"error\":\"Upstream\"}"});
    struct answer answer = world_ask(world, (struct fetch_request){.url = world_url(world, "/"), .tries_max = 3});
    assert_int_equal(answer.code, E_UNAVAILABLE);
    assert_int_equal(answer.status, 502);
    assert_string_equal(answer.body, "{\"error\":\"Upstream\"}");
    assert_string_equal(answer.header, "kept");
    assert_says(answer, "127.0.0.1 answered 502 (3 tries)");
    assert_int_equal(script_server_hits(world->server, NULL), 3);
}

static void test_nobody_listens(void **state)
{
    struct world *world = *state;
    struct script_server *gone = script_server_new(world->uv);
    char url[64];
    snprintf(url, sizeof url, "%s", script_server_url(gone, "/"));
    script_server_close(gone);
    world_sleep(world, 5);
    struct answer answer = world_ask(world, (struct fetch_request){.url = text_of(url)});
    assert_int_equal(answer.code, E_UNAVAILABLE);
    assert_int_equal(answer.status, 0);
    assert_says(answer, "127.0.0.1");
    assert_says(answer, "(4 tries)");
    /* Nothing was sent: a POST is tried again too. */
    answer = world_ask(world, (struct fetch_request){.method = "POST", .url = text_of(url), .label = "post"});
    assert_int_equal(answer.code, E_UNAVAILABLE);
    assert_int_equal(world_count(world, "post").requests, LIMIT_TRIES);
}

static void test_a_post_goes_out_once(void **state)
{
    struct world *world = *state;
    static const struct script_answer failures[] = {
        {.status = 500},       {.status = 503, .headers = "Retry-After: 1"}, {.status = 429}, {.how = SCRIPT_CLOSE},
        {.how = SCRIPT_RESET}, {.body = "cut", .how = SCRIPT_CUT},
    };
    for (size_t i = 0; i < ARRAY_LEN(failures); i++) {
        struct world own;
        world_open(&own, NULL);
        script_server_on(own.server, "GET /", (struct script_answer){.body = "warm"});
        script_server_on(own.server, "POST /", failures[i]);
        assert_ok(world_get(&own, "/")); /* leaves a connection that could be used again */
        struct answer answer = world_ask(&own, request_post(&own, "/"));
        assert_true(answer.code < 0);
        assert_int_equal(script_server_hits(own.server, "POST /"), 1);
        world_close(&own);
    }
    script_server_on(world->server, "POST /", (struct script_answer){.status = 500});
    script_server_on(world->server, "POST /", (struct script_answer){.body = "done"});
    struct fetch_request request = request_post(world, "/");
    request.may_repeat = true;
    assert_ok(world_ask(world, request));
    assert_int_equal(script_server_hits(world->server, "POST /"), 2);
}

static void test_a_try_has_its_own_deadline(void **state)
{
    struct world *world = *state;
    script_server_on(world->server, "GET /", (struct script_answer){.how = SCRIPT_NEVER});
    script_server_on(world->server, "GET /", (struct script_answer){.body = "half", .how = SCRIPT_STALL});
    script_server_on(world->server, "GET /", (struct script_answer){.body = "whole"});
    struct fetch_request request = request_get(world, "/");
    request.attempt_ms = 50;
    struct answer answer = world_ask(world, request);
    assert_ok(answer);
    assert_string_equal(answer.body, "whole");

    script_server_forget(world->server);
    script_server_on(world->server, "GET /", (struct script_answer){.how = SCRIPT_NEVER});
    request.tries_max = 2;
    answer = world_ask(world, request);
    assert_int_equal(answer.code, E_TIMEOUT);
    assert_says(answer, "127.0.0.1 did not answer within 50 ms (2 tries)");
}

static void test_the_deadline_covers_everything(void **state)
{
    struct world *world = *state;
    script_server_on(world->server, "GET /never", (struct script_answer){.how = SCRIPT_NEVER});
    struct fetch_request request = request_get(world, "/never");
    request.deadline_ms = 60;
    int64_t start = world_now();
    struct answer answer = world_ask(world, request);
    assert_int_equal(answer.code, E_TIMEOUT);
    assert_in_range(answer.at_ms - start, 59, 1000);

    /* In the queue, behind somebody who holds the only slot. */
    world_set_rate(world, 1000, 10, 1);
    struct answer holder;
    struct fetch_request slow = request_get(world, "/never");
    slow.deadline_ms = 400;
    world_send(world, slow, &holder);
    answer = world_ask(world, request);
    assert_int_equal(answer.code, E_TIMEOUT);
    assert_says(answer, "did not have its turn");
    assert_false(holder.done);
    world_wait_for(world, &holder, 1);
    assert_int_equal(script_server_hits(world->server, NULL), 2);
}

static void test_a_deadline_between_tries_tells_the_failure(void **state)
{
    struct world own;
    (void)state;
    world_open(&own, &(struct fetch_options){
                         .allow_loopback = true,
                         .timing = {.retry_base_ms = 100000, .retry_most_ms = 100000},
                     });
    script_server_on(own.server, "GET /", (struct script_answer){.status = 500});
    struct fetch_request request = request_get(&own, "/");
    request.deadline_ms = 50;
    struct answer answer = world_ask(&own, request);
    assert_int_equal(answer.code, E_UNAVAILABLE); /* at once, or at the deadline: the pause is drawn by lot */
    assert_says(answer, "answered 500");
    world_close(&own);
}

/* --- budget and queue -----------------------------------------------------------------------------------------------*/

static void test_the_pace(void **state)
{
    struct world *world = *state;
    struct answer answers[16];
    script_server_on(world->server, "GET /", (struct script_answer){.body = "x"});
    world_set_rate(world, 100, 4, 16);
    int64_t start = world_now();
    for (size_t i = 0; i < ARRAY_LEN(answers); i++)
        world_send(world, request_get(world, "/"), &answers[i]);
    world_wait_for(world, answers, ARRAY_LEN(answers));
    /* 4 at once, then 12 at a hundred a second. */
    assert_in_range(world_now() - start, 119, 2000);
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        assert_ok(answers[i]);
        if (i >= 4)
            assert_true(answers[i].at_ms - start >= (int64_t)(i - 3) * 10 - 1);
    }
}

static void test_at_once(void **state)
{
    struct world *world = *state;
    struct answer answers[20];
    script_server_on(world->server, "GET /", (struct script_answer){.body = "x", .delay_ms = 5});
    world_set_rate(world, 10000, 1000, 3);
    for (size_t i = 0; i < ARRAY_LEN(answers); i++)
        world_send(world, request_get(world, "/"), &answers[i]);
    world_wait_for(world, answers, ARRAY_LEN(answers));
    assert_int_equal(script_server_most_at_once(world->server), 3);
    assert_true(script_server_connections(world->server) <= 3);
}

static void test_first_come_first_served(void **state)
{
    struct world *world = *state;
    struct answer answers[20];
    script_server_on(world->server, "GET /", (struct script_answer){.status = 500}); /* the first one is unlucky */
    script_server_on(world->server, "GET /", (struct script_answer){.body = "x", .delay_ms = 5});
    world_set_rate(world, 10000, 1000, 1);
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        char path[16];
        snprintf(path, sizeof path, "/?%zu", i);
        world_send(world, request_get(world, path), &answers[i]);
    }
    world_wait_for(world, answers, ARRAY_LEN(answers));
    size_t first = 0;
    for (size_t i = 0; script_server_request(world->server, i); i++) {
        unsigned n = 0;
        assert_int_equal(sscanf(script_server_request(world->server, i)->target, "/?%u", &n), 1);
        if (n == 0) {
            first = i; /* back in its place as soon as its pause of 1 ms was over */
            continue;
        }
        assert_int_equal(n, i - (first > 0 && i > first));
    }
    assert_in_range(first, 1, 3);
}

/* Every name is a host with slots of its own; all together have LIMIT_TRIES_AT_ONCE. */
static void test_all_hosts_together(void **state)
{
    enum { HOSTS = 40, EACH = 6 }; /* 240 requests want to go */
    static struct answer answers[HOSTS][EACH];
    struct world own;
    (void)state;
    world_open(&own, &(struct fetch_options){.allow_loopback = true, .detour = TEXT("server")});
    script_server_on(own.server, "GET /", (struct script_answer){.body = "x", .delay_ms = 20});
    for (size_t i = 0; i < HOSTS; i++) {
        char name[32];
        char url[64];
        snprintf(name, sizeof name, "host-%zu.test", i);
        snprintf(url, sizeof url, "https://%s/", name);
        script_dns_add(own.dns, name, SCRIPT_A, "198.41.0.4");
        for (size_t k = 0; k < EACH; k++)
            world_send(&own, (struct fetch_request){.url = text_of(url)}, &answers[i][k]);
    }
    for (size_t i = 0; i < HOSTS; i++) {
        world_wait_for(&own, answers[i], EACH);
        for (size_t k = 0; k < EACH; k++)
            assert_ok(answers[i][k]);
    }
    assert_in_range(script_server_most_at_once(own.server), LIMIT_TRIES_AT_ONCE / 4, LIMIT_TRIES_AT_ONCE);
    assert_int_equal(script_server_hits(own.server, NULL), HOSTS * EACH);
    world_close(&own);
}

static void test_rates_are_checked(void **state)
{
    struct world *world = *state;
    struct text url = world_url(world, "/");
    assert_int_equal(fetch_set_rate(world->fetch, url, (struct fetch_rate){0, 1, 1}), E_BAD_INPUT);
    assert_int_equal(fetch_set_rate(world->fetch, url, (struct fetch_rate){-1, 1, 1}), E_BAD_INPUT);
    assert_int_equal(fetch_set_rate(world->fetch, url, (struct fetch_rate){1, 0, 1}), E_BAD_INPUT);
    assert_int_equal(fetch_set_rate(world->fetch, url, (struct fetch_rate){1, 1, 0}), E_BAD_INPUT);
    assert_int_equal(fetch_set_rate(world->fetch, TEXT("https://10.0.0.1/"), FETCH_DEFAULT_RATE), E_FORBIDDEN);
    assert_int_equal(fetch_set_rate(world->fetch, TEXT("x"), FETCH_DEFAULT_RATE), E_BAD_INPUT);
    assert_int_equal(fetch_set_rate(world->fetch, TEXT("https://bsky.social/any"), FETCH_DEFAULT_RATE), 0);
}

/* --- 429 ------------------------------------------------------------------------------------------------------------*/

static void test_a_429_is_sat_out(void **state)
{
    struct world *world = *state;
    script_server_on(world->server, "GET /", (struct script_answer){.status = 429, .headers = "Retry-After: 1"});
    script_server_on(world->server, "GET /", (struct script_answer){.body = "x"});
    int64_t start = world_now();
    struct answer answers[4];
    world_send(world, request_get(world, "/"), &answers[0]);
    world_sleep(world, 50);
    for (size_t i = 1; i < 4; i++)
        world_send(world, request_get(world, "/"), &answers[i]);
    world_sleep(world, 100);
    assert_int_equal(script_server_hits(world->server, NULL), 1); /* everybody waits */
    world_wait_for(world, answers, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_ok(answers[i]);
        assert_true(answers[i].at_ms - start >= 999);
    }
    assert_true(answers[3].at_ms - answers[0].at_ms >= 300); /* at half of ten a second: one, then every 200 ms */
}

static void test_who_cannot_wait_is_told_at_once(void **state)
{
    struct world *world = *state;
    script_server_on(world->server, "GET /",
                     (struct script_answer){.status = 429, .headers = "Retry-After: 300", .body = "slow down"});
    struct answer waiting;
    struct answer patient;
    struct fetch_request request = request_get(world, "/");
    request.deadline_ms = 400000;
    struct fetch_call *patient_call = world_send(world, request, &patient);
    world_send(world, request_get(world, "/"), &waiting);
    int64_t start = world_now();
    int64_t wall = clock_wall(&clock_system);
    world_wait_for(world, &waiting, 1);
    struct answer later = world_get(world, "/");
    assert_true(world_now() - start < 2000);
    assert_int_equal(waiting.code, E_RATE_LIMITED);
    assert_int_equal(later.code, E_RATE_LIMITED);
    assert_says(later, "127.0.0.1 has been asked too often; it may be asked again at 20");
    assert_in_range(later.again_ms, wall + 295000, wall + 305000);
    assert_false(patient.done);
    fetch_cancel(patient_call);
    assert_true(script_server_hits(world->server, NULL) <= 2);
}

static void test_a_429_that_says_nothing_is_backed_off_from(void **state)
{
    struct world *world = *state;
    world_set_rate(world, 10000, 1000, 6);
    for (int i = 0; i < 3; i++)
        script_server_on(world->server, "GET /", (struct script_answer){.status = 429});
    script_server_on(world->server, "GET /", (struct script_answer){.body = "x"});
    assert_ok(world_get(world, "/"));
    assert_int_equal(script_server_hits(world->server, NULL), 4);
    script_server_forget(world->server);
    script_server_on(world->server, "GET /", (struct script_answer){.status = 429, .body = "no"});
    struct answer answer = world_get(world, "/");
    assert_int_equal(answer.code, E_RATE_LIMITED); /* tries are used up */
    assert_int_equal(answer.status, 429);
    assert_string_equal(answer.body, "no");
}

static void test_503_with_a_time_stops_too(void **state)
{
    struct world *world = *state;
    script_server_on(world->server, "GET /", (struct script_answer){.status = 503, .headers = "Retry-After: 300"});
    assert_int_equal(world_get(world, "/").code, E_RATE_LIMITED);
    assert_int_equal(world_get(world, "/").code, E_RATE_LIMITED);
    assert_int_equal(script_server_hits(world->server, NULL), 1);
}

static void test_nothing_remaining_stops_before_the_429(void **state)
{
    struct world *world = *state;
    char headers[128];
    int64_t reset = clock_wall(&clock_system) / 1000 + 300;
    snprintf(headers, sizeof headers, "RateLimit-Limit: 3000\nRateLimit-Remaining: 0\nRateLimit-Reset: %lld",
             (long long)reset);
    script_server_on(world->server, "GET /", (struct script_answer){.headers = headers, .body = "the last"});
    struct answer answer = world_get(world, "/");
    assert_ok(answer);
    assert_string_equal(answer.body, "the last");
    answer = world_get(world, "/");
    assert_int_equal(answer.code, E_RATE_LIMITED);
    assert_int_equal(script_server_hits(world->server, NULL), 1);
}

static void test_one_account_stops_alone(void **state)
{
    struct world *world = *state;
    script_server_on(world->server, "POST /alice",
                     (struct script_answer){.status = 429, .headers = "Retry-After: 300"});
    script_server_on(world->server, "POST /bob", (struct script_answer){.body = "x"});
    struct fetch_request alice = request_post(world, "/alice");
    struct fetch_request bob = request_post(world, "/bob");
    alice.account = TEXT("did:plc:alice");
    bob.account = TEXT("did:plc:bob");
    struct answer answer = world_ask(world, alice);
    assert_int_equal(answer.code, E_RATE_LIMITED);
    assert_says(answer, "did:plc:alice");
    alice.deadline_ms = 400000;
    struct answer waits;
    struct fetch_call *waiting = world_send(world, alice, &waits); /* stands first in the queue, and is passed */
    assert_ok(world_ask(world, bob));
    assert_ok(world_ask(world, bob));
    assert_false(waits.done);
    fetch_cancel(waiting);
    assert_int_equal(script_server_hits(world->server, "POST /alice"), 1);
}

static void test_many_accounts_come_and_go(void **state)
{
    struct world *world = *state;
    world_set_rate(world, 100000, 10000, 6);
    script_server_on(world->server, "GET /", (struct script_answer){.body = "x"});
    for (size_t i = 0; i < 600; i++) {
        char did[32];
        snprintf(did, sizeof did, "did:plc:%zu", i);
        struct fetch_request request = request_get(world, "/");
        request.account = text_of(did);
        assert_ok(world_ask(world, request));
    }
}

/* Whoever must not send twice asks what an error leaves open. */
static void test_what_was_sent_is_told(void **state)
{
    struct world *world = *state;
    struct fetch_request cut = request_post(world, "/cut");
    struct fetch_request slow = request_post(world, "/slow");
    script_server_on(world->server, "POST /cut", (struct script_answer){.how = SCRIPT_CLOSE});
    script_server_on(world->server, "POST /slow", (struct script_answer){.how = SCRIPT_NEVER});
    assert_true(world_ask(world, cut).sent);
    slow.attempt_ms = 50;
    assert_true(world_ask(world, slow).sent);
    slow.attempt_ms = 5000;
    slow.deadline_ms = 50; /* cuts the try off */
    assert_true(world_ask(world, slow).sent);
    assert_false(world_ask(world, (struct fetch_request){.method = "POST", .url = TEXT("http://127.0.0.1:1/")}).sent);
    assert_false(world_ask(world, (struct fetch_request){.method = "POST", .url = TEXT("ftp://127.0.0.1/")}).sent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)
        TEST(test_the_nth_answer_fails),
        TEST(test_when_tries_are_used_up_the_last_answer_is_kept),
        TEST(test_nobody_listens),
        TEST(test_a_post_goes_out_once),
        TEST(test_what_was_sent_is_told),
        TEST(test_a_try_has_its_own_deadline),
        TEST(test_the_deadline_covers_everything),
        TEST(test_a_deadline_between_tries_tells_the_failure),
        TEST(test_the_pace),
        TEST(test_at_once),
        TEST(test_first_come_first_served),
        TEST(test_all_hosts_together),
        TEST(test_rates_are_checked),
        TEST(test_a_429_is_sat_out),
        TEST(test_who_cannot_wait_is_told_at_once),
        TEST(test_a_429_that_says_nothing_is_backed_off_from),
        TEST(test_503_with_a_time_stops_too),
        TEST(test_nothing_remaining_stops_before_the_429),
        TEST(test_one_account_stops_alone),
        TEST(test_many_accounts_come_and_go),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

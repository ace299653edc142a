/* tests/unit/fetch/test_patience.c
 *
 * Many requests and bad days: tries, pauses, budgets, queues, circuits, deadlines, cancelling.
 */
#include "unit/fetch/world.h"

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world_open(world, NULL);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    world_close(*state);
    free(*state);
    return 0;
}

static struct fetch_request get(struct world *world, const char *path)
{
    return (struct fetch_request){.url = world_url(world, path)};
}

static struct fetch_request post(struct world *world, const char *path)
{
    return (struct fetch_request){.method = "POST", .url = world_url(world, path)};
}

static void set_rate(struct world *world, double per_second, unsigned burst, unsigned at_once)
{
    struct fetch_rate rate = {.per_second = per_second, .burst = burst, .at_once = at_once};
    assert_int_equal(fetch_set_rate(world->fetch, world_url(world, "/"), rate), 0);
}

/* Until all of them are done. */
static void wait_for(struct world *world, const struct answer *answers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_true(world_until(world, &answers[i].done, PATIENCE_MS));
}

/* --- tries ----------------------------------------------------------------------------------------------------------*/

static void test_the_nth_answer_fails(void **state)
{
    struct world *world = *state;
    static const struct script_answer failures[] = {
        {.status = 500}, {.status = 502},       {.status = 503},       {.status = 504},
        {.status = 408}, {.how = SCRIPT_CLOSE}, {.how = SCRIPT_RESET}, {.body = "cut", .how = SCRIPT_CUT},
    };
    set_rate(world, 10000, 1000, 6);
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
        struct answer answer = world_ask(&own, post(&own, "/"));
        assert_true(answer.code < 0);
        assert_int_equal(script_server_hits(own.server, "POST /"), 1);
        world_close(&own);
    }
    script_server_on(world->server, "POST /", (struct script_answer){.status = 500});
    script_server_on(world->server, "POST /", (struct script_answer){.body = "done"});
    struct fetch_request request = post(world, "/");
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
    struct fetch_request request = get(world, "/");
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
    struct fetch_request request = get(world, "/never");
    request.deadline_ms = 60;
    int64_t start = world_now();
    struct answer answer = world_ask(world, request);
    assert_int_equal(answer.code, E_TIMEOUT);
    assert_in_range(answer.at_ms - start, 59, 1000);

    /* In the queue, behind somebody who holds the only slot. */
    set_rate(world, 1000, 10, 1);
    struct answer holder;
    struct fetch_request slow = get(world, "/never");
    slow.deadline_ms = 400;
    world_send(world, slow, &holder);
    answer = world_ask(world, request);
    assert_int_equal(answer.code, E_TIMEOUT);
    assert_says(answer, "did not have its turn");
    assert_false(holder.done);
    wait_for(world, &holder, 1);
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
    struct fetch_request request = get(&own, "/");
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
    set_rate(world, 100, 4, 16);
    int64_t start = world_now();
    for (size_t i = 0; i < ARRAY_LEN(answers); i++)
        world_send(world, get(world, "/"), &answers[i]);
    wait_for(world, answers, ARRAY_LEN(answers));
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
    set_rate(world, 10000, 1000, 3);
    for (size_t i = 0; i < ARRAY_LEN(answers); i++)
        world_send(world, get(world, "/"), &answers[i]);
    wait_for(world, answers, ARRAY_LEN(answers));
    assert_int_equal(script_server_most_at_once(world->server), 3);
    assert_true(script_server_connections(world->server) <= 3);
}

static void test_first_come_first_served(void **state)
{
    struct world *world = *state;
    struct answer answers[20];
    script_server_on(world->server, "GET /", (struct script_answer){.status = 500}); /* the first one is unlucky */
    script_server_on(world->server, "GET /", (struct script_answer){.body = "x", .delay_ms = 5});
    set_rate(world, 10000, 1000, 1);
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        char path[16];
        snprintf(path, sizeof path, "/?%zu", i);
        world_send(world, get(world, path), &answers[i]);
    }
    wait_for(world, answers, ARRAY_LEN(answers));
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
        wait_for(&own, answers[i], EACH);
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
    world_send(world, get(world, "/"), &answers[0]);
    world_sleep(world, 50);
    for (size_t i = 1; i < 4; i++)
        world_send(world, get(world, "/"), &answers[i]);
    world_sleep(world, 100);
    assert_int_equal(script_server_hits(world->server, NULL), 1); /* everybody waits */
    wait_for(world, answers, 4);
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
    struct fetch_request request = get(world, "/");
    request.deadline_ms = 400000;
    struct fetch_call *patient_call = world_send(world, request, &patient);
    world_send(world, get(world, "/"), &waiting);
    int64_t start = world_now();
    int64_t wall = clock_wall(&clock_system);
    wait_for(world, &waiting, 1);
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
    set_rate(world, 10000, 1000, 6);
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
    struct fetch_request alice = post(world, "/alice");
    struct fetch_request bob = post(world, "/bob");
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
    set_rate(world, 100000, 10000, 6);
    script_server_on(world->server, "GET /", (struct script_answer){.body = "x"});
    for (size_t i = 0; i < 600; i++) {
        char did[32];
        snprintf(did, sizeof did, "did:plc:%zu", i);
        struct fetch_request request = get(world, "/");
        request.account = text_of(did);
        assert_ok(world_ask(world, request));
    }
}

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
    set_rate(&own, 10000, 1000, 6);
    script_server_on(own.server, "GET /", (struct script_answer){.status = 500});
    for (size_t i = 0; i < FETCH_CIRCUIT_FAILURES; i++) {
        struct fetch_request request = get(&own, "/");
        request.tries_max = 1;
        assert_int_equal(world_ask(&own, request).code, E_UNAVAILABLE);
    }
    int64_t opened = world_now();
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) { /* everybody waits for the probe */
        struct fetch_request request = get(&own, "/");
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
    wait_for(&own, answers, ARRAY_LEN(answers));
    for (size_t i = 0; i < ARRAY_LEN(answers); i++)
        assert_ok(answers[i]);
    world_close(&own);
}

static void open_the_circuit(struct world *world)
{
    script_server_forget(world->server);
    script_server_on(world->server, "GET /", (struct script_answer){.how = SCRIPT_CLOSE});
    for (size_t i = 0; i < FETCH_CIRCUIT_FAILURES; i++) {
        struct fetch_request request = get(world, "/");
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
    struct fetch_request request = get(&own, "/");
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
    struct fetch_call *call = world_send(world, get(world, "/never"), &probe);
    world_send(world, get(world, "/"), &next);
    world_sleep(world, 60);
    assert_int_equal(script_server_hits(world->server, "GET /never"), 1); /* the probe is under way, alone */
    assert_int_equal(script_server_hits(world->server, "GET /"), FETCH_CIRCUIT_FAILURES);
    assert_false(next.done);
    fetch_cancel(call);
    wait_for(world, &next, 1);
    assert_ok(next);
}

static void test_answers_of_a_living_host_do_not_open_it(void **state)
{
    struct world *world = *state;
    set_rate(world, 10000, 1000, 6);
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

/* --- cancelling and closing -----------------------------------------------------------------------------------------*/

/* Lets a request to the path turn the loop so many times, then cancels it. */
static void cancel_after(struct world *world, const char *path, int turns)
{
    struct answer answer;
    struct answer other;
    struct fetch_request request = get(world, path);
    request.follow_redirects = true;
    struct fetch_call *call = world_send(world, request, &answer);
    struct fetch_call *second = world_send(world, get(world, path), &other);
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
            set_rate(&own, 10000, 1000, 4); /* what 429s have taken from it comes back */
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
    set_rate(world, 10000, 1000, 50);
    for (size_t i = 0; i < ARRAY_LEN(answers); i++)
        world_send(world, get(world, i % 2 ? "/never" : "/fails"), &answers[i]);
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
        world_send(busybody->world, get(busybody->world, "/"), &busybody->answers[0]);
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
        struct fetch_request request = get(&own, "/");
        request.label = "busybody";
        assert_non_null(fetch_send(own.fetch, &request, meddle, &busybody));
        for (size_t i = 0; i < ARRAY_LEN(busybody.others); i++)
            busybody.others[i] = world_send(&own, get(&own, i % 2 ? "/" : "/never"), &busybody.answers[i]);
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
    struct fetch_request request = get(world, "/");
    fetch_close(world->fetch, world_is_closed, &world->closed);
    assert_null(fetch_send(world->fetch, &request, world_keep_answer, &answer));
    assert_true(world_until(world, &world->closed, PATIENCE_MS));
    world->fetch = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(test_the_nth_answer_fails),
        TEST(test_when_tries_are_used_up_the_last_answer_is_kept),
        TEST(test_nobody_listens),
        TEST(test_a_post_goes_out_once),
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
        TEST(test_the_circuit),
        TEST(test_waiting_for_a_probe_ends_at_the_deadline),
        TEST(test_a_cancelled_probe_does_not_block),
        TEST(test_answers_of_a_living_host_do_not_open_it),
        TEST(test_cancel_at_every_moment),
        TEST(test_close_with_many_in_flight),
        TEST(test_callbacks_may_do_anything),
        TEST(test_nothing_is_sent_after_close),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

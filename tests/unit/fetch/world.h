/* tests/unit/fetch/world.h
 *
 * A loop with a scripted server, a scripted DNS and a fetch between them, and answers kept for looking at.
 *
 *     struct world world;
 *     world_open(&world, NULL);
 *     script_server_on(world.server, "GET /a", (struct script_answer){.body = "ok"});
 *     struct answer answer = world_get(&world, "/a");
 *     world_close(&world);
 */
#ifndef SKEIN_TESTS_FETCH_WORLD_H
#define SKEIN_TESTS_FETCH_WORLD_H

#include "base/cleanup.h"
#include "base/limits.h"
#include "fetch/fetch.h"
#include "lib/check.h"
#include "lib/script_dns.h"
#include "lib/script_server.h"
#include "loop/loop.h"

#include <stdlib.h>
#include <string.h>

/* Longer than anything a test waits for; only a test that fails waits so long. */
#define PATIENCE_MS 20000

struct world {
    struct loop *loop;
    uv_loop_t *uv;
    struct script_server *server;
    struct script_dns *dns;
    struct fetch *fetch;
    bool closed;
    char detour[32]; /* leads every public name to the server */
};

struct answer {
    int times; /* that done was called */
    bool done;
    int code;
    long status;
    bool sent;
    char reason[ERR_TEXT_MAX];
    char body[4096]; /* as much as fits */
    size_t body_len;
    char header[128]; /* X-Test of the answer */
    int64_t again_ms;
    int64_t at_ms;
};

/* Pauses so short that a test need not wait. */
#define WORLD_TIMING                                                                                                   \
    ((struct fetch_timing){.retry_base_ms = 1,                                                                         \
                           .retry_most_ms = 4,                                                                         \
                           .probe_base_ms = 10,                                                                        \
                           .probe_most_ms = 40,                                                                        \
                           .pause_base_ms = 10,                                                                        \
                           .pause_most_ms = 15 * MINUTE_MS})

/* given: what differs from loopback, the scripted DNS and short pauses; NULL: nothing. clock: the loop's; NULL: the
 * system's. */
static inline void world_open_on(struct world *world, const struct fetch_options *given, const struct clock *clock)
{
    struct err err = {0};
    struct fetch_options options = given ? *given : (struct fetch_options){.allow_loopback = true};
    *world = (struct world){.loop = loop_new(clock, &err)};
    assert_non_null(world->loop);
    world->uv = loop_uv(world->loop);
    world->server = script_server_new(world->uv);
    world->dns = script_dns_new(world->uv);
    snprintf(world->detour, sizeof world->detour, "127.0.0.1:%u", script_server_port(world->server));
    if (options.dns_servers.len == 0)
        options.dns_servers = text_of(script_dns_address(world->dns));
    if (options.timing.retry_base_ms == 0)
        options.timing = WORLD_TIMING;
    if (text_equal(options.detour, TEXT("server")))
        options.detour = text_of(world->detour);
    world->fetch = fetch_new(world->loop, &options, &err);
    if (!world->fetch)
        fail_msg("%s", err.text);
}

static inline void world_open(struct world *world, const struct fetch_options *given)
{
    world_open_on(world, given, NULL);
}

static inline void world_is_closed(void *context)
{
    *(bool *)context = true;
}

static inline void world_on_alarm(uv_timer_t *timer)
{
    *(bool *)timer->data = true;
}

/* Turns the loop until the flag is up; false where that takes longer than ms. */
static inline bool world_until(struct world *world, const bool *flag, int64_t ms)
{
    bool late = false;
    bool gone = false;
    uv_timer_t timer;
    uv_timer_init(world->uv, &timer);
    timer.data = &late;
    uv_update_time(world->uv);
    uv_timer_start(&timer, world_on_alarm, (uint64_t)ms, 0);
    while (!*flag && !late)
        uv_run(world->uv, UV_RUN_ONCE);
    timer.data = &gone;
    uv_close((uv_handle_t *)&timer, (uv_close_cb)(void (*)(void))world_on_alarm);
    while (!gone)
        uv_run(world->uv, UV_RUN_NOWAIT);
    return *flag;
}

static inline void world_sleep(struct world *world, int64_t ms)
{
    bool never = false;
    world_until(world, &never, ms);
}

static inline void world_close_fetch(struct world *world)
{
    fetch_close(world->fetch, world_is_closed, &world->closed);
    assert_false(world->closed); /* never from inside */
    assert_true(world_until(world, &world->closed, PATIENCE_MS));
    world->fetch = NULL;
}

static inline void world_close(struct world *world)
{
    if (world->fetch)
        world_close_fetch(world);
    script_server_close(world->server);
    script_dns_close(world->dns);
    assert_int_equal(loop_run(world->loop), 0);
    loop_free(world->loop);
}

static inline int64_t world_now(void)
{
    return clock_monotonic(&clock_system);
}

static inline void world_keep_answer(void *context, const struct fetch_response *response)
{
    struct answer *answer = context;
    struct text header = fetch_header_of(response, "x-test");
    answer->times++;
    answer->done = true;
    answer->code = response->code;
    answer->status = response->status;
    answer->sent = response->sent;
    answer->body_len = response->body.len;
    answer->again_ms = response->again_ms;
    answer->at_ms = world_now();
    snprintf(answer->reason, sizeof answer->reason, "%s", response->reason);
    snprintf(answer->body, sizeof answer->body, "%.*s", TEXT_ARG(text_slice(response->body, 0, sizeof answer->body)));
    snprintf(answer->header, sizeof answer->header, "%.*s", TEXT_ARG(header));
}

static inline struct fetch_call *world_send(struct world *world, struct fetch_request request, struct answer *answer)
{
    if (!request.label)
        request.label = "test";
    *answer = (struct answer){0};
    struct fetch_call *call = fetch_send(world->fetch, &request, world_keep_answer, answer);
    assert_non_null(call);
    assert_int_equal(answer->times, 0); /* never from inside */
    return call;
}

static inline struct answer world_ask(struct world *world, struct fetch_request request)
{
    struct answer answer;
    world_send(world, request, &answer);
    assert_true(world_until(world, &answer.done, PATIENCE_MS));
    assert_int_equal(answer.times, 1);
    return answer;
}

static inline struct text world_url(struct world *world, const char *path)
{
    return text_of(script_server_url(world->server, path));
}

static inline struct answer world_get(struct world *world, const char *path)
{
    return world_ask(world, (struct fetch_request){.url = world_url(world, path)});
}

static inline struct fetch_count world_count(const struct world *world, const char *label)
{
    const struct fetch_count *counts;
    size_t n = fetch_counts(world->fetch, &counts);
    for (size_t i = 0; i < n; i++)
        if (strcmp(counts[i].label, label) == 0)
            return counts[i];
    return (struct fetch_count){.label = label};
}

#define assert_says(answer, words)                                                                                     \
    do {                                                                                                               \
        if (!strstr((answer).reason, (words)))                                                                         \
            fail_msg("\"%s\" does not say \"%s\"", (answer).reason, (words));                                          \
    } while (0)

#define assert_ok(answer)                                                                                              \
    do {                                                                                                               \
        if ((answer).code != 0)                                                                                        \
            fail_msg("%s: %s", err_word((answer).code), (answer).reason);                                              \
    } while (0)

/* --- what most tests begin with ------------------------------------------------------------------------------------ */

static inline int world_set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world_open(world, NULL);
    *state = world;
    return 0;
}

static inline int world_tear_down(void **state)
{
    world_close(*state);
    free(*state);
    return 0;
}

static inline struct fetch_request request_get(struct world *world, const char *path)
{
    return (struct fetch_request){.url = world_url(world, path)};
}

static inline struct fetch_request request_post(struct world *world, const char *path)
{
    return (struct fetch_request){.method = "POST", .url = world_url(world, path)};
}

static inline void world_set_rate(struct world *world, double per_second, unsigned burst, unsigned at_once)
{
    struct fetch_rate rate = {.per_second = per_second, .burst = burst, .at_once = at_once};
    assert_int_equal(fetch_set_rate(world->fetch, world_url(world, "/"), rate), 0);
}

/* Until all of them are done. */
static inline void world_wait_for(struct world *world, const struct answer *answers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_true(world_until(world, &answers[i].done, PATIENCE_MS));
}

#endif

/* tests/unit/http/test_load.c
 *
 * Under load from every side the loop is never held, nobody is forgotten, and more connections than allowed wait.
 */
#include "house.h"

#define CLIENTS   4
#define LOAD_MS   600
#define N_STREAMS 100

static struct house house;
static struct http_prepared *prepared;
static struct http_request *streams[N_STREAMS];
static size_t n_streams;
static uv_timer_t ticker;

static void on_close(struct http_request *request, void *context)
{
    (void)context;
    for (size_t i = 0; i < n_streams; i++) {
        if (streams[i] == request) {
            streams[i] = streams[--n_streams];
            return;
        }
    }
    abort();
}

static int open_stream(struct op *op)
{
    streams[n_streams++] = http_request_of(op);
    return http_events_start(http_request_of(op), on_close, NULL);
}

static int say_page(struct op *op)
{
    return http_reply_prepared(http_request_of(op), prepared);
}

static int work(struct op *op)
{
    uint64_t *sum = http_request_of(op)->state;
    for (uint64_t i = 0; i < 200000; i++)
        *sum += i * i;
    return OP_NEXT;
}

static int say_sum(struct op *op)
{
    struct http_request *request = http_request_of(op);
    uint64_t *sum = request->state;
    CLEANUP_JSON json_t *value = json_pack("{s:I}", "sum", (json_int_t)(*sum & 0xffff));
    return http_reply_json(request, 200, value);
}

static int say_len(struct op *op)
{
    struct http_request *request = http_request_of(op);
    char words[32];
    snprintf(words, sizeof words, "%zu", request->body.len);
    return http_reply(request, 200, "text/plain", text_of(words));
}

static const struct op_step events_steps[] = {STEP(open_stream, ON_LOOP), STEP_END};
static const struct op_step page_steps[] = {STEP(say_page, ON_LOOP), STEP_END};
static const struct op_step sum_steps[] = {STEP(work, ON_CPU), STEP(say_sum, ON_LOOP), STEP_END};
static const struct op_step len_steps[] = {STEP(say_len, ON_LOOP), STEP_END};

static const struct http_route routes[] = {
    {"GET", "/events", events_steps, HTTP_BODY_NONE, 0, 0},
    {"GET", "/page", page_steps, HTTP_BODY_NONE, 0, 0},
    {"GET", "/sum", sum_steps, HTTP_BODY_NONE, 0, sizeof(uint64_t)},
    {"POST", "/len", len_steps, HTTP_BODY_WHOLE, 1 << 20, 0},
};

/* --- the load ------------------------------------------------------------------------------------------------------ */

struct client {
    uv_thread_t thread;
    uint64_t until; /* uv_hrtime */
    unsigned asked;
    bool failed;
};

static char upload[200000];

/* cmocka's checks leave by longjmp, which only its own thread may: the load notes what went wrong instead. */
static bool say_and_hear(int fd, struct text head, struct text body, struct buf *heard)
{
    char bytes[16384];
    buf_clear(heard);
    if (!try_say(fd, head) || !try_say(fd, body))
        return false;
    for (;;) {
        ssize_t n = recv(fd, bytes, sizeof bytes, 0);
        if (n <= 0 || buf_add(heard, (struct text){bytes, (size_t)n}))
            return false;
        struct text all = buf_text(heard);
        size_t end = text_find(all, TEXT("\r\n\r\n"), 0);
        size_t at = text_find(all, TEXT("Content-Length: "), 0);
        uint64_t len = 0;
        if (end == TEXT_NOWHERE || at == TEXT_NOWHERE)
            continue;
        text_to_u64(text_slice(all, at + 16, text_find(all, TEXT("\r\n"), at)), &len);
        if (all.len >= end + 4 + len)
            return text_starts(all, TEXT("HTTP/1.1 200 "));
    }
}

static void load(void *argument)
{
    static const char *const heads[] = {
        "GET /page HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /sum HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST /len HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n",
    };
    struct client *client = argument;
    CLEANUP(buf_release) struct buf heard;
    int fd = -1;
    buf_init(&heard, 1 << 20);
    while (uv_hrtime() < client->until && !client->failed) {
        size_t which = client->asked % 10 < 7 ? 0 : client->asked % 10 - 7;
        if (client->asked++ % 50 == 0) {
            close(fd);
            fd = dial(&house);
        }
        struct text body = {upload, which == 2 ? sizeof upload : 0};
        client->failed = !say_and_hear(fd, text_of(heads[which]), body, &heard);
    }
    close(fd);
}

static void on_ticker(uv_timer_t *timer)
{
    (void)timer;
    for (size_t i = 0; i < n_streams; i++)
        http_events_send(streams[i], TEXT("tick"), TEXT("tock"));
}

static void start_ticker(void *context)
{
    (void)context;
    uv_timer_init(loop_uv(house.loop), &ticker);
    uv_timer_start(&ticker, on_ticker, 20, 20);
}

static void stop_ticker(void *context)
{
    (void)context;
    uv_close((uv_handle_t *)&ticker, NULL);
}

static bool no_streams(const struct http_counts *counts)
{
    return counts->streams == 0;
}

/* One server under load from first to last. Returns the turns that held the loop for too long. */
static uint64_t run_under_load(void)
{
    const struct http_options options = {.routes = routes, .n_routes = ARRAY_LEN(routes)};
    struct client clients[CLIENTS];
    int fds[N_STREAMS];
    house_open(&house, &options);
    prepared = http_prepare(house.http, 200, "text/html", TEXT("<!doctype html>"), NULL, 0);
    for (int i = 0; i < N_STREAMS; i++) {
        CLEANUP(buf_release) struct buf heard;
        buf_init(&heard, 1 << 16);
        fds[i] = dial(&house);
        say(fds[i], "GET /events HTTP/1.1\r\nHost: h\r\n\r\n");
        hear_until(fds[i], &heard, "\r\n\r\n");
    }
    house_do(&house, start_ticker, NULL);
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = (struct client){.until = uv_hrtime() + LOAD_MS * UINT64_C(1000000)};
        assert_int_equal(uv_thread_create(&clients[i].thread, load, &clients[i]), 0);
    }
    unsigned asked = 0;
    for (int i = 0; i < CLIENTS; i++) {
        uv_thread_join(&clients[i].thread);
        assert_false(clients[i].failed);
        asked += clients[i].asked;
    }
    for (int i = 0; i < N_STREAMS; i++)
        close(fds[i]);
    house_until(&house, no_streams);
    house_do(&house, stop_ticker, NULL);
    house_close(&house);
    http_prepared_free(prepared);
    print_message("%u requests, %llu turns, the longest %lld us, %llu over %d us\n", asked,
                  (unsigned long long)house.hold.turns, (long long)house.hold.max_us,
                  (unsigned long long)house.hold.over_goal, LOOP_HOLD_GOAL_US);
    assert_int_equal(house.counts.by_class[2], asked + N_STREAMS);
    return house.hold.over_goal;
}

/* A machine under a hypervisor may be held itself, for a moment and where nobody can see it: one clean run of three
 * counts. What blocks the loop blocks it in each. */
static void the_loop_is_never_held(void **state)
{
    (void)state;
    uint64_t over_goal = run_under_load();
    for (int again = 0; again < 2 && over_goal > 0; again++)
        over_goal = run_under_load();
    assert_int_equal(over_goal, 0);
}

static void more_connections_than_allowed_wait_their_turn(void **state)
{
    (void)state;
    const struct http_options options = {.routes = routes, .n_routes = ARRAY_LEN(routes), .connections = 4};
    struct timeval soon = {.tv_usec = 50000};
    char byte;
    int fds[6];
    house_open(&house, &options);
    prepared = http_prepare(house.http, 200, "text/html", TEXT("<!doctype html>"), NULL, 0);
    for (int i = 0; i < 6; i++) {
        fds[i] = dial(&house);
        say(fds[i], "GET /page HTTP/1.1\r\nHost: h\r\n\r\n");
    }
    for (int i = 0; i < 6; i++) {
        CLEANUP(buf_release) struct buf heard;
        buf_init(&heard, 1 << 16);
        if (i == 4) { /* the kernel holds it; the server has no place yet */
            setsockopt(fds[i], SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon);
            assert_int_equal(recv(fds[i], &byte, 1, 0), -1);
            soon = (struct timeval){.tv_sec = 10};
            setsockopt(fds[i], SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon);
            close(fds[0]);
            close(fds[1]);
        }
        assert_int_equal(hear_answer(fds[i], &heard, false).status, 200);
    }
    for (int i = 2; i < 6; i++)
        close(fds[i]);
    house_close(&house);
    http_prepared_free(prepared);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_loop_is_never_held),
        cmocka_unit_test(more_connections_than_allowed_wait_their_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

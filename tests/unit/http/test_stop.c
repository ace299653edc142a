/* tests/unit/http/test_stop.c
 *
 * The orderly stop: nobody new, everybody answered, streams ended properly, and an end to it all.
 */
#include "house.h"

static struct house house;
static atomic_int n_closed;
static atomic_int steps_run;
static uv_sem_t gate;

static void on_close(struct http_request *request, void *context)
{
    (void)request;
    (void)context;
    atomic_fetch_add(&n_closed, 1);
}

static int open_stream(struct op *op)
{
    return http_events_start(http_request_of(op), on_close, NULL);
}

static int say_len(struct op *op)
{
    struct http_request *request = http_request_of(op);
    char words[32];
    snprintf(words, sizeof words, "%zu", request->body.len);
    return http_reply(request, 200, "text/plain", text_of(words));
}

static int wait_for_ever(struct op *op)
{
    atomic_fetch_add(&steps_run, 1);
    return op_wait(op, 600000);
}

static int stand_at_the_gate(struct op *op)
{
    (void)op;
    atomic_fetch_add(&steps_run, 1);
    uv_sem_wait(&gate);
    return OP_NEXT;
}

static struct http_prepared *prepared;

static int say_page(struct op *op)
{
    return http_reply_prepared(http_request_of(op), prepared);
}

static const struct op_step events_steps[] = {STEP(open_stream, ON_LOOP), STEP_END};
static const struct op_step len_steps[] = {STEP(say_len, ON_LOOP), STEP_END};
static const struct op_step wait_steps[] = {STEP(wait_for_ever, ON_LOOP), STEP_END};
static const struct op_step gate_steps[] = {STEP(stand_at_the_gate, ON_CPU), STEP(say_len, ON_LOOP), STEP_END};
static const struct op_step page_steps[] = {STEP(stand_at_the_gate, ON_CPU), STEP(say_page, ON_LOOP), STEP_END};

static const struct http_route routes[] = {
    {"GET", "/events", events_steps, HTTP_BODY_NONE, 0, 0}, {"POST", "/len", len_steps, HTTP_BODY_WHOLE, 1 << 20, 0},
    {"GET", "/wait", wait_steps, HTTP_BODY_NONE, 0, 0},     {"GET", "/gate", gate_steps, HTTP_BODY_NONE, 0, 0},
    {"GET", "/page", page_steps, HTTP_BODY_NONE, 0, 0},
};

static const struct http_options options = {.routes = routes, .n_routes = ARRAY_LEN(routes)};

static int set_up(void **state)
{
    (void)state;
    atomic_store(&n_closed, 0);
    atomic_store(&steps_run, 0);
    uv_sem_init(&gate, 0);
    house_open(&house, &options);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    uv_sem_destroy(&gate);
    return 0;
}

static void wait_for(atomic_int *number, int value)
{
    for (int i = 0; i < HOUSE_PATIENCE_MS && atomic_load(number) < value; i++)
        uv_sleep(1);
    assert_int_equal(atomic_load(number), value);
}

/* Waits for the end, which must come within ms of the stop's beginning. */
static void end_within(uint64_t began, uint64_t ms)
{
    house_end(&house);
    uint64_t took = (uv_hrtime() - began) / 1000000;
    if (took > ms)
        fail_msg("the stop took %llu ms", (unsigned long long)took);
}

static uint64_t stop_now(void)
{
    uint64_t began = uv_hrtime();
    house_stop(&house);
    return began;
}

static bool one_connection(const struct http_counts *counts)
{
    return counts->connections == 1;
}

/* --- tests --------------------------------------------------------------------------------------------------------- */

static void an_idle_server_stops_at_once(void **state)
{
    (void)state;
    end_within(stop_now(), 500);
}

static void idle_connections_do_not_hold_it(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf heard;
    int fd = dial(&house);
    buf_init(&heard, 1 << 16);
    say(fd, "POST /len HTTP/1.1\r\nHost: h\r\n\r\n");
    struct answer_heard answer = hear_answer(fd, &heard, false);
    assert_int_equal(answer.status, 200);
    end_within(stop_now(), 500);
    buf_drop(&heard, answer.whole);
    hear_all(fd, &heard);
    assert_int_equal(heard.len, 0);
    close(fd);
}

static bool can_connect(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(house.port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int connected = connect(fd, (struct sockaddr *)&to, sizeof to);
    int failed = errno;
    close(fd);
    errno = failed;
    return connected == 0;
}

static void nobody_new_is_let_in(void **state)
{
    (void)state;
    int held = dial(&house); /* keeps the server from ending */
    say(held, "GET /gate HTTP/1.1\r\nHost: h\r\n\r\n");
    wait_for(&steps_run, 1);
    uint64_t began = stop_now();
    for (int i = 0; i < HOUSE_PATIENCE_MS && can_connect(); i++)
        uv_sleep(1); /* the stop begins at the loop's next turn */
    assert_false(can_connect());
    assert_int_equal(errno, ECONNREFUSED);
    uv_sem_post(&gate);
    end_within(began, 1000);
    close(held);
}

static void who_is_being_served_gets_the_answer_and_a_goodbye(void **state)
{
    (void)state;
    static const char *const requests[] = {"GET /gate HTTP/1.1\r\nHost: h\r\n\r\n",
                                           "GET /page HTTP/1.1\r\nHost: h\r\n\r\n"};
    int fds[2];
    prepared = http_prepare(house.http, 200, "text/html", TEXT("<p>"), NULL, 0);
    for (int i = 0; i < 2; i++) {
        fds[i] = dial(&house);
        say(fds[i], requests[i]);
    }
    wait_for(&steps_run, 2);
    uint64_t began = stop_now();
    for (int i = 0; i < 2; i++)
        uv_sem_post(&gate);
    for (int i = 0; i < 2; i++) {
        CLEANUP(buf_release) struct buf heard;
        buf_init(&heard, 1 << 16);
        struct answer_heard answer = hear_answer(fds[i], &heard, false);
        assert_int_equal(answer.status, 200);
        assert_text(header_heard(&answer, "Connection"), "close");
        close(fds[i]);
    }
    end_within(began, 1000);
    http_prepared_free(prepared);
}

static void a_slow_upload_across_the_stop_arrives(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf heard;
    int fd = dial(&house);
    buf_init(&heard, 1 << 16);
    say(fd, "POST /len HTTP/1.1\r\nHost: h\r\nContent-Length: 300\r\n\r\n");
    for (int i = 0; i < 5; i++)
        say(fd, "0123456789");
    house_until(&house, one_connection);
    uv_sleep(20);
    uint64_t began = stop_now();
    for (int i = 5; i < 30; i++) {
        say(fd, "0123456789");
        uv_sleep(10);
    }
    struct answer_heard answer = hear_answer(fd, &heard, false);
    assert_int_equal(answer.status, 200);
    assert_text(answer.body, "300");
    end_within(began, 1500);
    close(fd);
}

static void streams_end_with_a_proper_terminator(void **state)
{
    (void)state;
    enum { N = 200 };
    int fds[N];
    for (int i = 0; i < N; i++) {
        CLEANUP(buf_release) struct buf heard;
        fds[i] = dial(&house);
        buf_init(&heard, 1 << 16);
        say(fds[i], "GET /events HTTP/1.1\r\nHost: h\r\n\r\n");
        hear_until(fds[i], &heard, "\r\n\r\n");
    }
    assert_int_equal(house_counts(&house).streams, N);
    end_within(stop_now(), 1500);
    for (int i = 0; i < N; i++) {
        CLEANUP(buf_release) struct buf heard;
        buf_init(&heard, 1 << 16);
        hear_all(fds[i], &heard);
        assert_text(buf_text(&heard), "0\r\n\r\n");
        close(fds[i]);
    }
    assert_int_equal(atomic_load(&n_closed), N);
}

/* Silent in every way: half a head, half a body, an answer nobody takes; and a step that waits for ever. */
static void whoever_is_silent_the_stop_ends(void **state)
{
    (void)state;
    static const char *const words[] = {"", "GET /gate HTT", "GET /gate HTTP/1.1\r\nHo",
                                        "POST /len HTTP/1.1\r\nHost: h\r\nContent-Length: 300\r\n\r\n012",
                                        "GET /wait HTTP/1.1\r\nHost: h\r\n\r\n"};
    int fds[ARRAY_LEN(words)];
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        fds[i] = dial(&house);
        say(fds[i], words[i]);
    }
    wait_for(&steps_run, 1);
    end_within(stop_now(), 2000);
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        CLEANUP(buf_release) struct buf heard;
        buf_init(&heard, 1 << 16);
        hear_all(fds[i], &heard);
        if (i == 4)
            assert_true(text_starts(buf_text(&heard), TEXT("HTTP/1.1 503 ")));
        else
            assert_int_equal(heard.len, 0);
        close(fds[i]);
    }
}

/* The connection is cut at drain_ms while the worker is still at it; its operation ends when it ends. */
static void a_worker_that_ends_after_its_client_was_cut(void **state)
{
    (void)state;
    int fd = dial(&house);
    say(fd, "GET /gate HTTP/1.1\r\nHost: h\r\n\r\n");
    wait_for(&steps_run, 1);
    uint64_t began = stop_now();
    CLEANUP(buf_release) struct buf heard;
    buf_init(&heard, 1 << 16);
    hear_all(fd, &heard);
    assert_int_equal(heard.len, 0);
    uv_sem_post(&gate);
    end_within(began, 2000);
    close(fd);
}

static void listening_says_what_is_wrong(void **state)
{
    (void)state;
    struct err err = {0};
    struct loop *loop = loop_new(NULL, &err);
    static const char *const bad[] = {
        "",      "8080",      "localhost:80", "127.0.0.1",     "127.0.0.1:",    "127.0.0.1:65536",
        "[::1]", "[::1]8080", "::1:8080",     "127.0.0.1:80x", "[127.0.0.1]:80"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct http_options o = options;
        o.listen = text_of(bad[i]);
        assert_null(http_new(loop, &o, &err));
        assert_int_equal(err.code, E_BAD_INPUT);
    }
    char taken[32];
    snprintf(taken, sizeof taken, "127.0.0.1:%u", house.port);
    struct http_options o = options;
    o.listen = text_of(taken);
    assert_null(http_new(loop, &o, &err));
    assert_int_equal(err.code, E_IO);
    assert_true(text_find(text_of(err.text), text_of(taken), 0) != TEXT_NOWHERE);
    static const struct http_route hidden[] = {{"GET", "/:a", len_steps, HTTP_BODY_NONE, 0, 0},
                                               {"GET", "/b", len_steps, HTTP_BODY_NONE, 0, 0}};
    o = (struct http_options){.listen = TEXT("127.0.0.1:0"), .routes = hidden, .n_routes = 2};
    assert_null(http_new(loop, &o, &err));
    assert_int_equal(err.code, E_BUG);
    assert_int_equal(loop_run(loop), 0);
    loop_free(loop);
    house_close(&house);
}

static void listens_on_ipv6_too(void **state)
{
    (void)state;
    struct house six;
    struct http_options o = options;
    struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool has_six = fd >= 0 && bind(fd, (struct sockaddr *)&to, sizeof to) == 0;
    close(fd);
    house_close(&house);
    if (!has_six)
        skip();
    o.listen = TEXT("[::1]:0");
    house_open(&six, &o);
    CLEANUP(buf_release) struct buf heard;
    buf_init(&heard, 1 << 16);
    fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    to.sin6_port = htons(six.port);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    say(fd, "POST /len HTTP/1.1\r\nHost: [::1]\r\n\r\n");
    assert_int_equal(hear_answer(fd, &heard, false).status, 200);
    close(fd);
    house_close(&six);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(an_idle_server_stops_at_once),
        TEST(idle_connections_do_not_hold_it),
        TEST(nobody_new_is_let_in),
        TEST(who_is_being_served_gets_the_answer_and_a_goodbye),
        TEST(a_slow_upload_across_the_stop_arrives),
        TEST(streams_end_with_a_proper_terminator),
        TEST(whoever_is_silent_the_stop_ends),
        TEST(a_worker_that_ends_after_its_client_was_cut),
        TEST(listening_says_what_is_wrong),
        TEST(listens_on_ipv6_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

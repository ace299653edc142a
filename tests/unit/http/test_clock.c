/* tests/unit/http/test_clock.c
 *
 * The clock on each connection: who drips is cut, who is merely slow is not. Times are those of the limits, a hundred
 * times shorter.
 */
#include "house.h"

#define HEAD_MS 120
#define BODY_MS 120
#define IDLE_MS 200

static struct house house;
static uv_sem_t gate;
static atomic_int at_gate;

static int say_len(struct op *op)
{
    struct http_request *request = http_request_of(op);
    char words[32];
    snprintf(words, sizeof words, "%zu", request->body.len);
    return http_reply(request, 200, "text/plain", text_of(words));
}

static int stand_at_the_gate(struct op *op)
{
    (void)op;
    atomic_store(&at_gate, 1);
    uv_sem_wait(&gate);
    return OP_NEXT;
}

static int take_all(struct op *op)
{
    struct http_request *request = http_request_of(op);
    struct text taken;
    switch (http_body_next(request, &taken)) {
    case HTTP_BODY_DATA:
        return op_go_to(op, take_all);
    case HTTP_BODY_WAIT:
        return http_body_wait(request, take_all);
    case HTTP_BODY_END:
        return http_reply(request, 200, "text/plain", TEXT("all"));
    }
    return E_BUG;
}

static int take_one(struct op *op)
{
    struct http_request *request = http_request_of(op);
    struct text taken;
    return http_body_next(request, &taken) == HTTP_BODY_WAIT ? http_body_wait(request, take_one) : OP_NEXT;
}

static int say_much(struct op *op)
{
    struct buf much;
    buf_init(&much, 16 << 20);
    for (int i = 0; i < 8 << 20; i += 64)
        if (buf_add(&much, TEXT("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")))
            return E_NOMEM;
    return http_reply_buf(http_request_of(op), 200, "text/plain", &much);
}

static const struct op_step len_steps[] = {STEP(say_len, ON_LOOP), STEP_END};
static const struct op_step gate_steps[] = {STEP(take_one, ON_LOOP), STEP(stand_at_the_gate, ON_CPU),
                                            STEP(take_all, ON_LOOP), STEP_END};
static const struct op_step all_steps[] = {STEP(take_all, ON_LOOP), STEP_END};
static const struct op_step much_steps[] = {STEP(say_much, ON_LOOP), STEP_END};

static const struct http_route routes[] = {
    {"GET", "/len", len_steps, HTTP_BODY_NONE, 0, 0},
    {"POST", "/len", len_steps, HTTP_BODY_WHOLE, 1 << 20, 0},
    {"POST", "/gate", gate_steps, HTTP_BODY_STREAM, 1 << 20, 0},
    {"POST", "/all", all_steps, HTTP_BODY_STREAM, 1 << 20, 0},
    {"GET", "/much", much_steps, HTTP_BODY_NONE, 0, 0},
};

static const struct http_options options = {
    .routes = routes, .n_routes = ARRAY_LEN(routes), .head_ms = HEAD_MS, .body_ms = BODY_MS, .idle_ms = IDLE_MS};

static int set_up(void **state)
{
    (void)state;
    uv_sem_init(&gate, 0);
    atomic_store(&at_gate, 0);
    house_open(&house, &options);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    house_close(&house);
    uv_sem_destroy(&gate);
    return 0;
}

/* Drips the words, a byte every `pause_ms`, until the server closes or all is said. Returns the bytes that were said. */
static size_t drip(int fd, struct text words, unsigned pause_ms)
{
    char byte;
    for (size_t i = 0; i < words.len; i++) {
        if (!try_say(fd, text_slice(words, i, i + 1)))
            return i;
        uv_sleep(pause_ms);
        if (recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0)
            return i;
    }
    return words.len;
}

static void assert_cut(int fd)
{
    CLEANUP(buf_release) struct buf heard;
    buf_init(&heard, 1 << 20);
    hear_all(fd, &heard); /* hear fails the test where nothing happens at all */
    assert_int_equal(heard.len, 0);
    close(fd);
    assert_int_equal(house_counts(&house).slow, 1);
}

static void a_head_must_come_in_time_though_it_drips(void **state)
{
    (void)state;
    int fd = dial(&house);
    uint64_t began = uv_hrtime();
    size_t said = drip(fd, TEXT("GET /len HTTP/1.1\r\nHost: h\r\nX-A: 0123456789012345678901234567890123456789"), 10);
    assert_true(said < 60);
    assert_true(uv_hrtime() - began >= HEAD_MS * UINT64_C(1000000));
    assert_cut(fd);
}

static void a_connection_that_says_nothing_is_cut(void **state)
{
    (void)state;
    assert_cut(dial(&house));
}

static void an_idle_connection_is_cut_and_dripping_does_not_help(void **state)
{
    (void)state;
    for (int drips = 0; drips < 2; drips++) {
        CLEANUP(buf_release) struct buf heard;
        int fd = dial(&house);
        buf_init(&heard, 1 << 20);
        say(fd, "GET /len HTTP/1.1\r\nHost: h\r\n\r\n");
        struct answer_heard answer = hear_answer(fd, &heard, false);
        assert_int_equal(answer.status, 200);
        buf_drop(&heard, answer.whole);
        if (drips)
            assert_true(drip(fd, TEXT("GET /len HTTP/1.1\r\nHost: h\r\nX-A: 01234567890123456789"), 10) < 50);
        hear_all(fd, &heard);
        assert_int_equal(heard.len, 0);
        close(fd);
    }
    assert_int_equal(house_counts(&house).slow, 2);
}

static void a_body_that_drips_is_cut(void **state)
{
    (void)state;
    static const char *const paths[] = {"/len", "/all"};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        CLEANUP(buf_release) struct buf heard;
        char head[128];
        int fd = dial(&house);
        buf_init(&heard, 1 << 20);
        snprintf(head, sizeof head, "POST %s HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n", paths[i]);
        say(fd, head);
        assert_true(drip(fd, TEXT("0123456789012345678901234567890123456789"), 10) < 40);
        hear_all(fd, &heard);
        assert_int_equal(heard.len, 0);
        close(fd);
    }
    assert_int_equal(house_counts(&house).slow, 2);
}

/* 64 bytes every 20 ms are 3,200 a second: slow, but over the limit of 1,024, for much longer than body_ms. */
static void a_body_that_is_merely_slow_arrives(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf heard;
    static const char piece[] = "0123456789012345678901234567890123456789012345678901234567890123";
    int fd = dial(&house);
    buf_init(&heard, 1 << 20);
    say(fd, "POST /len HTTP/1.1\r\nHost: h\r\nContent-Length: 1600\r\n\r\n");
    for (int i = 0; i < 25; i++) {
        say(fd, piece);
        uv_sleep(20);
    }
    assert_text(hear_answer(fd, &heard, false).body, "1600");
    close(fd);
    assert_int_equal(house_counts(&house).slow, 0);
}

/* What was sent quickly does not buy the right to stop. */
static void a_quick_beginning_buys_no_rest(void **state)
{
    (void)state;
    static char much[500000];
    memset(much, 'x', sizeof much);
    int fd = dial(&house);
    say(fd, "POST /all HTTP/1.1\r\nHost: h\r\nContent-Length: 600000\r\n\r\n");
    assert_true(try_say(fd, (struct text){much, sizeof much}));
    assert_cut(fd);
}

/* While our own step keeps the client waiting, its clock stands. */
static void our_slowness_is_not_the_clients(void **state)
{
    (void)state;
    static char much[600000];
    CLEANUP(buf_release) struct buf heard;
    int fd = dial(&house);
    int small = 32768;
    buf_init(&heard, 1 << 20);
    memset(much, 'x', sizeof much);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    say(fd, "POST /gate HTTP/1.1\r\nHost: h\r\nContent-Length: 600000\r\n\r\n");
    struct timeval soon = {.tv_usec = 400000};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof soon);
    size_t sent = 0;
    for (ssize_t n = 0; sent < sizeof much && n >= 0; sent += n > 0 ? (size_t)n : 0)
        n = send(fd, much + sent, sizeof much - sent, MSG_NOSIGNAL);
    assert_int_equal(atomic_load(&at_gate), 1);
    uv_sleep(3 * BODY_MS); /* the window is full, the step at the gate */
    uv_sem_post(&gate);
    soon = (struct timeval){.tv_sec = 10};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof soon);
    assert_true(try_say(fd, (struct text){much + sent, sizeof much - sent}));
    assert_int_equal(hear_answer(fd, &heard, false).status, 200);
    close(fd);
    assert_int_equal(house_counts(&house).slow, 0);
}

/* Eight megabytes are more than the kernel's buffers hold. */
static void a_large_answer_that_is_not_taken_is_cut(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf heard;
    int fd = dial_with(&house, 4096);
    buf_init(&heard, 16 << 20);
    say(fd, "GET /much HTTP/1.1\r\nHost: h\r\n\r\n");
    for (int i = 0; i < HOUSE_PATIENCE_MS && house_counts(&house).slow == 0; i++)
        uv_sleep(1);
    assert_int_equal(house_counts(&house).slow, 1);
    hear_all(fd, &heard);
    assert_true(heard.len < 8 << 20);
    close(fd);
}

static void a_large_answer_that_is_taken_slowly_is_not(void **state)
{
    (void)state;
    char bytes[65536];
    size_t taken = 0;
    int fd = dial_with(&house, 65536);
    say(fd, "GET /much HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    for (ssize_t n = 1; n > 0; taken += (size_t)n) {
        n = recv(fd, bytes, sizeof bytes, 0);
        assert_true(n >= 0);
        if (taken % 7 == 0)
            uv_sleep(5);
    }
    assert_true(taken > 8 << 20);
    assert_int_equal(house_counts(&house).slow, 0);
    close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_head_must_come_in_time_though_it_drips),
        TEST(a_connection_that_says_nothing_is_cut),
        TEST(an_idle_connection_is_cut_and_dripping_does_not_help),
        TEST(a_body_that_drips_is_cut),
        TEST(a_body_that_is_merely_slow_arrives),
        TEST(a_quick_beginning_buys_no_rest),
        TEST(our_slowness_is_not_the_clients),
        TEST(a_large_answer_that_is_not_taken_is_cut),
        TEST(a_large_answer_that_is_taken_slowly_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

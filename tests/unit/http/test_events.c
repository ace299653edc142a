/* tests/unit/http/test_events.c
 *
 * Server-sent events: what is sent arrives, in order; who leaves is noticed at once, who reads too slowly is dropped.
 */
#include "house.h"

#define MOST_STREAMS 400

static struct house house;
static struct http_request *streams[MOST_STREAMS]; /* the loop's; open ones, in no order */
static size_t n_streams;
static atomic_int n_closed;
static bool ends_at_once;

static void on_close(struct http_request *request, void *context)
{
    size_t *n = context;
    for (size_t i = 0; i < *n; i++) {
        if (streams[i] == request) {
            streams[i] = streams[--*n];
            atomic_fetch_add(&n_closed, 1);
            return;
        }
    }
    abort(); /* closed twice, or never opened */
}

static int open_stream(struct op *op)
{
    struct http_request *request = http_request_of(op);
    streams[n_streams++] = request;
    int result = http_events_start(request, on_close, &n_streams);
    http_events_send(request, TEXT("hello"), http_param(request, "who"));
    if (ends_at_once)
        http_events_end(request);
    return result;
}

static int open_and_fail(struct op *op)
{
    struct http_request *request = http_request_of(op);
    streams[n_streams++] = request;
    http_events_start(request, on_close, &n_streams);
    return err_set(&op->err, E_NOT_FOUND, "no such topic");
}

static int say_hello(struct op *op)
{
    return http_reply(http_request_of(op), 200, "text/plain", TEXT("hello"));
}

static const struct op_step open_steps[] = {STEP(open_stream, ON_LOOP), STEP_END};
static const struct op_step fail_steps[] = {STEP(open_and_fail, ON_LOOP), STEP_END};
static const struct op_step hello_steps[] = {STEP(say_hello, ON_LOOP), STEP_END};

static const struct http_route routes[] = {
    {"GET", "/events/:who", open_steps, HTTP_BODY_NONE, 0, 0},
    {"GET", "/no-events", fail_steps, HTTP_BODY_NONE, 0, 0},
    {"GET", "/hello", hello_steps, HTTP_BODY_NONE, 0, 0},
};

static const struct http_options options = {
    .routes = routes, .n_routes = ARRAY_LEN(routes), .heartbeat_ms = 100, .events_queue = 4096};

static int set_up(void **state)
{
    (void)state;
    n_streams = 0;
    atomic_store(&n_closed, 0);
    ends_at_once = false;
    house_open(&house, &options);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    house_close(&house);
    assert_int_equal(n_streams, 0);
    return 0;
}

/* --- on the loop --------------------------------------------------------------------------------------------------- */

struct event {
    const char *name;
    const char *data;
    int result;
};

static void send_to_all(void *context)
{
    struct event *event = context;
    for (size_t i = 0; i < n_streams; i++) /* nothing is closed from inside http_events_send */
        event->result = http_events_send(streams[i], text_of(event->name), text_of(event->data));
}

static void end_all(void *context)
{
    (void)context;
    for (size_t i = 0; i < n_streams; i++)
        http_events_end(streams[i]);
}

static int tell(const char *name, const char *data)
{
    struct event event = {.name = name, .data = data};
    house_do(&house, send_to_all, &event);
    return event.result;
}

static int open_events(const char *who, int receive_buffer)
{
    char request[128];
    int fd = dial_with(&house, receive_buffer);
    snprintf(request, sizeof request, "GET /events/%s HTTP/1.1\r\nHost: h\r\n\r\n", who);
    say(fd, request);
    return fd;
}

static void wait_closed(int value)
{
    for (int i = 0; i < HOUSE_PATIENCE_MS && atomic_load(&n_closed) < value; i++)
        uv_sleep(1);
    assert_int_equal(atomic_load(&n_closed), value);
}

/* --- tests --------------------------------------------------------------------------------------------------------- */

static void events_arrive_as_the_standard_says(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf heard;
    int fd = open_events("anna", 0);
    buf_init(&heard, 1 << 20);
    hear_until(fd, &heard, "event: hello\ndata: anna\n\n");
    struct answer_heard answer = {.head = buf_text(&heard)};
    assert_text(header_heard(&answer, "Content-Type"), "text/event-stream");
    assert_text(header_heard(&answer, "Cache-Control"), "no-store");
    assert_text(header_heard(&answer, "X-Accel-Buffering"), "no");
    assert_text(header_heard(&answer, "Transfer-Encoding"), "chunked");
    assert_int_equal(tell("import", "{\"a\":1}\n{\"b\":2}"), 0);
    hear_until(fd, &heard, "event: import\ndata: {\"a\":1}\ndata: {\"b\":2}\n\n");
    assert_int_equal(tell("empty", ""), 0);
    hear_until(fd, &heard, "event: empty\ndata: \n\n");
    assert_int_equal(tell("evil\ndata: x", "y"), E_BUG);
    assert_int_equal(tell("evil", "x\rdata: y"), E_BUG);
    house_do(&house, end_all, NULL);
    hear_until(fd, &heard, "\r\n0\r\n\r\n");
    assert_true(text_find(buf_text(&heard), TEXT("evil"), 0) == TEXT_NOWHERE);
    wait_closed(1);
    buf_clear(&heard);
    say(fd, "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n"); /* the connection serves on */
    assert_text(hear_answer(fd, &heard, false).body, "hello");
    close(fd);
}

static void many_events_come_in_their_order(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf heard;
    char words[32];
    size_t at = 0;
    int fd = open_events("anna", 0);
    buf_init(&heard, 1 << 22);
    hear_until(fd, &heard, "anna\n\n");
    for (int i = 0; i < 2000; i++) {
        snprintf(words, sizeof words, "%d", i);
        assert_int_equal(tell("n", words), 0);
    }
    hear_until(fd, &heard, "data: 1999\n\n");
    for (int i = 0; i < 2000; i++) {
        snprintf(words, sizeof words, "data: %d\n", i);
        at = text_find(buf_text(&heard), text_of(words), at);
        assert_true(at != TEXT_NOWHERE);
    }
    close(fd);
}

static void a_heartbeat_comes_when_nothing_else_does(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf heard;
    uint64_t began = uv_hrtime();
    int fd = open_events("anna", 0);
    buf_init(&heard, 1 << 20);
    hear_until(fd, &heard, ":\n\n");
    assert_true(uv_hrtime() - began >= 95 * UINT64_C(1000000));
    buf_clear(&heard);
    hear_until(fd, &heard, ":\n\n");
    close(fd);
}

static void a_client_that_leaves_is_noticed_without_any_event(void **state)
{
    (void)state;
    for (int way = 0; way < 2; way++) {
        CLEANUP(buf_release) struct buf heard;
        int fd = open_events("anna", 0);
        buf_init(&heard, 1 << 20);
        hear_until(fd, &heard, "anna\n\n");
        uint64_t began = uv_hrtime();
        if (way == 0)
            close(fd);
        else
            shutdown(fd, SHUT_WR); /* half a goodbye is one */
        wait_closed(way + 1);
        assert_true(uv_hrtime() - began < 2000 * UINT64_C(1000000));
        if (way == 1)
            close(fd);
    }
}

/* Its socket's buffers fill, then the queue; then it is dropped, and the others never notice. */
static void a_client_that_reads_too_slowly_is_dropped(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf heard;
    static char large[3000];
    int slow = open_events("slow", 4096);
    int quick = open_events("quick", 0);
    buf_init(&heard, 64 << 20);
    hear_until(quick, &heard, "quick\n\n");
    memset(large, 'x', sizeof large - 1);
    for (int i = 0; i < 20000 && atomic_load(&n_closed) == 0; i++) {
        tell("n", large);
        hear_until(quick, &heard, "xxx\n\n");
        buf_clear(&heard);
    }
    wait_closed(1);
    assert_int_equal(house_counts(&house).events_slow, 1);
    assert_int_equal(house_counts(&house).streams, 1);
    tell("last", "word");
    hear_until(quick, &heard, "event: last\ndata: word\n\n");
    close(slow);
    close(quick);
    wait_closed(2);
}

static void an_event_larger_than_the_queue_drops_the_stream(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf heard;
    static char large[8192];
    int fd = open_events("anna", 0);
    buf_init(&heard, 1 << 20);
    hear_until(fd, &heard, "anna\n\n");
    memset(large, 'x', sizeof large - 1);
    assert_int_equal(tell("n", large), E_TOO_LARGE);
    wait_closed(1);
    hear_all(fd, &heard);
    assert_true(text_find(buf_text(&heard), TEXT("xxx"), 0) == TEXT_NOWHERE); /* no half event */
    close(fd);
}

static void a_stream_may_end_before_it_began(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf heard;
    ends_at_once = true;
    int fd = open_events("anna", 0);
    buf_init(&heard, 1 << 20);
    hear_until(fd, &heard, "event: hello\ndata: anna\n\n\r\n0\r\n\r\n");
    wait_closed(1);
    close(fd);
}

static void a_stream_whose_operation_fails_is_an_error(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf heard;
    struct answer_heard answer = ask(&house, "GET /no-events HTTP/1.1\r\nHost: h\r\n\r\n", &heard);
    assert_int_equal(answer.status, 404);
    wait_closed(1);
}

static void head_and_old_clients_get_what_they_can(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf heard;
    struct answer_heard answer = ask(&house, "HEAD /events/anna HTTP/1.1\r\nHost: h\r\n\r\n", &heard);
    assert_int_equal(answer.status, 200);
    wait_closed(1);
    int fd = dial(&house);
    buf_clear(&heard);
    say(fd, "GET /events/old HTTP/1.0\r\nHost: h\r\n\r\n");
    hear_until(fd, &heard, "\r\n\r\nevent: hello\ndata: old\n\n");
    house_do(&house, end_all, NULL);
    hear_all(fd, &heard);
    close(fd);
    wait_closed(2);
}

static void hundreds_of_streams_hear_and_leave(void **state)
{
    (void)state;
    enum { N = 300 };
    int fds[N];
    struct buf *heard = calloc(N, sizeof *heard);
    for (int i = 0; i < N; i++) {
        fds[i] = open_events("x", 0);
        buf_init(&heard[i], 1 << 16);
    }
    for (int i = 0; i < N; i++)
        hear_until(fds[i], &heard[i], "data: x\n\n");
    assert_int_equal(house_counts(&house).streams, N);
    for (int round = 0; round < 5; round++)
        assert_int_equal(tell("round", "again"), 0);
    for (int i = 0; i < N; i++) {
        for (int round = 0; round < 5; round++) {
            hear_until(fds[i], &heard[i], "event: round\ndata: again\n\n");
            size_t at = text_find(buf_text(&heard[i]), TEXT("again\n\n"), 0);
            buf_drop(&heard[i], at + 7);
        }
        close(fds[i]);
        buf_release(&heard[i]);
    }
    wait_closed(N);
    free(heard);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(events_arrive_as_the_standard_says),        TEST(many_events_come_in_their_order),
        TEST(a_heartbeat_comes_when_nothing_else_does),  TEST(a_client_that_leaves_is_noticed_without_any_event),
        TEST(a_client_that_reads_too_slowly_is_dropped), TEST(an_event_larger_than_the_queue_drops_the_stream),
        TEST(a_stream_may_end_before_it_began),          TEST(a_stream_whose_operation_fails_is_an_error),
        TEST(head_and_old_clients_get_what_they_can),    TEST(hundreds_of_streams_hear_and_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tests/unit/api/test_api.c
 *
 * Every row of the route table, asked for over a real socket.
 */
#include "api/api.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "lib/check.h"
#include "loop/loop.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The loop runs on a thread of its own; only `wake` is touched from the test's. */
struct fixture {
    struct loop *loop;
    struct api *api;
    uv_async_t wake;
    uv_thread_t thread;
};

static void on_wake(uv_async_t *wake)
{
    struct fixture *fixture = wake->data;
    uv_close((uv_handle_t *)wake, NULL);
    loop_stop(fixture->loop);
}

static void run_loop(void *context)
{
    assert_int_equal(loop_run(((struct fixture *)context)->loop), 0);
}

static int set_up(void **state)
{
    static struct fixture fixture;
    struct err err = {0};
    fixture.loop = loop_new(NULL, &err);
    fixture.api = api_new(fixture.loop, &(struct api_options){.listen = TEXT("127.0.0.1:0")}, &err);
    if (!fixture.api || err.code < 0)
        return -1;
    api_ready(fixture.api, NULL, NULL);
    uv_async_init(loop_uv(fixture.loop), &fixture.wake, on_wake);
    fixture.wake.data = &fixture;
    *state = &fixture;
    return uv_thread_create(&fixture.thread, run_loop, &fixture);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    uv_async_send(&fixture->wake);
    uv_thread_join(&fixture->thread);
    api_free(fixture->api);
    loop_free(fixture->loop);
    return 0;
}

/* The whole answer, head and body, of a request whose connection then closes. */
static void ask(const struct fixture *fixture, const char *method, const char *path, struct buf *ret_answer)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(api_port(fixture->api))};
    char bytes[4096];
    ssize_t n;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
    n = snprintf(bytes, sizeof bytes, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", method, path);
    assert_int_equal(write(fd, bytes, (size_t)n), n);
    buf_init(ret_answer, 1 << 20);
    while ((n = read(fd, bytes, sizeof bytes)) > 0)
        buf_add(ret_answer, (struct text){bytes, (size_t)n});
    assert_int_equal(n, 0);
    close(fd);
}

static const struct {
    const char *method;
    const char *path;
    const char *status;
    const char *holds;
} asked[] = {
    {"GET", "/", "HTTP/1.1 200 ", "Skein is running."},
    {"GET", "/healthz", "HTTP/1.1 200 ", "\r\n\r\nok\n"},
    {"GET", "/readyz", "HTTP/1.1 200 ", "\r\n\r\nready\n"},
    {"GET", "/metrics", "HTTP/1.1 200 ", "skein_loop_hold_seconds_bucket{le=\"+Inf\"}"},
    {"GET", "/nowhere", "HTTP/1.1 404 ", "{\"error\":{\"code\":"},
    {"DELETE", "/healthz", "HTTP/1.1 501 ", "\"error\""}, /* no row of the table has this method yet */
};

static void test_routes(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
        CLEANUP(buf_release) struct buf answer;
        ask(*state, asked[i].method, asked[i].path, &answer);
        if (!text_starts(buf_text(&answer), text_of(asked[i].status)) || !strstr(buf_string(&answer), asked[i].holds))
            fail_msg("%s %s answered: %s", asked[i].method, asked[i].path, buf_string(&answer));
        assert_non_null(strstr(buf_string(&answer), "X-Content-Type-Options: nosniff\r\n"));
    }
}

/* Prometheus reads nothing after a line that it cannot read: name{labels} value, or a comment. */
static void test_metrics_are_well_formed(void **state)
{
    CLEANUP(buf_release) struct buf answer;
    ask(*state, "GET", "/metrics", &answer);
    struct text rest = buf_text(&answer);
    size_t body = text_find(rest, TEXT("\r\n\r\n"), 0);
    struct text line;
    size_t samples = 0;
    rest = text_slice(rest, body + 4, rest.len);
    while (text_cut(&rest, '\n', &line)) {
        if (text_empty(line) || text_starts(line, TEXT("# HELP skein_")) || text_starts(line, TEXT("# TYPE skein_")))
            continue;
        size_t space = text_find_byte(line, ' ', 0);
        assert_true(text_starts(line, TEXT("skein_")));
        assert_true(space != TEXT_NOWHERE && space + 1 < line.len);
        assert_true(byte_is_digit(line.data[space + 1]));
        samples++;
    }
    assert_true(samples > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_routes), cmocka_unit_test(test_metrics_are_well_formed)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

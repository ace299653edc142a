/* tests/unit/fetch/test_local.c
 *
 * The client of a Unix socket, against a server that says, byte for byte, what a test wants said.
 */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/limits.h"
#include "fetch/local.h"
#include "lib/check.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static char folder[] = "/tmp/skein-local-XXXXXX";
static char path[sizeof folder + 8];

/* Takes one connection, reads the request, says its words and closes; or keeps it open until the client goes. */
struct server {
    int fd;
    const char *says;
    size_t repeats; /* how often the last of it is said */
    const char *repeated;
    bool stays;
    pthread_t thread;
    struct buf asked;
};

static void hear_request(struct server *server, int client)
{
    char bytes[4096];
    while (!strstr(buf_string(&server->asked), "\r\n\r\n{}")) {
        ssize_t n = read(client, bytes, sizeof bytes);
        if (n <= 0)
            return;
        buf_add(&server->asked, (struct text){bytes, (size_t)n});
    }
}

static void *serve(void *context)
{
    struct server *server = context;
    char byte;
    int client = accept(server->fd, NULL, NULL);
    hear_request(server, client);
    send(client, server->says, strlen(server->says), MSG_NOSIGNAL);
    for (size_t i = 0; i < server->repeats; i++)
        send(client, server->repeated, strlen(server->repeated), MSG_NOSIGNAL);
    if (server->stays)
        while (read(client, &byte, 1) > 0)
            ;
    close(client);
    return NULL;
}

static int listener(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    unlink(path);
    assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(fd, 5), 0);
    return fd;
}

static void server_start(struct server *server)
{
    buf_init(&server->asked, 1 << 16);
    server->fd = listener();
    assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

static void server_end(struct server *server)
{
    pthread_join(server->thread, NULL);
    close(server->fd);
    unlink(path);
}

/* --- asking -------------------------------------------------------------------------------------------------------- */

struct heard {
    int rc;
    unsigned status;
    struct buf events;
    struct buf body;
    struct err err;
};

static void note(void *context, struct text name, struct text data)
{
    struct heard *heard = context;
    buf_printf(&heard->events, "[%.*s|%.*s]", TEXT_ARG(name), TEXT_ARG(data));
}

static void heard_release(struct heard *heard)
{
    buf_release(&heard->events);
    buf_release(&heard->body);
}

static void post(struct local *local, const char *socket, struct heard *ret_heard)
{
    struct local_request request = {
        .socket = socket, .target = "/control/import", .body = TEXT("{}"), .event = note, .context = ret_heard};
    *ret_heard = (struct heard){0};
    buf_init(&ret_heard->events, 1 << 16);
    buf_init(&ret_heard->body, 1 << 16);
    ret_heard->rc = local_post(local, &request, &ret_heard->status, &ret_heard->body, &ret_heard->err);
}

static struct local *open_local(void)
{
    struct err err = {0};
    struct local *local = local_new(&err);
    assert_non_null(local);
    return local;
}

static void ask(struct server *server, struct heard *ret_heard)
{
    struct local *local = open_local();
    server_start(server);
    post(local, path, ret_heard);
    local_free(local);
    server_end(server);
}

#define STREAM_HEAD                                                                                                    \
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
#define CHUNK_ONE "1b\r\nevent: progress\ndata: 1\n\n:\n\r\n"
#define CHUNK_TWO "16\r\n\nevent: end\ndata: {}\n\n\r\n"

static void test_a_stream_of_events(void **state)
{
    struct server server = {.says = STREAM_HEAD CHUNK_ONE CHUNK_TWO "0\r\n\r\n"};
    CLEANUP(heard_release) struct heard heard;
    (void)state;
    setenv("http_proxy", "http://127.0.0.1:9", 1); /* is not asked */
    ask(&server, &heard);
    unsetenv("http_proxy");
    assert_int_equal(heard.rc, 0);
    assert_int_equal(heard.status, 200);
    assert_string_equal(buf_string(&heard.events), "[progress|1][end|{}]");
    assert_int_equal(heard.body.len, 0);
    assert_true(text_starts(buf_text(&server.asked), TEXT("POST /control/import HTTP/1.1\r\n")));
    assert_non_null(strstr(buf_string(&server.asked), "\r\nContent-Type: application/json\r\n"));
    assert_null(strstr(buf_string(&server.asked), "Expect"));
    buf_release(&server.asked);
}

static void test_an_answer_that_is_no_stream(void **state)
{
    struct server server = {
        .says = "HTTP/1.1 503 x\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1}"};
    CLEANUP(heard_release) struct heard heard;
    (void)state;
    ask(&server, &heard);
    assert_int_equal(heard.rc, 0);
    assert_int_equal(heard.status, 503);
    assert_string_equal(buf_string(&heard.body), "{\"a\":1}");
    buf_release(&server.asked);
}

static void test_answers_that_break_off(void **state)
{
    static const struct {
        const char *says;
        const char *events;
    } cut[] = {{STREAM_HEAD CHUNK_ONE, "[progress|1]"}, {STREAM_HEAD, ""}, {"", ""}, {"rubbish\r\n\r\n", ""}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cut); i++) {
        struct server server = {.says = cut[i].says};
        CLEANUP(heard_release) struct heard heard;
        ask(&server, &heard);
        assert_int_equal(heard.rc, E_IO);
        assert_string_equal(buf_string(&heard.events), cut[i].events);
        assert_non_null(strstr(heard.err.text, path));
        buf_release(&server.asked);
    }
}

static void test_more_than_may_come(void **state)
{
    static char chunk[0x1000 + 16];
    struct server server = {.says = STREAM_HEAD, .repeated = chunk, .repeats = LIMIT_LOCAL_EVENT / 0x1000 + 2};
    CLEANUP(heard_release) struct heard heard;
    (void)state;
    snprintf(chunk, sizeof chunk, "1000\r\n%04096d\r\n", 0);
    ask(&server, &heard);
    assert_int_equal(heard.rc, E_TOO_LARGE);
    buf_release(&server.asked);
}

static void test_nobody_is_there(void **state)
{
    struct local *local = open_local();
    CLEANUP(heard_release) struct heard missing;
    CLEANUP(heard_release) struct heard left_behind;
    CLEANUP(heard_release) struct heard too_long;
    char far[300];
    (void)state;
    post(local, path, &missing);
    close(listener());
    post(local, path, &left_behind);
    unlink(path);
    snprintf(far, sizeof far, "%s/%0200d", folder, 0);
    post(local, far, &too_long);
    local_free(local);
    assert_int_equal(missing.rc, E_UNAVAILABLE);
    assert_int_equal(left_behind.rc, E_UNAVAILABLE);
    assert_int_equal(too_long.rc, E_BAD_INPUT);
}

static void *cancel_soon(void *local)
{
    usleep(50000);
    local_cancel(local);
    return NULL;
}

static void test_cancelled_at_once(void **state)
{
    struct local *local = open_local();
    struct server server = {.says = STREAM_HEAD CHUNK_ONE, .stays = true};
    CLEANUP(heard_release) struct heard heard;
    pthread_t canceller;
    (void)state;
    server_start(&server);
    int64_t started_ms = clock_monotonic(&clock_system);
    assert_int_equal(pthread_create(&canceller, NULL, cancel_soon, local), 0);
    post(local, path, &heard);
    int64_t took_ms = clock_monotonic(&clock_system) - started_ms;
    pthread_join(canceller, NULL);
    local_free(local);
    server_end(&server); /* it ends only when the client has gone */
    buf_release(&server.asked);
    assert_int_equal(heard.rc, E_CANCELLED);
    assert_true(took_ms < 900); /* not at the next look, once a second */
}

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/sock", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_stream_of_events),     cmocka_unit_test(test_an_answer_that_is_no_stream),
        cmocka_unit_test(test_answers_that_break_off), cmocka_unit_test(test_more_than_may_come),
        cmocka_unit_test(test_nobody_is_there),        cmocka_unit_test(test_cancelled_at_once),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

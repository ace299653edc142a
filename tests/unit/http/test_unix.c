/* tests/unit/http/test_unix.c
 *
 * A server on a Unix socket: whose it is, what may lie in its place, and that it is gone afterwards.
 */
#include "house.h"

#include <sys/stat.h>
#include <sys/un.h>

static char folder[] = "/tmp/skein-http-XXXXXX";
static char path[sizeof folder + 8];
static char listen_at[sizeof path + 8];
static atomic_int n_closed;

static int say_hello(struct op *op)
{
    return http_reply(http_request_of(op), 200, "text/plain", TEXT("hello"));
}

static void on_close(struct http_request *request, void *context)
{
    (void)request;
    (void)context;
    atomic_fetch_add(&n_closed, 1);
}

static int open_stream(struct op *op)
{
    struct http_request *request = http_request_of(op);
    int rc = http_events_start(request, on_close, NULL);
    return rc < 0 || http_events_send(request, TEXT("line"), TEXT("one")) == 0 ? rc : E_TOO_LARGE;
}

static const struct op_step hello_steps[] = {STEP(say_hello, ON_LOOP), STEP_END};
static const struct op_step events_steps[] = {STEP(open_stream, ON_LOOP), STEP_END};
static const struct http_route routes[] = {
    {"GET", "/hello", hello_steps, HTTP_BODY_NONE, 0, 0},
    {"POST", "/events", events_steps, HTTP_BODY_WHOLE, 100, 0},
};

static const struct http_options *options(void)
{
    static struct http_options filled;
    filled = (struct http_options){
        .listen = text_of(listen_at), .routes = routes, .n_routes = ARRAY_LEN(routes), .heartbeat_ms = 200};
    return &filled;
}

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/sock", folder);
    snprintf(listen_at, sizeof listen_at, "unix:%s", path);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return rmdir(folder); /* fails where a socket was left behind */
}

static int dial_file(void)
{
    struct timeval patience = {.tv_sec = HOUSE_PATIENCE_MS / 1000};
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(to.sun_path, sizeof to.sun_path, "%s", path);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, (const struct sockaddr *)&to, sizeof to) != 0)
        fail_msg("connect: %s", strerror(errno));
    return fd;
}

static void test_answers_and_belongs_to_its_user(void **state)
{
    struct house house;
    struct stat there;
    CLEANUP(buf_release) struct buf heard;
    (void)state;
    buf_init(&heard, 1 << 16);
    house_open(&house, options());
    assert_int_equal(house.port, 0);
    assert_int_equal(lstat(path, &there), 0);
    assert_int_equal(there.st_mode, S_IFSOCK | S_IRUSR | S_IWUSR);
    int fd = dial_file();
    say(fd, "GET /hello HTTP/1.1\r\nHost: skein\r\n\r\n");
    struct answer_heard answer = hear_answer(fd, &heard, false);
    assert_int_equal(answer.status, 200);
    assert_text(answer.body, "hello");
    close(fd);
    house_close(&house);
    assert_int_equal(lstat(path, &there), -1);
}

/* The stop takes the file away at once, so that nobody dials who would not be answered; streams end. */
static void test_the_stop_ends_streams_and_takes_the_file_away(void **state)
{
    struct house house;
    CLEANUP(buf_release) struct buf heard;
    (void)state;
    buf_init(&heard, 1 << 16);
    atomic_store(&n_closed, 0);
    house_open(&house, options());
    int fd = dial_file();
    say(fd, "POST /events HTTP/1.1\r\nHost: skein\r\nContent-Length: 2\r\n\r\n{}");
    hear_until(fd, &heard, "data: one\n\n");
    house_close(&house);
    hear_all(fd, &heard);
    assert_non_null(strstr(buf_string(&heard), "\r\n0\r\n")); /* the last chunk: ended, not cut */
    assert_int_equal(atomic_load(&n_closed), 1);
    close(fd);
}

static void test_who_leaves_a_stream_is_noticed(void **state)
{
    struct house house;
    CLEANUP(buf_release) struct buf heard;
    (void)state;
    buf_init(&heard, 1 << 16);
    atomic_store(&n_closed, 0);
    house_open(&house, options());
    int fd = dial_file();
    say(fd, "POST /events HTTP/1.1\r\nHost: skein\r\nContent-Length: 2\r\n\r\n{}");
    hear_until(fd, &heard, "data: one\n\n");
    close(fd);
    for (int i = 0; i < HOUSE_PATIENCE_MS && atomic_load(&n_closed) == 0; i++)
        uv_sleep(1);
    assert_int_equal(atomic_load(&n_closed), 1);
    house_close(&house);
}

/* What a killed process left behind is replaced. */
static void test_a_socket_left_behind_is_replaced(void **state)
{
    struct house house;
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    (void)state;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof at), 0);
    close(fd);
    house_open(&house, options());
    close(dial_file());
    house_close(&house);
}

static struct err refused(const char *where)
{
    struct err err = {0};
    struct http_options wrong = *options();
    struct loop *loop = loop_new(NULL, &err);
    wrong.listen = text_of(where);
    assert_null(http_new(loop, &wrong, &err));
    loop_free(loop);
    return err;
}

static void test_a_file_in_the_way_stays(void **state)
{
    struct stat there;
    (void)state;
    FILE *file = fopen(path, "we");
    fputs("somebody's", file);
    fclose(file);
    struct err err = refused(listen_at);
    assert_int_equal(err.code, E_IO);
    assert_non_null(strstr(err.text, "in the way"));
    assert_int_equal(lstat(path, &there), 0);
    assert_int_equal(there.st_size, 10);
    unlink(path);
}

static void test_paths_that_cannot_be(void **state)
{
    char far[300];
    (void)state;
    snprintf(far, sizeof far, "unix:%s/%0200d", folder, 0);
    struct err err = refused(far);
    assert_int_equal(err.code, E_BAD_INPUT);
    assert_non_null(strstr(err.text, "1 to 107"));
    assert_int_equal(refused("unix:").code, E_BAD_INPUT);
    snprintf(far, sizeof far, "unix:%s/no/such/folder", folder);
    assert_int_equal(refused(far).code, E_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers_and_belongs_to_its_user),
        cmocka_unit_test(test_the_stop_ends_streams_and_takes_the_file_away),
        cmocka_unit_test(test_who_leaves_a_stream_is_noticed),
        cmocka_unit_test(test_a_socket_left_behind_is_replaced),
        cmocka_unit_test(test_a_file_in_the_way_stays),
        cmocka_unit_test(test_paths_that_cannot_be),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

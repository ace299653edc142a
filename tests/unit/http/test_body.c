/* tests/unit/http/test_body.c
 *
 * Bodies as they come: every byte in its order, back-pressure, refusals before the body, clients that stop half-way.
 */
#include "house.h"

#include "base/limits.h"

#define TOTAL ((size_t)8 << 20)

/* What an upload's operation notes. */
struct upload {
    uint64_t sum; /* of all bytes, each times its place */
    size_t len;
    size_t largest; /* piece */
    struct text bytes;
};

static atomic_int at_gate;
static atomic_int times_ended;
static uv_sem_t gate;
static struct house house;

static void add_up(struct upload *upload, struct text bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        upload->sum += (uint64_t)(unsigned char)bytes.data[i] * (++upload->len);
    if (bytes.len > upload->largest)
        upload->largest = bytes.len;
}

static int take_piece(struct op *op)
{
    struct http_request *request = http_request_of(op);
    struct upload *upload = request->state;
    switch (http_body_next(request, &upload->bytes)) {
    case HTTP_BODY_DATA:
        return OP_NEXT;
    case HTTP_BODY_WAIT:
        return http_body_wait(request, take_piece);
    case HTTP_BODY_END:
        upload->bytes = TEXT_NONE;
        return OP_NEXT;
    }
    return E_BUG;
}

static int work_on_piece(struct op *op)
{
    struct upload *upload = http_request_of(op)->state;
    add_up(upload, upload->bytes);
    return text_empty(upload->bytes) ? OP_NEXT : op_go_to(op, take_piece);
}

static int say_sum(struct op *op)
{
    struct http_request *request = http_request_of(op);
    struct upload *upload = request->state;
    char words[64];
    atomic_fetch_add(&times_ended, 1);
    snprintf(words, sizeof words, "%zu %llu %d", upload->len, (unsigned long long)upload->sum,
             upload->largest <= LIMIT_HTTP_WINDOW / 2);
    return http_reply(request, 200, "text/plain", text_of(words));
}

static int stand_at_the_gate(struct op *op)
{
    (void)op;
    atomic_fetch_add(&at_gate, 1);
    uv_sem_wait(&gate);
    return OP_NEXT;
}

static int refuse(struct op *op)
{
    return http_reply_error(http_request_of(op), 403, "not_yours", "this is another member's", NULL);
}

static int refuse_later(struct op *op)
{
    op_resume(op);
    return op_wait(op, 1000);
}

static int give_up_in_the_middle(struct op *op)
{
    struct upload *upload = http_request_of(op)->state;
    add_up(upload, upload->bytes);
    return upload->len < 100000 && !text_empty(upload->bytes)
               ? op_go_to(op, take_piece)
               : err_set(&op->err, E_BAD_INPUT, "the file ends in the middle of a word");
}

static int take_whole(struct op *op)
{
    struct http_request *request = http_request_of(op);
    struct upload *upload = request->state;
    add_up(upload, request->body);
    upload->largest = 0;
    return OP_NEXT;
}

static void on_give_up(struct op *op)
{
    (void)op;
    atomic_fetch_add(&times_ended, 1);
}

static int take_and_note(struct op *op)
{
    struct http_request *request = http_request_of(op);
    struct text taken;
    op_on_cancel(op, on_give_up);
    if (http_body_next(request, &taken) == HTTP_BODY_WAIT)
        return http_body_wait(request, take_and_note);
    return op_go_to(op, take_and_note);
}

static const struct op_step sum_steps[] = {STEP(take_piece, ON_LOOP), STEP(work_on_piece, ON_CPU),
                                           STEP(say_sum, ON_LOOP), STEP_END};
static const struct op_step gate_steps[] = {STEP(take_piece, ON_LOOP), STEP(stand_at_the_gate, ON_CPU),
                                            STEP(work_on_piece, ON_CPU), STEP(say_sum, ON_LOOP), STEP_END};
static const struct op_step slow_start_steps[] = {STEP(stand_at_the_gate, ON_CPU), STEP(take_piece, ON_LOOP),
                                                  STEP(work_on_piece, ON_CPU), STEP(say_sum, ON_LOOP), STEP_END};
static const struct op_step refuse_steps[] = {STEP(refuse, ON_LOOP), STEP_END};
static const struct op_step refuse_later_steps[] = {STEP(refuse_later, ON_LOOP), STEP(refuse, ON_LOOP), STEP_END};
static const struct op_step middle_steps[] = {STEP(take_piece, ON_LOOP), STEP(give_up_in_the_middle, ON_LOOP),
                                              STEP_END};
static const struct op_step whole_steps[] = {STEP(take_whole, ON_CPU), STEP(say_sum, ON_LOOP), STEP_END};
static const struct op_step note_steps[] = {STEP(take_and_note, ON_LOOP), STEP_END};

static const struct http_route routes[] = {
    {"POST", "/sum", sum_steps, HTTP_BODY_STREAM, TOTAL, sizeof(struct upload)},
    {"POST", "/gate", gate_steps, HTTP_BODY_STREAM, TOTAL, sizeof(struct upload)},
    {"POST", "/slow-start", slow_start_steps, HTTP_BODY_STREAM, TOTAL, sizeof(struct upload)},
    {"PUT", "/refuse", refuse_steps, HTTP_BODY_STREAM, TOTAL, sizeof(struct upload)},
    {"PUT", "/refuse-later", refuse_later_steps, HTTP_BODY_STREAM, TOTAL, sizeof(struct upload)},
    {"POST", "/middle", middle_steps, HTTP_BODY_STREAM, TOTAL, sizeof(struct upload)},
    {"PATCH", "/whole", whole_steps, HTTP_BODY_WHOLE, TOTAL, sizeof(struct upload)},
    {"POST", "/note", note_steps, HTTP_BODY_STREAM, TOTAL, sizeof(struct upload)},
};

static const struct http_options options = {.routes = routes, .n_routes = ARRAY_LEN(routes), .idle_ms = 400};

static char *bytes; /* TOTAL of them, made once */

static int set_up(void **state)
{
    (void)state;
    atomic_store(&at_gate, 0);
    atomic_store(&times_ended, 0);
    uv_sem_init(&gate, 0);
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

static int make_bytes(void **state)
{
    (void)state;
    uint32_t at = 20241114; /* the same each time */
    bytes = malloc(TOTAL);
    for (size_t i = 0; i < TOTAL; i++) {
        at = at * 1664525 + 1013904223;
        bytes[i] = (char)(at >> 24);
    }
    return bytes ? 0 : -1;
}

static int free_bytes(void **state)
{
    (void)state;
    free(bytes);
    return 0;
}

static void say_head(int fd, const char *method, const char *path, size_t len, const char *more)
{
    char head[256];
    snprintf(head, sizeof head, "%s %s HTTP/1.1\r\nHost: h\r\nContent-Length: %zu\r\n%s\r\n", method, path, len, more);
    say(fd, head);
}

static void assert_sum(int fd, size_t len, struct buf *heard)
{
    struct upload upload = {0};
    char words[64];
    add_up(&upload, (struct text){bytes, len});
    snprintf(words, sizeof words, "%zu %llu 1", len, (unsigned long long)upload.sum);
    struct answer_heard answer = hear_answer(fd, heard, false);
    assert_int_equal(answer.status, 200);
    assert_text(answer.body, words);
    buf_drop(heard, answer.whole);
}

/* --- tests --------------------------------------------------------------------------------------------------------- */

static void every_byte_comes_in_its_order(void **state)
{
    (void)state;
    static const size_t lengths[] = {0, 1, 1000, 32768, 131071, 131072, 131073, 262145, TOTAL};
    static const char *const ways[][2] = {{"POST", "/sum"}, {"PATCH", "/whole"}};
    for (size_t way = 0; way < ARRAY_LEN(ways); way++) {
        CLEANUP(buf_release) struct buf heard;
        int fd = dial(&house); /* one connection for all: nothing of a body may be left on it */
        buf_init(&heard, 1 << 16);
        for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
            say_head(fd, ways[way][0], ways[way][1], lengths[i], "");
            assert_true(try_say(fd, (struct text){bytes, lengths[i]}));
            assert_sum(fd, lengths[i], &heard);
        }
        close(fd);
    }
}

static void small_pieces_make_one_body(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf heard;
    int fd = dial(&house);
    buf_init(&heard, 1 << 16);
    say_head(fd, "POST", "/sum", 300, "");
    for (size_t at = 0; at < 300; at += 3) {
        assert_true(try_say(fd, (struct text){bytes + at, 3}));
        uv_sleep(1);
    }
    assert_sum(fd, 300, &heard);
    close(fd);
}

static void wait_for(atomic_int *number, int value)
{
    for (int i = 0; i < HOUSE_PATIENCE_MS && atomic_load(number) < value; i++)
        uv_sleep(1);
    assert_true(atomic_load(number) >= value);
}

/* While the step stands at the gate the server may read one window, and no more: the rest stays with the client and the
 * kernel, so the client cannot finish sending. */
static void a_busy_taker_makes_the_client_wait(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf heard;
    struct timeval soon = {.tv_usec = 300000};
    int fd = dial(&house);
    int small = 65536;
    buf_init(&heard, 1 << 16);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    say_head(fd, "POST", "/gate", TOTAL, "");
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof soon);
    size_t sent = 0;
    for (ssize_t n = 0; sent < TOTAL && n >= 0; sent += n > 0 ? (size_t)n : 0)
        n = send(fd, bytes + sent, TOTAL - sent, MSG_NOSIGNAL);
    wait_for(&at_gate, 1);
    assert_true(sent < TOTAL);
    for (int i = 0; i < 1000; i++)
        uv_sem_post(&gate); /* more than pieces */
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &(struct timeval){.tv_sec = 10}, sizeof(struct timeval));
    assert_true(try_say(fd, (struct text){bytes + sent, TOTAL - sent}));
    assert_sum(fd, TOTAL, &heard);
    close(fd);
}

static void nothing_is_read_before_the_steps_ask(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf heard;
    struct timeval soon = {.tv_usec = 50000};
    char byte;
    int fd = dial(&house);
    buf_init(&heard, 1 << 16);
    say_head(fd, "POST", "/slow-start", 5000, "Expect: 100-continue\r\n");
    wait_for(&at_gate, 1);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon);
    assert_int_equal(recv(fd, &byte, 1, 0), -1); /* not told to go on */
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){.tv_sec = 10}, sizeof(struct timeval));
    uv_sem_post(&gate);
    hear_until(fd, &heard, "HTTP/1.1 100 Continue\r\n\r\n");
    buf_clear(&heard);
    assert_true(try_say(fd, (struct text){bytes, 5000}));
    assert_sum(fd, 5000, &heard);
    close(fd);
}

/* A small body is swallowed, and the connection serves on; one that was announced is never sent. */
static void refused_before_the_body(void **state)
{
    (void)state;
    static const char *const paths[] = {"/refuse", "/refuse-later"};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        CLEANUP(buf_release) struct buf heard;
        int fd = dial(&house);
        buf_init(&heard, 1 << 16);
        for (int again = 0; again < 2; again++) {
            say_head(fd, "PUT", paths[i], LIMIT_HTTP_SWALLOW, "");
            assert_true(try_say(fd, (struct text){bytes, LIMIT_HTTP_SWALLOW}));
            struct answer_heard answer = hear_answer(fd, &heard, false);
            assert_int_equal(answer.status, 403);
            buf_drop(&heard, answer.whole);
        }
        say_head(fd, "PUT", paths[i], TOTAL, "Expect: 100-continue\r\n");
        assert_int_equal(hear_answer(fd, &heard, false).status, 403);
        close(fd);
        fd = dial(&house);
        buf_clear(&heard);
        say_head(fd, "PUT", paths[i], TOTAL, ""); /* and does not send it */
        struct answer_heard answer = hear_answer(fd, &heard, false);
        assert_int_equal(answer.status, 403);
        assert_text(header_heard(&answer, "Connection"), "close");
        close(fd);
    }
}

static void too_long_is_said_before_the_body(void **state)
{
    (void)state;
    static const char *const ways[][2] = {{"POST", "/sum"}, {"PATCH", "/whole"}};
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        CLEANUP(buf_release) struct buf heard;
        int fd = dial(&house);
        buf_init(&heard, 1 << 16);
        say_head(fd, ways[i][0], ways[i][1], TOTAL + 1, "");
        struct answer_heard answer = hear_answer(fd, &heard, false);
        assert_int_equal(answer.status, 413);
        assert_text(error_heard(answer.body), "too_large");
        assert_int_equal(atomic_load(&times_ended), 0);
        close(fd);
    }
}

static void an_error_in_the_middle_is_told_after_the_body(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf heard;
    int fd = dial(&house);
    buf_init(&heard, 1 << 16);
    for (int again = 0; again < 2; again++) {
        say_head(fd, "POST", "/middle", TOTAL, "");
        assert_true(try_say(fd, (struct text){bytes, TOTAL}));
        struct answer_heard answer = hear_answer(fd, &heard, false);
        assert_int_equal(answer.status, 400);
        assert_text(error_heard(answer.body), "bad_input");
        buf_drop(&heard, answer.whole);
    }
    close(fd);
}

static bool nobody(const struct http_counts *counts)
{
    return counts->connections == 0;
}

static void a_client_that_stops_half_way_cancels_it(void **state)
{
    (void)state;
    int fd = dial(&house);
    say_head(fd, "POST", "/note", 1000, "");
    assert_true(try_say(fd, (struct text){bytes, 500}));
    uv_sleep(5);
    close(fd);
    wait_for(&times_ended, 1);
    house_until(&house, nobody);
}

/* The worker still reads the window when the connection is long gone. */
static void a_client_may_leave_while_a_worker_reads_its_bytes(void **state)
{
    (void)state;
    int fd = dial(&house);
    say_head(fd, "POST", "/gate", TOTAL, "");
    assert_true(try_say(fd, (struct text){bytes, 100000}));
    wait_for(&at_gate, 1);
    close(fd);
    house_until(&house, nobody);
    uv_sem_post(&gate);
}

static void uploads_at_once_do_not_mix(void **state)
{
    (void)state;
    int fds[16];
    struct buf heard[ARRAY_LEN(fds)];
    for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
        fds[i] = dial(&house);
        buf_init(&heard[i], 1 << 16);
        say_head(fds[i], "POST", "/sum", 10000 * (i + 1), "");
    }
    for (size_t at = 0; at < 10; at++)
        for (size_t i = 0; i < ARRAY_LEN(fds); i++)
            assert_true(try_say(fds[i], (struct text){bytes + at * 1000 * (i + 1), 1000 * (i + 1)}));
    for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
        assert_sum(fds[i], 10000 * (i + 1), &heard[i]);
        buf_release(&heard[i]);
        close(fds[i]);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(every_byte_comes_in_its_order),
        TEST(small_pieces_make_one_body),
        TEST(a_busy_taker_makes_the_client_wait),
        TEST(nothing_is_read_before_the_steps_ask),
        TEST(refused_before_the_body),
        TEST(too_long_is_said_before_the_body),
        TEST(an_error_in_the_middle_is_told_after_the_body),
        TEST(a_client_that_stops_half_way_cancels_it),
        TEST(a_client_may_leave_while_a_worker_reads_its_bytes),
        TEST(uploads_at_once_do_not_mix),
    };
    return cmocka_run_group_tests(tests, make_bytes, free_bytes);
}

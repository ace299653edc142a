/* tests/unit/http/house.h
 *
 * A real server on a thread of its own, and a client of plain sockets that says exactly what a test wants said.
 *
 * Sockets block, for at most HOUSE_PATIENCE_MS; a test asks the loop's thread for what belongs to it by house_do.
 */
#ifndef SKEIN_TESTS_HOUSE_H
#define SKEIN_TESTS_HOUSE_H

#include "base/buf.h"
#include "base/cleanup.h"
#include "http/http.h"
#include "loop/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define HOUSE_PATIENCE_MS 10000

typedef void house_fn(void *context);

struct house {
    struct loop *loop;
    struct http *http;
    uv_thread_t thread;
    uv_async_t call; /* runs `todo` on the loop, and then posts `done` */
    uv_sem_t done;
    house_fn *todo;
    void *todo_context;
    bool stop;
    int result; /* of loop_run */
    uint16_t port;
    struct http_counts counts; /* as the loop left them */
    struct loop_hold hold;
};

static inline void house_stop_http(void *context)
{
    loop_stop(context);
}

static inline void house_on_call(uv_async_t *call)
{
    struct house *house = call->data;
    house->todo(house->todo_context);
    if (house->stop)
        uv_close((uv_handle_t *)call, NULL);
    uv_sem_post(&house->done);
}

static inline void house_main(void *argument)
{
    struct house *house = argument;
    house->result = loop_run(house->loop);
    http_counts(house->http, &house->counts);
    loop_hold(house->loop, &house->hold);
}

/* Runs fn(context) on the loop's thread, and waits for it. */
static inline void house_do(struct house *house, house_fn *fn, void *context)
{
    house->todo = fn;
    house->todo_context = context;
    uv_async_send(&house->call);
    uv_sem_wait(&house->done);
}

static inline void house_nothing(void *context)
{
    (void)context;
}

static inline void house_open(struct house *house, const struct http_options *options)
{
    struct http_options filled = *options;
    struct err err = {0};
    *house = (struct house){0};
    if (text_empty(filled.listen))
        filled.listen = TEXT("127.0.0.1:0");
    house->loop = loop_new(NULL, &err);
    assert_non_null(house->loop);
    house->http = http_new(house->loop, &filled, &err);
    if (!house->http)
        fail_msg("%s", err.text);
    house->port = http_port(house->http);
    uv_sem_init(&house->done, 0);
    uv_async_init(loop_uv(house->loop), &house->call, house_on_call);
    house->call.data = house;
    assert_int_equal(uv_thread_create(&house->thread, house_main, house), 0);
    house_do(house, house_nothing, NULL); /* it runs now */
}

/* Begins the stop; house_end waits for it. */
static inline void house_stop(struct house *house)
{
    house->stop = true;
    house_do(house, house_stop_http, house->loop);
}

static inline void house_end(struct house *house)
{
    uv_thread_join(&house->thread);
    assert_int_equal(house->result, 0);
    assert_int_equal(loop_work_count(house->loop), 0);
    assert_int_equal(house->counts.connections, 0);
    assert_int_equal(house->counts.streams, 0);
    http_free(house->http);
    loop_free(house->loop);
    uv_sem_destroy(&house->done);
}

static inline void house_close(struct house *house)
{
    house_stop(house);
    house_end(house);
}

struct house_counting {
    struct http *http;
    struct http_counts counts;
};

static inline void house_count_now(void *context)
{
    struct house_counting *counting = context;
    http_counts(counting->http, &counting->counts);
}

static inline struct http_counts house_counts(struct house *house)
{
    struct house_counting counting = {.http = house->http};
    house_do(house, house_count_now, &counting);
    return counting.counts;
}

/* Looks until `true_now` says so; the test fails where it never does. */
static inline void house_until(struct house *house, bool (*true_now)(const struct http_counts *counts))
{
    for (int i = 0; i < HOUSE_PATIENCE_MS; i++) {
        struct http_counts counts = house_counts(house);
        if (true_now(&counts))
            return;
        uv_sleep(1);
    }
    fail_msg("the server never came to that state");
}

/* --- the client ---------------------------------------------------------------------------------------------------- */

static inline int dial_with(struct house *house, int receive_buffer)
{
    struct timeval patience = {.tv_sec = HOUSE_PATIENCE_MS / 1000};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(house->port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (receive_buffer)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        fail_msg("connect: %s", strerror(errno));
    return fd;
}

static inline int dial(struct house *house)
{
    return dial_with(house, 0);
}

/* Sends all; false where the server had closed. */
static inline bool try_say(int fd, struct text words)
{
    while (words.len > 0) {
        ssize_t n = send(fd, words.data, words.len, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        words = text_slice(words, (size_t)n, words.len);
    }
    return true;
}

static inline void say(int fd, const char *words)
{
    assert_true(try_say(fd, text_of(words)));
}

/* Reads once. 0: the end, or a reset. The test fails where nothing comes. */
static inline size_t hear(int fd, struct buf *heard)
{
    char bytes[16384];
    ssize_t n = recv(fd, bytes, sizeof bytes, 0);
    if (n < 0 && errno == EAGAIN)
        fail_msg("the server said nothing for %d ms", HOUSE_PATIENCE_MS);
    if (n <= 0)
        return 0;
    assert_int_equal(buf_add(heard, (struct text){bytes, (size_t)n}), 0);
    return (size_t)n;
}

static inline void hear_all(int fd, struct buf *heard)
{
    while (hear(fd, heard) > 0)
        ;
}

/* Reads until the words are there. */
static inline void hear_until(int fd, struct buf *heard, const char *words)
{
    while (text_find(buf_text(heard), text_of(words), 0) == TEXT_NOWHERE)
        if (hear(fd, heard) == 0)
            fail_msg("the server closed before \"%s\", after: %s", words, buf_string(heard));
}

/* One answer at the front of what was heard. */
struct answer_heard {
    unsigned status;
    struct text head; /* with the empty line */
    struct text body;
    size_t whole; /* bytes of head and body */
};

static inline struct text header_heard(const struct answer_heard *answer, const char *name)
{
    char line[64];
    snprintf(line, sizeof line, "\r\n%s:", name);
    size_t at = text_find_fold(answer->head, text_of(line), 0);
    if (at == TEXT_NOWHERE)
        return TEXT_NONE;
    at += strlen(line);
    return text_trim(text_slice(answer->head, at, text_find(answer->head, TEXT("\r\n"), at)));
}

/* Reads one answer with a Content-Length; without_body for HEAD and 304. */
static inline struct answer_heard hear_answer(int fd, struct buf *heard, bool without_body)
{
    struct answer_heard answer = {0};
    uint64_t len = 0;
    uint64_t status = 0;
    hear_until(fd, heard, "\r\n\r\n");
    struct text all = buf_text(heard);
    answer.head = text_slice(all, 0, text_find(all, TEXT("\r\n\r\n"), 0) + 4);
    assert_true(text_to_u64(text_slice(all, 9, 12), &status));
    answer.status = (unsigned)status;
    if (!without_body)
        assert_true(text_to_u64(header_heard(&answer, "Content-Length"), &len));
    size_t head = answer.head.len;
    while (heard->len < head + len)
        if (hear(fd, heard) == 0)
            fail_msg("the answer was cut after %zu of %zu bytes", heard->len, head + (size_t)len);
    all = buf_text(heard);
    answer.head = text_slice(all, 0, head);
    answer.body = text_slice(all, head, head + len);
    answer.whole = head + len;
    return answer;
}

/* The same answer's views, after more was heard behind it. */
static inline void answer_again(struct answer_heard *answer, const struct buf *heard)
{
    size_t head = answer->head.len;
    answer->head = text_slice(buf_text(heard), 0, head);
    answer->body = text_slice(buf_text(heard), head, answer->whole);
}

/* One request on a connection of its own; heard owns the bytes. */
static inline struct answer_heard ask(struct house *house, const char *request, struct buf *heard)
{
    int fd = dial(house);
    buf_init(heard, (size_t)1 << 26);
    try_say(fd, text_of(request));
    struct answer_heard answer = hear_answer(fd, heard, strncmp(request, "HEAD ", 5) == 0);
    close(fd);
    return answer;
}

/* The code word of an error answer. */
static inline struct text error_heard(struct text body)
{
    size_t at = text_find(body, TEXT("\"code\":\""), 0);
    if (at == TEXT_NOWHERE)
        return TEXT_NONE;
    at += 8;
    return text_slice(body, at, text_find_byte(body, '"', at));
}

static inline void assert_text(struct text t, const char *expected)
{
    if (!text_equal(t, text_of(expected)))
        fail_msg("\"%.*s\" is not \"%s\"", TEXT_ARG(t), expected);
}

#endif

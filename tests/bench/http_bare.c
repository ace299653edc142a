/* tests/bench/http_bare.c
 *
 * As little as can be called HTTP, on plain libuv: reads to the end of a head, and writes one answer of fixed bytes.
 *
 * The floor under every server in this process model: the same loop, the same system calls, no parsing.
 */
#include "http_bench.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct peer {
    uv_tcp_t tcp;
    char bytes[4096];
    size_t len;
};

static struct bare {
    struct bench_server server;
    uv_loop_t uv;
    uv_tcp_t listener;
    uint64_t answered;
    char answer[BENCH_BODY + 256];
    size_t answer_len;
} bare;

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_room)
{
    struct peer *peer = handle->data;
    (void)suggested;
    *ret_room = uv_buf_init(peer->bytes + peer->len, (unsigned)(sizeof peer->bytes - peer->len));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *room)
{
    struct peer *peer = stream->data;
    uv_buf_t answer = uv_buf_init(bare.answer, (unsigned)bare.answer_len);
    (void)room;
    if (n < 0) {
        uv_close((uv_handle_t *)stream, on_closed);
        return;
    }
    peer->len += (size_t)n;
    if (!memmem(peer->bytes, peer->len, "\r\n\r\n", 4))
        return;
    peer->len = 0;
    bare.answered++;
    if (uv_try_write(stream, &answer, 1) != (int)bare.answer_len)
        bench_die("the bare responder cannot write");
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct peer *peer = calloc(1, sizeof *peer);
    if (status < 0 || !peer)
        bench_die("the bare responder cannot accept");
    uv_tcp_init(listener->loop, &peer->tcp);
    peer->tcp.data = peer;
    uv_accept(listener, (uv_stream_t *)&peer->tcp);
    uv_tcp_nodelay(&peer->tcp, 1);
    uv_read_start((uv_stream_t *)&peer->tcp, on_room, on_read);
}

static void bare_run(struct bench_server *server)
{
    uv_run(server->uv, UV_RUN_DEFAULT);
}

static uint64_t bare_requests(struct bench_server *server)
{
    (void)server;
    return bare.answered;
}

static void bare_stop(struct bench_server *server)
{
    (void)server;
    uv_close((uv_handle_t *)&bare.listener, NULL);
}

struct bench_server *bare_new(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    int len = sizeof at;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bare.answer_len = (size_t)snprintf(bare.answer, sizeof bare.answer,
                                       "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%0*d",
                                       BENCH_BODY, BENCH_BODY, 0);
    uv_loop_init(&bare.uv);
    uv_tcp_init(&bare.uv, &bare.listener);
    if (uv_tcp_bind(&bare.listener, (struct sockaddr *)&at, 0) ||
        uv_listen((uv_stream_t *)&bare.listener, 1024, on_connection) ||
        uv_tcp_getsockname(&bare.listener, (struct sockaddr *)&at, &len))
        bench_die("the bare responder cannot listen");
    bare.server = (struct bench_server){
        .port = ntohs(at.sin_port), .run = bare_run, .requests = bare_requests, .stop = bare_stop, .uv = &bare.uv};
    return &bare.server;
}

void bare_free(struct bench_server *server)
{
    if (uv_loop_close(server->uv) != 0)
        bench_die("the bare responder left something open");
}

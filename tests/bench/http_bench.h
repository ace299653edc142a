/* tests/bench/http_bench.h
 *
 * What the files of bench_http share: the server under measure, the bare one beside it, and the load.
 */
#ifndef SKEIN_TESTS_HTTP_BENCH_H
#define SKEIN_TESTS_HTTP_BENCH_H

#include <stdint.h>
#include <uv.h>

#define BENCH_BODY 1024 /* bytes of every answer */

/* What a server's own thread has used until now, and what it has answered. */
struct bench_usage {
    double cpu_us; /* RUSAGE_THREAD, user and system */
    uint64_t requests;
};

/* A server on a thread of its own. */
struct bench_server {
    uint16_t port;
    void (*run)(struct bench_server *server); /* until `stop` was called */
    uint64_t (*requests)(struct bench_server *server);
    void (*stop)(struct bench_server *server); /* on its thread */
    uv_loop_t *uv;
    uv_thread_t thread;
    uv_async_t call;
    uv_sem_t done;
    struct bench_usage usage; /* as the last call found it */
    int stopping;
};

void bench_server_start(struct bench_server *server); /* run, requests, stop, uv and port are set */
struct bench_usage bench_server_usage(struct bench_server *server);
void bench_server_end(struct bench_server *server);

__attribute__((noreturn, format(printf, 1, 2))) void bench_die(const char *format, ...);

/* http_bare.c: a hand-written responder on plain libuv; one at a time. */
struct bench_server *bare_new(void);
void bare_free(struct bench_server *server);

/* http_load.c: `connections` kept connections ask for `path` until `ms` have passed. Returns the answers. */
uint64_t load_run(uint16_t port, const char *path, unsigned connections, unsigned ms);

#endif

/* tests/bench/http.c
 *
 * What one answer costs: CPU of the server's thread, beside a bare libuv responder in the same run.
 *
 *     bench_http [--rounds N] [--seconds S] [--most RATIO]
 *
 * Each round asks the bare responder and then three addresses of ours for answers of 1 KiB over 64 kept connections,
 * and prints microseconds of CPU a request and the ratio to the bare responder; at the end the medians. Rounds are short
 * and many, for on a shared machine only what was measured side by side can be compared. With --most the exit status is 1
 * where the median ratio of the page is higher.
 */
#include "http_bench.h"

#include "http/http.h"
#include "loop/loop.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define CONNECTIONS 64
#define WARM_MS     50
#define ROUNDS_MAX  99

void bench_die(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(1);
}

/* --- servers on their threads -------------------------------------------------------------------------------------- */

static void on_call(uv_async_t *call)
{
    struct bench_server *server = call->data;
    struct rusage used;
    getrusage(RUSAGE_THREAD, &used);
    server->usage.cpu_us = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
                           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
    server->usage.requests = server->requests(server);
    if (server->stopping) {
        uv_close((uv_handle_t *)call, NULL);
        server->stop(server);
    }
    uv_sem_post(&server->done);
}

static void on_thread(void *argument)
{
    struct bench_server *server = argument;
    server->run(server);
}

void bench_server_start(struct bench_server *server)
{
    uv_sem_init(&server->done, 0);
    uv_async_init(server->uv, &server->call, on_call);
    server->call.data = server;
    if (uv_thread_create(&server->thread, on_thread, server) != 0)
        bench_die("no thread for the server");
}

struct bench_usage bench_server_usage(struct bench_server *server)
{
    uv_async_send(&server->call);
    uv_sem_wait(&server->done);
    return server->usage;
}

void bench_server_end(struct bench_server *server)
{
    server->stopping = 1;
    bench_server_usage(server);
    uv_thread_join(&server->thread);
    uv_sem_destroy(&server->done);
}

/* --- ours ---------------------------------------------------------------------------------------------------------- */

static char body[BENCH_BODY];
static struct http_prepared *page;

static struct ours {
    struct bench_server server;
    struct loop *loop;
    struct http *http;
} ours;

static int say_page(struct op *op)
{
    return http_reply_prepared(http_request_of(op), page);
}

static int say_json(struct op *op)
{
    CLEANUP_JSON json_t *value = json_pack("{s:s%}", "text", body, sizeof body - 11);
    return http_reply_json(http_request_of(op), 200, value);
}

static int work(struct op *op)
{
    (void)op;
    return OP_NEXT;
}

static const struct op_step page_steps[] = {STEP(say_page, ON_LOOP), STEP_END};
static const struct op_step json_steps[] = {STEP(say_json, ON_LOOP), STEP_END};
static const struct op_step work_steps[] = {STEP(work, ON_CPU), STEP(say_page, ON_LOOP), STEP_END};

static const struct http_route routes[] = {
    {"GET", "/page", page_steps, HTTP_BODY_NONE, 0, 0},
    {"GET", "/api/v1/communities/:slug/overview", json_steps, HTTP_BODY_NONE, 0, 0},
    {"GET", "/work", work_steps, HTTP_BODY_NONE, 0, 0},
};

static void ours_run(struct bench_server *server)
{
    (void)server;
    if (loop_run(ours.loop) != 0)
        bench_die("the server did not stop");
}

static uint64_t ours_requests(struct bench_server *server)
{
    struct http_counts counts;
    (void)server;
    http_counts(ours.http, &counts);
    return counts.requests;
}

static void ours_stop(struct bench_server *server)
{
    (void)server;
    loop_stop(ours.loop);
}

static struct bench_server *ours_new(void)
{
    struct err err = {0};
    const struct http_options options = {
        .listen = TEXT("127.0.0.1:0"), .routes = routes, .n_routes = ARRAY_LEN(routes)};
    ours.loop = loop_new(NULL, &err);
    ours.http = ours.loop ? http_new(ours.loop, &options, &err) : NULL;
    if (!ours.http)
        bench_die("%s", err.text);
    page = http_prepare(ours.http, 200, "text/html", (struct text){body, sizeof body}, NULL, 0);
    ours.server = (struct bench_server){.port = http_port(ours.http),
                                        .run = ours_run,
                                        .requests = ours_requests,
                                        .stop = ours_stop,
                                        .uv = loop_uv(ours.loop)};
    return &ours.server;
}

static void ours_free(void)
{
    http_prepared_free(page);
    http_free(ours.http);
    loop_free(ours.loop);
}

/* --- rounds -------------------------------------------------------------------------------------------------------- */

enum { BARE, PAGE, JSON, WORK, N_CASES };

static const struct {
    const char *name;
    const char *path;
} cases[N_CASES] = {
    [BARE] = {"bare libuv", "/"},
    [PAGE] = {"prepared page", "/page"},
    [JSON] = {"fresh JSON", "/api/v1/communities/swifties/overview"},
    [WORK] = {"by way of a worker", "/work"},
};

/* Microseconds of the server thread's CPU for one answer. */
static double measure(struct bench_server *server, const char *path, unsigned ms)
{
    load_run(server->port, path, CONNECTIONS, WARM_MS);
    struct bench_usage before = bench_server_usage(server);
    load_run(server->port, path, CONNECTIONS, ms);
    struct bench_usage after = bench_server_usage(server);
    if (after.requests == before.requests)
        bench_die("nothing was answered");
    return (after.cpu_us - before.cpu_us) / (double)(after.requests - before.requests);
}

static int by_size(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median(double *values, size_t n)
{
    qsort(values, n, sizeof *values, by_size);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static double option(int argc, char **argv, const char *name, double otherwise)
{
    for (int i = 1; i + 1 < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return strtod(argv[i + 1], NULL);
    return otherwise;
}

int main(int argc, char **argv)
{
    static double us[N_CASES][ROUNDS_MAX];
    static double ratios[N_CASES][ROUNDS_MAX];
    double wanted = option(argc, argv, "--rounds", 15);
    size_t rounds = wanted >= 1 && wanted <= ROUNDS_MAX ? (size_t)wanted : 15;
    unsigned ms = (unsigned)(option(argc, argv, "--seconds", 0.3) * 1000);
    double most = option(argc, argv, "--most", 0);
    memset(body, 'x', sizeof body);
    struct bench_server *bare = bare_new();
    struct bench_server *server = ours_new();
    bench_server_start(bare);
    bench_server_start(server);
    for (size_t round = 0; round < rounds; round++) {
        printf("round %zu:", round + 1);
        for (size_t c = 0; c < N_CASES; c++) {
            us[c][round] = measure(c == BARE ? bare : server, cases[c].path, ms);
            ratios[c][round] = us[c][round] / us[BARE][round];
            printf("  %s %.2f us (%.2f)", cases[c].name, us[c][round], ratios[c][round]);
            fflush(stdout);
        }
        printf("\n");
    }
    bench_server_end(bare);
    bench_server_end(server);
    bare_free(bare);
    ours_free();
    for (size_t c = 0; c < N_CASES; c++)
        printf("%-20s %6.2f us CPU a request, %.2f times bare libuv (median of %zu)\n", cases[c].name,
               median(us[c], rounds), median(ratios[c], rounds), rounds);
    return most > 0 && median(ratios[PAGE], rounds) > most;
}

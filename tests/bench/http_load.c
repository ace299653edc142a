/* tests/bench/http_load.c
 *
 * Load: one thread, many kept connections, each asks again as soon as it has its answer.
 */
#include "http_bench.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER_MAX 8192

struct asker {
    int fd;
    size_t len;
    size_t whole; /* of the answer; 0: not known yet */
    char bytes[ANSWER_MAX];
};

static int dial(uint16_t port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        bench_die("the load cannot connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

/* The length of the answer whose head has come; dies where it is not 200. */
static size_t answer_length(const struct asker *asker)
{
    const char *end = memmem(asker->bytes, asker->len, "\r\n\r\n", 4);
    const char *at = memmem(asker->bytes, asker->len, "Content-Length: ", 16);
    if (!end)
        return 0;
    if (!at || memcmp(asker->bytes, "HTTP/1.1 200", 12) != 0)
        bench_die("a wrong answer: %.*s", (int)asker->len, asker->bytes);
    return (size_t)(end + 4 - asker->bytes) + (size_t)strtoul(at + 16, NULL, 10);
}

/* True where a whole answer has come. */
static int asker_read(struct asker *asker)
{
    ssize_t n = recv(asker->fd, asker->bytes + asker->len, sizeof asker->bytes - asker->len, 0);
    if (n <= 0)
        bench_die("the server closed");
    asker->len += (size_t)n;
    if (asker->whole == 0)
        asker->whole = answer_length(asker);
    if (asker->whole == 0 || asker->len < asker->whole)
        return 0;
    asker->len = asker->whole = 0;
    return 1;
}

static void ask(const struct asker *asker, const char *request)
{
    if (send(asker->fd, request, strlen(request), MSG_NOSIGNAL) != (ssize_t)strlen(request))
        bench_die("the load cannot send");
}

uint64_t load_run(uint16_t port, const char *path, unsigned connections, unsigned ms)
{
    struct asker *askers = calloc(connections, sizeof *askers);
    struct epoll_event events[64];
    char request[256];
    uint64_t answers = 0;
    uint64_t until = uv_hrtime() + (uint64_t)ms * 1000000;
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n\r\n", path, port);
    for (unsigned i = 0; i < connections; i++) {
        askers[i].fd = dial(port);
        epoll_ctl(epoll, EPOLL_CTL_ADD, askers[i].fd, &(struct epoll_event){.events = EPOLLIN, .data.ptr = &askers[i]});
        ask(&askers[i], request);
    }
    while (uv_hrtime() < until) {
        int n = epoll_wait(epoll, events, 64, 100);
        for (int i = 0; i < n; i++) {
            struct asker *asker = events[i].data.ptr;
            if (!asker_read(asker))
                continue;
            answers++;
            ask(asker, request);
        }
    }
    for (unsigned i = 0; i < connections; i++)
        close(askers[i].fd);
    close(epoll);
    free(askers);
    return answers;
}

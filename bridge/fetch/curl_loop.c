/* bridge/fetch/curl_loop.c
 *
 * curl_multi_socket_action, driven by libuv.
 *
 * curl says by one callback which sockets it wants to read or write, and by another when it wants to be called though
 * no socket stirred. It must never be called from inside either, so a time-out of 0 only starts the timer. After every
 * call the list of ended transfers is emptied.
 */
#include "fetch/curl_loop.h"

#include "base/limits.h"

#include <stdlib.h>

struct curl_socket {
    uv_poll_t poll;
    struct curl_loop *loop; /* borrowed */
    curl_socket_t fd;
};

struct curl_loop {
    uv_loop_t *uv; /* borrowed */
    uv_timer_t timer;
    CURLM *multi; /* owned */
    curl_loop_done_fn *done;
    void *context; /* borrowed */
    bool in_timer;
    bool closing;
    unsigned open_handles;
    void (*closed)(void *context);
    void *closed_context; /* borrowed */
};

static void tell_ended(struct curl_loop *loop)
{
    CURLMsg *message;
    int left;
    while (!loop->closing && (message = curl_multi_info_read(loop->multi, &left))) {
        if (message->msg != CURLMSG_DONE)
            continue;
        CURL *easy = message->easy_handle; /* read before the handle's removal frees the message */
        CURLcode result = message->data.result;
        curl_multi_remove_handle(loop->multi, easy);
        loop->done(loop->context, easy, result);
    }
}

static void on_timer(uv_timer_t *timer)
{
    struct curl_loop *loop = timer->data;
    int running;
    loop->in_timer = true;
    curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    tell_ended(loop);
    loop->in_timer = false;
}

static void on_socket(uv_poll_t *poll, int status, int events)
{
    struct curl_socket *socket = poll->data;
    struct curl_loop *loop = socket->loop;
    int flags = status < 0 ? CURL_CSELECT_ERR : 0;
    int running;
    flags |= events & UV_READABLE ? CURL_CSELECT_IN : 0;
    flags |= events & UV_WRITABLE ? CURL_CSELECT_OUT : 0;
    curl_multi_socket_action(loop->multi, socket->fd, flags, &running); /* may free the socket */
    tell_ended(loop);
}

static int on_timeout_wanted(CURLM *multi, long timeout_ms, void *context)
{
    struct curl_loop *loop = context;
    (void)multi;
    if (loop->closing)
        return 0;
    if (timeout_ms == 0 && loop->in_timer)
        timeout_ms = 1; /* a timer that starts itself with 0 keeps the loop from its sockets */
    if (timeout_ms < 0)
        uv_timer_stop(&loop->timer);
    else
        uv_timer_start(&loop->timer, on_timer, (uint64_t)timeout_ms, 0);
    return 0;
}

static void close_if_last(struct curl_loop *loop)
{
    if (--loop->open_handles > 0 || !loop->closing)
        return;
    void (*closed)(void *context) = loop->closed;
    void *context = loop->closed_context;
    free(loop);
    if (closed)
        closed(context);
}

static void on_socket_closed(uv_handle_t *handle)
{
    struct curl_socket *socket = handle->data;
    struct curl_loop *loop = socket->loop;
    free(socket);
    close_if_last(loop);
}

static void on_timer_closed(uv_handle_t *handle)
{
    close_if_last(handle->data);
}

static struct curl_socket *add_socket(struct curl_loop *loop, curl_socket_t fd)
{
    struct curl_socket *socket = calloc(1, sizeof *socket);
    if (!socket)
        return NULL;
    if (uv_poll_init_socket(loop->uv, &socket->poll, fd) < 0) {
        free(socket);
        return NULL;
    }
    socket->poll.data = socket;
    socket->loop = loop;
    socket->fd = fd;
    loop->open_handles++;
    curl_multi_assign(loop->multi, fd, socket);
    return socket;
}

static int on_socket_wanted(CURL *easy, curl_socket_t fd, int what, void *context, void *socket_context)
{
    struct curl_loop *loop = context;
    struct curl_socket *socket = socket_context;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (socket) {
            curl_multi_assign(loop->multi, fd, NULL);
            uv_poll_stop(&socket->poll);
            uv_close((uv_handle_t *)&socket->poll, on_socket_closed);
        }
        return 0;
    }
    if (!socket)
        socket = add_socket(loop, fd);
    if (!socket)
        return -1; /* curl ends what is under way */
    int events = (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
    return uv_poll_start(&socket->poll, events, on_socket);
}

struct curl_loop *curl_loop_new(uv_loop_t *uv, curl_loop_done_fn *done, void *context, struct err *err)
{
    struct curl_loop *loop = calloc(1, sizeof *loop);
    if (!loop || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(loop);
        err_set(err, E_NOMEM, "curl cannot start");
        return NULL;
    }
    *loop = (struct curl_loop){.uv = uv, .done = done, .context = context, .open_handles = 1};
    loop->multi = curl_multi_init();
    if (!loop->multi) {
        curl_global_cleanup();
        free(loop);
        err_set(err, E_NOMEM, "curl cannot start");
        return NULL;
    }
    uv_timer_init(uv, &loop->timer);
    loop->timer.data = loop;
    curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, on_socket_wanted);
    curl_multi_setopt(loop->multi, CURLMOPT_SOCKETDATA, loop);
    curl_multi_setopt(loop->multi, CURLMOPT_TIMERFUNCTION, on_timeout_wanted);
    curl_multi_setopt(loop->multi, CURLMOPT_TIMERDATA, loop);
    curl_multi_setopt(loop->multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    curl_multi_setopt(loop->multi, CURLMOPT_MAXCONNECTS, (long)LIMIT_IDLE_CONNECTIONS);
    return loop;
}

void curl_loop_close(struct curl_loop *loop, void (*done)(void *context), void *context)
{
    loop->closing = true;
    loop->closed = done;
    loop->closed_context = context;
    curl_multi_cleanup(loop->multi); /* takes its sockets off, one callback for each */
    curl_global_cleanup();
    uv_close((uv_handle_t *)&loop->timer, on_timer_closed);
}

int curl_loop_add(struct curl_loop *loop, CURL *easy)
{
    return curl_multi_add_handle(loop->multi, easy) == CURLM_OK ? 0 : E_NOMEM;
}

void curl_loop_remove(struct curl_loop *loop, CURL *easy)
{
    curl_multi_remove_handle(loop->multi, easy);
}

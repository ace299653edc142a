/* tests/lib/script_server.c
 *
 * The scripted server.
 *
 * A connection reads one request, waits for the answer's delay, writes it, and reads on: what came meanwhile stays in
 * its buffer. Long bodies are written a piece at a time, the next when the one before has left.
 */
#include "lib/script_server.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "lib/script_book.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define PIECE     (64 * 1024)
#define CHUNK     1024
#define MEMORY    ((size_t)256 * 1024 * 1024)
#define REQUESTED ((size_t)16 * 1024 * 1024) /* one request, head and body */

struct connection {
    uv_tcp_t tcp;
    uv_timer_t delay;
    uv_write_t write;
    struct script_server *server;
    struct connection *prev;
    struct connection *next;
    unsigned number;
    unsigned open_handles;
    bool closing;
    bool busy; /* a request is being answered */
    char incoming[PIECE];
    struct buf in;
    struct buf out; /* the piece that is being written */
    struct script_answer answer;
    struct text body;   /* one turn of it */
    size_t body_total;  /* bytes that are said to come */
    size_t body_end;    /* bytes that do come */
    size_t body_offset; /* bytes written */
};

struct script_server {
    uv_tcp_t listener;
    uv_loop_t *loop;
    unsigned port;
    struct arena arena; /* everything that is kept until the end */
    struct script_book book;
    struct connection *connections;
    struct script_request **requests;
    size_t n_requests;
    unsigned n_connections;
    unsigned busy;
    unsigned most_busy;
    bool closing;
    bool listener_closed;
};

static void *must(void *pointer)
{
    if (pointer)
        return pointer;
    fprintf(stderr, "script_server: no memory\n");
    abort();
}

static const char *keep(struct script_server *server, struct text t)
{
    struct text copy;
    if (!arena_text(&server->arena, t, &copy))
        must(NULL);
    return copy.data;
}

/* --- what it answers ------------------------------------------------------------------------------------------------*/

void script_server_on(struct script_server *server, const char *pattern, struct script_answer answer)
{
    script_book_on(&server->book, pattern, answer);
}

void script_server_call(struct script_server *server, const char *pattern, script_fn *fn, void *context)
{
    script_book_call(&server->book, pattern, fn, context);
}

void script_server_forget(struct script_server *server)
{
    server->book.routes = NULL;
}

/* --- the end of a connection ----------------------------------------------------------------------------------------*/

static void free_server_if_closed(struct script_server *server)
{
    if (!server->closing || !server->listener_closed || server->connections)
        return;
    arena_release(&server->arena);
    free(server);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct connection *connection = handle->data;
    struct script_server *server = connection->server;
    if (--connection->open_handles > 0)
        return;
    if (connection->prev)
        connection->prev->next = connection->next;
    else
        server->connections = connection->next;
    if (connection->next)
        connection->next->prev = connection->prev;
    buf_release(&connection->in);
    buf_release(&connection->out);
    free(connection);
    free_server_if_closed(server);
}

static void set_busy(struct connection *connection, bool busy)
{
    struct script_server *server = connection->server;
    if (connection->busy == busy)
        return;
    connection->busy = busy;
    server->busy += busy ? 1U : -1U;
    if (server->busy > server->most_busy)
        server->most_busy = server->busy;
}

static void end_connection(struct connection *connection)
{
    if (connection->closing)
        return;
    connection->closing = true;
    set_busy(connection, false);
    uv_close((uv_handle_t *)&connection->tcp, on_handle_closed);
    uv_close((uv_handle_t *)&connection->delay, on_handle_closed);
}

static void reset_connection(struct connection *connection)
{
    if (connection->closing)
        return;
    connection->closing = true;
    set_busy(connection, false);
    if (uv_tcp_close_reset(&connection->tcp, on_handle_closed) != 0)
        uv_close((uv_handle_t *)&connection->tcp, on_handle_closed);
    uv_close((uv_handle_t *)&connection->delay, on_handle_closed);
}

/* --- writing --------------------------------------------------------------------------------------------------------*/

static void read_requests(struct connection *connection);
static void write_more(struct connection *connection);

static void on_written(uv_write_t *write, int status)
{
    struct connection *connection = write->data;
    if (connection->closing)
        return;
    if (status < 0)
        end_connection(connection);
    else
        write_more(connection);
}

static void write_out(struct connection *connection)
{
    uv_buf_t piece = uv_buf_init(connection->out.data, (unsigned)connection->out.len);
    connection->write.data = connection;
    if (uv_write(&connection->write, (uv_stream_t *)&connection->tcp, &piece, 1, on_written) < 0)
        end_connection(connection);
}

static void add_body(struct connection *connection, size_t most)
{
    size_t end = connection->body_offset + most;
    if (end > connection->body_end)
        end = connection->body_end;
    while (connection->body_offset < end) {
        size_t at = connection->body_offset % connection->body.len;
        struct text part = text_slice(connection->body, at, at + (end - connection->body_offset));
        must(buf_add(&connection->out, part) == 0 ? connection : NULL);
        connection->body_offset += part.len;
    }
}

static void add_chunk(struct connection *connection)
{
    size_t left = connection->body_end - connection->body_offset;
    size_t size = left < CHUNK ? left : CHUNK;
    must(buf_printf(&connection->out, "%zx\r\n", size) == 0 ? connection : NULL);
    add_body(connection, size);
    must(buf_add(&connection->out, TEXT("\r\n")) == 0 ? connection : NULL);
}

static void answer_is_out(struct connection *connection)
{
    switch (connection->answer.how) {
    case SCRIPT_UNTIL_CLOSE:
    case SCRIPT_RAW:
    case SCRIPT_CLOSE:
    case SCRIPT_RESET:
    case SCRIPT_CUT:
        end_connection(connection);
        return;
    case SCRIPT_STALL:
    case SCRIPT_NEVER:
        return;
    case SCRIPT_LENGTH:
    case SCRIPT_CHUNKED:
        break;
    }
    set_busy(connection, false);
    read_requests(connection);
}

static void write_more(struct connection *connection)
{
    buf_clear(&connection->out);
    if (connection->body_offset >= connection->body_end) {
        answer_is_out(connection);
        return;
    }
    if (connection->answer.how == SCRIPT_CHUNKED) {
        while (connection->body_offset < connection->body_end && connection->out.len < PIECE)
            add_chunk(connection);
        if (connection->body_offset == connection->body_end)
            must(buf_add(&connection->out, TEXT("0\r\n\r\n")) == 0 ? connection : NULL);
    } else {
        add_body(connection, PIECE);
    }
    write_out(connection);
}

static void add_head(struct connection *connection)
{
    const struct script_answer *answer = &connection->answer;
    struct buf *out = &connection->out;
    struct text rest = text_of(answer->headers);
    struct text line;
    int rc = buf_printf(out, "HTTP/1.1 %d Scripted\r\n", answer->status ? answer->status : 200);
    while (answer->headers && text_cut(&rest, '\n', &line) && rc == 0)
        rc = line.len > 0 ? buf_printf(out, "%.*s\r\n", TEXT_ARG(line)) : 0;
    if (answer->how == SCRIPT_CHUNKED)
        rc = buf_add(out, TEXT("Transfer-Encoding: chunked\r\n"));
    else if (answer->how == SCRIPT_UNTIL_CLOSE)
        rc = buf_add(out, TEXT("Connection: close\r\n"));
    else
        rc = buf_printf(out, "Content-Length: %zu\r\n", connection->body_total);
    must(rc == 0 && buf_add(out, TEXT("\r\n")) == 0 ? connection : NULL);
    if (answer->how == SCRIPT_CHUNKED && connection->body_end == 0)
        must(buf_add(out, TEXT("0\r\n\r\n")) == 0 ? connection : NULL);
}

static void begin_answer(uv_timer_t *timer)
{
    struct connection *connection = timer->data;
    const struct script_answer *answer = &connection->answer;
    size_t len = answer->body ? (answer->body_len ? answer->body_len : strlen(answer->body)) : 0;
    connection->body = (struct text){answer->body, len};
    connection->body_total = len > 0 && answer->body_repeat > 0 ? answer->body_repeat : len;
    connection->body_end = connection->body_total;
    connection->body_offset = 0;
    buf_clear(&connection->out);
    switch (answer->how) {
    case SCRIPT_NEVER:
        return;
    case SCRIPT_CLOSE:
        end_connection(connection);
        return;
    case SCRIPT_RESET:
        reset_connection(connection);
        return;
    case SCRIPT_RAW:
        write_more(connection);
        return;
    case SCRIPT_CUT:
    case SCRIPT_STALL:
        connection->body_end /= 2;
        break;
    case SCRIPT_LENGTH:
    case SCRIPT_CHUNKED:
    case SCRIPT_UNTIL_CLOSE:
        break;
    }
    add_head(connection);
    write_out(connection);
}

/* --- reading --------------------------------------------------------------------------------------------------------*/

static struct text header_in(struct text head, const char *name)
{
    struct text line;
    while (text_cut(&head, '\n', &line)) {
        size_t colon = text_find_byte(line, ':', 0);
        if (colon != TEXT_NOWHERE && text_equal_fold(text_slice(line, 0, colon), text_of(name)))
            return text_trim(text_slice(line, colon + 1, line.len));
    }
    return TEXT_NONE;
}

struct text script_request_header(const struct script_request *request, const char *name)
{
    return header_in(text_of(request->head), name);
}

static const struct script_request *record(struct connection *connection, struct text head, struct text body)
{
    struct script_server *server = connection->server;
    struct script_request *request = must(ARENA_NEW(&server->arena, struct script_request));
    struct text rest = head;
    struct text method = TEXT_NONE;
    struct text target = TEXT_NONE;
    struct text host = header_in(head, "Host");
    text_cut(&rest, ' ', &method);
    text_cut(&rest, ' ', &target);
    request->method = keep(server, method);
    request->target = keep(server, target);
    request->host = keep(server, text_slice(host, 0, text_find_byte(host, ':', 0)));
    request->head = keep(server, head);
    request->body = (struct text){keep(server, body), body.len};
    request->connection = connection->number;
    request->at_ms = uv_now(server->loop);
    server->requests = must(arena_grow(&server->arena, server->requests, server->n_requests, sizeof *server->requests));
    server->requests[server->n_requests++] = request;
    return request;
}

/* Takes the next whole request from what came, if there is one and the last one is answered. */
static void read_requests(struct connection *connection)
{
    struct text in = buf_text(&connection->in);
    size_t end = text_find(in, TEXT("\r\n\r\n"), 0);
    uint64_t length = 0;
    if (connection->busy || connection->closing || end == TEXT_NOWHERE)
        return;
    struct text head = text_slice(in, 0, end);
    text_to_u64(header_in(head, "Content-Length"), &length);
    if (in.len < end + 4 + length)
        return;
    const struct script_request *request = record(connection, head, text_slice(in, end + 4, end + 4 + length));
    buf_drop(&connection->in, end + 4 + length);
    set_busy(connection, true);
    connection->answer = script_book_answer(&connection->server->book, request);
    if (connection->answer.delay_ms > 0)
        uv_timer_start(&connection->delay, begin_answer, (uint64_t)connection->answer.delay_ms, 0);
    else
        begin_answer(&connection->delay);
}

static void lend_memory(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_buf)
{
    struct connection *connection = handle->data;
    (void)suggested;
    *ret_buf = uv_buf_init(connection->incoming, sizeof connection->incoming);
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *bytes)
{
    struct connection *connection = stream->data;
    if (len < 0) {
        end_connection(connection);
        return;
    }
    must(buf_add(&connection->in, (struct text){bytes->base, (size_t)len}) == 0 ? connection : NULL);
    read_requests(connection);
}

/* --- the server -----------------------------------------------------------------------------------------------------*/

static void on_connection(uv_stream_t *listener, int status)
{
    struct script_server *server = listener->data;
    if (status < 0 || server->closing)
        return;
    struct connection *connection = must(calloc(1, sizeof *connection));
    connection->server = server;
    connection->number = ++server->n_connections;
    connection->open_handles = 2;
    buf_init(&connection->in, REQUESTED);
    buf_init(&connection->out, MEMORY);
    uv_tcp_init(server->loop, &connection->tcp);
    uv_timer_init(server->loop, &connection->delay);
    connection->tcp.data = connection;
    connection->delay.data = connection;
    connection->next = server->connections;
    if (connection->next)
        connection->next->prev = connection;
    server->connections = connection;
    if (uv_accept(listener, (uv_stream_t *)&connection->tcp) < 0) {
        end_connection(connection);
        return;
    }
    uv_tcp_nodelay(&connection->tcp, 1); /* else head and body are 40 ms apart */
    uv_read_start((uv_stream_t *)&connection->tcp, lend_memory, on_read);
}

struct script_server *script_server_new(uv_loop_t *loop)
{
    struct script_server *server = must(calloc(1, sizeof *server));
    struct sockaddr_in address;
    int len = sizeof address;
    signal(SIGPIPE, SIG_IGN); /* clients that leave early are the point */
    server->loop = loop;
    arena_init(&server->arena, MEMORY);
    server->book.arena = &server->arena;
    uv_ip4_addr("127.0.0.1", 0, &address);
    uv_tcp_init(loop, &server->listener);
    server->listener.data = server;
    if (uv_tcp_bind(&server->listener, (const struct sockaddr *)&address, 0) < 0 ||
        uv_listen((uv_stream_t *)&server->listener, 128, on_connection) < 0 ||
        uv_tcp_getsockname(&server->listener, (struct sockaddr *)&address, &len) < 0) {
        fprintf(stderr, "script_server: cannot listen on 127.0.0.1\n");
        abort();
    }
    server->port = ntohs(address.sin_port);
    return server;
}

static void on_listener_closed(uv_handle_t *handle)
{
    struct script_server *server = handle->data;
    server->listener_closed = true;
    free_server_if_closed(server);
}

void script_server_close(struct script_server *server)
{
    server->closing = true;
    for (struct connection *connection = server->connections; connection; connection = connection->next)
        end_connection(connection);
    uv_close((uv_handle_t *)&server->listener, on_listener_closed);
}

unsigned script_server_port(const struct script_server *server)
{
    return server->port;
}

const char *script_server_url(struct script_server *server, const char *path)
{
    return must((void *)(uintptr_t)arena_printf(&server->arena, "http://127.0.0.1:%u%s", server->port, path));
}

size_t script_server_hits(const struct script_server *server, const char *pattern)
{
    size_t hits = 0;
    for (size_t i = 0; i < server->n_requests; i++) {
        const struct script_request *request = server->requests[i];
        hits += !pattern || script_fits(pattern, request);
    }
    return hits;
}

const struct script_request *script_server_request(const struct script_server *server, size_t i)
{
    return i < server->n_requests ? server->requests[i] : NULL;
}

unsigned script_server_connections(const struct script_server *server)
{
    return server->n_connections;
}

unsigned script_server_most_at_once(const struct script_server *server)
{
    return server->most_busy;
}

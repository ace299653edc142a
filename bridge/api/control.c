/* bridge/api/control.c
 *
 * The control socket: its routes, and work whose answer is a stream.
 *
 * A stream and its work end separately. A command that leaves closes the stream, and the work is cancelled; work that
 * ends closes the stream behind its last event. Whichever is later frees the record.
 */
#include "api/control_inside.h"

#include "base/cleanup.h"
#include "base/limits.h"
#include "network/network.h"

#include <stdio.h>
#include <stdlib.h>

/* --- bodies ---------------------------------------------------------------------------------------------------------- */

int control_read(struct op *op, const struct json_field *fields, size_t n, void *record)
{
    CLEANUP_JSON json_t *body = json_from_text(http_request_of(op)->body, &op->err);
    if (!body)
        return op->err.code;
    return json_read_fields(body, fields, n, &op->arena, record, &op->err);
}

const struct network *control_network(const struct control *control, struct text name, struct err *err)
{
    const struct control_options *options = &control->options;
    for (size_t i = 0; i < options->n_networks; i++)
        if (text_empty(name) || text_equal(name, text_of(options->networks[i]->name)))
            return options->networks[i];
    err_set(err, E_BAD_INPUT, "there is no network '%.*s' in this version; there is: bluesky", TEXT_ARG(name));
    return NULL;
}

/* --- streams --------------------------------------------------------------------------------------------------------- */

static void leave_where_idle(struct control *control)
{
    void (*idle)(void *context) = control->idle;
    if (!control->leaving || control->streams > 0 || !idle)
        return;
    control->idle = NULL;
    idle(control->context);
}

static void release_stream(struct control_stream *stream)
{
    struct control *control = stream->control;
    arena_release(&stream->arena);
    stream->release(stream);
    control->streams--;
    leave_where_idle(control);
}

static void on_close(struct http_request *request, void *context)
{
    struct control_stream *stream = context;
    (void)request;
    stream->request = NULL;
    if (stream->ended)
        release_stream(stream);
    else
        stream->cancel(stream);
}

int control_stream_begin(struct control_stream *stream, struct http_request *request)
{
    struct control *control = control_of(request);
    int rc = http_events_start(request, on_close, stream);
    if (rc < 0)
        return rc;
    arena_init(&stream->arena, LIMIT_CONTROL_BODY);
    stream->control = control;
    stream->request = request;
    control->streams++;
    return rc;
}

static void send_event(struct control_stream *stream, const char *event, json_t *data)
{
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, LIMIT_LOCAL_EVENT);
    if (data && stream->request && json_write(data, &out) == 0)
        http_events_send(stream->request, text_of(event), buf_text(&out));
    json_decref(data);
}

void control_stream_progress(struct control_stream *stream, struct text doing, uint64_t done, uint64_t all)
{
    if (stream->request)
        send_event(
            stream, "progress",
            json_pack("{so sI sI}", "doing", json_from_view(doing), "done", (json_int_t)done, "all", (json_int_t)all));
}

void control_stream_line(struct control_stream *stream, struct text line)
{
    if (stream->request)
        http_events_send(stream->request, TEXT("line"), line);
}

static json_t *error_json(int rc, const struct err *err)
{
    return json_pack("{s{ss so}}", "error", "code", err_word(rc), "message",
                     json_from_view(text_of(err->text[0] ? err->text : err_word(rc))));
}

void control_stream_end(struct control_stream *stream, int rc, const struct err *err, json_t *counts)
{
    stream->ended = true;
    if (!stream->request) {
        json_decref(counts);
        release_stream(stream);
        return;
    }
    if (rc < 0) {
        json_decref(counts);
        counts = error_json(rc, err);
    }
    send_event(stream, "end", counts ? counts : json_object());
    http_events_end(stream->request); /* and on_close frees, once it is out */
}

/* --- the socket ------------------------------------------------------------------------------------------------------ */

static int admit(struct http_request *request)
{
    if (!control_of(request)->leaving)
        return 0;
    return http_reply_error(request, 503, "stopping", "the process that owns the store is about to end", NULL);
}

static struct http *listen_at(struct control *control, const struct http_route *routes, size_t n, struct err *err)
{
    char at[4096];
    int len = snprintf(at, sizeof at, "unix:%.*s/" CONTROL_SOCKET, TEXT_ARG(control->options.folder));
    if (len < 0 || (size_t)len >= sizeof at) {
        err_set(err, E_BAD_INPUT, "the path of the data folder is too long");
        return NULL;
    }
    return http_new(control->loop,
                    &(struct http_options){.listen = text_of(at),
                                           .routes = routes,
                                           .n_routes = n,
                                           .app = control,
                                           .tell_all = true,
                                           .admit = admit,
                                           .events_queue = LIMIT_CONTROL_EVENTS},
                    err);
}

struct control *control_new(struct loop *loop, const struct control_options *options, struct err *err)
{
    static struct http_route routes[] = {
        {"POST", "/control/import", control_import_steps, HTTP_BODY_WHOLE, LIMIT_CONTROL_BODY, 0},
        {"POST", "/control/match", control_match_steps, HTTP_BODY_WHOLE, LIMIT_CONTROL_BODY, 0},
        {"POST", "/control/pairs", control_pairs_steps, HTTP_BODY_WHOLE, LIMIT_CONTROL_BODY, 0},
        {"POST", "/control/hide", control_hide_steps, HTTP_BODY_WHOLE, LIMIT_CONTROL_BODY, 0},
    };
    const size_t sizes[] = {control_import_state, control_match_state, control_pairs_state, control_hide_state};
    struct control *control = calloc(1, sizeof *control);
    if (!control) {
        err_set(err, E_NOMEM, "no memory for the control socket");
        return NULL;
    }
    for (size_t i = 0; i < ARRAY_LEN(routes); i++)
        routes[i].state_size = sizes[i];
    control->loop = loop;
    control->options = *options;
    control->http = listen_at(control, routes, ARRAY_LEN(routes), err);
    if (control->http)
        return control;
    free(control);
    return NULL;
}

void control_free(struct control *control)
{
    if (!control)
        return;
    http_free(control->http);
    free(control);
}

void control_leave(struct control *control, void (*idle)(void *context), void *context)
{
    control->leaving = true;
    control->idle = idle;
    control->context = context;
    leave_where_idle(control);
}

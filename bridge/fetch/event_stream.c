/* bridge/fetch/event_stream.c
 *
 * Lines make fields, an empty line makes the event.
 */
#include "fetch/event_stream.h"

void event_stream_init(struct event_stream *stream, size_t event_max)
{
    *stream = (struct event_stream){0};
    buf_init(&stream->line, event_max);
    buf_init(&stream->name, event_max);
    buf_init(&stream->data, event_max);
}

void event_stream_release(struct event_stream *stream)
{
    buf_release(&stream->line);
    buf_release(&stream->name);
    buf_release(&stream->data);
}

/* Lines of data are joined by line feeds. A field that has no meaning here (id, retry) is passed over, as is a comment,
 * whose line begins with a colon. */
static int take_field(struct event_stream *stream, struct text line)
{
    size_t colon = text_find_byte(line, ':', 0);
    struct text field = text_slice(line, 0, colon);
    struct text value = colon == TEXT_NOWHERE ? TEXT_NONE : text_slice(line, colon + 1, line.len);
    if (text_starts(value, TEXT(" ")))
        value = text_slice(value, 1, value.len);
    if (text_equal(field, TEXT("event"))) {
        buf_clear(&stream->name);
        return buf_add(&stream->name, value);
    }
    if (!text_equal(field, TEXT("data")))
        return 0;
    int rc = stream->has_data ? buf_add_byte(&stream->data, '\n') : 0;
    stream->has_data = true;
    return rc < 0 ? rc : buf_add(&stream->data, value);
}

static void end_event(struct event_stream *stream, void (*event)(void *context, struct text name, struct text data),
                      void *context)
{
    struct text name = buf_text(&stream->name);
    if (stream->has_data)
        event(context, text_empty(name) ? TEXT("message") : name, buf_text(&stream->data));
    buf_clear(&stream->name);
    buf_clear(&stream->data);
    stream->has_data = false;
}

int event_stream_take(struct event_stream *stream, struct text bytes,
                      void (*event)(void *context, struct text name, struct text data), void *context)
{
    for (size_t end; (end = text_find_byte(bytes, '\n', 0)) != TEXT_NOWHERE;) {
        int rc = buf_add(&stream->line, text_slice(bytes, 0, end));
        struct text line = buf_text(&stream->line);
        if (text_ends(line, TEXT("\r")))
            line = text_slice(line, 0, line.len - 1);
        if (rc == 0 && text_empty(line))
            end_event(stream, event, context);
        else if (rc == 0)
            rc = take_field(stream, line);
        if (rc < 0)
            return rc;
        buf_clear(&stream->line);
        bytes = text_slice(bytes, end + 1, bytes.len);
    }
    return buf_add(&stream->line, bytes);
}

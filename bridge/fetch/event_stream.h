/* bridge/fetch/event_stream.h
 *
 * Server-sent events (HTML Standard, section 9.2) taken out of the bytes of an answer, as they come.
 *
 * Lines end in LF or CR LF; a CR alone, which the standard also takes, ends none here: our own server never sends one.
 * Pure, and for one thread.
 */
#ifndef SKEIN_FETCH_EVENT_STREAM_H
#define SKEIN_FETCH_EVENT_STREAM_H

#include "base/buf.h"

struct event_stream {
    struct buf line; /* the piece of a line that has come */
    struct buf name;
    struct buf data;
    bool has_data;
};

/* event_max: bytes of the longest line and the longest event. */
void event_stream_init(struct event_stream *stream, size_t event_max);
void event_stream_release(struct event_stream *stream);

/* Calls event(context, name, data) for each that is complete; views hold until it returns. Without an "event:" line the
 * name is "message". Returns 0, E_TOO_LARGE or E_NOMEM. */
int event_stream_take(struct event_stream *stream, struct text bytes,
                      void (*event)(void *context, struct text name, struct text data), void *context);

#endif

/* bridge/api/control_inside.h
 *
 * What the files of the control socket share: streams of work (control.c), and the steps of each route.
 */
#ifndef SKEIN_API_CONTROL_INSIDE_H
#define SKEIN_API_CONTROL_INSIDE_H

#include "api/control.h"
#include "base/arena.h"
#include "base/json_fields.h"
#include "http/http.h"
#include "loop/loop.h"

struct control {
    struct loop *loop; /* borrowed */
    struct http *http; /* owned */
    struct control_options options;
    size_t streams; /* work under way */
    bool leaving;
    void (*idle)(void *context); /* called once */
    void *context;
};

static inline struct control *control_of(const struct http_request *request)
{
    return request->app;
}

/* Parses the body by the table into `record` (in request->state) with texts in the operation's arena: for ON_CPU steps. */
int control_read(struct op *op, const struct json_field *fields, size_t n, void *record);

/* The network of this name; NULL and a sentence. Empty: the first one. */
const struct network *control_network(const struct control *control, struct text name, struct err *err);

/* Work whose answer is a stream. Embedded in the work's own record, which is freed by `release` when the work has ended
 * and the stream as well, in whatever order. */
struct control_stream {
    struct control *control;      /* borrowed */
    struct http_request *request; /* borrowed; NULL once the client is gone */
    bool ended;                   /* control_stream_end was called */
    struct arena arena;           /* owned: what the request said, for as long as the work needs it */
    void (*cancel)(struct control_stream *stream);
    void (*release)(struct control_stream *stream);
};

/* In a step ON_LOOP: makes the answer a stream. Returns what the step returns; where that is negative nothing was begun,
 * and the record is still the caller's. */
int control_stream_begin(struct control_stream *stream, struct http_request *request);

void control_stream_progress(struct control_stream *stream, struct text doing, uint64_t done, uint64_t all);
void control_stream_line(struct control_stream *stream, struct text line); /* without its line feed */

/* The work is over: `rc` and the sentence, or 0 and `counts` (stolen; may be NULL). May free the record. */
void control_stream_end(struct control_stream *stream, int rc, const struct err *err, json_t *counts);

extern const struct op_step control_import_steps[];
extern const size_t control_import_state;
extern const struct op_step control_match_steps[];
extern const size_t control_match_state;
extern const struct op_step control_pairs_steps[];
extern const size_t control_pairs_state;
extern const struct op_step control_hide_steps[];
extern const size_t control_hide_state;

#endif

/* bridge/api/control_import.c
 *
 * POST /control/import: files of this machine into the store.
 */
#include "api/control_inside.h"

#include "base/cleanup.h"
#include "base/limits.h"
#include "imports/imports.h"
#include "views/import_view.h"

#include <stdlib.h>

struct import_request {
    struct text community;
    struct text as;
    struct text source;
    struct json_texts kinds;
    struct json_texts files;
};

static const struct json_field fields[] = {
    JSON_FIELD(struct import_request, community, JSON_FIELD_TEXT, true),
    JSON_FIELD(struct import_request, as, JSON_FIELD_TEXT, false),
    JSON_FIELD(struct import_request, source, JSON_FIELD_TEXT, false),
    JSON_FIELD(struct import_request, kinds, JSON_FIELD_TEXTS, false),
    JSON_FIELD(struct import_request, files, JSON_FIELD_TEXTS, true),
};

struct import_work {
    struct control_stream stream;
    struct import_run *run; /* owned */
};

static int read_request(struct op *op)
{
    struct import_request *request = http_request_of(op)->state;
    int rc = control_read(op, fields, ARRAY_LEN(fields), request);
    if (rc < 0)
        return rc;
    return request->files.n > 0 ? OP_NEXT : err_set(&op->err, E_BAD_INPUT, "\"files\" names no file");
}

/* --- the work -------------------------------------------------------------------------------------------------------- */

static void on_progress(void *context, const struct archive_progress *progress)
{
    struct import_work *work = context;
    control_stream_progress(&work->stream, progress->file, progress->rows, 0);
}

static void send_lines(struct import_work *work, const struct import_report *report)
{
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, LIMIT_LOCAL_EVENT);
    for (size_t i = 0; i < report->n; i++) {
        buf_clear(&out);
        if (import_view_json(&report->lines[i], &out) == 0)
            control_stream_line(&work->stream, text_trim(buf_text(&out)));
    }
}

static void on_done(void *context, struct import_run *run)
{
    struct import_work *work = context;
    struct err err = {0};
    int rc = import_run_error(run, &err);
    const struct import_report *report = import_run_report(run);
    send_lines(work, report);
    control_stream_end(&work->stream, rc, &err, json_pack("{sb}", "new_community", report->new_community));
}

static void cancel(struct control_stream *stream)
{
    import_run_cancel(CONTAINER_OF(stream, struct import_work, stream)->run);
}

static void release(struct control_stream *stream)
{
    struct import_work *work = CONTAINER_OF(stream, struct import_work, stream);
    if (work->run)
        import_run_free(work->run);
    free(work);
}

/* --- its start ------------------------------------------------------------------------------------------------------- */

static int read_kinds(const struct json_texts *kinds, unsigned *ret_kinds, struct err *err)
{
    unsigned bits = 0;
    for (size_t i = 0; i < kinds->n; i++) {
        unsigned kind = LIST_FOLLOWING;
        while (kind <= LIST_FACTS && !text_equal(kinds->items[i], text_of(list_kind_word((enum list_kind)kind))))
            kind++;
        if (kind > LIST_FACTS)
            return err_set(err, E_BAD_INPUT, "'%.*s' is no kind of list: following, followers, roster, blocks or mutes",
                           TEXT_ARG(kinds->items[i]));
        bits |= LIST_BIT(kind);
    }
    *ret_kinds = bits;
    return 0;
}

/* The request's texts, for as long as the work lasts. */
static bool keep_request(struct import_work *work, const struct import_request *request, struct import_options *options)
{
    struct arena *arena = &work->stream.arena;
    struct text *paths = ARENA_ARRAY(arena, struct text, request->files.n);
    bool kept = paths && arena_text(arena, request->community, &options->community) &&
                arena_text(arena, request->as, &options->as) && arena_text(arena, request->source, &options->source);
    for (size_t i = 0; kept && i < request->files.n; i++)
        kept = arena_text(arena, request->files.items[i], &paths[i]);
    options->paths = paths;
    options->n_paths = request->files.n;
    return kept;
}

static int start_run(struct import_work *work, const struct control *control, const struct import_request *request,
                     struct err *err)
{
    struct import_options options = {.store = control->options.store,
                                     .numbers = control->options.numbers,
                                     .progress = on_progress,
                                     .done = on_done,
                                     .context = work};
    int rc = read_kinds(&request->kinds, &options.kinds, err);
    if (rc < 0)
        return rc;
    if (!keep_request(work, request, &options))
        return err_set(err, E_NOMEM, "no memory for this import");
    work->run = import_run_start(control->loop, &options, err);
    return work->run ? 0 : err->code;
}

static int start(struct op *op)
{
    struct http_request *request = http_request_of(op);
    struct import_work *work = calloc(1, sizeof *work);
    struct err err = {0};
    if (!work)
        return E_NOMEM;
    work->stream.cancel = cancel;
    work->stream.release = release;
    int rc = control_stream_begin(&work->stream, request);
    if (rc < 0) {
        free(work);
        return rc;
    }
    int failed = start_run(work, control_of(request), request->state, &err);
    if (failed)
        control_stream_end(&work->stream, failed, &err, NULL);
    return rc;
}

const size_t control_import_state = sizeof(struct import_request);
const struct op_step control_import_steps[] = {STEP(read_request, ON_CPU), STEP(start, ON_LOOP), STEP_END};

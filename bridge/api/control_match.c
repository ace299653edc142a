/* bridge/api/control_match.c
 *
 * POST /control/match: finds pairs for what a community looks for, and keeps them.
 */
#include "api/control_inside.h"

#include "base/cleanup.h"
#include "fetch/fetch.h"
#include "matching/match_list.h"

#include <stdlib.h>

struct match_request {
    struct text community;
    struct text as;
    struct text network;
    uint64_t budget;
};

static const struct json_field fields[] = {
    JSON_FIELD(struct match_request, community, JSON_FIELD_TEXT, true),
    JSON_FIELD(struct match_request, as, JSON_FIELD_TEXT, false),
    JSON_FIELD(struct match_request, network, JSON_FIELD_TEXT, false),
    JSON_FIELD(struct match_request, budget, JSON_FIELD_COUNT, false),
};

struct match_work {
    struct control_stream stream;
    struct match_list *list;   /* owned */
    json_t *requests_before;   /* owned: of the whole process, by endpoint */
    const struct fetch *fetch; /* borrowed */
};

static int read_request(struct op *op)
{
    int rc = control_read(op, fields, ARRAY_LEN(fields), http_request_of(op)->state);
    return rc < 0 ? rc : OP_NEXT;
}

/* --- counts ---------------------------------------------------------------------------------------------------------- */

static json_t *requests_json(const struct fetch *fetch, const json_t *before)
{
    const struct fetch_count *counts;
    json_t *requests = json_object();
    for (size_t i = 0, n = fetch_counts(fetch, &counts); i < n; i++) {
        json_int_t so_far = (json_int_t)counts[i].requests;
        json_object_set_new(requests, counts[i].label, json_integer(so_far - json_i64_at(before, counts[i].label, 0)));
    }
    return requests;
}

static json_t *counts_json(const struct match_work *work)
{
    struct match_list_counts counts = match_list_counts(work->list);
    const char *gave_up = match_list_gave_up(work->list);
    return json_pack("{sI sI sI sI so so}", "accounts", (json_int_t)counts.accounts, "fresh", (json_int_t)counts.fresh,
                     "asked", (json_int_t)counts.asked, "cache_hits", (json_int_t)counts.cache_hits, "requests",
                     requests_json(work->fetch, work->requests_before), "gave_up", json_or_null(text_of(gave_up)));
}

/* --- the work -------------------------------------------------------------------------------------------------------- */

static void on_progress(void *context, const char *doing, size_t answered, size_t all)
{
    struct match_work *work = context;
    control_stream_progress(&work->stream, text_of(doing), answered, all);
}

static void on_done(void *context, struct match_list *list)
{
    struct match_work *work = context;
    struct err err = {0};
    int rc = match_list_error(list, &err);
    control_stream_end(&work->stream, rc, &err, counts_json(work));
}

static void cancel(struct control_stream *stream)
{
    match_list_cancel(CONTAINER_OF(stream, struct match_work, stream)->list);
}

static void release(struct control_stream *stream)
{
    struct match_work *work = CONTAINER_OF(stream, struct match_work, stream);
    if (work->list)
        match_list_free(work->list);
    json_decref(work->requests_before);
    free(work);
}

static int start_list(struct match_work *work, const struct control *control, const struct match_request *request,
                      struct err *err)
{
    struct match_list_options options = {.store = control->options.store,
                                         .numbers = control->options.numbers,
                                         .network = control_network(control, request->network, err),
                                         .budget = request->budget,
                                         .progress = on_progress,
                                         .done = on_done,
                                         .context = work};
    if (!options.network)
        return err->code;
    if (!arena_text(&work->stream.arena, request->community, &options.community) ||
        !arena_text(&work->stream.arena, request->as, &options.as))
        return err_set(err, E_NOMEM, "no memory for this match");
    work->fetch = control->options.fetch;
    work->requests_before = requests_json(work->fetch, NULL);
    work->list = match_list_start(control->loop, &options, err);
    return work->list ? 0 : err->code;
}

static int start(struct op *op)
{
    struct http_request *request = http_request_of(op);
    struct match_work *work = calloc(1, sizeof *work);
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
    int failed = start_list(work, control_of(request), request->state, &err);
    if (failed)
        control_stream_end(&work->stream, failed, &err, NULL);
    return rc;
}

const size_t control_match_state = sizeof(struct match_request);
const struct op_step control_match_steps[] = {STEP(read_request, ON_CPU), STEP(start, ON_LOOP), STEP_END};

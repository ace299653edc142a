/* bridge/api/control_hide.c
 *
 * POST /control/hide: somebody who is no user wishes to be left out.
 *
 *     read ON_LOOP ─> resolve ON_LOOP (a network's handle: whose is it?) ─> find ON_READ ─> hide ON_WRITE
 *
 * The wish is kept as keyed hashes, in a file and in rows (store/left_out.h), and every pair that names the person goes in
 * the same write, whoever it was shown to. On X the wish is about the handle and about every id that a roster calls so;
 * on a network about the id, since handles there change owners.
 */
#include "api/control_inside.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "graph/numbers.h"
#include "identity/identity.h"
#include "identity/syntax.h"
#include "loop/loop.h"
#include "network/network.h"
#include "store/left_out.h"
#include "store/left_out_set.h"
#include "store/lists.h"
#include "store/pairs.h"

#include <string.h>

#define RESOLVE_MS (20 * SECOND_MS)

struct hide_body {
    struct text handle;
};

static const struct json_field hide_fields[] = {JSON_FIELD(struct hide_body, handle, JSON_FIELD_TEXT, true)};

struct hide_job {
    struct op *op;
    const struct numbers *numbers;
    struct text x_handle; /* empty: the wish is about a profile */
    struct text handle;   /* on the network */
    uint32_t *found;      /* in the arena; X accounts that it is about */
    size_t n_found;
    struct text *profiles; /* in the arena; ids on the network that it is about */
    size_t n_profiles;
    struct identity_call *call; /* under way */
    char could_not[256];        /* why the handle could not be looked up; empty: it could */
    int64_t pairs;              /* that went */
};

const size_t control_hide_state = sizeof(struct hide_job);

static struct hide_job *job_of(struct op *op)
{
    return http_request_of(op)->state;
}

static int add_profile(struct hide_job *job, struct text id)
{
    struct arena *arena = &job->op->arena;
    for (size_t i = 0; i < job->n_profiles; i++)
        if (text_equal(job->profiles[i], id))
            return 0;
    struct text *longer = arena_grow(arena, job->profiles, job->n_profiles, sizeof *longer);
    if (!longer || !arena_text(arena, id, &longer[job->n_profiles]))
        return E_NOMEM;
    job->profiles = longer;
    job->n_profiles++;
    return 0;
}

static int add_found(struct hide_job *job, uint32_t number)
{
    for (size_t i = 0; i < job->n_found; i++)
        if (job->found[i] == number)
            return 0;
    uint32_t *longer = arena_grow(&job->op->arena, job->found, job->n_found, sizeof *longer);
    if (!longer)
        return E_NOMEM;
    job->found = longer;
    job->found[job->n_found++] = number;
    return 0;
}

/* --- who is meant -------------------------------------------------------------------------------------------------- */

/* No handle on X has a dot or a colon; every handle on a network, and every DID, has one. */
static int take_handle(struct hide_job *job, struct text given, struct err *err)
{
    struct text handle = text_trim(given);
    if (text_starts(handle, TEXT("@")))
        handle = text_slice(handle, 1, handle.len);
    if (did_is_valid(handle, true))
        return add_profile(job, handle);
    if (handle_is_valid(handle)) {
        job->handle = handle;
        return 0;
    }
    bool plain = handle.len > 0 && handle.len <= LIMIT_X_HANDLE;
    for (size_t i = 0; i < handle.len; i++)
        plain &= byte_is_letter(handle.data[i]) || byte_is_digit(handle.data[i]) || handle.data[i] == '_';
    if (!plain)
        return err_set(err, E_BAD_INPUT,
                       "'%.*s' is no handle on X, no handle on a network (such as alice.example) and no DID",
                       TEXT_ARG(text_floor_utf8(handle, 100)));
    job->x_handle = handle;
    return 0;
}

static int read_hide(struct op *op)
{
    struct hide_job *job = job_of(op);
    struct hide_body body = {.handle = TEXT_NONE};
    job->op = op;
    job->numbers = control_of(http_request_of(op))->options.numbers;
    int rc = control_read(op, hide_fields, ARRAY_LEN(hide_fields), &body);
    return rc == 0 ? take_handle(job, body.handle, &op->err) : rc;
}

static void on_resolved(void *context, const struct identity_answer *answer)
{
    struct hide_job *job = context;
    job->call = NULL;
    if (answer->code < 0 || add_profile(job, answer->did) < 0)
        snprintf(job->could_not, sizeof job->could_not, "%s", answer->reason ? answer->reason : "no memory");
    op_resume(job->op);
}

static void stop_resolving(struct op *op)
{
    struct hide_job *job = job_of(op);
    if (job->call)
        identity_cancel(job->call);
    job->call = NULL;
}

static int resolve(struct op *op)
{
    struct hide_job *job = job_of(op);
    if (text_empty(job->handle))
        return OP_NEXT;
    job->call = identity_verify(control_of(http_request_of(op))->options.identity, job->handle, on_resolved, job);
    if (!job->call)
        return err_set(&op->err, E_NOMEM, "no memory to look up the handle");
    op_on_cancel(op, stop_resolving);
    return op_wait(op, RESOLVE_MS);
}

/* --- what is stored of them ---------------------------------------------------------------------------------------- */

static int see_public(void *context, const struct x_public_row *row)
{
    struct hide_job *job = context;
    return text_equal_fold(row->handle, job->x_handle) ? add_found(job, row->number) : 0;
}

static int see_same_as(void *context, const struct same_as_row *row)
{
    struct hide_job *job = context;
    return job->n_found > 0 && row->number == job->found[0] ? add_found(job, row->id_number) : 0;
}

static int find_on_x(struct op *op, struct hide_job *job)
{
    uint32_t number;
    bool by_handle = numbers_of_handle(job->numbers, job->x_handle, &number);
    int rc = by_handle ? add_found(job, number) : 0;
    if (rc == 0 && by_handle)
        rc = same_as_walk(op->lane, see_same_as, job, &op->err);
    return rc == 0 ? x_public_walk(op->lane, see_public, job, &op->err) : rc;
}

static int see_profile(void *context, const struct profile *profile, int64_t seen_ms)
{
    struct hide_job *job = context;
    (void)seen_ms;
    return text_equal_fold(profile->handle, job->handle) ? add_profile(job, profile->id) : 0;
}

static int find_stored(struct op *op)
{
    struct hide_job *job = job_of(op);
    const struct network *network = control_of(http_request_of(op))->options.networks[0];
    int rc = 0;
    if (!text_empty(job->x_handle))
        rc = find_on_x(op, job);
    else if (!text_empty(job->handle))
        rc = profile_walk(op->lane, text_of(network->name), 0, see_profile, job, &op->err);
    if (rc < 0)
        return op->err.code ? rc : err_set(&op->err, rc, "no memory for a wish");
    if (text_empty(job->x_handle) && job->n_profiles == 0)
        return err_set(&op->err, E_NOT_FOUND,
                       "nobody called %.*s is known here, and the handle leads nowhere (%s); give the DID instead",
                       TEXT_ARG(text_floor_utf8(job->handle, 100)), job->could_not);
    return 0;
}

/* --- the wish ------------------------------------------------------------------------------------------------------ */

static int hide_x(struct op *op, struct hide_job *job, struct store *store)
{
    struct keyed_hash hash;
    left_out_hash_x_handle(store_keys(store), job->x_handle, &hash);
    int rc = left_out_opt_out(store, op->lane, &hash, &op->err);
    for (size_t i = 0; rc == 0 && i < job->n_found; i++) {
        uint64_t id = numbers_id(job->numbers, job->found[i]);
        int64_t n = 0;
        left_out_hash_x_id(store_keys(store), id, &hash);
        if (id)
            rc = left_out_opt_out(store, op->lane, &hash, &op->err);
        if (rc == 0)
            rc = pair_delete_x(op->lane, job->found[i], &n, &op->err);
        job->pairs += n;
    }
    return rc;
}

static int hide_profiles(struct op *op, struct hide_job *job, struct store *store, const struct network *network)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < job->n_profiles; i++) {
        struct keyed_hash hash;
        int64_t n = 0;
        left_out_hash_profile(store_keys(store), network->name, job->profiles[i], &hash);
        rc = left_out_opt_out(store, op->lane, &hash, &op->err);
        if (rc == 0)
            rc = pair_delete_profile(op->lane, text_of(network->name), job->profiles[i], &n, &op->err);
        job->pairs += n;
    }
    return rc;
}

static int hide(struct op *op)
{
    struct hide_job *job = job_of(op);
    const struct control_options *house = &control_of(http_request_of(op))->options;
    job->pairs = 0;
    return text_empty(job->x_handle) ? hide_profiles(op, job, house->store, house->networks[0])
                                     : hide_x(op, job, house->store);
}

static int answer_hide(struct op *op)
{
    const struct hide_job *job = job_of(op);
    CLEANUP_JSON json_t *answer =
        json_pack("{ss sI}", "on", text_empty(job->x_handle) ? "network" : "x", "pairs", (json_int_t)job->pairs);
    return answer ? http_reply_json(http_request_of(op), 200, answer)
                  : err_set(&op->err, E_NOMEM, "the wish is kept, but there is no memory to say so");
}

const struct op_step control_hide_steps[] = {
    STEP(read_hide, ON_LOOP), STEP(resolve, ON_LOOP),     STEP(find_stored, ON_READ),
    STEP(hide, ON_WRITE),     STEP(answer_hide, ON_LOOP), STEP_END,
};

/* bridge/api/control_pairs.c
 *
 * POST /control/pairs: pairs that a person vouches for, into a community.
 *
 *     read ON_CPU ─> place ON_READ (community, ids behind handles, who wishes to be left out) ─> keep ON_WRITE, in slices
 *
 * A pair is about an X id where one is known for the handle (the group's rosters tell), else about the handle: the list
 * that names the id must find it.
 */
#include "api/control_inside.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/u64_map.h"
#include "graph/fact_blob.h"
#include "graph/numbers.h"
#include "loop/loop.h"
#include "network/network.h"
#include "store/left_out_set.h"
#include "store/lists.h"
#include "store/pairs.h"
#include "store/people.h"
#include "views/import_view.h"

#include <inttypes.h>

#define SLICE 500 /* pairs in one write: others who wait for the writer get their turn within some 50 ms */

struct pairs_body {
    struct text community;
    struct text state;
    const json_t *pairs;
};

static const struct json_field body_fields[] = {
    JSON_FIELD(struct pairs_body, community, JSON_FIELD_TEXT, true),
    JSON_FIELD(struct pairs_body, state, JSON_FIELD_TEXT, true),
    JSON_FIELD(struct pairs_body, pairs, JSON_FIELD_ARRAY, true),
};

struct pair_given {
    uint64_t line; /* of the file, for sentences; 0: not known */
    struct text x_handle;
    struct text x_id;
    struct text network;
    struct text profile;
    struct x_account x;
    const char *skipped; /* why it is not taken, one clause; NULL: it is */
};

static const struct json_field pair_fields[] = {
    JSON_FIELD(struct pair_given, line, JSON_FIELD_COUNT, false),
    JSON_FIELD(struct pair_given, x_handle, JSON_FIELD_TEXT, false),
    JSON_FIELD(struct pair_given, x_id, JSON_FIELD_TEXT, false),
    JSON_FIELD(struct pair_given, network, JSON_FIELD_TEXT, true),
    JSON_FIELD(struct pair_given, profile, JSON_FIELD_TEXT, true),
};

struct pairs_job {
    struct text slug;
    struct pair_given *pairs; /* in the operation's arena */
    size_t n;
    struct community_row community;
    size_t at;      /* pairs before it are written */
    uint64_t added; /* in slices that were committed */
    uint64_t slice_added;
};

const size_t control_pairs_state = sizeof(struct pairs_job);

static struct pairs_job *job_of(struct op *op)
{
    return http_request_of(op)->state;
}

/* --- what is asked ------------------------------------------------------------------------------------------------- */

static bool handle_valid(struct text handle)
{
    if (handle.len == 0 || handle.len > LIMIT_X_HANDLE)
        return false;
    for (size_t i = 0; i < handle.len; i++)
        if (!byte_is_letter(handle.data[i]) && !byte_is_digit(handle.data[i]) && handle.data[i] != '_')
            return false;
    return true;
}

/* What is wrong with a pair, as one clause; NULL: nothing. */
static const char *take_pair(struct pair_given *pair, const struct control *control)
{
    struct text handle = pair->x_handle;
    if (text_starts(handle, TEXT("@")))
        handle = text_slice(handle, 1, handle.len);
    pair->x.handle = handle;
    if (!text_empty(handle) && !handle_valid(handle))
        return "its X handle is none: at most 20 letters, digits and '_'";
    if (!text_empty(pair->x_id) && (!text_to_u64(pair->x_id, &pair->x.id) || pair->x.id == 0))
        return "its X id is no number";
    if (text_empty(handle) && pair->x.id == 0)
        return "it names nobody on X";
    struct err unknown;
    if (!control_network(control, pair->network, &unknown))
        return "there is no such network here";
    if (text_equal(pair->network, TEXT("bluesky")) && !text_starts(pair->profile, TEXT("did:")))
        return "its profile must be a DID (did:plc:...), since handles change owners";
    return pair->profile.len > 2048 ? "its profile is too long" : NULL;
}

static int take_pairs(struct op *op, struct pairs_job *job, const json_t *list)
{
    const struct control *control = control_of(http_request_of(op));
    job->n = json_array_size(list);
    job->pairs = ARENA_ARRAY(&op->arena, struct pair_given, job->n + 1);
    if (!job->pairs)
        return err_set(&op->err, E_NOMEM, "no memory for %zu pairs", job->n);
    for (size_t i = 0; i < job->n; i++) {
        struct pair_given *pair = &job->pairs[i];
        int rc =
            json_read_fields(json_array_get(list, i), pair_fields, ARRAY_LEN(pair_fields), &op->arena, pair, &op->err);
        if (rc < 0) {
            err_prefix(&op->err, "pair %zu: ", i + 1);
            return rc;
        }
        pair->skipped = take_pair(pair, control);
    }
    return 0;
}

static int read_pairs(struct op *op)
{
    struct pairs_job *job = job_of(op);
    struct pairs_body body = {.pairs = NULL};
    CLEANUP_JSON json_t *json = json_from_text(http_request_of(op)->body, &op->err);
    if (!json)
        return op->err.code;
    int rc = json_read_fields(json, body_fields, ARRAY_LEN(body_fields), &op->arena, &body, &op->err);
    if (rc == 0 && !text_equal(body.state, TEXT("confirmed")))
        rc = err_set(&op->err, E_BAD_INPUT, "the state of pairs that are brought is 'confirmed', not '%.*s'",
                     TEXT_ARG(text_floor_utf8(body.state, 40)));
    if (rc < 0)
        return rc;
    job->slug = body.community;
    return take_pairs(op, job, body.pairs);
}

/* --- where they belong --------------------------------------------------------------------------------------------- */

struct handles {
    struct u64_map wanted; /* owned; hash of a handle -> number of the account that has it; 0: not found yet */
    const struct numbers *numbers;
};

static int see_public(void *context, const struct x_public_row *row)
{
    struct handles *handles = context;
    uint32_t number;
    if (text_empty(row->handle) || row->handle.len > LIMIT_X_HANDLE || numbers_id(handles->numbers, row->number) == 0)
        return 0;
    uint64_t hash = x_handle_hash(row->handle);
    return u64_map_get(&handles->wanted, hash, &number) ? u64_map_put(&handles->wanted, hash, row->number) : 0;
}

static int find_ids(struct op *op, struct pairs_job *job, struct handles *handles)
{
    bool any = false;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < job->n; i++) {
        const struct pair_given *pair = &job->pairs[i];
        if (pair->skipped || pair->x.id)
            continue;
        rc = u64_map_put(&handles->wanted, x_handle_hash(pair->x.handle), 0);
        any = true;
    }
    if (rc == 0 && any)
        rc = x_public_walk(op->lane, see_public, handles, &op->err);
    for (size_t i = 0; rc == 0 && i < job->n; i++) {
        struct pair_given *pair = &job->pairs[i];
        uint32_t number = 0;
        if (!pair->skipped && !pair->x.id && u64_map_get(&handles->wanted, x_handle_hash(pair->x.handle), &number))
            pair->x.id = numbers_id(handles->numbers, number);
    }
    return rc == E_NOMEM ? err_set(&op->err, rc, "no memory for %zu pairs", job->n) : rc;
}

static int mark_left_out(struct op *op, struct pairs_job *job, const struct keys *keys)
{
    CLEANUP(left_out_set_release) struct left_out_set set;
    int rc = left_out_set_load(&set, op->lane, keys, &op->err);
    for (size_t i = 0; rc == 0 && i < job->n; i++) {
        struct pair_given *pair = &job->pairs[i];
        char network[32];
        snprintf(network, sizeof network, "%.*s", TEXT_ARG(pair->network));
        if (!pair->skipped &&
            (left_out_set_has_x(&set, &pair->x) || left_out_set_has_profile(&set, network, pair->profile)))
            pair->skipped = "this person wishes to be left out";
    }
    return rc;
}

static int place_pairs(struct op *op)
{
    struct pairs_job *job = job_of(op);
    const struct control_options *house = &control_of(http_request_of(op))->options;
    struct handles handles = {.numbers = house->numbers};
    int rc = community_by_slug(op->lane, job->slug, &op->arena, &job->community, &op->err);
    if (rc == E_NOT_FOUND)
        return err_set(&op->err, rc, "there is no community '%.*s' here; `skein import` makes one",
                       TEXT_ARG(text_floor_utf8(job->slug, 40)));
    if (rc < 0)
        return rc;
    u64_map_init(&handles.wanted);
    rc = find_ids(op, job, &handles);
    u64_map_release(&handles.wanted);
    return rc == 0 ? mark_left_out(op, job, store_keys(house->store)) : rc;
}

/* --- keeping them -------------------------------------------------------------------------------------------------- */

static int keep_pair(struct op *op, const struct pair_given *given, uint32_t x, int64_t now)
{
    struct pairs_job *job = job_of(op);
    struct text scope = id_text(&job->community.id);
    struct pair_row row;
    int rc = pair_get(op->lane, scope, given->network, x, given->profile, &op->arena, &row, &op->err);
    bool stands = rc == 0 && row.state == PAIR_CONFIRMED;
    if (rc < 0 && rc != E_NOT_FOUND)
        return rc;
    op->err = (struct err){0};
    job->slice_added += !stands;
    row = (struct pair_row){.scope = scope,
                            .x = x,
                            .network = given->network,
                            .profile = given->profile,
                            .state = PAIR_CONFIRMED,
                            .p = 1,
                            .best = true,
                            .evidence = TEXT("[]"),
                            .decided = TEXT(DECIDED_BY_FILE),
                            .since_ms = stands ? row.since_ms : now,
                            .seen_ms = now};
    rc = pair_put(op->lane, &row, &op->err);
    if (rc == 0)
        rc = pair_demote_others(op->lane, scope, given->network, x, given->profile, &op->err);
    return rc == 0 ? pair_delete_rivals(op->lane, scope, given->network, given->profile, x, &op->err) : rc;
}

/* An account that is known by its handle alone has its number from a fact that names it, also after a restart; so pairs are
 * an upload of the community, which says these handles. */
static int put_handles(struct op *op, const struct fact *facts, size_t n, int64_t now)
{
    const struct pairs_job *job = job_of(op);
    const struct store *store = control_of(http_request_of(op))->options.store;
    CLEANUP(buf_release) struct buf blob;
    CLEANUP(buf_release) struct buf box;
    CLEANUP(buf_release) struct buf report;
    char day[CLOCK_DAY_MAX];
    struct id import;
    size_t n_facts = 0;
    buf_init(&blob, MIB);
    buf_init(&box, MIB + SEAL_OVERHEAD);
    buf_init(&report, MIB);
    id_new(store_clock(store), store_random(store), &import);
    clock_day_print(clock_day(now), day);
    int rc = fact_blob_write(facts, n, &blob, &n_facts);
    if (rc == 0)
        rc = keys_seal(store_keys(store), store_random(store), buf_text(&blob), id_text(&import), &box);
    struct import_line line = {.import = import,
                               .file = TEXT("pairs"),
                               .list = text_of(list_kind_word(LIST_FACTS)),
                               .source = TEXT("csv"),
                               .facts = n_facts};
    if (rc < 0 || buf_add_byte(&report, '[') < 0 || import_view_json(&line, &report) < 0 ||
        buf_add_byte(&report, ']') < 0)
        return err_set(&op->err, E_NOMEM, "no memory for the handles of %zu pairs", n);
    struct import_row row = {.id = import,
                             .owner = job->community.id,
                             .community = job->community.id,
                             .state = TEXT(IMPORT_DONE),
                             .created_ms = now,
                             .done_ms = now,
                             .report = buf_text(&report)};
    struct fact_set_row set = {.import = import,
                               .owner = job->community.id,
                               .day = text_of(day),
                               .n = (uint32_t)n_facts,
                               .seal_key = keys_seal_number(store_keys(store)),
                               .facts = buf_text(&box)};
    rc = import_put(op->lane, &row, &op->err);
    return rc == 0 ? fact_set_put(op->lane, &set, &op->err) : rc;
}

/* Also those whose number another community's upload brought: what that says, this one is not told. */
static int keep_handles(struct op *op, const struct x_account accounts[SLICE], const uint32_t numbers[SLICE], size_t n,
                        int64_t now)
{
    struct fact facts[SLICE];
    size_t n_facts = 0;
    for (size_t i = 0; i < n; i++)
        if (accounts[i].id == 0)
            facts[n_facts++] = (struct fact){.number = numbers[i], .account = accounts[i]};
    return n_facts > 0 ? put_handles(op, facts, n_facts, now) : 0;
}

/* May be run again: what it counts goes into the job's totals in a step on the loop, after the commit. */
static int keep_slice(struct op *op)
{
    struct pairs_job *job = job_of(op);
    const struct control_options *house = &control_of(http_request_of(op))->options;
    struct x_account accounts[SLICE];
    uint32_t numbers[SLICE];
    size_t to = job->n - job->at < SLICE ? job->n : job->at + SLICE;
    size_t n = 0;
    int64_t now = clock_wall(store_clock(house->store));
    job->slice_added = 0;
    for (size_t i = job->at; i < to; i++)
        if (!job->pairs[i].skipped)
            accounts[n++] = job->pairs[i].x;
    int rc = numbers_give(house->numbers, op->lane, accounts, n, numbers, &op->err);
    if (rc == 0)
        rc = keep_handles(op, accounts, numbers, n, now);
    n = 0;
    for (size_t i = job->at; rc == 0 && i < to; i++)
        if (!job->pairs[i].skipped)
            rc = keep_pair(op, &job->pairs[i], numbers[n++], now);
    return rc;
}

static int go_on(struct op *op)
{
    struct pairs_job *job = job_of(op);
    job->added += job->slice_added;
    job->at = job->n - job->at < SLICE ? job->n : job->at + SLICE;
    return job->at < job->n ? op_go_to(op, keep_slice) : OP_NEXT;
}

/* --- the answer ---------------------------------------------------------------------------------------------------- */

static json_t *skipped_json(const struct pair_given *pair)
{
    return json_pack("{sI ss}", "line", (json_int_t)pair->line, "why", pair->skipped);
}

static int answer_pairs(struct op *op)
{
    const struct pairs_job *job = job_of(op);
    json_t *rows = json_array();
    size_t skipped = 0;
    for (size_t i = 0; i < job->n; i++) {
        if (!job->pairs[i].skipped)
            continue;
        if (skipped++ < LIMIT_SKIPPED_ROWS)
            json_array_append_new(rows, skipped_json(&job->pairs[i]));
    }
    CLEANUP_JSON json_t *answer =
        json_pack("{sI sI sI so}", "added", (json_int_t)job->added, "unchanged",
                  (json_int_t)(job->n - skipped - job->added), "skipped_total", (json_int_t)skipped, "skipped", rows);
    return answer ? http_reply_json(http_request_of(op), 200, answer)
                  : err_set(&op->err, E_NOMEM, "the pairs are stored, but there is no memory to say so");
}

const struct op_step control_pairs_steps[] = {
    STEP(read_pairs, ON_CPU), STEP(place_pairs, ON_READ),  STEP(keep_slice, ON_WRITE),
    STEP(go_on, ON_LOOP),     STEP(answer_pairs, ON_LOOP), STEP_END,
};

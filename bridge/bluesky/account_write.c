/* bridge/bluesky/account_write.c
 *
 * One com.atproto.repo.applyWrites, and an honest word about what became of it.
 *
 *     sent ─┬─ 200 with a commit ───────────────────────────────> written
 *           ├─ 4xx that names its error ────────────────────────> not written, and why
 *           │     └─ ExpiredToken, the first time ─> refreshSession ─> sent once more
 *           ├─ 429 ─────────────────────────────────────────────> not written: wait
 *           └─ 5xx, half an answer, a page of a proxy, silence ─> nobody knows
 *     not a byte sent ──────────────────────────────────────────> not written: later
 *
 * The server answers 500 to a write whose keys exist already, so even its own errors tell nothing: a look does.
 */
#include "bluesky/inside.h"

#include "base/limits.h"

#define METHOD "com.atproto.repo.applyWrites"
#define FOLLOW "app.bsky.graph.follow"

static int send_write(struct bluesky_account *account);

/* --- what is told ---------------------------------------------------------------------------------------------------*/

static void tell(struct bluesky_account *account, const struct account_answer *answer)
{
    secret_release(&account->write.body);
    account->write.done(account->context, answer);
}

static void tell_outcome(struct bluesky_account *account, enum account_outcome outcome, const char *why)
{
    tell(account, &(struct account_answer){.outcome = outcome, .why = why});
}

/* Where fetch has no answer for us. A 503 that names a time is no promise that nothing was done before it. */
static void tell_fetch(struct bluesky_account *account, const struct fetch_response *response)
{
    struct account_answer answer = {.outcome = FOLLOWS_UNKNOWN, .why = response->reason};
    if (!response->sent || response->status == 429) {
        answer.outcome = FOLLOWS_WAIT;
        answer.until_ms = response->again_ms;
    }
    tell(account, &answer);
}

static enum account_outcome outcome_of(enum xrpc_error error)
{
    switch (error) {
    case XRPC_NONE: /* somebody between us and the server, who may have heard of it */
        return FOLLOWS_UNKNOWN;
    case XRPC_SWAP:
        return FOLLOWS_HEAD_MOVED;
    case XRPC_EXPIRED:
    case XRPC_SIGNED_OUT:
    case XRPC_PASSWORD:
    case XRPC_CODE:
        return FOLLOWS_SIGNED_OUT;
    case XRPC_TAKEN_DOWN:
    case XRPC_SUSPENDED:
    case XRPC_DEACTIVATED:
    case XRPC_GONE:
    case XRPC_FORBIDDEN:
        return FOLLOWS_CLOSED;
    case XRPC_INVALID:
        return FOLLOWS_REFUSED;
    }
    return FOLLOWS_UNKNOWN;
}

static void tell_error(struct bluesky_account *account, enum xrpc_error error)
{
    tell_outcome(account, outcome_of(error), bluesky_why(error));
}

/* --- refreshing -----------------------------------------------------------------------------------------------------*/

/* The write that waits for it was refused: whatever comes of this, nothing is written. */
static void on_refreshed(void *context, const struct fetch_response *response)
{
    struct bluesky_account *account = context;
    enum xrpc_error status = XRPC_NONE;
    account->call = NULL;
    if (response->code < 0) {
        tell(account, &(struct account_answer){
                          .outcome = FOLLOWS_WAIT, .why = response->reason, .until_ms = response->again_ms});
        return;
    }
    if (response->status != 200) {
        enum account_outcome outcome = outcome_of(xrpc_error_of(response->status, response->body));
        if (outcome != FOLLOWS_CLOSED && outcome != FOLLOWS_UNKNOWN)
            outcome = FOLLOWS_SIGNED_OUT;
        if (outcome == FOLLOWS_UNKNOWN)
            outcome = FOLLOWS_WAIT;
        tell_outcome(account, outcome, "its session could not be renewed");
        return;
    }
    int rc = session_read(&account->session, response->body, account->account.id, &status);
    if (rc < 0)
        tell_outcome(account, FOLLOWS_WAIT, "its session could not be renewed: the server answered nonsense");
    else if (status != XRPC_NONE)
        tell_error(account, status);
    else if (send_write(account) < 0)
        tell_outcome(account, FOLLOWS_WAIT, "no memory");
}

/* May be repeated: the server takes one refresh token again for two hours, and then gives the same session. */
static int refresh(struct bluesky_account *account)
{
    account->write.refreshed = true;
    account->call =
        bluesky_post(account->bluesky, account->pds, "com.atproto.server.refreshSession", account->session.refresh,
                     TEXT_NONE, &(struct fetch_request){.may_repeat = true}, on_refreshed, account);
    return account->call ? 0 : E_NOMEM;
}

/* --- answers --------------------------------------------------------------------------------------------------------*/

/* What the server says of its limits holds until the reset that it names. */
static void learn_points(struct bluesky_account *account, const struct fetch_response *response)
{
    int64_t remaining;
    int64_t reset_s;
    if (!text_to_i64(fetch_header_of(response, "RateLimit-Remaining"), &remaining) ||
        !text_to_i64(fetch_header_of(response, "RateLimit-Reset"), &reset_s) || remaining < 0 || reset_s < 0 ||
        reset_s > INT64_MAX / SECOND_MS)
        return;
    account->points = remaining;
    account->points_until_ms = reset_s * SECOND_MS;
}

static bool has_commit(struct text body)
{
    CLEANUP_JSON json_t *root = json_from_text(body, NULL);
    return !text_empty(json_text_at(json_object_get(root, "commit"), "cid"));
}

static void on_written(void *context, const struct fetch_response *response)
{
    struct bluesky_account *account = context;
    account->call = NULL;
    learn_points(account, response);
    if (response->code < 0) {
        tell_fetch(account, response);
        return;
    }
    if (response->status == 200 && has_commit(response->body)) {
        tell_outcome(account, FOLLOWS_WRITTEN, NULL);
        return;
    }
    enum xrpc_error error = response->status == 200 ? XRPC_NONE : xrpc_error_of(response->status, response->body);
    if (error != XRPC_EXPIRED || account->write.refreshed)
        tell_error(account, error);
    else if (refresh(account) < 0)
        tell_outcome(account, FOLLOWS_WAIT, "no memory");
}

/* --- requests -------------------------------------------------------------------------------------------------------*/

static json_t *follow_value(struct bluesky_account *account, const struct account_follow *follow)
{
    char created[CLOCK_TEXT_MAX];
    clock_print(follow->created_ms ? follow->created_ms : clock_wall(account->bluesky->clock), created);
    json_t *value = json_object();
    int failed = json_object_set_new(value, "$type", json_string(FOLLOW));
    failed |= json_object_set_new(value, "subject", json_from_view(follow->subject));
    failed |= json_object_set_new(value, "createdAt", json_string(created));
    if (failed) {
        json_decref(value);
        return NULL;
    }
    return value;
}

static int add_write(struct bluesky_account *account, enum account_doing doing, const struct account_follow *follow,
                     json_t *writes)
{
    json_t *write = json_object();
    int failed =
        json_object_set_new(write, "$type", json_string(doing == ACCOUNT_FOLLOW ? METHOD "#create" : METHOD "#delete"));
    failed |= json_object_set_new(write, "collection", json_string(FOLLOW));
    failed |= json_object_set_new(write, "rkey", json_from_view(follow->rkey));
    if (doing == ACCOUNT_FOLLOW)
        failed |= json_object_set_new(write, "value", follow_value(account, follow));
    failed |= json_array_append_new(writes, write); /* takes it, also where it fails */
    return failed ? E_NOMEM : 0;
}

static int write_body(struct bluesky_account *account, enum account_doing doing, struct text head,
                      const struct account_follow *follows, size_t n)
{
    CLEANUP_JSON json_t *root = json_object();
    json_t *writes = json_array();
    int failed = json_object_set_new(root, "repo", json_from_view(account->account.id));
    failed |= json_object_set_new(root, "swapCommit", json_from_view(head));
    failed |= json_object_set_new(root, "writes", writes);
    for (size_t i = 0; i < n && !failed; i++)
        failed = add_write(account, doing, &follows[i], writes) < 0;
    buf_clear(&account->write.body);
    return failed ? E_NOMEM : json_write(root, &account->write.body);
}

/* The server counts writes for each account, so its pauses stop this one alone. */
static int send_write(struct bluesky_account *account)
{
    account->call =
        bluesky_post(account->bluesky, account->pds, METHOD, account->session.access, buf_text(&account->write.body),
                     &(struct fetch_request){.account = account->account.id,
                                             .response_max = LIMIT_FOLLOWS_PAGE,
                                             .attempt_ms = LIMIT_WRITE_TRY_MS,
                                             .deadline_ms = LIMIT_QUESTION_MS},
                     on_written, account);
    return account->call ? 0 : E_NOMEM;
}

int bluesky_write(void *self, enum account_doing doing, struct text head, const struct account_follow *writes, size_t n,
                  account_answer_fn *done, void *context)
{
    struct bluesky_account *account = self;
    if (n > account->account.slice_max)
        return E_TOO_LARGE;
    account->write.done = done;
    account->write.refreshed = false;
    account->context = context;
    int rc = write_body(account, doing, head, writes, n);
    if (rc == 0)
        rc = send_write(account);
    if (rc < 0)
        secret_release(&account->write.body);
    return rc < 0 ? E_NOMEM : 0;
}

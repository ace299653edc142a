/* tests/lib/fake_account.c
 *
 * The account in memory. Every answer takes one turn of the loop, by a timer of 0 ms.
 */
#include "lib/fake_account.h"

#include "base/cleanup.h"
#include "lib/check.h"

#include <stdlib.h>
#include <string.h>

#define FAKE_ARENA ((size_t)256 << 20)

struct fake_call {
    uv_timer_t timer;
    struct fake_account *account;
    hand_view_fn *on_view;
    hand_answer_fn *on_answer;
    void *context;
    struct hand_view view;
    struct hand_answer answer;
};

/* --- what stands there -------------------------------------------------------------------------------------------------- */

static struct text word(struct fake_account *account, const char *what, unsigned n)
{
    const char *made = arena_printf(&account->arena, "%s%u", what, n);
    assert_non_null(made);
    return text_of(made);
}

static size_t place_of(const struct fake_account *account, struct text rkey)
{
    for (size_t i = 0; i < account->n_records; i++)
        if (text_equal(account->records[i].rkey, rkey))
            return i;
    return SIZE_MAX;
}

bool fake_account_has(const struct fake_account *account, struct text rkey)
{
    return place_of(account, rkey) != SIZE_MAX;
}

size_t fake_account_count(const struct fake_account *account, struct text profile)
{
    size_t n = 0;
    for (size_t i = 0; i < account->n_records; i++)
        n += text_equal(account->records[i].profile, profile);
    return n;
}

void fake_account_post(struct fake_account *account)
{
    account->head = word(account, "head", ++account->heads);
}

static void add_record(struct fake_account *account, struct round_follow record)
{
    assert_true(account->n_records < FAKE_RECORDS_MAX);
    account->records[account->n_records++] = record;
}

void fake_account_follow(struct fake_account *account, struct text profile)
{
    struct round_follow record = {.rkey = word(account, "hand", ++account->keys)};
    assert_true(arena_text(&account->arena, profile, &record.profile));
    add_record(account, record);
    fake_account_post(account);
}

static void remove_record(struct fake_account *account, struct text rkey)
{
    size_t place = place_of(account, rkey);
    account->records[place] = account->records[--account->n_records];
}

/* --- requests ------------------------------------------------------------------------------------------------------------ */

static bool is_refused(const struct fake_account *account, const struct fake_request *request)
{
    for (size_t i = 0; i < request->n; i++)
        if (request->doing == BATCH_FOLLOW && !text_empty(account->refuses) &&
            text_equal(request->writes[i].profile, account->refuses))
            return true;
    return false;
}

static bool stands_in(const struct fake_account *account, const struct fake_request *request)
{
    for (size_t i = 0; i < request->n; i++)
        if (fake_account_has(account, request->writes[i].rkey) != (request->doing == BATCH_UNDO))
            return true;
    return false;
}

/* All or nothing; a key that is taken, or is not there to be removed, is an internal error. */
static enum write_outcome arrive(struct fake_account *account, struct fake_request *request)
{
    request->gone = true;
    account->writes++;
    if (is_refused(account, request))
        return WRITE_REFUSED;
    if (!account->heedless && !text_equal(request->head, account->head))
        return WRITE_HEAD_MOVED;
    if (stands_in(account, request))
        return WRITE_UNKNOWN;
    for (size_t i = 0; i < request->n; i++) {
        if (request->doing == BATCH_UNDO)
            remove_record(account, request->writes[i].rkey);
        else
            add_record(account, request->writes[i]);
    }
    fake_account_post(account);
    return WRITE_DONE;
}

bool fake_account_deliver(struct fake_account *account, size_t which)
{
    size_t held = 0;
    for (size_t i = 0; i < account->n_requests; i++)
        held += !account->requests[i].gone;
    if (held == 0)
        return false;
    which %= held;
    for (size_t i = 0; i < account->n_requests; i++) {
        if (account->requests[i].gone || which-- > 0)
            continue;
        arrive(account, &account->requests[i]);
        return true;
    }
    return false;
}

static struct fake_request *remember(struct fake_account *account, enum batch_doing doing, struct text head,
                                     const struct round_follow *writes, size_t n)
{
    assert_true(account->n_requests < FAKE_REQUESTS_MAX);
    struct fake_request *request = &account->requests[account->n_requests++];
    *request = (struct fake_request){.doing = doing, .n = n};
    request->writes = ARENA_ARRAY(&account->arena, struct round_follow, n + 1);
    assert_true(arena_text(&account->arena, head, &request->head));
    for (size_t i = 0; i < n; i++) {
        assert_false(text_empty(writes[i].rkey));
        assert_true(arena_text(&account->arena, writes[i].rkey, &request->writes[i].rkey));
        assert_true(arena_text(&account->arena, writes[i].profile, &request->writes[i].profile));
    }
    return request;
}

/* --- calls ---------------------------------------------------------------------------------------------------------------- */

static void free_call(uv_handle_t *handle)
{
    free(handle->data);
}

static void end_call(struct fake_call *call)
{
    call->account->call = NULL;
    uv_close((uv_handle_t *)&call->timer, free_call);
}

static void answer(uv_timer_t *timer)
{
    struct fake_call *call = timer->data;
    struct fake_account *account = call->account;
    if (account->before_answer)
        account->before_answer(account->context);
    if (account->call != call) /* cancelled just now */
        return;
    end_call(call);
    if (call->on_view)
        call->on_view(call->context, &call->view);
    else
        call->on_answer(call->context, &call->answer);
}

static struct fake_call *begin_call(struct fake_account *account, void *context)
{
    struct fake_call *call = calloc(1, sizeof *call);
    assert_null(account->call);
    account->call = call;
    call->account = account;
    call->context = context;
    uv_timer_init(loop_uv(account->loop), &call->timer);
    call->timer.data = call;
    uv_timer_start(&call->timer, answer, 0, 0);
    return call;
}

static enum fake_fate fate_of(struct fake_account *account, bool looks)
{
    return account->fate ? account->fate(account->context, looks) : FAKE_WORKS;
}

static void see(struct fake_account *account, struct arena *arena, struct hand_view *ret_view)
{
    struct round_follow *follows = ARENA_ARRAY(arena, struct round_follow, account->n_records + 1);
    memcpy(follows, account->records, account->n_records * sizeof *follows);
    ret_view->head = account->head;
    ret_view->follows = follows;
    ret_view->n_follows = account->n_records;
    ret_view->points = account->points;
}

static int fake_look(void *self, struct arena *arena, hand_view_fn *done, void *context)
{
    struct fake_account *account = self;
    struct fake_call *call = begin_call(account, context);
    call->on_view = done;
    account->looks++;
    switch (fate_of(account, true)) {
    case FAKE_WORKS:
        see(account, arena, &call->view);
        break;
    case FAKE_ANSWER_LOST:
    case FAKE_HELD:
    case FAKE_DROPPED:
        call->view = (struct hand_view){.trouble = HAND_AWAY, .why = "the fake account is away"};
        break;
    case FAKE_WAITS:
        call->view = (struct hand_view){.trouble = HAND_WAIT, .why = "too much", .until_ms = account->until_ms};
        break;
    case FAKE_SIGNED_OUT:
        call->view = (struct hand_view){.trouble = HAND_SIGNED_OUT, .why = "sign in again"};
        break;
    }
    return 0;
}

static const char *why_of(enum write_outcome outcome)
{
    switch (outcome) {
    case WRITE_DONE:
        return NULL;
    case WRITE_HEAD_MOVED:
        return "the account changed meanwhile";
    case WRITE_UNKNOWN:
        return "the fake account did not answer";
    case WRITE_REFUSED:
        return "not taken";
    case WRITE_WAIT:
        return "too much";
    case WRITE_SIGNED_OUT:
        return "sign in again";
    case WRITE_CLOSED:
        return "closed";
    }
    return NULL;
}

static int fake_write(void *self, enum batch_doing doing, struct text head, const struct round_follow *writes, size_t n,
                      hand_answer_fn *done, void *context)
{
    struct fake_account *account = self;
    struct fake_call *call = begin_call(account, context);
    struct fake_request *request = remember(account, doing, head, writes, n);
    enum fake_fate fate = fate_of(account, false);
    enum write_outcome outcome = WRITE_UNKNOWN;
    call->on_answer = done;
    request->gone = fate != FAKE_HELD;
    if (fate == FAKE_WORKS || fate == FAKE_ANSWER_LOST)
        outcome = arrive(account, request);
    if (fate == FAKE_ANSWER_LOST)
        outcome = WRITE_UNKNOWN;
    if (fate == FAKE_WAITS)
        outcome = WRITE_WAIT;
    if (fate == FAKE_SIGNED_OUT)
        outcome = WRITE_SIGNED_OUT;
    call->answer = (struct hand_answer){.outcome = outcome, .why = why_of(outcome), .until_ms = account->until_ms};
    return 0;
}

static void fake_cancel(void *self)
{
    struct fake_account *account = self;
    if (account->call)
        end_call(account->call);
}

static int fake_new_key(void *self, struct arena *arena, struct text *ret_rkey)
{
    struct fake_account *account = self;
    const char *made = arena_printf(arena, "key%u", ++account->keys);
    if (!made)
        return E_NOMEM;
    *ret_rkey = text_of(made);
    return 0;
}

static const struct hand_ops fake_ops = {
    .look = fake_look, .write = fake_write, .cancel = fake_cancel, .new_key = fake_new_key};

void fake_account_init(struct fake_account *account, struct loop *loop)
{
    memset(account, 0, sizeof *account);
    arena_init(&account->arena, FAKE_ARENA);
    account->loop = loop;
    account->points = -1;
    account->hand = (struct hand){
        .network = "bluesky", .account = TEXT("did:test:me"), .slice_max = 200, .ops = &fake_ops, .self = account};
    fake_account_post(account);
}

void fake_account_release(struct fake_account *account)
{
    assert_null(account->call);
    arena_release(&account->arena);
}

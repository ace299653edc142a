/* bridge/bluesky/account.c
 *
 * The record of an account that is signed in, and what its calls have in common.
 */
#include "bluesky/inside.h"

#include "base/limits.h"

#include <stdlib.h>

/* com.atproto.repo.applyWrites: "Too many writes. Max: 200". */
#define SLICE_MAX 200

const char *bluesky_why(enum xrpc_error error)
{
    switch (error) {
    case XRPC_SWAP:
        return "the account changed meanwhile";
    case XRPC_EXPIRED:
    case XRPC_SIGNED_OUT:
    case XRPC_PASSWORD:
        return "its session has ended: sign in again";
    case XRPC_CODE:
        return "its server wants a code: sign in again";
    case XRPC_TAKEN_DOWN:
        return "the account has been taken down";
    case XRPC_SUSPENDED:
        return "the account has been suspended";
    case XRPC_DEACTIVATED:
        return "the account is deactivated";
    case XRPC_GONE:
        return "its server does not know the account any more";
    case XRPC_FORBIDDEN:
        return "its server does not allow it";
    case XRPC_INVALID:
        return "its server does not take it";
    case XRPC_NONE:
        break;
    }
    return "its server's answer makes no sense";
}

struct fetch_call *bluesky_post(struct bluesky *bluesky, struct text pds, const char *method, const char *bearer,
                                struct text body, const struct fetch_request *more, fetch_done_fn *done, void *context)
{
    struct fetch_header headers[2];
    size_t n_headers = 0;
    CLEANUP(buf_release) struct buf url;
    buf_init(&url, LIMIT_URL);
    if (buf_printf(&url, "%.*s/xrpc/%s", TEXT_ARG(pds), method) < 0)
        return NULL;
    if (bearer)
        headers[n_headers++] = (struct fetch_header){TEXT("Authorization"), text_of(bearer)};
    if (!text_empty(body))
        headers[n_headers++] = (struct fetch_header){TEXT("Content-Type"), TEXT("application/json")};
    struct fetch_request request = *more;
    request.method = "POST";
    request.url = buf_text(&url);
    request.label = method;
    request.headers = headers;
    request.n_headers = n_headers;
    request.body = body;
    request.secret = true;
    return fetch_send(bluesky->fetch, &request, done, context);
}

static void cancel_call(void *self)
{
    struct bluesky_account *account = self;
    if (account->call)
        fetch_cancel(account->call);
    account->call = NULL;
    secret_release(&account->write.body);
}

static int new_key(void *self, struct arena *arena, struct text *ret_rkey)
{
    struct bluesky_account *account = self;
    char tid[TID_LEN + 1];
    tid_next(&account->bluesky->tids, tid);
    return arena_text(arena, text_of(tid), ret_rkey) ? 0 : E_NOMEM;
}

static void free_account(void *self)
{
    struct bluesky_account *account = self;
    cancel_call(account);
    session_release(&account->session);
    arena_release(&account->arena);
    free(account);
}

static const struct account_ops account_ops = {
    .look = bluesky_look,
    .write = bluesky_write,
    .cancel = cancel_call,
    .new_key = new_key,
    .free = free_account,
};

struct bluesky_account *bluesky_account_new(struct bluesky *bluesky, struct text did, struct text handle,
                                            struct text pds, struct session *session)
{
    struct bluesky_account *account = calloc(1, sizeof *account);
    if (!account)
        return NULL;
    arena_init(&account->arena, LIMIT_IDENTITY);
    buf_init(&account->write.body, LIMIT_REQUEST);
    account->bluesky = bluesky;
    account->points = -1;
    account->account =
        (struct own_account){.network = "bluesky", .slice_max = SLICE_MAX, .ops = &account_ops, .self = account};
    if (!arena_text(&account->arena, did, &account->account.id) ||
        !arena_text(&account->arena, handle, &account->account.handle) ||
        !arena_text(&account->arena, pds, &account->pds)) {
        free_account(account);
        return NULL;
    }
    account->session = *session;
    *session = (struct session){0};
    return account;
}

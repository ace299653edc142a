/* bridge/bluesky/account_sign_in.c
 *
 * Signing in with a password, best an app password, at the server that holds the account.
 *
 *     handle ─ both ways ─┐
 *                         ├─> DID and its PDS ─> com.atproto.server.createSession ─> an account, or why not
 *     DID ────────────────┘
 *
 * The password goes to the server that the account's own DID document names, and to nobody else.
 */
#include "bluesky/inside.h"

#include "base/limits.h"
#include "identity/syntax.h"

#include <sodium.h>
#include <stdlib.h>

struct account_sign_in {
    struct bluesky *bluesky;         /* borrowed */
    struct identity_call *who_call;  /* under way, or NULL */
    struct fetch_call *session_call; /* under way, or NULL */
    struct arena arena;              /* who it is */
    struct text did;
    struct text handle;
    struct text pds;
    struct buf body; /* of createSession, once the DID is known; before it, the two below */
    struct buf password;
    struct buf code;
    account_signed_in_fn *done;
    void *context;
};

static void free_sign_in(struct account_sign_in *sign_in)
{
    secret_release(&sign_in->body);
    secret_release(&sign_in->password);
    secret_release(&sign_in->code);
    arena_release(&sign_in->arena);
    free(sign_in);
}

static void tell(struct account_sign_in *sign_in, const struct account_signed_in *answer)
{
    sign_in->done(sign_in->context, answer);
    free_sign_in(sign_in);
}

static void refuse(struct account_sign_in *sign_in, enum account_refusal refusal, const char *why)
{
    tell(sign_in, &(struct account_signed_in){.refusal = refusal, .why = why});
}

/* --- the session ----------------------------------------------------------------------------------------------------*/

static void refuse_by_error(struct account_sign_in *sign_in, enum xrpc_error error)
{
    switch (error) {
    case XRPC_PASSWORD:
        refuse(sign_in, SIGN_IN_PASSWORD,
               "The password is wrong. An app password is made in Bluesky's settings, under privacy and security");
        return;
    case XRPC_CODE:
        refuse(sign_in, SIGN_IN_CODE,
               "Bluesky has sent a sign-in code by mail and wants it. With an app password it wants none");
        return;
    case XRPC_EXPIRED:
    case XRPC_SIGNED_OUT:
        refuse(sign_in, SIGN_IN_CODE, "The sign-in code is wrong or too old. Sign in without one to be sent another");
        return;
    case XRPC_TAKEN_DOWN:
        refuse(sign_in, SIGN_IN_TAKEN_DOWN, "The account has been taken down; its server says why");
        return;
    case XRPC_SUSPENDED:
        refuse(sign_in, SIGN_IN_SUSPENDED, "The account has been suspended; its server says why and for how long");
        return;
    case XRPC_DEACTIVATED:
        refuse(sign_in, SIGN_IN_DEACTIVATED, "The account is deactivated. Activate it in Bluesky first");
        return;
    case XRPC_GONE:
        refuse(sign_in, SIGN_IN_NOBODY, "The account's server does not know it any more");
        return;
    case XRPC_NONE:
    case XRPC_SWAP:
    case XRPC_FORBIDDEN:
    case XRPC_INVALID:
        break;
    }
    refuse(sign_in, SIGN_IN_AWAY, "The account's server does not let anybody sign in with a password in this way");
}

static void refuse_by_fetch(struct account_sign_in *sign_in, const struct fetch_response *response)
{
    struct account_signed_in answer = {.refusal = SIGN_IN_AWAY, .why = response->reason};
    if (response->code == E_RATE_LIMITED) {
        answer.refusal = SIGN_IN_WAIT;
        answer.until_ms = response->again_ms;
    }
    tell(sign_in, &answer);
}

static void on_session(void *context, const struct fetch_response *response)
{
    struct account_sign_in *sign_in = context;
    CLEANUP(session_release) struct session session = {0};
    enum xrpc_error status;
    sign_in->session_call = NULL;
    if (response->code < 0) {
        refuse_by_fetch(sign_in, response);
        return;
    }
    if (response->status != 200) {
        refuse_by_error(sign_in, xrpc_error_of(response->status, response->body));
        return;
    }
    int rc = session_read(&session, response->body, sign_in->did, &status);
    if (rc < 0) {
        refuse(sign_in, SIGN_IN_AWAY,
               rc == E_NOMEM ? "No memory to sign in" : "The account's server answered nonsense");
        return;
    }
    if (status != XRPC_NONE) {
        refuse_by_error(sign_in, status);
        return;
    }
    struct bluesky_account *account =
        bluesky_account_new(sign_in->bluesky, sign_in->did, sign_in->handle, sign_in->pds, &session);
    if (account)
        tell(sign_in, &(struct account_signed_in){.account = &account->account});
    else
        refuse(sign_in, SIGN_IN_AWAY, "No memory to sign in");
}

static int write_body(struct account_sign_in *sign_in)
{
    CLEANUP_JSON json_t *root = json_object();
    struct text code = buf_text(&sign_in->code);
    int failed = json_object_set_new(root, "identifier", json_from_view(sign_in->did));
    failed |= json_object_set_new(root, "password", json_from_view(buf_text(&sign_in->password)));
    if (!text_empty(code))
        failed |= json_object_set_new(root, "authFactorToken", json_from_view(code));
    char *whole; /* made at once: a buffer that grows leaves copies behind */
    int rc = failed ? E_NOMEM : buf_extend(&sign_in->body, sign_in->body.max - 1, &whole);
    buf_clear(&sign_in->body);
    if (rc == 0)
        rc = json_write(root, &sign_in->body);
    secret_wipe_json(root, "password");
    secret_wipe_json(root, "authFactorToken");
    return rc;
}

/* Once, unless nothing of it was sent: servers count tries, and lock who has too many. */
static void ask_for_session(struct account_sign_in *sign_in)
{
    if (write_body(sign_in) == 0)
        sign_in->session_call = bluesky_post(sign_in->bluesky, sign_in->pds, "com.atproto.server.createSession", NULL,
                                             buf_text(&sign_in->body), &(struct fetch_request){0}, on_session, sign_in);
    if (!sign_in->session_call)
        refuse(sign_in, SIGN_IN_AWAY, "No memory to sign in");
}

/* --- who it is ------------------------------------------------------------------------------------------------------*/

static void on_who(void *context, const struct identity_answer *answer)
{
    struct account_sign_in *sign_in = context;
    sign_in->who_call = NULL;
    if (answer->code == E_NOT_FOUND || answer->code == E_BAD_INPUT) {
        refuse(sign_in, SIGN_IN_NOBODY, "There is no such account: give its handle, like name.bsky.social, or its DID");
    } else if (answer->code < 0) {
        refuse(sign_in, SIGN_IN_AWAY, answer->reason);
    } else if (text_empty(answer->pds)) {
        refuse(sign_in, SIGN_IN_NOBODY, "The account names no server that holds it");
    } else if (!arena_text(&sign_in->arena, answer->did, &sign_in->did) ||
               !arena_text(&sign_in->arena, answer->handle, &sign_in->handle) ||
               !arena_text(&sign_in->arena, answer->pds, &sign_in->pds)) {
        refuse(sign_in, SIGN_IN_AWAY, "No memory to sign in");
    } else {
        ask_for_session(sign_in);
    }
}

static int ask_who(struct account_sign_in *sign_in, struct text who)
{
    struct identity *identity = sign_in->bluesky->identity;
    who = text_trim(who);
    if (text_starts(who, TEXT("@")))
        who = text_slice(who, 1, who.len);
    sign_in->who_call = text_starts(who, TEXT("did:")) ? identity_resolve_did(identity, who, on_who, sign_in)
                                                       : identity_verify(identity, who, on_who, sign_in);
    return sign_in->who_call ? 0 : E_NOMEM;
}

struct account_sign_in *bluesky_sign_in(void *self, const struct account_credentials *credentials,
                                        account_signed_in_fn *done, void *context)
{
    struct account_sign_in *sign_in = calloc(1, sizeof *sign_in);
    if (!sign_in)
        return NULL;
    sign_in->bluesky = self;
    sign_in->done = done;
    sign_in->context = context;
    arena_init(&sign_in->arena, LIMIT_IDENTITY);
    buf_init(&sign_in->body, LIMIT_IDENTITY + 6 * (credentials->password.len + credentials->code.len));
    buf_init(&sign_in->password, credentials->password.len + 1);
    buf_init(&sign_in->code, credentials->code.len + 1);
    if (buf_add(&sign_in->password, credentials->password) < 0 || buf_add(&sign_in->code, credentials->code) < 0 ||
        ask_who(sign_in, credentials->who) < 0) {
        free_sign_in(sign_in);
        return NULL;
    }
    return sign_in;
}

void bluesky_sign_in_cancel(struct account_sign_in *sign_in)
{
    if (sign_in->who_call)
        identity_cancel(sign_in->who_call);
    if (sign_in->session_call)
        fetch_cancel(sign_in->session_call);
    free_sign_in(sign_in);
}

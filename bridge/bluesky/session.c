/* bridge/bluesky/session.c
 *
 * The two tokens of somebody who is signed in: read from answers, wiped when they go.
 */
#include "bluesky/inside.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* A token comes to about 300 bytes, at some servers to a few KiB. */
#define TOKEN_MAX (16 * 1024)

void secret_release(struct buf *buf)
{
    if (buf->data)
        sodium_memzero(buf->data, buf->size);
    buf_release(buf);
}

void secret_wipe_json(json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);
    if (json_is_string(value))
        sodium_memzero((char *)json_string_value(value), json_string_length(value));
}

static void release_token(char **token)
{
    if (*token) {
        sodium_memzero(*token, strlen(*token));
        free(*token);
    }
    *token = NULL;
}

void session_release(struct session *session)
{
    release_token(&session->access);
    release_token(&session->refresh);
}

static bool is_token(struct text token)
{
    for (size_t i = 0; i < token.len; i++)
        if (token.data[i] <= ' ' || token.data[i] > '~')
            return false;
    return token.len > 0 && token.len <= TOKEN_MAX;
}

static int make_bearer(struct text token, char **ret_bearer)
{
    size_t size = sizeof "Bearer " + token.len;
    char *bearer = malloc(size);
    if (!bearer)
        return E_NOMEM;
    snprintf(bearer, size, "Bearer %.*s", TEXT_ARG(token));
    *ret_bearer = bearer;
    return 0;
}

static int read_tokens(const json_t *root, struct text did, struct session *ret_session)
{
    struct text access = json_text_at(root, "accessJwt");
    struct text refresh = json_text_at(root, "refreshJwt");
    if (!text_equal(json_text_at(root, "did"), did) || !is_token(access) || !is_token(refresh))
        return E_PROTOCOL;
    int rc = make_bearer(access, &ret_session->access);
    return rc < 0 ? rc : make_bearer(refresh, &ret_session->refresh);
}

int session_read(struct session *session, struct text body, struct text did, enum xrpc_error *ret_status)
{
    CLEANUP_JSON json_t *root = json_from_text(body, NULL);
    CLEANUP(session_release) struct session fresh = {0};
    int rc = read_tokens(root, did, &fresh);
    *ret_status = XRPC_NONE;
    if (json_is_false(json_object_get(root, "active")))
        *ret_status = xrpc_error_of_account_status(json_text_at(root, "status"));
    secret_wipe_json(root, "accessJwt");
    secret_wipe_json(root, "refreshJwt");
    if (rc < 0)
        return rc;
    session_release(session);
    *session = fresh;
    fresh = (struct session){0};
    return 0;
}

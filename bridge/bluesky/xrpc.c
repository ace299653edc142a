/* bridge/bluesky/xrpc.c
 *
 * Errors by their name first, since one status stands for many of them: an expired token is a 400.
 */
#include "bluesky/xrpc.h"

void xrpc_add_parameter(struct buf *url, char separator, const char *name, struct text value)
{
    buf_printf(url, "%c%s=", separator, name);
    for (size_t i = 0; i < value.len; i++) {
        char c = value.data[i];
        if (byte_is_letter(c) || byte_is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~')
            buf_add_byte(url, c);
        else
            buf_printf(url, "%%%02X", (unsigned char)c);
    }
}

struct named_error {
    const char *name;
    enum xrpc_error error;
};

static const struct named_error named_errors[] = {
    {"InvalidSwap", XRPC_SWAP},
    {"ExpiredToken", XRPC_EXPIRED},
    {"InvalidToken", XRPC_SIGNED_OUT},
    {"AuthMissing", XRPC_SIGNED_OUT},
    {"AuthenticationRequired", XRPC_PASSWORD},
    {"AuthFactorTokenRequired", XRPC_CODE},
    {"AccountTakedown", XRPC_TAKEN_DOWN},
    {"RepoTakendown", XRPC_TAKEN_DOWN},
    {"AccountSuspended", XRPC_SUSPENDED},
    {"RepoSuspended", XRPC_SUSPENDED},
    {"AccountDeactivated", XRPC_DEACTIVATED},
    {"RepoDeactivated", XRPC_DEACTIVATED},
    {"AccountNotFound", XRPC_GONE},
    {"RepoNotFound", XRPC_GONE},
};

static const struct named_error account_statuses[] = {
    {"takendown", XRPC_TAKEN_DOWN},
    {"suspended", XRPC_SUSPENDED},
    {"deactivated", XRPC_DEACTIVATED},
    {"deleted", XRPC_GONE},
};

static enum xrpc_error error_of_name(const struct named_error *errors, size_t n, struct text name,
                                     enum xrpc_error otherwise)
{
    for (size_t i = 0; i < n; i++)
        if (text_equal(name, text_of(errors[i].name)))
            return errors[i].error;
    return otherwise;
}

static enum xrpc_error error_of_status(long status)
{
    switch (status) {
    case 400:
    case 413:
        return XRPC_INVALID;
    case 401:
        return XRPC_SIGNED_OUT;
    case 403:
    case 404:
    case 405:
    case 501:
        return XRPC_FORBIDDEN;
    }
    return XRPC_NONE;
}

enum xrpc_error xrpc_error_of(long status, struct text body)
{
    CLEANUP_JSON json_t *root = json_from_text(body, NULL);
    struct text name = json_text_at(root, "error");
    if (text_empty(name))
        return XRPC_NONE;
    return error_of_name(named_errors, ARRAY_LEN(named_errors), name, error_of_status(status));
}

enum xrpc_error xrpc_error_of_account_status(struct text status)
{
    return error_of_name(account_statuses, ARRAY_LEN(account_statuses), status, XRPC_DEACTIVATED);
}

/* bridge/fetch/outcome.c
 *
 * Verdicts over tries.
 */
#include "fetch/outcome.h"

#include "base/err.h"

static bool is_redirect(long status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static struct outcome of_answer(const struct try_end *end)
{
    if (end->status == 429 || (end->status == 503 && end->asks_pause))
        return (struct outcome){.kind = OUTCOME_STOP, .code = E_RATE_LIMITED};
    if (end->status == 408)
        return (struct outcome){.kind = OUTCOME_FAILURE, .code = E_UNAVAILABLE};
    if (end->status >= 500 && end->status != 501) /* 501 says that it will never know the method */
        return (struct outcome){.kind = OUTCOME_FAILURE, .code = E_UNAVAILABLE, .host_failed = true};
    if (is_redirect(end->status) && end->follow)
        return (struct outcome){.kind = OUTCOME_REDIRECT};
    if (is_redirect(end->status))
        return (struct outcome){.kind = OUTCOME_REFUSED, .code = E_PROTOCOL};
    return (struct outcome){.kind = OUTCOME_ANSWER};
}

struct outcome outcome_of(const struct try_end *end)
{
    if (end->guarded)
        return (struct outcome){.kind = OUTCOME_REFUSED, .code = E_FORBIDDEN};
    if (end->no_memory)
        return (struct outcome){.kind = OUTCOME_REFUSED, .code = E_NOMEM};
    if (end->too_large)
        return (struct outcome){.kind = OUTCOME_REFUSED, .code = E_TOO_LARGE};
    switch ((int)end->result) { /* curl's list grows; what is not here is a failure */
    case CURLE_OK:
        return of_answer(end);
    case CURLE_OPERATION_TIMEDOUT:
        return (struct outcome){.kind = OUTCOME_FAILURE, .code = E_TIMEOUT, .host_failed = true, .unsent = !end->sent};
    case CURLE_FILESIZE_EXCEEDED:
        return (struct outcome){.kind = OUTCOME_REFUSED, .code = E_TOO_LARGE};
    case CURLE_OUT_OF_MEMORY:
        return (struct outcome){.kind = OUTCOME_REFUSED, .code = E_NOMEM};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL: /* HTTP/0.9 */
    case CURLE_BAD_CONTENT_ENCODING:
        return (struct outcome){.kind = OUTCOME_REFUSED, .code = E_PROTOCOL};
    }
    return (struct outcome){.kind = OUTCOME_FAILURE, .code = E_UNAVAILABLE, .host_failed = true, .unsent = !end->sent};
}

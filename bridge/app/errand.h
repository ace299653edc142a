/* bridge/app/errand.h
 *
 * Work that changes the store, brought to whoever owns it: a running server, or this process itself.
 *
 *     store_open ─┬─ it is ours: a loop with the store, the networks and the control socket; the request goes out from a
 *                 │              thread of its own, to our own socket. Others who find the store taken come there too.
 *                 ├─ E_BUSY: the request goes to the owner's socket
 *                 └─ and where nobody listens there (one that starts, or is about to end): again, for LIMIT_OWNER_WAIT_MS
 *
 * So there is one way in for work, and one piece of code that does it.
 */
#ifndef SKEIN_APP_ERRAND_H
#define SKEIN_APP_ERRAND_H

#include "app/command.h"
#include "base/json.h"

struct errand {
    const char *target; /* "/control/import" */
    const json_t *body; /* borrowed */

    /* Events of a stream but its end, on a thread of the errand's; may be NULL. */
    void (*event)(void *context, struct text name, struct text data);
    void *context; /* borrowed */
};

/* Blocks until it is done. 0 with what the owner answered, or said at the end of its stream; else the owner's error, or ours
 * where it could not be asked. CLEANUP_JSON frees the answer. */
int errand_run(const struct invocation *invocation, const struct errand *errand, json_t **ret_answer, struct err *err);

#endif

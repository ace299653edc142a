/* bridge/fetch/local.h
 *
 * One request to a server on this machine, over its Unix socket: for commands that have work done by the process that
 * owns the store.
 *
 * The only client here that blocks: local_post runs on a thread of its own, and local_cancel ends it from any other at
 * once. Nothing is looked up, no proxy is asked, nothing is sent twice.
 */
#ifndef SKEIN_FETCH_LOCAL_H
#define SKEIN_FETCH_LOCAL_H

#include "base/buf.h"
#include "base/err.h"

struct local;

/* NULL and a sentence. On a thread beside which nobody else starts or ends curl: before other threads begin. */
struct local *local_new(struct err *err);
void local_free(struct local *local); /* NULL is fine */

struct local_request {
    const char *socket; /* path of the Unix socket */
    const char *target; /* "/control/import" */
    struct text body;   /* JSON */

    /* Each event of an answer that is a stream of them, on the thread of local_post. Views hold until it returns. */
    void (*event)(void *context, struct text name, struct text data);
    void *context; /* borrowed */
};

/* Sends it, and waits for the end of the answer. Returns 0 with the status, and the body of an answer that is no stream
 * appended to ret_body. Otherwise
 *     E_UNAVAILABLE  nobody listens there: nothing was sent
 *     E_IO           the answer broke off, or did not come: what was asked may have been done
 *     E_TIMEOUT      silence for LIMIT_LOCAL_SILENCE_MS, over four heartbeats
 *     E_CANCELLED    local_cancel was called
 *     E_BAD_INPUT    the socket's path is too long
 *     E_TOO_LARGE, E_NOMEM */
int local_post(struct local *local, const struct local_request *request, unsigned *ret_status, struct buf *ret_body,
               struct err *err);

/* Ends the request under way, or the next one. Any thread. */
void local_cancel(struct local *local);

#endif

/* bridge/app/outward.h
 *
 * What asks the world: the requests out, identities and the networks, made from the settings on a loop.
 */
#ifndef SKEIN_APP_OUTWARD_H
#define SKEIN_APP_OUTWARD_H

#include "app/config.h"
#include "bluesky/bluesky.h"
#include "fetch/fetch.h"
#include "identity/identity.h"
#include "loop/loop.h"

struct outward {
    struct fetch *fetch;
    struct identity *identity;
    struct bluesky *bluesky;
};

/* Opens all; it closes itself when the loop has gone quiet on its way to stop. On failure nothing is left open but what
 * the loop's stop closes. */
int outward_open(struct outward *outward, struct loop *loop, const struct config *config, struct err *err);

/* Frees the records, after loop_run has returned. */
void outward_release(struct outward *outward);

/* The network of this name ("bluesky"); NULL where this build has none of the name. */
const struct network *outward_network(const struct outward *outward, struct text name);

#endif

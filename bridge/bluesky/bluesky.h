/* bridge/bluesky/bluesky.h
 *
 * Bluesky behind network/network.h: the public AppView for profiles and search, the PLC directory for identity, and an
 * account's own PDS for those who sign in.
 *
 * Sources: the lexicons app.bsky.actor.getProfiles (25 actors, unknown ones silently left out), searchActors
 * (100 hits) and app.bsky.actor.defs; the AT Protocol specifications of handles and DIDs.
 */
#ifndef SKEIN_BLUESKY_BLUESKY_H
#define SKEIN_BLUESKY_BLUESKY_H

#include "network/network.h"

struct clock;
struct fetch;
struct identity;
struct random_source;

struct bluesky_options {
    struct text appview;               /* "https://public.api.bsky.app"; copied */
    const struct text *handle_domains; /* under which labels are guessed: "bsky.social"; copied */
    size_t n_handle_domains;
    const struct clock *clock;          /* borrowed; NULL: clock_system */
    const struct random_source *random; /* borrowed; NULL: random_system */
};

/* Most guessed domains; each multiplies the questions. */
#define BLUESKY_DOMAINS_MAX 8

/* fetch and identity are borrowed. The network it holds is valid until bluesky_free. NULL and a sentence on failure. */
struct bluesky *bluesky_new(struct fetch *fetch, struct identity *identity, const struct bluesky_options *options,
                            struct err *err);
void bluesky_free(struct bluesky *bluesky); /* no question may be under way */

const struct network *bluesky_network(const struct bluesky *bluesky);

#endif

/* bridge/bluesky/profile_json.h
 *
 * Profiles from the AppView's JSON (app.bsky.actor.defs#profileView and #profileViewDetailed).
 */
#ifndef SKEIN_BLUESKY_PROFILE_JSON_H
#define SKEIN_BLUESKY_PROFILE_JSON_H

#include "base/arena.h"
#include "base/json.h"
#include "model/profile.h"

/* Makes profiles in the arena from the array `member` ("profiles" or "actors") of an answer's body. Items without a
 * DID or handle are left out; a profile needs no more. Returns how many, or E_PROTOCOL, E_NOMEM with a sentence. */
int profiles_from_json(struct text body, const char *member, bool detailed, struct arena *arena,
                       const struct profile ***ret_profiles, size_t *ret_n, struct err *err);

#endif

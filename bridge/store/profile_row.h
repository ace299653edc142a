/* bridge/store/profile_row.h
 *
 * How a profile is read from a row: for the statements of profiles and of pairs. For this room alone.
 */
#ifndef SKEIN_STORE_PROFILE_ROW_H
#define SKEIN_STORE_PROFILE_ROW_H

#include "model/profile.h"
#include "store/rows.h"

/* What profile_row_read takes, in its order. */
#define PROFILE_COLUMNS                                                                                                \
    "profile.id, profile.handle, profile.name, profile.bio, profile.website, profile.created_ms, profile.followers, "  \
    "profile.follows, profile.posts, profile.marks, profile.detailed"

void profile_row_read(struct row *row, struct profile *ret_profile);

#endif

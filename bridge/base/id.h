/* bridge/base/id.h
 *
 * Ids of our own things: 26 characters that sort by the time they were made.
 *
 * ULIDs (github.com/ulid/spec): 48 bits of milliseconds, 80 of randomness, in Crockford's base 32, capitals. Members,
 * communities and imports have one; it never says how many there are. Two of the same millisecond sort either way.
 */
#ifndef SKEIN_BASE_ID_H
#define SKEIN_BASE_ID_H

#include "base/clock.h"

#define ID_LEN 26

struct id {
    char chars[ID_LEN + 1]; /* NUL-terminated; all zero: none */
};

void id_new(const struct clock *clock, const struct random_source *random, struct id *ret_id);

/* Exactly ID_LEN of its letters, capitals only; false otherwise. */
bool id_parse(struct text t, struct id *ret_id);

static inline struct text id_text(const struct id *id)
{
    return (struct text){id->chars, id->chars[0] ? ID_LEN : 0};
}

#endif

/* bridge/bluesky/tid.h
 *
 * TIDs: record keys that sort by time and are never given twice (https://atproto.com/specs/tid).
 *
 *     0 | 53 bits: microseconds since 1970 | 10 bits: clock id       as 13 digits of 5 bits, the first of 4
 */
#ifndef SKEIN_BLUESKY_TID_H
#define SKEIN_BLUESKY_TID_H

#include "base/clock.h"

#include <stdatomic.h>

#define TID_LEN 13

/* Shared by all threads of a process. */
struct tids {
    const struct clock *clock; /* borrowed */
    _Atomic uint64_t last_us;  /* of the newest */
    uint64_t clock_id;         /* drawn once: tells two writers of one microsecond apart */
};

void tids_init(struct tids *tids, const struct clock *clock, const struct random_source *random);

/* Newer than every one before it, also where the clock stands or was set back. */
void tid_next(struct tids *tids, char ret_tid[TID_LEN + 1]);

bool tid_is_valid(struct text t);

#endif

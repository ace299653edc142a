/* bridge/bluesky/tid.c
 *
 * The clock of TIDs runs by itself where the machine's does not: each is at least a microsecond behind the last.
 */
#include "bluesky/tid.h"

#define CLOCK_ID_BITS 10
#define TIME_MASK     ((UINT64_C(1) << 53) - 1)

static const struct text digits = TEXT_INIT("234567abcdefghijklmnopqrstuvwxyz");

void tids_init(struct tids *tids, const struct clock *clock, const struct random_source *random)
{
    tids->clock = clock;
    atomic_init(&tids->last_us, 0);
    tids->clock_id = random_below(random, UINT64_C(1) << CLOCK_ID_BITS);
}

void tid_next(struct tids *tids, char ret_tid[TID_LEN + 1])
{
    int64_t wall_ms = clock_wall(tids->clock);
    uint64_t now_us = (uint64_t)(wall_ms > 0 ? wall_ms : 0) * 1000;
    uint64_t last_us = atomic_load(&tids->last_us);
    uint64_t next_us;
    do
        next_us = now_us > last_us ? now_us : last_us + 1;
    while (!atomic_compare_exchange_weak(&tids->last_us, &last_us, next_us));
    uint64_t value = (next_us & TIME_MASK) << CLOCK_ID_BITS | tids->clock_id;
    for (size_t i = TID_LEN; i > 0; i--, value >>= 5)
        ret_tid[i - 1] = digits.data[value & 31];
    ret_tid[TID_LEN] = '\0';
}

bool tid_is_valid(struct text t)
{
    if (t.len != TID_LEN || text_find_byte(text_slice(digits, 0, 16), t.data[0], 0) == TEXT_NOWHERE)
        return false;
    for (size_t i = 1; i < t.len; i++)
        if (text_find_byte(digits, t.data[i], 0) == TEXT_NOWHERE)
            return false;
    return true;
}

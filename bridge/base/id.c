/* bridge/base/id.c
 *
 * Making and reading ULIDs.
 */
#include "base/id.h"

#include <string.h>

/* Crockford's base 32: no I, L, O, U. */
static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

#define TIME_CHARS 10 /* 48 bits, the first letter holds three of them */

void id_new(const struct clock *clock, const struct random_source *random, struct id *ret_id)
{
    uint64_t time = (uint64_t)clock_wall(clock);
    unsigned char noise[ID_LEN - TIME_CHARS];
    random_bytes(random, noise, sizeof noise);
    for (size_t i = TIME_CHARS; i-- > 0; time >>= 5)
        ret_id->chars[i] = letters[time & 31];
    for (size_t i = 0; i < sizeof noise; i++)
        ret_id->chars[TIME_CHARS + i] = letters[noise[i] & 31];
    ret_id->chars[ID_LEN] = '\0';
}

bool id_parse(struct text t, struct id *ret_id)
{
    if (t.len != ID_LEN || t.data[0] > '7') /* a larger first letter is no 48-bit time */
        return false;
    for (size_t i = 0; i < ID_LEN; i++)
        if (t.data[i] == '\0' || !strchr(letters, t.data[i]))
            return false;
    memcpy(ret_id->chars, t.data, ID_LEN);
    ret_id->chars[ID_LEN] = '\0';
    return true;
}

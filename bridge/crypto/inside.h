/* bridge/crypto/inside.h
 *
 * The keys as they lie in memory: for the files of this room alone.
 */
#ifndef SKEIN_CRYPTO_INSIDE_H
#define SKEIN_CRYPTO_INSIDE_H

#include "base/limits.h"
#include "crypto/keys.h"

#define KEY_SIZE 32

struct seal_key {
    uint32_t number; /* from 1; each once */
    unsigned char bytes[KEY_SIZE];
};

/* From sodium_malloc: between guard pages, locked where the system allows it, wiped when it is freed. */
struct keys {
    unsigned char hash[KEY_SIZE];
    struct seal_key seals[LIMIT_SEAL_KEYS];
    size_t n; /* seal keys, at least one */
};

#endif

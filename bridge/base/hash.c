/* bridge/base/hash.c
 *
 * The keyed hash of tables.
 */
#include "base/hash.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>

static unsigned char hash_key[crypto_shorthash_KEYBYTES];
static pthread_once_t hash_key_once = PTHREAD_ONCE_INIT;

static void draw_hash_key(void)
{
    randombytes_buf(hash_key, sizeof hash_key); /* falls back to the kernel where sodium_init has not run */
}

uint64_t hash_text(struct text t)
{
    unsigned char out[crypto_shorthash_BYTES];
    static const unsigned char nothing[1];
    uint64_t hash;

    pthread_once(&hash_key_once, draw_hash_key);
    crypto_shorthash(out, t.len ? (const unsigned char *)t.data : nothing, t.len, hash_key);
    memcpy(&hash, out, sizeof hash);
    return hash;
}

/* Pieces of fixed length, each hash seeding the next, so that texts of any length need no memory. */
uint64_t hash_text_fold(struct text t)
{
    struct {
        uint64_t before;
        char piece[56];
    } block = {.before = t.len};

    do {
        struct text piece = text_slice(t, 0, sizeof block.piece);
        for (size_t i = 0; i < piece.len; i++)
            block.piece[i] = byte_lower(piece.data[i]);
        block.before = hash_text((struct text){(const char *)&block, sizeof block.before + piece.len});
        t = text_slice(t, piece.len, t.len);
    } while (t.len > 0);
    return block.before;
}

uint64_t hash_u64(uint64_t number)
{
    return hash_text((struct text){(const char *)&number, sizeof number});
}

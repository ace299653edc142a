/* bridge/crypto/keys.c
 *
 * Sealing and keyed hashes.
 *
 * A box: version, number of the key (little-endian), nonce, cipher text with its authenticator. Neither version nor
 * number needs to be authenticated: another number is another key, which does not open it, and a later version will have
 * to bind its own.
 */
#include "crypto/keys.h"

#include "crypto/inside.h"

#include <endian.h>
#include <sodium.h>
#include <string.h>

#define BOX_VERSION 1
#define NUMBER_AT   1
#define NONCE_AT    5
#define CIPHER_AT   (NONCE_AT + crypto_aead_xchacha20poly1305_ietf_NPUBBYTES)

_Static_assert(CIPHER_AT + crypto_aead_xchacha20poly1305_ietf_ABYTES == SEAL_OVERHEAD, "the header promises it");
_Static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == KEY_SIZE, "one size of keys");
_Static_assert(crypto_generichash_KEYBYTES == KEY_SIZE, "one size of keys");
_Static_assert(crypto_generichash_BYTES == KEYED_HASH_SIZE, "the header promises it");

void keys_free(struct keys *keys)
{
    sodium_free(keys); /* wipes */
}

static const struct seal_key *newest(const struct keys *keys)
{
    const struct seal_key *found = &keys->seals[0];
    for (size_t i = 1; i < keys->n; i++)
        if (keys->seals[i].number > found->number)
            found = &keys->seals[i];
    return found;
}

static const struct seal_key *of_number(const struct keys *keys, uint32_t number)
{
    for (size_t i = 0; i < keys->n; i++)
        if (keys->seals[i].number == number)
            return &keys->seals[i];
    return NULL;
}

/* libsodium takes no NULL, not even for no bytes. */
static const unsigned char *bytes_of(struct text t)
{
    return (const unsigned char *)(t.len > 0 ? t.data : "");
}

int keys_seal(const struct keys *keys, const struct random_source *random, struct text plain, struct text bound_to,
              struct buf *out)
{
    const struct seal_key *key = newest(keys);
    char *at;
    if (plain.len > SIZE_MAX - SEAL_OVERHEAD)
        return E_TOO_LARGE;
    int rc = buf_extend(out, plain.len + SEAL_OVERHEAD, &at);
    if (rc < 0)
        return rc;
    unsigned char *box = (unsigned char *)at;
    uint32_t number = htole32(key->number);
    box[0] = BOX_VERSION;
    memcpy(box + NUMBER_AT, &number, sizeof number);
    random_bytes(random, box + NONCE_AT, CIPHER_AT - NONCE_AT);
    crypto_aead_xchacha20poly1305_ietf_encrypt(box + CIPHER_AT, NULL, bytes_of(plain), plain.len, bytes_of(bound_to),
                                               bound_to.len, NULL, box + NONCE_AT, key->bytes);
    return 0;
}

uint32_t keys_box_number(struct text box)
{
    uint32_t number;
    if (box.len < SEAL_OVERHEAD || box.data[0] != BOX_VERSION)
        return 0;
    memcpy(&number, box.data + NUMBER_AT, sizeof number);
    return le32toh(number);
}

int keys_unseal(const struct keys *keys, struct text box, struct text bound_to, struct buf *out, struct err *err)
{
    uint32_t number = keys_box_number(box);
    const struct seal_key *key = number != 0 ? of_number(keys, number) : NULL;
    size_t before = out->len;
    char *at;
    if (number == 0)
        return err_set(err, E_BAD_INPUT, "this is no sealed box");
    if (!key)
        return err_set(err, E_BAD_INPUT,
                       "it is sealed with key %u, which the key file does not have: put that line back",
                       (unsigned)number);
    int rc = buf_extend(out, box.len - SEAL_OVERHEAD, &at);
    if (rc < 0)
        return err_set(err, rc, "there is no room for %zu sealed bytes", box.len);
    const unsigned char *sealed = bytes_of(box);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt((unsigned char *)at, NULL, NULL, sealed + CIPHER_AT,
                                                   box.len - CIPHER_AT, bytes_of(bound_to), bound_to.len,
                                                   sealed + NONCE_AT, key->bytes) == 0)
        return 0;
    buf_truncate(out, before);
    return err_set(err, E_BAD_INPUT,
                   "a sealed box does not open: it was changed, belongs to another row, or key %u is another one now",
                   (unsigned)number);
}

uint32_t keys_seal_number(const struct keys *keys)
{
    return newest(keys)->number;
}

void keys_hash(const struct keys *keys, const char *about, struct text what, struct keyed_hash *ret_hash)
{
    crypto_generichash_state state;
    size_t about_size = strlen(about) + 1; /* its NUL parts it from what follows */
    crypto_generichash_init(&state, keys->hash, sizeof keys->hash, sizeof ret_hash->bytes);
    crypto_generichash_update(&state, (const unsigned char *)about, about_size);
    crypto_generichash_update(&state, bytes_of(what), what.len);
    crypto_generichash_final(&state, ret_hash->bytes, sizeof ret_hash->bytes);
    sodium_memzero(&state, sizeof state);
}

void keys_fingerprint(const struct keys *keys, char ret_fingerprint[KEYS_FINGERPRINT])
{
    struct keyed_hash hash;
    keys_hash(keys, "fingerprint", TEXT_NONE, &hash);
    sodium_bin2hex(ret_fingerprint, KEYS_FINGERPRINT, hash.bytes, KEYS_FINGERPRINT / 2);
}

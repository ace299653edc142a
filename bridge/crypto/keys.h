/* bridge/crypto/keys.h
 *
 * The two keys of a server, in one file of its data folder, outside the database.
 *
 *     seal key    encrypts what a stolen database must not tell: facts about third parties, blocks, mutes, tokens.
 *                 Rotates: the file may hold several, the newest seals, all of them open.
 *     hash key    makes keyed hashes of handles, ids and DIDs (opt-outs, shields): equal inputs are found again, and
 *                 nobody without the key can try names. Never rotates, since rows could not be found any more.
 *
 * The file `keys` (mode 0600) holds lines of text: `hash HEX`, `seal NUMBER HEX`, comments. It is made once, written
 * whole, with fsync of file and folder before the first use. Keys lie in memory that is locked and wiped (libsodium's).
 * Immutable after keys_open: any thread.
 */
#ifndef SKEIN_CRYPTO_KEYS_H
#define SKEIN_CRYPTO_KEYS_H

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"

struct keys;

#define KEYS_FILE "keys"

/* Reads the folder's key file. Where there is none: makes it, if `random` is given, else E_NOT_FOUND. E_IO, E_BAD_INPUT
 * (damaged, or readable by others) with a sentence that says what to do. */
int keys_open(const char *folder, const struct random_source *random, struct keys **ret_keys, struct err *err);
void keys_free(struct keys *keys); /* NULL is fine */

/* --- sealing: XChaCha20-Poly1305 (libsodium) ----------------------------------------------------------------------- */

/* Bytes that a box has beyond what it holds: 1 of version, 4 of the key's number, 24 of nonce, 16 of authenticator. */
#define SEAL_OVERHEAD 45

/* Appends the box of `plain` to out. `bound_to` (a row's key, such as an import's id) is authenticated with it, so that
 * a box moved to another row does not open. Returns 0, E_NOMEM or E_TOO_LARGE. */
int keys_seal(const struct keys *keys, const struct random_source *random, struct text plain, struct text bound_to,
              struct buf *out);

/* Appends what the box holds. E_BAD_INPUT with a sentence: no box of ours, changed, moved, or of a key that the file
 * does not have. */
int keys_unseal(const struct keys *keys, struct text box, struct text bound_to, struct buf *out, struct err *err);

/* The number of the key that seals now, and of the one that sealed a box (0: no box of ours). Numbers begin at 1. */
uint32_t keys_seal_number(const struct keys *keys);
uint32_t keys_box_number(struct text box);

/* --- keyed hashes: BLAKE2b-256 (libsodium) ------------------------------------------------------------------------- */

#define KEYED_HASH_SIZE 32

struct keyed_hash {
    unsigned char bytes[KEYED_HASH_SIZE];
};

/* `about` separates subjects that could have the same text: "x-id", "x-handle", "bluesky". Handles are folded by the
 * caller. */
void keys_hash(const struct keys *keys, const char *about, struct text what, struct keyed_hash *ret_hash);

/* --- telling keys apart -------------------------------------------------------------------------------------------- */

/* 16 hexadecimal digits of a hash of the hash key: stored in the database, so that another key file is noticed, and
 * shown by `skein key fingerprint`. It tells nothing about the key. */
#define KEYS_FINGERPRINT 17
void keys_fingerprint(const struct keys *keys, char ret_fingerprint[KEYS_FINGERPRINT]);

#endif

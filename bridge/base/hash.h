/* bridge/base/hash.h
 *
 * A 64-bit hash under a key drawn at start: for tables whose keys strangers choose.
 *
 * SipHash-2-4 from libsodium. Whoever uploads a file cannot foresee which keys collide, so no file makes look-ups slow.
 * Never stored and never compared between processes: the key is another one each time. Any thread.
 */
#ifndef SKEIN_BASE_HASH_H
#define SKEIN_BASE_HASH_H

#include "base/text.h"

uint64_t hash_text(struct text t);
uint64_t hash_text_fold(struct text t); /* ASCII letters fold: "Alice" and "alice" are one */
uint64_t hash_u64(uint64_t number);

#endif

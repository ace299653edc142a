/* bridge/identity/syntax.h
 *
 * What a handle and a DID look like, and what people type instead. Pure.
 */
#ifndef SKEIN_IDENTITY_SYNTAX_H
#define SKEIN_IDENTITY_SYNTAX_H

#include "base/arena.h"
#include "base/err.h"

/* A handle by the specification: at least two labels of 1 to 63 letters, digits and inner dashes, 253 bytes at most, the
 * last label no number, none of the names that belong to nobody (.local, .onion, ...). `.test` passes: it resolves
 * nowhere but in tests. */
bool handle_is_valid(struct text handle);

/* did:plc with 24 characters of base 32, or did:web with a host and nothing behind it. `allow_port`: also
 * did:web:localhost%3A<port>. */
bool did_is_valid(struct text did, bool allow_port);

/* A handle from whatever people type: "@ada.bsky.social", "Ada" (then under `domain`), "https://bsky.app/profile/ada.org".
 * Lower case, in the arena. E_BAD_INPUT with a sentence that says what to type instead (an e-mail address is told as
 * such). */
int handle_from_input(struct arena *arena, struct text input, struct text domain, struct text *ret_handle,
                      struct err *err);

#endif

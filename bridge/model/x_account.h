/* bridge/model/x_account.h
 *
 * Somebody on X, as far as a list or an upload tells.
 *
 * Known by numeric id, by handle, or by both. The id is the key: a handle changes owners. Everything but the id may be
 * out of date, and all of it was said by a file, never by X itself.
 */
#ifndef SKEIN_MODEL_X_ACCOUNT_H
#define SKEIN_MODEL_X_ACCOUNT_H

#include "base/text.h"

enum known { KNOWN_NOT, KNOWN_YES, KNOWN_NO };

struct x_account {
    uint64_t id;             /* 0: not known */
    struct text handle;      /* without @, capitals as given; empty: not known */
    struct text name;        /* display name; empty: not known */
    struct text bio;         /* empty: not known, or empty there */
    struct text website;     /* a URL as given; empty: not known, or none */
    struct text location;    /* as given */
    enum known is_protected; /* an account that its owner closed: paired by proof only */
    enum known is_verified;
};

/* 64 bits of a keyed hash (map_hash) of a handle of at most LIMIT_X_HANDLE bytes; ASCII letters fold. */
uint64_t x_handle_hash(struct text handle);

/* What kind of list an upload holds. Blocks and mutes are sealed elsewhere and are never matched in the open. */
enum list_kind { LIST_FOLLOWING, LIST_FOLLOWERS, LIST_ROSTER, LIST_BLOCKS, LIST_MUTES, LIST_FACTS };

/* Kept sealed in the member's own row, and nowhere else. */
static inline bool list_kind_sealed(enum list_kind kind)
{
    return kind == LIST_BLOCKS || kind == LIST_MUTES;
}

/* "following", "followers", "roster", "blocks", "mutes", "facts". */
const char *list_kind_word(enum list_kind kind);

#endif

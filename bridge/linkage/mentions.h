/* bridge/linkage/mentions.h
 *
 * Accounts and sites that a person names in a bio or as a website.
 *
 * Only what reads as "this is me as well" counts: a link to a profile page, a handle followed by the network's name, a
 * handle in that network's own form. "@somebody" alone is a mention of other people, and e-mail addresses are none.
 * Where the words around disclaim it ("fan of", "parody", "not", "unofficial", "bot"), the mention is kept with
 * MENTION_DISCLAIMED, which speaks against.
 */
#ifndef SKEIN_LINKAGE_MENTIONS_H
#define SKEIN_LINKAGE_MENTIONS_H

#include "base/arena.h"
#include "base/text.h"

enum mention_kind {
    MENTION_X,       /* value: X handle, lower case */
    MENTION_HANDLE,  /* value: a Bluesky handle, lower case: a host name, or its first label ("@jane on Bluesky") */
    MENTION_DID,     /* value: did:plc:... or did:web:... */
    MENTION_THREADS, /* value: Threads handle, lower case */
    MENTION_SITE,    /* value: as link_key_make gives it */
};

enum mention_form {
    MENTION_LINK,       /* a link to the profile page, or the whole handle in its network's form */
    MENTION_SAID,       /* "@h on X", "formerly @h" */
    MENTION_DISCLAIMED, /* named, but as somebody else */
};

struct mention {
    enum mention_kind kind;
    enum mention_form form;
    bool website;      /* given as the website, not in running text */
    struct text value; /* in the arena */
};

/* Mentions kept of one bio with its website; a bio of 2,560 bytes that names more is a list, not a person. */
#define MENTIONS_MAX 16

struct mentions {
    const struct mention *items; /* in the arena */
    size_t n;
};

/* Reads bio and website (either may be empty). Returns 0 or E_NOMEM. */
int mentions_read(struct arena *arena, struct text bio, struct text website, struct mentions *ret_mentions);

/* The first mention of this kind with this value, or NULL; values as above. */
const struct mention *mentions_find(const struct mentions *mentions, enum mention_kind kind, struct text value);

#endif

/* bridge/model/profile.h
 *
 * An account on a network that people moved to, as that network showed it to us.
 */
#ifndef SKEIN_MODEL_PROFILE_H
#define SKEIN_MODEL_PROFILE_H

#include "base/text.h"

/* What the network, its moderation or the person says of the account. */
enum profile_mark {
    PROFILE_IMPERSONATION = 1 << 0,  /* labelled an impersonation */
    PROFILE_SPAM = 1 << 1,           /* labelled spam */
    PROFILE_HIDDEN = 1 << 2,         /* labelled !hide */
    PROFILE_TAKEN_DOWN = 1 << 3,     /* labelled !takedown */
    PROFILE_HANDLE_INVALID = 1 << 4, /* its handle does not lead back to it now */
    PROFILE_MIRROR = 1 << 5,         /* a bridged copy of an account elsewhere */
    PROFILE_NO_PUBLIC = 1 << 6,      /* asked not to be shown to people without an account there */
    PROFILE_LEAVE_ME_OUT = 1 << 7,   /* #noskein in its bio: is not found by anybody */
    PROFILE_VERIFIED = 1 << 8,       /* verified by a verifier that the network trusts, and still valid */
    PROFILE_BOT = 1 << 9,            /* labelled or self-labelled a bot */
};

/* Marks that speak against being the same person as anybody. */
#define PROFILE_AGAINST                                                                                                \
    (PROFILE_IMPERSONATION | PROFILE_SPAM | PROFILE_HIDDEN | PROFILE_TAKEN_DOWN | PROFILE_HANDLE_INVALID |             \
     PROFILE_MIRROR)

#define PROFILE_COUNT_UNKNOWN INT64_C(-1)
#define PROFILE_DATE_UNKNOWN  INT64_C(0)

struct profile {
    struct text id;     /* DID or Threads id: the key */
    struct text handle; /* as shown, lower case */
    struct text name;   /* display name */
    struct text bio;
    struct text website; /* only in a detailed profile */
    int64_t created_ms;  /* wall time; PROFILE_DATE_UNKNOWN */
    int64_t followers;   /* PROFILE_COUNT_UNKNOWN where not shown */
    int64_t follows;
    int64_t posts;
    unsigned marks; /* of enum profile_mark */
    bool detailed;  /* false: a search hit, which lacks website and counts */
};

#endif

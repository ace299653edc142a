/* bridge/linkage/compare.h
 *
 * The named comparisons of an X account with a profile, each with its level.
 *
 *     x_account ─> x_keys ──────┐
 *                               ├─> comparison (one level a row) ─> evidence, weights (weights.h) ─> p (decide.h)
 *     profile ───> profile_keys ┘
 *
 * Levels say what is there; what a level is worth stands in weights.h alone.
 */
#ifndef SKEIN_LINKAGE_COMPARE_H
#define SKEIN_LINKAGE_COMPARE_H

#include "linkage/mentions.h"
#include "linkage/normalise.h"
#include "model/profile.h"
#include "model/x_account.h"

struct frequency;

/* An X account with all that is compared of it. */
struct x_keys {
    const struct x_account *x; /* borrowed */
    struct handle_keys handle;
    struct text handle_skeleton; /* of handle.squeezed, look-alikes made one */
    struct name_keys name;       /* as given; empty: unknown */
    struct name_keys split_name; /* read off the handle's capitals; empty: it shows none */
    struct mentions mentions;
    struct text site; /* its website as a link key; empty: unknown */
    double rarity;    /* bits of handle.squeezed */
};
int x_keys_make(struct arena *arena, const struct x_account *x, struct x_keys *ret_keys);

struct profile_keys {
    const struct profile *profile; /* borrowed */
    bool handle_is_domain;         /* as the handle space says */
    struct profile_handle handle;
    struct text label_skeleton;
    struct name_keys name;
    struct mentions mentions;
    struct text site; /* empty: none, or not known yet (profile->detailed) */
};
int profile_keys_make(struct arena *arena, const struct handle_space *space, const struct profile *profile,
                      struct profile_keys *ret_keys);

/* Levels, the best first in each row, "nothing to say" in front. */
enum handle_level {
    HANDLE_UNKNOWN,
    HANDLE_EQUAL,      /* equal but for case */
    HANDLE_SQUEEZED,   /* equal but for the _ that no host name can hold */
    HANDLE_OWN_DOMAIN, /* a domain of their own carries it */
    HANDLE_DASHED,     /* equal but for dashes or dots that X could have had as _ and has not */
    HANDLE_STEM,       /* equal but for digits at the end */
    HANDLE_AFFIX,      /* equal but for a usual word around it: mp, real, the, official */
    HANDLE_NAMED,      /* carries the name that X shows: billburke of "Bill Burke" */
    HANDLE_CONTAINS,   /* one contains the other */
    HANDLE_CLOSE,      /* Jaro-Winkler 0.92 or more */
    HANDLE_DIFFERENT,
};
enum name_level {
    NAME_UNKNOWN,
    NAME_EQUAL,
    NAME_TOKENS, /* same tokens in another order, or written together */
    NAME_SUBSET, /* all tokens of one are in the other */
    NAME_CLOSE,  /* Jaro-Winkler 0.92 or more */
    NAME_SHARED, /* a telling token in common */
    NAME_DIFFERENT,
    /* No name is known on X, but its handle shows one. Never a kind of evidence beside the handle. */
    NAME_SPELT,     /* the X handle spells the profile's name: gunnarmorling, "Gunnar Morling" */
    NAME_NOT_SPELT, /* the X handle's capitals show another name */
};
enum names_x_level {
    NAMES_X_NONE,
    NAMES_X_LINK,
    NAMES_X_SAID,
    NAMES_X_DISCLAIMED, /* names it as somebody else: fan, parody, mirror */
    NAMES_X_OTHER,      /* names another X account as its own */
};
enum named_by_x_level {
    NAMED_BY_X_NONE,
    NAMED_BY_X_ID,      /* its DID */
    NAMED_BY_X_HANDLE,  /* its handle */
    NAMED_BY_X_WEBSITE, /* the website given on X is the domain that is its handle */
    NAMED_BY_X_BIO,     /* the bio on X holds that domain, among whatever else */
    NAMED_BY_X_OTHER,   /* names another profile on this network */
};
enum website_level { WEBSITE_UNKNOWN, WEBSITE_SAME, WEBSITE_SAME_OWNER, WEBSITE_DIFFERENT };
enum verification_level {
    VERIFICATION_NONE,
    VERIFICATION_NAME,       /* valid, by a verifier whom the network trusts, and the name is equal */
    VERIFICATION_UNCOMPARED, /* valid for a name that X does not show: says nothing here */
};
enum standing_level {
    STANDING_PLAIN,
    STANDING_QUIET,    /* not a single post */
    STANDING_YOUNG,    /* weeks old and hardly a post */
    STANDING_IMITATES, /* a handle or name that only looks like it (confusable letters) */
    STANDING_BOT,      /* labelled a bot, and the X account does not say it is one */
    STANDING_MIRROR,   /* a bridged copy: the native account is the one to follow */
    STANDING_MARKED,   /* impersonation, spam, hidden, taken down, handle.invalid */
};

struct comparison {
    enum handle_level handle;
    enum name_level name;
    enum names_x_level names_x;
    enum named_by_x_level named_by_x;
    enum website_level website;
    enum verification_level verification;
    enum standing_level standing; /* only ever against */
    double handle_bits;           /* information in what the handles have in common */
    double name_bits;             /* information in what the names have in common */
    bool name_in_handle;          /* the common handle spells the common name: together they say hardly more than one */
};

/* What the comparisons need beside the two. */
struct compare_context {
    const struct frequency *frequency; /* borrowed; NULL: the built-in model alone */
    int64_t now_ms;                    /* wall time: ages of profiles; 0: ages are not judged */
};

void compare(const struct compare_context *context, const struct x_keys *x, const struct profile_keys *profile,
             struct comparison *ret_comparison);

/* Jaro-Winkler similarity of bytes, 0 to 1 (prefix scale 0.1, at most 4); symmetric. Longer than 64 bytes: 0 or 1. */
double jaro_winkler(struct text a, struct text b);

#endif

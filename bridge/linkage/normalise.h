/* bridge/linkage/normalise.h
 *
 * The forms under which handles, names and links are compared and looked up.
 *
 * Every key is made once, lives in the caller's arena, and is a fixed point: normalising a key gives the same key.
 * Input is any bytes; output is valid UTF-8 (broken input counts as U+FFFD, which no key keeps). Functions return 0 or
 * E_NOMEM, and set their result only on success. No state, no locks: any thread.
 */
#ifndef SKEIN_LINKAGE_NORMALISE_H
#define SKEIN_LINKAGE_NORMALISE_H

#include "base/arena.h"
#include "base/text.h"

/* How handles of one network are built. */
struct handle_space {
    const struct text *domains; /* borrowed: where anybody may take a label, e.g. "bsky.social"; the first is guessed */
    size_t n_domains;
    bool are_domains; /* a handle is a host name; false: one plain word, as on X or Threads */
};

/* --- handles ----------------------------------------------------------------------------------------------------- */

/* An X handle, "Jane_Doe77" or "@Jane_Doe77". All are empty where the input holds no letter or digit. */
struct handle_keys {
    struct text plain;    /* lower case, without @: jane_doe77 */
    struct text squeezed; /* without _ - . as well: janedoe77 */
    struct text dashed;   /* _ as -, none at the ends: jane-doe77 */
    struct text stem;     /* squeezed, without trailing digits: janedoe; equal to squeezed where nothing would stay */
};
int handle_keys_make(struct arena *arena, struct text x_handle, struct handle_keys *ret_keys);

/* A handle on a network: "jane-doe.bsky.social", "blog.jane.co.uk", or "jane.doe_7" where handles are no domains.
 * Keys that a handle does not have are empty. */
struct profile_handle {
    struct text plain;       /* lower case, without @ or a final dot: the handle as it is looked up */
    struct text label;       /* squeezed first label, or the whole handle where handles are no domains */
    struct text stem;        /* label without trailing digits */
    bool own_domain;         /* a domain of somebody's own, under none of the handle space's */
    struct text owned;       /* own domains: what its owner registered, with its suffix: jane.co.uk */
    struct text registrable; /* own domains: its squeezed name: jane */
    struct text joined;      /* own domains: `owned` without dots and dashes: janecouk, rolfing of rolf.ing */
    struct text whole;       /* own domains: the whole without dots and dashes: blogjanecouk */
};
int profile_handle_make(struct arena *arena, const struct handle_space *space, struct text handle,
                        struct profile_handle *ret_handle);

/* --- names ------------------------------------------------------------------------------------------------------- */

/* Tokens of one name that are kept; display names have at most 64 characters. */
#define NAME_TOKENS_MAX 10

/* A display name without what people hang on it: emoji, flags, pronouns in brackets, "| she/her", "(on holiday)".
 * Folded: compatibility forms, case, marks and the letters that no decomposition reaches (ł ø đ ß æ œ ı). */
struct name_keys {
    struct text folded;        /* tokens in their order: "jane van doe"; empty: no name */
    struct text sorted;        /* tokens in byte order: the blocking key: "doe jane van" */
    struct text joined;        /* folded without spaces: "janevandoe" */
    const struct text *tokens; /* in byte order, each once; in the arena */
    size_t n_tokens;
    struct text skeleton; /* joined, with letters that look alike made one: only to notice imitation */
};
int name_keys_make(struct arena *arena, struct text name, struct name_keys *ret_keys);

/* Folded text of any length, tokens kept in order, nothing dropped but marks and symbols: for searching in a bio. */
int text_fold(struct arena *arena, struct text t, struct text *ret_folded);

/* A name to search for, read off the capitals and underscores of an X handle: Alison_McGovern gives "Alison McGovern",
 * JaneDoe "Jane Doe", KathrynPortMP "Kathryn Port". Empty where the handle shows no seam. */
int handle_split_name(struct arena *arena, struct text x_handle, struct text *ret_name);

/* --- links ------------------------------------------------------------------------------------------------------- */

/* The part of a link that belongs to one person: its host without www., m., mobile., and where many people share the
 * host its first path segment too: "jane.example", "linktr.ee/jane", "jane.substack.com". Empty: no link, or a link
 * into a shared host that says nothing of a person ("youtube.com/watch"). */
int link_key_make(struct arena *arena, struct text url, struct text *ret_key);

/* The host alone, as above, whether shared or not; empty where url names none. */
int link_host(struct arena *arena, struct text url, struct text *ret_host);

/* A host under which many people have pages: its own name proves nothing ("github.com", "bsky.social"). */
bool host_is_shared(struct text host);

/* The domain that its owner registered: "jane.co.uk" of "blog.jane.co.uk", "jane.github.io" of itself. A view into
 * host; all of it where it has no dot. */
struct text host_owned(struct text host);

#endif

/* bridge/model/pair.h
 *
 * An X account and a profile believed to be one person, with the evidence for it.
 */
#ifndef SKEIN_MODEL_PAIR_H
#define SKEIN_MODEL_PAIR_H

#include "model/profile.h"
#include "model/x_account.h"

enum pair_state { PAIR_NONE, PAIR_REJECTED, PAIR_POSSIBLE, PAIR_LIKELY, PAIR_CONFIRMED, PAIR_PROVEN };

/* Counts as moved: proven, confirmed or likely. */
static inline bool pair_state_moved(enum pair_state state)
{
    return state == PAIR_LIKELY || state == PAIR_CONFIRMED || state == PAIR_PROVEN;
}

/* What asking a network came to. The last two are never mixed up. */
enum lookup { LOOKUP_NOT_FOUND, LOOKUP_FOUND, LOOKUP_COULD_NOT_LOOK };

/* One named comparison and what it came to. */
struct evidence {
    const char *kind;  /* static: "handle", "name", "names_x", "named_by_x", "website", ... */
    const char *level; /* static: "equal", "own-domain", ... */
    double weight;     /* log2(m/u): bits for (positive) or against (negative) being one person */
};

#define PAIR_EVIDENCE_MAX 12

struct pair {
    const struct profile *profile; /* borrowed; NULL: none */
    enum pair_state state;
    double p; /* probability that both are one person */
    struct evidence evidence[PAIR_EVIDENCE_MAX];
    size_t n_evidence;
};

/* "Others" of a result: the next best candidates, each with p of at least DECISION_POSSIBLE (linkage/decide.h). */
#define MATCH_OTHERS_MAX 4

/* What is found for one X account on one network: a line of `skein match`. */
struct match {
    const struct x_account *x; /* borrowed */
    enum lookup lookup;
    const char *why;  /* one clause where lookup is LOOKUP_COULD_NOT_LOOK, or a rule spoke; else NULL */
    struct pair best; /* best.state PAIR_NONE and best.profile NULL where there is none */
    struct pair others[MATCH_OTHERS_MAX];
    size_t n_others;
};

const char *pair_state_word(enum pair_state state); /* "none", "rejected", "possible", "likely", ... */
bool pair_state_of(struct text word, enum pair_state *ret_state);
const char *lookup_word(enum lookup lookup); /* "not_found", "found", "could_not_look" */
bool lookup_of(struct text word, enum lookup *ret_lookup);

#endif

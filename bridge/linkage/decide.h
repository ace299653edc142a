/* bridge/linkage/decide.h
 *
 * A list of X accounts against the cached profiles: who is who, how sure, and why.
 *
 * `struct linkage` is one run over one list on one network. The caller adds accounts, fills the index from whatever the
 * network answers, names search hits (linkage_propose), asks on the way what is still open (linkage_look), and decides
 * all at the end (linkage_decide). What is decided does not depend on the order in which anything was added.
 *
 *     likely    p >= 0.995, two kinds of evidence from different rows, one of them not the handle alone, nothing
 *               against, seen in full, clearly ahead of the runner-up (0.995 also when all rivals' odds are set against
 *               it), and no other account of the list has as good a claim
 *     possible  p >= 0.2: for review, never followed unasked
 *
 * A proven or confirmed pair from elsewhere stands (linkage_settle); a rejected one stays rejected (linkage_reject). A
 * profile marked PROFILE_LEAVE_ME_OUT is nobody's candidate. An X account known to be protected has no candidates at
 * all: only a settled pair. No clock, no I/O; one thread at a time.
 */
#ifndef SKEIN_LINKAGE_DECIDE_H
#define SKEIN_LINKAGE_DECIDE_H

#include "base/buf.h"
#include "linkage/index.h"
#include "model/pair.h"

#define DECISION_LIKELY   0.995
#define DECISION_POSSIBLE 0.2

struct linkage;

struct linkage_options {
    const struct profile_index *index; /* borrowed; may grow between calls */
    int64_t now_ms;                    /* wall time; 0: ages are not judged */
    double share;                      /* of such a list, how many have a profile here; 0: DECISION_SHARE */
};
/* Below 20 % of a general list, 43 to 69 % of newsrooms (facts: Pew 2025, Quelle et al. 2025). */
#define DECISION_SHARE 0.3

struct linkage *linkage_new(const struct linkage_options *options); /* NULL without memory */
void linkage_free(struct linkage *linkage);

/* Adds an account (borrowed until linkage_free) and gives its number: 0, 1, 2... in order. Returns 0 or E_NOMEM. */
int linkage_add(struct linkage *linkage, const struct x_account *x, size_t *ret_number);
size_t linkage_count(const struct linkage *linkage);

/* A profile of the index is to be considered for this account though it may share no key: a search hit. Returns 0,
 * E_NOT_FOUND (not in the index) or E_NOMEM. */
int linkage_propose(struct linkage *linkage, size_t number, struct text profile_id);

/* Somebody said that this profile is not this account. Returns 0 or E_NOMEM. */
int linkage_reject(struct linkage *linkage, size_t number, struct text profile_id);

/* The pair is known: state is PAIR_PROVEN or PAIR_CONFIRMED. The profile must be in the index by the time of
 * linkage_decide. Returns 0 or E_NOMEM. */
int linkage_settle(struct linkage *linkage, size_t number, struct text profile_id, enum pair_state state);

/* How it stands for one account now, by itself. */
struct linkage_view {
    struct pair best;    /* best.profile NULL: no candidate at all */
    bool settled;        /* proven, confirmed, or likely already: no more questions needed */
    bool excluded;       /* known to be protected: ask nothing about it */
    size_t n_incomplete; /* how many linkage_incomplete would name */
};
int linkage_look(struct linkage *linkage, size_t number, struct linkage_view *ret_view);

/* Candidates of one account that lack website and counts and are worth asking for in full: with them they could become
 * likely, or lose. The best first, at most max ids (borrowed from the index). */
size_t linkage_incomplete(struct linkage *linkage, size_t number, struct text *ret_ids, size_t max);

/* Decides everything: ret_matches has linkage_count() entries, in the order of linkage_add. lookup is LOOKUP_FOUND
 * where there is a best or other candidate, else LOOKUP_NOT_FOUND: whether a network could be asked is the caller's
 * knowledge. Profiles are borrowed from the index. Returns 0 or E_NOMEM. */
int linkage_decide(struct linkage *linkage, struct match *ret_matches);

/* One pair by itself, evidence and p without rivals: for review and for pairs the caller brings. */
int linkage_score(struct linkage *linkage, size_t number, struct text profile_id, struct pair *ret_pair);

/* Why, as one plain sentence: "Same rare handle, and the profile links to this X account." Returns what buf_add
 * returns. */
int linkage_explain(const struct pair *pair, struct buf *out);

#endif

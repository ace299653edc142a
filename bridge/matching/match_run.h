/* bridge/matching/match_run.h
 *
 * One list of X accounts against one network: who is there, how sure, with how few questions.
 *
 *     stage 0  what is known already: settled pairs, profiles that were fetched before
 *     stage 2  handles guessed, 25 to a question, in rounds: who is settled is asked about no more
 *     stage 3  one search for each account still open, the telling ones first
 *              profiles that the search found and that could decide something, in full
 *     then     all decided together; the identity of each new likely pair checked with the directory
 *
 * (Stage 1, the neighbourhoods of members, needs members: it comes with communities.) The same actor is never asked for
 * twice. The record is an operation (loop/op.h): start it, and `done` is called once with the results or an error.
 */
#ifndef SKEIN_MATCHING_MATCH_RUN_H
#define SKEIN_MATCHING_MATCH_RUN_H

#include "loop/loop.h"
#include "model/pair.h"
#include "network/network.h"

struct match_run;

/* A pair that somebody vouches for: `--known` of the command, or a row of the store. */
struct known_pair {
    struct text x_handle;   /* ASCII case does not matter */
    struct text profile_id; /* DID or Threads id */
    enum pair_state state;  /* PAIR_PROVEN or PAIR_CONFIRMED */
};

/* What was decided about an account of the list: it stands, whatever the profiles say. */
struct decided_pair {
    size_t account;         /* its place in the list */
    struct text profile_id; /* borrowed */
    enum pair_state state;  /* PAIR_PROVEN, PAIR_CONFIRMED or PAIR_REJECTED */
};

/* What is done for an account. */
enum match_how {
    MATCH_ASK,        /* looked for */
    MATCH_FROM_CACHE, /* asked about lately: decided from the profiles at hand, and no more than identities are checked */
    MATCH_RIVAL,      /* decided before: only here since it may have the better claim to a profile */
};

struct match_options {
    const struct network *network;    /* borrowed */
    const struct x_account *accounts; /* borrowed, each once */
    const unsigned char *how;         /* borrowed; beside accounts: enum match_how; NULL: MATCH_ASK for all */
    size_t n;
    const struct known_pair *known; /* borrowed */
    size_t n_known;
    const struct decided_pair *decided; /* borrowed */
    size_t n_decided;
    const struct profile *cached; /* borrowed; fetched before, and still fresh */
    size_t n_cached;
    /* Did the owner of this profile wish not to be paired? Called on workers; NULL: nobody did. */
    bool (*leave_out)(void *context, struct text profile_id);
    uint64_t budget; /* questions to the network at most, identity checks apart; 0: as many as are needed */

    /* Where it is, at every answer: what it does in words ("asking for handles"), and of how many. May be NULL. */
    void (*progress)(void *context, const char *doing, size_t answered, size_t all);
    void (*done)(void *context, struct match_run *run); /* once, on the loop */
    void *context;                                      /* borrowed */
};

struct match_counts {
    uint64_t cache_hits;    /* accounts and guesses answered without a question */
    uint64_t known_missing; /* known pairs whose X account is not in the list */
    uint64_t questions;     /* asked of the network, identity checks apart */
};

/* NULL and a sentence without memory; done is not called then. Everything borrowed must outlive the run. */
struct match_run *match_run_start(struct loop *loop, const struct match_options *options, struct err *err);

/* In done and after: 0, or the error that ended it (E_NOMEM, E_CANCELLED). A network that could not be reached is no
 * error: it stands in the results. */
int match_run_error(const struct match_run *run, struct err *err);

/* The results, in the order of the accounts; valid until match_run_free. */
const struct match *match_run_matches(const struct match_run *run);
struct match_counts match_run_counts(const struct match_run *run);

/* Something about the account at this place could not be asked or checked, and might yet change what came of it. */
bool match_run_unfinished(const struct match_run *run, size_t place);

/* Every profile that the network showed in this run, in the order of the questions; one may come more than once. Valid
 * until match_run_free. */
void match_run_found(const struct match_run *run, void (*visit)(void *context, const struct profile *profile),
                     void *context);

/* Why the network stopped being asked, in one clause; NULL where it did not. */
const char *match_run_gave_up(const struct match_run *run);

void match_run_cancel(struct match_run *run);
void match_run_free(struct match_run *run); /* in done, or later */

#endif

/* bridge/matching/candidates.h
 *
 * What a run knows: its accounts, what was asked for whom, and the profiles that came back. Plans questions; asks none.
 *
 * Pure but for its clock: planned into an asker, taken back from it. One thread at a time, as an operation's steps are.
 */
#ifndef SKEIN_MATCHING_CANDIDATES_H
#define SKEIN_MATCHING_CANDIDATES_H

#include "base/clock.h"
#include "base/map.h"
#include "linkage/decide.h"
#include "linkage/guesses.h"
#include "matching/asker.h"
#include "matching/match_run.h"

/* Guesses with a smaller chance than this are left to the search, which finds more for one question. */
#define GUESS_PRIOR_LEAST 0.02

/* Rounds of guessing: the second and third asks only for who is still open. */
#define GUESS_ROUNDS 3

/* Hits of one search that are looked at (the peers take 3; the hits cost nothing more). */
#define SEARCH_HITS 10

/* Hits of one account that are asked for in full. */
#define COMPLETIONS_MAX 2

/* An actor that was asked for: never again, by nobody in this run. */
struct asked {
    struct text actor;         /* lower case */
    struct question *question; /* the one that it went into */
};

struct account {
    const struct x_account *x; /* borrowed */
    size_t number;             /* in linkage */
    enum match_how how;
    const char *untouched; /* why nothing is asked about it; NULL: it is asked about */
    struct guesses guesses;
    size_t next_guess;
    struct asked *asked[GUESSES_MAX * 2]; /* whose answers bear on this account */
    size_t n_asked;
    struct question *search;
    struct text known_id; /* a settled pair's profile; empty: none */
};

struct candidates {
    struct arena *arena;                                      /* borrowed: all that lives as long as the run */
    const struct network *network;                            /* borrowed */
    bool (*leave_out)(void *context, struct text profile_id); /* as match_options; set after candidates_init */
    void *leave_out_context;
    struct profile_index *index; /* owned */
    struct linkage *linkage;     /* owned */
    struct account *accounts;    /* in the arena */
    size_t n;
    struct map by_handle; /* lower-case X handle -> struct account */
    struct map asked;     /* actor -> struct asked */
    size_t taken;         /* questions of the asker whose answers are in the index */
    unsigned round;
    bool guesses_left;
    struct match_counts counts;
};

/* All return 0 or E_NOMEM. candidates_release in any case after candidates_init. */
int candidates_init(struct candidates *candidates, struct arena *arena, const struct network *network,
                    const struct clock *clock);
void candidates_release(struct candidates *candidates);

int candidates_add(struct candidates *candidates, const struct x_account *x, enum match_how how);
int candidates_know(struct candidates *candidates, const struct known_pair *known);
int candidates_heed(struct candidates *candidates, const struct decided_pair *decided);
int candidates_cache(struct candidates *candidates, const struct profile *profile);

/* Plans questions into the asker. */
int candidates_ask_known(struct candidates *candidates, struct asker *asker);
int candidates_ask_guesses(struct candidates *candidates, struct asker *asker);
int candidates_ask_searches(struct candidates *candidates, struct asker *asker);
int candidates_ask_completions(struct candidates *candidates, struct asker *asker);
bool candidates_guesses_left(const struct candidates *candidates);

/* Takes into the index what the asker's questions found since the last time. */
int candidates_take(struct candidates *candidates, struct asker *asker);

/* Decides for all accounts; ret_matches has room for each. */
int candidates_decide(struct candidates *candidates, struct match *ret_matches);

/* A question about account `number` got no answer: asking again could bring up more. */
bool candidates_unfinished(const struct candidates *candidates, size_t number);

#endif

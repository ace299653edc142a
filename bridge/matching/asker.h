/* bridge/matching/asker.h
 *
 * Asks a network a list of questions, a few at a time, and knows when to stop.
 *
 *     asker_add, asker_add, ... ─> asker_start ─> at most LIMIT_QUESTIONS_AT_ONCE under way ─> all have a state ─> idle
 *                                                  │
 *                                                  └─ budget used up, or the network cannot be reached: the rest fails
 *
 * Every question ends ANSWERED or FAILED, and FAILED always has a reason: "could not look" is never "not there".
 * For the loop thread; between a start and its idle the questions belong to the asker.
 */
#ifndef SKEIN_MATCHING_ASKER_H
#define SKEIN_MATCHING_ASKER_H

#include "network/network.h"

enum question_kind { QUESTION_PROFILES, QUESTION_SEARCH, QUESTION_IDENTITY };
enum question_state { QUESTION_OPEN, QUESTION_ANSWERED, QUESTION_FAILED };

struct question {
    enum question_kind kind;

    /* What is asked. */
    const struct text *actors; /* QUESTION_PROFILES: borrowed */
    size_t n_actors;
    struct text words; /* QUESTION_SEARCH */
    size_t limit;
    const struct profile *profile; /* QUESTION_IDENTITY: borrowed */

    /* What came of it. */
    enum question_state state;
    const char *why;              /* QUESTION_FAILED: one clause, in the asker's arena or static */
    const struct profile **found; /* in the asker's arena */
    size_t n_found;
    enum network_identity identity;

    /* The asker's. */
    struct asker *asker;
    struct network_question *under_way;
};

struct asker {
    const struct network *network; /* borrowed */
    struct arena *arena;           /* borrowed: the answers live there */
    uint64_t budget;               /* questions that may still be asked; lowered by each */

    struct question **questions; /* in the arena */
    size_t n;
    size_t next; /* the first that was not sent */
    size_t under_way;

    bool ever_answered;
    unsigned failed_in_row;
    const char *gave_up; /* why nothing more is asked; NULL: it goes on */

    void (*idle)(void *context);                                  /* all questions have a state */
    void (*progress)(void *context, size_t answered, size_t all); /* may be NULL */
    void *context;                                                /* borrowed */
};

/* Questions in a row that fail before a network that has answered earlier is given up. */
#define ASKER_FAILURES 3

/* Room for one more question, zeroed but for its kind; NULL without memory. Not while it runs. */
struct question *asker_add(struct asker *asker, enum question_kind kind);

/* Sends what was added since the last time. True: under way, `idle` follows. False: nothing to wait for, every question
 * has its state already. */
bool asker_start(struct asker *asker);

/* Ends what is under way; idle is not called. */
void asker_cancel(struct asker *asker);

#endif

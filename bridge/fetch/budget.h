/* bridge/fetch/budget.h
 *
 * How many requests a host may get now: a token bucket whose rate halves when the host says 429 and grows back slowly.
 *
 * A token is one request. Tokens come at `per_second`, up to `burst`. After a 429 the rate is half of what it was (never
 * under FETCH_SLOWEST, or what was configured where that is less), no tokens gather until the host may be asked again,
 * and from then on the rate grows by FETCH_RECOVERY a minute up to what was configured: down by halves, up in small
 * steps, which is how many senders find the rate that one receiver bears (Chiu and Jain 1989, as in TCP).
 *
 * Pure: times are monotonic milliseconds that the caller gives. Any thread, one at a time.
 */
#ifndef SKEIN_FETCH_BUDGET_H
#define SKEIN_FETCH_BUDGET_H

#include "fetch/fetch.h"

#define FETCH_SLOWEST  1.0 /* requests a second */
#define FETCH_RECOVERY 1.0 /* requests a second, each minute */

struct budget {
    struct fetch_rate rate; /* as configured */
    double per_second;      /* as it is now */
    double tokens;
    int64_t filled_ms; /* up to when tokens and rate have been reckoned; may lie ahead, during a pause */
    int64_t halved_ms; /* when the rate was halved last */
};

void budget_init(struct budget *budget, struct fetch_rate rate, int64_t now_ms);

/* A new rate, at once. */
void budget_set_rate(struct budget *budget, struct fetch_rate rate, int64_t now_ms);

/* Milliseconds until a token is there; 0: now. */
int64_t budget_wait(struct budget *budget, int64_t now_ms);

/* Spends a token; budget_wait has said 0. */
void budget_spend(struct budget *budget);

/* A try that was sent at sent_ms met a 429, and the host may be asked again at resume_ms. Tries that were under way
 * together halve the rate once. */
void budget_punish(struct budget *budget, int64_t sent_ms, int64_t now_ms, int64_t resume_ms);

/* Nothing has been asked for so long that forgetting the budget would change nothing. */
bool budget_is_full(struct budget *budget, int64_t now_ms);

#endif

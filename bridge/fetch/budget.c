/* bridge/fetch/budget.c
 *
 * The token bucket.
 */
#include "fetch/budget.h"

#include <math.h>

/* Sums of fractions miss whole numbers by less than this. */
#define NEARLY 1e-6

static double smaller(double a, double b)
{
    return a < b ? a : b;
}

void budget_init(struct budget *budget, struct fetch_rate rate, int64_t now_ms)
{
    *budget = (struct budget){
        .rate = rate,
        .per_second = rate.per_second,
        .tokens = rate.burst,
        .filled_ms = now_ms,
        .halved_ms = INT64_MIN,
    };
}

/* The rate grows in a straight line to its top; what it yields meanwhile is the area under that line. */
static void fill(struct budget *budget, int64_t now_ms)
{
    if (now_ms <= budget->filled_ms)
        return;
    double seconds = (double)(now_ms - budget->filled_ms) / 1000.0;
    double slope = FETCH_RECOVERY / 60.0;
    double top = budget->rate.per_second;
    double growing = smaller(seconds, (top - budget->per_second) / slope);
    double reached = budget->per_second + growing * slope;
    double gained = growing * (budget->per_second + reached) / 2 + (seconds - growing) * reached;
    budget->tokens = smaller(budget->tokens + gained, budget->rate.burst);
    budget->per_second = smaller(reached, top);
    budget->filled_ms = now_ms;
}

void budget_set_rate(struct budget *budget, struct fetch_rate rate, int64_t now_ms)
{
    fill(budget, now_ms);
    budget->rate = rate;
    budget->per_second = rate.per_second;
    budget->tokens = smaller(budget->tokens, rate.burst);
}

int64_t budget_wait(struct budget *budget, int64_t now_ms)
{
    int64_t pause = budget->filled_ms > now_ms ? budget->filled_ms - now_ms : 0;
    fill(budget, now_ms);
    if (budget->tokens >= 1 - NEARLY)
        return pause;
    return pause + (int64_t)ceil((1 - budget->tokens) / budget->per_second * 1000 - NEARLY);
}

void budget_spend(struct budget *budget)
{
    budget->tokens -= 1;
}

void budget_punish(struct budget *budget, int64_t sent_ms, int64_t now_ms, int64_t resume_ms)
{
    double floor = smaller(FETCH_SLOWEST, budget->rate.per_second);
    fill(budget, now_ms);
    if (budget->halved_ms < sent_ms || budget->halved_ms == INT64_MIN) {
        budget->per_second = budget->per_second / 2 > floor ? budget->per_second / 2 : floor;
        budget->halved_ms = now_ms;
    }
    budget->tokens = smaller(budget->tokens, 1); /* one to begin with, then at the new rate */
    if (resume_ms > budget->filled_ms)
        budget->filled_ms = resume_ms;
}

bool budget_is_full(struct budget *budget, int64_t now_ms)
{
    fill(budget, now_ms);
    return budget->filled_ms <= now_ms && budget->tokens >= budget->rate.burst &&
           budget->per_second >= budget->rate.per_second;
}

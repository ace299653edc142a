/* bridge/matching/asker.c
 *
 * A few questions at a time. How fast a host is asked is fetch's budget; here only the queue is kept short, so that no
 * question spends its deadline waiting behind others of the same list.
 */
#include "matching/asker.h"

#include "base/limits.h"

static const char budget_used_up[] = "the budget of questions was used up";

struct question *asker_add(struct asker *asker, enum question_kind kind)
{
    struct question **questions = arena_grow(asker->arena, asker->questions, asker->n, sizeof *questions);
    struct question *question = ARENA_NEW(asker->arena, struct question);
    if (!questions || !question)
        return NULL;
    question->kind = kind;
    question->asker = asker;
    asker->questions = questions;
    asker->questions[asker->n++] = question;
    return question;
}

static void fail(struct question *question, const char *why)
{
    question->under_way = NULL;
    question->state = QUESTION_FAILED;
    question->why = why;
}

/* Nothing more is asked: what is under way is dropped, what was not sent fails with the same reason. */
static void give_up(struct asker *asker, const char *why)
{
    asker->gave_up = why;
    for (size_t i = 0; i < asker->n; i++) {
        struct question *question = asker->questions[i];
        if (question->state != QUESTION_OPEN)
            continue;
        if (question->under_way)
            asker->network->ops->cancel(question->under_way);
        fail(question, why);
    }
    asker->under_way = 0;
    asker->next = asker->n;
}

static void pump(struct asker *asker);

/* After an answer: goes on, gives up, or is done. */
static void go_on(struct asker *asker, const struct question *question)
{
    asker->under_way--;
    if (question->state == QUESTION_ANSWERED) {
        asker->ever_answered = true;
        asker->failed_in_row = 0;
    } else if (++asker->failed_in_row >= ASKER_FAILURES || !asker->ever_answered) {
        give_up(asker, question->why); /* a network that never answered will not answer the next one either */
    }
    pump(asker);
    if (asker->progress)
        asker->progress(asker->context, asker->next - asker->under_way, asker->n);
    if (asker->under_way == 0)
        asker->idle(asker->context);
}

static void on_answer(void *context, const struct network_answer *answer)
{
    struct question *question = context;
    struct asker *asker = question->asker;
    question->under_way = NULL;
    if (answer->code < 0) {
        const char *why = arena_printf(asker->arena, "%s", answer->reason);
        fail(question, why ? why : "no memory");
        go_on(asker, question);
        return;
    }
    question->state = QUESTION_ANSWERED;
    question->found = ARENA_ARRAY(asker->arena, const struct profile *, answer->n);
    if (!question->found)
        fail(question, "no memory");
    for (size_t i = 0; question->found && i < answer->n; i++)
        question->found[question->n_found++] = answer->profiles[i];
    go_on(asker, question);
}

static void on_identity(void *context, enum network_identity identity)
{
    struct question *question = context;
    question->under_way = NULL;
    question->identity = identity;
    if (identity == IDENTITY_COULD_NOT_LOOK)
        fail(question, "its identity could not be checked yet");
    else
        question->state = QUESTION_ANSWERED;
    go_on(question->asker, question);
}

static struct network_question *send_question(struct asker *asker, struct question *question)
{
    const struct network_ops *ops = asker->network->ops;
    void *self = asker->network->self;
    switch (question->kind) {
    case QUESTION_PROFILES:
        return ops->profiles(self, question->actors, question->n_actors, asker->arena, on_answer, question);
    case QUESTION_SEARCH:
        return ops->search(self, question->words, question->limit, asker->arena, on_answer, question);
    case QUESTION_IDENTITY:
        return ops->identity(self, question->profile, on_identity, question);
    }
    return NULL;
}

static void pump(struct asker *asker)
{
    while (asker->next < asker->n && asker->under_way < LIMIT_QUESTIONS_AT_ONCE) {
        struct question *question = asker->questions[asker->next++];
        if (asker->budget == 0) {
            fail(question, budget_used_up);
            continue;
        }
        asker->budget--;
        question->under_way = send_question(asker, question);
        if (question->under_way)
            asker->under_way++;
        else
            fail(question, "no memory");
    }
}

bool asker_start(struct asker *asker)
{
    if (asker->gave_up)
        give_up(asker, asker->gave_up);
    pump(asker);
    return asker->under_way > 0;
}

void asker_cancel(struct asker *asker)
{
    give_up(asker, "cancelled");
}

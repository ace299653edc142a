/* bridge/refollow/plan.c
 *
 * People in their order, each looked up in what is there already.
 */
#include "refollow/plan.h"

#include "base/cleanup.h"
#include "base/map.h"

#include <stdlib.h>

static int compare_people(const void *a, const void *b)
{
    const struct plan_person *one = *(const struct plan_person *const *)a;
    const struct plan_person *other = *(const struct plan_person *const *)b;
    if (one->state != other->state)
        return one->state > other->state ? -1 : 1;
    if (one->p != other->p)
        return one->p > other->p ? -1 : 1;
    return one->x < other->x ? -1 : one->x > other->x;
}

static int note(struct map *seen, struct text profile, enum plan_choice why)
{
    static const enum plan_choice choices[PLAN_CHOICES] = {PLAN_FOLLOW, PLAN_THERE,  PLAN_BEFORE,
                                                           PLAN_SELF,   PLAN_UNSURE, PLAN_TWICE};
    return map_put(seen, profile, (void *)&choices[why]);
}

/* Later words stand: who is followed is there, whoever followed them. */
static int note_all(struct map *seen, const struct plan_question *question)
{
    for (size_t i = 0; i < question->n_before; i++)
        if (note(seen, question->before[i], PLAN_BEFORE) < 0)
            return E_NOMEM;
    for (size_t i = 0; i < question->n_follows; i++)
        if (note(seen, question->follows[i].profile, PLAN_THERE) < 0)
            return E_NOMEM;
    return note(seen, question->account, PLAN_SELF);
}

static enum plan_choice choose(const struct map *seen, const struct plan_person *person)
{
    if (!pair_state_moved(person->state) || text_empty(person->profile))
        return PLAN_UNSURE;
    const enum plan_choice *known = map_get(seen, person->profile);
    return known ? *known : PLAN_FOLLOW;
}

int plan_make(const struct plan_question *question, struct arena *arena, struct plan *ret_plan)
{
    CLEANUP(map_release) struct map seen;
    map_init(&seen);
    struct plan plan = {.follow = ARENA_ARRAY(arena, const struct plan_person *, question->n + 1)};
    const struct plan_person **order = ARENA_ARRAY(arena, const struct plan_person *, question->n + 1);
    if (!plan.follow || !order || note_all(&seen, question) < 0)
        return E_NOMEM;
    for (size_t i = 0; i < question->n; i++)
        order[i] = &question->people[i];
    qsort(order, question->n, sizeof(const struct plan_person *), compare_people);
    for (size_t i = 0; i < question->n; i++) {
        enum plan_choice choice = choose(&seen, order[i]);
        plan.counts[choice]++;
        if (choice != PLAN_FOLLOW)
            continue;
        plan.follow[plan.n++] = order[i];
        if (note(&seen, order[i]->profile, PLAN_TWICE) < 0)
            return E_NOMEM;
    }
    *ret_plan = plan;
    return 0;
}

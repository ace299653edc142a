/* bridge/refollow/batch_vet.c
 *
 * A profile is looked at again before it is followed: it may be gone, or somebody said something against it.
 */
#include "refollow/inside.h"

const char batch_why_gone[] = "is not there any more";
static const char why_marked[] = "is marked as spam, an impersonation, or taken down";

#define VET_DEADLINE_MS (5 * MINUTE_MS)

static const struct profile *find_profile(const struct network_answer *answer, struct text id)
{
    for (size_t i = 0; i < answer->n; i++)
        if (text_equal(answer->profiles[i]->id, id))
            return answer->profiles[i];
    return NULL;
}

static enum vetted vet(const struct profile *profile)
{
    if (!profile || profile->marks & PROFILE_LEAVE_ME_OUT)
        return VET_GONE;
    return profile->marks & PROFILE_AGAINST ? VET_MARKED : VET_FINE;
}

static void on_profiles(void *context, const struct network_answer *answer)
{
    struct batch_run *run = context;
    run->question = NULL;
    if (answer->code < 0) {
        run->view.trouble = HAND_AWAY;
        say_why(run, answer->reason);
    }
    for (size_t i = 0; answer->code == 0 && i < run->n_asked; i++) {
        size_t place = run->asked[i];
        run->vetted[place] = (unsigned char)vet(find_profile(answer, run->round.items[place].profile));
    }
    op_resume(&run->op);
}

static void cancel_question(struct op *op)
{
    struct batch_run *run = run_of(op);
    if (run->question)
        run->options.network->ops->cancel(run->question);
    run->question = NULL;
}

const char *batch_why_vetted(enum vetted vetted)
{
    switch (vetted) {
    case VET_UNKNOWN:
    case VET_WANTED:
    case VET_FINE:
        break;
    case VET_GONE:
        return batch_why_gone;
    case VET_MARKED:
        return why_marked;
    }
    return NULL;
}

static void gather_wanted(struct batch_run *run, struct text *ret_actors)
{
    size_t most = run->options.network->profiles_max;
    run->n_asked = 0;
    for (size_t i = 0; i < run->round.n && run->n_asked < VET_AT_ONCE && run->n_asked < most; i++) {
        if (run->vetted[i] != VET_WANTED)
            continue;
        ret_actors[run->n_asked] = run->round.items[i].profile;
        run->asked[run->n_asked++] = i;
    }
}

/* A question at a time, until everybody of this round was looked at. Who could not be looked at is not followed. */
int batch_look_at_people(struct op *op)
{
    struct batch_run *run = run_of(op);
    const struct network *network = run->options.network;
    struct text actors[VET_AT_ONCE];
    if (!network || run->view.trouble != HAND_FINE)
        return OP_NEXT;
    gather_wanted(run, actors);
    if (run->n_asked == 0)
        return OP_NEXT;
    run->question = network->ops->profiles(network->self, actors, run->n_asked, &run->arena, on_profiles, run);
    if (!run->question)
        return no_memory(run);
    op_on_cancel(op, cancel_question);
    return op_wait_at(op, batch_look_at_people, VET_DEADLINE_MS);
}

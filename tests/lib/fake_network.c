/* tests/lib/fake_network.c
 *
 * The network in memory. Every answer takes one turn of the loop, by a timer of 0 ms.
 */
#include "lib/fake_network.h"

#include "base/cleanup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct network_question {
    uv_timer_t timer;
    struct fake_network *fake;
    struct arena *arena;
    network_done_fn *done;
    network_identity_fn *identity_done;
    void *context;
    const struct profile *found[64];
    size_t n_found;
    const struct profile *checked;
    bool fails;
};

static void free_question(uv_handle_t *handle)
{
    free(handle->data);
}

static void close_question(struct network_question *question)
{
    question->fake->under_way--;
    uv_close((uv_handle_t *)&question->timer, free_question);
}

static enum network_identity identity_of(const struct network_question *question)
{
    if (question->fake->no_directory)
        return IDENTITY_COULD_NOT_LOOK;
    return text_equal(question->fake->liar, question->checked->id) ? IDENTITY_DIFFERS : IDENTITY_AGREES;
}

static void answer(uv_timer_t *timer)
{
    struct network_question *question = timer->data;
    close_question(question);
    if (question->checked) {
        question->identity_done(question->context, identity_of(question));
        return;
    }
    struct network_answer what = {.profiles = question->found, .n = question->n_found};
    if (question->fails)
        what = (struct network_answer){.code = E_UNAVAILABLE, .reason = "the fake network is down"};
    question->done(question->context, &what);
}

static struct network_question *ask(struct fake_network *fake, void *context)
{
    struct network_question *question = calloc(1, sizeof *question);
    question->fake = fake;
    question->context = context;
    uv_timer_init(loop_uv(fake->loop), &question->timer);
    question->timer.data = question;
    if (!fake->never_answer)
        uv_timer_start(&question->timer, answer, 0, 0);
    if (++fake->under_way > fake->most_under_way)
        fake->most_under_way = fake->under_way;
    return question;
}

static void count_question(struct fake_network *fake, struct network_question *question)
{
    size_t number = ++fake->questions;
    question->fails =
        fake->fail_from > 0 && number >= fake->fail_from && (fake->fail_until == 0 || number < fake->fail_until);
}

static const struct profile *find(const struct fake_network *fake, struct text actor)
{
    for (size_t i = 0; i < fake->n_profiles; i++)
        if (text_equal_fold(fake->profiles[i].handle, actor) || text_equal(fake->profiles[i].id, actor))
            return &fake->profiles[i];
    return NULL;
}

/* A copy as a network hands it out: the rules applied; search hits lack website and counts, as everywhere. */
static const struct profile *shown(const struct profile *profile, bool detailed, struct arena *arena)
{
    struct profile *copy = ARENA_NEW(arena, struct profile);
    *copy = *profile;
    copy->detailed = detailed;
    if (!detailed)
        copy->website = TEXT_NONE;
    network_apply_rules(copy);
    return copy;
}

static struct network_question *fake_profiles(void *self, const struct text *actors, size_t n, struct arena *arena,
                                              network_done_fn *done, void *context)
{
    struct fake_network *fake = self;
    struct network_question *question = ask(fake, context);
    count_question(fake, question);
    fake->profile_questions++;
    question->arena = arena;
    question->done = done;
    for (size_t i = 0; i < n; i++) {
        const struct profile *profile = find(fake, actors[i]);
        if (fake->n_asked < FAKE_ACTORS_MAX)
            snprintf(fake->asked[fake->n_asked++], sizeof fake->asked[0], "%.*s", TEXT_ARG(actors[i]));
        if (profile)
            question->found[question->n_found++] = shown(profile, true, arena);
    }
    return question;
}

static struct network_question *fake_search(void *self, struct text words, size_t limit, struct arena *arena,
                                            network_done_fn *done, void *context)
{
    struct fake_network *fake = self;
    struct network_question *question = ask(fake, context);
    count_question(fake, question);
    fake->searches++;
    question->done = done;
    for (size_t i = 0; i < fake->n_profiles && question->n_found < limit; i++)
        if (text_find_fold(fake->profiles[i].name, words, 0) != TEXT_NOWHERE ||
            text_find_fold(fake->profiles[i].handle, words, 0) != TEXT_NOWHERE)
            question->found[question->n_found++] = shown(&fake->profiles[i], false, arena);
    return question;
}

static struct network_question *fake_identity(void *self, const struct profile *profile, network_identity_fn *done,
                                              void *context)
{
    struct fake_network *fake = self;
    struct network_question *question = ask(fake, context);
    fake->identities++;
    question->checked = profile;
    question->identity_done = done;
    return question;
}

static void fake_cancel(struct network_question *question)
{
    question->fake->cancelled++;
    close_question(question);
}

static bool fake_is_actor(struct text actor)
{
    return text_find_byte(actor, '_', 0) == TEXT_NOWHERE;
}

static const struct network_ops fake_ops = {.is_actor = fake_is_actor,
                                            .profiles = fake_profiles,
                                            .search = fake_search,
                                            .identity = fake_identity,
                                            .cancel = fake_cancel};

static const struct text fake_domains[] = {{"example.test", 12}};

void fake_network_init(struct fake_network *fake, struct loop *loop)
{
    memset(fake, 0, sizeof *fake);
    fake->loop = loop;
    fake->network = (struct network){
        .name = "fake",
        .title = "Fake",
        .profiles_max = 25,
        .handles = {.domains = fake_domains, .n_domains = ARRAY_LEN(fake_domains), .are_domains = true},
        .ops = &fake_ops,
        .self = fake};
}

size_t fake_network_asked(const struct fake_network *fake, const char *actor)
{
    size_t n = 0;
    for (size_t i = 0; i < fake->n_asked; i++)
        n += strcmp(fake->asked[i], actor) == 0;
    return n;
}

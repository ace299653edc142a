/* bridge/identity/subject.c
 *
 * The life of a handle or DID that somebody asked about.
 */
#include "base/err.h"
#include "base/limits.h"
#include "fetch/fetch.h"
#include "identity/inside.h"
#include "loop/loop.h"

#include <stdlib.h>

static int64_t now_of(const struct subject *subject)
{
    return clock_monotonic(loop_clock(subject->identity->loop));
}

/* --- timer --------------------------------------------------------------------------------------------------------- */

static void free_timer(uv_handle_t *timer)
{
    free(timer);
}

static void stop_timer(struct subject *subject)
{
    if (subject->timer)
        uv_close((uv_handle_t *)subject->timer, free_timer);
    subject->timer = NULL;
}

static void tell_callers(struct subject *subject);

static void on_timer(uv_timer_t *timer)
{
    struct subject *subject = timer->data;
    stop_timer(subject);
    tell_callers(subject);
}

static bool answer_soon(struct subject *subject)
{
    if (subject->timer)
        return true;
    subject->timer = malloc(sizeof *subject->timer);
    if (!subject->timer)
        return false;
    uv_timer_init(loop_uv(subject->identity->loop), subject->timer);
    subject->timer->data = subject;
    uv_timer_start(subject->timer, on_timer, 0, 0);
    return true;
}

/* --- from the first question to the end ---------------------------------------------------------------------------- */

static void cancel_way(struct way *way)
{
    if (way->call)
        fetch_cancel(way->call);
    way->call = NULL;
}

static void subject_free(struct subject *subject)
{
    arena_release(&subject->arena);
    free(subject);
}

void subject_forget(struct subject *subject)
{
    map_take(&subject->identity->subjects, subject->key);
    stop_timer(subject);
    cancel_way(&subject->dns);
    cancel_way(&subject->web);
    subject->forgotten = true;
    if (!subject->telling)
        subject_free(subject);
}

/* Makes room by forgetting the answer that is oldest; what somebody waits for stays. */
static void forget_oldest(struct identity *identity)
{
    struct map_entry *entry = map_first(&identity->subjects);
    while (entry && ((struct subject *)map_value(entry))->callers)
        entry = map_next(entry);
    if (entry)
        subject_forget(map_value(entry));
}

static struct subject *subject_new(struct identity *identity, struct text key)
{
    if (map_count(&identity->subjects) >= IDENTITY_KEPT_MAX)
        forget_oldest(identity);
    struct subject *subject = calloc(1, sizeof *subject);
    if (!subject)
        return NULL;
    arena_init(&subject->arena, LIMIT_IDENTITY);
    subject->identity = identity;
    if (arena_text(&subject->arena, key, &subject->key) && map_put(&identity->subjects, subject->key, subject) == 0)
        return subject;
    subject_free(subject);
    return NULL;
}

static bool is_stale(const struct subject *subject)
{
    return subject->known && !subject->callers && now_of(subject) >= subject->until_ms;
}

struct subject *subject_for(struct identity *identity, struct text key, bool is_valid,
                            bool (*ask)(struct subject *subject))
{
    struct subject *subject = map_get(&identity->subjects, key);
    if (subject && is_stale(subject)) {
        subject_forget(subject);
        subject = NULL;
    }
    if (subject)
        return subject;
    subject = subject_new(identity, key);
    if (!subject)
        return NULL;
    if (!is_valid) {
        subject_fail(subject, E_NOT_FOUND, "this is no valid handle or DID");
    } else if (!ask(subject)) {
        subject_forget(subject);
        return NULL;
    }
    return subject;
}

bool subject_hang_on(struct subject *subject, struct identity_call *call)
{
    if (subject->known && !answer_soon(subject))
        return false;
    call->subject = subject;
    call->next = subject->callers;
    subject->callers = call;
    return true;
}

static bool unlink_call(struct identity_call **list, const struct identity_call *call)
{
    for (; *list; list = &(*list)->next) {
        if (*list == call) {
            *list = call->next;
            return true;
        }
    }
    return false;
}

void subject_take_off(struct subject *subject, struct identity_call *call)
{
    if (!unlink_call(&subject->callers, call))
        unlink_call(&subject->told, call);
    if (!subject->callers && !subject->known)
        subject_forget(subject); /* nobody wants the answer any more */
}

/* --- answers ------------------------------------------------------------------------------------------------------- */

/* A callback may cancel another caller, ask for the same anew, or make this subject be forgotten. Who asks anew is not
 * told in the same round. */
static void tell_callers(struct subject *subject)
{
    struct identity_call *call;
    subject->telling = true;
    subject->told = subject->callers;
    subject->callers = NULL;
    while ((call = subject->told)) {
        subject->told = call->next;
        call->done(call->context, &subject->answer);
        free(call);
    }
    subject->telling = false;
    if (subject->forgotten)
        subject_free(subject);
}

static int64_t keep_time(int code)
{
    return code == 0 ? IDENTITY_KEEP_MS : code == E_NOT_FOUND ? IDENTITY_KEEP_NONE_MS : 0;
}

static void answer_and_keep(struct subject *subject, struct identity_answer answer, int64_t keep_ms)
{
    cancel_way(&subject->dns);
    cancel_way(&subject->web);
    subject->answer = answer;
    subject->known = true;
    subject->until_ms = now_of(subject) + keep_ms;
    if (keep_ms == 0) {
        subject->telling = true; /* out of the map at once, so that who asks anew asks the network */
        subject_forget(subject);
    }
    tell_callers(subject);
}

void subject_answer(struct subject *subject, struct identity_answer answer)
{
    answer_and_keep(subject, answer, keep_time(answer.code));
}

void subject_answer_briefly(struct subject *subject, struct identity_answer answer)
{
    answer_and_keep(subject, answer, IDENTITY_KEEP_NONE_MS);
}

void subject_fail(struct subject *subject, int code, const char *reason)
{
    const char *kept = arena_printf(&subject->arena, "%s", reason);
    subject_answer(subject, (struct identity_answer){.code = code, .reason = kept ? kept : "no memory"});
}

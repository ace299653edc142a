/* bridge/bluesky/bluesky.c
 *
 * The questions that matching asks, as XRPC calls to the AppView.
 *
 * One `struct network_question` for each question under way: it holds the fetch or identity call, and goes when its
 * answer has been handed on or nobody wants it any more. How fast the AppView is asked is fetch's business.
 */
#include "bluesky/bluesky.h"

#include "base/limits.h"
#include "bluesky/inside.h"
#include "bluesky/profile_json.h"
#include "bluesky/xrpc.h"
#include "identity/syntax.h"

#include <stdlib.h>

/* Actors in one getProfiles (lexicon app.bsky.actor.getProfiles: maxLength 25). */
#define PROFILES_MAX 25

struct network_question {
    const char *member; /* of the answer that holds profiles: "profiles", "actors" */
    bool detailed;
    struct arena *arena; /* borrowed from the asker */
    network_done_fn *done;
    network_identity_fn *identity_done;
    void *context;                       /* the asker's */
    struct fetch_call *call;             /* under way, or NULL */
    struct identity_call *identity_call; /* under way, or NULL */
    struct text expected_handle;         /* borrowed from the profile in question */
};

/* --- answers ----------------------------------------------------------------------------------------------------- */

static void answer(struct network_question *question, const struct network_answer *what)
{
    question->done(question->context, what);
    free(question);
}

static void answer_failed(struct network_question *question, int code, const char *reason)
{
    answer(question, &(struct network_answer){.code = code, .reason = reason});
}

static void on_profiles(void *context, const struct fetch_response *response)
{
    struct network_question *question = context;
    struct err err = {0};
    const struct profile **profiles;
    size_t n;
    question->call = NULL;
    if (response->code < 0) {
        answer_failed(question, response->code, response->reason);
        return;
    }
    if (response->status != 200) {
        err_set(&err, E_PROTOCOL, "Bluesky answered with status %ld", response->status);
        answer_failed(question, E_PROTOCOL, err.text);
        return;
    }
    int rc =
        profiles_from_json(response->body, question->member, question->detailed, question->arena, &profiles, &n, &err);
    if (rc < 0) {
        err_prefix(&err, "Bluesky's answer could not be read: ");
        answer_failed(question, rc, err.text);
        return;
    }
    answer(question, &(struct network_answer){.profiles = profiles, .n = n});
}

/* --- questions --------------------------------------------------------------------------------------------------- */

static struct network_question *ask(struct bluesky *bluesky, const char *label, const struct buf *url,
                                    struct network_question question)
{
    struct network_question *kept = url->failed ? NULL : malloc(sizeof *kept);
    if (!kept)
        return NULL;
    *kept = question;
    kept->call = fetch_send(bluesky->fetch,
                            &(struct fetch_request){
                                .url = buf_text(url),
                                .label = label,
                                .response_max = LIMIT_APPVIEW_ANSWER,
                                .deadline_ms = LIMIT_QUESTION_MS,
                            },
                            on_profiles, kept);
    if (!kept->call) {
        free(kept);
        return NULL;
    }
    return kept;
}

/* getProfiles refuses the whole call for one identifier that is neither a handle nor a DID. */
static bool bluesky_is_actor(struct text actor)
{
    return did_is_valid(actor, true) || handle_is_valid(actor);
}

static struct network_question *bluesky_profiles(void *self, const struct text *actors, size_t n, struct arena *arena,
                                                 network_done_fn *done, void *context)
{
    struct bluesky *bluesky = self;
    CLEANUP(buf_release) struct buf url;
    buf_init(&url, LIMIT_URL);
    buf_printf(&url, "%.*s/xrpc/app.bsky.actor.getProfiles", TEXT_ARG(bluesky->appview));
    for (size_t i = 0; i < n; i++)
        xrpc_add_parameter(&url, i == 0 ? '?' : '&', "actors", actors[i]);
    return ask(bluesky, "app.bsky.actor.getProfiles", &url,
               (struct network_question){
                   .member = "profiles", .detailed = true, .arena = arena, .done = done, .context = context});
}

static struct network_question *bluesky_search(void *self, struct text words, size_t limit, struct arena *arena,
                                               network_done_fn *done, void *context)
{
    struct bluesky *bluesky = self;
    CLEANUP(buf_release) struct buf url;
    buf_init(&url, LIMIT_URL);
    buf_printf(&url, "%.*s/xrpc/app.bsky.actor.searchActors?limit=%zu", TEXT_ARG(bluesky->appview), limit);
    xrpc_add_parameter(&url, '&', "q", words);
    return ask(bluesky, "app.bsky.actor.searchActors", &url,
               (struct network_question){.member = "actors", .arena = arena, .done = done, .context = context});
}

static void on_identity(void *context, const struct identity_answer *identity)
{
    struct network_question *question = context;
    enum network_identity agrees = IDENTITY_COULD_NOT_LOOK;
    question->identity_call = NULL;
    if (identity->code == 0)
        agrees = text_equal_fold(identity->handle, question->expected_handle) ? IDENTITY_AGREES : IDENTITY_DIFFERS;
    else if (identity->code == E_NOT_FOUND)
        agrees = IDENTITY_DIFFERS; /* no such DID, or one that was given up */
    question->identity_done(question->context, agrees);
    free(question);
}

static struct network_question *bluesky_identity(void *self, const struct profile *profile, network_identity_fn *done,
                                                 void *context)
{
    struct bluesky *bluesky = self;
    struct network_question *question = calloc(1, sizeof *question);
    if (!question)
        return NULL;
    question->identity_done = done;
    question->context = context;
    question->expected_handle = profile->handle;
    question->identity_call = identity_resolve_did(bluesky->identity, profile->id, on_identity, question);
    if (!question->identity_call) {
        free(question);
        return NULL;
    }
    return question;
}

static void bluesky_cancel(struct network_question *question)
{
    if (question->call)
        fetch_cancel(question->call);
    if (question->identity_call)
        identity_cancel(question->identity_call);
    free(question);
}

/* --- the network ------------------------------------------------------------------------------------------------- */

static const struct network_ops bluesky_ops = {
    .is_actor = bluesky_is_actor,
    .profiles = bluesky_profiles,
    .search = bluesky_search,
    .identity = bluesky_identity,
    .cancel = bluesky_cancel,
    .sign_in = bluesky_sign_in,
    .sign_in_cancel = bluesky_sign_in_cancel,
};

struct bluesky *bluesky_new(struct fetch *fetch, struct identity *identity, const struct bluesky_options *options,
                            struct err *err)
{
    if (options->n_handle_domains > BLUESKY_DOMAINS_MAX) {
        err_set(err, E_USAGE, "handle_domains names %zu domains; at most %d can be guessed under",
                options->n_handle_domains, BLUESKY_DOMAINS_MAX);
        return NULL;
    }
    struct bluesky *bluesky = calloc(1, sizeof *bluesky);
    if (!bluesky)
        goto no_memory;
    arena_init(&bluesky->arena, LIMIT_SETTINGS);
    bluesky->fetch = fetch;
    bluesky->identity = identity;
    bluesky->clock = options->clock ? options->clock : &clock_system;
    tids_init(&bluesky->tids, bluesky->clock, options->random ? options->random : &random_system);
    if (!arena_text(&bluesky->arena, options->appview, &bluesky->appview))
        goto no_memory;
    for (size_t i = 0; i < options->n_handle_domains; i++)
        if (!arena_text(&bluesky->arena, options->handle_domains[i], &bluesky->domains[bluesky->n_domains++]))
            goto no_memory;
    bluesky->network =
        (struct network){.name = "bluesky",
                         .title = "Bluesky",
                         .profiles_max = PROFILES_MAX,
                         .handles = {.domains = bluesky->domains, .n_domains = bluesky->n_domains, .are_domains = true},
                         .ops = &bluesky_ops,
                         .self = bluesky};
    return bluesky;

no_memory:
    err_set(err, E_NOMEM, "no memory for the network Bluesky");
    if (bluesky)
        bluesky_free(bluesky);
    return NULL;
}

void bluesky_free(struct bluesky *bluesky)
{
    arena_release(&bluesky->arena);
    free(bluesky);
}

const struct network *bluesky_network(const struct bluesky *bluesky)
{
    return &bluesky->network;
}

/* bridge/identity/identity.c
 *
 * Questions about handles and DIDs, one way and both ways.
 */
#include "identity/identity.h"

#include "base/cleanup.h"
#include "base/limits.h"
#include "identity/inside.h"
#include "identity/syntax.h"

#include <stdlib.h>
#include <string.h>

/* --- one way ------------------------------------------------------------------------------------------------------- */

/* Handles and DIDs are asked about in lower case: did:plc and hosts have no capitals. */
static struct identity_call *resolve(struct identity *identity, struct text key, bool is_valid,
                                     bool (*ask)(struct subject *subject), identity_done_fn *done, void *context)
{
    CLEANUP(arena_release) struct arena arena;
    struct text lower;
    arena_init(&arena, LIMIT_IDENTITY);
    struct identity_call *call = calloc(1, sizeof *call);
    if (!call || !arena_lower(&arena, key, &lower)) {
        free(call);
        return NULL;
    }
    *call = (struct identity_call){.identity = identity, .done = done, .context = context};
    struct subject *subject = subject_for(identity, lower, is_valid, ask);
    if (!subject || !subject_hang_on(subject, call)) {
        free(call);
        return NULL;
    }
    return call;
}

struct identity_call *identity_resolve_handle(struct identity *identity, struct text handle, identity_done_fn *done,
                                              void *context)
{
    return resolve(identity, handle, handle_is_valid(handle), ask_for_handle, done, context);
}

struct identity_call *identity_resolve_did(struct identity *identity, struct text did, identity_done_fn *done,
                                           void *context)
{
    bool is_valid = did_is_valid(did, identity->allow_loopback);
    return resolve(identity, did, is_valid, ask_for_document, done, context);
}

void identity_cancel(struct identity_call *call)
{
    if (call->inner)
        identity_cancel(call->inner);
    if (call->subject)
        subject_take_off(call->subject, call);
    free(call->handle);
    free(call);
}

/* --- both ways ----------------------------------------------------------------------------------------------------- */

static void verified(struct identity_call *call, const struct identity_answer *answer)
{
    call->done(call->context, answer);
    free(call->handle);
    free(call);
}

static void on_verify_document(void *context, const struct identity_answer *document)
{
    struct identity_call *call = context;
    call->inner = NULL;
    if (document->code == 0 && !text_equal_fold(document->handle, text_of(call->handle)))
        verified(call, &(struct identity_answer){.code = E_NOT_FOUND,
                                                 .reason = "the account that this handle leads to does not bear it"});
    else
        verified(call, document);
}

static void on_verify_handle(void *context, const struct identity_answer *resolved)
{
    struct identity_call *call = context;
    call->inner = NULL;
    if (resolved->code == 0)
        call->inner = identity_resolve_did(call->identity, resolved->did, on_verify_document, call);
    if (resolved->code < 0)
        verified(call, resolved);
    else if (!call->inner)
        verified(call, &(struct identity_answer){.code = E_NOMEM, .reason = "no memory"});
}

struct identity_call *identity_verify(struct identity *identity, struct text handle, identity_done_fn *done,
                                      void *context)
{
    struct identity_call *call = calloc(1, sizeof *call);
    if (!call)
        return NULL;
    *call = (struct identity_call){.identity = identity, .done = done, .context = context};
    call->handle = strndup(handle.data ? handle.data : "", handle.len);
    if (call->handle)
        call->inner = identity_resolve_handle(identity, handle, on_verify_handle, call);
    if (!call->inner) {
        free(call->handle);
        free(call);
        return NULL;
    }
    return call;
}

/* --- start and end ------------------------------------------------------------------------------------------------- */

struct identity *identity_new(struct loop *loop, struct fetch *fetch, const struct identity_options *options,
                              struct err *err)
{
    struct identity *identity = calloc(1, sizeof *identity);
    bool by_dns = text_equal(options->handle_resolver, TEXT("dns"));
    if (!identity) {
        err_set(err, E_NOMEM, "no memory for identities");
        return NULL;
    }
    *identity = (struct identity){.loop = loop, .fetch = fetch, .allow_loopback = options->allow_loopback};
    arena_init(&identity->arena, LIMIT_SETTINGS);
    map_init(&identity->subjects);
    if (!arena_text(&identity->arena, options->plc, &identity->plc) ||
        !arena_text(&identity->arena, by_dns ? TEXT_NONE : options->handle_resolver, &identity->resolver)) {
        identity_free(identity);
        err_set(err, E_NOMEM, "no memory for identities");
        return NULL;
    }
    return identity;
}

void identity_free(struct identity *identity)
{
    struct map_entry *entry;
    while ((entry = map_first(&identity->subjects)))
        subject_forget(map_value(entry));
    map_release(&identity->subjects);
    arena_release(&identity->arena);
    free(identity);
}

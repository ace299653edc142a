/* bridge/identity/ask.c
 *
 * The requests behind a question: DNS and https, or a resolver, for a handle; the directory for a DID.
 */
#include "base/cleanup.h"
#include "base/json.h"
#include "base/limits.h"
#include "fetch/fetch.h"
#include "identity/document.h"
#include "identity/inside.h"
#include "identity/syntax.h"

/* --- DID to document ----------------------------------------------------------------------------------------------- */

static void on_document(void *context, const struct fetch_response *response)
{
    struct subject *subject = context;
    struct document document;
    struct err err = {0};
    subject->web.call = NULL;
    if (response->code < 0) {
        subject_fail(subject, response->code, response->reason);
        return;
    }
    if (response->status == 404 || response->status == 410) {
        subject_fail(subject, E_NOT_FOUND, "this account is in no directory");
        return;
    }
    if (response->status != 200) {
        err_set(&err, E_UNAVAILABLE, "the directory answered with status %ld", response->status);
        subject_fail(subject, E_UNAVAILABLE, err.text);
        return;
    }
    int rc = document_read(&subject->arena, response->body, subject->key, subject->identity->allow_loopback, &document,
                           &err);
    if (rc < 0)
        subject_fail(subject, rc, err.text);
    else
        subject_answer(subject,
                       (struct identity_answer){.did = subject->key, .handle = document.handle, .pds = document.pds});
}

/* did:web:localhost%3A2583 lies on plain http; did_is_valid lets it through only where loopback is allowed. */
static void add_web_url(struct buf *url, struct text host)
{
    size_t percent = text_find_fold(host, TEXT("%3a"), 0);
    if (percent == TEXT_NOWHERE)
        buf_printf(url, "https://%.*s", TEXT_ARG(host));
    else
        buf_printf(url, "http://%.*s:%.*s", TEXT_ARG(text_slice(host, 0, percent)),
                   TEXT_ARG(text_slice(host, percent + 3, host.len)));
    buf_add(url, TEXT("/.well-known/did.json"));
}

bool ask_for_document(struct subject *subject)
{
    CLEANUP(buf_release) struct buf url;
    struct text web = TEXT("did:web:");
    struct identity *identity = subject->identity;
    bool is_web = text_starts(subject->key, web);
    buf_init(&url, LIMIT_URL);
    if (is_web)
        add_web_url(&url, text_slice(subject->key, web.len, subject->key.len));
    else
        buf_printf(&url, "%.*s/%.*s", TEXT_ARG(identity->plc), TEXT_ARG(subject->key));
    struct fetch_request request = {
        .url = buf_text(&url), .label = is_web ? "did:web" : "plc", .deadline_ms = LIMIT_QUESTION_MS};
    subject->web.call = url.failed ? NULL : fetch_send(identity->fetch, &request, on_document, subject);
    return subject->web.call != NULL;
}

/* --- handle to DID ------------------------------------------------------------------------------------------------- */

/* Both ways have answered, or the first one has and is the one that counts: DNS wins. */
static void conclude_handle(struct subject *subject)
{
    if (subject->dns.call)
        return;
    const struct way *way = subject->dns.code == 0 ? &subject->dns : &subject->web;
    if (way == &subject->web && subject->web.call)
        return;
    if (way->code == 0 && subject->dns.code < 0 && subject->dns.code != E_NOT_FOUND)
        subject_answer_briefly(subject, (struct identity_answer){.did = way->did, .handle = subject->key});
    else if (way->code == 0)
        subject_answer(subject, (struct identity_answer){.did = way->did, .handle = subject->key});
    else if (subject->dns.code == E_NOT_FOUND && subject->web.code == E_NOT_FOUND)
        subject_fail(subject, E_NOT_FOUND, "this handle leads to no account");
    else
        subject_fail(subject, subject->web.code == E_NOT_FOUND ? subject->dns.code : subject->web.code,
                     "this handle could not be looked up");
}

static int take_did(struct subject *subject, struct text did, struct text *ret_did)
{
    if (!did_is_valid(did, subject->identity->allow_loopback))
        return E_NOT_FOUND;
    return arena_text(&subject->arena, did, ret_did) ? 0 : E_NOMEM;
}

/* Other records may stand beside ours; two that name different DIDs name nobody. */
static int did_of_records(struct subject *subject, const struct fetch_txt *txt, struct text *ret_did)
{
    struct text start = TEXT("did=");
    struct text found = TEXT_NONE;
    for (size_t i = 0; i < txt->n_records; i++) {
        if (!text_starts(txt->records[i], start))
            continue;
        struct text did = text_trim(text_slice(txt->records[i], start.len, txt->records[i].len));
        if (!text_empty(found) && !text_equal(found, did))
            return E_PROTOCOL;
        found = did;
    }
    return take_did(subject, found, ret_did);
}

static void on_txt(void *context, const struct fetch_txt *txt)
{
    struct subject *subject = context;
    subject->dns.call = NULL;
    subject->dns.code = txt->code < 0 ? txt->code : did_of_records(subject, txt, &subject->dns.did);
    if (subject->dns.code == E_PROTOCOL)
        subject_fail(subject, E_NOT_FOUND, "this handle names two accounts");
    else
        conclude_handle(subject);
}

/* A host that is not there, or at no public address, or that has no such page, names nobody. Anything else it says (403
 * of a wall before it, say) is no answer to the question. */
static int web_code(const struct fetch_response *response)
{
    if (response->code == E_FORBIDDEN || response->code == E_NOT_FOUND)
        return E_NOT_FOUND;
    if (response->code < 0)
        return response->code;
    if (response->status == 404 || response->status == 410)
        return E_NOT_FOUND;
    return response->status == 200 ? 0 : E_UNAVAILABLE;
}

static void on_well_known(void *context, const struct fetch_response *response)
{
    struct subject *subject = context;
    subject->web.call = NULL;
    subject->web.code = web_code(response);
    if (subject->web.code == 0)
        subject->web.code = take_did(subject, text_trim(response->body), &subject->web.did);
    conclude_handle(subject);
}

/* The resolver says "there is none" with a 400 (the lexicon's HandleNotFound, InvalidRequest for foreign domains). */
static void on_resolver(void *context, const struct fetch_response *response)
{
    struct subject *subject = context;
    subject->web.call = NULL;
    subject->web.code = response->code == 0 && response->status == 400 ? E_NOT_FOUND : web_code(response);
    if (subject->web.code == 0) {
        CLEANUP_JSON json_t *root = json_from_text(response->body, NULL);
        subject->web.code = take_did(subject, json_text_at(root, "did"), &subject->web.did);
    }
    conclude_handle(subject);
}

static bool ask_resolver(struct subject *subject)
{
    struct identity *identity = subject->identity;
    const char *url = arena_printf(&subject->arena, "%.*s/xrpc/com.atproto.identity.resolveHandle?handle=%.*s",
                                   TEXT_ARG(identity->resolver), TEXT_ARG(subject->key));
    struct fetch_request request = {.url = text_of(url), .label = "com.atproto.identity.resolveHandle"};
    subject->dns.code = E_NOT_FOUND; /* not asked */
    subject->web.call = url ? fetch_send(identity->fetch, &request, on_resolver, subject) : NULL;
    return subject->web.call != NULL;
}

bool ask_for_handle(struct subject *subject)
{
    struct identity *identity = subject->identity;
    if (!text_empty(identity->resolver))
        return ask_resolver(subject);
    const char *name = arena_printf(&subject->arena, "_atproto.%.*s", TEXT_ARG(subject->key));
    const char *url = arena_printf(&subject->arena, "https://%.*s/.well-known/atproto-did", TEXT_ARG(subject->key));
    struct fetch_request request = {.url = text_of(url),
                                    .label = "well-known/atproto-did",
                                    .deadline_ms = LIMIT_IDENTITY_MS,
                                    .tries_max = 2,
                                    .follow_redirects = true};
    if (!name || !url)
        return false;
    subject->dns.call = fetch_txt(identity->fetch, text_of(name), LIMIT_IDENTITY_MS, on_txt, subject);
    subject->web.call = fetch_send(identity->fetch, &request, on_well_known, subject);
    return subject->dns.call && subject->web.call;
}

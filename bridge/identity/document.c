/* bridge/identity/document.c
 *
 * DID documents.
 */
#include "identity/document.h"

#include "base/json.h"
#include "fetch/url.h"
#include "identity/syntax.h"

/* Only the first valid one counts: an account has one handle. */
static struct text first_handle(const json_t *names)
{
    struct text scheme = TEXT("at://");
    for (size_t i = 0; i < json_array_size(names); i++) {
        const json_t *name = json_array_get(names, i);
        struct text t = {json_string_value(name), json_string_length(name)};
        if (text_starts(t, scheme) && handle_is_valid(text_slice(t, scheme.len, t.len)))
            return text_slice(t, scheme.len, t.len);
    }
    return TEXT_NONE;
}

/* "#atproto_pds", or the same behind the DID. */
static bool names_pds(struct text id, struct text did)
{
    struct text fragment = TEXT("#atproto_pds");
    return text_equal(id, fragment) ||
           (id.len == did.len + fragment.len && text_starts(id, did) && text_ends(id, fragment));
}

/* An origin: scheme, host and perhaps port, nothing behind. */
static bool is_origin(struct text url, struct text scheme)
{
    if (!text_starts(url, scheme) || url.len == scheme.len)
        return false;
    for (size_t i = scheme.len; i < url.len; i++) {
        char c = url.data[i];
        if (!byte_is_letter(c) && !byte_is_digit(c) && c != '.' && c != '-' && c != ':' && c != '[' && c != ']')
            return false;
    }
    return true;
}

static bool is_on_loopback(struct text t)
{
    CLEANUP(url_release) struct url url = {0};
    return url_parse(t, &url, NULL) == 0 && url_is_loopback(&url);
}

static struct text pds_of(const json_t *services, struct text did, bool allow_loopback)
{
    for (size_t i = 0; i < json_array_size(services); i++) {
        const json_t *service = json_array_get(services, i);
        struct text url = json_text_at(service, "serviceEndpoint");
        if (!names_pds(json_text_at(service, "id"), did) ||
            !text_equal(json_text_at(service, "type"), TEXT("AtprotoPersonalDataServer")))
            continue;
        if (text_ends(url, TEXT("/")))
            url = text_slice(url, 0, url.len - 1);
        bool allowed = is_origin(url, TEXT("https://")) ||
                       (allow_loopback && is_origin(url, TEXT("http://")) && is_on_loopback(url));
        return allowed ? url : TEXT_NONE;
    }
    return TEXT_NONE;
}

int document_read(struct arena *arena, struct text json, struct text did, bool allow_loopback,
                  struct document *ret_document, struct err *err)
{
    CLEANUP_JSON json_t *root = json_from_text(json, err);
    if (!json_is_object(root))
        return err_set(err, E_PROTOCOL, "its document is no JSON object");
    if (!text_equal(json_text_at(root, "id"), did))
        return err_set(err, E_PROTOCOL, "its document is another account's");
    struct document document = {0};
    if (!arena_lower(arena, first_handle(json_object_get(root, "alsoKnownAs")), &document.handle) ||
        !arena_text(arena, pds_of(json_object_get(root, "service"), did, allow_loopback), &document.pds))
        return err_set(err, E_NOMEM, "no memory for a document");
    *ret_document = document;
    return 0;
}

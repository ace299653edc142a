/* bridge/identity/syntax.c
 *
 * Handles and DIDs as text.
 */
#include "identity/syntax.h"

#include "base/cleanup.h"

#define HANDLE_MAX 253
#define LABEL_MAX  63
#define DID_MAX    2048

/* Top-level names that lead to nobody (specification "Handle", "Additional Non-Syntax Restrictions"). */
static const char *const forbidden_tlds[] = {"alt",     "arpa",  "example",   "internal",
                                             "invalid", "local", "localhost", "onion"};

static bool label_is_valid(struct text label)
{
    if (label.len < 1 || label.len > LABEL_MAX || label.data[0] == '-' || label.data[label.len - 1] == '-')
        return false;
    for (size_t i = 0; i < label.len; i++)
        if (!byte_is_letter(label.data[i]) && !byte_is_digit(label.data[i]) && label.data[i] != '-')
            return false;
    return true;
}

static bool tld_is_allowed(struct text tld)
{
    if (!byte_is_letter(tld.data[0]))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(forbidden_tlds); i++)
        if (text_equal_fold(tld, text_of(forbidden_tlds[i])))
            return false;
    return true;
}

/* At least `least` dot-separated labels; the last one in ret_last. */
static bool host_is_valid(struct text host, size_t least, struct text *ret_last)
{
    struct text rest = host;
    struct text label = TEXT_NONE;
    size_t n = 0;
    if (host.len > HANDLE_MAX)
        return false;
    for (; text_cut(&rest, '.', &label); n++)
        if (!label_is_valid(label))
            return false;
    *ret_last = label;
    return n >= least;
}

bool handle_is_valid(struct text handle)
{
    struct text tld;
    return host_is_valid(handle, 2, &tld) && tld_is_allowed(tld);
}

static bool plc_is_valid(struct text id)
{
    if (id.len != 24)
        return false;
    for (size_t i = 0; i < id.len; i++)
        if (!(id.data[i] >= 'a' && id.data[i] <= 'z') && !(id.data[i] >= '2' && id.data[i] <= '7'))
            return false;
    return true;
}

static bool web_is_valid(struct text host, bool allow_port)
{
    struct text last;
    uint64_t port;
    size_t percent = text_find_fold(host, TEXT("%3A"), 0);
    if (percent == TEXT_NOWHERE)
        return host_is_valid(host, 2, &last) && byte_is_letter(last.data[0]);
    return allow_port && text_equal(text_slice(host, 0, percent), TEXT("localhost")) &&
           text_to_u64(text_slice(host, percent + 3, host.len), &port) && port > 0 && port <= UINT16_MAX;
}

bool did_is_valid(struct text did, bool allow_port)
{
    struct text plc = TEXT("did:plc:");
    struct text web = TEXT("did:web:");
    if (did.len > DID_MAX)
        return false;
    if (text_starts(did, plc))
        return plc_is_valid(text_slice(did, plc.len, did.len));
    return text_starts(did, web) && web_is_valid(text_slice(did, web.len, did.len), allow_port);
}

/* --- what people type ---------------------------------------------------------------------------------------------- */

static struct text without_start(struct text t, struct text start)
{
    return text_starts_fold(t, start) ? text_slice(t, start.len, t.len) : t;
}

/* What stands behind /profile/ in a link to one, else t itself. */
static struct text out_of_link(struct text t)
{
    struct text bare = without_start(without_start(t, TEXT("https://")), TEXT("http://"));
    size_t profile = text_find_fold(bare, TEXT("/profile/"), 0);
    if (profile != TEXT_NOWHERE)
        bare = text_slice(bare, profile + TEXT("/profile/").len, bare.len);
    for (size_t i = 0; i < bare.len; i++)
        if (bare.data[i] == '/' || bare.data[i] == '?' || bare.data[i] == '#')
            return text_slice(bare, 0, i);
    return bare;
}

int handle_from_input(struct arena *arena, struct text input, struct text domain, struct text *ret_handle,
                      struct err *err)
{
    struct text t = out_of_link(text_trim(input));
    size_t at = text_find_byte(t, '@', 1);
    if (at != TEXT_NOWHERE)
        return err_set(err, E_BAD_INPUT, "this looks like an e-mail address; type the handle instead, such as ada.%.*s",
                       TEXT_ARG(domain));
    t = text_trim(without_start(t, TEXT("@")));
    if (text_empty(t))
        return err_set(err, E_BAD_INPUT, "type a handle, such as ada.%.*s", TEXT_ARG(domain));
    bool bare = text_find_byte(t, '.', 0) == TEXT_NOWHERE;
    char *handle = arena_alloc(arena, t.len + domain.len + 2, 1);
    if (!handle)
        return err_set(err, E_NOMEM, "no memory for a handle");
    size_t n = 0;
    for (size_t i = 0; i < t.len; i++)
        handle[n++] = byte_lower(t.data[i]);
    if (bare)
        handle[n++] = '.';
    for (size_t i = 0; bare && i < domain.len; i++)
        handle[n++] = domain.data[i];
    struct text made = {handle, n};
    if (!handle_is_valid(made))
        return err_set(err, E_BAD_INPUT, "'%.*s' is no handle; a handle looks like ada.%.*s or ada.example.org",
                       TEXT_ARG(t), TEXT_ARG(domain));
    *ret_handle = made;
    return 0;
}

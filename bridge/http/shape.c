/* bridge/http/shape.c
 *
 * Which heads are well formed: what libmicrohttpd 0.9.75 accepts and we do not (RFC 9112, sections 2.3, 3.2, 5 and 6).
 *
 * Each of these is a way to make two servers disagree about where a request ends, or whose it is. One walk over the
 * headers finds them all.
 *
 * libmicrohttpd keeps the head where it read it and only puts NULs into it, so method, target, version, names and values
 * must lie in its memory one behind the other, with exactly one blank or one CRLF between them. Where they do not, it
 * has read something that is no HTTP: it ends lines at bare line feeds and values at NULs, glues the continuation of a
 * folded line to the *name* of the header, and takes a line that begins with a colon for the end of the head.
 */
#include "http/inside.h"

#include <string.h>

struct walk {
    const char *wrong;
    const char *next; /* where the next line must begin */
    unsigned hosts;
    unsigned lengths;
    unsigned codings;
    struct text host;
    struct text length;
    struct text coding;
    struct text expect;
};

static const char not_http[] = "the head's lines are not divided by CRLF alone";

/* RFC 9110, section 5.6.2. */
static bool is_token(struct text t)
{
    for (size_t i = 0; i < t.len; i++)
        if (!byte_is_letter(t.data[i]) && !byte_is_digit(t.data[i]) && !memchr("!#$%&'*+-.^_`|~", t.data[i], 15))
            return false;
    return t.len > 0;
}

static bool is_field_value(struct text t)
{
    for (size_t i = 0; i < t.len; i++)
        if (((unsigned char)t.data[i] < ' ' && t.data[i] != '\t') || t.data[i] == 0x7f)
            return false;
    return true;
}

static enum MHD_Result on_header(void *cls, enum MHD_ValueKind kind, const char *key, size_t key_len, const char *bytes,
                                 size_t len)
{
    struct walk *walk = cls;
    struct text name = {key, key_len};
    struct text value = {bytes, len};
    (void)kind;
    if (!is_token(name))
        walk->wrong = "a header's name is no token";
    else if (name.data != walk->next)
        walk->wrong = not_http;
    else if (!is_field_value(value))
        walk->wrong = "a header holds control characters";
    walk->next = value.data + value.len + 2;
    value = text_trim(value);
    if (text_equal_fold(name, TEXT("host"))) {
        walk->hosts++;
        walk->host = value;
    } else if (text_equal_fold(name, TEXT("content-length"))) {
        walk->lengths++;
        walk->length = value;
    } else if (text_equal_fold(name, TEXT("transfer-encoding"))) {
        walk->codings++;
        walk->coding = value;
    } else if (text_equal_fold(name, TEXT("expect"))) {
        walk->expect = value;
    }
    return walk->wrong ? MHD_NO : MHD_YES;
}

static bool is_host(struct text host)
{
    for (size_t i = 0; i < host.len; i++)
        if (!byte_is_letter(host.data[i]) && !byte_is_digit(host.data[i]) && !memchr(".-:[]_", host.data[i], 6))
            return false;
    return host.len > 0;
}

static const char *check_framing(const struct walk *walk, bool is_1_0, struct head *ret_head)
{
    if (walk->lengths + walk->codings > 1)
        return "the length of the body is given more than once";
    if (walk->codings && (is_1_0 || !text_equal_fold(walk->coding, TEXT("chunked"))))
        return "the body has a transfer coding that is not taken here";
    if (walk->lengths && !text_to_u64(walk->length, &ret_head->length))
        return "Content-Length is no number";
    ret_head->has_length = walk->lengths > 0;
    ret_head->chunked = walk->codings > 0;
    return NULL;
}

/* From the method to the version: where the first header begins, or NULL. */
static const char *check_request_line(const char *method, const char *raw, size_t target_len, const char *version)
{
    if (raw != method + strlen(method) + 1 || version != raw + target_len + 1)
        return NULL;
    return version + strlen(version) + 2;
}

const char *head_read(struct MHD_Connection *mhd, const char *method, const char *version, const char *raw,
                      size_t target_len, struct head *ret_head)
{
    struct walk walk = {.next = check_request_line(method, raw, target_len, version)};
    const union MHD_ConnectionInfo *size = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    bool is_1_0 = strcmp(version, "HTTP/1.0") == 0;
    if (!is_1_0 && strcmp(version, "HTTP/1.1") != 0)
        return "the HTTP version is neither 1.0 nor 1.1";
    if (!walk.next)
        return "the request line is not method, address and version with one blank between them";
    MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, on_header, &walk);
    if (walk.wrong)
        return walk.wrong;
    if (!size || walk.next + 2 != method + size->header_size)
        return not_http;
    if (walk.hosts != 1 || !is_host(walk.host))
        return "there is not exactly one Host";
    ret_head->host = walk.host;
    ret_head->expects = text_equal_fold(walk.expect, TEXT("100-continue"));
    const char *wrong = check_framing(&walk, is_1_0, ret_head);
    if (!wrong && ret_head->expects && ret_head->length == 0 && !ret_head->chunked)
        return "Expect: 100-continue without a body"; /* libmicrohttpd would take what follows for its body */
    return wrong;
}

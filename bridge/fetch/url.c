/* bridge/fetch/url.c
 *
 * URLs through curl's parser.
 */
#include "fetch/url.h"

#include "base/cleanup.h"
#include "base/limits.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

CLEANUP_POINTER(char, curl_free)
CLEANUP_POINTER(CURLU, curl_url_cleanup)

/* What a URL looks like in a sentence: without its query, which may hold what nobody should read in a log. */
static struct text shown(struct text t)
{
    return text_floor_utf8(text_slice(t, 0, text_find_byte(t, '?', 0)), 200);
}

static char *part_of(CURLU *parsed, CURLUPart part, unsigned flags)
{
    char *value = NULL;
    return curl_url_get(parsed, part, &value, flags) == CURLUE_OK ? value : NULL;
}

/* "127.0.0.1" and "[::1]" are addresses; curl has already turned "0x7f.1" and "2130706433" into the first. */
static int read_host(CURLU *parsed, struct url *url, struct err *err)
{
    CLEANUP(curl_free_at) char *host = part_of(parsed, CURLUPART_HOST, 0);
    CLEANUP(curl_free_at) char *zone = part_of(parsed, CURLUPART_ZONEID, 0);
    struct text t = text_of(host);
    if (zone)
        return err_set(err, E_FORBIDDEN, "an address with a zone (\"%%%.50s\") is never public", zone);
    if (t.len > 2 && t.data[0] == '[')
        t = text_slice(t, 1, t.len - 1);
    url->host = strndup(t.data ? t.data : "", t.len);
    if (!url->host)
        return err_set(err, E_NOMEM, "no memory for a URL");
    for (char *c = url->host; *c; c++)
        *c = byte_lower(*c);
    url->literal = address_parse(t, &url->address);
    return 0;
}

static int read_scheme_and_port(CURLU *parsed, struct url *url, struct err *err)
{
    CLEANUP(curl_free_at) char *scheme = part_of(parsed, CURLUPART_SCHEME, 0);
    CLEANUP(curl_free_at) char *port = part_of(parsed, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    uint64_t number;
    url->tls = text_equal(text_of(scheme), TEXT("https"));
    if (!url->tls && !text_equal(text_of(scheme), TEXT("http")))
        return err_set(err, E_FORBIDDEN, "\"%s:\" is not asked; only https is", scheme ? scheme : "");
    if (!text_to_u64(text_of(port), &number) || number == 0 || number > UINT16_MAX)
        return err_set(err, E_BAD_INPUT, "a URL's port is a number from 1 to 65535");
    url->port = (unsigned)number;
    return 0;
}

/* Reads what is in `parsed`, and owns it from here on, also on failure. */
static int read_parts(CURLU *parsed, struct url *ret_url, struct err *err)
{
    CLEANUP(url_release) struct url url = {.parsed = parsed};
    CLEANUP(curl_free_at) char *whole = NULL;
    curl_url_set(parsed, CURLUPART_FRAGMENT, NULL, 0);
    int rc = read_scheme_and_port(parsed, &url, err);
    if (rc == 0)
        rc = read_host(parsed, &url, err);
    if (rc < 0)
        return rc;
    whole = part_of(parsed, CURLUPART_URL, 0);
    url.whole = whole ? strdup(whole) : NULL;
    if (!url.whole)
        return err_set(err, E_NOMEM, "no memory for a URL");
    *ret_url = url;
    url = (struct url){0};
    return 0;
}

static int set_whole(CURLU *parsed, struct text t, struct err *err)
{
    if (t.len == 0 || t.len > LIMIT_URL || text_find_byte(t, '\0', 0) != TEXT_NOWHERE)
        return err_set(err, E_BAD_INPUT, "a URL has 1 to %zu bytes", LIMIT_URL);
    CLEANUP_FREE char *copy = strndup(t.data, t.len);
    if (!copy)
        return err_set(err, E_NOMEM, "no memory for a URL");
    CURLUcode rc = curl_url_set(parsed, CURLUPART_URL, copy, CURLU_DISALLOW_USER);
    if (rc == CURLUE_OUT_OF_MEMORY)
        return err_set(err, E_NOMEM, "no memory for a URL");
    if (rc == CURLUE_USER_NOT_ALLOWED)
        return err_set(err, E_FORBIDDEN, "\"%.*s\" holds a user name or password, which Skein never sends",
                       TEXT_ARG(shown(t)));
    if (rc != CURLUE_OK)
        return err_set(err, E_BAD_INPUT, "\"%.*s\" is not a URL: %s", TEXT_ARG(shown(t)), curl_url_strerror(rc));
    return 0;
}

int url_parse(struct text t, struct url *ret_url, struct err *err)
{
    CLEANUP(curl_url_cleanup_at) CURLU *parsed = curl_url();
    if (!parsed)
        return err_set(err, E_NOMEM, "no memory for a URL");
    int rc = set_whole(parsed, t, err);
    if (rc < 0)
        return rc;
    CURLU *handed_over = parsed;
    parsed = NULL;
    return read_parts(handed_over, ret_url, err);
}

int url_join(const struct url *base, struct text location, struct url *ret_url, struct err *err)
{
    CLEANUP(curl_url_cleanup_at) CURLU *parsed = curl_url_dup(base->parsed);
    if (!parsed)
        return err_set(err, E_NOMEM, "no memory for a URL");
    int rc = set_whole(parsed, location, err); /* set on a whole URL, curl joins */
    if (rc < 0)
        return rc;
    CURLU *handed_over = parsed;
    parsed = NULL;
    return read_parts(handed_over, ret_url, err);
}

void url_release(struct url *url)
{
    curl_url_cleanup(url->parsed);
    free(url->whole);
    free(url->host);
    *url = (struct url){0};
}

void url_origin(const struct url *url, char ret_origin[URL_ORIGIN_MAX])
{
    bool brackets = url->literal && url->address.v6;
    snprintf(ret_origin, URL_ORIGIN_MAX, "http%s://%s%s%s:%u", url->tls ? "s" : "", brackets ? "[" : "", url->host,
             brackets ? "]" : "", url->port);
}

bool url_same_origin(const struct url *a, const struct url *b)
{
    return a->tls == b->tls && a->port == b->port && text_equal(text_of(a->host), text_of(b->host));
}

bool url_is_loopback(const struct url *url)
{
    if (url->literal)
        return address_is_loopback(&url->address);
    return text_equal(text_of(url->host), TEXT("localhost"));
}

int url_guard(const struct url *url, bool allow_loopback, struct err *err)
{
    if (allow_loopback && url_is_loopback(url))
        return 0;
    if (!url->tls)
        return err_set(err, E_FORBIDDEN, "http://%.200s is not asked; only https is", url->host);
    if (url->port != 443)
        return err_set(err, E_FORBIDDEN, "https://%.200s:%u is not asked; only port 443 is", url->host, url->port);
    if (url->literal)
        return guard_address(&url->address, text_of(url->host), false, err);
    return guard_name(text_of(url->host), err);
}

/* bridge/archive/x_text.c
 *
 * Handles, links, ids and dates as files write them.
 */
#include "archive/x_text.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/limits.h"

#include <stdio.h>
#include <string.h>

#define ID_DIGITS_MAX 20
#define EXACT_DIGITS  15 /* a spreadsheet's numbers are doubles, shown with so many digits */
#define LONG_DIGITS   18 /* ids since about 2014 */

bool x_handle_valid(struct text t)
{
    if (t.len == 0 || t.len > LIMIT_X_HANDLE)
        return false;
    for (size_t i = 0; i < t.len; i++)
        if (!byte_is_letter(t.data[i]) && !byte_is_digit(t.data[i]) && t.data[i] != '_')
            return false;
    return true;
}

static bool all_digits(struct text t)
{
    for (size_t i = 0; i < t.len; i++)
        if (!byte_is_digit(t.data[i]))
            return false;
    return t.len > 0;
}

/* First segments of paths that are pages of X, not people (x.com's own routes). */
static const char *const pages[] = {
    "about",  "compose",  "download", "explore", "hashtag",  "help",          "home",          "i",
    "intent", "jobs",     "login",    "logout",  "messages", "notifications", "oauth",         "privacy",
    "search", "settings", "share",    "signup",  "status",   "tos",           "who_to_follow",
};

static bool is_page(struct text segment)
{
    for (size_t i = 0; i < ARRAY_LEN(pages); i++)
        if (text_equal_fold(segment, text_of(pages[i])))
            return true;
    return false;
}

static bool host_is_x(struct text host)
{
    return text_equal_fold(host, TEXT("x.com")) || text_equal_fold(host, TEXT("twitter.com")) ||
           text_ends_fold(host, TEXT(".x.com")) || text_ends_fold(host, TEXT(".twitter.com"));
}

/* Cuts "https://host/path?query#x" into host and what follows it. A scheme may be missing. */
static void split_link(struct text t, struct text *ret_host, struct text *ret_path)
{
    size_t scheme = text_find(t, TEXT("://"), 0);
    if (scheme != TEXT_NOWHERE && scheme <= 5)
        t = text_slice(t, scheme + 3, t.len);
    size_t end = 0;
    while (end < t.len && t.data[end] != '/' && t.data[end] != '?' && t.data[end] != '#')
        end++;
    *ret_host = text_slice(t, 0, end);
    *ret_path = text_slice(t, end, t.len);
}

bool x_link_is(struct text t)
{
    struct text host;
    struct text path;
    split_link(text_trim(t), &host, &path);
    return host_is_x(host);
}

/* The value of `name` in "?a=1&b=2"; empty where there is none. */
static struct text query_value(struct text path, struct text name)
{
    size_t question = text_find_byte(path, '?', 0);
    if (question == TEXT_NOWHERE)
        return TEXT_NONE;
    struct text rest = text_slice(path, question + 1, path.len);
    struct text pair;
    while (text_cut(&rest, '&', &pair)) {
        size_t hash = text_find_byte(pair, '#', 0);
        pair = text_slice(pair, 0, hash);
        if (text_starts(pair, name) && pair.len > name.len && pair.data[name.len] == '=')
            return text_slice(pair, name.len + 1, pair.len);
    }
    return TEXT_NONE;
}

static struct text segment_of(struct text *path)
{
    size_t begin = 0;
    while (begin < path->len && (path->data[begin] == '/' || path->data[begin] == '@'))
        begin++;
    size_t end = begin;
    while (end < path->len && path->data[end] != '/' && path->data[end] != '?' && path->data[end] != '#')
        end++;
    struct text segment = text_slice(*path, begin, end);
    *path = text_slice(*path, end, path->len);
    return segment;
}

static enum x_reference link_reference(struct text path, struct text *ret_handle, uint64_t *ret_id)
{
    const char *why;
    struct text rest = path;
    struct text first = segment_of(&rest);
    struct text second = segment_of(&rest);
    bool intent = text_equal_fold(first, TEXT("intent"));

    if (intent && x_id_of(query_value(path, TEXT("user_id")), ret_id, &why))
        return X_REFERENCE_ID;
    if (text_equal_fold(first, TEXT("i")) && text_equal_fold(second, TEXT("user")) &&
        x_id_of(segment_of(&rest), ret_id, &why))
        return X_REFERENCE_ID;
    struct text handle = intent ? query_value(path, TEXT("screen_name")) : is_page(first) ? TEXT_NONE : first;
    if (!x_handle_valid(handle))
        return X_REFERENCE_NONE;
    *ret_handle = handle;
    return X_REFERENCE_HANDLE;
}

enum x_reference x_reference_of(struct text t, struct text *ret_handle, uint64_t *ret_id, enum x_form *ret_form)
{
    struct text host;
    struct text path;
    const char *why;

    t = text_trim(t);
    split_link(t, &host, &path);
    if (host_is_x(host)) {
        *ret_form = X_FORM_LINK;
        return link_reference(path, ret_handle, ret_id);
    }
    bool at = t.len > 0 && t.data[0] == '@';
    struct text bare = text_slice(t, at, t.len);
    *ret_form = at ? X_FORM_AT : X_FORM_BARE;
    if (!at && all_digits(bare))
        return x_id_of(bare, ret_id, &why) ? X_REFERENCE_ID : X_REFERENCE_NONE;
    if (!x_handle_valid(bare))
        return X_REFERENCE_NONE;
    *ret_handle = bare;
    return X_REFERENCE_HANDLE;
}

bool x_id_is_long(struct text t)
{
    return all_digits(t) && t.len >= LONG_DIGITS && t.len <= ID_DIGITS_MAX;
}

bool x_id_ends_in_zeros(struct text t)
{
    for (size_t i = EXACT_DIGITS; i < t.len; i++)
        if (t.data[i] != '0')
            return false;
    return x_id_is_long(t);
}

bool x_id_is_rounded(struct text t)
{
    size_t e = text_find_fold(t, TEXT("e"), 0);
    if (e == TEXT_NOWHERE || e == 0 || e + 1 == t.len)
        return false;
    for (size_t i = 0; i < t.len; i++) {
        char c = t.data[i];
        bool sign = (c == '+' || c == '-') && i == e + 1;
        bool point = (c == '.' || c == ',') && i < e;
        if (i != e && !sign && !point && !byte_is_digit(c))
            return false;
    }
    return byte_is_digit(t.data[0]) && byte_is_digit(t.data[t.len - 1]);
}

const char x_id_rounded_why[] =
    "a spreadsheet rounded this id, its last digits are lost; take the file as the exporter wrote it";

bool x_id_of(struct text t, uint64_t *ret_id, const char **ret_why)
{
    uint64_t id;
    t = text_trim(t);
    if (x_id_is_rounded(t)) {
        *ret_why = x_id_rounded_why;
        return false;
    }
    if (t.len > ID_DIGITS_MAX || !text_to_u64(t, &id) || id == 0) {
        *ret_why = "this is no X id, which has 1 to 20 digits";
        return false;
    }
    *ret_id = id;
    return true;
}

static bool month_of(struct text t, int *ret_month)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int i = 0; i < 12; i++) {
        if (text_equal(t, (struct text){months + (ptrdiff_t)3 * i, 3})) {
            *ret_month = i + 1;
            return true;
        }
    }
    return false;
}

bool x_date_of(struct text t, int64_t *ret_wall_ms)
{
    char rfc3339[2 * CLOCK_TEXT_MAX]; /* t may be anything of 30 bytes */
    int month;
    /* 0         1         2
     * 012345678901234567890123456789
     * Sat Feb 18 12:33:11 +0000 2023 */
    if (t.len != 30 || !month_of(text_slice(t, 4, 7), &month))
        return clock_parse(t, ret_wall_ms);
    snprintf(rfc3339, sizeof rfc3339, "%.4s-%02d-%.2sT%.8s%.3s:%.2s", t.data + 26, month, t.data + 8, t.data + 11,
             t.data + 20, t.data + 23);
    return clock_parse(text_of(rfc3339), ret_wall_ms);
}

bool x_day_of(struct text t, char ret_day[11])
{
    char rfc3339[CLOCK_TEXT_MAX];
    int64_t ignored;
    if (t.len < 10)
        return false;
    snprintf(rfc3339, sizeof rfc3339, "%.10sT00:00:00Z", t.data);
    if (!clock_parse(text_of(rfc3339), &ignored))
        return false;
    snprintf(ret_day, 11, "%.10s", t.data);
    return true;
}

struct text x_without_guard(struct text t)
{
    bool guarded = t.len > 1 && t.data[0] == '\'' && memchr("=+-@", t.data[1], 4) != NULL;
    return guarded ? text_slice(t, 1, t.len) : t;
}

struct entity {
    struct text written;
    char meant;
};

static const struct entity entities[] = {
    {{"&amp;", 5}, '&'}, {{"&lt;", 4}, '<'}, {{"&gt;", 4}, '>'}, {{"&quot;", 6}, '"'}, {{"&#39;", 5}, '\''},
};

static const struct entity *entity_at(struct text t)
{
    for (size_t i = 0; i < ARRAY_LEN(entities); i++)
        if (text_starts(t, entities[i].written))
            return &entities[i];
    return NULL;
}

int x_unescape(struct buf *out, struct text t)
{
    int rc = 0;
    while (rc == 0 && t.len > 0) {
        size_t ampersand = text_find_byte(t, '&', 0);
        rc = buf_add(out, text_slice(t, 0, ampersand));
        if (ampersand == TEXT_NOWHERE || rc < 0)
            return rc;
        t = text_slice(t, ampersand, t.len);
        const struct entity *entity = entity_at(t);
        rc = buf_add_byte(out, entity ? entity->meant : '&');
        t = text_slice(t, entity ? entity->written.len : 1, t.len);
    }
    return rc;
}

int x_unescape_newlines(struct buf *out, struct text t)
{
    int rc = 0;
    while (rc == 0 && t.len > 0) {
        size_t at = text_find(t, TEXT("\\n"), 0);
        rc = buf_add(out, text_slice(t, 0, at));
        if (at == TEXT_NOWHERE || rc < 0)
            return rc;
        rc = buf_add_byte(out, '\n');
        t = text_slice(t, at + 2, t.len);
    }
    return rc;
}

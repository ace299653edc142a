/* bridge/linkage/handle.c
 *
 * The keys of handles, and the names that handles show.
 */
#include "linkage/handle.h"

#include "base/cleanup.h"
#include "base/err.h"

#include <string.h>

/* Bytes of a handle that are looked at: a host name has at most 253. */
#define HANDLE_MAX 253

static bool is_handle_byte(char c)
{
    return byte_is_letter(c) || byte_is_digit(c) || c == '_' || c == '-' || c == '.';
}

static bool is_separator(char c)
{
    return c == '_' || c == '-' || c == '.';
}

/* Lower case, without anything that no handle holds: the @ in front, spaces, other scripts. */
static int make_plain(struct arena *arena, struct text handle, struct text *ret_plain)
{
    char plain[HANDLE_MAX];
    size_t n = 0;
    for (size_t i = 0; i < handle.len && n < sizeof plain; i++)
        if (is_handle_byte(handle.data[i]))
            plain[n++] = byte_lower(handle.data[i]);
    return arena_text(arena, (struct text){plain, n}, ret_plain) ? 0 : E_NOMEM;
}

int handle_squeeze(struct arena *arena, struct text handle, struct text *ret_squeezed)
{
    char squeezed[HANDLE_MAX];
    size_t n = 0;
    for (size_t i = 0; i < handle.len && n < sizeof squeezed; i++)
        if (is_handle_byte(handle.data[i]) && !is_separator(handle.data[i]))
            squeezed[n++] = byte_lower(handle.data[i]);
    return arena_text(arena, (struct text){squeezed, n}, ret_squeezed) ? 0 : E_NOMEM;
}

static int make_dashed(struct arena *arena, struct text plain, struct text *ret_dashed)
{
    char dashed[HANDLE_MAX];
    size_t n = 0;
    for (size_t i = 0; i < plain.len; i++)
        dashed[n++] = is_separator(plain.data[i]) ? '-' : plain.data[i];
    size_t start = 0;
    while (start < n && dashed[start] == '-')
        start++;
    while (n > start && dashed[n - 1] == '-')
        n--;
    return arena_text(arena, (struct text){dashed + start, n - start}, ret_dashed) ? 0 : E_NOMEM;
}

struct text handle_stem(struct text squeezed)
{
    size_t n = squeezed.len;
    while (n > 0 && byte_is_digit(squeezed.data[n - 1]))
        n--;
    return n > 0 ? text_slice(squeezed, 0, n) : squeezed;
}

int handle_keys_make(struct arena *arena, struct text x_handle, struct handle_keys *ret_keys)
{
    struct handle_keys keys = {0};
    int rc = make_plain(arena, x_handle, &keys.plain);
    if (rc == 0)
        rc = handle_squeeze(arena, keys.plain, &keys.squeezed);
    if (rc == 0)
        rc = make_dashed(arena, keys.plain, &keys.dashed);
    if (rc < 0)
        return rc;
    if (text_empty(keys.squeezed))
        keys = (struct handle_keys){0};
    keys.stem = handle_stem(keys.squeezed);
    *ret_keys = keys;
    return 0;
}

/* The label in front of one of the space's domains; empty where the handle lies under none. */
static struct text label_under(const struct handle_space *space, struct text plain)
{
    for (size_t i = 0; i < space->n_domains; i++) {
        struct text domain = space->domains[i];
        if (plain.len > domain.len + 1 && text_ends_fold(plain, domain) &&
            plain.data[plain.len - domain.len - 1] == '.')
            return text_slice(plain, 0, plain.len - domain.len - 1);
    }
    return TEXT_NONE;
}

static int own_domain_keys(struct arena *arena, struct profile_handle *handle)
{
    handle->own_domain = true;
    handle->owned = host_owned(handle->plain);
    struct text name = text_slice(handle->owned, 0, text_find_byte(handle->owned, '.', 0));
    int rc = handle_squeeze(arena, name, &handle->registrable);
    if (rc == 0)
        rc = handle_squeeze(arena, handle->owned, &handle->joined);
    if (rc == 0)
        rc = handle_squeeze(arena, handle->plain, &handle->whole);
    return rc;
}

int profile_handle_make(struct arena *arena, const struct handle_space *space, struct text handle,
                        struct profile_handle *ret_handle)
{
    struct profile_handle made = {0};
    int rc = make_plain(arena, handle, &made.plain);
    if (rc < 0)
        return rc;
    if (space->are_domains)
        while (text_ends(made.plain, TEXT(".")))
            made.plain.len--;
    struct text label = made.plain;
    if (space->are_domains) {
        struct text under = label_under(space, made.plain);
        if (text_empty(under) && text_find_byte(made.plain, '.', 0) != TEXT_NOWHERE &&
            (rc = own_domain_keys(arena, &made)) < 0)
            return rc;
        label = text_empty(under) ? made.plain : under;
        label = text_slice(label, 0, text_find_byte(label, '.', 0));
    }
    rc = handle_squeeze(arena, label, &made.label);
    if (rc < 0)
        return rc;
    made.stem = handle_stem(made.label);
    *ret_handle = made;
    return 0;
}

/* Words that people put around a name to get a handle that is free, or to show a rank; none of them is part of it. */
static const struct affix {
    const char *word;
    bool before;
    bool after;
} affixes[] = {
    {"mp", true, true},    {"mep", false, true}, {"msp", false, true},     {"ms", false, true},
    {"snp", false, true},  {"tv", false, true},  {"hq", false, true},      {"uk", false, true},
    {"us", false, true},   {"eu", false, true},  {"de", false, true},      {"dev", false, true},
    {"real", true, false}, {"the", true, false}, {"official", true, true}, {"iam", true, false},
    {"im", true, false},   {"its", true, false}, {"i", true, false},       {"mr", true, false},
    {"dr", true, true},    {"phd", false, true}, {"org", false, true},     {"app", false, true},
    {"news", false, true}, {"team", true, true}, {"hello", true, false},   {"get", true, false},
    {"conf", false, true}, {"com", false, true}, {"writes", false, true},  {"codes", false, true},
};

/* What must stay of a handle without its affix, so that "theo" is not "o". */
#define AFFIX_REST_MIN 4

bool handle_without_affix(struct text squeezed, size_t nth, struct text *ret_rest)
{
    for (size_t i = 0; i < ARRAY_LEN(affixes); i++) {
        struct text word = text_of(affixes[i].word);
        if (squeezed.len < word.len + AFFIX_REST_MIN)
            continue;
        if (affixes[i].before && text_starts(squeezed, word) && nth-- == 0) {
            *ret_rest = text_slice(squeezed, word.len, squeezed.len);
            return true;
        }
        if (affixes[i].after && text_ends(squeezed, word) && nth-- == 0) {
            *ret_rest = text_slice(squeezed, 0, squeezed.len - word.len);
            return true;
        }
    }
    return false;
}

bool handles_differ_by_affix(struct text a, struct text b)
{
    struct text longer = a.len > b.len ? a : b;
    struct text shorter = a.len > b.len ? b : a;
    struct text rest;
    for (size_t nth = 0; handle_without_affix(longer, nth, &rest); nth++)
        if (text_equal(rest, shorter))
            return true;
    return false;
}

/* --- the name that a handle shows ---------------------------------------------------------------------------------- */

#define SPLIT_PARTS_MAX 8

struct split {
    struct text parts[SPLIT_PARTS_MAX];
    size_t n;
};

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* A part begins behind a separator, at a capital after a small letter or digit, and at the last capital of a run that
 * a small letter follows (JoshWComeau: Josh W Comeau). Digits are dropped. */
static bool seam_before(struct text t, size_t i)
{
    char before = t.data[i - 1];
    if (!is_upper(t.data[i]))
        return false;
    if (!is_upper(before))
        return true;
    return i + 1 < t.len && byte_is_letter(t.data[i + 1]) && !is_upper(t.data[i + 1]);
}

/* McGovern and MacDonald have a seam inside. */
static bool is_name_prefix(struct text part)
{
    return text_equal(part, TEXT("Mc")) || text_equal(part, TEXT("Mac"));
}

static void add_part(struct split *split, struct text t, size_t from, size_t to)
{
    if (to > from && split->n < SPLIT_PARTS_MAX)
        split->parts[split->n++] = text_slice(t, from, to);
}

static void split_handle(struct text t, struct split *ret_split)
{
    size_t from = 0;
    *ret_split = (struct split){0};
    for (size_t i = 0; i < t.len; i++) {
        if (!byte_is_letter(t.data[i])) {
            add_part(ret_split, t, from, i);
            from = i + 1;
        } else if (i > from && seam_before(t, i) && !is_name_prefix(text_slice(t, from, i))) {
            add_part(ret_split, t, from, i);
            from = i;
        }
    }
    add_part(ret_split, t, from, t.len);
}

static bool is_one_of(struct text part, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (text_equal_fold(part, text_of(words[i])))
            return true;
    return false;
}

/* FTW, BBC: a word in capitals behind a name is not part of it. An initial is. */
static bool is_capitals(struct text part)
{
    for (size_t i = 0; i < part.len; i++)
        if (!is_upper(part.data[i]))
            return false;
    return part.len >= 2;
}

static void drop_affix_parts(struct split *split)
{
    static const char *const before[] = {"the", "real", "official", "its", "im",  "iam",
                                         "i",   "dr",   "prof",     "mr",  "team"};
    static const char *const after[] = {"mp", "mep", "msp",  "ms",  "snp", "phd",  "md",   "tv",   "hq",
                                        "uk", "usa", "us",   "eu",  "de",  "fr",   "dev",  "org",  "io",
                                        "ui", "js",  "lang", "app", "con", "conf", "team", "news", "official"};
    while (split->n > 1 && (is_one_of(split->parts[split->n - 1], after, ARRAY_LEN(after)) ||
                            (is_capitals(split->parts[split->n - 1]) && !is_capitals(split->parts[split->n - 2]))))
        split->n--;
    while (split->n > 1 && is_one_of(split->parts[0], before, ARRAY_LEN(before))) {
        memmove(split->parts, split->parts + 1, (split->n - 1) * sizeof split->parts[0]);
        split->n--;
    }
}

/* gAmUssA and TkDodo have seams but show no name: it begins with three letters or more, and initials are few. */
static bool reads_as_name(const struct split *split)
{
    size_t letters = 0;
    for (size_t i = 0; i < split->n; i++)
        letters += split->parts[i].len;
    return split->n >= 2 && split->parts[0].len >= 3 && letters >= split->n * 5 / 2;
}

int handle_split_name(struct arena *arena, struct text x_handle, struct text *ret_name)
{
    struct split split;
    split_handle(text_slice(x_handle, 0, HANDLE_MAX), &split);
    drop_affix_parts(&split);
    if (!reads_as_name(&split)) {
        *ret_name = TEXT_NONE;
        return 0;
    }
    char name[HANDLE_MAX + SPLIT_PARTS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < split.n; i++) {
        if (i > 0)
            name[n++] = ' ';
        memcpy(name + n, split.parts[i].data, split.parts[i].len);
        n += split.parts[i].len;
    }
    return arena_text(arena, (struct text){name, n}, ret_name) ? 0 : E_NOMEM;
}

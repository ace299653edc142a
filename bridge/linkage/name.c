/* bridge/linkage/name.c
 *
 * Names without what people hang on them.
 */
#include "base/cleanup.h"
#include "base/err.h"
#include "base/utf8.h"
#include "linkage/fold.h"
#include "linkage/normalise.h"

#include <stdlib.h>

/* Bytes of a display name that are looked at: 64 graphemes, 640 bytes in Bluesky's lexicon. */
#define NAME_INPUT_MAX 640

struct bracket {
    const char *open;
    const char *close;
};
static const struct bracket brackets[] = {
    {"(", ")"},
    {"[", "]"},
    {"{", "}"},
    {"\xEF\xBC\x88", "\xEF\xBC\x89"} /* fullwidth */,
    {"\xE3\x80\x90", "\xE3\x80\x91"} /* lenticular */,
    {"\xE3\x80\x8C", "\xE3\x80\x8D"} /* corner */,
};

/* What cuts a decoration off when a name stands before it. */
static const char *const bars[] = {
    "|",
    "\xC2\xA6" /* broken bar */,
    "\xEF\xBD\x9C" /* fullwidth */,
    "\xE2\x94\x82" /* box drawing */,
    " @",
    " //",
    " \xE2\x80\xA2 " /* bullet */,
    " \xC2\xB7 " /* middle dot; without spaces it is Catalan */,
};

/* Bytes that begin a bracket of the table; most names have none, and are not looked at further. */
static bool may_be_bracket(char c)
{
    return c == '(' || c == ')' || c == '[' || c == ']' || c == '{' || c == '}' || c == '\xEF' || c == '\xE3';
}

static size_t starts_with_any(struct text t, bool opening, const struct bracket **ret_bracket)
{
    if (!may_be_bracket(t.data[0]))
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(brackets); i++) {
        struct text mark = text_of(opening ? brackets[i].open : brackets[i].close);
        if (text_starts(t, mark)) {
            *ret_bracket = &brackets[i];
            return mark.len;
        }
    }
    return 0;
}

/* Copies t without bracketed parts; one that is never closed goes on to the end. */
static int drop_brackets(struct text t, struct buf *out)
{
    size_t depth = 0;
    const struct bracket *bracket;
    while (t.len > 0) {
        size_t width = starts_with_any(t, true, &bracket);
        int rc = 0;
        if (width > 0) {
            depth++;
            rc = buf_add_byte(out, ' ');
        } else if ((width = starts_with_any(t, false, &bracket)) > 0) {
            depth -= depth > 0;
        } else {
            width = 1;
            if (depth == 0)
                rc = buf_add(out, text_slice(t, 0, 1));
        }
        if (rc < 0)
            return rc;
        t = text_slice(t, width, t.len);
    }
    return 0;
}

static struct text cut_at_bar(struct text t)
{
    size_t end = t.len;
    for (size_t i = 0; i < ARRAY_LEN(bars); i++) {
        size_t at = text_find(t, text_of(bars[i]), 0);
        if (at < end)
            end = at;
    }
    return text_slice(t, 0, end);
}

static bool is_pronoun(struct text word)
{
    static const char *const pronouns[] = {"she", "her",  "hers", "he",   "him", "his", "they", "them", "theirs", "it",
                                           "its", "any",  "all",  "xe",   "xem", "ze",  "zir",  "elle", "il",     "iel",
                                           "lui", "ella", "el",   "elle", "sie", "ihr", "er",   "ihm",  "ona",    "on"};
    for (size_t i = 0; i < ARRAY_LEN(pronouns); i++)
        if (text_equal_fold(word, text_of(pronouns[i])))
            return true;
    return false;
}

/* "she/her", "they/them/theirs". */
static bool is_pronouns(struct text word)
{
    struct text part;
    if (text_find_byte(word, '/', 0) == TEXT_NOWHERE)
        return false;
    while (text_cut(&word, '/', &part))
        if (!is_pronoun(part))
            return false;
    return true;
}

static int drop_pronouns(struct text t, struct buf *out)
{
    struct text word;
    while (text_cut(&t, ' ', &word)) {
        if (is_pronouns(text_trim(word)))
            continue;
        int rc = buf_add(out, word);
        if (rc == 0)
            rc = buf_add_byte(out, ' ');
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* The name as given, less its decorations; all of it where nothing but decorations is there. */
static int fold_name(struct arena *arena, struct text name, struct text *ret_folded)
{
    CLEANUP(buf_release) struct buf bare;
    CLEANUP(buf_release) struct buf plain;
    buf_init(&bare, NAME_INPUT_MAX * 2);
    buf_init(&plain, NAME_INPUT_MAX * 4);
    name = text_floor_utf8(name, NAME_INPUT_MAX);
    if (drop_brackets(name, &bare) < 0 || drop_pronouns(cut_at_bar(buf_text(&bare)), &plain) < 0)
        return E_NOMEM;
    struct text folded;
    int rc = fold(arena, buf_text(&plain), &folded);
    if (rc == 0 && text_empty(folded))
        rc = fold(arena, name, &folded);
    if (rc == 0)
        *ret_folded = text_trim(text_floor_utf8(folded, NAME_INPUT_MAX)); /* so that folding again cuts nothing */
    return rc;
}

/* token is not empty. */
static bool is_title(struct text token)
{
    static const char *const titles[] = {"dr",  "prof", "professor", "mr",  "mrs", "ms",  "miss", "sir", "dame", "lord",
                                         "rev", "hon",  "mp",        "mep", "msp", "phd", "md",   "msc", "mba",  "esq",
                                         "jr",  "sr",   "dipl",      "ing", "mag", "ra",  "mdb",  "mdl"};
    for (size_t i = 0; i < ARRAY_LEN(titles); i++)
        if (titles[i][0] == token.data[0] && text_equal(token, text_of(titles[i])))
            return true;
    return false;
}

struct tokens {
    struct text items[NAME_TOKENS_MAX];
    size_t n;
};

/* Tokens in their order, without titles where two others stay: "Dr Oetker" keeps his. */
static void split_tokens(struct text folded, struct tokens *ret_tokens)
{
    struct tokens plain = {0};
    struct tokens all = {0};
    struct text token;
    while (!text_empty(folded) && text_cut(&folded, ' ', &token)) {
        if (all.n < NAME_TOKENS_MAX)
            all.items[all.n++] = token;
        if (plain.n < NAME_TOKENS_MAX && !is_title(token))
            plain.items[plain.n++] = token;
    }
    *ret_tokens = plain.n >= 2 ? plain : all;
}

static int join(struct arena *arena, const struct text *tokens, size_t n, const char *between, struct text *ret_joined)
{
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, FOLD_INPUT_MAX + NAME_TOKENS_MAX);
    for (size_t i = 0; i < n; i++) {
        int rc = i > 0 ? buf_add(&out, text_of(between)) : 0;
        if (rc == 0)
            rc = buf_add(&out, tokens[i]);
        if (rc < 0)
            return E_NOMEM;
    }
    return arena_text(arena, buf_text(&out), ret_joined) ? 0 : E_NOMEM;
}

static int compare_tokens(const void *a, const void *b)
{
    return text_compare(*(const struct text *)a, *(const struct text *)b);
}

static int sort_once(struct arena *arena, const struct tokens *tokens, struct name_keys *keys)
{
    if (tokens->n == 0)
        return 0;
    struct text *sorted = ARENA_ARRAY(arena, struct text, tokens->n);
    if (!sorted)
        return E_NOMEM;
    for (size_t i = 0; i < tokens->n; i++)
        sorted[i] = tokens->items[i];
    qsort(sorted, tokens->n, sizeof sorted[0], compare_tokens);
    for (size_t i = 0; i < tokens->n; i++)
        if (i == 0 || !text_equal(sorted[i], sorted[i - 1]))
            sorted[keys->n_tokens++] = sorted[i];
    keys->tokens = sorted;
    return 0;
}

int name_keys_make(struct arena *arena, struct text name, struct name_keys *ret_keys)
{
    struct name_keys keys = {0};
    struct tokens tokens;
    struct text folded;
    int rc = fold_name(arena, name, &folded);
    if (rc < 0)
        return rc;
    split_tokens(folded, &tokens);
    rc = sort_once(arena, &tokens, &keys);
    if (rc == 0)
        rc = join(arena, tokens.items, tokens.n, " ", &keys.folded);
    if (rc == 0)
        rc = join(arena, tokens.items, tokens.n, "", &keys.joined);
    if (rc == 0)
        rc = join(arena, keys.tokens, keys.n_tokens, " ", &keys.sorted);
    if (rc == 0)
        rc = fold_skeleton(arena, keys.folded, &keys.skeleton);
    if (rc == 0)
        *ret_keys = keys;
    return rc;
}

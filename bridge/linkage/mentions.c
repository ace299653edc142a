/* bridge/linkage/mentions.c
 *
 * Accounts and sites named in a bio or as a website.
 *
 * Words with an @ or a dot are looked at. Links and whole handles speak for themselves; for "@h" the words around it say
 * whether a network is meant and whether it is this person (bio_words.h).
 */
#include "linkage/mentions.h"

#include "base/cleanup.h"
#include "base/err.h"
#include "linkage/bio_words.h"
#include "linkage/fold.h"
#include "linkage/link.h"

#include <string.h>

struct scan {
    struct arena *arena;           /* borrowed */
    const struct bio_words *words; /* borrowed; NULL while the website is read */
    struct mention kept[MENTIONS_MAX];
    size_t n; /* of kept */
};

/* --- keeping ------------------------------------------------------------------------------------------------------- */

static struct mention *find_kept(struct scan *scan, enum mention_kind kind, struct text value)
{
    for (size_t i = 0; i < scan->n; i++)
        if (scan->kept[i].kind == kind && text_equal_fold(scan->kept[i].value, value))
            return &scan->kept[i];
    return NULL;
}

/* Said once and linked once is linked; disclaimed once is disclaimed. */
static void merge(struct mention *had, enum mention_form form, bool website)
{
    had->website = had->website || website;
    if (form == MENTION_DISCLAIMED || (form < had->form && had->form != MENTION_DISCLAIMED))
        had->form = form;
}

static int keep(struct scan *scan, enum mention_kind kind, enum mention_form form, bool website, struct text value)
{
    if (text_empty(value))
        return 0;
    struct mention *had = find_kept(scan, kind, value);
    if (had) {
        merge(had, form, website);
        return 0;
    }
    if (scan->n == MENTIONS_MAX)
        return 0;
    char *lower = ARENA_ARRAY(scan->arena, char, value.len);
    if (!lower)
        return E_NOMEM;
    for (size_t i = 0; i < value.len; i++)
        lower[i] = byte_lower(value.data[i]);
    scan->kept[scan->n++] =
        (struct mention){.kind = kind, .form = form, .website = website, .value = {lower, value.len}};
    return 0;
}

static bool is_x_handle(struct text t)
{
    if (t.len < 1 || t.len > 20) /* 15 now; older ones are longer */
        return false;
    for (size_t i = 0; i < t.len; i++)
        if (!byte_is_letter(t.data[i]) && !byte_is_digit(t.data[i]) && t.data[i] != '_')
            return false;
    return true;
}

static bool is_threads_handle(struct text t)
{
    if (t.len < 1 || t.len > 30)
        return false;
    for (size_t i = 0; i < t.len; i++)
        if (!byte_is_letter(t.data[i]) && !byte_is_digit(t.data[i]) && t.data[i] != '_' && t.data[i] != '.')
            return false;
    return true;
}

/* "@jane on Bluesky": the first part of a handle, with the network's own domain left unsaid. */
static bool is_label(struct text t)
{
    if (t.len < 3 || t.len > 18 || t.data[0] == '-' || t.data[t.len - 1] == '-')
        return false;
    for (size_t i = 0; i < t.len; i++)
        if (!byte_is_letter(t.data[i]) && !byte_is_digit(t.data[i]) && t.data[i] != '-')
            return false;
    return true;
}

static bool is_did(struct text t)
{
    if (text_starts(t, TEXT("did:web:")))
        return host_is_valid(text_slice(t, 8, t.len));
    if (!text_starts(t, TEXT("did:plc:")) || t.len != 32)
        return false;
    for (size_t i = 8; i < t.len; i++)
        if (!(t.data[i] >= 'a' && t.data[i] <= 'z') && !(t.data[i] >= '2' && t.data[i] <= '7'))
            return false;
    return true;
}

/* --- links --------------------------------------------------------------------------------------------------------- */

/* x.com/h, x.com/@h, x.com/intent/user?screen_name=h; a link to one post names nobody as oneself. */
static struct text x_handle_of_path(struct text path)
{
    static const char *const pages[] = {"i",        "home",     "search",  "share",         "hashtag", "explore",
                                        "settings", "login",    "signup",  "messages",      "tos",     "privacy",
                                        "about",    "download", "compose", "notifications", "jobs",    "who_to_follow",
                                        "logout"};
    struct text query = TEXT("screen_name=");
    struct text rest = path;
    struct text handle = link_segment(&rest);
    if (text_equal_fold(handle, TEXT("intent"))) {
        size_t at = text_find_fold(path, query, 0);
        if (at == TEXT_NOWHERE)
            return TEXT_NONE;
        handle = text_slice(path, at + query.len, path.len);
        handle = text_slice(handle, 0, text_find_byte(handle, '&', 0));
        return is_x_handle(handle) ? handle : TEXT_NONE;
    }
    if (text_starts(handle, TEXT("@")))
        handle = text_slice(handle, 1, handle.len);
    if (text_equal_fold(link_segment(&rest), TEXT("status")) || word_among(handle, pages, ARRAY_LEN(pages)))
        return TEXT_NONE;
    return is_x_handle(handle) ? handle : TEXT_NONE;
}

static int keep_profile_path(struct scan *scan, struct text path, enum mention_form form, bool website)
{
    if (!text_equal_fold(link_segment(&path), TEXT("profile")))
        return 0;
    struct text actor = link_segment(&path);
    if (!text_empty(link_segment(&path)))
        return 0; /* a post, a list, a feed */
    if (is_did(actor))
        return keep(scan, MENTION_DID, form, website, actor);
    return host_is_valid(actor) ? keep(scan, MENTION_HANDLE, form, website, actor) : 0;
}

static int keep_link(struct scan *scan, struct text url, enum mention_form form, bool website)
{
    static const char *const x_hosts[] = {"x.com", "twitter.com"};
    static const char *const sky_hosts[] = {"bsky.app", "main.bsky.dev", "deer.social"};
    static const char *const threads_hosts[] = {"threads.net", "threads.com"};
    struct link link;
    if (!link_parse(url, &link))
        return 0;
    if (word_among(link.host, x_hosts, ARRAY_LEN(x_hosts)))
        return keep(scan, MENTION_X, form, website, x_handle_of_path(link.path));
    if (word_among(link.host, sky_hosts, ARRAY_LEN(sky_hosts)))
        return keep_profile_path(scan, link.path, form, website);
    if (word_among(link.host, threads_hosts, ARRAY_LEN(threads_hosts))) {
        struct text path = link.path;
        struct text handle = link_segment(&path);
        bool at = text_starts(handle, TEXT("@"));
        handle = text_slice(handle, at ? 1 : 0, handle.len);
        return at && is_threads_handle(handle) ? keep(scan, MENTION_THREADS, form, website, handle) : 0;
    }
    if (text_ends_fold(link.host, TEXT(".bsky.social")))
        return keep(scan, MENTION_HANDLE, form, website, link.host);
    struct text key;
    int rc = link_key_make(scan->arena, url, &key);
    return rc < 0 ? rc : keep(scan, MENTION_SITE, form, website, key);
}

/* --- words that name ----------------------------------------------------------------------------------------------- */

static int keep_at_word(struct scan *scan, size_t at, struct text name)
{
    enum place place = bio_place_around(scan->words, at);
    if (place == PLACE_NONE && bio_said_former(scan->words, at))
        place = PLACE_X;
    enum mention_form form = bio_disclaims(scan->words, at) ? MENTION_DISCLAIMED : MENTION_SAID;
    switch (place) {
    case PLACE_X:
        return is_x_handle(name) ? keep(scan, MENTION_X, form, false, name) : 0;
    case PLACE_BLUESKY:
        return host_is_valid(name) || is_label(name) ? keep(scan, MENTION_HANDLE, form, false, name) : 0;
    case PLACE_THREADS:
        return is_threads_handle(name) ? keep(scan, MENTION_THREADS, form, false, name) : 0;
    case PLACE_ELSEWHERE:
        return 0;
    case PLACE_NONE:
        /* "@jane.example" has the form of a Bluesky handle and of nothing on X. */
        if (host_is_valid(name) && form != MENTION_DISCLAIMED)
            return keep(scan, MENTION_HANDLE, MENTION_SAID, false, name);
        return 0;
    }
    return 0;
}

static int read_word(struct scan *scan, size_t at)
{
    struct text word = scan->words->items[at].text;
    enum mention_form form = bio_disclaims(scan->words, at) ? MENTION_DISCLAIMED : MENTION_LINK;
    if (text_starts(word, TEXT("at://")))
        word = text_slice(word, 5, word.len);
    if (is_did(word))
        return keep(scan, MENTION_DID, form, false, word);
    size_t sign = text_find_byte(word, '@', 0);
    if (sign == 0 && text_find_byte(word, '@', 1) == TEXT_NOWHERE && text_find_byte(word, '/', 0) == TEXT_NOWHERE)
        return keep_at_word(scan, at, text_slice(word, 1, word.len));
    /* An @ before the first slash of a link: an e-mail address, or @user@server of another network. */
    size_t start = text_find(word, TEXT("://"), 0);
    size_t path = text_find_byte(word, '/', start == TEXT_NOWHERE ? 0 : start + 3);
    if (sign != TEXT_NOWHERE && sign < path)
        return 0;
    if (text_find_byte(word, '.', 0) == TEXT_NOWHERE)
        return 0;
    if (place_of(word) != PLACE_NONE)
        return 0; /* "x.com" alone */
    enum place place = bio_place_around(scan->words, at);
    if (place == PLACE_BLUESKY && path == TEXT_NOWHERE && host_is_valid(word))
        return keep(scan, MENTION_HANDLE, form, false, word);
    return keep_link(scan, word, form, false);
}

static int read_bio(struct scan *scan, struct text bio)
{
    CLEANUP(arena_release) struct arena scratch;
    CLEANUP(bio_words_release) struct bio_words words = {0};
    struct text folded;
    arena_init(&scratch, 16 * FOLD_INPUT_MAX);
    if (text_find_byte(bio, '.', 0) == TEXT_NOWHERE && text_find_byte(bio, '@', 0) == TEXT_NOWHERE &&
        text_find(bio, TEXT("did:"), 0) == TEXT_NOWHERE)
        return 0; /* nothing in it can name anything */
    int rc = fold(&scratch, bio, &folded);
    if (rc == 0)
        rc = bio_words_read(bio, folded, &words);
    scan->words = &words;
    for (size_t i = 0; i < words.n && rc == 0; i++)
        rc = read_word(scan, i);
    scan->words = NULL;
    return rc;
}

int mentions_read(struct arena *arena, struct text bio, struct text website, struct mentions *ret_mentions)
{
    struct scan scan = {.arena = arena};
    int rc = keep_link(&scan, text_slice(text_trim(website), 0, FOLD_INPUT_MAX), MENTION_LINK, true);
    if (rc == 0)
        rc = read_bio(&scan, text_floor_utf8(bio, FOLD_INPUT_MAX));
    if (rc < 0)
        return rc;
    struct mention *items = NULL;
    if (scan.n > 0) {
        items = ARENA_ARRAY(arena, struct mention, scan.n);
        if (!items)
            return E_NOMEM;
        memcpy(items, scan.kept, scan.n * sizeof items[0]);
    }
    *ret_mentions = (struct mentions){.items = items, .n = scan.n};
    return 0;
}

const struct mention *mentions_find(const struct mentions *mentions, enum mention_kind kind, struct text value)
{
    for (size_t i = 0; i < mentions->n; i++)
        if (mentions->items[i].kind == kind && text_equal(mentions->items[i].value, value))
            return &mentions->items[i];
    return NULL;
}

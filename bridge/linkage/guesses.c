/* bridge/linkage/guesses.c
 *
 * Handles to guess for an X account, the likeliest first, and the one search.
 *
 * The priors were counted over 282 people and organisations whose handles on both sides are public: the share for whom
 * the form was right among those for whom it could be made. They order questions; they are no evidence.
 */
#include "linkage/guesses.h"

#include "base/cleanup.h"
#include "base/err.h"
#include "linkage/frequency.h"
#include "linkage/handle.h"
#include "linkage/mentions.h"

#include <string.h>

/* Labels of bsky.social: 3 to 18 characters (atproto, packages/pds/src/handle/index.ts). */
#define LABEL_MIN 3
#define LABEL_MAX 18

/* A name of so many bits is borne by few enough to be searched for: one person in 16,000. */
#define TELLING_NAME_BITS 14.0

struct making {
    struct arena *arena; /* borrowed */
    struct guesses guesses;
    double least;
};

static bool is_label(struct text t)
{
    if (t.len < LABEL_MIN || t.len > LABEL_MAX || t.data[0] == '-' || t.data[t.len - 1] == '-')
        return false;
    for (size_t i = 0; i < t.len; i++)
        if (!(t.data[i] >= 'a' && t.data[i] <= 'z') && !byte_is_digit(t.data[i]) && t.data[i] != '-')
            return false;
    return true;
}

/* Keeps the list ordered by prior; an equal text stays where it is likelier. The text must outlive the making. */
static void add(struct making *making, enum guess_kind kind, struct text text, const char *form, double prior)
{
    struct guesses *guesses = &making->guesses;
    if (text_empty(text) || prior < making->least || (kind == GUESS_LABEL && !is_label(text)))
        return;
    for (size_t i = 0; i < guesses->n; i++)
        if (guesses->items[i].kind == kind && text_equal(guesses->items[i].text, text)) {
            if (guesses->items[i].prior >= prior)
                return;
            memmove(&guesses->items[i], &guesses->items[i + 1], (guesses->n - i - 1) * sizeof guesses->items[0]);
            guesses->n--;
            break;
        }
    size_t at = guesses->n;
    while (at > 0 && guesses->items[at - 1].prior < prior)
        at--;
    if (at == GUESSES_MAX)
        return;
    if (guesses->n == GUESSES_MAX)
        guesses->n--;
    memmove(&guesses->items[at + 1], &guesses->items[at], (guesses->n - at) * sizeof guesses->items[0]);
    guesses->items[at] = (struct guess){.kind = kind, .text = text, .form = form, .prior = prior};
    guesses->n++;
}

static int add_domain(struct making *making, struct text name, const char *ending, const char *form, double prior)
{
    if (text_empty(name) || prior < making->least)
        return 0;
    const char *domain = arena_printf(making->arena, "%.*s.%s", TEXT_ARG(name), ending);
    if (!domain)
        return E_NOMEM;
    add(making, GUESS_HANDLE, text_of(domain), form, prior);
    return 0;
}

/* Endings that people choose so that the whole domain reads as their handle: rolf.ing, or jane.dev of jane_dev. Of 6
 * handles whose last _ stands before such an ending 4 became that domain, of 48 that merely end in a country's 4; the
 * priors are drawn a little towards each other, since those are few. */
static int add_split_domains(struct making *making, const struct handle_keys *handle)
{
    static const char *const endings[] = {"re",  "so",  "in",  "it",  "is",  "me",  "st",    "sh",  "ch",  "es",
                                          "at",  "be",  "am",  "fm",  "im",  "ly",  "to",    "us",  "io",  "ai",
                                          "co",  "se",  "ie",  "nl",  "de",  "fr",  "no",    "pl",  "ki",  "ng",
                                          "ca",  "tv",  "eu",  "uk",  "dev", "ing", "ink",   "ski", "cat", "zone",
                                          "wtf", "art", "com", "net", "org", "app", "codes", "blog"};
    struct text squeezed = handle->squeezed;
    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        struct text ending = text_of(endings[i]);
        struct text dashed = handle->dashed;
        if (squeezed.len < ending.len + LABEL_MIN || !text_ends(squeezed, ending))
            continue;
        bool apart =
            dashed.len > ending.len && text_ends(dashed, ending) && dashed.data[dashed.len - ending.len - 1] == '-';
        double prior = apart ? 0.45 : ending.len > 2 ? 0.12 : 0.08;
        int rc =
            add_domain(making, text_slice(squeezed, 0, squeezed.len - ending.len), endings[i], "split-domain", prior);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int add_from_handle(struct making *making, const struct handle_keys *handle)
{
    struct text rest;
    add(making, GUESS_LABEL, handle->squeezed, "squeezed", 0.415);
    add(making, GUESS_LABEL, handle->dashed, "dashed", 0.152);
    add(making, GUESS_LABEL, handle->stem, "stem", 0.143);
    for (size_t nth = 0; handle_without_affix(handle->squeezed, nth, &rest); nth++)
        add(making, GUESS_LABEL, rest, "without-affix", 0.1);
    int rc = add_domain(making, handle->squeezed, "com", "handle.com", 0.089);
    if (rc == 0)
        rc = add_domain(making, handle->squeezed, "dev", "handle.dev", 0.018);
    return rc < 0 ? rc : add_split_domains(making, handle);
}

static int add_from_name(struct making *making, struct text name, double faith)
{
    struct name_keys keys;
    struct text squeezed;
    int rc = name_keys_make(making->arena, name, &keys);
    if (rc == 0)
        rc = handle_squeeze(making->arena, keys.joined, &squeezed);
    if (rc < 0 || keys.n_tokens < 2 || squeezed.len != keys.joined.len)
        return rc; /* one word is no name to guess by, and other scripts make no handles */
    add(making, GUESS_LABEL, squeezed, "name", 0.063 * faith);
    rc = add_domain(making, squeezed, "com", "name.com", 0.072 * faith);
    return rc < 0 ? rc : add_domain(making, squeezed, "dev", "name.dev", 0.03 * faith);
}

static int add_from_mentions(struct making *making, const struct x_account *x)
{
    struct mentions mentions;
    int rc = mentions_read(making->arena, x->bio, x->website, &mentions);
    for (size_t i = 0; i < mentions.n && rc == 0; i++) {
        const struct mention *mention = &mentions.items[i];
        bool dotted = text_find_byte(mention->value, '.', 0) != TEXT_NOWHERE;
        if (mention->form == MENTION_DISCLAIMED)
            continue;
        switch (mention->kind) {
        case MENTION_DID:
            add(making, GUESS_DID, mention->value, "named", 0.9);
            break;
        case MENTION_HANDLE:
            add(making, dotted ? GUESS_HANDLE : GUESS_LABEL, mention->value, "named", 0.9);
            break;
        case MENTION_SITE: {
            if (text_find_byte(mention->value, '/', 0) != TEXT_NOWHERE)
                break;
            struct text owned = host_owned(mention->value);
            add(making, GUESS_HANDLE, mention->value, "website", mention->website ? 0.28 : 0.05);
            if (!text_equal(owned, mention->value))
                add(making, GUESS_HANDLE, owned, "website-owner", mention->website ? 0.15 : 0.03);
            break;
        }
        case MENTION_X:
        case MENTION_THREADS:
            break;
        }
    }
    return rc;
}

int guesses_make(struct arena *arena, const struct x_account *x, double least, struct guesses *ret_guesses)
{
    struct making making = {.arena = arena, .least = least};
    struct handle_keys handle;
    int rc = handle_keys_make(arena, x->handle, &handle);
    if (rc == 0)
        rc = add_from_mentions(&making, x);
    if (rc == 0)
        rc = add_from_handle(&making, &handle);
    if (rc == 0)
        rc = add_from_name(&making, x->name, 1);
    if (rc == 0)
        *ret_guesses = making.guesses;
    return rc;
}

int search_words_make(struct arena *arena, const struct x_account *x, struct search_words *ret_search)
{
    struct search_words search = {0};
    struct handle_keys handle;
    struct name_keys name;
    struct text split;
    int rc = handle_keys_make(arena, x->handle, &handle);
    if (rc == 0)
        rc = name_keys_make(arena, x->name, &name);
    if (rc == 0)
        rc = handle_split_name(arena, x->handle, &split);
    if (rc < 0)
        return rc;
    double bits = name_bits(NULL, &name);
    if (bits >= TELLING_NAME_BITS)
        search = (struct search_words){.words = name.folded, .by_name = true, .worth = bits};
    else if (!text_empty(split))
        search = (struct search_words){.words = split, .by_name = true, .worth = handle_bits(handle.squeezed)};
    else
        search = (struct search_words){.words = handle.stem, .worth = handle_bits(handle.stem)};
    *ret_search = search;
    return 0;
}

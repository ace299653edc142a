/* bridge/linkage/compare.c
 *
 * The named comparisons, row by row.
 */
#include "linkage/compare.h"

#include "base/clock.h"
#include "base/err.h"
#include "linkage/fold.h"
#include "linkage/frequency.h"
#include "linkage/handle.h"

#include <string.h>

/* Letters that two handles must share before "one contains the other" says anything. */
#define CONTAINED_MIN 4

/* Sky Follower Bridge's threshold, which the design took over for its baseline and its level. */
#define CLOSE_ENOUGH 0.92

/* Bits of a token that alone is worth a level: one person in 500. */
#define TELLING_TOKEN_BITS 9.0

/* With at most so many posts and younger than this a profile is young and empty. The design says "days old with no posts";
 * imitations are made with a post or two, and a quarter of a year is judged to be enough for
 * one to be reported and labelled. */
#define HARDLY_A_POST 2
#define YOUNG_MS      (90 * DAY_MS)

int x_keys_make(struct arena *arena, const struct x_account *x, struct x_keys *ret_keys)
{
    struct x_keys keys = {.x = x};
    struct text split;
    int rc = handle_keys_make(arena, x->handle, &keys.handle);
    if (rc == 0)
        rc = fold_skeleton(arena, keys.handle.squeezed, &keys.handle_skeleton);
    if (rc == 0)
        rc = name_keys_make(arena, x->name, &keys.name);
    if (rc == 0)
        rc = handle_split_name(arena, x->handle, &split);
    if (rc == 0)
        rc = name_keys_make(arena, split, &keys.split_name);
    if (rc == 0)
        rc = mentions_read(arena, x->bio, x->website, &keys.mentions);
    if (rc == 0)
        rc = link_key_make(arena, x->website, &keys.site);
    if (rc < 0)
        return rc;
    keys.rarity = handle_bits(keys.handle.squeezed);
    *ret_keys = keys;
    return 0;
}

int profile_keys_make(struct arena *arena, const struct handle_space *space, const struct profile *profile,
                      struct profile_keys *ret_keys)
{
    struct profile_keys keys = {.profile = profile, .handle_is_domain = space->are_domains};
    int rc = profile_handle_make(arena, space, profile->handle, &keys.handle);
    if (rc == 0)
        rc = fold_skeleton(arena, keys.handle.label, &keys.label_skeleton);
    if (rc == 0)
        rc = name_keys_make(arena, profile->name, &keys.name);
    if (rc == 0)
        rc = mentions_read(arena, profile->bio, profile->website, &keys.mentions);
    if (rc == 0)
        rc = link_key_make(arena, profile->website, &keys.site);
    if (rc == 0)
        *ret_keys = keys;
    return rc;
}

/* --- handle -------------------------------------------------------------------------------------------------------- */

/* The profile handle's forms that may carry a name: its label, and of a domain of its own the name that was registered,
 * with and without its ending. */
struct forms {
    struct text items[4];
    size_t n;
};

static struct forms forms_of(const struct profile_handle *handle)
{
    struct forms forms = {.items = {handle->label}, .n = 1};
    if (handle->own_domain) {
        forms.items[forms.n++] = handle->registrable;
        forms.items[forms.n++] = handle->joined;
        forms.items[forms.n++] = handle->whole;
    }
    return forms;
}

static bool among_forms(const struct forms *forms, struct text t)
{
    for (size_t i = 0; i < forms->n && !text_empty(t); i++)
        if (text_equal(forms->items[i], t))
            return true;
    return false;
}

static bool contains(struct text a, struct text b)
{
    struct text longer = a.len > b.len ? a : b;
    struct text shorter = a.len > b.len ? b : a;
    return shorter.len >= CONTAINED_MIN && text_find(longer, shorter, 0) != TEXT_NOWHERE;
}

/* Initial and last token, first and last, all: how people make handles of names. Calls for each until one fits. */
static bool spells_name(struct text handle, const struct name_keys *name)
{
    if (name->n_tokens < 2 || handle.len < CONTAINED_MIN)
        return false;
    if (text_equal(handle, name->joined))
        return true;
    struct text folded = name->folded;
    struct text first = text_slice(folded, 0, text_find_byte(folded, ' ', 0));
    size_t space = folded.len;
    while (space > 0 && folded.data[space - 1] != ' ')
        space--;
    struct text last = text_slice(folded, space, folded.len);
    /* X handles end after 15 characters, names do not. */
    if (handle.len > first.len + 2 && text_starts(name->joined, handle))
        return true;
    if (text_ends(handle, last)) {
        struct text start = text_slice(handle, 0, handle.len - last.len);
        return text_equal(start, first) || (start.len == 1 && text_starts(first, start));
    }
    if (text_starts(handle, last)) {
        struct text end = text_slice(handle, last.len, handle.len);
        return text_equal(end, first) || (end.len == 1 && text_starts(first, end));
    }
    if (text_starts(handle, first)) {
        struct text end = text_slice(handle, first.len, handle.len);
        return end.len == 1 && text_starts(last, end);
    }
    return false;
}

static bool forms_spell(const struct forms *forms, const struct name_keys *name)
{
    for (size_t i = 0; i < forms->n; i++)
        if (spells_name(forms->items[i], name))
            return true;
    return false;
}

/* jane_doe has to become janedoe or jane-doe where no _ is allowed. That janedoe becomes jane-doe is unusual: it is what
 * is left when janedoe is taken, by its owner as likely as by anybody. */
static enum handle_level equal_level(const struct x_keys *x, const struct profile_keys *profile)
{
    struct text plain = profile->handle.plain;
    if (profile->handle_is_domain)
        plain = text_slice(plain, 0, text_find_byte(plain, '.', 0));
    if (text_equal(plain, x->handle.plain))
        return HANDLE_EQUAL;
    bool x_is_plain = text_equal(x->handle.plain, x->handle.squeezed);
    return x_is_plain ? HANDLE_DASHED : HANDLE_SQUEEZED;
}

/* The best of the weaker levels over all forms; ret_common is what is in common. */
static enum handle_level weaker_level(const struct x_keys *x, const struct profile_keys *profile,
                                      const struct forms *forms, struct text *ret_common)
{
    struct text handle = x->handle.squeezed;
    *ret_common = x->handle.stem;
    if (x->handle.stem.len >= CONTAINED_MIN && text_equal(x->handle.stem, profile->handle.stem))
        return HANDLE_STEM;
    for (size_t i = 0; i < forms->n; i++) {
        *ret_common = forms->items[i].len < handle.len ? forms->items[i] : handle;
        if (handles_differ_by_affix(handle, forms->items[i]))
            return HANDLE_AFFIX;
    }
    if (forms_spell(forms, &x->name)) {
        *ret_common = profile->handle.label;
        return HANDLE_NAMED;
    }
    for (size_t i = 0; i < forms->n; i++) {
        *ret_common = forms->items[i].len < handle.len ? forms->items[i] : handle;
        if (contains(handle, forms->items[i]))
            return HANDLE_CONTAINS;
    }
    for (size_t i = 0; i < forms->n; i++)
        if (jaro_winkler(handle, forms->items[i]) >= CLOSE_ENOUGH) {
            *ret_common = handle;
            return HANDLE_CLOSE;
        }
    *ret_common = TEXT_NONE;
    return HANDLE_DIFFERENT;
}

static void compare_handles(const struct x_keys *x, const struct profile_keys *profile, struct comparison *c)
{
    struct forms forms = forms_of(&profile->handle);
    struct text common = x->handle.squeezed;
    if (text_empty(x->handle.squeezed) || text_empty(profile->handle.label))
        return;
    if (profile->handle.own_domain && among_forms(&forms, x->handle.squeezed))
        c->handle = HANDLE_OWN_DOMAIN;
    else if (text_equal(profile->handle.label, x->handle.squeezed))
        c->handle = equal_level(x, profile);
    else
        c->handle = weaker_level(x, profile, &forms, &common);
    c->handle_bits = handle_bits(common);
}

/* --- name ---------------------------------------------------------------------------------------------------------- */

/* Tokens that both have; their bits are added up. */
static size_t shared_tokens(const struct frequency *frequency, const struct name_keys *a, const struct name_keys *b,
                            double *ret_bits)
{
    size_t n = 0;
    size_t j = 0;
    *ret_bits = 0;
    for (size_t i = 0; i < a->n_tokens; i++) {
        while (j < b->n_tokens && text_compare(b->tokens[j], a->tokens[i]) < 0)
            j++;
        if (j == b->n_tokens || !text_equal(a->tokens[i], b->tokens[j]))
            continue;
        n++;
        *ret_bits += token_bits(frequency, a->tokens[i]);
    }
    return n;
}

static enum name_level name_level_of(const struct frequency *frequency, const struct name_keys *x,
                                     const struct name_keys *profile, double *ret_bits)
{
    *ret_bits = name_bits(frequency, x);
    if (text_equal(x->folded, profile->folded))
        return NAME_EQUAL;
    if (text_equal(x->sorted, profile->sorted) || text_equal(x->joined, profile->joined))
        return NAME_TOKENS;
    size_t shared = shared_tokens(frequency, x, profile, ret_bits);
    if (shared > 0 && (shared == x->n_tokens || shared == profile->n_tokens))
        return NAME_SUBSET;
    if (jaro_winkler(x->joined, profile->joined) >= CLOSE_ENOUGH) {
        *ret_bits = name_bits(frequency, x);
        return NAME_CLOSE;
    }
    if (shared > 0 && *ret_bits >= TELLING_TOKEN_BITS)
        return NAME_SHARED;
    *ret_bits = 0;
    return NAME_DIFFERENT;
}

/* Where X tells no name, its handle may: it spells the profile's name, or shows another. */
static enum name_level spelt_level(const struct x_keys *x, const struct profile_keys *profile)
{
    if (text_empty(profile->name.joined))
        return NAME_UNKNOWN;
    if (spells_name(x->handle.squeezed, &profile->name) || spells_name(x->handle.stem, &profile->name) ||
        text_equal(x->handle.squeezed, profile->name.joined))
        return NAME_SPELT;
    double bits;
    if (text_empty(x->split_name.joined))
        return NAME_UNKNOWN;
    switch (name_level_of(NULL, &x->split_name, &profile->name, &bits)) {
    case NAME_EQUAL:
    case NAME_TOKENS:
    case NAME_CLOSE:
        return NAME_SPELT;
    case NAME_SUBSET:
    case NAME_SHARED:
    case NAME_UNKNOWN:
        return NAME_UNKNOWN;
    case NAME_DIFFERENT:
    case NAME_SPELT:
    case NAME_NOT_SPELT:
        return NAME_NOT_SPELT;
    }
    return NAME_UNKNOWN;
}

static void compare_names(const struct frequency *frequency, const struct x_keys *x, const struct profile_keys *profile,
                          struct comparison *c)
{
    if (text_empty(x->name.folded)) {
        c->name = spelt_level(x, profile);
        c->name_bits = c->name == NAME_SPELT ? name_bits(frequency, &profile->name) : 0;
        return;
    }
    if (text_empty(profile->name.folded))
        return;
    c->name = name_level_of(frequency, &x->name, &profile->name, &c->name_bits);
    c->name_in_handle = spells_name(x->handle.squeezed, &x->name) || spells_name(x->handle.stem, &x->name) ||
                        text_equal(x->handle.squeezed, x->name.joined);
}

/* --- what either side names ---------------------------------------------------------------------------------------- */

static enum names_x_level names_x_of(const struct x_keys *x, const struct profile_keys *profile)
{
    const struct mention *mention = mentions_find(&profile->mentions, MENTION_X, x->handle.plain);
    if (mention) {
        switch (mention->form) {
        case MENTION_LINK:
            return NAMES_X_LINK;
        case MENTION_SAID:
            return NAMES_X_SAID;
        case MENTION_DISCLAIMED:
            return NAMES_X_DISCLAIMED;
        }
    }
    for (size_t i = 0; i < profile->mentions.n && !text_empty(x->handle.plain); i++)
        if (profile->mentions.items[i].kind == MENTION_X && profile->mentions.items[i].form != MENTION_DISCLAIMED)
            return NAMES_X_OTHER;
    return NAMES_X_NONE;
}

static bool is_its_domain(const struct profile_keys *profile, struct text site)
{
    if (!profile->handle_is_domain || !profile->handle.own_domain || text_empty(site))
        return false;
    if (text_equal(site, profile->handle.plain))
        return true;
    /* blog.jane.example on X, jane.example here: the same owner, unless the host is one that many share. */
    return !host_is_shared(site) && text_find_byte(site, '/', 0) == TEXT_NOWHERE &&
           text_equal(host_owned(site), profile->handle.plain);
}

static enum named_by_x_level mention_level(const struct mention *mention, const struct profile_keys *profile)
{
    struct text handle = profile->handle.plain;
    bool label = text_find_byte(mention->value, '.', 0) == TEXT_NOWHERE;
    if (mention->form == MENTION_DISCLAIMED)
        return NAMED_BY_X_NONE;
    switch (mention->kind) {
    case MENTION_DID:
        return text_equal(mention->value, profile->profile->id) ? NAMED_BY_X_ID : NAMED_BY_X_OTHER;
    case MENTION_HANDLE:
        if (!profile->handle_is_domain)
            return NAMED_BY_X_NONE;
        if (label)
            handle = profile->handle.own_domain ? TEXT_NONE : text_slice(handle, 0, text_find_byte(handle, '.', 0));
        return text_equal(mention->value, handle) ? NAMED_BY_X_HANDLE : NAMED_BY_X_OTHER;
    case MENTION_THREADS:
        if (profile->handle_is_domain)
            return NAMED_BY_X_NONE;
        return text_equal(mention->value, handle) ? NAMED_BY_X_HANDLE : NAMED_BY_X_OTHER;
    case MENTION_SITE:
        if (!is_its_domain(profile, mention->value))
            return NAMED_BY_X_NONE;
        return mention->website ? NAMED_BY_X_WEBSITE : NAMED_BY_X_BIO;
    case MENTION_X:
        return NAMED_BY_X_NONE;
    }
    return NAMED_BY_X_NONE;
}

static enum named_by_x_level named_by_x_of(const struct x_keys *x, const struct profile_keys *profile)
{
    enum named_by_x_level best = NAMED_BY_X_NONE;
    for (size_t i = 0; i < x->mentions.n; i++) {
        enum named_by_x_level level = mention_level(&x->mentions.items[i], profile);
        if (level != NAMED_BY_X_NONE && (best == NAMED_BY_X_NONE || level < best))
            best = level;
    }
    return best;
}

/* --- website ------------------------------------------------------------------------------------------------------- */

/* The sites that either side shows: the website, then those in the bio. */
static enum website_level site_level(struct text a, struct text b)
{
    if (text_equal(a, b))
        return WEBSITE_SAME;
    if (host_is_shared(a) || host_is_shared(b) || text_find_byte(a, '/', 0) != TEXT_NOWHERE ||
        text_find_byte(b, '/', 0) != TEXT_NOWHERE)
        return WEBSITE_DIFFERENT;
    return text_equal(host_owned(a), host_owned(b)) ? WEBSITE_SAME_OWNER : WEBSITE_DIFFERENT;
}

static enum website_level website_of(const struct x_keys *x, const struct profile_keys *profile)
{
    enum website_level best = WEBSITE_UNKNOWN;
    for (size_t i = 0; i < x->mentions.n; i++) {
        const struct mention *mine = &x->mentions.items[i];
        for (size_t j = 0; j < profile->mentions.n && mine->kind == MENTION_SITE; j++) {
            const struct mention *theirs = &profile->mentions.items[j];
            if (theirs->kind != MENTION_SITE)
                continue;
            enum website_level level = site_level(mine->value, theirs->value);
            if (level == WEBSITE_DIFFERENT && !(mine->website && theirs->website))
                continue; /* people name many sites: only two websites can be said to differ */
            if (best == WEBSITE_UNKNOWN || level < best)
                best = level;
        }
    }
    return best;
}

/* --- verification and standing ------------------------------------------------------------------------------------- */

static enum verification_level verification_of(const struct profile_keys *profile, enum name_level name)
{
    if (!(profile->profile->marks & PROFILE_VERIFIED))
        return VERIFICATION_NONE;
    return name == NAME_EQUAL || name == NAME_TOKENS ? VERIFICATION_NAME : VERIFICATION_UNCOMPARED;
}

static bool only_looks_equal(struct text skeleton_a, struct text a, struct text skeleton_b, struct text b)
{
    return skeleton_a.len >= CONTAINED_MIN && text_equal(skeleton_a, skeleton_b) && !text_equal(a, b);
}

static bool says_bot(const struct x_keys *x)
{
    return text_find(x->handle.squeezed, TEXT("bot"), 0) != TEXT_NOWHERE ||
           text_find_fold(x->x->bio, TEXT("bot"), 0) != TEXT_NOWHERE;
}

static enum standing_level standing_of(int64_t now_ms, const struct x_keys *x, const struct profile_keys *keys)
{
    const struct profile *profile = keys->profile;
    if (profile->marks & PROFILE_AGAINST & ~(unsigned)PROFILE_MIRROR)
        return STANDING_MARKED;
    if (profile->marks & PROFILE_MIRROR)
        return STANDING_MIRROR;
    if ((profile->marks & PROFILE_BOT) && !says_bot(x))
        return STANDING_BOT;
    if (only_looks_equal(x->handle_skeleton, x->handle.squeezed, keys->label_skeleton, keys->handle.label) ||
        only_looks_equal(x->name.skeleton, x->name.joined, keys->name.skeleton, keys->name.joined))
        return STANDING_IMITATES;
    if (!profile->detailed || profile->posts == PROFILE_COUNT_UNKNOWN || profile->posts > HARDLY_A_POST)
        return STANDING_PLAIN;
    if (now_ms > 0 && profile->created_ms != PROFILE_DATE_UNKNOWN && now_ms - profile->created_ms < YOUNG_MS)
        return STANDING_YOUNG;
    return profile->posts == 0 ? STANDING_QUIET : STANDING_PLAIN;
}

void compare(const struct compare_context *context, const struct x_keys *x, const struct profile_keys *profile,
             struct comparison *ret_comparison)
{
    struct comparison c = {0};
    compare_handles(x, profile, &c);
    compare_names(context->frequency, x, profile, &c);
    c.names_x = names_x_of(x, profile);
    c.named_by_x = named_by_x_of(x, profile);
    c.website = website_of(x, profile);
    c.verification = verification_of(profile, c.name);
    c.standing = standing_of(context->now_ms, x, profile);
    *ret_comparison = c;
}

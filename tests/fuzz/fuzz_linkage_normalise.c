/* tests/fuzz/fuzz_linkage_normalise.c
 *
 * Any bytes as handle, name, bio, website and link on either side: nothing is read out of bounds, keys are valid UTF-8
 * and fixed points, a score is a number.
 */
#include "base/cleanup.h"
#include "base/utf8.h"
#include "linkage/compare.h"
#include "linkage/guesses.h"
#include "linkage/weights.h"

#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input's lines, in turn. */
static struct text next_field(struct text *rest)
{
    struct text field = TEXT_NONE;
    (void)text_cut(rest, '\n', &field);
    return field;
}

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_name(struct arena *arena, struct text name)
{
    struct name_keys once;
    struct name_keys twice;
    must(name_keys_make(arena, name, &once) == 0 && name_keys_make(arena, once.folded, &twice) == 0);
    must(utf8_valid(once.folded) && utf8_valid(once.sorted) && utf8_valid(once.skeleton));
    must(text_equal(once.folded, twice.folded) && text_equal(once.sorted, twice.sorted));
}

static void check_link(struct arena *arena, struct text url)
{
    struct text key;
    struct text again;
    must(link_key_make(arena, url, &key) == 0);
    must(utf8_valid(key));
    must(link_host(arena, key, &again) == 0);
    must(text_starts(key, again));
}

static void check_pair(struct arena *arena, struct x_account x, struct profile profile, bool are_domains)
{
    static const struct text domains[] = {{"bsky.social", 11}};
    const struct handle_space space = {.domains = domains, .n_domains = 1, .are_domains = are_domains};
    struct x_keys x_keys;
    struct profile_keys keys;
    struct comparison comparison;
    struct weighed weighed;
    struct guesses guesses;
    struct search_words search;
    must(x_keys_make(arena, &x, &x_keys) == 0 && profile_keys_make(arena, &space, &profile, &keys) == 0);
    compare(&(struct compare_context){.now_ms = 1}, &x_keys, &keys, &comparison);
    weigh(&comparison, &weighed);
    must(isfinite(weighed.sum) && weighed.n <= PAIR_EVIDENCE_MAX);
    must(guesses_make(arena, &x, 0, &guesses) == 0 && guesses.n <= GUESSES_MAX);
    must(search_words_make(arena, &x, &search) == 0 && isfinite(search.worth));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_release) struct arena arena;
    struct text rest = {(const char *)data, size};
    struct x_account x = {.handle = next_field(&rest), .name = next_field(&rest), .website = next_field(&rest)};
    struct profile profile = {
        .handle = next_field(&rest), .name = next_field(&rest), .website = next_field(&rest), .detailed = true};
    x.bio = rest.len == TEXT_NOWHERE ? TEXT_NONE : rest;
    profile.bio = x.bio;
    arena_init(&arena, (size_t)1 << 24);
    check_name(&arena, x.name);
    check_link(&arena, x.website);
    check_pair(&arena, x, profile, size % 2 == 0);
    return 0;
}

/* tests/bench/match_world_people.c
 *
 * Made-up people: names, handles, bios.
 */
#include "base/cleanup.h"
#include "linkage/frequency_table.h"
#include "match_world.h"

#include <stdio.h>

static struct text syllables(struct seeded *random, struct arena *arena, size_t n)
{
    static const char *const starts[] = {"b", "br", "d", "dr", "f", "g",  "gr", "h",  "j", "k", "kr", "l",
                                         "m", "n",  "p", "r",  "s", "st", "t",  "tr", "v", "w", "z",  "sch"};
    static const char *const middles[] = {"a", "e", "i", "o", "u", "ai", "ei", "ou", "ie", "oo"};
    static const char *const ends[] = {"", "", "", "n", "r", "l", "s", "rd", "nt", "ck"};
    char word[64];
    size_t len = 0;
    for (size_t i = 0; i < n; i++)
        len += (size_t)snprintf(
            word + len, sizeof word - len, "%s%s%s", starts[seeded_below(random, ARRAY_LEN(starts))],
            middles[seeded_below(random, ARRAY_LEN(middles))], ends[seeded_below(random, ARRAY_LEN(ends))]);
    word[0] = (char)(word[0] - 'a' + 'A');
    return text_of(arena_printf(arena, "%s", word));
}

static struct text common_name(struct seeded *random, struct arena *arena)
{
    const char *name = common_names[seeded_below(random, n_common_names)].name;
    return text_of(arena_printf(arena, "%c%s", name[0] - 'a' + 'A', name + 1));
}

struct text made_up_name(struct seeded *random, struct arena *arena, bool common)
{
    size_t rare = common ? 10 : 72;
    struct text given = seeded_below(random, 100) < rare ? syllables(random, arena, 2) : common_name(random, arena);
    struct text surname = seeded_below(random, 100) < rare ? syllables(random, arena, 2 + seeded_below(random, 2))
                                                           : common_name(random, arena);
    return text_of(arena_printf(arena, "%.*s %.*s", TEXT_ARG(given), TEXT_ARG(surname)));
}

/* A name's first and last word, letters only. */
static void name_parts(struct text name, struct arena *arena, struct text *ret_first, struct text *ret_last)
{
    struct name_keys keys;
    *ret_first = TEXT("some");
    *ret_last = TEXT("body");
    if (name_keys_make(arena, name, &keys) < 0 || text_empty(keys.folded))
        return;
    size_t space = text_find_byte(keys.folded, ' ', 0);
    *ret_first = text_slice(keys.folded, 0, space);
    *ret_last = text_slice(keys.folded, space == TEXT_NOWHERE ? 0 : space + 1, keys.folded.len);
    while ((space = text_find_byte(*ret_last, ' ', 0)) != TEXT_NOWHERE)
        *ret_last = text_slice(*ret_last, space + 1, ret_last->len);
}

static struct text only_handle_bytes(struct arena *arena, const char *handle, size_t max)
{
    char kept[64];
    size_t n = 0;
    for (; *handle && n < max; handle++)
        if (byte_is_letter(*handle) || byte_is_digit(*handle) || *handle == '_')
            kept[n++] = *handle;
    while (n < 4)
        kept[n++] = 'x';
    return text_of(arena_printf(arena, "%.*s", (int)n, kept));
}

struct text made_up_x_handle(struct seeded *random, struct arena *arena, struct text name, enum person_kind kind)
{
    struct text first;
    struct text last;
    name_parts(name, arena, &first, &last);
    unsigned number = (unsigned)seeded_below(random, 100);
    struct text word = syllables(random, arena, 2);
    const char *handle = NULL;
    if (kind == PSEUDONYM) {
        struct text other = syllables(random, arena, 2);
        handle = arena_printf(arena, number < 30 ? "%.*s_%.*s" : "%.*s%.*s", TEXT_ARG(word), TEXT_ARG(other));
    } else if (number < 40) {
        handle = arena_printf(arena, "%.*s%.*s", TEXT_ARG(first), TEXT_ARG(last));
    } else if (number < 55) {
        handle = arena_printf(arena, "%.*s_%.*s", TEXT_ARG(first), TEXT_ARG(last));
    } else if (number < 70) {
        handle = arena_printf(arena, "%.1s%.*s", first.data, TEXT_ARG(last));
    } else if (number < 80) {
        handle = arena_printf(arena, "%.*s%u", TEXT_ARG(first), number + 7);
    } else if (number < 90) {
        handle = arena_printf(arena, "%.*s%.*s%u", TEXT_ARG(first), TEXT_ARG(last), number - 60);
    } else {
        handle = arena_printf(arena, "%.*s%.*s", TEXT_ARG(word), TEXT_ARG(last));
    }
    return only_handle_bytes(arena, handle ? handle : "nobody", 15);
}

struct text made_up_bio(struct seeded *random, struct arena *arena)
{
    static const char *const whats[] = {"Writer",
                                        "Nurse",
                                        "Birds and maps",
                                        "Teaches chemistry",
                                        "Knits",
                                        "Runs slowly",
                                        "Photographs bridges",
                                        "Public libraries",
                                        "Tea",
                                        "Open data",
                                        "Jazz bass",
                                        "Geese",
                                        "Translations",
                                        "Cycling in the rain",
                                        "Old computers"};
    static const char *const wheres[] = {"Leeds", "Graz", "Porto", "Turku", "Gdansk", "Lyon", "Bergen", "Utrecht"};
    return text_of(arena_printf(arena, "%s. %s. %s.", whats[seeded_below(random, ARRAY_LEN(whats))],
                                whats[seeded_below(random, ARRAY_LEN(whats))],
                                wheres[seeded_below(random, ARRAY_LEN(wheres))]));
}

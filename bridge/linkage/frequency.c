/* bridge/linkage/frequency.c
 *
 * How common handles and names are.
 *
 * A handle costs what its cheapest reading costs: letter by letter, or where it holds a common name, that name at once
 * ("davidsmith" is two cheap words, not ten letters). A name costs the sum of its tokens, each between the built-in
 * share and what was counted.
 */
#include "linkage/frequency.h"

#include "base/err.h"
#include "linkage/frequency_table.h"

#include <math.h>
#include <string.h>

/* Bytes for counted names: a million profiles at about 100 bytes for a name and its tokens, with the entries. */
#define FREQUENCY_MEMORY ((size_t)512 * 1024 * 1024)

/* Letters of a handle that are weighed; a label has at most 63. */
#define HANDLE_LETTERS_MAX 64

/* What counts as given before anything was counted: the built-in share weighs as much as this many people. */
#define PRIOR_PEOPLE 1000.0

/* So many under one name do not make it common: the one in question, a second account of the same person, an imitation. */
#define NAMESAKES_FREE 3.0

/* A digit: one of ten, and that there is one at all. */
#define DIGIT_BITS 4.0

/* A letter outside a to z: scripts have 30 letters and more; that it is this script is known by then. */
#define OTHER_LETTER_BITS 6.0

/* Nothing is rarer than this: one person in sixteen million bears the token, one in 2^40 the whole name. */
#define TOKEN_BITS_MAX 24.0
#define NAME_BITS_MAX  40.0

void frequency_init(struct frequency *frequency)
{
    *frequency = (struct frequency){0};
    arena_init(&frequency->arena, FREQUENCY_MEMORY);
    map_init(&frequency->names);
    map_init(&frequency->tokens);
}

void frequency_release(struct frequency *frequency)
{
    map_release(&frequency->names);
    map_release(&frequency->tokens);
    arena_release(&frequency->arena);
    frequency->n_names = 0;
}

static int count(struct frequency *frequency, struct map *map, struct text key)
{
    uint32_t *n = map_get(map, key);
    if (!n) {
        struct text copy;
        n = ARENA_NEW(&frequency->arena, uint32_t);
        if (!n || !arena_text(&frequency->arena, key, &copy) || map_put(map, copy, n) < 0)
            return E_NOMEM;
    }
    (*n)++;
    return 0;
}

int frequency_add_name(struct frequency *frequency, const struct name_keys *name)
{
    if (name->n_tokens == 0)
        return 0;
    int rc = count(frequency, &frequency->names, name->sorted);
    for (size_t i = 0; i < name->n_tokens && rc == 0; i++)
        rc = count(frequency, &frequency->tokens, name->tokens[i]);
    if (rc == 0)
        frequency->n_names++;
    return rc;
}

static int letter_of(char c)
{
    return c >= 'a' && c <= 'z' ? c - 'a' : -1;
}

/* What byte i of t costs behind the byte before it. */
static double step_bits(struct text t, size_t i)
{
    int here = letter_of(t.data[i]);
    int before = i > 0 ? letter_of(t.data[i - 1]) : -1;
    if (here < 0)
        return DIGIT_BITS;
    return letter_cost[before + 1][here] / 8.0;
}

static const struct common_name *find_common(struct text t)
{
    size_t low = 0;
    size_t high = n_common_names;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = text_compare(t, text_of(common_names[middle].name));
        if (order == 0)
            return &common_names[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

#define COMMON_NAME_MAX 11 /* letters of the longest in the table, which tests check */
#define COMMON_NAME_MIN 3

double handle_bits(struct text squeezed)
{
    double cheapest[HANDLE_LETTERS_MAX + 1] = {0}; /* of the first i bytes */
    squeezed = text_slice(squeezed, 0, HANDLE_LETTERS_MAX);
    for (size_t i = 1; i <= squeezed.len; i++) {
        cheapest[i] = cheapest[i - 1] + step_bits(squeezed, i - 1);
        for (size_t len = COMMON_NAME_MIN; len <= COMMON_NAME_MAX && len <= i; len++) {
            const struct common_name *name = find_common(text_slice(squeezed, i - len, i));
            if (name && cheapest[i - len] + (double)name->bits < cheapest[i])
                cheapest[i] = cheapest[i - len] + (double)name->bits;
        }
    }
    return cheapest[squeezed.len];
}

static double built_in_bits(struct text token)
{
    const struct common_name *name = find_common(token);
    if (name)
        return (double)name->bits;
    double bits = 0;
    for (size_t i = 0; i < token.len; i++) {
        unsigned char c = (unsigned char)token.data[i];
        if (c < 0x80)
            bits += step_bits(token, i);
        else if (c >= 0xC0)
            bits += OTHER_LETTER_BITS;
    }
    /* Letters alone make every long name look unique. Half of the people bear names among the few thousand commonest
     * of their language, so from ten bits on each further bit of spelling is half a bit of rarity. */
    if (bits > 10)
        bits = 10 + (bits - 10) / 2;
    return fmin(bits, TOKEN_BITS_MAX);
}

static uint32_t counted(const struct map *map, struct text key)
{
    const uint32_t *n = map_get(map, key);
    return n ? *n : 0;
}

double token_bits(const struct frequency *frequency, struct text token)
{
    double bits = built_in_bits(token);
    if (!frequency || frequency->n_names == 0)
        return bits;
    double people = (double)frequency->n_names;
    double seen = (double)counted(&frequency->tokens, token);
    seen = fmax(0, seen - NAMESAKES_FREE);
    double share = (exp2(-bits) * PRIOR_PEOPLE + seen) / (PRIOR_PEOPLE + people);
    return fmin(-log2(share), TOKEN_BITS_MAX);
}

double name_bits(const struct frequency *frequency, const struct name_keys *name)
{
    double bits = 0;
    for (size_t i = 0; i < name->n_tokens; i++)
        bits += token_bits(frequency, name->tokens[i]);
    if (frequency && frequency->n_names > 0) {
        double seen = (double)counted(&frequency->names, name->sorted) - NAMESAKES_FREE;
        if (seen > 0)
            bits = fmin(bits, -log2(seen / (PRIOR_PEOPLE + (double)frequency->n_names)));
    }
    return fmin(bits, NAME_BITS_MAX);
}

/* bridge/linkage/similarity.c
 *
 * Jaro-Winkler similarity (Winkler 1990), made symmetric.
 */
#include "linkage/compare.h"

#define JARO_MAX 64

/* Marks which bytes of a and b match within the window; returns how many. */
static size_t jaro_matches(struct text a, struct text b, bool in_a[JARO_MAX], bool in_b[JARO_MAX])
{
    size_t longer = a.len > b.len ? a.len : b.len;
    size_t window = longer / 2 > 0 ? longer / 2 - 1 : 0;
    size_t matches = 0;
    for (size_t i = 0; i < a.len; i++) {
        size_t from = i > window ? i - window : 0;
        size_t to = i + window + 1 < b.len ? i + window + 1 : b.len;
        for (size_t j = from; j < to; j++) {
            if (in_b[j] || a.data[i] != b.data[j])
                continue;
            in_a[i] = true;
            in_b[j] = true;
            matches++;
            break;
        }
    }
    return matches;
}

static size_t jaro_out_of_order(struct text a, struct text b, const bool in_a[JARO_MAX], const bool in_b[JARO_MAX])
{
    size_t out = 0;
    size_t j = 0;
    for (size_t i = 0; i < a.len; i++) {
        if (!in_a[i])
            continue;
        while (!in_b[j])
            j++;
        out += a.data[i] != b.data[j];
        j++;
    }
    return out / 2;
}

double jaro_winkler(struct text a, struct text b)
{
    if (text_equal(a, b))
        return 1;
    if (text_empty(a) || text_empty(b) || a.len > JARO_MAX || b.len > JARO_MAX)
        return 0;
    /* Which bytes match depends on who is first; a fixed order makes the result symmetric. */
    if (text_compare(a, b) > 0) {
        struct text swap = a;
        a = b;
        b = swap;
    }
    bool in_a[JARO_MAX] = {false};
    bool in_b[JARO_MAX] = {false};
    double matches = (double)jaro_matches(a, b, in_a, in_b);
    if (matches < 1)
        return 0;
    double moved = (double)jaro_out_of_order(a, b, in_a, in_b);
    double jaro = (matches / (double)a.len + matches / (double)b.len + (matches - moved) / matches) / 3;
    size_t prefix = 0;
    while (prefix < 4 && prefix < a.len && prefix < b.len && a.data[prefix] == b.data[prefix])
        prefix++;
    return jaro + (double)prefix * 0.1 * (1 - jaro);
}

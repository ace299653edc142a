/* bridge/linkage/explain.c
 *
 * A pair's evidence as one plain sentence.
 *
 * Each level has a clause, one for a pair that it speaks for or against; the two or three heaviest that agree with the
 * decision are joined, and the heaviest against them follows behind "but".
 */
#include "base/cleanup.h"
#include "linkage/decide.h"

#include <string.h>

/* Clauses for and against that one sentence holds. */
#define CLAUSES_FOR_MAX 3

static const struct {
    const char *kind;
    const char *level;
    const char *clause;
} clauses[] = {
    {"handle", "equal", "same handle"},
    {"handle", "squeezed", "same handle but for the underscore"},
    {"handle", "dashed", "same handle but for dashes"},
    {"handle", "own-domain", "the handle is a domain of the same name"},
    {"handle", "stem", "same handle but for the digits at its end"},
    {"handle", "affix", "almost the same handle"},
    {"handle", "named", "its handle spells the name shown on X"},
    {"handle", "contains", "one handle is part of the other"},
    {"handle", "close", "similar handle"},
    {"handle", "different", "the handles differ"},
    {"name", "equal", "same name"},
    {"name", "tokens", "same name in another order"},
    {"name", "subset", "part of the same name"},
    {"name", "close", "almost the same name"},
    {"name", "shared", "the names have a word in common"},
    {"name", "different", "the names differ"},
    {"name", "spelt", "the handle on X spells the profile's name"},
    {"name", "not-spelt", "the handle on X shows another name"},
    {"names_x", "link", "the profile links to this X account"},
    {"names_x", "said", "the profile names this X account"},
    {"names_x", "disclaimed", "the profile names this X account as somebody else"},
    {"names_x", "other", "the profile names another X account"},
    {"named_by_x", "id", "the X account gives this profile's id"},
    {"named_by_x", "handle", "the X account names this profile"},
    {"named_by_x", "website", "the website given on X is this profile's own domain"},
    {"named_by_x", "bio", "the bio on X names this profile's own domain"},
    {"named_by_x", "other", "the X account names another profile"},
    {"website", "same", "same website"},
    {"website", "same-owner", "websites of the same domain"},
    {"website", "different", "different websites"},
    {"verification", "name", "verified under this name"},
    {"standing", "quiet", "the profile has not a single post"},
    {"standing", "young", "the profile is new and has hardly a post"},
    {"standing", "imitates", "it only looks like the same name or handle"},
    {"standing", "bot", "the profile is labelled a bot"},
    {"standing", "mirror", "the profile is a bridged copy of an account elsewhere"},
    {"standing", "marked", "the profile is labelled or cannot be trusted"},
};

static const char *clause_of(const struct evidence *evidence)
{
    for (size_t i = 0; i < ARRAY_LEN(clauses); i++)
        if (strcmp(clauses[i].kind, evidence->kind) == 0 && strcmp(clauses[i].level, evidence->level) == 0)
            return clauses[i].clause;
    return NULL;
}

/* The nth heaviest clause that speaks for the pair (or against it); NULL: there is none. */
static const char *nth_clause(const struct pair *pair, bool against, size_t nth)
{
    for (size_t i = 0; i < pair->n_evidence; i++) {
        const char *clause = clause_of(&pair->evidence[i]);
        if (clause && (pair->evidence[i].weight < 0) == against && nth-- == 0)
            return clause;
    }
    return NULL;
}

static int add_clauses(const struct pair *pair, bool against, size_t max, struct buf *out)
{
    int rc = 0;
    const char *clause;
    for (size_t i = 0; i < max && rc == 0 && (clause = nth_clause(pair, against, i)); i++) {
        bool last = i + 1 == max || !nth_clause(pair, against, i + 1);
        if (i > 0)
            rc = buf_add(out, last && i == 1 ? TEXT(" and ") : last ? TEXT(", and ") : TEXT(", "));
        if (rc == 0)
            rc = buf_add(out, text_of(clause));
    }
    return rc;
}

static const char *settled_sentence(enum pair_state state)
{
    switch (state) {
    case PAIR_PROVEN:
        return "Both sides have shown that they belong together.";
    case PAIR_CONFIRMED:
        return "Somebody who knows confirmed it.";
    case PAIR_REJECTED:
        return "Somebody said that this is not the same person.";
    case PAIR_NONE:
    case PAIR_POSSIBLE:
    case PAIR_LIKELY:
        break;
    }
    return NULL;
}

int linkage_explain(const struct pair *pair, struct buf *out)
{
    const char *settled = settled_sentence(pair->state);
    if (settled)
        return buf_add(out, text_of(settled));
    if (!nth_clause(pair, false, 0) && !nth_clause(pair, true, 0))
        return buf_add(out, TEXT("Nothing speaks for it or against it."));
    size_t start = out->len;
    int rc = add_clauses(pair, false, CLAUSES_FOR_MAX, out);
    if (rc == 0 && nth_clause(pair, true, 0)) {
        if (nth_clause(pair, false, 0))
            rc = buf_add(out, TEXT("; but "));
        if (rc == 0)
            rc = add_clauses(pair, true, 1, out);
    }
    if (rc == 0)
        rc = buf_add_byte(out, '.');
    if (rc == 0 && out->data[start] >= 'a' && out->data[start] <= 'z')
        out->data[start] = (char)(out->data[start] - 'a' + 'A');
    return rc;
}

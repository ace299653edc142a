/* bridge/linkage/explain.c
 *
 * A pair's evidence as one plain sentence.
 *
 * Each level has a clause, and another where its weight can fall below nothing without a contradiction: a handle that
 * is only similar, a name that many bear. Up to three of the heaviest that speak for the pair are joined, and the
 * heaviest against it follows behind the sentence's one "but".
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
    const char *against; /* where the level speaks against the pair; NULL: the same words do */
} clauses[] = {
    {"handle", "equal", "same handle", NULL},
    {"handle", "squeezed", "same handle apart from the underscore", NULL},
    {"handle", "dashed", "same handle apart from dashes", "the handles differ by dashes"},
    {"handle", "own-domain", "the handle is a domain of the same name", NULL},
    {"handle", "stem", "same handle apart from the digits at its end",
     "the handles share only what stands before the digits at the end"},
    {"handle", "affix", "almost the same handle", "one handle has a word more"},
    {"handle", "named", "its handle spells the name shown on X", "its handle only spells the name shown on X"},
    {"handle", "contains", "one handle is part of the other", "one handle is only part of the other"},
    {"handle", "close", "similar handle", "the handles are only similar"},
    {"handle", "different", "the handles differ", NULL},
    {"name", "equal", "same name", "the name is a common one"},
    {"name", "tokens", "same name in another order", "the name is a common one, in another order"},
    {"name", "subset", "part of the same name", "the names share only what many bear"},
    {"name", "close", "almost the same name", "the names are only similar"},
    {"name", "shared", "the names have a word in common", "the names have only a word in common"},
    {"name", "different", "the names differ", NULL},
    {"name", "spelt", "the handle on X spells the profile's name",
     "the name that the handle on X spells is a common one"},
    {"name", "not-spelt", "the handle on X shows another name", NULL},
    {"names_x", "link", "the profile links to this X account", NULL},
    {"names_x", "said", "the profile names this X account", NULL},
    {"names_x", "disclaimed", "the profile names this X account as somebody else", NULL},
    {"names_x", "other", "the profile names another X account", NULL},
    {"named_by_x", "id", "the X account gives this profile's id", NULL},
    {"named_by_x", "handle", "the X account names this profile", NULL},
    {"named_by_x", "website", "the website given on X is this profile's own domain", NULL},
    {"named_by_x", "bio", "the bio on X names this profile's own domain", NULL},
    {"named_by_x", "other", "the X account names another profile", NULL},
    {"website", "same", "same website", NULL},
    {"website", "same-owner", "websites of the same domain", NULL},
    {"website", "different", "different websites", NULL},
    {"verification", "name", "verified under this name", NULL},
    {"standing", "quiet", "the profile has not a single post", NULL},
    {"standing", "young", "the profile is new and has hardly a post", NULL},
    {"standing", "imitates", "it only looks like the same name or handle", NULL},
    {"standing", "bot", "the profile is labelled a bot", NULL},
    {"standing", "mirror", "the profile is a bridged copy of an account elsewhere", NULL},
    {"standing", "marked", "the profile is labelled or cannot be trusted", NULL},
};

static const char *clause_of(const struct evidence *evidence)
{
    for (size_t i = 0; i < ARRAY_LEN(clauses); i++)
        if (strcmp(clauses[i].kind, evidence->kind) == 0 && strcmp(clauses[i].level, evidence->level) == 0)
            return evidence->weight < 0 && clauses[i].against ? clauses[i].against : clauses[i].clause;
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

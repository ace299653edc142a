/* bridge/linkage/weights.c
 *
 * The table of weights, and the sum.
 *
 * Where the numbers come from, by the word behind each line:
 *
 *   pairs   m was counted over half of 282 people and organisations whose handles on X and on Bluesky are public; u was
 *           fitted in the worlds of tests/bench/match_world made from that half
 *   worlds  both come from those worlds, whose rates are judgement: how often people keep their name, name their X
 *           account, are imitated
 *   judged  too rare in either to be counted
 *
 * The fit was a conditional logit over each account's candidates with "none of them" as one choice, so u is the share
 * among strangers at which independent rows add up. The fitted numbers were then rounded and set by hand, partly
 * upward, because the fit alone left an equal handle with an equal name below the threshold. The other half of the
 * pairs checked the result. A new fit is a new version.
 */
#include "linkage/weights.h"

#include "base/cleanup.h"

#include <math.h>

const char *const weights_version = "2026-11-1";
const int64_t weights_number = 202611001;

static const char *const row_names[N_WEIGHT_ROWS] = {
    [ROW_HANDLE] = "handle",         [ROW_NAME] = "name",       [ROW_NAMES_X] = "names_x",
    [ROW_NAMED_BY_X] = "named_by_x", [ROW_WEBSITE] = "website", [ROW_VERIFICATION] = "verification",
    [ROW_STANDING] = "standing",
};

/* clang-format off */
static const struct weight handle_weights[] = {
    /*                         level          m        u        kind   against   log2(m/u), from */
    [HANDLE_UNKNOWN] = {0},
    [HANDLE_EQUAL] =             {"equal",       0.35,    0.0355,   true , false}, /* +3.3, pairs */
    [HANDLE_SQUEEZED] =          {"squeezed",    0.057,   0.00713,  true , false}, /* +3.0, pairs */
    [HANDLE_OWN_DOMAIN] =        {"own-domain",  0.25,    0.0103,   true , false}, /* +4.6, pairs; u judged */
    [HANDLE_DASHED] =            {"dashed",      0.0067,  0.0067,   true , false}, /* +0.0, pairs, raised */
    [HANDLE_STEM] =              {"stem",        0.0075,  0.0424,   false, false}, /* -2.5, pairs */
    [HANDLE_AFFIX] =             {"affix",       0.037,   0.0161,   false, false}, /* +1.2, pairs */
    [HANDLE_NAMED] =             {"named",       0.077,   0.0948,   false, false}, /* -0.3, pairs */
    [HANDLE_CONTAINS] =          {"contains",    0.086,   0.106,    false, false}, /* -0.3, pairs */
    [HANDLE_CLOSE] =             {"close",       0.0079,  0.0632,   false, false}, /* -3.0, pairs */
    [HANDLE_DIFFERENT] =         {"different",   0.12,    0.96,     false, false}, /* -3.0, pairs */
};
static const struct weight name_weights[] = {
    /*                         level          m        u        kind   against   log2(m/u), from */
    [NAME_UNKNOWN] = {0},
    [NAME_EQUAL] =               {"equal",       0.9,     0.0114,   true , false}, /* +6.3, worlds */
    [NAME_TOKENS] =              {"tokens",      0.02,    6.25e-04, true , false}, /* +5.0, judged */
    [NAME_SUBSET] =              {"subset",      0.05,    0.0125,   false, false}, /* +2.0, worlds */
    [NAME_CLOSE] =               {"close",       0.01,    0.0025,   false, false}, /* +2.0, judged */
    [NAME_SHARED] =              {"shared",      0.005,   0.01,     false, false}, /* -1.0, worlds */
    [NAME_DIFFERENT] =           {"different",   0.03,    0.339,    false, false}, /* -3.5, worlds */
    [NAME_SPELT] =               {"spelt",       0.42,    0.0525,   false, false}, /* +3.0, worlds */
    [NAME_NOT_SPELT] =           {"not-spelt",   0.05,    0.1,      false, false}, /* -1.0, worlds */
};
static const struct weight names_x_weights[] = {
    /*                         level          m        u        kind   against   log2(m/u), from */
    [NAMES_X_NONE] = {0},
    [NAMES_X_LINK] =             {"link",        0.077,   6.02e-04, true , false}, /* +7.0, worlds */
    [NAMES_X_SAID] =             {"said",        0.15,    0.00381,  true , false}, /* +5.3, worlds */
    [NAMES_X_DISCLAIMED] =       {"disclaimed",  0.0005,  0.032,    false, true}, /* -6.0, worlds */
    [NAMES_X_OTHER] =            {"other",       0.001,   0.016,    false, true}, /* -4.0, worlds */
};
static const struct weight named_by_x_weights[] = {
    /*                         level          m        u        kind   against   log2(m/u), from */
    [NAMED_BY_X_NONE] = {0},
    [NAMED_BY_X_ID] =            {"id",          0.01,    9.77e-06, true , false}, /* +10.0, judged */
    [NAMED_BY_X_HANDLE] =        {"handle",      0.05,    1.95e-04, true , false}, /* +8.0, judged */
    [NAMED_BY_X_WEBSITE] =       {"website",     0.062,   0.00137,  true , false}, /* +5.5, pairs; u judged: employees */
    [NAMED_BY_X_BIO] =           {"bio",         0.01,    0.00125,  true , false}, /* +3.0, judged: projects, too */
    [NAMED_BY_X_OTHER] =         {"other",       0.005,   0.04,     false, true}, /* -3.0, judged: handles change */
};
static const struct weight website_weights[] = {
    /*                         level          m        u        kind   against   log2(m/u), from */
    [WEBSITE_UNKNOWN] = {0},
    [WEBSITE_SAME] =             {"same",        0.083,   0.00734,  true , false}, /* +3.5, worlds: fans, too */
    [WEBSITE_SAME_OWNER] =       {"same-owner",  0.01,    0.005,    false, false}, /* +1.0, judged */
    [WEBSITE_DIFFERENT] =        {"different",   0.1,     0.2,      false, false}, /* -1.0, judged */
};
static const struct weight verification_weights[] = {
    /*                         level          m        u        kind   against   log2(m/u), from */
    [VERIFICATION_NONE] = {0},
    [VERIFICATION_NAME] =        {"name",        0.033,   0.00206,  true , false}, /* +4.0, worlds */
    [VERIFICATION_UNCOMPARED] = {0},
};
static const struct weight standing_weights[] = {
    /*                         level          m        u        kind   against   log2(m/u), from */
    [STANDING_PLAIN] = {0},
    [STANDING_QUIET] =           {"quiet",       0.02,    0.08,     false, false}, /* -2.0, judged: lurkers are rarely followed */
    [STANDING_YOUNG] =           {"young",       0.0032,  0.819,    false, true}, /* -8.0, worlds */
    [STANDING_IMITATES] =        {"imitates",    0.0005,  0.016,    false, true}, /* -5.0, judged */
    [STANDING_BOT] =             {"bot",         0.002,   0.016,    false, true}, /* -3.0, judged */
    [STANDING_MIRROR] =          {"mirror",      0.002,   0.032,    false, true}, /* -4.0, judged: right person, wrong account */
    [STANDING_MARKED] =          {"marked",      0.0001,  0.102,    false, true}, /* -10.0, worlds */
};
/* clang-format on */

static const struct {
    const struct weight *levels;
    size_t n;
} table[N_WEIGHT_ROWS] = {
    [ROW_HANDLE] = {handle_weights, ARRAY_LEN(handle_weights)},
    [ROW_NAME] = {name_weights, ARRAY_LEN(name_weights)},
    [ROW_NAMES_X] = {names_x_weights, ARRAY_LEN(names_x_weights)},
    [ROW_NAMED_BY_X] = {named_by_x_weights, ARRAY_LEN(named_by_x_weights)},
    [ROW_WEBSITE] = {website_weights, ARRAY_LEN(website_weights)},
    [ROW_VERIFICATION] = {verification_weights, ARRAY_LEN(verification_weights)},
    [ROW_STANDING] = {standing_weights, ARRAY_LEN(standing_weights)},
};

/* How much rarity counts. A name that many bear says little however equal it is: "Jane" with another handle is nobody
 * in particular. Handles count flat, since whoever wants one takes what is free.
 * The middle for names is one bit lower than it was in the fit, whose built-in names cost half a bit to a bit more than
 * those of frequency_table.c (mean and median over the names of the pairs); handles cost nearly the same. */
static const struct slope {
    double middle; /* bits at which the weight is log2(m/u) as it stands */
    double above;  /* of each bit over it, so much counts */
    double below;  /* of each bit under it */
} handle_slope = {.middle = 34, .above = 0.05, .below = 0.05},
  name_slope = {.middle = 21, .above = 0.12, .below = 0.45};
#define RARITY_MAX 14.0 /* bits on either side of the middle that count */

/* What is taken off the name where the handle spells it already. */
#define OVERLAP 1.2

const struct weight *weight_of(enum weight_row row, unsigned level)
{
    static const struct weight nothing;
    return level < table[row].n ? &table[row].levels[level] : &nothing;
}

const char *weight_row_name(enum weight_row row)
{
    return row_names[row];
}

static double rarity(double bits, const struct slope *slope)
{
    double over = fmax(-RARITY_MAX, fmin(RARITY_MAX, bits - slope->middle));
    return over * (over > 0 ? slope->above : slope->below);
}

static double handle_weight(const struct weight *weight, const struct comparison *c)
{
    double bits = log2(weight->m / weight->u);
    return c->handle_bits > 0 ? bits + rarity(c->handle_bits, &handle_slope) : bits;
}

static bool handle_carries(enum handle_level level)
{
    return level >= HANDLE_EQUAL && level <= HANDLE_AFFIX;
}

static double name_weight(const struct weight *weight, const struct comparison *c)
{
    double bits = log2(weight->m / weight->u);
    if (c->name_bits <= 0)
        return bits;
    bits += rarity(c->name_bits, &name_slope);
    /* Whoever bears the handle by which the name is spelt bears that name, also when it is a stranger. */
    bool known = c->name_in_handle && handle_carries(c->handle);
    return known && bits > 0 ? fmax(0, bits - OVERLAP) : bits;
}

static double level_weight(enum weight_row row, const struct weight *weight, const struct comparison *c)
{
    switch (row) {
    case ROW_HANDLE:
        return handle_weight(weight, c);
    case ROW_NAME:
        return name_weight(weight, c);
    case ROW_NAMES_X:
    case ROW_NAMED_BY_X:
    case ROW_WEBSITE:
    case ROW_VERIFICATION:
    case ROW_STANDING:
    case N_WEIGHT_ROWS:
        break;
    }
    return log2(weight->m / weight->u);
}

static void add_evidence(struct weighed *weighed, struct evidence evidence)
{
    size_t at = weighed->n++;
    while (at > 0 && fabs(weighed->evidence[at - 1].weight) < fabs(evidence.weight)) {
        weighed->evidence[at] = weighed->evidence[at - 1];
        at--;
    }
    weighed->evidence[at] = evidence;
}

/* The website that X gives and the domain that is the handle are one published fact, however many rows notice it. */
static void count_kind(enum weight_row row, const struct comparison *c, struct weighed *weighed)
{
    if (row == ROW_WEBSITE && (c->named_by_x == NAMED_BY_X_WEBSITE || c->named_by_x == NAMED_BY_X_BIO))
        return;
    weighed->kinds++;
    if (row != ROW_HANDLE)
        weighed->more_than_handle = true;
}

void weigh(const struct comparison *comparison, struct weighed *ret_weighed)
{
    const unsigned levels[N_WEIGHT_ROWS] = {
        [ROW_HANDLE] = comparison->handle,     [ROW_NAME] = comparison->name,
        [ROW_NAMES_X] = comparison->names_x,   [ROW_NAMED_BY_X] = comparison->named_by_x,
        [ROW_WEBSITE] = comparison->website,   [ROW_VERIFICATION] = comparison->verification,
        [ROW_STANDING] = comparison->standing,
    };
    struct weighed weighed = {0};
    for (enum weight_row row = 0; row < N_WEIGHT_ROWS; row++) {
        const struct weight *weight = weight_of(row, levels[row]);
        if (!weight->level)
            continue;
        double bits = level_weight(row, weight, comparison);
        add_evidence(&weighed, (struct evidence){.kind = row_names[row], .level = weight->level, .weight = bits});
        weighed.sum += bits;
        weighed.against = weighed.against || weight->against;
        if (weight->kind && bits > 0)
            count_kind(row, comparison, &weighed);
    }
    *ret_weighed = weighed;
}

/* With the usual share of 0.3 a candidate starts at one bit against: of those whom the keys and searches bring up for an
 * account, about every third is right. */
#define PRIOR_OFFSET 0.22

double weights_prior(double share)
{
    return log2(share / (1 - share)) + PRIOR_OFFSET;
}

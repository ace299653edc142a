/* bridge/linkage/weights.c
 *
 * The table of weights, and the sum.
 */
#include "linkage/weights.h"

#include "base/cleanup.h"

#include <math.h>

const char *const weights_version = "2026-11-1";

static const char *const row_names[N_WEIGHT_ROWS] = {
    [ROW_HANDLE] = "handle",         [ROW_NAME] = "name",       [ROW_NAMES_X] = "names_x",
    [ROW_NAMED_BY_X] = "named_by_x", [ROW_WEBSITE] = "website", [ROW_VERIFICATION] = "verification",
    [ROW_STANDING] = "standing",
};

static const struct weight handle_weights[] = {
    [HANDLE_UNKNOWN] = {0},
    [HANDLE_EQUAL] = {"equal", 0.40, 0.10, true, false},
    [HANDLE_SQUEEZED] = {"squeezed", 0.08, 0.03, true, false},
    [HANDLE_OWN_DOMAIN] = {"own-domain", 0.19, 0.01, true, false},
    [HANDLE_STEM] = {"stem", 0.03, 0.05, false, false},
    [HANDLE_AFFIX] = {"affix", 0.03, 0.05, false, false},
    [HANDLE_NAMED] = {"named", 0.05, 0.05, false, false},
    [HANDLE_CONTAINS] = {"contains", 0.06, 0.15, false, false},
    [HANDLE_CLOSE] = {"close", 0.02, 0.05, false, false},
    [HANDLE_DIFFERENT] = {"different", 0.10, 0.50, false, false},
};
static const struct weight name_weights[] = {
    [NAME_UNKNOWN] = {0},
    [NAME_EQUAL] = {"equal", 0.75, 0.10, true, false},
    [NAME_TOKENS] = {"tokens", 0.02, 0.01, true, false},
    [NAME_SUBSET] = {"subset", 0.08, 0.06, false, false},
    [NAME_CLOSE] = {"close", 0.02, 0.02, false, false},
    [NAME_SHARED] = {"shared", 0.02, 0.05, false, false},
    [NAME_DIFFERENT] = {"different", 0.08, 0.60, false, false},
    [NAME_SPELT] = {"spelt", 0.4, 0.1, false, false},
    [NAME_NOT_SPELT] = {"not-spelt", 0.1, 0.5, false, false},
};
static const struct weight names_x_weights[] = {
    [NAMES_X_NONE] = {0},
    [NAMES_X_LINK] = {"link", 0.10, 0.0005, true, false},
    [NAMES_X_SAID] = {"said", 0.05, 0.0005, true, false},
    [NAMES_X_DISCLAIMED] = {"disclaimed", 0.0005, 0.01, false, true},
    [NAMES_X_OTHER] = {"other", 0.005, 0.05, false, true},
};
static const struct weight named_by_x_weights[] = {
    [NAMED_BY_X_NONE] = {0},
    [NAMED_BY_X_ID] = {"id", 0.01, 0.00001, true, false},
    [NAMED_BY_X_HANDLE] = {"handle", 0.05, 0.00005, true, false},
    [NAMED_BY_X_WEBSITE] = {"website", 0.10, 0.0005, true, false},
    [NAMED_BY_X_BIO] = {"bio", 0.01, 0.001, true, false},
    [NAMED_BY_X_OTHER] = {"other", 0.005, 0.03, false, true},
};
static const struct weight website_weights[] = {
    [WEBSITE_UNKNOWN] = {0},
    [WEBSITE_SAME] = {"same", 0.5, 0.005, true, false},
    [WEBSITE_SAME_OWNER] = {"same-owner", 0.05, 0.01, false, false},
    [WEBSITE_DIFFERENT] = {"different", 0.3, 0.8, false, false},
};
static const struct weight verification_weights[] = {
    [VERIFICATION_NONE] = {0},
    [VERIFICATION_NAME] = {"name", 0.03, 0.002, true, false},
    [VERIFICATION_OTHER_NAME] = {0},
};
static const struct weight standing_weights[] = {
    [STANDING_PLAIN] = {0},
    [STANDING_QUIET] = {"quiet", 0.05, 0.15, false, false},
    [STANDING_YOUNG] = {"young", 0.01, 0.20, false, true},
    [STANDING_IMITATES] = {"imitates", 0.002, 0.05, false, true},
    [STANDING_BOT] = {"bot", 0.01, 0.05, false, true},
    [STANDING_MARKED] = {"marked", 0.002, 0.10, false, true},
};

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

/* How much of each bit of rarity counts, and from where: at so many bits the weight is log2(m/u) as it stands. */
#define HANDLE_SLOPE  0.15
#define HANDLE_MIDDLE 34.0
#define NAME_SLOPE    0.15
#define NAME_MIDDLE   24.0
#define RARITY_MAX    12.0 /* bits of rarity on either side of the middle that count */

/* What is taken off the name where the handle spells it already. */
#define OVERLAP 2.0

const struct weight *weight_of(enum weight_row row, unsigned level)
{
    static const struct weight nothing;
    return level < table[row].n ? &table[row].levels[level] : &nothing;
}

const char *weight_row_name(enum weight_row row)
{
    return row_names[row];
}

static double rarity(double bits, double middle, double slope)
{
    double above = fmax(-RARITY_MAX, fmin(RARITY_MAX, bits - middle));
    return slope * above;
}

static double handle_weight(const struct weight *weight, const struct comparison *c)
{
    double bits = log2(weight->m / weight->u);
    return c->handle_bits > 0 ? bits + rarity(c->handle_bits, HANDLE_MIDDLE, HANDLE_SLOPE) : bits;
}

static bool handle_carries(enum handle_level level)
{
    return level >= HANDLE_EQUAL && level <= HANDLE_NAMED;
}

static double name_weight(const struct weight *weight, const struct comparison *c)
{
    double bits = log2(weight->m / weight->u);
    if (c->name_bits <= 0)
        return bits;
    bits += rarity(c->name_bits, NAME_MIDDLE, NAME_SLOPE);
    /* Whoever bears the handle by which the name is spelt bears that name, also when it is a stranger. */
    bool known = (c->name_in_handle && handle_carries(c->handle)) || c->handle == HANDLE_NAMED;
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

double weights_prior(double share)
{
    return log2(share / (1 - share)) - 1.0;
}

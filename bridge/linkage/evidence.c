/* bridge/linkage/evidence.c
 *
 * Evidence to JSON and back.
 */
#include "linkage/evidence.h"

#include "base/json.h"
#include "linkage/weights.h"

#include <math.h>

/* Bits are shown with one digit and kept with three: a sum of seven rows is exact to well under a hundredth. */
#define KEPT_DIGITS 1e3

/* More levels than any row has: weight_of gives an empty line for those that are not there. */
#define LEVELS_MAX 32

int evidence_write(const struct pair *pair, struct buf *out)
{
    CLEANUP_JSON json_t *list = json_array();
    for (size_t i = 0; i < pair->n_evidence; i++) {
        const struct evidence *evidence = &pair->evidence[i];
        json_t *line =
            json_pack("[ssf]", evidence->kind, evidence->level, round(evidence->weight * KEPT_DIGITS) / KEPT_DIGITS);
        if (json_array_append_new(list, line) < 0)
            return E_NOMEM;
    }
    return list ? json_write(list, out) : E_NOMEM;
}

static bool find_row(struct text word, enum weight_row *ret_row)
{
    for (enum weight_row row = 0; row < N_WEIGHT_ROWS; row++) {
        if (text_equal(word, text_of(weight_row_name(row)))) {
            *ret_row = row;
            return true;
        }
    }
    return false;
}

static const char *find_level(enum weight_row row, struct text word)
{
    for (unsigned level = 0; level < LEVELS_MAX; level++) {
        const char *known = weight_of(row, level)->level;
        if (known && text_equal(word, text_of(known)))
            return known;
    }
    return NULL;
}

/* The table's own words where it has them. */
static bool keep_words(struct text kind, struct text level, struct arena *arena, struct evidence *ret_evidence)
{
    enum weight_row row;
    bool known = find_row(kind, &row);
    const char *known_level = known ? find_level(row, level) : NULL;
    ret_evidence->kind = known ? weight_row_name(row) : arena_printf(arena, "%.*s", TEXT_ARG(kind));
    ret_evidence->level = known_level ? known_level : arena_printf(arena, "%.*s", TEXT_ARG(level));
    return ret_evidence->kind && ret_evidence->level;
}

static int read_line(const json_t *line, struct arena *arena, struct evidence *ret_evidence, struct err *err)
{
    const json_t *weight = json_array_get(line, 2);
    struct text kind = text_of(json_string_value(json_array_get(line, 0)));
    struct text level = text_of(json_string_value(json_array_get(line, 1)));
    if (json_array_size(line) != 3 || text_empty(kind) || text_empty(level) || !json_is_number(weight))
        return err_set(err, E_BAD_INPUT, "the stored evidence of a pair holds a line that is no [kind, level, weight]");
    ret_evidence->weight = json_number_value(weight);
    if (!keep_words(kind, level, arena, ret_evidence))
        return err_set(err, E_NOMEM, "no memory for the evidence of a pair");
    return 0;
}

int evidence_read(struct text json, struct arena *arena, struct pair *pair, struct err *err)
{
    pair->n_evidence = 0;
    if (text_empty(json))
        return 0;
    CLEANUP_JSON json_t *list = json_from_text(json, err);
    if (!list)
        return E_BAD_INPUT;
    size_t n = json_array_size(list);
    if (!json_is_array(list) || n > PAIR_EVIDENCE_MAX)
        return err_set(err, E_BAD_INPUT, "the stored evidence of a pair is no list of at most %d lines",
                       PAIR_EVIDENCE_MAX);
    for (size_t i = 0; i < n; i++) {
        int rc = read_line(json_array_get(list, i), arena, &pair->evidence[i], err);
        if (rc < 0)
            return rc;
    }
    pair->n_evidence = n;
    return 0;
}

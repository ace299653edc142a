/* bridge/views/match_view.c
 *
 * Views of what matching found.
 */
#include "views/match_view.h"

#include "archive/csv_writer.h"
#include "base/json.h"
#include "linkage/decide.h"
#include "views/terminal.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define LINE_MAX_BYTES (64 * (size_t)1024)

/* --- JSON -------------------------------------------------------------------------------------------------------- */

static json_t *id_or_null(uint64_t id)
{
    char digits[24];
    if (id == 0)
        return json_null();
    snprintf(digits, sizeof digits, "%" PRIu64, id); /* text: JavaScript's numbers end at 2^53 */
    return json_string(digits);
}

/* p with the digits that mean something, so that lines of two runs can be compared. */
static double rounded(double p)
{
    return round(p * 1e4) / 1e4;
}

static json_t *x_json(const struct x_account *x)
{
    return json_pack("{so so so}", "id", id_or_null(x->id), "handle", json_or_null(x->handle), "name",
                     json_or_null(x->name));
}

static json_t *profile_json(const struct profile *profile)
{
    if (!profile)
        return json_null();
    return json_pack("{so so so}", "id", json_or_null(profile->id), "handle", json_or_null(profile->handle), "name",
                     json_or_null(profile->name));
}

static json_t *evidence_json(const struct pair *pair)
{
    json_t *list = json_array();
    for (size_t i = 0; i < pair->n_evidence; i++)
        json_array_append_new(list,
                              json_pack("{ss ss sf}", "kind", pair->evidence[i].kind, "level", pair->evidence[i].level,
                                        "weight", round(pair->evidence[i].weight * 10) / 10));
    return list;
}

static json_t *others_json(const struct match *match)
{
    json_t *list = json_array();
    for (size_t i = 0; i < match->n_others; i++)
        json_array_append_new(list, json_pack("{so sf}", "profile", profile_json(match->others[i].profile), "p",
                                              rounded(match->others[i].p)));
    return list;
}

int match_view_json(const struct match *match, const char *network, struct buf *out)
{
    CLEANUP_JSON json_t *line = json_pack(
        "{so ss ss ss so sf so so}", "x", x_json(match->x), "network", network, "lookup", lookup_word(match->lookup),
        "state", pair_state_word(match->best.state), "profile", profile_json(match->best.profile), "p",
        rounded(match->best.p), "evidence", evidence_json(&match->best), "others", others_json(match));
    if (!line)
        return E_NOMEM;
    if (match->why && json_object_set_new(line, "why", json_string(match->why)) < 0)
        return E_NOMEM;
    int rc = json_write(line, out);
    return rc < 0 ? rc : buf_add_byte(out, '\n');
}

/* --- CSV --------------------------------------------------------------------------------------------------------- */

int match_view_csv_header(struct buf *out)
{
    return buf_add(out,
                   TEXT("x_id,x_handle,x_name,network,lookup,state,profile,profile_handle,profile_name,p,why\r\n"));
}

/* Why we think so, or why we could not look: one sentence. */
static int add_reason(const struct match *match, struct buf *out)
{
    if (match->best.profile && linkage_explain(&match->best, out) < 0)
        return E_NOMEM;
    if (!match->why)
        return 0;
    return buf_printf(out, "%s%s", out->len > 0 ? " But: " : "", match->why);
}

int match_view_csv(const struct match *match, const char *network, struct buf *out)
{
    CLEANUP(buf_release) struct buf reason;
    char id[24] = "";
    char p[16];
    const struct profile *profile = match->best.profile;
    buf_init(&reason, LINE_MAX_BYTES);
    if (add_reason(match, &reason) < 0)
        return E_NOMEM;
    if (match->x->id)
        snprintf(id, sizeof id, "%" PRIu64, match->x->id);
    snprintf(p, sizeof p, "%.4f", match->best.p);
    const struct text fields[] = {
        text_of(id),
        match->x->handle,
        match->x->name,
        text_of(network),
        text_of(lookup_word(match->lookup)),
        text_of(pair_state_word(match->best.state)),
        profile ? profile->id : TEXT_NONE,
        profile ? profile->handle : TEXT_NONE,
        profile ? profile->name : TEXT_NONE,
        profile ? text_of(p) : TEXT_NONE,
        buf_text(&reason),
    };
    struct csv_writer writer;
    csv_writer_init(&writer, out);
    return csv_writer_row(&writer, fields, ARRAY_LEN(fields));
}

/* --- table ------------------------------------------------------------------------------------------------------- */

static bool is_here(const struct match *match)
{
    return pair_state_moved(match->best.state);
}

static bool is_maybe(const struct match *match)
{
    return match->best.state == PAIR_POSSIBLE || (!is_here(match) && match->n_others > 0);
}

static bool is_open(const struct match *match)
{
    return !is_here(match) && !is_maybe(match);
}

static bool is_unnamed(const struct match *match)
{
    return is_open(match) && text_empty(match->x->handle) && text_empty(match->x->name);
}

static bool is_not_asked(const struct match *match)
{
    return is_open(match) && !is_unnamed(match) && match->lookup == LOOKUP_COULD_NOT_LOOK;
}

static bool is_not_found(const struct match *match)
{
    return is_open(match) && !is_unnamed(match) && match->lookup != LOOKUP_COULD_NOT_LOOK;
}

struct match_totals match_view_totals(const struct match *matches, size_t n)
{
    struct match_totals totals = {0};
    for (size_t i = 0; i < n; i++) {
        totals.here += is_here(&matches[i]);
        totals.maybe += is_maybe(&matches[i]);
        totals.not_found += is_not_found(&matches[i]);
        totals.unnamed += is_unnamed(&matches[i]);
        totals.not_asked += is_not_asked(&matches[i]);
    }
    return totals;
}

/* Whom to look at: the best, or the first of several that are equally good. */
static const struct profile *shown_profile(const struct match *match)
{
    return match->best.profile ? match->best.profile : match->n_others > 0 ? match->others[0].profile : NULL;
}

/* How sure, in the words of the page. */
static struct text how_sure(const struct match *match)
{
    switch (match->best.state) {
    case PAIR_PROVEN:
        return TEXT("proven");
    case PAIR_CONFIRMED:
        return TEXT("checked");
    case PAIR_LIKELY:
        return TEXT("almost surely");
    case PAIR_POSSIBLE:
    case PAIR_REJECTED:
    case PAIR_NONE:
        break;
    }
    return TEXT("maybe");
}

struct columns {
    size_t x;
    size_t profile;
    size_t reason_at; /* where the reason begins; columns.width: on a line of its own */
    size_t width;
};

#define SURE_COLUMNS   15
#define REASON_COLUMNS 30 /* fewer than these are too few for a sentence beside the handles */

static size_t between(size_t value, size_t least, size_t most)
{
    return value < least ? least : value > most ? most : value;
}

/* Handles get what they need within bounds; the reason stands beside them where there is room. */
static struct columns columns_for(const struct match *matches, size_t n, size_t width)
{
    struct columns columns = {.width = width};
    for (size_t i = 0; i < n; i++) {
        const struct profile *profile = shown_profile(&matches[i]);
        size_t there = profile ? terminal_width(text_empty(profile->handle) ? profile->id : profile->handle) + 1 : 0;
        size_t x = terminal_width(matches[i].x->handle) + 1;
        columns.x = x > columns.x ? x : columns.x;
        columns.profile = there > columns.profile ? there : columns.profile;
    }
    columns.x = between(columns.x, 8, 21);
    columns.profile = between(columns.profile, 8, 34);
    size_t beside = 2 + columns.x + 2 + columns.profile + 2 + SURE_COLUMNS;
    columns.reason_at = beside + REASON_COLUMNS <= width ? beside : width;
    return columns;
}

static int add_at_handle(struct buf *out, struct text handle, size_t width, bool last)
{
    char at_handle[300];
    int len = snprintf(at_handle, sizeof at_handle, "@%.*s", TEXT_ARG(handle));
    size_t whole = len < 0 ? 0 : (size_t)len < sizeof at_handle ? (size_t)len : sizeof at_handle - 1;
    return terminal_cell(out, (struct text){at_handle, whole}, width, last);
}

/* A profile that nobody has looked at yet, which a person vouched for, is known by its id alone. */
static int add_profile(struct buf *out, const struct profile *profile, size_t width)
{
    return text_empty(profile->handle) ? terminal_cell(out, profile->id, width, false)
                                       : add_at_handle(out, profile->handle, width, false);
}

static int add_x(struct buf *out, const struct x_account *x, size_t width, bool last)
{
    char number[32];
    if (!text_empty(x->handle))
        return add_at_handle(out, x->handle, width, last);
    int len = snprintf(number, sizeof number, "no. %" PRIu64, x->id);
    return terminal_cell(out, text_of(number), (size_t)len > width ? (size_t)len : width, last);
}

/* Where the reason begins: behind what stands in the row, or on a line of its own. */
static size_t reason_column(const struct match *match, const struct columns *columns)
{
    if (!shown_profile(match))
        return 2 + columns->x + 2;
    if (columns->reason_at == columns->width)
        return 6;
    return is_here(match) ? columns->reason_at : columns->reason_at - SURE_COLUMNS;
}

static int add_reason_cell(struct buf *out, const struct match *match, const struct columns *columns)
{
    CLEANUP(buf_release) struct buf reason;
    size_t column = reason_column(match, columns);
    buf_init(&reason, LINE_MAX_BYTES);
    if (add_reason(match, &reason) < 0)
        return E_NOMEM;
    if (reason.len == 0)
        return 0;
    if (shown_profile(match) && columns->reason_at == columns->width)
        buf_printf(out, "\n%*s", (int)column, "");
    return terminal_paragraph(out, buf_text(&reason), columns->width - column, column);
}

static int add_row(struct buf *out, const struct match *match, const struct columns *columns)
{
    const struct profile *profile = shown_profile(match);
    bool alone = !profile && match->lookup == LOOKUP_NOT_FOUND && !match->why;
    buf_add(out, TEXT("  "));
    add_x(out, match->x, columns->x, alone);
    if (!alone)
        buf_add(out, TEXT("  "));
    if (profile) {
        add_profile(out, profile, columns->profile);
        buf_add(out, TEXT("  "));
    }
    if (is_here(match))
        terminal_cell(out, how_sure(match), SURE_COLUMNS, false);
    int rc = add_reason_cell(out, match, columns);
    buf_add_byte(out, '\n');
    return rc < 0 || out->failed ? E_NOMEM : 0;
}

struct block {
    const char *heading;
    bool (*holds)(const struct match *match);
    bool always; /* false: only where all rows are asked for */
};

static int add_block(struct buf *out, const struct block *block, const struct match *matches, size_t n,
                     const struct columns *columns)
{
    size_t rows = 0;
    for (size_t i = 0; i < n; i++)
        rows += block->holds(&matches[i]);
    if (rows == 0)
        return 0;
    buf_printf(out, "%s (%zu)\n", block->heading, rows);
    for (size_t i = 0; i < n; i++)
        if (block->holds(&matches[i]) && add_row(out, &matches[i], columns) < 0)
            return E_NOMEM;
    return buf_add_byte(out, '\n');
}

static const struct block blocks[] = {
    {"Here", is_here, true},
    {"Maybe: look before you follow", is_maybe, true},
    {"Could not look", is_not_asked, true},
    {"Not found", is_not_found, false},
    {"No handle known yet", is_unnamed, false},
};

static int add_totals(struct buf *out, const struct match_totals *totals, const char *title)
{
    buf_printf(out, "On %s: %zu here, %zu maybe, %zu not found", title, totals->here, totals->maybe, totals->not_found);
    if (totals->not_asked > 0)
        buf_printf(out, ", %zu could not be looked for", totals->not_asked);
    if (totals->unnamed > 0)
        buf_printf(out, ", %zu known by number only", totals->unnamed);
    return buf_add(out, TEXT(".\n"));
}

int match_view_table(const struct match *matches, size_t n, const char *title, size_t columns, bool all,
                     struct buf *out)
{
    struct match_totals totals = match_view_totals(matches, n);
    struct columns widths = columns_for(matches, n, columns);
    for (size_t i = 0; i < ARRAY_LEN(blocks); i++)
        if ((blocks[i].always || all) && add_block(out, &blocks[i], matches, n, &widths) < 0)
            return E_NOMEM;
    return add_totals(out, &totals, title) < 0 ? E_NOMEM : 0;
}

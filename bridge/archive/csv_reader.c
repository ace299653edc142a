/* bridge/archive/csv_reader.c
 *
 * Rows of CSV.
 *
 * The bytes of the row in hand stay in `raw` until it is known to be whole: a row that turns out broken is given up and
 * reading goes on behind its first line. What is missing is read in pieces that double, so a long row is parsed anew
 * only a few times. Even a stray quote in every line costs little: the next quote ends the attempt.
 */
#include "archive/csv_reader.h"

#include "base/cleanup.h"
#include "base/limits.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

#define PIECE       (64 * KIB)
#define SNIFF_BYTES (16 * KIB)
#define SNIFF_LINES 10

enum parsed { ROW_WHOLE, ROW_UNFINISHED, ROW_BROKEN };

static const char never_closed[] = "a quote is opened and never closed";
static const char behind_quote[] = "there is text behind a closing quote";
static const char long_field[] = "a field of more than 1 MiB";
static const char long_row[] = "a row of more than 2 MiB";
static const char many_fields[] = "more than 4096 fields";

_Static_assert(LIMIT_CSV_FIELD == MIB && LIMIT_CSV_ROW == 2 * MIB && LIMIT_CSV_FIELDS == 4096, "words above");

static struct text unread(const struct csv_reader *r)
{
    return text_slice(buf_text(&r->raw), r->at, r->raw.len);
}

/* Appends at least one byte to raw, as many as are unread where that is more than a piece. 1, 0 at the end, or an
 * error. */
static int fill(struct csv_reader *r, struct err *err)
{
    if (r->ended)
        return 0;
    buf_drop(&r->raw, r->at);
    r->at = 0;
    size_t wanted = r->raw.len > PIECE ? r->raw.len : PIECE;
    if (wanted > r->raw.max - r->raw.len)
        wanted = r->raw.max - r->raw.len;
    CLEANUP_FREE char *piece = malloc(wanted);
    if (!piece)
        return E_NOMEM;
    int64_t got = byte_source_fill(r->source, piece, wanted, err);
    if (got < 0)
        return (int)got;
    r->ended = (size_t)got < wanted;
    int rc = buf_add(&r->raw, (struct text){piece, (size_t)got});
    return rc < 0 ? rc : got > 0;
}

/* Times that `delimiter` stands in the first record outside quotes; the record is taken off `rest`. */
static size_t count_delimiters(struct text *rest, char delimiter)
{
    size_t count = 0;
    bool quoted = false;
    size_t i = 0;
    for (; i < rest->len; i++) {
        char c = rest->data[i];
        if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '\n' || c == '\r'))
            break;
        else if (!quoted && c == delimiter)
            count++;
    }
    while (i < rest->len && (rest->data[i] == '\n' || rest->data[i] == '\r'))
        i++;
    *rest = text_slice(*rest, i, rest->len);
    return count;
}

/* The delimiter that the most of the first lines have as often as the first line has; of equals the more frequent, and
 * of these the one that is rarer in prose. */
static char sniff_delimiter(struct text head)
{
    static const char candidates[] = {'\t', ';', ','};
    char best = ',';
    size_t best_lines = 0;
    size_t best_count = 0;

    for (size_t i = 0; i < sizeof candidates; i++) {
        struct text rest = head;
        size_t count = count_delimiters(&rest, candidates[i]);
        size_t lines = 1;
        if (count == 0)
            continue;
        while (lines < SNIFF_LINES && rest.len > 0 && count_delimiters(&rest, candidates[i]) == count)
            lines++;
        if (lines > best_lines || (lines == best_lines && count > best_count)) {
            best = candidates[i];
            best_lines = lines;
            best_count = count;
        }
    }
    return best;
}

/* Excel's own first line, `sep=;`, says the delimiter and is no row. */
static bool take_sep_line(struct csv_reader *r)
{
    struct text t = unread(r);
    if (!text_starts_fold(t, TEXT("sep=")) || t.len < 6 || (t.data[5] != '\r' && t.data[5] != '\n'))
        return false;
    r->delimiter = t.data[4];
    r->at += t.data[5] == '\r' && t.len > 6 && t.data[6] == '\n' ? 7 : 6;
    r->line = 2;
    return true;
}

int csv_reader_init(struct csv_reader *r, const struct byte_source *source, struct err *err)
{
    *r = (struct csv_reader){.source = source, .line = 1};
    buf_init(&r->raw, LIMIT_CSV_ROW + PIECE);
    buf_init(&r->cells, LIMIT_CSV_ROW + PIECE);
    buf_init(&r->repaired, 3 * (LIMIT_CSV_ROW + PIECE));
    r->ends = calloc(LIMIT_CSV_FIELDS, sizeof *r->ends);
    r->fields = calloc(LIMIT_CSV_FIELDS, sizeof *r->fields);
    if (!r->ends || !r->fields)
        return E_NOMEM;
    int rc = fill(r, err);
    if (rc < 0)
        return rc;
    if (text_starts(unread(r), TEXT("\xEF\xBB\xBF")))
        r->at = 3;
    if (!take_sep_line(r))
        r->delimiter = sniff_delimiter(text_slice(unread(r), 0, SNIFF_BYTES));
    return 0;
}

void csv_reader_release(struct csv_reader *r)
{
    buf_release(&r->raw);
    buf_release(&r->cells);
    buf_release(&r->repaired);
    free(r->ends);
    free(r->fields);
    *r = (struct csv_reader){.ended = true};
}

/* Bytes of the line end at t[at]: 0, 1 or 2. A CR that ends the text may have its LF behind it: *ret_open. */
static size_t line_end_at(struct text t, size_t at, bool *ret_open)
{
    if (at >= t.len)
        return 0;
    if (t.data[at] == '\n')
        return 1;
    if (t.data[at] != '\r')
        return 0;
    if (at + 1 < t.len)
        return t.data[at + 1] == '\n' ? 2 : 1;
    *ret_open = true;
    return 1;
}

static uint64_t count_line_ends(struct text t)
{
    uint64_t lines = 0;
    bool open;
    for (size_t at = 0; at < t.len; at++) {
        size_t width = line_end_at(t, at, &open);
        if (width > 0) {
            lines++;
            at += width - 1;
        }
    }
    return lines;
}

/* A field behind its opening quote, at *at, up to and with the closing one. */
static enum parsed parse_quoted(struct csv_reader *r, struct text t, size_t *at, const char **ret_why)
{
    for (;;) {
        size_t quote = text_find_byte(t, '"', *at);
        if (quote == TEXT_NOWHERE || (quote + 1 == t.len && !r->ended)) {
            *ret_why = never_closed;
            return r->ended ? ROW_BROKEN : ROW_UNFINISHED;
        }
        bool doubled = quote + 1 < t.len && t.data[quote + 1] == '"';
        if (buf_add(&r->cells, text_slice(t, *at, quote + doubled)) < 0) {
            *ret_why = long_row;
            return ROW_BROKEN;
        }
        *at = quote + 1 + doubled;
        if (!doubled)
            return ROW_WHOLE;
    }
}

static enum parsed parse_plain(struct csv_reader *r, struct text t, size_t *at, const char **ret_why)
{
    size_t end = *at;
    while (end < t.len && t.data[end] != r->delimiter && t.data[end] != '\n' && t.data[end] != '\r')
        end++;
    if (end == t.len && !r->ended)
        return ROW_UNFINISHED;
    if (buf_add(&r->cells, text_slice(t, *at, end)) < 0) {
        *ret_why = long_row;
        return ROW_BROKEN;
    }
    *at = end;
    return ROW_WHOLE;
}

/* Parses the row at the front of t: its fields' ends, how many bytes it takes with its line end. */
static enum parsed parse_row(struct csv_reader *r, struct text t, size_t *ret_n, size_t *ret_used, const char **ret_why)
{
    size_t at = 0;
    size_t n = 0;
    buf_clear(&r->cells);
    for (;;) {
        size_t begin = r->cells.len;
        bool quoted = at < t.len && t.data[at] == '"';
        if (quoted)
            at++;
        enum parsed parsed = quoted ? parse_quoted(r, t, &at, ret_why) : parse_plain(r, t, &at, ret_why);
        if (parsed != ROW_WHOLE)
            return parsed;
        *ret_why = r->cells.len - begin > LIMIT_CSV_FIELD ? long_field : n == LIMIT_CSV_FIELDS ? many_fields : NULL;
        if (*ret_why)
            return ROW_BROKEN;
        r->ends[n++] = r->cells.len;

        bool open = false;
        size_t line_end = line_end_at(t, at, &open);
        if (open && !r->ended)
            return ROW_UNFINISHED;
        if (line_end > 0 || at == t.len) {
            *ret_n = n;
            *ret_used = at + line_end;
            return ROW_WHOLE;
        }
        if (t.data[at] != r->delimiter) {
            *ret_why = behind_quote;
            return ROW_BROKEN;
        }
        at++;
        if (at == t.len && !r->ended)
            return ROW_UNFINISHED;
    }
}

/* Passes over the line at raw[at]; it may be longer than raw. 1, 0 at the end, or an error. */
static int pass_line(struct csv_reader *r, struct err *err)
{
    for (;;) {
        struct text t = unread(r);
        size_t end = 0;
        bool open = false;
        while (end < t.len && t.data[end] != '\n' && t.data[end] != '\r')
            end++;
        size_t width = line_end_at(t, end, &open);
        if (width > 0 && (!open || r->ended)) {
            r->at += end + width;
            r->line++;
            return 1;
        }
        r->at += end;
        int rc = fill(r, err);
        if (rc <= 0)
            return rc;
    }
}

static struct text cell_at(const struct csv_reader *r, size_t i)
{
    return text_slice(buf_text(&r->cells), i > 0 ? r->ends[i - 1] : 0, r->ends[i]);
}

/* Each by itself: a character may be cut by a delimiter, and be whole where the fields lie end to end. */
static bool cells_valid(const struct csv_reader *r, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!utf8_valid(cell_at(r, i)))
            return false;
    return true;
}

/* Views of the fields, in cells or, where bytes are broken, in repaired. */
static int make_fields(struct csv_reader *r, size_t n)
{
    if (cells_valid(r, n)) {
        for (size_t i = 0; i < n; i++)
            r->fields[i] = cell_at(r, i);
        return 0;
    }
    buf_clear(&r->repaired);
    for (size_t i = 0; i < n; i++) {
        int rc = utf8_repair(&r->repaired, cell_at(r, i));
        if (rc < 0)
            return rc;
        r->fields[i].len = r->repaired.len; /* its end for now: the buffer may still move */
    }
    for (size_t i = n; i-- > 0;) {
        size_t begin = i > 0 ? r->fields[i - 1].len : 0;
        r->fields[i] = text_slice(buf_text(&r->repaired), begin, r->fields[i].len);
    }
    return 0;
}

/* Parses until a row is whole or broken, reading more where it is neither. */
static int find_row(struct csv_reader *r, struct csv_row *row, size_t *ret_used, struct err *err)
{
    for (;;) {
        struct text t = unread(r);
        row->broken = NULL;
        switch (parse_row(r, t, &row->n, ret_used, &row->broken)) {
        case ROW_WHOLE:
            row->broken = NULL;
            return 0;
        case ROW_BROKEN:
            return 0;
        case ROW_UNFINISHED:
            break;
        }
        if (t.len > LIMIT_CSV_ROW) {
            row->broken = long_row;
            return 0;
        }
        int rc = fill(r, err);
        if (rc < 0)
            return rc;
    }
}

int csv_reader_next(struct csv_reader *r, struct csv_row *ret_row, struct err *err)
{
    for (;;) {
        struct csv_row row = {.fields = r->fields};
        size_t used = 0;
        int rc = r->row_broken ? pass_line(r, err) : 1;
        if (rc <= 0)
            return rc;
        r->row_broken = false;
        if (unread(r).len == 0 && (rc = fill(r, err)) <= 0)
            return rc;
        row.line = r->line;
        rc = find_row(r, &row, &used, err);
        if (rc < 0)
            return rc;
        if (row.broken) {
            row.n = 0;
            r->row_broken = true;
            *ret_row = row;
            return 1;
        }
        bool empty = row.n == 1 && r->cells.len == 0;
        r->line += count_line_ends(text_slice(unread(r), 0, used));
        r->at += used;
        if (empty)
            continue;
        rc = make_fields(r, row.n);
        if (rc < 0)
            return rc;
        *ret_row = row;
        return 1;
    }
}

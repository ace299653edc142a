/* bridge/archive/csv_columns.c
 *
 * Columns by name and by content.
 */
#include "archive/csv_columns.h"

#include "archive/csv_reader.h"
#include "archive/x_text.h"
#include "base/cleanup.h"
#include "base/map.h"

#include <stdio.h>
#include <string.h>

#define LOOK_ROWS    20
#define LOOK_COLUMNS 64
#define ID_DIGITS    5 /* shorter numbers in a column without a name are ages, counts, years */
#define BARE_MAX     15

struct column_name {
    const char *name; /* lower case, letters and digits alone */
    enum csv_column column;
    bool vague; /* holds handles only where its cells look like them */
};

/* The first name that is there wins its column. */
static const struct column_name names[] = {
    {"screenname", COLUMN_REFERENCE, false},
    {"username", COLUMN_REFERENCE, false},
    {"userhandle", COLUMN_REFERENCE, false},
    {"handle", COLUMN_REFERENCE, false},
    {"xhandle", COLUMN_REFERENCE, false},
    {"xusername", COLUMN_REFERENCE, false},
    {"twitterhandle", COLUMN_REFERENCE, false},
    {"twitterusername", COLUMN_REFERENCE, false},
    {"twitter", COLUMN_REFERENCE, true},
    {"account", COLUMN_REFERENCE, true},
    {"profileurl", COLUMN_REFERENCE, true},
    {"profilelink", COLUMN_REFERENCE, true},
    {"twitterurl", COLUMN_REFERENCE, true},
    {"url", COLUMN_REFERENCE, true},
    {"link", COLUMN_REFERENCE, true},
    {"id", COLUMN_ID, false},
    {"idstr", COLUMN_ID, false},
    {"userid", COLUMN_ID, false},
    {"accountid", COLUMN_ID, false},
    {"restid", COLUMN_ID, false},
    {"xid", COLUMN_ID, false},
    {"twitterid", COLUMN_ID, false},
    {"name", COLUMN_NAME, false},
    {"displayname", COLUMN_NAME, false},
    {"fullname", COLUMN_NAME, false},
    {"bio", COLUMN_BIO, false},
    {"description", COLUMN_BIO, false},
    {"website", COLUMN_WEBSITE, false},
    {"location", COLUMN_LOCATION, false},
    {"protected", COLUMN_PROTECTED, false},
    {"isprotected", COLUMN_PROTECTED, false},
    {"verified", COLUMN_VERIFIED, false},
    {"isblueverified", COLUMN_BLUE, false},
    {"url", COLUMN_URL, false},
};

/* What stands in one column of the rows looked at. */
struct column_look {
    size_t filled;
    size_t links;
    size_t ats;
    size_t bares;
    size_t ids;       /* of at least ID_DIGITS, or rounded by a spreadsheet */
    size_t short_ids; /* any number */
    bool repeats;     /* a value stands there twice */
    size_t counted;   /* cells that go on 0, 1, 2 or 1, 2, 3 from the first: numbers of rows, not ids */
    uint64_t first;
    uint64_t hashes[LOOK_ROWS];
};

struct look {
    struct column_look columns[LOOK_COLUMNS];
    size_t n_columns;  /* of the first row */
    size_t rows;       /* looked at */
    size_t same_width; /* of them, as wide as the first */
};

static struct text normal_name(struct text name, char *to, size_t size)
{
    size_t len = 0;
    for (size_t i = 0; i < name.len && len < size; i++)
        if (byte_is_letter(name.data[i]) || byte_is_digit(name.data[i]))
            to[len++] = byte_lower(name.data[i]);
    return (struct text){to, len};
}

static void look_at_number(struct column_look *look, struct text cell)
{
    uint64_t number;
    if (!text_to_u64(cell, &number))
        return;
    if (look->filled == 0)
        look->first = number;
    look->counted += look->first <= 1 && number == look->first + look->filled;
}

static void look_at_cell(struct column_look *look, struct text cell)
{
    struct text handle;
    uint64_t id;
    enum x_form form;

    cell = x_without_guard(text_trim(cell));
    if (text_empty(cell))
        return;
    uint64_t hash = map_hash(cell);
    for (size_t i = 0; i < look->filled && i < LOOK_ROWS; i++)
        look->repeats = look->repeats || look->hashes[i] == hash;
    if (look->filled < LOOK_ROWS)
        look->hashes[look->filled] = hash;
    look_at_number(look, cell);
    look->filled++;
    enum x_reference reference = x_reference_of(cell, &handle, &id, &form);
    bool number = (reference == X_REFERENCE_ID && form == X_FORM_BARE) || x_id_is_rounded(cell);
    look->short_ids += number;
    look->ids += number && (cell.len >= ID_DIGITS);
    look->links += reference != X_REFERENCE_NONE && form == X_FORM_LINK;
    look->ats += reference == X_REFERENCE_HANDLE && form == X_FORM_AT;
    look->bares += reference == X_REFERENCE_HANDLE && form == X_FORM_BARE && cell.len <= BARE_MAX;
}

static bool mostly(size_t some, size_t all)
{
    return all > 0 && some * 5 >= all * 4;
}

static bool holds_references(const struct column_look *look)
{
    return look->filled == 0 || mostly(look->links + look->ats + look->bares + look->short_ids, look->filled);
}

static bool numbers_rows(const struct column_look *look)
{
    return look->filled > 0 && look->counted == look->filled;
}

static bool is_told(const struct csv_columns *columns, enum csv_column column)
{
    return columns->at[column] != COLUMN_NONE;
}

/* May this column be what its name says? */
static bool name_fits(const struct column_name *name, const struct column_look *look)
{
    switch (name->column) {
    case COLUMN_REFERENCE:
        return !name->vague || holds_references(look);
    case COLUMN_ID:
        return !numbers_rows(look);
    case COLUMN_NAME:
    case COLUMN_BIO:
    case COLUMN_WEBSITE:
    case COLUMN_LOCATION:
    case COLUMN_PROTECTED:
    case COLUMN_VERIFIED:
    case COLUMN_BLUE:
    case COLUMN_URL:
        break;
    }
    return true;
}

/* Gives the columns named by `row` their places. */
static void find_by_name(struct csv_columns *columns, const struct look *look, const struct csv_row *row)
{
    char normal[32];
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        for (size_t place = 0; place < row->n && place < LOOK_COLUMNS; place++) {
            struct text name = normal_name(row->fields[place], normal, sizeof normal);
            if (!text_equal(name, text_of(names[i].name)))
                continue;
            columns->header = true;
            if (name_fits(&names[i], &look->columns[place]) && !is_told(columns, names[i].column))
                columns->at[names[i].column] = place;
        }
    }
}

static bool is_named(const struct csv_columns *columns, size_t place)
{
    for (size_t i = 0; i < COLUMNS_N; i++)
        if (columns->at[i] == place)
            return true;
    return false;
}

/* What tells itself: links, then @handles, and numbers long enough for ids. */
static void find_by_form(struct csv_columns *columns, const struct look *look)
{
    for (size_t place = 0; place < look->n_columns; place++) {
        const struct column_look *column = &look->columns[place];
        if (is_named(columns, place))
            continue;
        if (mostly(column->links, column->filled) && !is_told(columns, COLUMN_REFERENCE))
            columns->at[COLUMN_REFERENCE] = place;
        else if (mostly(column->ids, column->filled) && !column->repeats && !is_told(columns, COLUMN_ID))
            columns->at[COLUMN_ID] = place;
    }
    for (size_t place = 0; place < look->n_columns && !is_told(columns, COLUMN_REFERENCE); place++)
        if (!is_named(columns, place) && mostly(look->columns[place].ats, look->columns[place].filled))
            columns->at[COLUMN_REFERENCE] = place;
}

/* Bare words: one column alone has them. */
static void find_bare(struct csv_columns *columns, const struct look *look)
{
    size_t found = COLUMN_NONE;
    if (look->n_columns < 2)
        return;
    for (size_t place = 0; place < look->n_columns; place++) {
        const struct column_look *column = &look->columns[place];
        if (column->filled == 0 || column->bares < column->filled || column->repeats)
            continue;
        if (found != COLUMN_NONE)
            return;
        found = place;
    }
    columns->at[COLUMN_REFERENCE] = found;
}

/* Does the first row hold the same where the others do? Else it is a row of names that are not known here. */
static bool first_row_is_data(const struct csv_columns *columns, const struct look *look, const struct csv_row *row)
{
    struct column_look cell = {.filled = 0};
    size_t place = is_told(columns, COLUMN_REFERENCE) ? columns->at[COLUMN_REFERENCE] : columns->at[COLUMN_ID];
    const struct column_look *column = &look->columns[place];
    if (place < row->n)
        look_at_cell(&cell, row->fields[place]);
    return (cell.links && column->links) || (cell.ats && column->ats) || (cell.bares && column->bares) ||
           (cell.ids && column->ids);
}

/* All cells are @handles or links: a list that somebody wrote in one line or several, not a table. */
static bool all_written(const struct look *look)
{
    size_t filled = 0;
    size_t written = 0;
    for (size_t i = 0; i < look->n_columns; i++) {
        filled += look->columns[i].filled;
        written += look->columns[i].links + look->columns[i].ats;
    }
    return filled > 0 && filled == written && look->n_columns > 1;
}

static void say_names(struct csv_columns *columns, const struct csv_row *row)
{
    size_t len = 0;
    for (size_t i = 0; i < row->n && len + 40 < sizeof columns->names; i++) {
        struct text name = text_floor_utf8(text_trim(row->fields[i]), 30);
        int more = snprintf(columns->names + len, sizeof columns->names - len, "%s%.*s", i ? ", " : "", TEXT_ARG(name));
        len += more > 0 ? (size_t)more : 0;
    }
}

static bool names_mastodon(const struct csv_row *row)
{
    char normal[32];
    return row->n > 0 && text_equal(normal_name(row->fields[0], normal, sizeof normal), TEXT("accountaddress"));
}

static bool names_exporter(const struct csv_row *row)
{
    char normal[32];
    bool handle = false;
    bool count = false;
    for (size_t i = 0; i < row->n; i++) {
        struct text name = normal_name(row->fields[i], normal, sizeof normal);
        handle = handle || text_equal(name, TEXT("screenname"));
        count = count || text_equal(name, TEXT("friendscount")) || text_equal(name, TEXT("profileimageurl"));
    }
    return handle && count;
}

static void look_at_row(struct look *look, const struct csv_row *row)
{
    for (size_t i = 0; i < row->n && i < LOOK_COLUMNS; i++)
        look_at_cell(&look->columns[i], row->fields[i]);
    look->same_width += row->n == look->n_columns;
    look->rows++;
}

/* The rows behind the first good one, up to LOOK_ROWS. */
static int look_at_rest(struct look *rest, struct look *all, const struct byte_source *source, struct err *err)
{
    struct cursor_source cursor;
    CLEANUP(csv_reader_release) struct csv_reader reader = {.ended = true};
    struct csv_row row;
    bool first = true;

    cursor_source_init(&cursor, source);
    int rc = csv_reader_init(&reader, &cursor.source, err);
    if (rc < 0)
        return rc;
    while (rest->rows < LOOK_ROWS - 1 && (rc = csv_reader_next(&reader, &row, err)) > 0) {
        if (row.broken)
            continue;
        if (!first)
            look_at_row(rest, &row);
        look_at_row(all, &row);
        first = false;
    }
    return rc < 0 ? rc : 0;
}

static void decide(struct csv_columns *columns, const struct look *rest, const struct look *all,
                   const struct csv_row *first)
{
    columns->exporter = names_exporter(first);
    columns->mastodon = names_mastodon(first);
    find_by_name(columns, rest, first);
    columns->table = all->n_columns > 1 && mostly(all->same_width, all->rows) && (all->rows > 1 || columns->header);
    if (!columns->header && all_written(all)) {
        columns->table = false;
        return;
    }
    find_by_form(columns, rest->rows > 0 ? rest : all);
    bool found = is_told(columns, COLUMN_ID) || is_told(columns, COLUMN_REFERENCE);
    if (!found && !columns->header && all->rows > 1)
        find_bare(columns, all);
    else if (found && !columns->header)
        columns->header = !first_row_is_data(columns, rest->rows > 0 ? rest : all, first);
    columns->usable = is_told(columns, COLUMN_ID) || is_told(columns, COLUMN_REFERENCE);
    /* One column without a name is as good as plain text, which says more of what it leaves out. */
    if (all->n_columns == 1 && !columns->header)
        columns->usable = false;
}

int csv_columns_find(struct csv_columns *columns, const struct byte_source *source, struct err *err)
{
    struct look rest = {.rows = 0};
    struct look all = {.rows = 0};
    struct cursor_source cursor;
    CLEANUP(csv_reader_release) struct csv_reader reader = {.ended = true};
    struct csv_row first = {.n = 0};

    *columns = (struct csv_columns){.usable = false};
    for (size_t i = 0; i < COLUMNS_N; i++)
        columns->at[i] = COLUMN_NONE;
    cursor_source_init(&cursor, source);
    int rc = csv_reader_init(&reader, &cursor.source, err);
    if (rc < 0)
        return rc;
    do
        rc = csv_reader_next(&reader, &first, err);
    while (rc > 0 && first.broken);
    if (rc <= 0)
        return rc;
    rest.n_columns = all.n_columns = first.n < LOOK_COLUMNS ? first.n : LOOK_COLUMNS;
    rc = look_at_rest(&rest, &all, source, err);
    if (rc < 0)
        return rc;
    say_names(columns, &first);
    decide(columns, &rest, &all, &first);
    return 0;
}

/* bridge/archive/csv_list.c
 *
 * Rows of CSV become accounts.
 */
#include "archive/csv_list.h"

#include "archive/csv_reader.h"
#include "archive/json_walk.h"
#include "archive/row.h"
#include "archive/x_text.h"
#include "base/cleanup.h"

static struct text field_of(const struct csv_row *csv, const struct csv_columns *columns, enum csv_column column)
{
    size_t place = columns->at[column];
    return place < csv->n ? text_trim(csv->fields[place]) : TEXT_NONE;
}

static int set_long_text(struct row *row, struct buf *field, struct text t, bool exporter, struct buf *scratch)
{
    buf_clear(scratch);
    int rc = exporter ? x_unescape_newlines(scratch, t) : buf_add(scratch, t);
    return rc < 0 ? rc : row_set_escaped(row, field, buf_text(scratch));
}

static int fill_row(struct row *row, const struct csv_row *csv, const struct csv_columns *columns, struct buf *scratch)
{
    bool exporter = columns->exporter;
    struct text website = field_of(csv, columns, COLUMN_WEBSITE);
    struct text url = field_of(csv, columns, COLUMN_URL);
    if (text_empty(website) && columns->at[COLUMN_URL] != columns->at[COLUMN_REFERENCE] && !x_link_is(url))
        website = url;
    row_clear(row);
    row->is_protected = row_truth(field_of(csv, columns, COLUMN_PROTECTED));
    row->is_verified =
        row_or(row_truth(field_of(csv, columns, COLUMN_VERIFIED)), row_truth(field_of(csv, columns, COLUMN_BLUE)));
    int rc = buf_set_cut(&row->id, x_without_guard(field_of(csv, columns, COLUMN_ID)));
    if (rc == 0)
        rc = buf_set_cut(&row->reference, x_without_guard(field_of(csv, columns, COLUMN_REFERENCE)));
    if (rc == 0)
        rc = buf_set_cut(&row->website, website);
    if (rc == 0)
        rc = set_long_text(row, &row->name, x_without_guard(field_of(csv, columns, COLUMN_NAME)), exporter, scratch);
    if (rc == 0)
        rc = set_long_text(row, &row->bio, x_without_guard(field_of(csv, columns, COLUMN_BIO)), exporter, scratch);
    if (rc == 0)
        rc = set_long_text(row, &row->location, field_of(csv, columns, COLUMN_LOCATION), exporter, scratch);
    return rc;
}

/* Do most long ids of the file end in zeros? Then a spreadsheet wrote them. */
static int find_damage(const struct byte_source *source, const struct csv_columns *columns, bool *ret_damaged,
                       struct err *err)
{
    struct cursor_source cursor;
    CLEANUP(csv_reader_release) struct csv_reader csv = {.ended = true};
    struct csv_row row;
    uint64_t all = 0;
    uint64_t zeros = 0;

    cursor_source_init(&cursor, source);
    int rc = csv_reader_init(&csv, &cursor.source, err);
    if (rc < 0)
        return rc;
    while ((rc = csv_reader_next(&csv, &row, err)) > 0) {
        struct text id = field_of(&row, columns, COLUMN_ID);
        all += x_id_is_long(id) || x_id_is_rounded(id);
        zeros += x_id_ends_in_zeros(id) || x_id_is_rounded(id);
    }
    *ret_damaged = zeros * 2 > all;
    return rc;
}

static int read_rows(struct reading *reading, struct csv_reader *csv, const struct csv_columns *columns, bool damaged,
                     struct follow_list *list, struct err *err)
{
    CLEANUP(row_release) struct row row;
    CLEANUP(buf_release) struct buf scratch;
    struct csv_row cells;
    bool header = columns->header;
    int rc;

    row_init(&row);
    row.zeros_are_damage = damaged;
    buf_init(&scratch, 4 * LIMIT_CSV_FIELD); /* three bytes for one broken byte */
    while ((rc = csv_reader_next(csv, &cells, err)) > 0) {
        if (cells.broken) {
            follow_list_skip(list, reading->label, cells.line, cells.broken);
            continue;
        }
        if (header) {
            header = false;
            continue;
        }
        rc = fill_row(&row, &cells, columns, &scratch);
        if (rc == 0)
            rc = row_take(reading, &row, cells.line, list, err);
        if (rc < 0)
            return rc;
    }
    return rc;
}

int csv_list_read(struct reading *reading, const struct byte_source *source, const struct csv_columns *columns,
                  struct err *err)
{
    struct cursor_source cursor;
    struct counted_source counted;
    CLEANUP(csv_reader_release) struct csv_reader csv = {.ended = true};
    enum list_source from = columns->exporter ? LIST_FROM_EXPORTER : LIST_FROM_CSV;
    struct follow_list *list = reading_list(reading, reading_untold(reading), from);

    if (!list)
        return err_set(err, E_BUG, "one file gives more lists than there are kinds");
    bool damaged = false;
    int rc = columns->at[COLUMN_ID] == COLUMN_NONE ? 0 : find_damage(source, columns, &damaged, err);
    if (rc < 0)
        return rc;
    cursor_source_init(&cursor, source);
    counted_source_init(&counted, &cursor.source, reading);
    rc = csv_reader_init(&csv, &counted.source, err);
    return rc < 0 ? rc : read_rows(reading, &csv, columns, damaged, list, err);
}

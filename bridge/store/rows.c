/* bridge/store/rows.c
 *
 * Reading columns in order, and collecting records.
 */
#include "store/rows.h"

#include "base/cleanup.h"

#include <string.h>

void row_damaged(struct row *row, const char *column)
{
    if (row->rc == 0)
        row->rc = err_set(row->err, E_IO,
                          "the table %s holds a row whose %s is damaged: `skein check` says what else is, and "
                          "`skein restore` brings back the last backup",
                          row->table, column);
}

static struct text kept(struct row *row, struct text borrowed)
{
    struct text copy = borrowed;
    if (row->rc == 0 && row->arena && !arena_text(row->arena, borrowed, &copy))
        row->rc = err_set(row->err, E_NOMEM, "there is no memory for the rows of the table %s", row->table);
    return copy;
}

struct text row_text(struct row *row)
{
    return kept(row, db_get_text(row->rows, row->column++));
}

struct text row_blob(struct row *row)
{
    return kept(row, db_get_blob(row->rows, row->column++));
}

int64_t row_i64(struct row *row)
{
    return db_get_i64(row->rows, row->column++);
}

double row_f64(struct row *row)
{
    return db_get_f64(row->rows, row->column++);
}

uint32_t row_u32(struct row *row, const char *column)
{
    int64_t value = row_i64(row);
    if (value < 0 || value > UINT32_MAX)
        row_damaged(row, column);
    return (uint32_t)value;
}

int row_within(struct row *row, const char *column, int max)
{
    int64_t value = row_i64(row);
    if (value < 0 || value > max) {
        row_damaged(row, column);
        return 0;
    }
    return (int)value;
}

struct id row_id(struct row *row, const char *column)
{
    struct id id = {.chars = {0}};
    if (!id_parse(db_get_text(row->rows, row->column++), &id))
        row_damaged(row, column);
    return id;
}

struct id row_id_or_none(struct row *row, const char *column)
{
    if (!text_empty(db_get_text(row->rows, row->column)))
        return row_id(row, column);
    row->column++;
    return (struct id){.chars = {0}};
}

struct text row_word(struct row *row, const char *column, const char *const *words, size_t n)
{
    struct text word = db_get_text(row->rows, row->column++);
    for (size_t i = 0; i < n; i++)
        if (text_equal(word, text_of(words[i])))
            return text_of(words[i]);
    row_damaged(row, column);
    return TEXT_NONE;
}

void row_read_i64(struct row *row, void *ret_record)
{
    *(int64_t *)ret_record = row_i64(row);
}

struct rows rows_begin(struct db *db, const struct statement *statement, const struct db_value *values, size_t n,
                       const struct row_shape *shape, struct arena *arena, struct err *err)
{
    struct rows rows = {.row = {.arena = arena, .table = shape->table, .err = err}, .shape = shape};
    if (shape->size > RECORD_MAX)
        rows.row.rc = err_set(err, E_BUG, "a record of the table %s is larger than RECORD_MAX", shape->table);
    else
        rows.row.rc = db_query(db, statement, values, n, &rows.row.rows, err);
    return rows;
}

void rows_end(struct rows *rows)
{
    db_done(rows->row.rows);
    rows->row.rows = NULL;
}

int rows_next(struct rows *rows, void *ret_record)
{
    struct row *row = &rows->row;
    if (row->rc != 0)
        return row->rc;
    int rc = db_next(row->rows, row->err);
    if (rc <= 0)
        return rc;
    row->column = 0;
    _Alignas(max_align_t) unsigned char record[RECORD_MAX];
    memset(record, 0, rows->shape->size);
    rows->shape->read(row, record);
    if (row->rc != 0)
        return row->rc;
    memcpy(ret_record, record, rows->shape->size);
    return 1;
}

int rows_only(struct rows *rows, void *ret_record)
{
    int rc = rows_next(rows, ret_record);
    if (rc == 0)
        return err_set(rows->row.err, E_NOT_FOUND, "the table %s has no such row", rows->row.table);
    return rc > 0 ? 0 : rc;
}

int rows_list(struct rows *rows, void *ret_array, size_t *ret_n)
{
    void *records = NULL;
    size_t size = rows->shape->size;
    size_t n = 0;
    for (;; n++) {
        records = arena_grow(rows->row.arena, records, n, size);
        if (!records)
            return err_set(rows->row.err, E_NOMEM, "there is no memory for the rows of the table %s", rows->row.table);
        int rc = rows_next(rows, (char *)records + n * size);
        if (rc == 0)
            break;
        if (rc < 0)
            return rc;
    }
    memcpy(ret_array, &records, sizeof records);
    *ret_n = n;
    return 0;
}

int rows_any(struct db *db, const struct statement *statement, const struct db_value *values, size_t n, bool *ret_any,
             struct err *err)
{
    struct db_rows *rows = NULL;
    int rc = db_query(db, statement, values, n, &rows, err);
    if (rc == 0)
        rc = db_next(rows, err);
    db_done(rows);
    if (rc < 0)
        return rc;
    *ret_any = rc == 1;
    return 0;
}

/* bridge/store/rows.h
 *
 * From rows to records: what the files with SQL in this room share. For this room alone.
 *
 * A shape says how one record is read: column by column, in the order of the SELECT. The first thing that is wrong in a
 * row is kept and ends the reading, so that readers need not look at each column's result:
 *
 *     CLEANUP(rows_end) struct rows rows = rows_begin(db, &import_get_sql, VALUES(db_id(id)), &import_shape, arena, err);
 *     return rows_only(&rows, ret_import);
 *
 * What cannot be in a row that Skein wrote (a damaged id, an unknown word, a number over its range) is E_IO, with a
 * sentence that names table and column.
 */
#ifndef SKEIN_STORE_ROWS_H
#define SKEIN_STORE_ROWS_H

#include "base/arena.h"
#include "base/id.h"
#include "store/db.h"

/* The two arguments of a statement's values: VALUES(db_i64(1), db_text(t)), NO_VALUES. */
#define VALUES(...)                                                                                                    \
    (const struct db_value[]){__VA_ARGS__}, sizeof((const struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value)
#define NO_VALUES NULL, 0

/* None goes in as the empty text. */
static inline struct db_value db_id(const struct id *id)
{
    return db_text(id_text(id));
}

/* --- one row -------------------------------------------------------------------------------------------------------- */

struct row {
    struct db_rows *rows; /* owned by struct rows; NULL where the query failed */
    struct arena *arena;  /* borrowed: texts are copied into it; NULL: they are borrowed from the row */
    const char *table;    /* static */
    int column;           /* the next one */
    int rc;               /* 0, or the first error */
    struct err *err;      /* borrowed */
};

/* Each takes the next column; `column` names it for the sentence. */
struct text row_text(struct row *row);
struct text row_blob(struct row *row);
int64_t row_i64(struct row *row);
double row_f64(struct row *row);
uint32_t row_u32(struct row *row, const char *column);
int row_within(struct row *row, const char *column, int max); /* 0 to max */
struct id row_id(struct row *row, const char *column);
struct id row_id_or_none(struct row *row, const char *column);
struct text row_word(struct row *row, const char *column, const char *const *words, size_t n); /* one of n words */

/* The reader of a record that is one int64_t. */
void row_read_i64(struct row *row, void *ret_record);

/* The column that was read last cannot be: for readers with tests of their own. */
void row_damaged(struct row *row, const char *column);

/* --- many rows ------------------------------------------------------------------------------------------------------ */

/* Bytes of the largest record. */
#define RECORD_MAX 512

struct row_shape {
    const char *table;
    size_t size; /* of the record; at most RECORD_MAX */
    void (*read)(struct row *row, void *ret_record);
};

struct rows {
    struct row row;
    const struct row_shape *shape; /* static */
};

/* What goes wrong here is told by the first call below. */
struct rows rows_begin(struct db *db, const struct statement *statement, const struct db_value *values, size_t n,
                       const struct row_shape *shape, struct arena *arena, struct err *err);
void rows_end(struct rows *rows);

/* 1 with a record, 0 at the end, or an error. */
int rows_next(struct rows *rows, void *ret_record);

/* The one record that there is; E_NOT_FOUND with a sentence. */
int rows_only(struct rows *rows, void *ret_record);

/* All records, as an array in the arena that rows_begin was given. ret_array: the address of the pointer to the first one,
 * whatever the record's type. */
int rows_list(struct rows *rows, void *ret_array, size_t *ret_n);

/* Is there a row? */
int rows_any(struct db *db, const struct statement *statement, const struct db_value *values, size_t n, bool *ret_any,
             struct err *err);

#endif

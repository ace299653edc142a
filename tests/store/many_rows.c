/* tests/store/many_rows.c
 *
 * Rows made by the databases themselves: one SELECT a table, from the numbers 1 to MANY_ROWS.
 */
#include "store/many_rows.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "lib/check.h"

/* An id of ours, of the number k below ten millions; k has five rows where it is i / 5. */
#define ID(k)   "'01MANY000000000000' || CAST(10000000 + " k " AS TEXT)"
#define WORD    "'w' || CAST(i AS TEXT)"
#define BYTES   "CAST(CAST(i AS TEXT) AS BLOB)"                                          /* BYTEA on PostgreSQL */
#define HASH    "CAST('made up, not of any key ' || CAST(10000000 + i AS TEXT) AS BLOB)" /* 32 bytes */
#define LATER   "4000000000000 + i" /* milliseconds; long after the scenario */
#define OWNER   ID("i / 5")
#define PROFILE "'did:many:' || CAST(i AS TEXT)"

static const struct {
    const char *table;
    const char *columns; /* of one row */
} tables[] = {
    {"server", WORD ", ''"},
    {"community", ID("i") ", " WORD ", '', 'open', i"},
    {"member", ID("i") ", " WORD ", " WORD ", i, 'terminal', i, i"},
    {"membership", ID("i / 5") ", " ID("i") ", 'member', i"},
    {"import", ID("i") ", " OWNER ", " OWNER ", 'done', i, i, '[]'"},
    {"follow_set", OWNER ", 'following', " WORD ", '', 1, " BYTES ", " ID("i") ", i"},
    {"x_chunk", "10 * i, 10, " BYTES},
    {"fact_set", ID("i") ", " OWNER ", '', 1, i, " BYTES},
    {"x_public", "i, " WORD ", '', '', '', '', 0, 0, i, 'roster', " OWNER},
    {"same_as", "i / 5, i, '2024-01-01', '2024-02-01', ''"},
    {"profile", "'bluesky', " PROFILE ", " WORD ", '', '', '', i, i, i, i, 0, 1, i"},
    {"lookup", "'bluesky', i / 5, i, 'found', '', i, i, 0"},
    {"pair", OWNER ", i / 5, 'bluesky', " PROFILE ", 'likely', 0.5, 1, '[]', 1, "
                   "CASE WHEN i % 100 = 0 THEN " ID("i") " ELSE '' END, i, i"},
    {"opt_out", HASH ", i"},
    {"shield", HASH ", " OWNER},
    {"sealed", ID("i") ", 'blocks', i, " BYTES ", " LATER},
    {"batch", ID("i") ", " OWNER ", " OWNER ", 'bluesky', 'did:own:' || CAST(i / 5 AS TEXT), '', 'done', 'follow', '', "
                      "'brisk', '', i, i, i"},
    {"batch_item", OWNER ", i, i / 5, " PROFILE ", " WORD ", 'done', '', i, i, 0"},
    {"wish", ID("i") ", 'keep-looking', " LATER},
};

static void run(struct db *db, const char *sql)
{
    struct err err = {0};
    if (db_script(db, text_of(sql), &err) != 0)
        fail_msg("%s: %s", sql, err.text);
}

/* PostgreSQL's word for bytes in place of SQLite's. */
static void put_text(struct db *db, struct buf *sql, struct text text)
{
    size_t at;
    if (db_kind(db) == DB_POSTGRES)
        for (; (at = text_find(text, TEXT("BLOB"), 0)) < text.len; text = text_slice(text, at + 4, text.len)) {
            assert_int_equal(buf_add(sql, text_slice(text, 0, at)), 0);
            assert_int_equal(buf_add(sql, TEXT("BYTEA")), 0);
        }
    assert_int_equal(buf_add(sql, text), 0);
}

static void put_rows(struct db *db, const char *table, const char *columns)
{
    CLEANUP(buf_release) struct buf sql;
    buf_init(&sql, 64 * KIB);
    assert_int_equal(buf_printf(&sql, "INSERT INTO %s SELECT ", table), 0);
    put_text(db, &sql, text_of(columns));
    assert_int_equal(buf_printf(&sql, " FROM number_to_many"), 0);
    run(db, buf_string(&sql));
}

void many_rows_put(struct db *db)
{
    char sql[256];
    struct err err = {0};
    assert_int_equal(db_begin(db, &err), 0);
    run(db, "CREATE TABLE number_to_many (i BIGINT)");
    snprintf(sql, sizeof sql,
             "INSERT INTO number_to_many WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
             "SELECT i FROM n",
             MANY_ROWS);
    run(db, sql);
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        put_rows(db, tables[i].table, tables[i].columns);
    run(db, "DROP TABLE number_to_many");
    assert_int_equal(db_commit(db, &err), 0);
    run(db, db_kind(db) == DB_SQLITE ? "ANALYZE" : "VACUUM ANALYZE");
}

/* tests/store/plan.c
 *
 * Asking for plans, and reading them.
 */
#include "store/plan.h"

#include "base/cleanup.h"
#include "base/limits.h"
#include "lib/check.h"

/* --- the question ---------------------------------------------------------------------------------------------------- */

static const char *type_word(enum db_type type)
{
    switch (type) {
    case DB_I64:
        return "BIGINT";
    case DB_F64:
        return "DOUBLE PRECISION";
    case DB_TEXT:
        return "TEXT";
    case DB_BLOB:
        return "BYTEA";
    case DB_NULL:
        break;
    }
    return "UNKNOWN";
}

static void add_quoted(struct buf *sql, struct text text)
{
    buf_add_byte(sql, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '\'')
            buf_add_byte(sql, '\'');
        buf_add_byte(sql, text.data[i]);
    }
    buf_add_byte(sql, '\'');
}

static void add_literal(struct buf *sql, const struct db_value *value)
{
    switch (value->type) {
    case DB_NULL:
        buf_printf(sql, "NULL");
        return;
    case DB_I64: /* quoted: the smallest has no plain form */
        buf_printf(sql, "'%lld'", (long long)value->i64);
        return;
    case DB_F64:
        buf_printf(sql, "%.17g", value->f64);
        return;
    case DB_TEXT:
        add_quoted(sql, value->bytes);
        return;
    case DB_BLOB:
        buf_printf(sql, "'\\x");
        for (size_t i = 0; i < value->bytes.len; i++)
            buf_printf(sql, "%02x", (unsigned char)value->bytes.data[i]);
        buf_add_byte(sql, '\'');
        return;
    }
}

static void must(int failed, const struct recorded *run, const struct err *err)
{
    if (failed)
        fail_msg("%s: %s", run->statement->name, err->text);
}

/* PREPARE of the statement, and the text that explains its execution. */
static void prepare(struct db *db, const struct recorded *run, struct buf *sql)
{
    struct err err = {0};
    buf_printf(sql, "SET LOCAL plan_cache_mode = force_generic_plan; PREPARE explained");
    for (size_t i = 0; i < run->n; i++)
        buf_printf(sql, "%s%s%s", i == 0 ? " (" : ", ", type_word(run->values[i].type), i + 1 == run->n ? ")" : "");
    buf_printf(sql, " AS %s", run->statement->sql);
    must(db_script(db, buf_text(sql), &err), run, &err);
    buf_clear(sql);
    buf_printf(sql, "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF, SUMMARY OFF) EXECUTE explained");
    for (size_t i = 0; i < run->n; i++) {
        buf_printf(sql, i == 0 ? " (" : ", ");
        add_literal(sql, &run->values[i]);
    }
    buf_printf(sql, run->n > 0 ? ")" : "");
}

static void ask(struct plan *plan, struct db *db, const struct recorded *run)
{
    CLEANUP(buf_release) struct buf sql;
    struct err err = {0};
    struct db_rows *rows;
    bool sqlite = db_kind(db) == DB_SQLITE;
    buf_init(&sql, MIB);
    if (sqlite)
        buf_printf(&sql, "EXPLAIN QUERY PLAN %s", run->statement->sql);
    else
        prepare(db, run, &sql);
    const struct statement *question = recorder_keep(recorder_of(db), run->statement->name, buf_string(&sql));
    must(db_query(db, question, run->values, sqlite ? run->n : 0, &rows, &err), run, &err);
    int result;
    while ((result = db_next(rows, &err)) == 1)
        buf_printf(&plan->text, "    %.*s\n", TEXT_ARG(db_get_text(rows, sqlite ? 3 : 0)));
    db_done(rows);
    must(result, run, &err);
}

/* --- the answer ------------------------------------------------------------------------------------------------------- */

/* The number behind `word`; 0: it is not there. */
static int64_t number_behind(struct text line, struct text word)
{
    int64_t number = 0;
    size_t at = text_find(line, word, 0);
    for (at += word.len; at < line.len && byte_is_digit(line.data[at]); at++)
        number = 10 * number + (line.data[at] - '0');
    return number;
}

static bool holds(struct text line, const char *word)
{
    return text_find(line, text_of(word), 0) < line.len;
}

/* The first line of buffers is the whole statement's; what planning took stands behind it, and is asked for once. */
static void read_answer(struct plan *plan)
{
    struct text rest = buf_text(&plan->text);
    struct text line;
    bool counted = false;
    while (text_cut(&rest, '\n', &line)) {
        plan->scans |= holds(line, "SCAN ") || holds(line, "Seq Scan");
        counted |= holds(line, "Planning");
        if (counted || !holds(line, "Buffers: "))
            continue;
        plan->buffers = number_behind(line, TEXT("hit=")) + number_behind(line, TEXT("read="));
        counted = true;
    }
}

void plan_make(struct plan *plan, struct db *db, const struct recorded *run)
{
    struct err err = {0};
    *plan = (struct plan){.scans = false};
    buf_init(&plan->text, MIB);
    must(db_begin(db, &err), run, &err);
    ask(plan, db, run);
    db_rollback(db);
    if (db_kind(db) == DB_POSTGRES)
        must(db_script(db, TEXT("DEALLOCATE explained"), &err), run, &err);
    read_answer(plan);
}

void plan_release(struct plan *plan)
{
    buf_release(&plan->text);
}

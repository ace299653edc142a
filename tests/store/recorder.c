/* tests/store/recorder.c
 *
 * Noting what goes through a driver.
 */
#include "store/recorder.h"

#include "base/limits.h"
#include "lib/check.h"

struct recorder *recorder_of(const struct db *db)
{
    return (struct recorder *)(uintptr_t)db->driver;
}

const struct recorded *recorder_find(const struct recorder *recorder, const struct statement *statement)
{
    for (size_t i = 0; i < recorder->n; i++)
        if (recorder->runs[i].statement == statement)
            return &recorder->runs[i];
    return NULL;
}

const struct statement *recorder_keep(struct recorder *recorder, const char *name, const char *sql)
{
    struct statement *kept = arena_alloc(&recorder->arena, 1, sizeof *kept);
    assert_non_null(kept);
    *kept = (struct statement){.name = arena_printf(&recorder->arena, "%s", name),
                               .sql = arena_printf(&recorder->arena, "%s", sql)};
    assert_non_null(kept->sql);
    return kept;
}

/* Statements of tests are nothing to be noted. */
static bool is_the_stores(const struct statement *statement)
{
    const struct statement *const *at;
    const struct statement *const *end;
    for (statements_all(&at, &end); at < end; at++)
        if (*at == statement)
            return true;
    return false;
}

static void note(struct recorder *recorder, const struct db_prepared *prepared, const struct db_value *values)
{
    if (!is_the_stores(prepared->statement) || recorder_find(recorder, prepared->statement))
        return;
    assert_true(recorder->n < RECORDED_MAX);
    struct recorded *run = &recorder->runs[recorder->n++];
    *run = (struct recorded){.statement = prepared->statement, .n = prepared->n};
    for (size_t i = 0; i < run->n; i++) {
        run->values[i] = values[i];
        assert_true(arena_text(&recorder->arena, values[i].bytes, &run->values[i].bytes));
    }
}

static int run(struct db *db, struct db_prepared *prepared, const struct db_value *values, int64_t *ret_changed,
               struct err *err)
{
    struct recorder *recorder = recorder_of(db);
    note(recorder, prepared, values);
    int failed = recorder->behind->run(db, prepared, values, ret_changed, err);
    buf_printf(&recorder->lines, "%s: %lld written\n", prepared->statement->name,
               failed ? (long long)failed : (long long)*ret_changed);
    return failed;
}

static int query(struct db *db, struct db_prepared *prepared, const struct db_value *values, struct err *err)
{
    struct recorder *recorder = recorder_of(db);
    note(recorder, prepared, values);
    recorder->rows = 0;
    return recorder->behind->query(db, prepared, values, err);
}

static int next(struct db *db, struct err *err)
{
    struct recorder *recorder = recorder_of(db);
    int result = recorder->behind->next(db, err);
    recorder->rows += result == 1;
    return result;
}

static void done(struct db *db)
{
    struct recorder *recorder = recorder_of(db);
    buf_printf(&recorder->lines, "%s: %zu rows\n", db->rows.prepared->statement->name, recorder->rows);
    recorder->behind->done(db);
}

void recorder_start(struct recorder *recorder, struct db *db)
{
    *recorder = (struct recorder){.driver = *db->driver, .behind = db->driver};
    arena_init(&recorder->arena, 16 * MIB);
    buf_init(&recorder->lines, 16 * MIB);
    recorder->driver.run = run;
    recorder->driver.query = query;
    recorder->driver.next = next;
    recorder->driver.done = done;
    db->driver = &recorder->driver;
}

void recorder_end(struct recorder *recorder, struct db *db)
{
    db->driver = recorder->behind;
    db_close(db);
    arena_release(&recorder->arena);
    buf_release(&recorder->lines);
}

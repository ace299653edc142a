/* bridge/store/schema.c
 *
 * The runner of the schema's steps.
 */
#include "store/schema.h"

#include "base/log.h"
#include "store/driver.h"
#include "store/rows.h"
#include "store/store.h"

#include <sodium.h>

/* Hexadecimal digits of a step's hash, with their end. */
#define HASH_BYTES 16
#define HASH_TEXT  (2 * HASH_BYTES + 1)

const struct schema_text *schema_texts(enum db_kind kind)
{
    switch (kind) {
    case DB_SQLITE:
        return schema_sqlite;
    case DB_POSTGRES:
        return schema_postgres;
    }
    return NULL;
}

static void hash_text(const struct schema_text *text, char ret_hash[HASH_TEXT])
{
    unsigned char hash[HASH_BYTES];
    struct text sql = text_of(text->sql);
    crypto_generichash(hash, sizeof hash, (const unsigned char *)sql.data, sql.len, NULL, 0);
    sodium_bin2hex(ret_hash, HASH_TEXT, hash, sizeof hash);
}

/* --- what a database has ------------------------------------------------------------------------------------------- */

/* Each asks its own catalogue, so they are not among the statements that run on both databases. */
static const struct statement find_table[] = {
    [DB_SQLITE] = {.name = "schema_find_table",
                   .sql = "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema_step'"},
    [DB_POSTGRES] = {.name = "schema_find_table", .sql = "SELECT COUNT(to_regclass('schema_step'))"},
};

static int has_table(struct db *db, bool *ret_has, struct err *err)
{
    struct db_rows *rows;
    int result = db_query(db, &find_table[db_kind(db)], NULL, 0, &rows, err);
    if (result)
        return result;
    result = db_next(rows, err);
    if (result == 1)
        *ret_has = db_get_i64(rows, 0) > 0;
    db_done(rows);
    return result < 0 ? result : 0;
}

STATEMENT(schema_applied, "SELECT number, name, hash, applied_ms FROM schema_step ORDER BY number",
          .scans = "a row for each step");

static int unknown_step(struct text name, const struct schema_text *last, struct err *err)
{
    return err_set(
        err, E_FORBIDDEN,
        "the database was made by a newer Skein: it has the step %.*s, and this one knows them up to %s; use "
        "the newer one, or restore a backup from before it",
        TEXT_ARG(name), last ? last->name : "none");
}

static int other_step(struct text name, const struct schema_text *text, struct err *err)
{
    return err_set(err, E_FORBIDDEN,
                   "the database was made by another build of Skein: its step %.*s is not this one's %s; use the build "
                   "that made it",
                   TEXT_ARG(name), text->name);
}

/* Compares the row under `rows` with the step that it should be; NULL: there is none any more. */
static int compare_step(const struct db_rows *rows, const struct schema_text *text, const struct schema_text *last,
                        struct err *err)
{
    char hash[HASH_TEXT];
    struct text name = db_get_text(rows, 1);
    if (!text)
        return unknown_step(name, last, err);
    hash_text(text, hash);
    if (db_get_i64(rows, 0) != text->number || !text_equal(name, text_of(text->name)) ||
        !text_equal(db_get_text(rows, 2), text_of(hash)))
        return other_step(name, text, err);
    return 0;
}

/* Steps that were applied, which must be the first of `texts`. The times of the first `max` go into ret_steps. */
static int read_applied(struct db *db, const struct schema_text *texts, struct schema_step *ret_steps, size_t max,
                        size_t *ret_n, struct err *err)
{
    struct db_rows *rows;
    size_t n = 0;
    int result = db_query(db, &schema_applied, NULL, 0, &rows, err);
    if (result)
        return result;
    for (result = db_next(rows, err); result == 1; result = db_next(rows, err)) {
        bool ours = texts[n].number != 0;
        int failed = compare_step(rows, ours ? &texts[n] : NULL, n > 0 ? &texts[n - 1] : NULL, err);
        if (failed) {
            result = failed;
            break;
        }
        if (n < max)
            ret_steps[n].applied_ms = db_get_i64(rows, 3);
        n++;
    }
    db_done(rows);
    *ret_n = n;
    return result;
}

int schema_check(struct db *db, const struct schema_text *texts, struct err *err)
{
    bool has;
    size_t n = 0;
    int failed = has_table(db, &has, err);
    if (failed)
        return failed;
    if (has)
        failed = read_applied(db, texts, NULL, 0, &n, err);
    if (failed)
        return failed;
    if (n == 0)
        return err_set(err, E_NOT_FOUND, "nothing has been stored yet");
    if (texts[n].number != 0)
        return err_set(err, E_FORBIDDEN,
                       "the database is of an older Skein: it lacks the step %s; start the server, or a command that "
                       "stores something, and it is brought up to date",
                       texts[n].name);
    return 0;
}

/* --- applying ------------------------------------------------------------------------------------------------------ */

#define MAKE_TABLE                                                                                                     \
    "CREATE TABLE schema_step (number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL, "           \
    "applied_ms BIGINT NOT NULL)"

STATEMENT(schema_note, "INSERT INTO schema_step (number, name, hash, applied_ms) VALUES ($1, $2, $3, $4)");

struct applying {
    const struct schema_text *text;
    int64_t now_ms;
};

static int apply(struct db *db, void *context, struct err *err)
{
    const struct applying *applying = context;
    const struct schema_text *text = applying->text;
    char hash[HASH_TEXT];
    hash_text(text, hash);
    int failed = db_script(db, text_of(text->sql), err);
    if (failed)
        return failed;
    return db_run(
        db, &schema_note,
        VALUES(db_i64(text->number), db_text(text_of(text->name)), db_text(text_of(hash)), db_i64(applying->now_ms)),
        NULL, err);
}

int schema_update(struct db *db, const struct schema_text *texts, const struct clock *clock, struct err *err)
{
    bool has;
    size_t n = 0;
    int failed = has_table(db, &has, err);
    if (!failed && !has)
        failed = db_script(db, TEXT(MAKE_TABLE), err);
    if (!failed)
        failed = read_applied(db, texts, NULL, 0, &n, err);
    for (; !failed && texts[n].number != 0; n++) {
        struct applying applying = {.text = &texts[n], .now_ms = clock_wall(clock)};
        failed = db_transact(db, apply, &applying, err);
        if (failed)
            err_prefix(err, "the schema's step %s: ", texts[n].name);
        else
            log_line(LOG_INFO, "store", "the schema's step %s was applied", texts[n].name);
    }
    return failed;
}

/* --- for people ----------------------------------------------------------------------------------------------------- */

int store_schema(struct db *db, struct schema_step *ret_steps, size_t max, size_t *ret_n, struct err *err)
{
    const struct schema_text *texts = schema_texts(db_kind(db));
    size_t applied = 0;
    size_t n = 0;
    bool has;
    for (; texts[n].number != 0 && n < max; n++)
        ret_steps[n] = (struct schema_step){.number = texts[n].number, .name = texts[n].name};
    int failed = has_table(db, &has, err);
    if (!failed && has)
        failed = read_applied(db, texts, ret_steps, n, &applied, err);
    if (!failed)
        *ret_n = n;
    return failed;
}

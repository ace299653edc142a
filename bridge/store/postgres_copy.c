/* bridge/store/postgres_copy.c
 *
 * Is everything in the database readable, and a copy of it that needs no PostgreSQL.
 *
 * A backup is a SQLite file with the same tables, whatever the database: there is one kind of backup to keep, to look at
 * and to restore, and it is also the way from the one database to the other. Damage of indexes is pg_amcheck's subject,
 * which wants an extension that only an administrator can install.
 */
#include "store/postgres.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "store/schema.h"
#include "store/sqlite.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

/* Names of all tables and columns, and the statements made of them. */
#define NAMES_MAX MIB
#define SQL_MAX   (16 * KIB)

struct names {
    struct text *names;
    size_t n;
};

/* The first column of a query, kept. */
static int read_names(struct db *db, const struct statement *statement, const struct db_value *values, size_t n,
                      struct arena *arena, struct names *ret_names, struct err *err)
{
    struct db_rows *rows;
    struct names list = {0};
    int result = db_query(db, statement, values, n, &rows, err);
    if (result)
        return result;
    for (result = db_next(rows, err); result == 1; result = db_next(rows, err)) {
        struct text *grown = arena_grow(arena, list.names, list.n, sizeof *list.names);
        if (!grown || !arena_text(arena, db_get_text(rows, 0), &grown[list.n])) {
            result = err_set(err, E_NOMEM, "no memory for the names of tables");
            break;
        }
        list.names = grown;
        list.n++;
    }
    db_done(rows);
    *ret_names = list;
    return result;
}

/* Reading everything takes as long as it takes; until the end of the transaction. */
#define PATIENCE "SET LOCAL statement_timeout = 0"

/* --- check ---------------------------------------------------------------------------------------------------------- */

static bool is_damage(const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    return state && (strcmp(state, "XX001") == 0 || strcmp(state, "XX002") == 0);
}

/* Lets the server send a whole table, and passes over it. The answer that ends it; the caller's to clear. */
static PGresult *read_through(struct postgres *self, struct text table)
{
    char sql[256];
    char *row;
    snprintf(sql, sizeof sql, "COPY public.%.*s TO STDOUT (FORMAT BINARY)", TEXT_ARG(table));
    PGresult *begun = PQexec(self->connection, sql);
    if (PQresultStatus(begun) != PGRES_COPY_OUT)
        return begun;
    PQclear(begun);
    while (PQgetCopyData(self->connection, &row, 0) > 0)
        PQfreemem(row);
    PGresult *last = NULL;
    for (PGresult *next = PQgetResult(self->connection); next; next = PQgetResult(self->connection)) {
        PQclear(last);
        last = next;
    }
    return last;
}

static int begin_long(struct db *db, struct err *err)
{
    int failed = postgres_begin(db, err);
    return failed ? failed : postgres_exec(postgres_of(db), PATIENCE, err);
}

static int check_table(struct db *db, struct text table, void (*found)(void *context, const char *sentence),
                       void *context, struct err *err)
{
    struct postgres *self = postgres_of(db);
    struct err cause = {0};
    int failed = begin_long(db, err);
    if (failed)
        return failed;
    CLEANUP(PQclear_at) PGresult *result = read_through(self, table);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        failed = postgres_failure(self, result, &cause);
    postgres_rollback(db);
    if (!failed)
        return 0;
    err_prefix(&cause, "the table %.*s: ", TEXT_ARG(table));
    if (!is_damage(result))
        return err_set(err, failed < 0 ? failed : E_BUSY, "%s", cause.text);
    found(context, cause.text);
    return 0;
}

static const struct statement readable_tables = {
    .name = "check_tables",
    .sql = "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' "
           "AND has_table_privilege(quote_ident(schemaname) || '.' || quote_ident(tablename), 'SELECT') ORDER BY 1"};

int postgres_check(struct db *db, void (*found)(void *context, const char *sentence), void *context, struct err *err)
{
    struct names tables;
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena, NAMES_MAX);
    int failed = read_names(db, &readable_tables, NULL, 0, &arena, &tables, err);
    for (size_t i = 0; !failed && i < tables.n; i++)
        failed = check_table(db, tables.names[i], found, context, err);
    return failed;
}

/* --- backup --------------------------------------------------------------------------------------------------------- */

/* The copy has exactly our tables; the steps of its schema are SQLite's, and stand there already. */
static const struct statement our_tables = {
    .name = "backup_tables",
    .sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' "
           "AND name <> 'schema_step' ORDER BY name"};

static const struct statement columns_of = {
    .name = "backup_columns",
    .sql = "SELECT CAST(column_name AS TEXT) FROM information_schema.columns "
           "WHERE table_schema = 'public' AND table_name = $1 ORDER BY ordinal_position"};

static int copy_statements(const struct names *columns, struct text table, struct arena *arena,
                           struct statement ret_statements[2], struct err *err)
{
    CLEANUP(buf_release) struct buf names;
    CLEANUP(buf_release) struct buf parameters;
    buf_init(&names, SQL_MAX);
    buf_init(&parameters, SQL_MAX);
    for (size_t i = 0; i < columns->n; i++) {
        buf_printf(&names, "%s\"%.*s\"", i > 0 ? ", " : "", TEXT_ARG(columns->names[i]));
        buf_printf(&parameters, "%s$%zu", i > 0 ? ", " : "", i + 1);
    }
    const char *select = arena_printf(arena, "SELECT %s FROM \"%.*s\"", buf_string(&names), TEXT_ARG(table));
    const char *insert = arena_printf(arena, "INSERT INTO \"%.*s\" (%s) VALUES (%s)", TEXT_ARG(table),
                                      buf_string(&names), buf_string(&parameters));
    const char *name = arena_printf(arena, "backup of %.*s", TEXT_ARG(table));
    if (!select || !insert || !name || names.failed || parameters.failed)
        return err_set(err, E_NOMEM, "no memory for the names of columns");
    ret_statements[0] = (struct statement){.name = name, .sql = select};
    ret_statements[1] = (struct statement){.name = name, .sql = insert};
    return 0;
}

static int copy_rows(struct db *from, struct db *to, const struct statement statements[2], size_t n_columns,
                     struct err *err)
{
    struct db_value values[DB_PARAMETERS_MAX];
    struct db_rows *rows;
    int result = db_query(from, &statements[0], NULL, 0, &rows, err);
    if (result)
        return result;
    for (result = db_next(rows, err); result == 1; result = db_next(rows, err)) {
        for (size_t i = 0; i < n_columns; i++)
            values[i] = postgres_value(postgres_of(from), (int)i);
        int failed = db_run(to, &statements[1], values, n_columns, NULL, err);
        if (failed) {
            result = failed;
            break;
        }
    }
    db_done(rows);
    return result;
}

/* The statements live as long as the connections that prepared them: in the arena. */
static int copy_table(struct db *from, struct db *to, struct text table, struct arena *arena, struct err *err)
{
    struct db_value key[] = {db_text(table)};
    struct statement *statements = ARENA_ARRAY(arena, struct statement, 2);
    struct names columns;
    if (!statements)
        return err_set(err, E_NOMEM, "no memory for statements");
    int failed = read_names(from, &columns_of, key, 1, arena, &columns, err);
    if (!failed && (columns.n == 0 || columns.n > DB_PARAMETERS_MAX))
        failed = err_set(err, E_BUG, "the table %.*s has %zu columns", TEXT_ARG(table), columns.n);
    if (!failed)
        failed = copy_statements(&columns, table, arena, statements, err);
    return failed ? failed : copy_rows(from, to, statements, columns.n, err);
}

static int copy_all(struct db *from, struct db *to, struct arena *arena, struct err *err)
{
    struct names tables;
    int failed = schema_check(from, schema_postgres, err);
    if (!failed)
        failed = schema_update(to, schema_sqlite, &clock_system, err);
    if (!failed)
        failed = read_names(to, &our_tables, NULL, 0, arena, &tables, err);
    if (!failed)
        failed = db_begin(from, err);
    if (!failed)
        failed = postgres_exec(postgres_of(from), PATIENCE, err);
    if (!failed)
        failed = db_begin(to, err);
    for (size_t i = 0; !failed && i < tables.n; i++)
        failed = copy_table(from, to, tables.names[i], arena, err);
    return failed ? failed : db_commit(to, err);
}

static void remove_copy(const char *path)
{
    static const char *const endings[] = {"", "-wal", "-shm"};
    char name[PATH_MAX];
    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        snprintf(name, sizeof name, "%s%s", path, endings[i]);
        unlink(name);
    }
}

/* On a connection of its own, whose one transaction sees one state of everything. */
int postgres_backup(struct db *db, const char *path, struct err *err)
{
    struct db *from = NULL;
    struct db *to = NULL;
    char address[PATH_MAX + 16];
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena, NAMES_MAX);
    if (access(path, F_OK) == 0)
        return err_set(err, E_BAD_INPUT, "%s is there already", path);
    snprintf(address, sizeof address, SQLITE_STARTS "%s", path);
    int failed = db_open(text_of(postgres_of(db)->address), DB_READER, &from, err);
    if (!failed)
        failed = db_open(text_of(address), DB_WRITER, &to, err);
    if (!failed)
        failed = copy_all(from, to, &arena, err);
    db_close(from);
    db_close(to);
    if (failed && to)
        remove_copy(path);
    return failed;
}

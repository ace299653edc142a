/* bridge/store/postgres.c
 *
 * PostgreSQL behind driver.h: statements and rows.
 *
 * Values travel in binary and name their types, so that a statement means the same whatever the server would guess. Types
 * are known when values are, so a statement is prepared at its first run; it is prepared again where a parameter comes as
 * another type, or on a new connection. Rows are taken one by one as they arrive: a table of any size streams.
 */
#include "store/postgres.h"

#include "base/limits.h"
#include "loop/op.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

/* Types by their numbers (PostgreSQL's pg_type.dat): they are the same in every database. */
enum {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_FLOAT8 = 701,
    OID_VARCHAR = 1043,
};

/* The server takes messages and values of less than 1 GiB (MaxAllocSize); this leaves room for what is around one. */
#define VALUE_MAX (GIB - MIB)

/* --- preparing ------------------------------------------------------------------------------------------------------ */

struct prepared {
    uint64_t life;  /* of the connection on which it exists; 0: on none */
    uint32_t index; /* of the statement on the connection */
    unsigned variant;
    char name[32];
    Oid types[DB_PARAMETERS_MAX]; /* 0: only NULL was given so far, the server decides */
    int columns;
};

static Oid type_of(enum db_type type)
{
    switch (type) {
    case DB_NULL:
        return 0;
    case DB_I64:
        return OID_INT8;
    case DB_F64:
        return OID_FLOAT8;
    case DB_TEXT:
        return OID_TEXT;
    case DB_BLOB:
        return OID_BYTEA;
    }
    return 0;
}

static bool is_readable(Oid type)
{
    return type == OID_INT8 || type == OID_TEXT || type == OID_BYTEA || type == OID_FLOAT8 || type == OID_INT4 ||
           type == OID_INT2 || type == OID_BOOL || type == OID_VARCHAR;
}

static int postgres_prepare(struct db *db, struct db_prepared *prepared, uint32_t index, struct err *err)
{
    (void)db;
    struct prepared *made = calloc(1, sizeof *made);
    if (!made)
        return err_set(err, E_NOMEM, "no memory for a statement");
    made->index = index;
    prepared->handle = made;
    return 0;
}

/* On the server it goes with the session. */
static void postgres_forget(struct db *db, struct db_prepared *prepared)
{
    (void)db;
    free(prepared->handle);
}

/* Looks at the columns: SUM of BIGINT, say, would be NUMERIC. */
static int describe(struct postgres *self, struct prepared *made, struct err *err)
{
    CLEANUP(PQclear_at) PGresult *result = PQdescribePrepared(self->connection, made->name);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        return postgres_failure(self, result, err);
    made->columns = PQnfields(result);
    for (int i = 0; i < made->columns; i++)
        if (!is_readable(PQftype(result, i)))
            return err_set(err, E_BUG,
                           "PostgreSQL gives its column %s a type that db.h does not know: write CAST(... AS BIGINT), "
                           "DOUBLE PRECISION, TEXT or BYTEA",
                           PQfname(result, i));
    return 0;
}

static int prepare_now(struct postgres *self, const struct db_prepared *prepared, struct err *err)
{
    struct prepared *made = prepared->handle;
    char sql[64];
    if (made->life == self->life) {
        snprintf(sql, sizeof sql, "DEALLOCATE %s", made->name);
        int failed = postgres_exec(self, sql, err);
        if (failed)
            return failed;
    }
    made->life = 0;
    snprintf(made->name, sizeof made->name, "s%u_%u", (unsigned)made->index, made->variant++);
    postgres_begins(self);
    CLEANUP(PQclear_at)
    PGresult *result = PQprepare(self->connection, made->name, prepared->statement->sql, (int)prepared->n, made->types);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        return postgres_failure(self, result, err);
    int failed = describe(self, made, err);
    if (!failed)
        made->life = self->life;
    return failed;
}

/* Prepared on this connection, with the types of these values. */
static int statement_ready(struct postgres *self, const struct db_prepared *prepared, const struct db_value *values,
                           struct err *err)
{
    struct prepared *made = prepared->handle;
    bool same = true;
    if (!self->db.open) {
        int failed = postgres_ready(self, err);
        if (failed)
            return failed;
    }
    for (size_t i = 0; i < prepared->n; i++) {
        Oid type = type_of(values[i].type);
        if (type == 0 || type == made->types[i])
            continue;
        made->types[i] = type;
        same = false;
    }
    return same && made->life == self->life ? 0 : prepare_now(self, prepared, err);
}

/* --- parameters ----------------------------------------------------------------------------------------------------- */

struct bound {
    const char *data[DB_PARAMETERS_MAX]; /* borrowed; NULL: NULL */
    int lengths[DB_PARAMETERS_MAX];
    int formats[DB_PARAMETERS_MAX];      /* 1: binary */
    uint64_t numbers[DB_PARAMETERS_MAX]; /* as they travel: big-endian */
};

static void bind_number(struct bound *bound, size_t i, uint64_t number)
{
    bound->numbers[i] = htobe64(number);
    bound->data[i] = (const char *)&bound->numbers[i];
    bound->lengths[i] = sizeof bound->numbers[i];
}

static void bind_one(struct bound *bound, size_t i, const struct db_value *value)
{
    uint64_t bits;
    bound->formats[i] = 1;
    switch (value->type) {
    case DB_NULL:
        bound->data[i] = NULL;
        bound->lengths[i] = 0;
        return;
    case DB_I64:
        bind_number(bound, i, (uint64_t)value->i64);
        return;
    case DB_F64:
        memcpy(&bits, &value->f64, sizeof bits);
        bind_number(bound, i, bits);
        return;
    case DB_TEXT:
    case DB_BLOB:
        bound->data[i] = value->bytes.data ? value->bytes.data : "";
        bound->lengths[i] = (int)value->bytes.len;
        return;
    }
}

static int bind_all(struct bound *bound, const struct db_value *values, size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        if ((values[i].type == DB_TEXT || values[i].type == DB_BLOB) && values[i].bytes.len > VALUE_MAX)
            return err_set(err, E_TOO_LARGE, "a value is larger than the database takes: $%zu has %zu bytes", i + 1,
                           values[i].bytes.len);
        bind_one(bound, i, &values[i]);
    }
    return 0;
}

/* --- running -------------------------------------------------------------------------------------------------------- */

static int postgres_run(struct db *db, struct db_prepared *prepared, const struct db_value *values,
                        int64_t *ret_changed, struct err *err)
{
    struct postgres *self = postgres_of(db);
    const struct prepared *made = prepared->handle;
    struct bound bound;
    int failed = statement_ready(self, prepared, values, err);
    if (!failed)
        failed = bind_all(&bound, values, prepared->n, err);
    if (failed)
        return failed;
    if (made->columns > 0)
        return err_set(err, E_BUG, "it gives rows: db_query");
    postgres_begins(self);
    CLEANUP(PQclear_at)
    PGresult *result =
        PQexecPrepared(self->connection, made->name, (int)prepared->n, bound.data, bound.lengths, bound.formats, 1);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        return postgres_failure(self, result, err);
    if (!text_to_i64(text_of(PQcmdTuples(result)), ret_changed))
        *ret_changed = 0; /* it was none that writes rows */
    return 0;
}

/* Takes what is still to come of the query, up to its end. */
static void drain(struct postgres *self)
{
    for (PGresult *rest = PQgetResult(self->connection); rest; rest = PQgetResult(self->connection))
        PQclear(rest);
}

/* What `result` says of the open query: 1 a row, 0 its end, or an error, after which nothing more comes either. */
static int look_at(struct postgres *self, const PGresult *result, struct err *err)
{
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_SINGLE_TUPLE)
        return 1;
    drain(self);
    self->at_end = true;
    return status == PGRES_TUPLES_OK ? 0 : postgres_failure(self, result, err);
}

/* The first answer is awaited here, so that what fails fails here, and what writes (RETURNING) has written. */
static int postgres_query(struct db *db, struct db_prepared *prepared, const struct db_value *values, struct err *err)
{
    struct postgres *self = postgres_of(db);
    const struct prepared *made = prepared->handle;
    struct bound bound;
    int failed = statement_ready(self, prepared, values, err);
    if (!failed)
        failed = bind_all(&bound, values, prepared->n, err);
    if (failed)
        return failed;
    if (made->columns == 0)
        return err_set(err, E_BUG, "it gives no rows: db_run");
    postgres_begins(self);
    if (!PQsendQueryPrepared(self->connection, made->name, (int)prepared->n, bound.data, bound.lengths, bound.formats,
                             1))
        return postgres_failure(self, NULL, err);
    PQsetSingleRowMode(self->connection);
    PGresult *first = PQgetResult(self->connection);
    self->at_end = false;
    failed = look_at(self, first, err);
    if (failed == 1) {
        self->ahead = first;
        return 0;
    }
    PQclear(first);
    return failed;
}

static void drop_row(struct postgres *self)
{
    PQclear(self->row);
    self->row = NULL;
}

static int postgres_next(struct db *db, struct err *err)
{
    struct postgres *self = postgres_of(db);
    drop_row(self);
    if (self->at_end)
        return 0;
    PGresult *result = self->ahead ? self->ahead : PQgetResult(self->connection);
    self->ahead = NULL;
    int found = look_at(self, result, err);
    if (found == 1) {
        self->row = result;
        return 1;
    }
    PQclear(result);
    /* OP_AGAIN is a positive number too, and would pass for a row. */
    return found > 0 ? err_set(err, E_BUSY, "the database asks to begin again") : found;
}

/* Rows that nobody wants any more are read to their end: a cancelled query would spoil the transaction. */
static void postgres_done(struct db *db)
{
    struct postgres *self = postgres_of(db);
    drop_row(self);
    PQclear(self->ahead);
    self->ahead = NULL;
    if (!self->at_end)
        drain(self);
    self->at_end = true;
}

/* --- columns -------------------------------------------------------------------------------------------------------- */

static struct text column_bytes(const struct postgres *self, int column)
{
    return (struct text){PQgetvalue(self->row, 0, column), (size_t)PQgetlength(self->row, 0, column)};
}

static bool postgres_is_null(struct db *db, int column)
{
    return PQgetisnull(postgres_of(db)->row, 0, column);
}

/* Whole numbers of every width; 0 for NULL, which has no bytes. */
static int64_t read_whole(struct text bytes)
{
    uint64_t number = bytes.len > 0 && (bytes.data[0] & 0x80) && bytes.len > 1 ? UINT64_MAX : 0;
    for (size_t i = 0; i < bytes.len; i++)
        number = number << 8 | (unsigned char)bytes.data[i];
    return (int64_t)number;
}

static double read_double(struct text bytes)
{
    uint64_t bits = (uint64_t)read_whole(bytes);
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

static bool is_text(Oid type)
{
    return type == OID_TEXT || type == OID_VARCHAR;
}

struct db_value postgres_value(const struct postgres *self, int column)
{
    struct text bytes = column_bytes(self, column);
    Oid type = PQftype(self->row, column);
    if (PQgetisnull(self->row, 0, column))
        return db_null();
    if (is_text(type))
        return db_text(bytes);
    if (type == OID_BYTEA)
        return db_blob(bytes);
    return type == OID_FLOAT8 ? db_f64(read_double(bytes)) : db_i64(read_whole(bytes));
}

static int64_t postgres_get_i64(struct db *db, int column)
{
    struct db_value value = postgres_value(postgres_of(db), column);
    return value.type == DB_F64 ? (int64_t)value.f64 : value.i64;
}

static double postgres_get_f64(struct db *db, int column)
{
    struct db_value value = postgres_value(postgres_of(db), column);
    return value.type == DB_I64 ? (double)value.i64 : value.f64;
}

static struct text postgres_get_bytes(struct db *db, int column)
{
    return postgres_value(postgres_of(db), column).bytes;
}

/* --- scripts -------------------------------------------------------------------------------------------------------- */

/* A step of the schema may rewrite a large table: in a transaction of its own it gets the time that it needs. */
static int postgres_script(struct db *db, struct text sql, struct err *err)
{
    struct postgres *self = postgres_of(db);
    CLEANUP_FREE char *copy = strndup(sql.data ? sql.data : "", sql.len);
    if (!copy)
        return err_set(err, E_NOMEM, "no memory for a script");
    int failed = db->open ? postgres_exec(self, "SET LOCAL statement_timeout = 0", err) : postgres_ready(self, err);
    return failed ? failed : postgres_exec(self, copy, err);
}

const struct db_driver postgres_driver = {
    .kind = DB_POSTGRES,
    .starts = {"postgres://", "postgresql://"},
    .open = postgres_open,
    .close = postgres_close,
    .cancel = postgres_cancel,
    .begin = postgres_begin,
    .commit = postgres_commit,
    .rollback = postgres_rollback,
    .savepoint = postgres_savepoint,
    .release = postgres_release,
    .rollback_to = postgres_rollback_to,
    .in_transaction = postgres_in_transaction,
    .prepare = postgres_prepare,
    .forget = postgres_forget,
    .run = postgres_run,
    .query = postgres_query,
    .next = postgres_next,
    .done = postgres_done,
    .is_null = postgres_is_null,
    .get_i64 = postgres_get_i64,
    .get_f64 = postgres_get_f64,
    .get_text = postgres_get_bytes,
    .get_blob = postgres_get_bytes,
    .script = postgres_script,
    .own = postgres_own,
    .check = postgres_check,
    .backup = postgres_backup,
};

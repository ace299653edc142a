/* tests/power/sqlite_writer.c
 *
 * sqlite_writer: a store of its own that is as small as can be, to test the test of the power cut with.
 *
 * usage: sqlite_writer write FILE SYNCHRONOUS N     N commits; prints `i BYTES` after each: the record's length by then
 *        sqlite_writer check FILE N                 whole, and rows 1 to N, or one more, are there; says what is missing
 *
 * Rows have from 1 to 9,000 bytes; every seventh commit changes an older row, and the WAL is taken in every few commits, so
 * that cuts fall into checkpoints too.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void must(sqlite3 *db, int rc, const char *what)
{
    if (rc == SQLITE_OK || rc == SQLITE_ROW || rc == SQLITE_DONE)
        return;
    printf("%s: %s\n", what, sqlite3_errmsg(db));
    exit(EXIT_FAILURE);
}

static void run(sqlite3 *db, const char *sql)
{
    must(db, sqlite3_exec(db, sql, NULL, NULL, NULL), sql);
}

static long long record_bytes(void)
{
    struct stat status;
    const char *record = getenv("LOSE_LOG");
    return record && stat(record, &status) == 0 ? (long long)status.st_size : 0;
}

/* What row i holds after n commits: i, and how often it was changed, over and over. */
static void fill(char *bytes, int len, int i, int changes)
{
    for (int at = 0; at < len; at++)
        bytes[at] = (char)((i * 31 + changes * 7 + at) & 0xff);
}

static int len_of(int i)
{
    return 1 + i * 2654 % 9000;
}

/* Commit i also changes row i / 7, where i is a multiple of 7. */
static void put(sqlite3 *db, int i)
{
    char bytes[9001];
    sqlite3_stmt *statement;
    must(db, sqlite3_prepare_v2(db, "INSERT OR REPLACE INTO note VALUES (?, ?)", -1, &statement, NULL), "prepare");
    for (int changes = 0; changes <= (i % 7 == 0); changes++) {
        int row = changes ? i / 7 : i;
        fill(bytes, len_of(row), row, changes);
        sqlite3_bind_int(statement, 1, row);
        sqlite3_bind_blob(statement, 2, bytes, len_of(row), SQLITE_TRANSIENT);
        must(db, sqlite3_step(statement), "insert");
        sqlite3_reset(statement);
    }
    sqlite3_finalize(statement);
}

static int write_rows(const char *file, const char *synchronous, int n)
{
    sqlite3 *db;
    char pragma[64];
    must(NULL, sqlite3_open(file, &db), "open");
    run(db, "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 20");
    snprintf(pragma, sizeof pragma, "PRAGMA synchronous = %s", synchronous);
    run(db, pragma);
    run(db, "CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, bytes BLOB)");
    for (int i = 1; i <= n; i++) {
        run(db, "BEGIN IMMEDIATE");
        put(db, i);
        run(db, "COMMIT");
        printf("%d %lld\n", i, record_bytes());
        fflush(stdout);
    }
    return sqlite3_close(db) == SQLITE_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int check_whole(sqlite3 *db)
{
    sqlite3_stmt *statement;
    must(db, sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &statement, NULL), "prepare");
    must(db, sqlite3_step(statement), "integrity_check");
    const char *said = (const char *)sqlite3_column_text(statement, 0);
    int good = said && strcmp(said, "ok") == 0;
    if (!good)
        printf("integrity_check: %s\n", said ? said : "nothing");
    sqlite3_finalize(statement);
    return good;
}

static int check_rows(const char *file, int n)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    char bytes[9001];
    int rows = 0;
    must(NULL, sqlite3_open_v2(file, &db, SQLITE_OPEN_READWRITE, NULL), "open");
    run(db, "PRAGMA synchronous = OFF"); /* what is looked at is thrown away */
    if (!check_whole(db))
        return EXIT_FAILURE;
    int rc = sqlite3_prepare_v2(db, "SELECT id, bytes FROM note ORDER BY id", -1, &statement, NULL);
    must(db, n == 0 && rc == SQLITE_ERROR ? SQLITE_OK : rc, "prepare"); /* no table yet */
    for (; rc == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW; rows++) {
        int i = sqlite3_column_int(statement, 0);
        int len = sqlite3_column_bytes(statement, 1);
        int changed = i * 7 <= n || (i * 7 == n + 1 && sqlite3_column_bytes(statement, 1) > 0);
        fill(bytes, len_of(i), i, changed);
        int equal = len == len_of(i) && memcmp(bytes, sqlite3_column_blob(statement, 1), (size_t)len) == 0;
        if (!equal && i * 7 == n + 1) { /* commit n + 1 was under way: either is right */
            fill(bytes, len_of(i), i, 0);
            equal = memcmp(bytes, sqlite3_column_blob(statement, 1), (size_t)len) == 0;
        }
        if (i != rows + 1 || !equal) {
            printf("row %d is not as it was written\n", i);
            return EXIT_FAILURE;
        }
    }
    if (rows != n && rows != n + 1)
        printf("%d rows, %d were acknowledged\n", rows, n);
    return rows == n || rows == n + 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "write") == 0)
        return write_rows(argv[2], argv[3], (int)strtol(argv[4], NULL, 10));
    if (argc == 4 && strcmp(argv[1], "check") == 0)
        return check_rows(argv[2], (int)strtol(argv[3], NULL, 10));
    fprintf(stderr, "usage: sqlite_writer write FILE SYNCHRONOUS N | check FILE N\n");
    return 2;
}

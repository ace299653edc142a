/* bridge/store/backup.c
 *
 * Making a backup.
 *
 * The database is copied first (VACUUM INTO, which reads one state and holds nobody up), left-out.log after it: so the file
 * has a line for every row of the copy.
 */
#include "store/backup.h"

#include "archive/bundle.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/limits.h"
#include "store/inside.h"
#include "store/left_out_line.h"
#include "store/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int read_about(struct store *store, struct db *db, struct backup_about *ret_about, struct err *err)
{
    struct schema_step steps[SCHEMA_STEPS_MAX];
    size_t n;
    int failed = store_schema(db, steps, SCHEMA_STEPS_MAX, &n, err);
    if (failed)
        return failed;
    *ret_about = (struct backup_about){.made_ms = clock_wall(store->clock)};
    for (size_t i = 0; i < n; i++)
        if (steps[i].applied_ms != 0)
            ret_about->schema = steps[i].number;
    keys_fingerprint(store->keys, ret_about->fingerprint);
    return 0;
}

static int write_manifest(const struct backup_about *about, struct buf *out, struct err *err)
{
    char made[CLOCK_TEXT_MAX];
    clock_print(about->made_ms, made);
    CLEANUP_JSON json_t *manifest = json_pack("{ss ss sI ss}", "skein", SKEIN_VERSION, "made", made, "schema",
                                              (json_int_t)about->schema, "key_fingerprint", about->fingerprint);
    if (!manifest || json_write(manifest, out) < 0 || buf_add_byte(out, '\n') < 0)
        return err_set(err, E_NOMEM, "no memory for the backup's manifest");
    return 0;
}

/* An empty file of the right name is what SQLite's copy goes into, so that nobody else can read it meanwhile. */
static int copy_database(struct db *db, const char *path, struct err *err)
{
    if (db_kind(db) == DB_SQLITE) {
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0)
            return err_set_system(err, errno, "%s cannot be made", path);
        close(fd);
    }
    int failed = db_backup(db, path, err);
    if (failed && db_kind(db) == DB_SQLITE)
        unlink(path);
    return failed;
}

struct whole_lines {
    off_t end;
};

static int pass_line(void *context, const struct left_out_line *line, off_t end)
{
    struct whole_lines *whole = context;
    (void)line;
    whole->end = end;
    return 0;
}

static int read_bytes(const char *path, size_t n, struct buf *out, struct err *err)
{
    char *at = NULL;
    int failed = n > 0 ? buf_extend(out, n, &at) : 0;
    if (failed)
        return err_set(err, failed, "%s is too long: it has %zu bytes", path, n);
    FILE *file = fopen(path, "re");
    if (!file)
        return err_set_system(err, errno, "%s cannot be read", path);
    if (n > 0 && fread(at, 1, n, file) != n)
        failed = err_set(err, E_IO, "%s cannot be read", path);
    fclose(file);
    return failed;
}

int left_out_read(const char *path, struct buf *out, struct err *err)
{
    struct whole_lines whole = {0};
    struct left_out_line line;
    size_t cut;
    size_t before = out->len;
    int failed = left_out_walk(path, pass_line, &whole, &cut, err);
    if (!failed)
        failed = read_bytes(path, (size_t)whole.end + cut, out, err);
    if (failed || cut == 0)
        return failed;
    size_t end = before + (size_t)whole.end;
    bool complete = left_out_parse(text_slice(buf_text(out), end, out->len), &line) == NULL;
    if (!complete)
        buf_truncate(out, end);
    else if (buf_add_byte(out, '\n') != 0)
        failed = err_set(err, E_NOMEM, "no memory for the lines of %s", path);
    return failed;
}

static int pack(struct store *store, const char *file, const char *copy, const struct backup_about *about,
                struct err *err)
{
    CLEANUP(buf_release) struct buf manifest;
    CLEANUP(buf_release) struct buf log;
    CLEANUP_FREE char *log_path = path_in(store->folder, LEFT_OUT_FILE);
    buf_init(&manifest, 4 * KIB);
    buf_init(&log, LIMIT_LEFT_OUT);
    if (!log_path)
        return err_set(err, E_NOMEM, "no memory for a path");
    int failed = left_out_read(log_path, &log, err);
    if (!failed)
        failed = write_manifest(about, &manifest, err);
    const struct bundle_part parts[] = {{.name = BACKUP_MANIFEST, .content = buf_text(&manifest)},
                                        {.name = BACKUP_DATABASE, .path = copy},
                                        {.name = LEFT_OUT_FILE, .content = buf_text(&log)}};
    return failed ? failed : bundle_write(file, parts, ARRAY_LEN(parts), err);
}

int backup_write(struct store *store, const char *file, struct backup_about *ret_about, struct err *err)
{
    CLEANUP_FREE char *copy = NULL;
    struct db *db = NULL;
    if (access(file, F_OK) == 0)
        return err_set(err, E_BAD_INPUT, "%s is there already: take another name", file);
    if (asprintf(&copy, "%s.db-part", file) < 0) {
        copy = NULL;
        return err_set(err, E_NOMEM, "no memory for a path");
    }
    unlink(copy); /* of a backup that did not come to its end */
    int failed = store_connect(store, DB_READER, &db, err);
    if (!failed)
        failed = read_about(store, db, ret_about, err);
    if (!failed)
        failed = copy_database(db, copy, err);
    db_close(db);
    if (failed)
        return failed;
    failed = pack(store, file, copy, ret_about, err);
    unlink(copy);
    return failed;
}

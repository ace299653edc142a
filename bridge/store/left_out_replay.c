/* bridge/store/left_out_replay.c
 *
 * left-out.log at the start of an owner: its end is mended, and what the database may not have is replayed.
 *
 * The database notes "BYTES HASH": so much of the file it has seen, and the hash of that. A database from a backup has an
 * older note, so the lines behind it are replayed; where the note does not fit the file (somebody put another one there)
 * all of them are.
 */
#include "base/cleanup.h"
#include "base/log.h"
#include "store/folder.h"
#include "store/inside.h"
#include "store/left_out_line.h"
#include "store/rows.h"
#include "store/server.h"
#include "store/wishes.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOTE_HASH 16 /* bytes */
#define NOTE_MAX  64 /* a number of at most 19 digits, a blank, 32 hexadecimal digits */

/* --- reading --------------------------------------------------------------------------------------------------------- */

/* A place in the file, at the beginning of a line. */
struct reading {
    const char *path;
    FILE *file;
    char *line; /* owned; of `size` bytes */
    size_t size;
    off_t at;                      /* bytes before this place */
    uint64_t number;               /* of the line that comes next */
    crypto_generichash_state hash; /* of those bytes */
};

static void reading_rewind(struct reading *self)
{
    rewind(self->file);
    self->at = 0;
    self->number = 1;
    crypto_generichash_init(&self->hash, NULL, 0, NOTE_HASH);
}

static int reading_open(struct reading *self, const char *path, struct err *err)
{
    *self = (struct reading){.path = path, .file = fopen(path, "re")};
    if (!self->file)
        return err_set_system(err, errno, "%s cannot be read", path);
    reading_rewind(self);
    return 0;
}

static void reading_end(struct reading *self)
{
    if (self->file)
        fclose(self->file);
    free(self->line);
}

/* The next whole line, with its end; empty: there is none. What stands behind the last end is left in ret_cut. */
static int next_line(struct reading *self, struct text *ret_line, struct text *ret_cut, struct err *err)
{
    ssize_t n = getline(&self->line, &self->size, self->file);
    if (n < 0 && !feof(self->file))
        return err_set_system(err, errno, "%s cannot be read", self->path);
    struct text line = {self->line, n > 0 ? (size_t)n : 0};
    bool whole = text_ends(line, TEXT("\n"));
    *ret_line = whole ? line : TEXT_NONE;
    *ret_cut = whole ? TEXT_NONE : line;
    return 0;
}

static void pass(struct reading *self, struct text line)
{
    crypto_generichash_update(&self->hash, (const unsigned char *)line.data, line.len);
    self->at += (off_t)line.len;
    self->number++;
}

static int parse(const struct reading *self, struct text line, struct left_out_line *ret_line, struct err *err)
{
    const char *why = left_out_parse(text_slice(line, 0, line.len - 1), ret_line);
    if (!why)
        return 0;
    return err_set(err, E_BAD_INPUT, "%s: line %" PRIu64 " %s; mend it, or put back the copy that you kept", self->path,
                   self->number, why);
}

int left_out_walk(const char *path, int (*visit)(void *context, const struct left_out_line *line, off_t end),
                  void *context, size_t *ret_cut, struct err *err)
{
    CLEANUP(reading_end) struct reading reading;
    struct left_out_line line;
    struct text text;
    struct text cut = TEXT_NONE;
    int failed = reading_open(&reading, path, err);
    while (!failed) {
        failed = next_line(&reading, &text, &cut, err);
        if (failed || text_empty(text))
            break;
        failed = parse(&reading, text, &line, err);
        pass(&reading, text);
        if (!failed)
            failed = visit(context, &line, reading.at);
    }
    *ret_cut = cut.len;
    return failed;
}

/* --- replaying ------------------------------------------------------------------------------------------------------- */

static void print_note(const struct reading *self, char ret_note[NOTE_MAX])
{
    crypto_generichash_state copy = self->hash;
    unsigned char hash[NOTE_HASH];
    char hex[2 * NOTE_HASH + 1];
    crypto_generichash_final(&copy, hash, sizeof hash);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    snprintf(ret_note, NOTE_MAX, "%" PRId64 " %s", (int64_t)self->at, hex);
}

/* To the place that the note names, as far as there are lines. ret_end: that place; 0: there is no note. */
static int go_to_noted(struct reading *self, struct text note, int64_t *ret_end, struct err *err)
{
    struct text rest = note;
    struct text bytes;
    struct text line;
    struct text cut;
    *ret_end = 0;
    if (!text_cut(&rest, ' ', &bytes) || !text_to_i64(bytes, ret_end))
        return 0;
    while (self->at < *ret_end) {
        int failed = next_line(self, &line, &cut, err);
        if (failed)
            return failed;
        if (text_empty(line))
            break;
        pass(self, line);
    }
    return 0;
}

static bool is_noted(const struct reading *self, struct text note)
{
    char here[NOTE_MAX];
    print_note(self, here);
    return text_equal(text_of(here), note);
}

/* To the place that the note names, where it fits the file; else to the beginning. */
static int skip_noted(struct reading *self, struct text note, struct err *err)
{
    int64_t end;
    int failed = go_to_noted(self, note, &end, err);
    if (!failed && !is_noted(self, note))
        reading_rewind(self);
    return failed;
}

int left_out_note(struct db *db, const char *path, struct left_out_note *ret_note, struct err *err)
{
    CLEANUP(reading_end) struct reading reading;
    CLEANUP(buf_release) struct buf note;
    int64_t end;
    buf_init(&note, NOTE_MAX);
    int failed = reading_open(&reading, path, err);
    if (failed)
        return failed;
    failed = server_get(db, SERVER_LEFT_OUT, &note, err);
    if (failed && failed != E_NOT_FOUND)
        return failed;
    failed = go_to_noted(&reading, buf_text(&note), &end, err);
    if (failed)
        return failed;
    *ret_note = (struct left_out_note){
        .bytes = (off_t)end, .size = reading.at, .fits = end > 0 && is_noted(&reading, buf_text(&note))};
    return 0;
}

static int replay_line(struct db *db, const struct left_out_line *line, struct err *err)
{
    switch (line->word) {
    case LEFT_OUT_OPT_OUT:
        return opt_out_put(db, &line->hash, line->ms, err);
    case LEFT_OUT_OPT_IN:
        return opt_out_delete(db, &line->hash, err);
    case LEFT_OUT_SHIELD:
        return shield_put(db, &line->hash, &line->member, err);
    case LEFT_OUT_UNSHIELD:
        return shield_delete_member(db, &line->member, err);
    }
    return err_set(err, E_BUG, "a line of " LEFT_OUT_FILE " is of no kind");
}

static int replay_rest(struct db *db, struct reading *reading, struct err *err)
{
    struct left_out_line line;
    struct text text;
    struct text cut;
    int failed = next_line(reading, &text, &cut, err);
    while (!failed && !text_empty(text)) {
        failed = parse(reading, text, &line, err);
        if (!failed)
            failed = replay_line(db, &line, err);
        pass(reading, text);
        if (!failed)
            failed = next_line(reading, &text, &cut, err);
    }
    return failed;
}

static int replay(struct db *db, void *context, struct err *err)
{
    const struct left_out *self = context;
    CLEANUP(reading_end) struct reading reading;
    CLEANUP(buf_release) struct buf note;
    char new_note[NOTE_MAX];
    buf_init(&note, NOTE_MAX);
    int failed = reading_open(&reading, self->path, err);
    if (failed)
        return failed;
    failed = server_get(db, SERVER_LEFT_OUT, &note, err);
    if (failed && failed != E_NOT_FOUND)
        return failed;
    failed = skip_noted(&reading, buf_text(&note), err);
    if (!failed)
        failed = replay_rest(db, &reading, err);
    if (failed)
        return failed;
    print_note(&reading, new_note);
    return text_equal(text_of(new_note), buf_text(&note)) ? 0 : server_put(db, SERVER_LEFT_OUT, text_of(new_note), err);
}

/* --- the file -------------------------------------------------------------------------------------------------------- */

/* Whole lines are kept; what stands behind them gets its end where only that is missing, else it goes. */
static int mend_end(struct left_out *self, struct err *err)
{
    CLEANUP(reading_end) struct reading reading;
    struct left_out_line line;
    struct text text;
    struct text cut = TEXT_NONE;
    int failed = reading_open(&reading, self->path, err);
    if (failed)
        return failed;
    for (failed = next_line(&reading, &text, &cut, err); !failed && !text_empty(text);
         failed = next_line(&reading, &text, &cut, err))
        pass(&reading, text);
    self->size = reading.at;
    if (failed || text_empty(cut))
        return failed;
    bool complete = left_out_parse(cut, &line) == NULL;
    log_line(LOG_WARN, "store", "%s: the last line (%zu bytes) was cut by a crash and is %s", self->path, cut.len,
             complete ? "completed" : "dropped: nobody was told that it was written");
    if (complete)
        self->size += (off_t)cut.len + 1;
    bool mended = complete ? write(self->fd, "\n", 1) == 1 : ftruncate(self->fd, self->size) == 0;
    if (!mended || fsync(self->fd) != 0)
        return err_set_system(err, errno, "%s cannot be mended", self->path);
    return 0;
}

static int open_file(struct left_out *self, const char *folder, struct err *err)
{
    struct stat status;
    bool is_new = stat(self->path, &status) != 0;
    self->fd = open(self->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (self->fd < 0)
        return err_set_system(err, errno, "%s cannot be opened", self->path);
    return is_new ? folder_sync(folder, err) : 0;
}

bool left_out_written(const char *folder)
{
    struct stat status;
    CLEANUP_FREE char *path = path_in(folder, LEFT_OUT_FILE);
    return path && stat(path, &status) == 0 && status.st_size > 0;
}

int left_out_open(struct store *store, struct err *err)
{
    struct left_out *self = &store->left_out;
    self->path = path_in(store->folder, LEFT_OUT_FILE);
    if (!self->path)
        return err_set(err, E_NOMEM, "no memory for a path");
    int failed = open_file(self, store->folder, err);
    if (!failed)
        failed = mend_end(self, err);
    return failed ? failed : db_transact(store->writer, replay, self, err);
}

void left_out_close(struct store *store)
{
    if (store->left_out.fd >= 0)
        close(store->left_out.fd);
    free(store->left_out.path);
}

/* bridge/app/cmd_import.c
 *
 * skein import: files with follow lists into the store, all of them one upload.
 */
#include "app/command.h"
#include "app/errand.h"
#include "app/progress.h"
#include "app/reader.h"
#include "app/stats.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "views/import_view.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct import_command {
    const struct invocation *invocation;
    enum reader_format format;
    struct text community;
    struct progress progress;
    uint64_t accounts; /* read, in all lists */
    size_t lines;      /* lists that were read */
    size_t failed;     /* files that gave nothing; each was named */
    int broken;        /* results could not be written: an errno */
};

/* --- what is sent ---------------------------------------------------------------------------------------------------- */

/* The owner of the store may stand in another folder. A file that is not there is named by the import, as all that cannot
 * be read. */
static json_t *absolute(const char *path)
{
    CLEANUP_FREE char *real = realpath(path, NULL);
    char here[PATH_MAX];
    if (real)
        return json_from_view(text_of(real));
    if (path[0] == '/' || !getcwd(here, sizeof here))
        return json_from_view(text_of(path));
    return json_sprintf("%s/%s", here, path);
}

static json_t *request_json(const struct import_command *command)
{
    const struct invocation *invocation = command->invocation;
    const char *kind = invocation_option(invocation, "kind");
    const char *source = invocation_option(invocation, "source");
    const char *as = invocation_option(invocation, "as");
    json_t *files = json_array();
    json_t *kinds = json_array();
    for (size_t i = 0; i < invocation->n_arguments; i++)
        json_array_append_new(files, absolute(invocation->arguments[i]));
    if (kind)
        json_array_append_new(kinds, json_from_view(text_of(kind)));
    return json_pack("{so so so so so}", "community", json_from_view(command->community), "as",
                     json_or_null(text_of(as)), "source", json_or_null(text_of(source)), "kinds", kinds, "files",
                     files);
}

/* --- what comes back ------------------------------------------------------------------------------------------------- */

static void show_progress(struct import_command *command, struct text data)
{
    struct err err;
    CLEANUP_JSON json_t *progress = json_from_text(data, &err);
    if (progress)
        progress_show(&command->progress, "reading: accounts and posts", (size_t)json_i64_at(progress, "done", 0), 0);
}

static void show_line(struct import_command *command, struct text data)
{
    CLEANUP(arena_release) struct arena arena;
    CLEANUP(buf_release) struct buf out;
    struct import_line line;
    struct err err;
    arena_init(&arena, LIMIT_LOCAL_EVENT * 2);
    buf_init(&out, LIMIT_OUTPUT);
    if (import_view_read(data, &arena, &line, &err) < 0) {
        fprintf(stderr, "skein import: %s\n", err.text);
        return;
    }
    command->failed += !text_empty(line.error);
    command->lines += text_empty(line.error);
    command->accounts += line.read;
    progress_end(&command->progress);
    int rc = command->format == READER_JSON ? import_view_json(&line, &out)
                                            : import_view_words(&line, progress_columns(), &out);
    if (rc == 0 && (fwrite(out.data, 1, out.len, stdout) != out.len || fflush(stdout) != 0))
        command->broken = errno;
}

static void on_event(void *context, struct text name, struct text data)
{
    if (text_equal(name, TEXT("progress")))
        show_progress(context, data);
    else if (text_equal(name, TEXT("line")))
        show_line(context, data);
}

/* --- the command ----------------------------------------------------------------------------------------------------- */

static int run(struct import_command *command, struct err *err)
{
    int64_t started_ms = clock_monotonic(&clock_system);
    int rc = reader_read_format(command->invocation, &command->format, err);
    if (rc == 0)
        rc = reader_read_community(command->invocation, &command->community, err);
    if (rc < 0)
        return rc;
    CLEANUP_JSON json_t *request = request_json(command);
    CLEANUP_JSON json_t *answer = NULL;
    struct errand errand = {.target = "/control/import", .body = request, .event = on_event, .context = command};
    if (!request)
        return err_set(err, E_NOMEM, "no memory for the names of the files");
    rc = errand_run(command->invocation, &errand, &answer, err);
    progress_end(&command->progress);
    if (rc < 0)
        return rc;
    if (json_true_at(answer, "new_community"))
        fprintf(stderr, "The community %.*s is new.\n", TEXT_ARG(command->community));
    if (command->broken)
        return err_set_system(err, command->broken, "the import is stored, but what became of it cannot be written");
    return stats_write(command->invocation, command->accounts, NULL, 0, started_ms, err);
}

int command_import(struct invocation *invocation)
{
    struct import_command command = {.invocation = invocation};
    struct err err = {0};
    progress_init(&command.progress);
    int rc = run(&command, &err);
    /* Where no file gave anything, each was named with its reason already. */
    if (rc < 0 && (command.failed == 0 || command.lines > 0))
        return invocation_fail(invocation, &err);
    return rc < 0 || command.failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

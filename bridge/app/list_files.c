/* bridge/app/list_files.c
 *
 * Follow lists from files.
 */
#include "app/list_files.h"

#include "app/progress.h"
#include "base/cleanup.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Skipped rows that are named one by one; the rest is counted. */
#define SKIPPED_SHOWN 5

struct opened {
    struct file_source *files;
    struct archive_file *sources;
    struct err *errors;
    size_t n; /* opened without error: the first places of sources */
};

static bool show_progress(void *context, const struct archive_progress *progress)
{
    struct progress *line = context;
    progress_show(line, "reading", (size_t)(progress->bytes / 1000000), (size_t)(progress->bytes / 1000000) + 1);
    return true;
}

static void name_failed(const char *path, const struct err *err, struct list_files *files)
{
    fprintf(stderr, "%s: %s\n", path, err->text);
    files->some_failed = true;
}

/* --- what is said ------------------------------------------------------------------------------------------------ */

static void say_skipped(const struct follow_list *list)
{
    for (size_t i = 0; i < list->n_skipped && i < SKIPPED_SHOWN; i++)
        fprintf(stderr, "  %.*s, line %" PRIu64 " skipped: %s\n", TEXT_ARG(list->skipped[i].file),
                list->skipped[i].line, list->skipped[i].why);
    if (list->skipped_total > SKIPPED_SHOWN)
        fprintf(stderr, "  and %" PRIu64 " more lines skipped\n", list->skipped_total - SKIPPED_SHOWN);
}

static void say_read(const struct follow_list *list)
{
    const struct resolved *resolved = &list->resolved;
    fprintf(stderr, "%zu %s read", list->n, list->n == 1 ? "account" : "accounts");
    if (list->duplicates > 0)
        fprintf(stderr, " (%zu named twice)", list->duplicates);
    if (resolved->given == list->n) {
        fprintf(stderr, ".\n");
    } else {
        fprintf(stderr, ": %zu have a handle", resolved->total);
        if (resolved->by_mentions > 0)
            fprintf(stderr, ", %zu of them from posts", resolved->by_mentions);
        if (resolved->by_files > 0)
            fprintf(stderr, ", %zu from another file", resolved->by_files);
        fprintf(stderr, "; %zu are known by number only.\n", list->n - resolved->total);
    }
    say_skipped(list);
}

/* --- reading ----------------------------------------------------------------------------------------------------- */

static void close_all(struct opened *opened, size_t n)
{
    for (size_t i = 0; i < n; i++)
        file_source_release(&opened->files[i]);
    free(opened->files);
    free(opened->sources);
}

/* Opens what can be opened; a file that cannot is named and left out. */
static int open_all(struct opened *opened, const char *const *paths, size_t n, struct list_files *files,
                    struct err *err)
{
    *opened = (struct opened){.files = calloc(n, sizeof *opened->files), .sources = calloc(n, sizeof *opened->sources)};
    if (!opened->files || !opened->sources)
        return err_set(err, E_NOMEM, "no memory for %zu files", n);
    for (size_t i = 0; i < n; i++)
        opened->files[i].fd = -1;
    for (size_t i = 0; i < n; i++) {
        struct err problem = {0};
        if (file_source_open(&opened->files[i], paths[i], &problem) < 0) {
            name_failed(paths[i], &problem, files);
            continue;
        }
        opened->sources[opened->n++] =
            (struct archive_file){.name = text_of(paths[i]), .source = &opened->files[i].bytes.source};
    }
    return opened->n > 0 ? 0 : err_set(err, E_BAD_INPUT, "none of the files can be used");
}

/* One list of all that was read, each account once. */
static int unite(struct list_files *files, struct err *err)
{
    struct archive_result *result = &files->result;
    files->list = &result->lists[0];
    for (size_t i = 1; i < result->n_lists; i++) {
        int rc = follow_list_merge(files->list, &result->lists[i], err);
        if (rc < 0)
            return rc;
    }
    return follow_list_resolve(files->list, &result->facts, err);
}

static void say_outcomes(const struct archive_file *sources, const struct archive_result *result,
                         struct list_files *files)
{
    for (size_t i = 0; i < result->n_outcomes; i++) {
        const struct archive_outcome *outcome = &result->outcomes[i];
        if (outcome->err.code < 0)
            name_failed(sources[i].name.data, &outcome->err, files);
        else if (outcome->warning[0])
            fprintf(stderr, "%s: %s\n", sources[i].name.data, outcome->warning);
    }
}

int list_files_read(struct list_files *files, const char *const *paths, size_t n, enum list_kind kind, struct err *err)
{
    struct opened opened;
    struct progress progress;
    struct archive_options options = {.kinds = LIST_BIT(kind), .progress = show_progress, .context = &progress};
    *files = (struct list_files){0};
    progress_init(&progress);
    int rc = open_all(&opened, paths, n, files, err);
    if (rc == 0) {
        rc = archive_read(opened.sources, opened.n, &options, &files->result, err);
        progress_end(&progress);
    }
    if (rc == 0) {
        say_outcomes(opened.sources, &files->result, files);
        rc = unite(files, err);
    } else if (opened.n == 1 && n == 1) {
        err_prefix(err, "%s: ", paths[0]);
    } else if (files->result.n_outcomes > 0) {
        say_outcomes(opened.sources, &files->result, files);
        err_set(err, rc, "none of the files can be used");
    }
    if (rc == 0)
        say_read(files->list);
    close_all(&opened, n);
    return rc;
}

void list_files_release(struct list_files *files)
{
    archive_result_release(&files->result);
}

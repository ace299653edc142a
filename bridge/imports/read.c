/* bridge/imports/read.c
 *
 * From files to lists, on a worker.
 *
 * Posts alone are taken where nothing else came: the list that they tell names for may be in the store. An archive
 * without its list is refused all the same, so posts are asked for only when each file turned out to hold nothing else.
 */
#include "imports/inside.h"

#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

/* --- the files ------------------------------------------------------------------------------------------------------ */

static struct text base_name(struct text path)
{
    size_t from = path.len;
    while (from > 0 && path.data[from - 1] != '/')
        from--;
    return from < path.len ? text_slice(path, from, path.len) : path;
}

/* The last part of the path, or all of it where another file is called the same. */
static int label_file(struct import_run *run, size_t i, struct text *ret_label)
{
    const struct import_options *options = &run->options;
    struct text label = base_name(options->paths[i]);
    CLEANUP(buf_release) struct buf repaired;
    for (size_t j = 0; j < options->n_paths; j++)
        if (j != i && text_equal(base_name(options->paths[j]), base_name(options->paths[i])))
            label = options->paths[i];
    buf_init(&repaired, 3 * label.len + 1);
    if (utf8_repair(&repaired, label) != 0 || !arena_text(&run->op.arena, buf_text(&repaired), ret_label))
        return E_NOMEM;
    return 0;
}

static int name_files(struct import_run *run)
{
    struct arena *arena = &run->op.arena;
    size_t n = run->options.n_paths;
    run->files = ARENA_ARRAY(arena, struct import_file, n);
    run->sources = ARENA_ARRAY(arena, struct archive_file, n);
    run->opened = ARENA_ARRAY(arena, struct import_file *, n);
    if (!run->files || !run->sources || !run->opened)
        return E_NOMEM;
    for (size_t i = 0; i < n; i++) {
        struct text path;
        if (label_file(run, i, &run->files[i].label) < 0 || !arena_text(arena, run->options.paths[i], &path))
            return E_NOMEM;
        run->files[i].path = path.data; /* with a NUL behind it */
    }
    return 0;
}

struct open_files {
    struct file_source *files; /* owned */
    size_t n;
};

static void open_files_release(struct open_files *open)
{
    for (size_t i = 0; i < open->n; i++)
        file_source_release(&open->files[i]);
    free(open->files);
}

static int open_files(struct import_run *run, struct open_files *open)
{
    open->files = calloc(run->options.n_paths, sizeof *open->files);
    if (!open->files)
        return E_NOMEM;
    for (; open->n < run->options.n_paths; open->n++) {
        struct import_file *file = &run->files[open->n];
        struct file_source *source = &open->files[open->n];
        if (file_source_open(source, file->path, &file->err) < 0)
            continue;
        run->sources[run->n_opened] = (struct archive_file){.name = file->label, .source = &source->bytes.source};
        run->opened[run->n_opened++] = file;
    }
    return 0;
}

/* --- reading -------------------------------------------------------------------------------------------------------- */

static bool on_progress(void *context, const struct archive_progress *progress)
{
    struct import_run *run = context;
    if (run->watch)
        watch_tell(run->watch, progress);
    return !op_cancelled(&run->op);
}

static unsigned wanted_kinds(const struct import_run *run)
{
    if (run->options.kinds != 0)
        return run->options.kinds;
    return import_is_roster(run) ? LIST_BIT(LIST_ROSTER) : LIST_BIT(LIST_FOLLOWING) | LIST_BIT(LIST_FOLLOWERS);
}

static bool is_zip(const struct byte_source *source)
{
    char begin[2] = "";
    return byte_source_fill_at(source, 0, begin, sizeof begin, NULL) == 2 && begin[0] == 'P' && begin[1] == 'K';
}

/* Are the files nothing but posts and the like? A zip that lacks its list is an error, whatever else it holds. */
static bool only_companions(const struct import_run *run)
{
    for (size_t i = 0; i < run->n_opened; i++)
        if (i >= run->result.n_outcomes || run->result.outcomes[i].err.code != E_NOT_FOUND ||
            is_zip(run->sources[i].source))
            return false;
    return true;
}

static int read_sources(struct import_run *run, struct err *err)
{
    struct archive_options options = {.kinds = wanted_kinds(run), .progress = on_progress, .context = run};
    int rc = archive_read(run->sources, run->n_opened, &options, &run->result, err);
    if (rc != E_NOT_FOUND || run->options.kinds != 0 || !only_companions(run))
        return rc;
    options.kinds |= LIST_BIT(LIST_FACTS);
    archive_result_release(&run->result);
    return archive_read(run->sources, run->n_opened, &options, &run->result, err);
}

/* --- what the lists become ------------------------------------------------------------------------------------------ */

static enum list_kind kept_kind(const struct import_run *run, enum list_kind kind)
{
    return import_is_roster(run) && kind != LIST_FACTS ? LIST_ROSTER : kind;
}

static enum list_source kept_source(const struct import_run *run, enum list_source source)
{
    (void)list_source_of(run->options.source, &source);
    return source;
}

static struct import_list *list_of(struct import_run *run, enum list_kind kind, enum list_source source)
{
    for (size_t i = 0; i < run->n_lists; i++)
        if (run->lists[i].kind == kind && run->lists[i].source == source)
            return &run->lists[i];
    return NULL;
}

/* Lists that are kept as one become one: what --source makes equal, and all that a group brings. */
static int make_lists(struct import_run *run, struct err *err)
{
    run->lists = ARENA_ARRAY(&run->op.arena, struct import_list, run->result.n_lists);
    if (!run->lists)
        return E_NOMEM;
    for (size_t i = 0; i < run->result.n_lists; i++) {
        struct follow_list *list = &run->result.lists[i];
        enum list_kind kind = kept_kind(run, list->kind);
        enum list_source source = kept_source(run, list->source);
        struct import_list *same = list_of(run, kind, source);
        if (!same) {
            run->lists[run->n_lists++] = (struct import_list){.list = list, .kind = kind, .source = source};
            continue;
        }
        int rc = follow_list_merge(same->list, list, err);
        if (rc == 0)
            rc = follow_list_resolve(same->list, &run->result.facts, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* --- the step ------------------------------------------------------------------------------------------------------- */

/* The sentence of a whole import: which file, where that is not plain. */
static int name_first_error(struct import_run *run, int rc, struct err *err)
{
    if (rc == E_CANCELLED || rc == E_NOMEM)
        return rc;
    if (run->options.n_paths == 1)
        err_prefix(err, "%.*s: ", TEXT_ARG(text_floor_utf8(run->files[0].label, 120)));
    else
        err_set(err, rc, "none of the %zu files can be used", run->options.n_paths);
    return rc;
}

static int no_file_opened(const struct import_run *run, struct err *err)
{
    return err_set(err, run->files[0].err.code, "%s", run->files[0].err.text);
}

static int read_files(struct import_run *run, struct err *err)
{
    CLEANUP(open_files_release) struct open_files open = {.n = 0};
    int rc = name_files(run);
    if (rc == 0)
        rc = open_files(run, &open);
    if (rc < 0)
        return import_no_memory(err);
    rc = run->n_opened > 0 ? read_sources(run, err) : no_file_opened(run, err);
    if (rc < 0)
        return name_first_error(run, rc, err);
    rc = make_lists(run, err);
    return rc == E_NOMEM ? import_no_memory(err) : rc;
}

int import_read(struct op *op)
{
    int rc = read_files(import_of(op), &op->err);
    return rc < 0 ? rc : OP_NEXT;
}

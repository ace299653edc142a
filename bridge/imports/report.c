/* bridge/imports/report.c
 *
 * What became of an upload: a line for each list, and one for each file that gave nothing.
 */
#include "imports/inside.h"

#include "views/import_view.h"

#include <stdio.h>

/* --- a list --------------------------------------------------------------------------------------------------------- */

static struct import_resolved count_resolved(const struct import_list *list)
{
    struct import_resolved resolved = {.own = list->list->resolved.own};
    for (size_t i = 0; i < list->n_unknown; i++) {
        resolved.own += list->told[i] == HANDLE_BY_OWN;
        resolved.others += list->told[i] == HANDLE_BY_OTHERS;
    }
    resolved.total = resolved.own + resolved.others;
    return resolved;
}

static int copy_skipped(struct arena *arena, const struct follow_list *list, struct import_line *line)
{
    struct import_skipped *skipped = ARENA_ARRAY(arena, struct import_skipped, list->n_skipped + 1);
    if (!skipped)
        return E_NOMEM;
    for (size_t i = 0; i < list->n_skipped; i++)
        skipped[i] = (struct import_skipped){
            .file = list->skipped[i].file, .line = list->skipped[i].line, .why = text_of(list->skipped[i].why)};
    line->skipped = skipped;
    line->n_skipped = list->n_skipped;
    line->skipped_total = list->skipped_total;
    return 0;
}

/* What of the list's file could not be used. */
static const char *warning_of(const struct import_run *run, const struct import_list *list)
{
    for (size_t i = 0; i < run->n_opened && i < run->result.n_outcomes; i++)
        if (run->result.outcomes[i].err.code == 0 && text_equal(run->opened[i]->label, list->list->file))
            return run->result.outcomes[i].warning;
    return "";
}

static int list_note(struct import_run *run, const struct import_list *list, struct text *ret_note)
{
    const char *warning = warning_of(run, list);
    const char *between = list->note[0] && warning[0] ? " " : "";
    const char *end = warning[0] ? "." : "";
    const char *note = arena_printf(&run->op.arena, "%s%s%s%s", list->note, between, warning, end);
    if (!note)
        return E_NOMEM;
    *ret_note = text_of(note);
    return 0;
}

static int list_line(struct import_run *run, const struct import_list *list, struct import_line *line)
{
    *line = (struct import_line){
        .import = run->id,
        .file = list->list->file,
        .list = text_of(list_kind_word(list->kind)),
        .source = text_of(list_source_word(list->source)),
        .day = text_of(list->list->day),
        .read = list->list->n,
        .added = list->added,
        .dropped = list->dropped,
        .unchanged = list->unchanged,
        .resolved = count_resolved(list),
        .facts = list_kind_sealed(list->kind) ? 0 : run->n_facts,
    };
    int rc = copy_skipped(&run->op.arena, list->list, line);
    return rc < 0 ? rc : list_note(run, list, &line->note);
}

/* --- a file that gave nothing --------------------------------------------------------------------------------------- */

static const char *error_of(const struct import_run *run, const struct import_file *file)
{
    if (file->err.code < 0)
        return file->err.text;
    for (size_t i = 0; i < run->n_opened && i < run->result.n_outcomes; i++)
        if (run->opened[i] == file && run->result.outcomes[i].err.code < 0)
            return run->result.outcomes[i].err.text;
    return NULL;
}

/* The line names its file: a sentence that begins with it would name it twice. */
static struct text without_label(struct text error, struct text label)
{
    bool named = text_starts(error, label) && text_starts(text_slice(error, label.len, error.len), TEXT(": "));
    return named ? text_slice(error, label.len + 2, error.len) : error;
}

static struct import_line file_line(const struct import_run *run, const struct import_file *file, const char *error)
{
    return (struct import_line){
        .import = run->id, .file = file->label, .error = without_label(text_of(error), file->label)};
}

/* --- all ------------------------------------------------------------------------------------------------------------ */

int import_report_make(struct import_run *run, struct err *err)
{
    struct import_line *lines = ARENA_ARRAY(&run->op.arena, struct import_line, run->n_lists + run->options.n_paths);
    size_t n = 0;
    if (!lines)
        return import_no_memory(err);
    for (size_t i = 0; i < run->n_lists; i++)
        if (list_line(run, &run->lists[i], &lines[n++]) < 0)
            return import_no_memory(err);
    for (size_t i = 0; i < run->options.n_paths; i++) {
        const char *error = error_of(run, &run->files[i]);
        if (error)
            lines[n++] = file_line(run, &run->files[i], error);
    }
    run->report = (struct import_report){.lines = lines, .n = n, .new_community = !run->community_there};
    return 0;
}

int import_report_print(const struct import_report *report, struct buf *out)
{
    int rc = buf_add_byte(out, '[');
    for (size_t i = 0; i < report->n && rc == 0; i++) {
        if (i > 0)
            rc = buf_add_byte(out, ',');
        if (rc == 0)
            rc = import_view_json(&report->lines[i], out);
    }
    return rc < 0 ? rc : buf_add_byte(out, ']');
}

void import_report_failure(struct import_run *run)
{
    size_t n = run->files ? run->options.n_paths : 0;
    run->report = (struct import_report){.lines = NULL};
    struct import_line *lines = ARENA_ARRAY(&run->op.arena, struct import_line, n);
    for (size_t i = 0; i < n && lines; i++) {
        const char *error = error_of(run, &run->files[i]);
        lines[i] = file_line(run, &run->files[i], error ? error : run->op.err.text);
        lines[i].import = (struct id){.chars = ""};
    }
    if (lines)
        run->report = (struct import_report){.lines = lines, .n = n};
}

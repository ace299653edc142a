/* bridge/imports/imports.c
 *
 * One upload as one operation.
 */
#include "imports/imports.h"

#include "base/limits.h"
#include "imports/inside.h"

#include <stdlib.h>

static const struct op_step import_steps[] = {
    STEP(import_read, ON_CPU),        /* files to lists */
    STEP(import_place, ON_READ),      /* community, member, what the owner brought before */
    STEP(import_compare, ON_CPU),     /* what is new of what the upload says; whose archive it is */
    STEP(import_ask_public, ON_READ), /* who else tells the handles that are missing */
    STEP(import_keep, ON_WRITE),      /* all of it; or back to import_place, where somebody was quicker */
    STEP_END,
};

int import_no_memory(struct err *err)
{
    return err_set(err, E_NOMEM, "there is not enough memory for the import");
}

/* --- what may begin ------------------------------------------------------------------------------------------------- */

static struct text without_at(struct text handle)
{
    return text_starts(handle, TEXT("@")) ? text_slice(handle, 1, handle.len) : handle;
}

static bool handle_valid(struct text handle)
{
    if (handle.len == 0 || handle.len > LIMIT_X_HANDLE)
        return false;
    for (size_t i = 0; i < handle.len; i++)
        if (!byte_is_letter(handle.data[i]) && !byte_is_digit(handle.data[i]) && handle.data[i] != '_')
            return false;
    return true;
}

static int check_kinds(const struct import_options *options, struct err *err)
{
    unsigned sealed = LIST_BIT(LIST_BLOCKS) | LIST_BIT(LIST_MUTES);
    bool roster = text_empty(options->as);
    if (roster && (options->kinds & sealed) != 0)
        return err_set(
            err, E_FORBIDDEN,
            "whom somebody blocked or muted is theirs alone, never a group's: say whose list it is (--as HANDLE)");
    if (!roster && (options->kinds & LIST_BIT(LIST_ROSTER)) != 0)
        return err_set(err, E_FORBIDDEN, "the roster is the group's list and nobody's own: leave --as HANDLE away");
    return 0;
}

static int check_options(const struct import_options *options, struct err *err)
{
    enum list_source source;
    if (options->n_paths == 0)
        return err_set(err, E_BAD_INPUT, "an import needs a file");
    if (!community_slug_valid(options->community))
        return err_set(err, E_BAD_INPUT,
                       "\"%.*s\" cannot name a community: 1 to 40 of a-z, 0-9 and \"-\", not \"-\" at its beginning",
                       TEXT_ARG(text_floor_utf8(options->community, 40)));
    if (!text_empty(options->as) && !handle_valid(without_at(options->as)))
        return err_set(err, E_BAD_INPUT, "\"%.*s\" is no handle on X: at most %d letters, digits and \"_\"",
                       TEXT_ARG(text_floor_utf8(options->as, 40)), LIMIT_X_HANDLE);
    if (!text_empty(options->source) && !list_source_of(options->source, &source))
        return err_set(err, E_BAD_INPUT, "\"%.*s\" is no source of lists: archive, api, exporter, csv or pasted",
                       TEXT_ARG(text_floor_utf8(options->source, 40)));
    return check_kinds(options, err);
}

/* --- start and end -------------------------------------------------------------------------------------------------- */

static void finish(struct op *op)
{
    struct import_run *run = import_of(op);
    watch_close(run->watch);
    run->watch = NULL;
    if (op->err.code < 0)
        import_report_failure(run);
    run->options.done(run->options.context, run);
}

static struct import_run *new_run(const struct import_options *options)
{
    const struct clock *clock = store_clock(options->store);
    const struct random_source *random = store_random(options->store);
    struct import_run *run = calloc(1, sizeof *run);
    if (!run)
        return NULL;
    run->options = *options;
    run->as = without_at(options->as);
    run->created_ms = clock_wall(clock);
    run->op.steps = import_steps;
    run->op.finish = finish;
    id_new(clock, random, &run->id);
    id_new(clock, random, &run->new_community_id);
    id_new(clock, random, &run->new_member_id);
    arena_init(&run->there, LIMIT_OPERATION_ARENA);
    fact_set_init(&run->result.facts);
    return run;
}

struct import_run *import_run_start(struct loop *loop, const struct import_options *options, struct err *err)
{
    if (check_options(options, err) < 0)
        return NULL;
    struct import_run *run = new_run(options);
    if (run && options->progress)
        run->watch = watch_new(loop, run);
    if (!run || (options->progress && !run->watch)) {
        free(run);
        import_no_memory(err);
        return NULL;
    }
    op_start(&run->op, loop);
    return run;
}

int import_run_error(const struct import_run *run, struct err *err)
{
    if (run->op.err.code < 0 && err)
        *err = run->op.err;
    return run->op.err.code;
}

const struct import_report *import_run_report(const struct import_run *run)
{
    return &run->report;
}

void import_run_cancel(struct import_run *run)
{
    op_cancel(&run->op);
}

void import_run_free(struct import_run *run)
{
    import_release_there(run);
    arena_release(&run->there);
    archive_result_release(&run->result);
    op_release(&run->op);
    free(run);
}

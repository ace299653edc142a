/* bridge/archive/archive.c
 *
 * The files of one import, read one by one and put together.
 *
 *     look at each ─> order ─> read each into a record of its own ─> merge what succeeded ─> resolve ids
 *
 * A file that fails in its middle is dropped with everything that it gave.
 */
#include "archive/archive.h"

#include "archive/one_file.h"
#include "base/cleanup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_MEMORY "there is not enough memory to read it"

struct job {
    const struct archive_file *file; /* borrowed */
    struct archive_outcome *outcome; /* borrowed */
    struct one_file found;
    bool companion; /* it says something of the other files, and gives no list */
};

struct import {
    const struct archive_options *options; /* borrowed */
    struct job *jobs;                      /* owned */
    size_t n;
    struct archive_result *result; /* borrowed */
    bool spoilt;                   /* a file went half into the result */
};

void archive_result_release(struct archive_result *result)
{
    for (size_t i = 0; i < result->n_lists; i++)
        follow_list_release(&result->lists[i]);
    free(result->lists);
    free(result->outcomes);
    fact_set_release(&result->facts);
    *result = (struct archive_result){.n_lists = 0};
}

static int fail_job(struct job *job, int rc, const struct err *err)
{
    job->outcome->err = *err;
    job->outcome->err.code = rc;
    if (rc == E_NOMEM && err->text[0] == '\0')
        err_set(&job->outcome->err, rc, NO_MEMORY);
    return rc;
}

/* Does no file after this one make sense? */
static bool ends_import(int rc)
{
    return rc == E_CANCELLED || rc == E_NOMEM;
}

static int look_at_files(struct import *import)
{
    for (size_t i = 0; i < import->n; i++) {
        struct job *job = &import->jobs[i];
        struct err err = {.code = 0};
        int rc = one_file_look(job->file, &job->found, &err);
        if (rc < 0 && ends_import(fail_job(job, rc, &err)))
            return rc;
    }
    return 0;
}

static int by_order(const void *a, const void *b)
{
    const struct job *one = a;
    const struct job *two = b;
    unsigned first = one_file_order(&one->found);
    unsigned second = one_file_order(&two->found);
    if (first != second)
        return first < second ? -1 : 1;
    return (one->file > two->file) - (one->file < two->file); /* as given */
}

static bool is_part(const struct one_file *found)
{
    return found->kind == FILE_JSON && found->shape.kind == SHAPE_FOLLOWS && found->shape.wrapped;
}

/* Two files that hold the same part of a list, or two zips: which of them is the list? */
static int check_repeated(const struct import *import, const struct job *job, struct err *err)
{
    for (const struct job *other = import->jobs; other < job; other++) {
        if (other->outcome->err.code < 0 || other->found.kind != job->found.kind)
            continue;
        if (job->found.kind == FILE_ZIP)
            return err_set(err, E_BAD_INPUT, "%.*s is an archive too; give one archive at a time",
                           TEXT_ARG(text_floor_utf8(other->file->name, 120)));
        if (is_part(&job->found) && is_part(&other->found) &&
            one_file_order(&job->found) == one_file_order(&other->found))
            return err_set(err, E_BAD_INPUT,
                           "this is part %u of the list again, which %.*s holds; give only one of them",
                           job->found.shape.part, TEXT_ARG(text_floor_utf8(other->file->name, 120)));
    }
    return 0;
}

static int check_owner(const struct import *import, const struct reading *reading, struct err *err)
{
    const struct archive_result *result = import->result;
    if (result->owner_id == 0 || reading->owner_id == 0 || result->owner_id == reading->owner_id)
        return 0;
    return err_set(err, E_BAD_INPUT,
                   "this is of another account (@%s) than the files before (@%s); import them one after "
                   "the other",
                   reading->owner_handle, result->owner_handle);
}

/* The result's list of that kind and source; made where it is new, and then *ret_made. */
static struct follow_list *find_list(struct archive_result *result, const struct follow_list *like, bool *ret_made)
{
    *ret_made = false;
    for (size_t i = 0; i < result->n_lists; i++)
        if (result->lists[i].kind == like->kind && result->lists[i].source == like->source)
            return &result->lists[i];
    struct follow_list *lists = realloc(result->lists, (result->n_lists + 1) * sizeof *lists);
    if (!lists)
        return NULL;
    result->lists = lists;
    *ret_made = true;
    return &lists[result->n_lists++];
}

/* Moves a list into the result, or its accounts behind those of the list that is there. */
static int merge_list(struct archive_result *result, struct follow_list *list, struct text file, struct err *err)
{
    bool made;
    if (list->n == 0 && list->kind != LIST_FACTS)
        return 0;
    struct follow_list *into = find_list(result, list, &made);
    if (!into)
        return E_NOMEM;
    if (!made)
        return follow_list_merge(into, list, err);
    *into = *list;
    follow_list_init(list, into->kind, into->source);
    return arena_text(&into->arena, file, &into->file) ? 0 : E_NOMEM;
}

static void learn_owner(struct archive_result *result, const struct reading *reading)
{
    if (result->owner_id == 0)
        result->owner_id = reading->owner_id;
    if (result->owner_handle[0] == '\0')
        memcpy(result->owner_handle, reading->owner_handle, sizeof result->owner_handle);
    if (result->day[0] == '\0')
        memcpy(result->day, reading->day, sizeof result->day);
}

static int merge(struct import *import, struct reading *reading, struct job *job, struct err *err)
{
    struct archive_result *result = import->result;
    int rc = check_owner(import, reading, err);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < reading->n_lists && rc == 0; i++)
        rc = merge_list(result, &reading->lists[i], job->file->name, err);
    if (rc == 0)
        rc = fact_set_merge(&result->facts, &reading->facts, err);
    if (rc < 0) {
        import->spoilt = true;
        return rc;
    }
    learn_owner(result, reading);
    memcpy(job->outcome->warning, reading->warning, sizeof job->outcome->warning);
    job->companion = reading->companion || reading->n_lists == 0;
    return 0;
}

static int read_job(struct import *import, struct job *job, struct err *err)
{
    CLEANUP(reading_release) struct reading reading;
    reading_init(&reading, import->options, job->file->name);
    reading.owner_id = import->result->owner_id;
    int rc = check_repeated(import, job, err);
    if (rc == 0)
        rc = one_file_read(&reading, job->file, &job->found, err);
    return rc < 0 ? rc : merge(import, &reading, job, err);
}

static int read_files(struct import *import)
{
    for (size_t i = 0; i < import->n; i++) {
        struct job *job = &import->jobs[i];
        struct err err = {.code = 0};
        if (job->outcome->err.code < 0)
            continue;
        int rc = read_job(import, job, &err);
        if (rc < 0 && (ends_import(fail_job(job, rc, &err)) || import->spoilt))
            return rc;
    }
    return 0;
}

/* A list without accounts that stands for the facts, where they are all that there is. */
static int list_facts(struct import *import, struct err *err)
{
    struct archive_result *result = import->result;
    struct follow_list facts;
    if (result->n_lists > 0 || result->facts.n == 0 || (import->options->kinds & LIST_BIT(LIST_FACTS)) == 0)
        return 0;
    follow_list_init(&facts, LIST_FACTS, LIST_FROM_ARCHIVE);
    int rc = merge_list(result, &facts, import->jobs[0].file->name, err);
    follow_list_release(&facts);
    return rc;
}

/* Files that only say something of others, where there are no others. */
static void fail_companions(struct import *import)
{
    for (size_t i = 0; i < import->n && import->result->n_lists == 0; i++) {
        struct job *job = &import->jobs[i];
        bool posts = job->found.kind == FILE_JSON && job->found.shape.kind == SHAPE_POSTS;
        if (job->companion && job->outcome->err.code == 0)
            err_set(&job->outcome->err, E_NOT_FOUND,
                    posts ? "this holds posts, which only tell names; give following.js or the whole archive with it"
                          : "this tells whose archive it is and holds no follow list; give following.js with it");
    }
}

/* Facts from the rows of the lists, until there are enough of them. Blocks and mutes tell nobody anything. */
static int add_row_facts(struct archive_result *result)
{
    int rc = 0;
    for (size_t i = 0; i < result->n_lists && rc == 0; i++)
        for (size_t j = 0; j < result->lists[i].n && rc == 0 && !list_kind_sealed(result->lists[i].kind); j++)
            rc = fact_set_add_file(&result->facts, &result->lists[i].accounts[j], NULL);
    return rc == E_TOO_LARGE ? 0 : rc;
}

/* What one file says of an id serves the lists of the others. */
static int resolve(struct archive_result *result, struct err *err)
{
    int rc = add_row_facts(result);
    for (size_t i = 0; i < result->n_lists && rc == 0; i++) {
        struct follow_list *list = &result->lists[i];
        list->owner_id = result->owner_id;
        memcpy(list->day, result->day, sizeof list->day);
        if (!arena_text(&list->arena, text_of(result->owner_handle), &list->owner_handle))
            return E_NOMEM;
        rc = follow_list_resolve(list, &result->facts, err);
    }
    return rc;
}

/* The error of the first file, in the order given, that has one. */
static int first_error(const struct archive_result *result, struct err *err)
{
    for (size_t i = 0; i < result->n_outcomes; i++)
        if (result->outcomes[i].err.code < 0)
            return err_set(err, result->outcomes[i].err.code, "%s", result->outcomes[i].err.text);
    return err_set(err, E_NOT_FOUND, "no file holds a follow list");
}

static int run(struct import *import, struct err *err)
{
    int rc = look_at_files(import);
    if (rc == 0) {
        qsort(import->jobs, import->n, sizeof *import->jobs, by_order);
        rc = read_files(import);
    }
    if (rc < 0)
        return first_error(import->result, err);
    rc = list_facts(import, err);
    fail_companions(import);
    if (rc == 0 && import->result->n_lists == 0)
        return first_error(import->result, err);
    return rc < 0 ? rc : resolve(import->result, err);
}

/* After an error: what became of each file is all that is left. */
static void keep_outcomes(struct archive_result *result)
{
    struct archive_result kept = {.outcomes = result->outcomes,
                                  .n_outcomes = result->outcomes ? result->n_outcomes : 0};
    result->outcomes = NULL;
    archive_result_release(result);
    *result = kept;
    fact_set_init(&result->facts);
}

int archive_read(const struct archive_file *files, size_t n, const struct archive_options *options,
                 struct archive_result *ret_result, struct err *err)
{
    struct archive_result result = {.n_outcomes = n};
    struct import import = {.options = options, .n = n, .result = &result};

    fact_set_init(&result.facts);
    result.outcomes = calloc(n, sizeof *result.outcomes);
    import.jobs = calloc(n, sizeof *import.jobs);
    int rc = result.outcomes && import.jobs ? 0 : E_NOMEM;
    for (size_t i = 0; i < n && rc == 0; i++)
        import.jobs[i] = (struct job){.file = &files[i], .outcome = &result.outcomes[i]};
    if (rc == 0)
        rc = run(&import, err);
    free(import.jobs);
    if (rc < 0)
        keep_outcomes(&result);
    *ret_result = result;
    return rc == E_NOMEM ? err_set(err, rc, NO_MEMORY) : rc;
}

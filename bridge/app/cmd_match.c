/* bridge/app/cmd_match.c
 *
 * skein match: a follow list in, pairs out. Needs no server and keeps nothing.
 *
 * Files are read before the loop starts, results are printed after it has ended; between the two there is one match run
 * on the loop.
 */
#include "app/command.h"
#include "app/known_pairs.h"
#include "app/list_files.h"
#include "app/match_output.h"
#include "app/outward.h"
#include "app/progress.h"
#include "app/stats.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "matching/match_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct match_command {
    struct invocation *invocation;
    enum match_format format;
    enum list_kind kind;
    uint64_t budget;
    struct list_files files;
    struct known_pairs known;
    struct outward outward;
    struct loop *loop;
    const struct network *network;
    struct match_run *run;
    struct progress progress;
    int64_t started_ms;
};

/* --- options ----------------------------------------------------------------------------------------------------- */

static int read_kind(struct match_command *command, struct err *err)
{
    const char *given = invocation_option(command->invocation, "kind");
    command->kind = LIST_FOLLOWING;
    if (!given || strcmp(given, list_kind_word(LIST_FOLLOWING)) == 0)
        return 0;
    if (strcmp(given, list_kind_word(LIST_FOLLOWERS)) != 0)
        return err_set(err, E_USAGE, "--kind is following or followers, not '%s'", given);
    command->kind = LIST_FOLLOWERS;
    return 0;
}

static int read_budget(struct match_command *command, struct err *err)
{
    const char *given = invocation_option(command->invocation, "budget");
    if (!given || (text_to_u64(text_of(given), &command->budget) && command->budget > 0))
        return 0;
    return err_set(err, E_USAGE, "--budget is a whole number above 0, not '%s'", given);
}

static int read_options(struct match_command *command, struct err *err)
{
    int rc = match_format_read(command->invocation, &command->format, err);
    if (rc == 0)
        rc = read_kind(command, err);
    return rc == 0 ? read_budget(command, err) : rc;
}

/* --- results ----------------------------------------------------------------------------------------------------- */

static int print_results(const struct match_command *command, struct err *err)
{
    return match_output(command->format, command->network->name, command->network->title,
                        invocation_option(command->invocation, "all") != NULL, match_run_matches(command->run),
                        command->files.list->n, err);
}

/* --- counts ------------------------------------------------------------------------------------------------------ */

static json_t *requests_json(const struct fetch *fetch)
{
    const struct fetch_count *counts;
    size_t n = fetch_counts(fetch, &counts);
    json_t *requests = json_object();
    for (size_t i = 0; i < n; i++)
        json_object_set_new(requests, counts[i].label, json_integer((json_int_t)counts[i].requests));
    return requests;
}

/* Written on the loop, while the fetch that counted is still there. */
static int write_stats(const struct match_command *command, struct err *err)
{
    CLEANUP_JSON json_t *requests = requests_json(command->outward.fetch);
    return stats_write(command->invocation, command->files.list->n, requests, match_run_counts(command->run).cache_hits,
                       command->started_ms, err);
}

/* --- the run ----------------------------------------------------------------------------------------------------- */

static void on_progress(void *context, const char *doing, size_t answered, size_t all)
{
    struct match_command *command = context;
    progress_show(&command->progress, doing, answered, all);
}

static void on_done(void *context, struct match_run *run)
{
    struct match_command *command = context;
    struct err err = {0};
    (void)run;
    if (write_stats(command, &err) < 0)
        fprintf(stderr, "skein match: %s\n", err.text);
    loop_stop(command->loop);
}

static void on_signal(void *context)
{
    struct match_command *command = context;
    match_run_cancel(command->run);
}

static int open_world(struct match_command *command, struct err *err)
{
    struct invocation *invocation = command->invocation;
    const char *name = invocation_option(invocation, "network");
    command->loop = loop_new(NULL, err);
    if (!command->loop)
        return err->code;
    int rc = loop_catch_signals(command->loop, err);
    if (rc == 0)
        rc = outward_open(&command->outward, command->loop, &invocation->config, err);
    if (rc < 0)
        return rc;
    command->network = outward_network(&command->outward, text_of(name ? name : "bluesky"));
    return command->network
               ? 0
               : err_set(err, E_USAGE, "there is no network '%s' in this version; there is: bluesky", name);
}

static int start_run(struct match_command *command, struct err *err)
{
    const char *known_path = invocation_option(command->invocation, "known");
    int rc = known_path ? known_pairs_read(&command->known, known_path, text_of(command->network->name), err) : 0;
    if (rc < 0)
        return rc;
    struct match_options options = {.network = command->network,
                                    .accounts = command->files.list->accounts,
                                    .n = command->files.list->n,
                                    .known = command->known.pairs,
                                    .n_known = command->known.n,
                                    .budget = command->budget,
                                    .progress = on_progress,
                                    .done = on_done,
                                    .context = command};
    command->run = match_run_start(command->loop, &options, err);
    if (!command->run)
        return err->code;
    return loop_on_stop(command->loop, on_signal, command);
}

/* After the loop: what came of it. */
static int conclude(struct match_command *command, struct err *err)
{
    progress_end(&command->progress);
    if (match_run_error(command->run, err) == E_CANCELLED)
        return err_set(err, E_CANCELLED, "stopped before it was done; nothing was kept");
    if (err->code < 0)
        return err->code;
    int rc = print_results(command, err);
    const char *gave_up = match_run_gave_up(command->run);
    if (rc == 0 && gave_up)
        fprintf(stderr, "Not everybody could be looked for: %s. Running the same again later asks anew.\n", gave_up);
    struct match_counts counts = match_run_counts(command->run);
    if (rc == 0 && counts.known_missing > 0)
        fprintf(stderr, "%llu of the known pairs name an X account that is not in the list.\n",
                (unsigned long long)counts.known_missing);
    return rc;
}

static int match(struct match_command *command, struct err *err)
{
    const struct invocation *invocation = command->invocation;
    if (invocation->n_arguments == 0)
        return err_set(err, E_USAGE, "give a file with a follow list, or --community NAME for a list that is stored");
    if (invocation_option(invocation, "as"))
        return err_set(err, E_USAGE, "--as names a member of a community: --community is missing");
    int rc = read_options(command, err);
    if (rc == 0)
        rc = list_files_read(&command->files, invocation->arguments, invocation->n_arguments, command->kind, err);
    if (rc == 0)
        rc = open_world(command, err);
    if (rc == 0)
        rc = start_run(command, err);
    if (rc < 0 && command->loop)
        loop_stop(command->loop); /* closes what was opened */
    if (command->loop && loop_run(command->loop) < 0)
        _exit(EXIT_FAILURE); /* something hangs that still points into what we would free */
    return rc == 0 ? conclude(command, err) : rc;
}

static void release(struct match_command *command)
{
    if (command->run)
        match_run_free(command->run);
    if (command->loop) {
        outward_release(&command->outward);
        loop_free(command->loop);
    }
    known_pairs_release(&command->known);
    list_files_release(&command->files);
}

int command_match(struct invocation *invocation)
{
    if (invocation_option(invocation, "community"))
        return command_match_list(invocation);
    struct match_command command = {.invocation = invocation, .started_ms = clock_monotonic(&clock_system)};
    struct err err = {0};
    progress_init(&command.progress);
    int status = match(&command, &err) < 0 ? invocation_fail(invocation, &err) : EXIT_SUCCESS;
    if (status == EXIT_SUCCESS && command.files.some_failed)
        status = EXIT_FAILURE; /* the others are in; the file that gave nothing was named */
    release(&command);
    return status;
}

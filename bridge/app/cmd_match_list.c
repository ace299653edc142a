/* bridge/app/cmd_match_list.c
 *
 * skein match --community: finds pairs for what a community looks for, and keeps them.
 *
 * What is found is read with `skein moved`, again and again; here only what was done is said.
 */
#include "app/command.h"
#include "app/errand.h"
#include "app/progress.h"
#include "app/reader.h"
#include "app/stats.h"
#include "base/cleanup.h"

#include <inttypes.h>
#include <stdio.h>

struct match_list_command {
    const struct invocation *invocation;
    enum reader_format format;
    struct text community;
    struct progress progress;
    char doing[64]; /* of the last progress */
    int64_t started_ms;
};

/* --- what is sent ---------------------------------------------------------------------------------------------------- */

static int read_options(struct match_list_command *command, uint64_t *ret_budget, struct err *err)
{
    static const char *const others[] = {"known", "kind", "all"};
    const struct invocation *invocation = command->invocation;
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (invocation_option(invocation, others[i]))
            return err_set(err, E_USAGE, "--%s is for files, not for --community", others[i]);
    if (invocation->n_arguments > 0)
        return err_set(err, E_USAGE,
                       "give a file or --community, not both; `skein import` brings a file into a community");
    const char *budget = invocation_option(invocation, "budget");
    *ret_budget = 0;
    if (budget && (!text_to_u64(text_of(budget), ret_budget) || *ret_budget == 0))
        return err_set(err, E_USAGE, "--budget is a whole number above 0, not '%s'", budget);
    int rc = reader_read_format(invocation, &command->format, err);
    return rc == 0 ? reader_read_community(invocation, &command->community, err) : rc;
}

static json_t *request_json(const struct match_list_command *command, uint64_t budget)
{
    const struct invocation *invocation = command->invocation;
    return json_pack("{so so so sI}", "community", json_from_view(command->community), "as",
                     json_or_null(text_of(invocation_option(invocation, "as"))), "network",
                     json_or_null(text_of(invocation_option(invocation, "network"))), "budget", (json_int_t)budget);
}

/* --- what comes back ------------------------------------------------------------------------------------------------- */

static void on_event(void *context, struct text name, struct text data)
{
    struct match_list_command *command = context;
    struct err err;
    CLEANUP_JSON json_t *progress = text_equal(name, TEXT("progress")) ? json_from_text(data, &err) : NULL;
    if (!progress)
        return;
    snprintf(command->doing, sizeof command->doing, "%.*s", TEXT_ARG(json_text_at(progress, "doing")));
    progress_show(&command->progress, command->doing, (size_t)json_i64_at(progress, "done", 0),
                  (size_t)json_i64_at(progress, "all", 0));
}

static void say_words(const struct match_list_command *command, const json_t *answer)
{
    const char *as = invocation_option(command->invocation, "as");
    struct text gave_up = json_text_at(answer, "gave_up");
    int64_t all = json_i64_at(answer, "accounts", 0);
    int64_t asked = json_i64_at(answer, "asked", 0);
    int64_t fresh = json_i64_at(answer, "fresh", 0);
    printf("%" PRId64 " accounts: %" PRId64 " were looked for now, about %" PRId64 " it is known from before.\n", all,
           asked, fresh);
    if (all > asked + fresh)
        printf("%" PRId64 " cannot be looked for: nothing but their number is known, or the budget was used up.\n",
               all - asked - fresh);
    if (!text_empty(gave_up))
        printf("Not everybody could be looked for: %.*s. The same again later goes on from here.\n", TEXT_ARG(gave_up));
    printf("Who has moved: skein moved --community %.*s%s%s\n", TEXT_ARG(command->community), as ? " --as " : "",
           as ? as : "");
}

static int say(const struct match_list_command *command, const json_t *answer, struct err *err)
{
    if (command->format == READER_JSON)
        json_dumpf(answer, stdout, JSON_COMPACT);
    if (command->format == READER_JSON)
        putchar('\n');
    else
        say_words(command, answer);
    return fflush(stdout) == 0 ? 0 : err_set(err, E_IO, "the pairs are kept, but what was done cannot be written");
}

/* --- the command ----------------------------------------------------------------------------------------------------- */

static int run(struct match_list_command *command, struct err *err)
{
    uint64_t budget;
    int rc = read_options(command, &budget, err);
    if (rc < 0)
        return rc;
    CLEANUP_JSON json_t *request = request_json(command, budget);
    CLEANUP_JSON json_t *answer = NULL;
    struct errand errand = {.target = "/control/match", .body = request, .event = on_event, .context = command};
    if (!request)
        return err_set(err, E_NOMEM, "no memory to ask");
    rc = errand_run(command->invocation, &errand, &answer, err);
    progress_end(&command->progress);
    if (rc == E_CANCELLED)
        return err_set(err, rc, "stopped before it was done; what was found so far is kept");
    if (rc == 0)
        rc = say(command, answer, err);
    if (rc < 0)
        return rc;
    return stats_write(command->invocation, (uint64_t)json_i64_at(answer, "accounts", 0),
                       json_object_get(answer, "requests"), (uint64_t)json_i64_at(answer, "cache_hits", 0),
                       command->started_ms, err);
}

int command_match_list(struct invocation *invocation)
{
    struct match_list_command command = {.invocation = invocation, .started_ms = clock_monotonic(&clock_system)};
    struct err err = {0};
    progress_init(&command.progress);
    return run(&command, &err) < 0 ? invocation_fail(invocation, &err) : EXIT_SUCCESS;
}

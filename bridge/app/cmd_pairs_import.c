/* bridge/app/cmd_pairs_import.c
 *
 * skein pairs import: pairs that people vouch for, from a CSV into a community.
 */
#include "app/command.h"
#include "app/errand.h"
#include "app/pair_file.h"
#include "app/reader.h"
#include "base/cleanup.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Pairs of one request: on the slower of the two databases some ten seconds, and the socket is silent meanwhile. */
#define PAIRS_AT_ONCE 20000

struct pairs_command {
    struct invocation *invocation;
    enum reader_format format;
    struct text community;
    uint64_t added;
    uint64_t unchanged;
    uint64_t skipped;
};

static int read_options(struct pairs_command *command, struct err *err)
{
    const char *state = invocation_option(command->invocation, "state");
    int rc = reader_read_format(command->invocation, &command->format, err);
    if (rc == 0)
        rc = reader_read_community(command->invocation, &command->community, err);
    if (rc < 0)
        return rc;
    if (!state)
        return err_set(err, E_USAGE, "--state is missing: --state confirmed says that you vouch for these pairs");
    return strcmp(state, "confirmed") == 0 ? 0 : err_set(err, E_USAGE, "--state is confirmed, not '%s'", state);
}

static void say_skipped(void *context, uint64_t line, const char *why)
{
    const struct pairs_command *command = context;
    fprintf(stderr, "%s: line %" PRIu64 " is skipped: %s\n", command->invocation->arguments[0], line, why);
}

static void on_bad_row(void *context, uint64_t line, const char *why)
{
    struct pairs_command *command = context;
    command->skipped++;
    say_skipped(context, line, why);
}

static void take_answer(struct pairs_command *command, const json_t *answer)
{
    const json_t *rows = json_object_get(answer, "skipped");
    uint64_t skipped = (uint64_t)json_i64_at(answer, "skipped_total", 0);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        say_skipped(command, (uint64_t)json_i64_at(row, "line", 0), json_string_value(json_object_get(row, "why")));
    }
    if (skipped > json_array_size(rows))
        fprintf(stderr, "... and %" PRIu64 " more\n", skipped - json_array_size(rows));
    command->added += (uint64_t)json_i64_at(answer, "added", 0);
    command->unchanged += (uint64_t)json_i64_at(answer, "unchanged", 0);
    command->skipped += skipped;
}

static int send_some(struct pairs_command *command, const json_t *pairs, size_t from, struct err *err)
{
    CLEANUP_JSON json_t *answer = NULL;
    json_t *some = json_array();
    for (size_t i = from; i < json_array_size(pairs) && i < from + PAIRS_AT_ONCE; i++)
        json_array_append(some, json_array_get(pairs, i));
    CLEANUP_JSON json_t *body =
        json_pack("{so ss so}", "community", json_from_view(command->community), "state", "confirmed", "pairs", some);
    struct errand errand = {.target = "/control/pairs", .body = body};
    int rc = body ? errand_run(command->invocation, &errand, &answer, err)
                  : err_set(err, E_NOMEM, "no memory for so many pairs");
    if (rc == 0)
        take_answer(command, answer);
    return rc;
}

static void print_counts(const struct pairs_command *command)
{
    if (command->format == READER_JSON)
        printf("{\"added\":%" PRIu64 ",\"unchanged\":%" PRIu64 ",\"skipped\":%" PRIu64 "}\n", command->added,
               command->unchanged, command->skipped);
    else
        printf("Pairs confirmed in %.*s: %" PRIu64 " new, %" PRIu64 " as before; rows skipped: %" PRIu64 ".\n",
               TEXT_ARG(command->community), command->added, command->unchanged, command->skipped);
}

static int import(struct pairs_command *command, struct err *err)
{
    CLEANUP_JSON json_t *pairs = json_array();
    int rc = read_options(command, err);
    if (rc == 0)
        rc = pair_file_read(command->invocation->arguments[0], pairs, on_bad_row, command, err);
    for (size_t i = 0; rc == 0 && i < json_array_size(pairs); i += PAIRS_AT_ONCE)
        rc = send_some(command, pairs, i, err);
    if (rc < 0)
        return rc;
    print_counts(command);
    return command->added + command->unchanged > 0
               ? 0
               : err_set(err, E_BAD_INPUT, "%s: no row of it is a pair that is taken",
                         command->invocation->arguments[0]);
}

int command_pairs_import(struct invocation *invocation)
{
    struct pairs_command command = {.invocation = invocation};
    struct err err = {0};
    return import(&command, &err) < 0 ? invocation_fail(invocation, &err) : EXIT_SUCCESS;
}

/* bridge/app/main.c
 *
 * The binary: finds the command, reads its words and settings, runs it.
 */
#include "app/command.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "store/db.h"

#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONFIG_OPTION                                                                                                  \
    {                                                                                                                  \
        "config", "FILE", "settings, as 'name = value' lines"                                                          \
    }

const struct command commands[] = {
    {.verb = "match",
     .arguments = "[FILE...]",
     .arguments_max = COMMAND_ARGUMENTS_MAX,
     .does = "Who of a follow list has moved: finds them on Bluesky, and says why it thinks so.",
     .details =
         "FILE is an X archive (.zip) or a following.js or follower.js from one, a CSV with handles, or handles\n"
         "one a line. Several files are read as one list: an exporter's CSV can name the numbers of an archive.\n"
         "Nothing is kept then, and nothing is written anywhere but to the results.\n"
         "With --community instead of files: looks for the accounts of that community's list (and with --as for those\n"
         "of the member's) about whom nothing fresh is known, and keeps what it finds for `skein moved`.",
     .options = {{"network", "NAME", "where to look (bluesky)"},
                 {"known", "PAIRS.csv", "pairs known already (header x_handle,network,profile)"},
                 {"kind", "KIND", "which list of an archive: following (the default) or followers"},
                 {"community", "NAME", "the stored list of this community, instead of files"},
                 {"as", "HANDLE", "with --community: the list of the member with this handle on X as well"},
                 {"budget", "N", "ask the network at most N questions"},
                 {"format", "FORMAT",
                  "of a file's results: table (the default), csv or json (a line for each account)"},
                 {"all", NULL, "in the table, list also who was not found"},
                 {"stats", "FILE", "write counts of questions, seconds and memory as JSON"},
                 {"data", "FOLDER", "the data folder"},
                 CONFIG_OPTION},
     .run = command_match},
    {.verb = "import",
     .arguments = "FILE...",
     .arguments_min = 1,
     .arguments_max = COMMAND_ARGUMENTS_MAX,
     .does = "Stores follow lists: a community's, or with --as a member's own.",
     .details =
         "FILE is what `skein match` takes. All files are one upload: parts of one list in any order, and an\n"
         "exporter's CSV that names the numbers of an archive. A whole list (an archive's) replaces an older one;\n"
         "other lists add. The same upload twice changes nothing. Beside a running server, that server does it.",
     .options = {{"community", "NAME", "whose list it is: small letters, digits and '-'; made where it is new"},
                 {"as", "HANDLE", "the member on X whose own list it is; without it, the list is the community's"},
                 {"kind", "KIND", "which list is meant: following, followers, roster, blocks or mutes"},
                 {"source", "NAME", "what the file is taken for: archive, api, exporter, csv or pasted"},
                 {"format", "FORMAT", "text (the default) or json (a line for each list)"},
                 {"stats", "FILE", "write counts, seconds and memory as JSON"},
                 {"data", "FOLDER", "the data folder"},
                 CONFIG_OPTION},
     .run = command_import},
    {.verb = "pairs import",
     .arguments = "FILE",
     .arguments_min = 1,
     .arguments_max = 1,
     .does = "Takes pairs that you vouch for from a CSV (x_handle,network,profile) into a community.",
     .details =
         "The header names the columns; x_id instead of x_handle, or beside it, is fine. The profile is an id (for\n"
         "Bluesky a DID). A row that cannot be read is named with its line and skipped.",
     .options = {{"community", "NAME", "whose pairs these are"},
                 {"state", "STATE", "confirmed: you vouch for them"},
                 {"format", "FORMAT", "text (the default) or json"},
                 {"data", "FOLDER", "the data folder"},
                 CONFIG_OPTION},
     .run = command_pairs_import},
    {.verb = "person hide",
     .arguments = "HANDLE",
     .arguments_min = 1,
     .arguments_max = 1,
     .does = "Leaves out a person who wishes it: nobody asks about them, pairs them or is shown them any more.",
     .details = "HANDLE is one on X (alice), one on a network (alice.example), or a DID. Stored pairs of them go now.",
     .options = {{"data", "FOLDER", "the data folder"}, CONFIG_OPTION},
     .run = command_person_hide},
    {.verb = "serve",
     .arguments = "",
     .does = "Owns the store and does what commands bring; answers over HTTP: health, readiness and metrics.",
     .options = {CONFIG_OPTION,
                 {"listen", "ADDRESS", "address and port, such as 127.0.0.1:8080"},
                 {"data", "FOLDER", "the data folder"}},
     .run = command_serve},
    {.verb = "moved",
     .arguments = "",
     .does = "Who of a community's roster, or with --as of a member's own list, has moved.",
     .details = "Tells what is stored and asks nobody: `skein match --community C` looks for people.",
     .options = {CONFIG_OPTION,
                 {"data", "FOLDER", "the data folder"},
                 {"community", "C", "whose roster, and whose pairs count"},
                 {"as", "HANDLE", "the member of it, by X handle, whose own list is asked about"},
                 {"network", "NAME", "on which network (bluesky)"},
                 {"state", "STATE", "only proven, confirmed, likely, possible, rejected or none"},
                 {"all", NULL, "in the table, list also who was not found"},
                 {"format", "FORMAT", "table (the default), csv or json (a line for each account)"},
                 {"stats", "FILE", "write counts of accounts, seconds and memory as JSON"}},
     .run = command_moved},
    {.verb = "pairs export",
     .arguments = "",
     .does = "Prints the pairs of a community that somebody vouches for.",
     .details =
         "CSV is what `skein pairs import` and `skein match --known` read. Who wished to be left out is not there.",
     .options = {CONFIG_OPTION,
                 {"data", "FOLDER", "the data folder"},
                 {"community", "C", "whose"},
                 {"network", "NAME", "on which network (bluesky)"},
                 {"state", "STATE", "proven, confirmed (both, without this option), likely, possible or rejected"},
                 {"format", "FORMAT", "csv (the default) or json (a line for each pair)"}},
     .run = command_pairs_export},
    {.verb = "backup",
     .arguments = "FILE",
     .arguments_min = 1,
     .arguments_max = 1,
     .does = "Writes one state of everything that is stored to FILE, also beside a running server.",
     .details = "FILE is a zip of the database and of left-out.log, and must not be there yet. The keys are not in it: "
                "keep a\n"
                "copy of the key file in another place. Without it, a backup does not come back to life.",
     .options = {CONFIG_OPTION, {"data", "FOLDER", "the data folder"}},
     .run = command_backup},
    {.verb = "restore",
     .arguments = "FILE",
     .arguments_min = 1,
     .arguments_max = 1,
     .does = "Puts a backup into the data folder, which must hold the key file that belongs to it.",
     .details = "No server may run on the folder. Wishes to be left out that came after the backup are kept.",
     .options = {CONFIG_OPTION,
                 {"data", "FOLDER", "the data folder"},
                 {"replace", NULL, "instead of the database there, which is gone then"}},
     .run = command_restore},
    {.verb = "check",
     .arguments = "",
     .does = "Looks at everything that is stored, and says what is damaged.",
     .details = "Reads only, also beside a running server. Exit status 1 where something is damaged.",
     .options = {CONFIG_OPTION,
                 {"data", "FOLDER", "the data folder"},
                 {"format", "FORMAT", "text (the default) or json"}},
     .run = command_check},
    {.verb = "schema",
     .arguments = "",
     .does = "Lists the steps of the database's schema, and when each was applied.",
     .options = {CONFIG_OPTION,
                 {"data", "FOLDER", "the data folder"},
                 {"format", "FORMAT", "text (the default) or json"}},
     .run = command_schema},
    {.verb = "key fingerprint",
     .arguments = "",
     .does = "Prints the fingerprint of the key file, to compare with the copy that you keep.",
     .options = {CONFIG_OPTION,
                 {"data", "FOLDER", "the data folder"},
                 {"format", "FORMAT", "text (the default) or json"}},
     .run = command_key_fingerprint},
    {.verb = "config",
     .arguments = "",
     .does = "Prints every setting with its value, default and meaning.",
     .options = {CONFIG_OPTION, {"format", "FORMAT", "text (the default) or json"}},
     .run = command_config},
    {.verb = "version", .arguments = "", .does = "Prints the version.", .run = command_version},
    {.verb = NULL},
};

#define COMMANDS (ARRAY_LEN(commands) - 1)

static void print_help(FILE *to)
{
    fprintf(to, "Skein carries a community's follow lists from X to the networks its people moved to.\n\n"
                "Usage: skein COMMAND [ARGUMENTS] [--option VALUE]...\n\nCommands:\n");
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(to, "  %-17s%s\n", commands[i].verb, commands[i].does);
    fprintf(to, "\nskein COMMAND --help says more. Settings: skein config.\n");
}

/* Settings of which the command has an option of the same name. */
static int take_setting_options(struct invocation *invocation, struct err *err)
{
    for (size_t i = 0; i < SETTINGS; i++) {
        const char *name = config_name((enum setting)i);
        const char *value = invocation_option(invocation, name);
        int rc = value ? config_set(&invocation->config, text_of(name), text_of(value), FROM_OPTION, err) : 0;
        if (rc < 0)
            return rc;
    }
    return 0;
}

static void apply_log_settings(const struct config *config)
{
    enum log_level level = LOG_WARN;
    enum log_format format = LOG_AS_TEXT;
    log_level_of(config_text(config, SETTING_LOG_LEVEL), &level);
    log_format_of(config_text(config, SETTING_LOG_FORMAT), &format);
    log_configure(level, format);
}

/* libuv reads the size of its pool once, at first use. */
static void apply_workers(const struct config *config)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%.*s", TEXT_ARG(config_text(config, SETTING_WORKERS)));
    setenv("UV_THREADPOOL_SIZE", digits, 1);
}

static int run(struct invocation *invocation, int count, char **words)
{
    struct err err = {0};
    bool help;
    if (invocation_parse(invocation, count, words, &help, &err) < 0)
        return invocation_fail(invocation, &err);
    if (help) {
        command_print_help(invocation->command);
        return EXIT_SUCCESS;
    }
    if (config_load(&invocation->config, invocation_option(invocation, "config"), &err) < 0 ||
        take_setting_options(invocation, &err) < 0)
        return invocation_fail(invocation, &err);
    apply_log_settings(&invocation->config);
    apply_workers(&invocation->config);
    if (config_flag(&invocation->config, SETTING_ALLOW_LOOPBACK))
        log_line(LOG_WARN, "app",
                 "allow_loopback = 1: requests out may reach this machine over plain http. For tests only.");
    if (text_equal(config_text(&invocation->config, SETTING_TEST_SYNCHRONOUS), TEXT("off")))
        db_sync_nothing();
    return invocation->command->run(invocation);
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN); /* a reader that leaves is an error of write, not an end of the process */
    if (sodium_init() < 0) {
        fprintf(stderr, "skein: this system gives no random numbers (libsodium cannot start)\n");
        return EXIT_FAILURE;
    }
    const char *verb = argc > 1 ? argv[1] : "--help";
    if (text_equal(text_of(verb), TEXT("--help")) || text_equal(text_of(verb), TEXT("-h")) ||
        text_equal(text_of(verb), TEXT("help"))) {
        print_help(argc > 1 ? stdout : stderr);
        return argc > 1 ? EXIT_SUCCESS : EXIT_WRONG_USAGE;
    }
    static char version[] = "version";
    if (text_equal(text_of(verb), TEXT("--version")))
        argv[1] = version;
    struct err err = {0};
    int used;
    struct invocation invocation = {.command = command_find(commands, argc - 1, argv + 1, &used, &err)};
    if (!invocation.command) {
        fprintf(stderr, "skein: %s\n", err.text);
        return EXIT_WRONG_USAGE;
    }
    int status = run(&invocation, argc - 1 - used, argv + 1 + used);
    config_release(&invocation.config);
    return status;
}

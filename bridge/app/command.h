/* bridge/app/command.h
 *
 * Commands as data: `skein VERB [ARGUMENTS] [--option VALUE]`, help and checking from one table. A verb is one word
 * (`match`), or two (`pairs import`).
 *
 * Exit status: 0 success, 1 failure, 2 wrong usage. Results go to stdout, everything else to stderr.
 */
#ifndef SKEIN_APP_COMMAND_H
#define SKEIN_APP_COMMAND_H

#include "app/config.h"
#include "base/err.h"

#define EXIT_WRONG_USAGE 2

struct option_row {
    const char *name;  /* without the dashes */
    const char *value; /* what stands for the value in the help, "FILE"; NULL: a switch */
    const char *help;
};

#define COMMANDS_MAX          48
#define COMMAND_OPTIONS_MAX   12
#define COMMAND_ARGUMENTS_MAX 64

struct invocation;

struct command {
    const char *verb;      /* "match", "pairs import" */
    const char *arguments; /* for the help: "FILE..." */
    size_t arguments_min;
    size_t arguments_max;
    const char *does;    /* one line */
    const char *details; /* more lines for its own help; may be NULL */
    struct option_row options[COMMAND_OPTIONS_MAX];
    int (*run)(struct invocation *invocation); /* returns the exit status */
};

struct invocation {
    const struct command *command;
    const char *arguments[COMMAND_ARGUMENTS_MAX];
    size_t n_arguments;
    const char *options[COMMAND_OPTIONS_MAX]; /* by place in the command's table; NULL: not given */
    struct config config;
};

/* The command of the table `all` (which ends with a verb of NULL) that the words begin with, and of how many words its verb
 * is. NULL and E_USAGE with a sentence: there is no such command, or its second word is missing. */
const struct command *command_find(const struct command *all, int count, char **words, int *ret_used, struct err *err);

/* The value of an option, NULL where it was not given ("" for a switch that was). `name` is in the command's table. */
const char *invocation_option(const struct invocation *invocation, const char *name);

/* Reads the words after the verb. E_USAGE with a sentence. Sets ret_help where --help was among them. */
int invocation_parse(struct invocation *invocation, int count, char **words, bool *ret_help, struct err *err);

/* Prints "skein VERB: sentence" on stderr and returns the exit status that fits the error. */
int invocation_fail(const struct invocation *invocation, const struct err *err);

void command_print_help(const struct command *command);

/* The commands, in the order of the help; ends with a verb of NULL. */
extern const struct command commands[];

int command_match(struct invocation *invocation);
int command_match_list(struct invocation *invocation); /* match --community */
int command_import(struct invocation *invocation);
int command_pairs_import(struct invocation *invocation);
int command_person_hide(struct invocation *invocation);
int command_serve(struct invocation *invocation);
int command_moved(struct invocation *invocation);
int command_pairs_export(struct invocation *invocation);
int command_backup(struct invocation *invocation);
int command_restore(struct invocation *invocation);
int command_check(struct invocation *invocation);
int command_schema(struct invocation *invocation);
int command_key_fingerprint(struct invocation *invocation);
int command_config(struct invocation *invocation);
int command_version(struct invocation *invocation);

#endif

/* bridge/app/command.c
 *
 * Reading a command line against its command's table, and the help made from it.
 */
#include "app/command.h"

#include "app/nearest.h"
#include "base/cleanup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HELP_COLUMN 26

/* --- the verb ------------------------------------------------------------------------------------------------------ */

static struct text first_word(const char *verb)
{
    struct text whole = text_of(verb);
    return text_slice(whole, 0, text_find_byte(whole, ' ', 0));
}

/* How many of the words this verb is; 0: they are another. */
static int words_of(const char *verb, int count, char **words)
{
    struct text rest = text_of(verb);
    struct text word;
    int used = 0;
    while (text_cut(&rest, ' ', &word))
        if (used == count || !text_equal(word, text_of(words[used++])))
            return 0;
    return used;
}

/* "person is followed by one of: hide, find" */
static int second_word_wrong(const struct command *all, const char *first, struct err *err)
{
    char seconds[256] = "";
    size_t len = 0;
    for (const struct command *command = all; command->verb; command++) {
        struct text word = first_word(command->verb);
        if (!text_equal(word, text_of(first)) || len >= sizeof seconds)
            continue;
        len += (size_t)snprintf(seconds + len, sizeof seconds - len, "%s%s", len > 0 ? ", " : "",
                                command->verb + word.len + 1);
    }
    return err_set(err, E_USAGE, "'%s' is followed by one of: %s", first, seconds);
}

static int unknown_verb(const struct command *all, const char *first, struct err *err)
{
    const char *verbs[COMMANDS_MAX];
    size_t n = 0;
    while (n < COMMANDS_MAX && all[n].verb) {
        verbs[n] = all[n].verb;
        n++;
    }
    return err_set(err, E_USAGE, "there is no command '%s'; the nearest is '%s' (skein --help lists them all)", first,
                   nearest_word(text_of(first), verbs, n));
}

const struct command *command_find(const struct command *all, int count, char **words, int *ret_used, struct err *err)
{
    bool first_known = false;
    for (const struct command *command = all; command->verb; command++) {
        *ret_used = words_of(command->verb, count, words);
        if (*ret_used > 0)
            return command;
        first_known |= text_equal(first_word(command->verb), text_of(words[0]));
    }
    if (first_known)
        second_word_wrong(all, words[0], err);
    else
        unknown_verb(all, words[0], err);
    return NULL;
}

/* --- its words ----------------------------------------------------------------------------------------------------- */

static size_t count_options(const struct command *command)
{
    size_t n = 0;
    while (n < COMMAND_OPTIONS_MAX && command->options[n].name)
        n++;
    return n;
}

static bool find_option(const struct command *command, struct text name, size_t *ret_place)
{
    for (size_t i = 0; i < count_options(command); i++) {
        if (text_equal(name, text_of(command->options[i].name))) {
            *ret_place = i;
            return true;
        }
    }
    return false;
}

const char *invocation_option(const struct invocation *invocation, const char *name)
{
    size_t place;
    return find_option(invocation->command, text_of(name), &place) ? invocation->options[place] : NULL;
}

static int unknown_option(const struct command *command, struct text name, struct err *err)
{
    const char *names[COMMAND_OPTIONS_MAX];
    size_t n = count_options(command);
    for (size_t i = 0; i < n; i++)
        names[i] = command->options[i].name;
    if (n == 0)
        return err_set(err, E_USAGE, "there is no option --%.*s; this command takes none", TEXT_ARG(name));
    return err_set(err, E_USAGE, "there is no option --%.*s; the nearest is --%s", TEXT_ARG(name),
                   nearest_word(name, names, n));
}

/* Takes `--name`, `--name value` or `--name=value` at words[*at]. */
static int take_option(struct invocation *invocation, int count, char **words, int *at, struct err *err)
{
    struct text word = text_of(words[*at] + 2);
    size_t equals = text_find_byte(word, '=', 0);
    struct text name = text_slice(word, 0, equals);
    const char *value = equals == TEXT_NOWHERE ? NULL : words[*at] + 2 + equals + 1;
    size_t place;
    if (!find_option(invocation->command, name, &place))
        return unknown_option(invocation->command, name, err);
    const struct option_row *row = &invocation->command->options[place];
    if (!row->value && value)
        return err_set(err, E_USAGE, "--%s takes no value", row->name);
    if (row->value && !value) {
        if (*at + 1 >= count)
            return err_set(err, E_USAGE, "--%s needs a value: --%s %s", row->name, row->name, row->value);
        value = words[++*at];
    }
    if (invocation->options[place])
        return err_set(err, E_USAGE, "--%s is given twice", row->name);
    invocation->options[place] = value ? value : "";
    return 0;
}

static int check_count(const struct invocation *invocation, struct err *err)
{
    const struct command *command = invocation->command;
    if (invocation->n_arguments < command->arguments_min)
        return err_set(err, E_USAGE, "%s is missing; usage: skein %s %s", command->arguments, command->verb,
                       command->arguments);
    return 0;
}

int invocation_parse(struct invocation *invocation, int count, char **words, bool *ret_help, struct err *err)
{
    const struct command *command = invocation->command;
    bool only_arguments = false; /* after -- */
    *ret_help = false;
    for (int at = 0; at < count; at++) {
        struct text word = text_of(words[at]);
        if (!only_arguments && (text_equal(word, TEXT("--help")) || text_equal(word, TEXT("-h")))) {
            *ret_help = true;
            return 0;
        }
        if (!only_arguments && text_equal(word, TEXT("--"))) {
            only_arguments = true;
            continue;
        }
        if (!only_arguments && text_starts(word, TEXT("--"))) {
            int rc = take_option(invocation, count, words, &at, err);
            if (rc < 0)
                return rc;
            continue;
        }
        if (invocation->n_arguments == command->arguments_max)
            return err_set(err, E_USAGE, "'%s' is one argument too many; usage: skein %s %s", words[at], command->verb,
                           command->arguments);
        invocation->arguments[invocation->n_arguments++] = words[at];
    }
    return check_count(invocation, err);
}

/* --- what is said -------------------------------------------------------------------------------------------------- */

int invocation_fail(const struct invocation *invocation, const struct err *err)
{
    fprintf(stderr, "skein %s: %s\n", invocation->command->verb, err->text);
    return err->code == E_USAGE ? EXIT_WRONG_USAGE : EXIT_FAILURE;
}

void command_print_help(const struct command *command)
{
    printf("Usage: skein %s%s%s%s\n\n%s\n", command->verb, *command->arguments ? " " : "", command->arguments,
           count_options(command) ? " [--option VALUE]..." : "", command->does);
    if (command->details)
        printf("\n%s\n", command->details);
    if (count_options(command) > 0)
        printf("\nOptions:\n");
    for (size_t i = 0; i < count_options(command); i++) {
        const struct option_row *row = &command->options[i];
        int width = printf("  --%s%s%s", row->name, row->value ? " " : "", row->value ? row->value : "");
        printf("%*s%s\n", width < HELP_COLUMN ? HELP_COLUMN - width : 1, "", row->help);
    }
}

/* tests/unit/app/test_command.c
 *
 * Verbs of one word and of two, and the words behind them.
 */
#include "app/command.h"
#include "base/cleanup.h"
#include "lib/check.h"

#include <string.h>

static const struct command table[] = {
    {.verb = "match",
     .arguments = "[FILE]...",
     .arguments_max = 2,
     .options = {{"community", "NAME", "whose"}, {"all", NULL, "everybody"}}},
    {.verb = "pairs import", .arguments = "FILE", .arguments_min = 1, .arguments_max = 1},
    {.verb = "pairs export", .arguments = ""},
    {.verb = NULL},
};

#define WORDS_MAX 6

static const struct {
    const char *words[WORDS_MAX];
    int place; /* in the table; -1: none */
    int used;
    const char *sentence;
} found[] = {
    {{"match", "a.csv"}, 0, 1, NULL},
    {{"pairs", "import", "a.csv"}, 1, 2, NULL},
    {{"pairs", "export"}, 2, 2, NULL},
    {{"pairs"}, -1, 0, "'pairs' is followed by one of: import, export"},
    {{"pairs", "--help"}, -1, 0, "'pairs' is followed by one of: import, export"},
    {{"pairs import"}, -1, 0, "there is no command 'pairs import'; the nearest is 'pairs import'"},
    {{"import", "a.csv"}, -1, 0, "there is no command 'import'; the nearest is 'pairs import'"},
    {{"mathc"}, -1, 0, "there is no command 'mathc'; the nearest is 'match' (skein --help lists them all)"},
};

static int take_words(const char *const from[WORDS_MAX], char *ret_words[WORDS_MAX])
{
    int n = 0;
    for (; n < WORDS_MAX && from[n]; n++)
        ret_words[n] = (char *)(uintptr_t)from[n];
    return n;
}

static void test_verbs(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(found); i++) {
        struct err err = {0};
        char *words[WORDS_MAX];
        int used;
        int n = take_words(found[i].words, words);
        const struct command *command = command_find(table, n, words, &used, &err);
        if (found[i].place >= 0) {
            assert_ptr_equal(command, &table[found[i].place]);
            assert_int_equal(used, found[i].used);
            continue;
        }
        assert_null(command);
        assert_int_equal(err.code, E_USAGE);
        if (!strstr(err.text, found[i].sentence))
            fail_msg("'%s' does not hold '%s'", err.text, found[i].sentence);
    }
}

static void test_options_and_arguments(void **state)
{
    struct invocation invocation = {.command = &table[0]};
    struct err err = {0};
    char *words[WORDS_MAX];
    bool help;
    (void)state;
    int n =
        take_words((const char *const[WORDS_MAX]){"a.csv", "--community", "potters", "--all", "--", "--b.csv"}, words);
    assert_int_equal(invocation_parse(&invocation, n, words, &help, &err), 0);
    assert_false(help);
    assert_int_equal(invocation.n_arguments, 2);
    assert_string_equal(invocation.arguments[1], "--b.csv");
    assert_string_equal(invocation_option(&invocation, "community"), "potters");
    assert_string_equal(invocation_option(&invocation, "all"), "");
}

static const struct {
    const char *words[WORDS_MAX];
    size_t place;
    const char *sentence;
} wrong[] = {
    {{"--comunity", "x"}, 0, "there is no option --comunity; the nearest is --community"},
    {{"--community"}, 0, "--community needs a value: --community NAME"},
    {{"--all=1"}, 0, "--all takes no value"},
    {{"--all", "--all"}, 0, "--all is given twice"},
    {{"a", "b", "c"}, 0, "'c' is one argument too many"},
    {{NULL}, 1, "FILE is missing; usage: skein pairs import FILE"},
    {{"--all"}, 2, "this command takes none"},
};

static void test_wrong_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct invocation invocation = {.command = &table[wrong[i].place]};
        struct err err = {0};
        char *words[WORDS_MAX];
        bool help;
        int n = take_words(wrong[i].words, words);
        assert_int_equal(invocation_parse(&invocation, n, words, &help, &err), E_USAGE);
        if (!strstr(err.text, wrong[i].sentence))
            fail_msg("'%s' does not hold '%s'", err.text, wrong[i].sentence);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_verbs), cmocka_unit_test(test_options_and_arguments),
                                       cmocka_unit_test(test_wrong_words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

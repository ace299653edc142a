/* tests/unit/linkage/test_letters.c
 *
 * letter_cost counted again from common_names: the table is what its comment says, to the digit.
 *
 * Every name stands once with every name behind it in each form of handle, givensurname three times as often as
 * gsurname, given and surname. Brought down to one handle for each name of the list, so that half a case more in each
 * cell weighs beside a list this short. When the names change, the program prints the table that belongs to them.
 */
#include "base/text.h"
#include "linkage/frequency_table.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define LETTERS    26
#define WHOLE_NAME 3 /* of six handles, those of given name and surname together */
#define ALL_FORMS  6

struct counts {
    uint64_t cell[LETTERS + 1][LETTERS + 1]; /* as letter_cost */
};

static size_t letter_of(char c)
{
    assert_in_range(c, 'a', 'z');
    return (size_t)(c - 'a');
}

static void count_handle(struct counts *counts, struct text given, struct text surname, uint64_t times)
{
    size_t row = 0;
    for (size_t i = 0; i < given.len + surname.len; i++) {
        size_t letter = letter_of(i < given.len ? given.data[i] : surname.data[i - given.len]);
        counts->cell[row][letter] += times;
        row = letter + 1;
    }
    counts->cell[row][LETTERS] += times;
}

static void count_handles(struct counts *counts)
{
    for (size_t g = 0; g < n_common_names; g++) {
        struct text given = text_of(common_names[g].name);
        for (size_t s = 0; s < n_common_names; s++) {
            struct text surname = text_of(common_names[s].name);
            count_handle(counts, given, surname, WHOLE_NAME);
            count_handle(counts, text_slice(given, 0, 1), surname, 1);
            count_handle(counts, given, TEXT_NONE, 1);
            count_handle(counts, TEXT_NONE, surname, 1);
        }
    }
}

static void count_costs(const struct counts *counts, unsigned ret_costs[LETTERS + 1][LETTERS + 1])
{
    /* Half a case where n handles were made of n names; here it were ALL_FORMS * n * n. */
    uint64_t half = ALL_FORMS * n_common_names / 2;
    for (size_t row = 0; row <= LETTERS; row++) {
        uint64_t all = (LETTERS + 1) * half;
        for (size_t column = 0; column <= LETTERS; column++)
            all += counts->cell[row][column];
        for (size_t column = 0; column <= LETTERS; column++) {
            double share = (double)(counts->cell[row][column] + half) / (double)all;
            ret_costs[row][column] = (unsigned)lround(-8 * log2(share));
        }
    }
}

static void print_costs(unsigned costs[LETTERS + 1][LETTERS + 1])
{
    for (size_t row = 0; row <= LETTERS; row++) {
        if (row == 0)
            printf("    /* start */ {");
        else
            printf("    /* %c */ {", (char)('a' + row - 1));
        for (size_t column = 0; column <= LETTERS; column++)
            printf("%s%u", column > 0 ? ", " : "", costs[row][column]);
        printf("},\n");
    }
}

static void test_letters_are_those_of_the_names(void **state)
{
    static struct counts counts;
    unsigned costs[LETTERS + 1][LETTERS + 1];
    size_t differ = 0;
    (void)state;
    count_handles(&counts);
    count_costs(&counts, costs);
    for (size_t row = 0; row <= LETTERS; row++)
        for (size_t column = 0; column <= LETTERS; column++)
            differ += costs[row][column] != letter_cost[row][column];
    if (differ > 0)
        print_costs(costs);
    assert_int_equal(differ, 0);
}

static void test_names_have_one_of_four_classes(void **state)
{
    static const float classes[] = {7.0f, 8.5f, 10.0f, 11.5f};
    (void)state;
    for (size_t i = 0; i < n_common_names; i++) {
        bool known = false;
        for (size_t k = 0; k < sizeof classes / sizeof classes[0]; k++)
            known = known || !(common_names[i].bits < classes[k] || common_names[i].bits > classes[k]);
        assert_true(known);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_letters_are_those_of_the_names),
        cmocka_unit_test(test_names_have_one_of_four_classes),
    };
    return cmocka_run_group_tests_name("linkage.letters", tests, NULL, NULL);
}

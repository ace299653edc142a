/* tests/unit/base/test_id.c
 *
 * Ids sort by their time, hold what the specification says, and are read back only where they are whole.
 */
#include "base/id.h"

#include "base/cleanup.h"
#include "lib/check.h"
#include "lib/seeded.h"

#include <string.h>

static int64_t now_ms;

static int64_t turned_wall(void *context)
{
    (void)context;
    return now_ms;
}

static const struct clock turned = {.wall_ms = turned_wall, .monotonic_ms = turned_wall};

static void fill_with(void *context, void *bytes, size_t len)
{
    memset(bytes, *(const unsigned char *)context, len);
}

static struct id made(int64_t ms, unsigned char noise)
{
    struct id id;
    now_ms = ms;
    id_new(&turned, &(struct random_source){.fill = fill_with, .context = &noise}, &id);
    return id;
}

/* The specification's example of a time, and both ends. */
static void known_times(void **state)
{
    (void)state;
    assert_string_equal(made(1469918176385, 0).chars, "01ARYZ6S410000000000000000");
    assert_string_equal(made(0, 0xff).chars, "0000000000ZZZZZZZZZZZZZZZZ");
    assert_string_equal(made((INT64_C(1) << 48) - 1, 31).chars, "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
}

static void later_ones_sort_behind(void **state)
{
    (void)state;
    struct seeded seeded = seeded_start("ids sort by time");
    for (size_t i = 0; i < 10000; i++) {
        int64_t ms = (int64_t)(seeded_next(&seeded) >> 17);
        struct id before = made(ms, (unsigned char)seeded_next(&seeded));
        struct id after = made(ms + 1 + (int64_t)seeded_below(&seeded, 1000), (unsigned char)seeded_next(&seeded));
        assert_true(text_compare(id_text(&before), id_text(&after)) < 0);
    }
}

static void those_of_one_moment_differ(void **state)
{
    (void)state;
    struct id before = {""};
    for (size_t i = 0; i < 1000; i++) {
        struct id id;
        struct id back;
        id_new(&turned, &random_system, &id);
        assert_string_not_equal(id.chars, before.chars);
        assert_true(id_parse(id_text(&id), &back));
        assert_memory_equal(&id, &back, sizeof id);
        before = id;
    }
}

static void none_is_empty(void **state)
{
    (void)state;
    struct id none = {""};
    assert_int_equal(id_text(&none).len, 0);
}

static void what_is_no_id_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "01ARYZ6S41",
        "01ARYZ6S4100000000000000000",
        "01ARYZ6S4100000000000000 0",
        "01aryz6s410000000000000000",
        "01ARYZ6S41000000000000000I",
        "01ARYZ6S41000000000000000L",
        "01ARYZ6S41000000000000000O",
        "01ARYZ6S41000000000000000U",
        "81ARYZ6S410000000000000000",
        "01ARYZ6S4100000000000000\303\251",
    };
    struct id id = {"untouched"};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_false(id_parse(text_of(wrong[i]), &id));
    assert_false(id_parse((struct text){"01ARYZ6S41000000000000000\0", 26}, &id));
    assert_string_equal(id.chars, "untouched");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_times),
        cmocka_unit_test(later_ones_sort_behind),
        cmocka_unit_test(those_of_one_moment_differ),
        cmocka_unit_test(none_is_empty),
        cmocka_unit_test(what_is_no_id_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

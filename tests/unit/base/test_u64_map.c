/* tests/unit/base/test_u64_map.c
 *
 * Numbers to numbers: what was put is found, also after growing, and nothing else.
 */
#include "base/u64_map.h"

#include "base/cleanup.h"
#include "lib/check.h"

static void empty_holds_nothing(void **state)
{
    struct u64_map map;
    uint32_t value = 9;
    (void)state;
    u64_map_init(&map);
    assert_false(u64_map_get(&map, 0, &value));
    assert_int_equal(value, 9);
    u64_map_release(&map);
}

static void many_are_found_after_growing(void **state)
{
    CLEANUP(u64_map_release) struct u64_map map;
    uint32_t value;
    (void)state;
    u64_map_init(&map);
    for (uint32_t i = 0; i < 100000; i++)
        assert_int_equal(u64_map_put(&map, (uint64_t)i * UINT64_C(0x100000000), i), 0);
    assert_int_equal(map.count, 100000);
    for (uint32_t i = 0; i < 100000; i++) {
        assert_true(u64_map_get(&map, (uint64_t)i * UINT64_C(0x100000000), &value));
        assert_int_equal(value, i);
        assert_false(u64_map_get(&map, (uint64_t)i * UINT64_C(0x100000000) + 1, &value));
    }
}

static void a_key_holds_the_last_value(void **state)
{
    CLEANUP(u64_map_release) struct u64_map map;
    uint32_t value;
    (void)state;
    u64_map_init(&map);
    assert_int_equal(u64_map_put(&map, UINT64_MAX, 1), 0);
    assert_int_equal(u64_map_put(&map, UINT64_MAX, UINT32_MAX - 1), 0);
    assert_int_equal(map.count, 1);
    assert_true(u64_map_get(&map, UINT64_MAX, &value));
    assert_int_equal(value, UINT32_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_holds_nothing),
        cmocka_unit_test(many_are_found_after_growing),
        cmocka_unit_test(a_key_holds_the_last_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

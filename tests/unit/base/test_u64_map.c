/* tests/unit/base/test_u64_map.c
 *
 * Numbers to numbers: what was put is found, also after growing, and nothing else; and no pattern of ids makes runs.
 */
#include "base/u64_map.h"

#include "base/cleanup.h"
#include "base/err.h"
#include "lib/check.h"
#include "lib/seeded.h"

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

static void a_copy_has_room_and_all_that_was_there(void **state)
{
    CLEANUP(u64_map_release) struct u64_map map;
    CLEANUP(u64_map_release) struct u64_map copy;
    struct seeded seeded = seeded_start("a copied map");
    uint32_t value;
    (void)state;
    u64_map_init(&map);
    u64_map_init(&copy);
    assert_false(u64_map_has_room(&map, 1));
    for (uint32_t i = 0; i < 1000; i++) {
        uint64_t key = seeded_next(&seeded);
        assert_int_equal(u64_map_put(&map, key, i), 0);
        u64_map_fetch_ahead(&map, key);
    }
    assert_int_equal(u64_map_copy(&map, 5000, &copy), 0);
    assert_true(u64_map_has_room(&copy, 5000));
    assert_int_equal(copy.count, map.count);
    size_t size = copy.size;
    for (uint32_t i = 0; i < 5000; i++)
        assert_int_equal(u64_map_put(&copy, i, i), 0);
    assert_int_equal(copy.size, size);
    seeded = seeded_start("a copied map");
    for (uint32_t i = 0; i < 1000; i++) {
        assert_true(u64_map_get(&copy, seeded_next(&seeded), &value));
        assert_int_equal(value, i);
    }
    assert_int_equal(u64_map_copy(&map, SIZE_MAX, &copy), E_NOMEM);
}

static void clearing_forgets(void **state)
{
    CLEANUP(u64_map_release) struct u64_map map;
    uint32_t value;
    (void)state;
    u64_map_init(&map);
    u64_map_clear(&map, 64);
    for (unsigned round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < 40; i++)
            assert_int_equal(u64_map_put(&map, i, i + round), 0);
        assert_true(u64_map_get(&map, 7, &value));
        assert_int_equal(value, 7 + round);
        struct u64_slot *slots = map.slots;
        u64_map_clear(&map, 64);
        assert_ptr_equal(map.slots, slots);
        assert_int_equal(map.count, 0);
        assert_false(u64_map_get(&map, 7, &value));
        assert_int_equal(u64_map_put(&map, 9, 1), 0);
        assert_false(u64_map_get(&map, 7, &value));
        u64_map_clear(&map, 63);
        assert_null(map.slots);
        assert_false(u64_map_get(&map, 9, &value));
    }
}

/* What somebody could upload to make look-ups slow: ids with a pattern. */
static uint64_t patterned(unsigned pattern, uint64_t i)
{
    switch (pattern) {
    case 0:
        return i;
    case 1:
        return i << 16;
    case 2:
        return i << 24;
    case 3:
        return i << 32;
    case 4:
        return i << 47;
    case 5:
        return ~i;
    case 6:
        return i * 1000003;
    case 7:
        return i * UINT64_C(0x9e3779b97f4a7c15);
    case 8:
        return i * UINT64_C(0xffffffff);
    case 9:
        return __builtin_bswap64(i);
    case 10:
        return (i & 1023) << 54 | i >> 10;
    default:
        return i * i;
    }
}

#define PATTERNS  12
#define PATTERNED 24576 /* fills a table of 2^15 to the brim */
#define TABLES    10

/* At three of four slots in use a key that is there lies 1.5 slots behind its place (Knuth, volume 3, 6.4): so do
 * patterned ids, whatever the table's key. With one multiplication some lay 60 behind. */
static void patterns_make_no_runs(void **state)
{
    (void)state;
    for (unsigned table = 0; table < TABLES; table++) {
        for (unsigned pattern = 0; pattern < PATTERNS; pattern++) {
            CLEANUP(u64_map_release) struct u64_map map;
            size_t steps = 0;
            u64_map_init(&map);
            for (uint32_t i = 0; i < PATTERNED; i++)
                assert_int_equal(u64_map_put(&map, patterned(pattern, i), i), 0);
            assert_int_equal(map.count, PATTERNED);
            for (uint32_t i = 0; i < PATTERNED; i++)
                steps += u64_map_steps(&map, patterned(pattern, i));
            if (steps > PATTERNED * 2)
                fail_msg("pattern %u: %.2f steps a look-up", pattern, (double)steps / PATTERNED);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_holds_nothing),        cmocka_unit_test(many_are_found_after_growing),
        cmocka_unit_test(a_key_holds_the_last_value), cmocka_unit_test(a_copy_has_room_and_all_that_was_there),
        cmocka_unit_test(clearing_forgets),           cmocka_unit_test(patterns_make_no_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tests/unit/base/test_map_hash.c
 *
 * The keyed hash for tables of one's own.
 */
#include "base/map.h"
#include "lib/check.h"

static void test_same_text_same_hash(void **state)
{
    char copy[] = "mira";
    (void)state;
    assert_true(map_hash(TEXT("mira")) == map_hash((struct text){copy, 4}));
    assert_true(map_hash(TEXT_NONE) == map_hash(TEXT("")));
}

static void test_other_text_other_hash(void **state)
{
    uint64_t seen[256];
    (void)state;
    for (int i = 0; i < 256; i++) {
        char byte = (char)i;
        seen[i] = map_hash((struct text){&byte, 1});
        for (int k = 0; k < i; k++)
            assert_true(seen[i] != seen[k]);
    }
    assert_true(map_hash(TEXT("ab")) != map_hash(TEXT("ba")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_text_same_hash),
        cmocka_unit_test(test_other_text_other_hash),
    };
    return cmocka_run_group_tests_name("base.map_hash", tests, NULL, NULL);
}

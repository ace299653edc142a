/* tests/unit/base/test_memory.c
 *
 * Bounded buffers, the arena, the map.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/map.h"
#include "lib/check.h"

#include <string.h>

static void test_buf_keeps_its_maximum(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, 5);
    assert_string_equal(buf_string(&buf), "");
    assert_int_equal(buf_add(&buf, TEXT("abc")), 0);
    assert_int_equal(buf_add(&buf, TEXT("def")), E_TOO_LARGE);
    assert_true(buf.failed);
    assert_string_equal(buf_string(&buf), "abc");
    assert_int_equal(buf_printf(&buf, "%d", 12), 0);
    assert_int_equal(buf_printf(&buf, "%d", 3), E_TOO_LARGE);
    assert_string_equal(buf_string(&buf), "abc12");
    buf_clear(&buf);
    assert_false(buf.failed);
    assert_int_equal(buf_add(&buf, TEXT_NONE), 0);
    assert_int_equal(buf.len, 0);
}

static void test_buf_extend_and_truncate(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf buf;
    char *at = NULL;
    buf_init(&buf, 8);
    buf_truncate(&buf, 0); /* of nothing */
    assert_int_equal(buf_add(&buf, TEXT("abc")), 0);
    assert_int_equal(buf_extend(&buf, 5, &at), 0);
    memcpy(at, "defgh", 5);
    assert_string_equal(buf_string(&buf), "abcdefgh");
    assert_int_equal(buf_extend(&buf, 1, &at), E_TOO_LARGE);
    buf_truncate(&buf, 9);
    assert_int_equal(buf.len, 8);
    buf_truncate(&buf, 2);
    assert_string_equal(buf_string(&buf), "ab");
    assert_int_equal(buf.len, 2);
}

static void test_buf_drop(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, 100);
    buf_drop(&buf, 3); /* of nothing */
    buf_add(&buf, TEXT("abcdef"));
    buf_drop(&buf, 2);
    assert_string_equal(buf_string(&buf), "cdef");
    buf_drop(&buf, 99);
    assert_string_equal(buf_string(&buf), "");
    assert_int_equal(buf.len, 0);
}

static void test_arena_pieces_do_not_overlap(void **state)
{
    (void)state;
    struct arena arena;
    char *pieces[500];
    arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        pieces[i] = arena_alloc(&arena, i + 1, 1);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
        for (size_t k = 0; k <= i; k++)
            assert_int_equal(pieces[i][k], 0);
        memset(pieces[i], (int)(i % 251) + 1, i + 1);
    }
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++)
        for (size_t k = 0; k <= i; k++)
            assert_int_equal((unsigned char)pieces[i][k], i % 251 + 1);
    arena_release(&arena);
}

static void test_arena_keeps_its_maximum(void **state)
{
    (void)state;
    struct arena arena;
    struct text copy;
    arena_init(&arena, 64);
    assert_null(arena_alloc(&arena, SIZE_MAX / 2, 4)); /* the product overflows */
    assert_null(arena_alloc(&arena, 65, 1));
    assert_true(arena_text(&arena, TEXT("kept"), &copy));
    assert_string_equal(copy.data, "kept");
    assert_true(arena_lower(&arena, TEXT("AdÄ"), &copy));
    assert_string_equal(copy.data, "adÄ");
    assert_string_equal(arena_printf(&arena, "%d-%s", 7, "x"), "7-x");
    assert_null(arena_alloc(&arena, 64, 1));
    arena_release(&arena);
}

static void test_arena_grow(void **state)
{
    (void)state;
    struct arena arena;
    int *numbers = NULL;
    arena_init(&arena, 1 << 20);
    for (int i = 0; i < 1000; i++) {
        numbers = arena_grow(&arena, numbers, (size_t)i, sizeof *numbers);
        assert_non_null(numbers);
        numbers[i] = i;
    }
    for (int i = 0; i < 1000; i++)
        assert_int_equal(numbers[i], i);
    arena_release(&arena);
}

static void test_map(void **state)
{
    (void)state;
    CLEANUP(map_release) struct map map;
    int one = 1;
    int two = 2;
    map_init(&map);
    assert_null(map_get(&map, TEXT("a")));
    assert_int_equal(map_put(&map, TEXT("a"), &one), 0);
    assert_int_equal(map_put(&map, TEXT(""), &two), 0);
    assert_ptr_equal(map_get(&map, TEXT("a")), &one);
    assert_ptr_equal(map_get(&map, TEXT_NONE), &two); /* the empty text is a key like others */
    assert_int_equal(map_put(&map, TEXT("a"), &two), 0);
    assert_int_equal(map_count(&map), 2);
    assert_ptr_equal(map_take(&map, TEXT("a")), &two);
    assert_null(map_take(&map, TEXT("a")));
    assert_int_equal(map_count(&map), 1);
}

static void test_map_walks_in_order(void **state)
{
    (void)state;
    CLEANUP(map_release) struct map map;
    static char keys[3000][8];
    map_init(&map);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        snprintf(keys[i], sizeof keys[i], "k%zu", i);
        assert_int_equal(map_put(&map, text_of(keys[i]), keys[i]), 0);
    }
    size_t n = 0;
    for (const struct map_entry *entry = map_first(&map); entry; entry = map_next(entry), n++) {
        assert_ptr_equal(map_value(entry), keys[n]);
        assert_true(text_equal(map_key(entry), text_of(keys[n])));
    }
    assert_int_equal(n, ARRAY_LEN(keys));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buf_keeps_its_maximum),
        cmocka_unit_test(test_buf_extend_and_truncate),
        cmocka_unit_test(test_buf_drop),
        cmocka_unit_test(test_arena_pieces_do_not_overlap),
        cmocka_unit_test(test_arena_keeps_its_maximum),
        cmocka_unit_test(test_arena_grow),
        cmocka_unit_test(test_map),
        cmocka_unit_test(test_map_walks_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tests/unit/graph/test_id_set.c
 *
 * Sets of numbers: what goes in comes out, once and in order; and blobs of any bytes are read or refused.
 */
#include "graph/id_set.h"

#include "base/cleanup.h"
#include "lib/check.h"
#include "lib/seeded.h"

#include <stdlib.h>
#include <string.h>

#define BLOB_MAX (1 << 24)

static int compare(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a;
    uint32_t right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

/* Numbers of all magnitudes, with doubles. */
static uint32_t any_number(struct seeded *seeded)
{
    uint32_t number = (uint32_t)seeded_next(seeded) >> seeded_below(seeded, 32);
    return number == 0 ? 1 : number;
}

static void fill(struct seeded *seeded, struct id_set *set, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_int_equal(id_set_add(set, any_number(seeded)), 0);
}

static void sorting_is_as_qsort_says(void **state)
{
    (void)state;
    struct seeded seeded = seeded_start("sets are sorted, each number once");
    for (size_t round = 0; round < 300; round++) {
        CLEANUP(id_set_release) struct id_set set;
        size_t n = seeded_below(&seeded, round % 10 == 0 ? 20000 : 50);
        size_t wanted = 0;
        id_set_init(&set);
        fill(&seeded, &set, n);
        CLEANUP_FREE uint32_t *copy = calloc(n + 1, sizeof *copy);
        if (n > 0)
            memcpy(copy, set.numbers, n * sizeof *copy);
        qsort(copy, n, sizeof *copy, compare);
        assert_int_equal(id_set_sort(&set), 0);
        for (size_t i = 0; i < n; i++)
            if (i == 0 || copy[i] != copy[i - 1])
                assert_int_equal(set.numbers[wanted++], copy[i]);
        assert_int_equal(set.n, wanted);
        for (size_t i = 0; i < 50; i++) {
            uint32_t asked = any_number(&seeded);
            assert_int_equal(id_set_has(&set, asked), bsearch(&asked, copy, n, sizeof *copy, compare) != NULL);
        }
    }
}

static void a_set_comes_back_from_its_blob(void **state)
{
    (void)state;
    struct seeded seeded = seeded_start("sets through their blobs");
    for (size_t round = 0; round < 300; round++) {
        CLEANUP(id_set_release) struct id_set set;
        CLEANUP(id_set_release) struct id_set back;
        CLEANUP(buf_release) struct buf blob;
        struct err err = {0};
        id_set_init(&set);
        id_set_init(&back);
        buf_init(&blob, BLOB_MAX);
        fill(&seeded, &set, seeded_below(&seeded, 3000));
        assert_int_equal(id_set_sort(&set), 0);
        assert_int_equal(buf_add(&blob, TEXT("before")), 0);
        assert_int_equal(id_set_encode(&set, &blob), 0);
        struct text bytes = text_slice(buf_text(&blob), 6, blob.len);
        assert_int_equal(id_set_decode(&back, bytes, set.n, &err), 0);
        assert_int_equal(back.n, set.n);
        if (set.n == 0)
            continue;
        assert_memory_equal(back.numbers, set.numbers, set.n * sizeof *set.numbers);
        for (size_t i = 0; i < 20; i++) { /* any other n, and any shorter blob */
            CLEANUP(id_set_release) struct id_set none;
            id_set_init(&none);
            size_t cut = seeded_below(&seeded, bytes.len);
            assert_int_equal(id_set_decode(&none, text_slice(bytes, 0, cut), set.n, &err), E_BAD_INPUT);
            assert_int_equal(id_set_decode(&none, bytes, seeded_below(&seeded, set.n), &err), E_BAD_INPUT);
            assert_int_equal(id_set_decode(&none, bytes, set.n + 1 + seeded_below(&seeded, 1 << 20), &err),
                             E_BAD_INPUT);
            assert_int_equal(none.n, 0);
        }
    }
}

static void what_two_sets_share(void **state)
{
    (void)state;
    struct seeded seeded = seeded_start("common and united sets");
    for (size_t round = 0; round < 500; round++) {
        CLEANUP(id_set_release) struct id_set a;
        CLEANUP(id_set_release) struct id_set b;
        CLEANUP(id_set_release) struct id_set all;
        size_t common = 0;
        size_t fresh;
        id_set_init(&a);
        id_set_init(&b);
        id_set_init(&all);
        for (uint32_t number = 1; number < 200; number++) {
            bool in_a = seeded_below(&seeded, 3) == 0;
            bool in_b = seeded_below(&seeded, 3) == 0;
            assert_int_equal(in_a ? id_set_add(&a, number) : 0, 0);
            assert_int_equal(in_b ? id_set_add(&b, number) : 0, 0);
            assert_int_equal(in_a || in_b ? id_set_add(&all, number) : 0, 0);
            common += in_a && in_b;
        }
        assert_int_equal(id_set_common(&a, &b), common);
        assert_int_equal(id_set_common(&b, &a), common);
        assert_int_equal(id_set_unite(&a, &b, &fresh), 0);
        assert_int_equal(fresh, b.n - common);
        assert_int_equal(a.n, all.n);
        assert_memory_equal(a.numbers, all.numbers, all.n * sizeof *all.numbers);
        assert_int_equal(id_set_unite(&a, &b, &fresh), 0);
        assert_int_equal(fresh, 0);
    }
}

static void empty_sets(void **state)
{
    (void)state;
    CLEANUP(id_set_release) struct id_set a;
    CLEANUP(id_set_release) struct id_set b;
    CLEANUP(buf_release) struct buf blob;
    struct err err = {0};
    size_t fresh = 9;
    id_set_init(&a);
    id_set_init(&b);
    buf_init(&blob, 16);
    assert_int_equal(id_set_sort(&a), 0);
    assert_false(id_set_has(&a, 1));
    assert_int_equal(id_set_unite(&a, &b, &fresh), 0);
    assert_int_equal(fresh, 0);
    assert_int_equal(id_set_encode(&a, &blob), 0);
    assert_int_equal(blob.len, 0);
    assert_int_equal(id_set_decode(&a, TEXT_NONE, 0, &err), 0);
    assert_int_equal(id_set_add(&b, 7), 0);
    assert_int_equal(id_set_unite(&a, &b, &fresh), 0);
    assert_int_equal(fresh, 1);
    assert_true(id_set_has(&a, 7));
}

/* The form in the store, byte for byte: it may never change. */
static void known_bytes(void **state)
{
    (void)state;
    static const uint32_t numbers[] = {1, 128, 256, 16640, UINT32_MAX};
    static const unsigned char bytes[] = {0x01, 0x7f, 0x80, 0x01, 0x80, 0x80, 0x01, 0xff, 0xfd, 0xfe, 0xff, 0x0f};
    CLEANUP(id_set_release) struct id_set set;
    CLEANUP(buf_release) struct buf blob;
    id_set_init(&set);
    buf_init(&blob, sizeof bytes);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        assert_int_equal(id_set_add(&set, numbers[i]), 0);
    assert_int_equal(id_set_encode(&set, &blob), 0);
    assert_int_equal(blob.len, sizeof bytes);
    assert_memory_equal(blob.data, bytes, sizeof bytes);
}

static const struct {
    const char *why;
    const char *bytes;
    size_t len;
    size_t n;
} hostile[] = {
    {"a number 0", "\0", 1, 1},
    {"the same number twice", "\5\0", 2, 2},
    {"cut in a number", "\x80", 1, 1},
    {"a longer form", "\x81\x00", 2, 1},
    {"six bytes", "\x81\x80\x80\x80\x80\x01", 6, 1},
    {"33 bits", "\xff\xff\xff\xff\x1f", 5, 1},
    {"a sum over 32 bits", "\xff\xff\xff\xff\x0f\x01", 6, 2},
    {"bytes behind", "\1\1", 2, 1},
    {"fewer bytes than numbers", "\1\1", 2, SIZE_MAX},
};

static void damaged_blobs_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
        CLEANUP(id_set_release) struct id_set set;
        struct err err = {0};
        id_set_init(&set);
        if (id_set_decode(&set, (struct text){hostile[i].bytes, hostile[i].len}, hostile[i].n, &err) != E_BAD_INPUT)
            fail_msg("%s was taken", hostile[i].why);
        assert_int_equal(err.code, E_BAD_INPUT);
        assert_int_equal(set.n, 0);
    }
}

static void a_full_buffer_is_said(void **state)
{
    (void)state;
    CLEANUP(id_set_release) struct id_set set;
    CLEANUP(buf_release) struct buf blob;
    id_set_init(&set);
    buf_init(&blob, 3);
    for (uint32_t i = 1; i <= 4; i++)
        assert_int_equal(id_set_add(&set, i), 0);
    assert_int_equal(id_set_encode(&set, &blob), E_TOO_LARGE);
    assert_int_equal(blob.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sorting_is_as_qsort_says),
        cmocka_unit_test(a_set_comes_back_from_its_blob),
        cmocka_unit_test(what_two_sets_share),
        cmocka_unit_test(empty_sets),
        cmocka_unit_test(known_bytes),
        cmocka_unit_test(damaged_blobs_are_refused),
        cmocka_unit_test(a_full_buffer_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

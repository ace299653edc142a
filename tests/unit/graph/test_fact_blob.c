/* tests/unit/graph/test_fact_blob.c
 *
 * Facts: what one upload says comes back by number, the first of two that speak of one account; damage is named.
 */
#include "graph/fact_blob.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "lib/check.h"
#include "lib/seeded.h"

#include <stdlib.h>
#include <string.h>

#define BLOB_MAX  (1 << 24)
#define FACTS_MAX 400

static struct text any_text(struct seeded *seeded, struct arena *arena, size_t max)
{
    CLEANUP(buf_release) struct buf buf;
    struct text text = TEXT_NONE;
    buf_init(&buf, BLOB_MAX);
    if (seeded_below(seeded, 3) > 0)
        seeded_text(seeded, &buf, max);
    assert_true(arena_text(arena, buf_text(&buf), &text));
    return text;
}

static struct fact any_fact(struct seeded *seeded, struct arena *arena)
{
    return (struct fact){
        .number = 1 + (uint32_t)(seeded_next(seeded) >> 32 >> seeded_below(seeded, 31)) / 2,
        .day = (uint32_t)seeded_below(seeded, 3) * 20000,
        .account = {.handle = any_text(seeded, arena, 20),
                    .name = any_text(seeded, arena, 50),
                    .bio = any_text(seeded, arena, 200),
                    .website = any_text(seeded, arena, 30),
                    .location = any_text(seeded, arena, 30),
                    .is_protected = (enum known)seeded_below(seeded, 3),
                    .is_verified = (enum known)seeded_below(seeded, 3)},
    };
}

static bool facts_equal(const struct fact *a, const struct fact *b)
{
    return a->number == b->number && a->day == b->day && text_equal(a->account.handle, b->account.handle) &&
           text_equal(a->account.name, b->account.name) && text_equal(a->account.bio, b->account.bio) &&
           text_equal(a->account.website, b->account.website) && text_equal(a->account.location, b->account.location) &&
           a->account.is_protected == b->account.is_protected && a->account.is_verified == b->account.is_verified;
}

static const struct fact *first_of(const struct fact *facts, size_t n, uint32_t number)
{
    for (size_t i = 0; i < n; i++)
        if (facts[i].number == number)
            return &facts[i];
    return NULL;
}

static void facts_come_back_by_number(void **state)
{
    (void)state;
    struct seeded seeded = seeded_start("facts through their blobs");
    for (size_t round = 0; round < 100; round++) {
        CLEANUP(buf_release) struct buf blob;
        CLEANUP(arena_release) struct arena arena;
        struct fact facts[FACTS_MAX];
        struct fact_reader reader;
        struct fact fact;
        size_t n = seeded_below(&seeded, FACTS_MAX);
        size_t written = 99999;
        size_t seen = 0;
        uint32_t before = 0;
        buf_init(&blob, BLOB_MAX);
        arena_init(&arena, BLOB_MAX);
        for (size_t i = 0; i < n; i++)
            facts[i] = any_fact(&seeded, &arena);
        assert_int_equal(fact_blob_write(facts, n, &blob, &written), 0);
        assert_int_equal(fact_reader_init(&reader, buf_text(&blob), NULL), 0);
        for (; fact_reader_next(&reader, &fact, NULL) == 1; seen++) {
            assert_true(fact.number > before);
            assert_true(facts_equal(&fact, first_of(facts, n, fact.number)));
            before = fact.number;
        }
        assert_int_equal(fact_reader_next(&reader, &fact, NULL), 0);
        assert_int_equal(seen, written);
        assert_true(written <= n && (written > 0 || n == 0));
    }
}

/* The form in the store, byte for byte. */
static void known_bytes(void **state)
{
    (void)state;
    static const struct fact facts[] = {
        {.number = 300, .day = 20000, .account = {.handle = TEXT_INIT("jane"), .is_protected = KNOWN_NO}},
        {.number = 3, .account = {.handle = TEXT_INIT("al"), .name = TEXT_INIT("Al"), .is_verified = KNOWN_YES}},
        {.number = 301,
         .day = 20000,
         .account = {.bio = TEXT_INIT("b"), .website = TEXT_INIT("w"), .location = TEXT_INIT("l")}},
    };
    static const char bytes[] = "\1"
                                "\x03\x46\x02"
                                "al\x02"
                                "Al"
                                "\xa9\x02\x83\x04\xa0\x9c\x01\x04"
                                "jane"
                                "\x01\x38\x01"
                                "b\x01"
                                "w\x01"
                                "l";
    CLEANUP(buf_release) struct buf blob;
    buf_init(&blob, BLOB_MAX);
    assert_int_equal(fact_blob_write(facts, ARRAY_LEN(facts), &blob, NULL), 0);
    assert_int_equal(blob.len, sizeof bytes - 1);
    assert_memory_equal(blob.data, bytes, sizeof bytes - 1);
}

static const struct {
    const char *why;
    const char *bytes;
    size_t len;
} hostile[] = {
    {"a number without bits", "\1\3", 2},
    {"number 0", "\1\0\0", 3},
    {"the same number twice", "\1\3\0\0\0", 5},
    {"a number over 32 bits", "\1\xff\xff\xff\xff\x0f\0\1\0", 9},
    {"bits that nobody knows", "\1\3\x80\x08", 4},
    {"verified both ways", "\1\3\xc0\x01", 4},
    {"protected both ways", "\1\3\x80\x06", 4},
    {"a day that is cut", "\1\3\1\xa0", 4},
    {"a text behind the end", "\1\3\2\4abc", 7},
    {"a text of four billion bytes",
     "\1\3\2\xff\xff\xff\xff\x0f"
     "abc",
     11},
    {"an empty text that is there", "\1\3\2\0", 4},
    {"a text without its length", "\1\3\2", 3},
};

static void damaged_blobs_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
        struct fact_reader reader;
        struct fact fact;
        struct err err = {0};
        int rc;
        assert_int_equal(fact_reader_init(&reader, (struct text){hostile[i].bytes, hostile[i].len}, &err), 0);
        do
            rc = fact_reader_next(&reader, &fact, &err);
        while (rc == 1);
        if (rc != E_BAD_INPUT || err.code != E_BAD_INPUT)
            fail_msg("%s was taken", hostile[i].why);
    }
}

static void other_versions_are_refused(void **state)
{
    (void)state;
    struct fact_reader reader;
    struct err err = {0};
    assert_int_equal(fact_reader_init(&reader, TEXT_NONE, &err), E_BAD_INPUT);
    assert_int_equal(fact_reader_init(&reader, TEXT("\2"), &err), E_BAD_INPUT);
    assert_int_equal(fact_reader_init(&reader, TEXT("\1"), &err), 0);
}

/* Any blob that is cut ends in an error, or where an entry ends. */
static void a_cut_blob_never_says_more(void **state)
{
    (void)state;
    struct seeded seeded = seeded_start("cut facts");
    CLEANUP(buf_release) struct buf blob;
    CLEANUP(arena_release) struct arena arena;
    struct fact facts[20];
    size_t whole = 0;
    buf_init(&blob, BLOB_MAX);
    arena_init(&arena, BLOB_MAX);
    for (size_t i = 0; i < ARRAY_LEN(facts); i++)
        facts[i] = any_fact(&seeded, &arena);
    assert_int_equal(fact_blob_write(facts, ARRAY_LEN(facts), &blob, &whole), 0);
    for (size_t len = 1; len < blob.len; len++) {
        CLEANUP_FREE char *copy = malloc(len); /* of its own length, so that a read behind it is noticed */
        struct fact_reader reader;
        struct fact fact;
        size_t seen = 0;
        memcpy(copy, blob.data, len);
        assert_int_equal(fact_reader_init(&reader, (struct text){copy, len}, NULL), 0);
        for (; fact_reader_next(&reader, &fact, NULL) == 1; seen++)
            assert_true(facts_equal(&fact, first_of(facts, ARRAY_LEN(facts), fact.number)));
        assert_true(seen < whole);
    }
}

static void a_full_buffer_is_left_as_it_was(void **state)
{
    (void)state;
    static const struct fact fact = {.number = 1, .account = {.handle = TEXT_INIT("jane"), .name = TEXT_INIT("Jane")}};
    for (size_t max = 0; max < 13; max++) {
        CLEANUP(buf_release) struct buf blob;
        buf_init(&blob, max);
        assert_int_equal(fact_blob_write(&fact, 1, &blob, NULL), E_TOO_LARGE);
        assert_int_equal(blob.len, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_come_back_by_number),  cmocka_unit_test(known_bytes),
        cmocka_unit_test(damaged_blobs_are_refused),  cmocka_unit_test(other_versions_are_refused),
        cmocka_unit_test(a_cut_blob_never_says_more), cmocka_unit_test(a_full_buffer_is_left_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tests/unit/linkage/test_evidence.c
 *
 * Evidence as it is kept: what a decision was made of comes back word for word.
 */
#include "linkage/evidence.h"

#include "base/cleanup.h"
#include "base/limits.h"
#include "lib/check.h"
#include "linkage/decide.h"
#include "linkage/weights.h"

#include <math.h>

static void every_line_of_the_table_comes_back(void **state)
{
    (void)state;
    struct arena arena;
    struct buf out;
    arena_init(&arena, MIB);
    buf_init(&out, MIB);
    size_t lines = 0;
    for (enum weight_row row = 0; row < N_WEIGHT_ROWS; row++) {
        for (unsigned level = 0; level < 20; level++) {
            const struct weight *weight = weight_of(row, level);
            struct pair back = {0};
            if (!weight->level)
                continue;
            struct evidence evidence = {weight_row_name(row), weight->level, log2(weight->m / weight->u)};
            struct pair pair = {.evidence = {evidence}, .n_evidence = 1};
            buf_clear(&out);
            assert_int_equal(evidence_write(&pair, &out), 0);
            assert_int_equal(evidence_read(buf_text(&out), &arena, &back, NULL), 0);
            assert_int_equal(back.n_evidence, 1);
            assert_ptr_equal(back.evidence[0].kind, evidence.kind); /* the table's own words, not copies */
            assert_ptr_equal(back.evidence[0].level, evidence.level);
            assert_true(fabs(back.evidence[0].weight - evidence.weight) <= 0.0005);
            lines++;
        }
    }
    assert_true(lines > 30);
    buf_release(&out);
    arena_release(&arena);
}

static void order_and_sentence_stay(void **state)
{
    (void)state;
    struct arena arena;
    CLEANUP(buf_release) struct buf out;
    CLEANUP(buf_release) struct buf sentence;
    const struct pair pair = {
        .evidence = {{"name", "equal", 6.5951}, {"handle", "squeezed", 3.0}, {"standing", "quiet", -2.0}},
        .n_evidence = 3};
    struct pair back = {0};
    arena_init(&arena, MIB);
    buf_init(&out, MIB);
    buf_init(&sentence, MIB);
    assert_int_equal(evidence_write(&pair, &out), 0);
    assert_text(buf_text(&out),
                "[[\"name\",\"equal\",6.595],[\"handle\",\"squeezed\",3.0],[\"standing\",\"quiet\",-2.0]]");
    assert_int_equal(evidence_read(buf_text(&out), &arena, &back, NULL), 0);
    assert_int_equal(linkage_explain(&back, &sentence), 0);
    assert_string_equal(buf_string(&sentence),
                        "Same name and same handle apart from the underscore; but the profile has "
                        "not a single post.");
    assert_int_equal(evidence_read(TEXT_NONE, &arena, &back, NULL), 0);
    assert_int_equal(back.n_evidence, 0);
    assert_int_equal(evidence_read(TEXT("[]"), &arena, &back, NULL), 0);
    arena_release(&arena);
}

/* A pair outlives the table by which it was decided. */
static void words_of_another_table_are_read_as_they_stand(void **state)
{
    (void)state;
    struct arena arena;
    struct pair back = {0};
    arena_init(&arena, MIB);
    assert_int_equal(evidence_read(TEXT("[[\"handle\",\"rhymes\",1],[\"hat\",\"equal\",0.5]]"), &arena, &back, NULL),
                     0);
    assert_int_equal(back.n_evidence, 2);
    assert_string_equal(back.evidence[0].level, "rhymes");
    assert_string_equal(back.evidence[1].kind, "hat");
    assert_string_equal(back.evidence[1].level, "equal");
    arena_release(&arena);
}

static void what_is_no_evidence_is_told(void **state)
{
    (void)state;
    static const char *const bad[] = {"{",
                                      "{}",
                                      "7",
                                      "[7]",
                                      "[[\"handle\",\"equal\"]]",
                                      "[[\"handle\",\"equal\",\"3\"]]",
                                      "[[\"\",\"equal\",3]]",
                                      "[[1,2,3]]",
                                      "[1,2,3,4,5,6,7,8,9,10,11,12,13]"};
    struct arena arena;
    arena_init(&arena, MIB);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct err err = {0};
        struct pair back = {.n_evidence = 5};
        if (evidence_read(text_of(bad[i]), &arena, &back, &err) != E_BAD_INPUT || err.text[0] == '\0')
            fail_msg("taken: %s", bad[i]);
        assert_int_equal(back.n_evidence, 0);
    }
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_of_the_table_comes_back),
        cmocka_unit_test(order_and_sentence_stay),
        cmocka_unit_test(words_of_another_table_are_read_as_they_stand),
        cmocka_unit_test(what_is_no_evidence_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

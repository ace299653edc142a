/* tests/unit/imports/test_sealed.c
 *
 * Blocks and mutes (promise 8): sealed in the member's row, for seven days, as keyed hashes where they are blocks, and
 * nowhere else.
 */
#include "world.h"

#include "graph/sealed_list.h"
#include "store/left_out.h"
#include "store/left_out_set.h"
#include "store/wishes.h"

#define SEALED (LIST_BIT(LIST_BLOCKS) | LIST_BIT(LIST_MUTES))

static struct world world;

static int open_world(void **state)
{
    (void)state;
    world_open(&world, "");
    return 0;
}

static int close_world(void **state)
{
    (void)state;
    world_close(&world);
    return 0;
}

static struct archive_plan plan_of(size_t blocks, const char *day)
{
    return (struct archive_plan){.seed = 5,
                                 .owner_handle = "maren_k",
                                 .day = day,
                                 .follows = 20,
                                 .mentioned = 10,
                                 .posts = 10,
                                 .blocks = blocks,
                                 .mutes = 3};
}

/* The ids of the member's sealed list; how many. */
static size_t sealed_ids(const char *kind, uint64_t *ret_ids, size_t most)
{
    CLEANUP(buf_release) struct buf plain;
    struct id owner = owner_of(&world, "flock", "maren_k");
    struct sealed_row row;
    struct sealed_reader reader;
    struct sealed_entry entry;
    struct err err = {0};
    char bound_to[64];
    size_t n = 0;
    buf_init(&plain, MIB);
    assert_int_equal(sealed_get(world.reader, &owner, text_of(kind), &world.arena, &row, &err), 0);
    int64_t days = row.until_ms - clock_wall(&clock_system);
    assert_true(days > 7 * DAY_MS - HOUR_MS && days <= 7 * DAY_MS);
    snprintf(bound_to, sizeof bound_to, "%s/%s", owner.chars, kind);
    assert_int_equal(keys_unseal(store_keys(world.store), row.box, text_of(bound_to), &plain, &err), 0);
    assert_int_equal(sealed_reader_init(&reader, buf_text(&plain), &err), 0);
    while (sealed_reader_next(&reader, &entry, &err) == 1) {
        assert_true(n < most);
        ret_ids[n++] = entry.id;
    }
    assert_int_equal(err.code, 0);
    return n;
}

static size_t log_lines(void)
{
    CLEANUP(buf_release) struct buf log;
    size_t n = 0;
    buf_init(&log, MIB);
    scratch_read(scratch_name(&world.scratch, "", "data/" LEFT_OUT_FILE), &log);
    for (size_t i = 0; i < log.len; i++)
        n += log.data[i] == '\n';
    return n;
}

static void they_are_sealed_and_nowhere_else(void **state)
{
    struct archive_plan plan = plan_of(5, "2025-01-22");
    uint64_t ids[16];
    struct follow_set_row *rows;
    struct fact_set_row *facts;
    size_t n;
    struct err err = {0};
    (void)state;
    write_archive(&world, "maren.zip", &plan);
    upload_well(&world, &(struct upload){.as = "maren_k", .kinds = SEALED, .files = {"maren.zip"}});
    assert_counts(line_of(&world, "blocks"), 5, 5, 0, 0);
    assert_counts(line_of(&world, "mutes"), 3, 3, 0, 0);
    assert_int_equal(line_of(&world, "blocks")->facts, 0);

    assert_int_equal(sealed_ids("mutes", ids, ARRAY_LEN(ids)), 3);
    assert_int_equal(sealed_ids("blocks", ids, ARRAY_LEN(ids)), 5);
    struct id owner = owner_of(&world, "flock", "maren_k");
    for (size_t i = 0; i < 5; i++) {
        struct keyed_hash hash;
        bool has = false;
        uint32_t number;
        left_out_hash_x_id(store_keys(world.store), ids[i], &hash);
        assert_int_equal(shield_has(world.reader, &hash, &owner, &has, &err), 0);
        assert_true(has);
        assert_false(numbers_of_id(world.numbers, ids[i], &number));
    }
    assert_int_equal(log_lines(), 5); /* mutes shield nobody */
    assert_int_equal(sets_of(&world, &owner, "blocks", &rows), 0);
    assert_int_equal(sets_of(&world, &owner, "following", &rows), 0);
    assert_int_equal(fact_set_list(world.reader, &owner, &world.arena, &facts, &n, &err), 0);
    assert_int_equal(n, 0);
}

static void beside_a_list_they_stay_apart(void **state)
{
    struct archive_plan plan = plan_of(5, "2025-01-22");
    uint64_t ids[16];
    uint32_t number;
    (void)state;
    write_archive(&world, "maren.zip", &plan);
    upload_well(&world,
                &(struct upload){.as = "maren_k", .kinds = SEALED | LIST_BIT(LIST_FOLLOWING), .files = {"maren.zip"}});
    assert_counts(line_of(&world, "following"), 20, 20, 0, 0);
    assert_counts(line_of(&world, "blocks"), 5, 5, 0, 0);
    size_t n = sealed_ids("blocks", ids, ARRAY_LEN(ids));
    for (size_t i = 0; i < n; i++)
        assert_false(numbers_of_id(world.numbers, ids[i], &number));
}

static void lists_of_other_days(void **state)
{
    struct archive_plan plan = plan_of(5, "2025-01-22");
    struct archive_plan newer = plan_of(4, "2025-02-01");
    uint64_t ids[16];
    (void)state;
    write_archive(&world, "maren.zip", &plan);
    write_archive(&world, "newer.zip", &newer);
    write_file(&world, "blocks.csv", "id,screen_name\n77,spam_one\n");
    const struct upload first = {.as = "maren_k", .kinds = LIST_BIT(LIST_BLOCKS), .files = {"maren.zip"}};
    const struct upload second = {.as = "maren_k", .kinds = LIST_BIT(LIST_BLOCKS), .files = {"newer.zip"}};
    const struct upload csv = {.as = "maren_k", .kinds = LIST_BIT(LIST_BLOCKS), .files = {"blocks.csv"}};
    upload_well(&world, &first);
    upload_well(&world, &first);
    assert_counts(line_of(&world, "blocks"), 5, 0, 0, 5);
    assert_true(line_of(&world, "blocks")->note.len > 0);
    assert_int_equal(log_lines(), 5);
    upload_well(&world, &csv);
    assert_counts(line_of(&world, "blocks"), 1, 1, 0, 0);
    assert_int_equal(log_lines(), 7); /* by id and by handle */
    upload_well(&world, &second);
    assert_counts(line_of(&world, "blocks"), 4, 0, 1, 4);
    assert_int_equal(sealed_ids("blocks", ids, ARRAY_LEN(ids)), 5); /* the one of the spreadsheet stays */
    upload_well(&world, &first);
    assert_counts(line_of(&world, "blocks"), 5, 0, 0, 4);
    assert_non_null(strstr(line_of(&world, "blocks")->note.data, "2025-02-01"));
    assert_int_equal(sealed_ids("blocks", ids, ARRAY_LEN(ids)), 5);
}

static void a_group_has_none(void **state)
{
    struct archive_plan plan = plan_of(5, "2025-01-22");
    struct err err = {0};
    (void)state;
    write_archive(&world, "maren.zip", &plan);
    assert_int_equal(upload(&world, &(struct upload){.kinds = SEALED, .files = {"maren.zip"}}, &err), E_FORBIDDEN);
    assert_non_null(strstr(err.text, "blocked or muted"));
    assert_int_equal(rows_of_all(&world), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(they_are_sealed_and_nowhere_else, open_world, close_world),
        cmocka_unit_test_setup_teardown(beside_a_list_they_stay_apart, open_world, close_world),
        cmocka_unit_test_setup_teardown(lists_of_other_days, open_world, close_world),
        cmocka_unit_test_setup_teardown(a_group_has_none, open_world, close_world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tests/unit/imports/test_group.c
 *
 * The writer's step among others: run again, failing at every call of the database, on a full disk, and two imports of
 * one owner at once. All of an import is stored, or nothing.
 */
#include "world.h"

#include "loop/op.h"
#include "store/driver.h"
#include "store/inside.h"

static struct world world;
static const struct archive_plan plan = {
    .seed = 9, .owner_handle = "maren_k", .follows = 60, .mentioned = 30, .posts = 30, .blocks = 4};
static const struct upload archive = {
    .as = "maren_k", .kinds = LIST_BIT(LIST_FOLLOWING) | LIST_BIT(LIST_BLOCKS), .files = {"maren.zip"}};

/* --- a driver that fails -------------------------------------------------------------------------------------------- */

static struct db_driver driver; /* of the writer, with its own run and commit */
static const struct db_driver *real;
static int calls_left; /* until a call fails; below 0: none does */
static int again_left; /* commits that ask to begin again */

static int counted_run(struct db *db, struct db_prepared *prepared, const struct db_value *values, int64_t *ret_changed,
                       struct err *err)
{
    if (calls_left >= 0 && calls_left-- == 0)
        return err_set(err, E_IO, "the disk is full");
    return real->run(db, prepared, values, ret_changed, err);
}

static int counted_commit(struct db *db, struct err *err)
{
    if (again_left > 0) {
        again_left--;
        return OP_AGAIN;
    }
    if (calls_left >= 0 && calls_left-- == 0)
        return err_set(err, E_IO, "the disk is full");
    return real->commit(db, err);
}

static int open_world(void **state)
{
    (void)state;
    world_open(&world, "");
    write_archive(&world, "maren.zip", &plan);
    write_csv(&world, "some.csv", &plan, 0, 20);
    write_csv(&world, "more.csv", &plan, 10, 40);
    real = world.store->writer->driver;
    driver = *real;
    driver.run = counted_run;
    driver.commit = counted_commit;
    world.store->writer->driver = &driver;
    calls_left = -1;
    again_left = 0;
    return 0;
}

static int close_world(void **state)
{
    (void)state;
    world.store->writer->driver = real;
    world_close(&world);
    return 0;
}

/* --- tests ---------------------------------------------------------------------------------------------------------- */

static void expect_whole_import(void)
{
    struct id owner = owner_of(&world, "flock", "maren_k");
    struct follow_set_row *rows;
    assert_counts(line_of(&world, "following"), 60, 60, 0, 0);
    assert_counts(line_of(&world, "blocks"), 4, 4, 0, 0);
    assert_resolved(line_of(&world, "following"), 30, 30, 0);
    assert_int_equal(import_run_report(world.runs[0])->n, 2);
    assert_int_equal(sets_of(&world, &owner, "following", &rows), 1);
    assert_int_equal(rows[0].n, 60);
}

static void run_again_it_says_the_same(void **state)
{
    (void)state;
    again_left = 2;
    upload_well(&world, &archive);
    assert_int_equal(again_left, 0);
    expect_whole_import();
}

static void whichever_call_fails_nothing_is_stored(void **state)
{
    struct err err = {0};
    int n = 0;
    (void)state;
    for (;; n++) {
        calls_left = n;
        if (upload(&world, &archive, &err) == 0)
            break;
        assert_int_equal(err.code, E_IO);
        assert_non_null(strstr(err.text, "the disk is full"));
        assert_int_equal(rows_of_all(&world), 0);
        assert_int_equal(numbers_count(world.numbers), 0);
        assert_int_equal(import_run_report(world.runs[0])->n, 1);
        assert_non_null(strstr(line_at(&world, 0)->error.data, "the disk is full"));
    }
    assert_true(n > 8); /* community, chunk, member, membership, list, facts, box, import, shields, commit */
    calls_left = -1;
    expect_whole_import();
}

static void a_full_disk(void **state)
{
    struct err err = {0};
    char pragma[64];
    struct archive_plan large = plan;
    (void)state;
    large.follows = 40000;
    large.mentioned = 0;
    large.posts = 0;
    write_archive(&world, "large.zip", &large);
    const struct upload what = {.as = "maren_k", .files = {"large.zip"}};
    snprintf(pragma, sizeof pragma, "PRAGMA max_page_count = %d", 60);
    assert_int_equal(db_script(world.store->writer, text_of(pragma), &err), 0);
    assert_int_equal(upload(&world, &what, &err), E_IO);
    assert_non_null(strstr(err.text, "the disk is full"));
    assert_int_equal(rows_of_all(&world), 0);
    assert_int_equal(db_script(world.store->writer, TEXT("PRAGMA max_page_count = 1000000"), &err), 0);
    upload_well(&world, &what);
    assert_counts(line_of(&world, "following"), 40000, 40000, 0, 0);
}

/* Both begin with nothing there: whoever writes second must see what the first wrote. */
static void two_of_one_owner_at_once(void **state)
{
    struct err err = {0};
    struct follow_set_row *rows;
    (void)state;
    world_forget_runs(&world);
    assert_non_null(start_upload(&world, &(struct upload){.as = "maren_k", .files = {"some.csv"}}, &err));
    assert_non_null(start_upload(&world, &(struct upload){.as = "maren_k", .files = {"more.csv"}}, &err));
    assert_non_null(start_upload(&world, &(struct upload){.as = "Maren_K", .files = {"maren.zip"}}, &err));
    assert_int_equal(loop_run(world.loop), 0);
    assert_int_equal(world.n_done, 3);
    uint64_t added = 0;
    size_t made = 0;
    for (size_t i = 0; i < 3; i++) {
        if (import_run_error(world.runs[i], &err) != 0)
            fail_msg("%s", err.text);
        added += import_run_report(world.runs[i])->lines[0].added;
        made += import_run_report(world.runs[i])->new_community;
    }
    assert_int_equal(added, 60);
    assert_int_equal(made, 1);
    struct id owner = owner_of(&world, "flock", "maren_k");
    assert_int_equal(sets_of(&world, &owner, "following", &rows), 2);
    assert_int_equal(rows[0].n, 60);
    assert_int_equal(rows[1].n, 40);
    int64_t imports = 0;
    assert_int_equal(import_count(world.reader, &owner, &imports, &err), 0);
    assert_int_equal(imports, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(run_again_it_says_the_same, open_world, close_world),
        cmocka_unit_test_setup_teardown(whichever_call_fails_nothing_is_stored, open_world, close_world),
        cmocka_unit_test_setup_teardown(a_full_disk, open_world, close_world),
        cmocka_unit_test_setup_teardown(two_of_one_owner_at_once, open_world, close_world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

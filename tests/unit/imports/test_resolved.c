/* tests/unit/imports/test_resolved.c
 *
 * Ids that get their handles: from posts of the same archive, from another file, from an earlier upload of the same
 * person. Counts are exact.
 */
#include "world.h"

#include "store/inside.h"
#include "store/left_out.h"
#include "store/left_out_set.h"

/* 300 follows: posts name the first 180, a spreadsheet the next 40, nobody the last 80. */
static const struct archive_plan plan = {
    .seed = 11, .owner_handle = "maren_k", .follows = 300, .mentioned = 180, .posts = 200};

static struct world world;

static int open_world(void **state)
{
    (void)state;
    world_open(&world, "");
    write_archive(&world, "maren.zip", &plan);
    write_csv(&world, "export.csv", &plan, 180, 220);
    return 0;
}

static int close_world(void **state)
{
    (void)state;
    world_close(&world);
    return 0;
}

static void the_spreadsheet_comes_later(void **state)
{
    (void)state;
    upload_well(&world, &(struct upload){.as = "maren_k", .files = {"maren.zip"}});
    assert_counts(line_of(&world, "following"), 300, 300, 0, 0);
    assert_resolved(line_of(&world, "following"), 180, 180, 0);
    upload_well(&world, &(struct upload){.as = "maren_k", .files = {"export.csv"}});
    assert_counts(line_of(&world, "following"), 40, 0, 0, 40);
    assert_resolved(line_of(&world, "following"), 40, 40, 0);
    assert_int_equal(line_of(&world, "following")->facts, 40);
    world_restart(&world);
    upload_well(&world, &(struct upload){.as = "maren_k", .files = {"maren.zip"}});
    assert_counts(line_of(&world, "following"), 300, 0, 0, 300);
    assert_resolved(line_of(&world, "following"), 220, 220, 0);
}

static void the_spreadsheet_came_before(void **state)
{
    (void)state;
    upload_well(&world, &(struct upload){.as = "maren_k", .files = {"export.csv"}});
    upload_well(&world, &(struct upload){.as = "maren_k", .files = {"maren.zip"}});
    assert_counts(line_of(&world, "following"), 300, 260, 0, 40);
    assert_resolved(line_of(&world, "following"), 220, 220, 0);
}

static void both_come_together(void **state)
{
    (void)state;
    upload_well(&world, &(struct upload){.as = "maren_k", .files = {"maren.zip", "export.csv"}});
    assert_text(line_at(&world, 0)->source, "archive");
    assert_counts(line_at(&world, 0), 300, 300, 0, 0);
    assert_resolved(line_at(&world, 0), 220, 220, 0);
    assert_counts(line_at(&world, 1), 40, 0, 0, 40);
    assert_resolved(line_at(&world, 1), 40, 40, 0);
    assert_true(line_at(&world, 0)->facts >= 220);
}

static void another_member_s_uploads_tell_nothing(void **state)
{
    (void)state;
    upload_well(&world, &(struct upload){.as = "somebody", .files = {"export.csv"}});
    upload_well(&world, &(struct upload){.as = "maren_k", .files = {"maren.zip"}});
    assert_resolved(line_of(&world, "following"), 180, 180, 0);
}

static void posts_alone_tell_names_to_the_list_that_is_there(void **state)
{
    (void)state;
    write_file(&world, "following.js",
               "window.YTD.following.part0 = [ {\"following\" : {\"accountId\" : \"1001\"}}, "
               "{\"following\" : {\"accountId\" : \"1002\"}} ]");
    write_file(&world, "tweets.js",
               "window.YTD.tweets.part0 = [ {\"tweet\" : {\"id_str\" : \"9\", \"created_at\" : "
               "\"Fri Nov 15 12:00:00 +0000 2024\", \"full_text\" : \"@kite hi\", \"entities\" : {\"user_mentions\" : "
               "[ {\"name\" : \"Kite\", \"screen_name\" : \"kite\", \"id_str\" : \"1001\"} ]}}} ]");
    upload_well(&world, &(struct upload){.as = "maren_k", .files = {"following.js"}});
    assert_resolved(line_of(&world, "following"), 0, 0, 0);
    assert_text(line_of(&world, "following")->day, "");
    upload_well(&world, &(struct upload){.as = "maren_k", .files = {"tweets.js"}});
    assert_counts(line_of(&world, "facts"), 0, 0, 0, 0);
    assert_int_equal(line_of(&world, "facts")->facts, 1);
    upload_well(&world, &(struct upload){.as = "maren_k", .files = {"following.js"}});
    assert_counts(line_of(&world, "following"), 2, 0, 0, 2);
    assert_resolved(line_of(&world, "following"), 1, 1, 0);
}

/* --- those who wished to be left out -------------------------------------------------------------------------------- */

static void leave_out(struct text handle)
{
    struct keyed_hash hash;
    struct err err = {0};
    struct db *writer = world.store->writer;
    left_out_hash_x_handle(store_keys(world.store), handle, &hash);
    assert_int_equal(db_begin(writer, &err), 0);
    assert_int_equal(left_out_opt_out(world.store, writer, &hash, &err), 0);
    assert_int_equal(db_commit(writer, &err), 0);
}

/* Is the handle in what any of the owner's uploads say? */
static bool is_kept(const struct id *owner, struct text handle)
{
    struct fact_set_row *sets;
    size_t n;
    struct err err = {0};
    CLEANUP(buf_release) struct buf plain;
    buf_init(&plain, MIB);
    assert_int_equal(fact_set_list(world.reader, owner, &world.arena, &sets, &n, &err), 0);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(keys_unseal(store_keys(world.store), sets[i].facts, id_text(&sets[i].import), &plain, &err),
                         0);
    return text_find_fold(buf_text(&plain), handle, 0) != TEXT_NOWHERE;
}

static void nothing_is_kept_of_those_who_wished_it(void **state)
{
    struct x_public_row row;
    struct err err = {0};
    uint32_t number;
    (void)state;
    leave_out(TEXT("red_kite"));
    leave_out(TEXT("barn_owl"));
    write_file(&world, "list.csv", "id,screen_name\n501,Red_Kite\n502,jackdaw\n");
    write_file(&world, "handles.txt", "@barn_owl\n@magpie\n");
    upload_well(&world, &(struct upload){.files = {"list.csv", "handles.txt"}});
    struct id group = owner_of(&world, "flock", NULL);
    assert_false(is_kept(&group, TEXT("red_kite")));
    assert_false(is_kept(&group, TEXT("barn_owl")));
    assert_true(is_kept(&group, TEXT("jackdaw")));
    assert_true(is_kept(&group, TEXT("magpie")));
    assert_true(numbers_of_id(world.numbers, 501, &number));
    assert_int_equal(x_public_get(world.reader, number, &world.arena, &row, &err), E_NOT_FOUND);
    assert_false(numbers_of_handle(world.numbers, TEXT("barn_owl"), &number));

    /* Nobody learns from the counts who it was. */
    assert_counts(line_at(&world, 0), 2, 2, 0, 0);
    assert_counts(line_at(&world, 1), 2, 2, 0, 0);
    assert_int_equal(line_at(&world, 0)->facts, 4);
    world_restart(&world);
    upload_well(&world, &(struct upload){.files = {"list.csv", "handles.txt"}});
    assert_counts(line_at(&world, 0), 2, 0, 0, 2);
    assert_counts(line_at(&world, 1), 2, 0, 0, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_spreadsheet_comes_later, open_world, close_world),
        cmocka_unit_test_setup_teardown(the_spreadsheet_came_before, open_world, close_world),
        cmocka_unit_test_setup_teardown(both_come_together, open_world, close_world),
        cmocka_unit_test_setup_teardown(another_member_s_uploads_tell_nothing, open_world, close_world),
        cmocka_unit_test_setup_teardown(posts_alone_tell_names_to_the_list_that_is_there, open_world, close_world),
        cmocka_unit_test_setup_teardown(nothing_is_kept_of_those_who_wished_it, open_world, close_world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

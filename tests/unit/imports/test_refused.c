/* tests/unit/imports/test_refused.c
 *
 * Uploads that are refused: a sentence that says what, where and what to do, a line for each file, and nothing stored.
 */
#include "world.h"

#include "store/inside.h"

#include <sys/stat.h>

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

static const struct archive_plan plan = {
    .seed = 3, .owner_handle = "maren_k", .follows = 30, .mentioned = 10, .posts = 10};

/* The file is refused, by name, and its sentence holds `words`. */
static void refused(const char *file, const char *words)
{
    struct err err = {0};
    int rc = upload(&world, &(struct upload){.as = "maren_k", .files = {file}}, &err);
    assert_true(rc < 0);
    if (!strstr(err.text, words) || !strstr(err.text, file))
        fail_msg("\"%s\" does not say \"%s\" of %s", err.text, words, file);
    const struct import_report *report = import_run_report(world.runs[0]);
    assert_int_equal(report->n, 1);
    assert_true(text_equal(report->lines[0].file, text_of(file)));
    assert_true(report->lines[0].error.len > 0);
    assert_true(text_empty(report->lines[0].list));
    assert_false(report->new_community);
    assert_int_equal(rows_of_all(&world), 0);
}

static void files_that_are_no_lists(void **state)
{
    CLEANUP(buf_release) struct buf zip;
    (void)state;
    write_file(&world, "empty.csv", "");
    refused("empty.csv", "empty");
    write_file(&world, "text.zip", "this is text, and no zip at all\n");
    refused("text.zip", "");
    write_file(&world, "towns.csv", "town,country\nBremen,Germany\nLeiden,Netherlands\n");
    refused("towns.csv", "");
    refused("missing.csv", "no such file");
    assert_int_equal(mkdir(scratch_name(&world.scratch, "", "folder"), 0700), 0);
    refused("folder", "no regular file");
    assert_int_equal(mkfifo(scratch_name(&world.scratch, "", "pipe"), 0600), 0);
    refused("pipe", "no regular file");

    buf_init(&zip, 16 * MIB);
    assert_true(archive_build(&plan, &zip));
    scratch_write(scratch_name(&world.scratch, "", "cut.zip"), text_slice(buf_text(&zip), 0, zip.len / 2));
    refused("cut.zip", "");
}

static void an_archive_without_its_list(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf zip;
    const struct zip_file_text files[] = {
        {.name = TEXT("data/manifest.js"), .bytes = TEXT("window.__THAR_CONFIG = {}")},
        {.name = TEXT("data/tweets.js"),
         .bytes = TEXT("window.YTD.tweets.part0 = [ {\"tweet\" : {\"id_str\" : \"9\", \"full_text\" : \"@kite hi\", "
                       "\"entities\" : {\"user_mentions\" : [ {\"name\" : \"Kite\", \"screen_name\" : \"kite\", "
                       "\"id_str\" : \"1001\"} ]}}} ]")},
    };
    buf_init(&zip, MIB);
    assert_true(zip_build(&zip, files, ARRAY_LEN(files)));
    scratch_write(scratch_name(&world.scratch, "", "without.zip"), buf_text(&zip));
    refused("without.zip", "following.js");
}

static void one_bad_file_of_several(void **state)
{
    (void)state;
    write_file(&world, "towns.csv", "town,country\nBremen,Germany\nLeiden,Netherlands\n");
    write_csv(&world, "good.csv", &plan, 0, 5);
    upload_well(&world, &(struct upload){.as = "maren_k", .files = {"missing.csv", "towns.csv", "good.csv"}});
    assert_int_equal(import_run_report(world.runs[0])->n, 3);
    assert_counts(line_of(&world, "following"), 5, 5, 0, 0);
    assert_text(line_at(&world, 1)->file, "missing.csv");
    assert_text(line_at(&world, 1)->error, "there is no such file");
    assert_text(line_at(&world, 2)->file, "towns.csv");
    assert_true(line_at(&world, 2)->error.len > 0);

    struct err err = {0};
    assert_true(upload(&world, &(struct upload){.as = "maren_k", .files = {"missing.csv", "towns.csv"}}, &err) < 0);
    assert_int_equal(import_run_report(world.runs[0])->n, 2);
    assert_text(line_at(&world, 0)->error, "there is no such file");
}

static void the_archive_of_somebody_else(void **state)
{
    struct err err = {0};
    struct archive_plan renamed = plan;
    (void)state;
    write_archive(&world, "maren.zip", &plan);
    assert_int_equal(upload(&world, &(struct upload){.as = "somebody", .files = {"maren.zip"}}, &err), E_FORBIDDEN);
    assert_non_null(strstr(err.text, "@maren_k"));
    assert_non_null(strstr(err.text, "@somebody"));
    assert_non_null(strstr(err.text, "maren.zip"));
    assert_int_equal(import_run_report(world.runs[0])->n, 1);
    assert_int_equal(rows_of_all(&world), 0);

    /* Once the id is known, a handle that changed does not matter, and another id does. */
    upload_well(&world, &(struct upload){.as = "maren_k", .files = {"maren.zip"}});
    renamed.owner_id = 987654321;
    write_archive(&world, "another.zip", &renamed);
    assert_int_equal(upload(&world, &(struct upload){.as = "maren_k", .files = {"another.zip"}}, &err), E_FORBIDDEN);
    renamed = plan;
    renamed.owner_handle = "maren_new";
    write_archive(&world, "renamed.zip", &renamed);
    upload_well(&world, &(struct upload){.as = "maren_k", .files = {"renamed.zip"}});

    /* A group takes anybody's. */
    upload_well(&world, &(struct upload){.files = {"maren.zip"}});
    assert_counts(line_of(&world, "roster"), 30, 30, 0, 0);
}

static void what_cannot_begin(void **state)
{
    struct err err = {0};
    (void)state;
    write_csv(&world, "good.csv", &plan, 0, 5);
    assert_int_equal(upload(&world, &(struct upload){.community = "Swifties!", .files = {"good.csv"}}, &err),
                     E_BAD_INPUT);
    assert_non_null(strstr(err.text, "Swifties!"));
    assert_int_equal(upload(&world, &(struct upload){.as = "no handle", .files = {"good.csv"}}, &err), E_BAD_INPUT);
    assert_int_equal(upload(&world, &(struct upload){.as = "@", .files = {"good.csv"}}, &err), E_BAD_INPUT);
    assert_int_equal(upload(&world, &(struct upload){.source = "fax", .files = {"good.csv"}}, &err), E_BAD_INPUT);
    assert_int_equal(
        upload(&world, &(struct upload){.as = "m", .kinds = LIST_BIT(LIST_ROSTER), .files = {"good.csv"}}, &err),
        E_FORBIDDEN);
    assert_int_equal(rows_of_all(&world), 0);
}

static void a_closed_community(void **state)
{
    struct err err = {0};
    struct db *writer = world.store->writer;
    struct community_row closed = {
        .slug = TEXT("flock"), .name = TEXT("Flock"), .state = TEXT(COMMUNITY_CLOSED), .created_ms = 1};
    (void)state;
    id_new(&clock_system, &random_system, &closed.id);
    assert_int_equal(db_begin(writer, &err), 0);
    assert_int_equal(community_put(writer, &closed, &err), 0);
    assert_int_equal(db_commit(writer, &err), 0);
    write_csv(&world, "good.csv", &plan, 0, 5);
    assert_int_equal(upload(&world, &(struct upload){.files = {"good.csv"}}, &err), E_FORBIDDEN);
    assert_non_null(strstr(err.text, "closed"));
    assert_int_equal(rows_of_all(&world), 1);
}

static void one_that_is_cancelled(void **state)
{
    struct err err = {0};
    (void)state;
    write_archive(&world, "maren.zip", &plan);
    struct import_run *run = start_upload(&world, &(struct upload){.as = "maren_k", .files = {"maren.zip"}}, &err);
    assert_non_null(run);
    import_run_cancel(run);
    assert_int_equal(loop_run(world.loop), 0);
    assert_int_equal(world.n_done, 1);
    assert_int_equal(import_run_error(run, &err), E_CANCELLED);
    assert_int_equal(rows_of_all(&world), 0);
}

/* Progress is told on the loop while a worker reads, and the worker asks whether to go on. */
static void cancel_upload(void *context, const struct archive_progress *progress)
{
    (void)progress;
    import_run_cancel(*(struct import_run **)context);
}

static void note_end(void *context, struct import_run *run)
{
    assert_ptr_equal(*(struct import_run **)context, run);
    world.n_done++;
}

static void one_that_is_cancelled_while_it_is_read(void **state)
{
    struct err err = {0};
    struct archive_plan large = plan;
    struct import_run *run = NULL;
    char path[256];
    (void)state;
    large.posts = 60000;
    write_archive(&world, "large.zip", &large);
    snprintf(path, sizeof path, "%s", scratch_name(&world.scratch, "", "large.zip"));
    const struct text paths[] = {text_of(path)};
    struct import_options options = {.store = world.store,
                                     .numbers = world.numbers,
                                     .community = TEXT("flock"),
                                     .as = TEXT("maren_k"),
                                     .paths = paths,
                                     .n_paths = 1,
                                     .progress = cancel_upload,
                                     .done = note_end,
                                     .context = &run};
    run = import_run_start(world.loop, &options, &err);
    assert_non_null(run);
    assert_int_equal(loop_run(world.loop), 0);
    assert_int_equal(world.n_done, 1);
    assert_int_equal(import_run_error(run, &err), E_CANCELLED);
    assert_int_equal(rows_of_all(&world), 0);
    import_run_free(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_that_are_no_lists, open_world, close_world),
        cmocka_unit_test_setup_teardown(an_archive_without_its_list, open_world, close_world),
        cmocka_unit_test_setup_teardown(one_bad_file_of_several, open_world, close_world),
        cmocka_unit_test_setup_teardown(the_archive_of_somebody_else, open_world, close_world),
        cmocka_unit_test_setup_teardown(what_cannot_begin, open_world, close_world),
        cmocka_unit_test_setup_teardown(a_closed_community, open_world, close_world),
        cmocka_unit_test_setup_teardown(one_that_is_cancelled, open_world, close_world),
        cmocka_unit_test_setup_teardown(one_that_is_cancelled_while_it_is_read, open_world, close_world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

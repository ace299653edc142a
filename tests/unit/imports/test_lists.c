/* tests/unit/imports/test_lists.c
 *
 * What an upload does to the list that is there: new, newer, older, the same, and lists that add. On both databases.
 */
#include "world.h"

#include "views/import_view.h"

static struct postgres_cluster *cluster;

/* An account's own list, or the group's, of ids [from, to) of one plan. */
static struct archive_plan plan_of(size_t follows, const char *day)
{
    return (struct archive_plan){.seed = 7,
                                 .owner_handle = "maren_k",
                                 .day = day,
                                 .follows = follows,
                                 .mentioned = follows / 2,
                                 .posts = follows};
}

static void a_first_archive_makes_community_member_and_list(struct world *world)
{
    struct archive_plan plan = plan_of(40, "2025-01-22");
    write_archive(world, "maren.zip", &plan);
    upload_well(world, &(struct upload){.as = "@Maren_K", .files = {"maren.zip"}});
    const struct import_line *line = line_of(world, "following");
    assert_counts(line, 40, 40, 0, 0);
    assert_resolved(line, 20, 20, 0);
    assert_text(line->file, "maren.zip");
    assert_text(line->source, "archive");
    assert_text(line->day, "2025-01-22");
    assert_text(line->note, "");
    assert_true(line->facts >= 20);
    assert_true(import_run_report(world->runs[0])->new_community);
    assert_true(world->n_progress > 0);

    struct id owner = owner_of(world, "flock", "maren_k");
    struct follow_set_row *rows;
    assert_int_equal(sets_of(world, &owner, "following", &rows), 1);
    CLEANUP(id_set_release) struct id_set set;
    decode_set(&rows[0], &set);
    assert_int_equal(set.n, 40);
    for (size_t i = 0; i < 40; i++) {
        uint32_t number;
        assert_true(numbers_of_id(world->numbers, archive_follow_id(&plan, i), &number));
        assert_true(id_set_has(&set, number));
    }
}

/* The member is a place for the list, and the archive says which account is theirs. */
static void the_member_comes_from_the_terminal(struct world *world)
{
    struct archive_plan plan = plan_of(40, "2025-01-22");
    struct community_row community;
    struct member_row member;
    struct err err = {0};
    assert_int_equal(community_by_slug(world->reader, TEXT("flock"), &world->arena, &community, &err), 0);
    assert_int_equal(member_by_handle(world->reader, &community.id, TEXT("maren_k"), &world->arena, &member, &err), 0);
    assert_text(member.x_handle, "Maren_K");
    assert_text(member.origin, MEMBER_FROM_TERMINAL);
    assert_true(member.x_number != 0);
    for (size_t i = 0; i < plan.follows; i++)
        assert_true(numbers_id(world->numbers, member.x_number) != archive_follow_id(&plan, i));
}

/* The import's row: done, with the lines that were shown. */
static void the_row_holds_the_report(struct world *world)
{
    struct id owner = owner_of(world, "flock", "maren_k");
    struct import_row *rows;
    struct import_line line;
    struct err err = {0};
    size_t n;
    assert_int_equal(import_list(world->reader, &owner, &world->arena, &rows, &n, &err), 0);
    assert_int_equal(n, 1);
    assert_text(rows[0].state, IMPORT_DONE);
    assert_true(rows[0].done_ms >= rows[0].created_ms);
    struct text report = rows[0].report;
    assert_true(text_starts(report, TEXT("[{")) && text_ends(report, TEXT("]")));
    assert_int_equal(import_view_read(text_slice(report, 1, report.len - 1), &world->arena, &line, &err), 0);
    assert_true(text_equal(id_text(&line.import), id_text(&rows[0].id)));
    assert_counts(&line, 40, 40, 0, 0);
    assert_resolved(&line, 20, 20, 0);
}

static void the_same_upload_twice_changes_nothing(struct world *world)
{
    struct id owner = owner_of(world, "flock", "maren_k");
    struct follow_set_row *before;
    struct follow_set_row *after;
    sets_of(world, &owner, "following", &before);
    int64_t rows = rows_of_all(world);
    upload_well(world, &(struct upload){.as = "maren_k", .files = {"maren.zip"}});
    const struct import_line *line = line_of(world, "following");
    assert_counts(line, 40, 0, 0, 40);
    assert_resolved(line, 20, 20, 0);
    assert_true(line->note.len > 0);
    assert_false(import_run_report(world->runs[0])->new_community);
    sets_of(world, &owner, "following", &after);
    assert_true(text_equal(before[0].ids, after[0].ids));
    assert_true(text_equal(id_text(&before[0].import), id_text(&after[0].import)));
    assert_int_equal(rows_of_all(world), rows + 1); /* the import's own row */
}

static void a_newer_archive_replaces_and_an_older_does_not(struct world *world)
{
    struct archive_plan newer = plan_of(30, "2025-03-01");
    struct archive_plan older = plan_of(35, "2024-12-24");
    write_archive(world, "newer.zip", &newer);
    write_archive(world, "older.zip", &older);
    upload_well(world, &(struct upload){.as = "maren_k", .files = {"newer.zip"}});
    assert_counts(line_of(world, "following"), 30, 0, 10, 30);
    upload_well(world, &(struct upload){.as = "maren_k", .files = {"older.zip"}});
    assert_counts(line_of(world, "following"), 35, 0, 0, 30);
    assert_non_null(strstr(line_of(world, "following")->note.data, "2025-03-01"));

    struct id owner = owner_of(world, "flock", "maren_k");
    struct follow_set_row *rows;
    assert_int_equal(sets_of(world, &owner, "following", &rows), 1);
    assert_int_equal(rows[0].n, 30);
    assert_text(rows[0].day, "2025-03-01");
}

static void other_sources_add(struct world *world)
{
    struct archive_plan plan = plan_of(40, "2025-01-22");
    struct id owner = owner_of(world, "flock", "maren_k");
    struct follow_set_row *rows;
    write_csv(world, "some.csv", &plan, 25, 33); /* 25 to 29 are in the archive */
    upload_well(world, &(struct upload){.as = "maren_k", .files = {"some.csv"}});
    assert_counts(line_of(world, "following"), 8, 3, 0, 5);
    write_csv(world, "more.csv", &plan, 32, 36);
    upload_well(world, &(struct upload){.as = "maren_k", .files = {"more.csv"}});
    assert_counts(line_of(world, "following"), 4, 3, 0, 1);
    upload_well(world, &(struct upload){.as = "maren_k", .files = {"some.csv"}});
    assert_counts(line_of(world, "following"), 8, 0, 0, 8);
    assert_int_equal(sets_of(world, &owner, "following", &rows), 2);
    assert_text(rows[0].source, "archive");
    assert_int_equal(rows[0].n, 30);
    assert_int_equal(rows[1].n, 11);

    /* Who is in the newer archive no more stays, where another source has them. */
    struct archive_plan newest = plan_of(26, "2025-04-01");
    write_archive(world, "newest.zip", &newest);
    upload_well(world, &(struct upload){.as = "maren_k", .files = {"newest.zip"}});
    assert_counts(line_of(world, "following"), 26, 0, 0, 26);
}

static void handles_keep_their_numbers_over_a_restart(struct world *world)
{
    write_file(world, "handles.txt", "@red_kite\n@barn_owl\n@jackdaw\n");
    upload_well(world, &(struct upload){.as = "other_one", .files = {"handles.txt"}});
    const struct import_line *line = line_of(world, "following");
    assert_counts(line, 3, 3, 0, 0);
    assert_resolved(line, 3, 3, 0);
    assert_int_equal(line->facts, 3);
    uint32_t before = numbers_count(world->numbers);
    world_restart(world);
    assert_int_equal(numbers_count(world->numbers), before);
    upload_well(world, &(struct upload){.as = "other_one", .files = {"handles.txt"}});
    assert_counts(line_of(world, "following"), 3, 0, 0, 3);
    assert_int_equal(numbers_count(world->numbers), before);
}

static void a_group_s_list_tells_everybody(struct world *world)
{
    struct archive_plan plan = plan_of(40, "2025-01-22");
    struct id group = owner_of(world, "flock", NULL);
    struct follow_set_row *rows;
    struct x_public_row row;
    struct err err = {0};
    uint32_t number;
    char handle[32];
    write_csv(world, "roster.csv", &plan, 30, 40);
    upload_well(world, &(struct upload){.files = {"roster.csv"}});
    assert_counts(line_of(world, "roster"), 10, 10, 0, 0);
    assert_int_equal(sets_of(world, &group, "roster", &rows), 1);
    assert_true(numbers_of_id(world->numbers, archive_follow_id(&plan, 36), &number));
    assert_int_equal(x_public_get(world->reader, number, &world->arena, &row, &err), 0);
    archive_follow_handle(&plan, 36, handle);
    assert_true(text_equal(row.handle, text_of(handle)));
    assert_text(row.why, "roster");

    /* The same again writes nothing; a new handle takes the place of the old one. */
    struct x_public_row again;
    char renamed[64];
    upload_well(world, &(struct upload){.files = {"roster.csv"}});
    assert_int_equal(x_public_get(world->reader, number, &world->arena, &again, &err), 0);
    assert_true(text_equal(id_text(&again.import), id_text(&row.import)));
    snprintf(renamed, sizeof renamed, "id,screen_name\n%llu,renamed_one\n",
             (unsigned long long)archive_follow_id(&plan, 36));
    write_file(world, "renamed.csv", renamed);
    upload_well(world, &(struct upload){.files = {"renamed.csv"}});
    assert_counts(line_of(world, "roster"), 1, 0, 0, 1);
    assert_int_equal(x_public_get(world->reader, number, &world->arena, &again, &err), 0);
    assert_text(again.handle, "renamed_one");

    /* A new member's archive names nobody: what the group told counts as told by others. */
    struct archive_plan silent = plan_of(40, "2025-01-22");
    silent.mentioned = 0;
    silent.posts = 0;
    write_archive(world, "silent.zip", &silent);
    silent.owner_handle = "silent_one";
    write_archive(world, "silent.zip", &silent);
    upload_well(world, &(struct upload){.as = "silent_one", .files = {"silent.zip"}});
    assert_resolved(line_of(world, "following"), 10, 0, 10);
}

/* Who is dropped from the roster is told to nobody any more. */
static void a_shorter_roster_is_silent_about_the_rest(struct world *world)
{
    struct archive_plan plan = plan_of(40, "2025-01-22");
    struct x_public_row row;
    struct err err = {0};
    uint32_t gone;
    uint32_t there;
    const char *const days[] = {"2025-05-01", "2025-06-01"};
    const size_t counts[] = {20, 10};
    assert_true(numbers_of_id(world->numbers, archive_follow_id(&plan, 15), &gone));
    assert_true(numbers_of_id(world->numbers, archive_follow_id(&plan, 5), &there));
    for (size_t i = 0; i < 2; i++) {
        struct archive_plan roster = plan_of(counts[i], days[i]);
        roster.mentioned = counts[i];
        write_archive(world, "roster.zip", &roster);
        upload_well(world, &(struct upload){.community = "herd", .files = {"roster.zip"}});
        assert_int_equal(x_public_get(world->reader, gone, &world->arena, &row, &err), i == 0 ? 0 : E_NOT_FOUND);
        assert_int_equal(x_public_get(world->reader, there, &world->arena, &row, &err), 0);
    }
    assert_counts(line_of(world, "roster"), 10, 0, 10, 10);
}

/* Two files that are kept as one list are one line. */
static void a_source_that_is_said_counts(struct world *world)
{
    struct follow_set_row *rows;
    write_file(world, "one.csv", "id,screen_name\n9001,tern\n9002,gull\n");
    write_file(world, "two.txt", "@auk\n@gull\n");
    upload_well(world, &(struct upload){.as = "sayer", .source = "exporter", .files = {"one.csv", "two.txt"}});
    assert_int_equal(import_run_report(world->runs[0])->n, 1);
    assert_counts(line_of(world, "following"), 3, 3, 0, 0);
    assert_text(line_of(world, "following")->source, "exporter");
    struct id owner = owner_of(world, "flock", "sayer");
    assert_int_equal(sets_of(world, &owner, "following", &rows), 1);
    assert_text(rows[0].source, "exporter");

    upload_well(world, &(struct upload){.as = "sayer", .kinds = LIST_BIT(LIST_FOLLOWERS), .files = {"two.txt"}});
    assert_counts(line_of(world, "followers"), 2, 2, 0, 0);
    assert_int_equal(sets_of(world, &owner, "following", &rows), 1);
}

/* Without a word an archive gives both of its lists, and each is replaced by itself. */
static void followers_come_with_it(struct world *world)
{
    struct archive_plan both = plan_of(20, "2025-01-22");
    both.followers = 12;
    write_archive(world, "both.zip", &both);
    upload_well(world, &(struct upload){.community = "other", .as = "maren_k", .files = {"both.zip"}});
    assert_int_equal(import_run_report(world->runs[0])->n, 2);
    assert_counts(line_of(world, "following"), 20, 20, 0, 0);
    assert_counts(line_of(world, "followers"), 12, 12, 0, 0);
    both.day = "2025-02-22";
    both.followers = 10;
    write_archive(world, "both.zip", &both);
    upload_well(world, &(struct upload){.community = "other", .as = "maren_k", .files = {"both.zip"}});
    assert_counts(line_of(world, "following"), 20, 0, 0, 20);
    assert_counts(line_of(world, "followers"), 10, 0, 2, 10);
}

static void all_of_it_on(const char *database)
{
    struct world world;
    world_open(&world, database);
    a_first_archive_makes_community_member_and_list(&world);
    the_member_comes_from_the_terminal(&world);
    the_row_holds_the_report(&world);
    the_same_upload_twice_changes_nothing(&world);
    a_newer_archive_replaces_and_an_older_does_not(&world);
    other_sources_add(&world);
    handles_keep_their_numbers_over_a_restart(&world);
    a_group_s_list_tells_everybody(&world);
    a_shorter_roster_is_silent_about_the_rest(&world);
    a_source_that_is_said_counts(&world);
    followers_come_with_it(&world);
    world_close(&world);
}

static void on_sqlite(void **state)
{
    (void)state;
    all_of_it_on("");
}

static void on_postgres(void **state)
{
    struct err err = {0};
    const char *url = postgres_cluster_database(cluster, &err);
    (void)state;
    if (!url)
        fail_msg("%s", err.text);
    all_of_it_on(url);
}

static int start_cluster(void **state)
{
    static const struct postgres_options plain = {0};
    struct err err = {0};
    (void)state;
    cluster = postgres_cluster_start(&plain, &err);
    if (!cluster)
        fail_msg("%s", err.text);
    return 0;
}

static int end_cluster(void **state)
{
    (void)state;
    postgres_cluster_end(cluster);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_sqlite),
        cmocka_unit_test(on_postgres),
    };
    return cmocka_run_group_tests(tests, start_cluster, end_cluster);
}

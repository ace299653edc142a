/* tests/unit/archive/test_archive.c
 *
 * X archives of every year since 2019, whole and file by file: lists, names from posts, owner, day, parts.
 */
#include "archive/archive.h"

#include "base/cleanup.h"
#include "lib/archive_builder.h"
#include "lib/archive_files.h"
#include "lib/check.h"

#include <string.h>

#define BLOCKS (LIST_BIT(LIST_BLOCKS))
#define MUTES  (LIST_BIT(LIST_MUTES))

static const char *const all_2025[] = {
    "2025/data/account.js=data/account.js",
    "2025/data/following.js=data/following.js",
    "2025/data/follower.js=data/follower.js",
    "2025/data/block.js=data/block.js",
    "2025/data/mute.js=data/mute.js",
    "2025/data/direct-messages.js=data/direct-messages.js",
    "2025/data/tweets.js=data/tweets.js",
    "2025/data/note-tweet.js=data/note-tweet.js",
    "2025/data/community-tweet.js=data/community-tweet.js",
    "2025/data/manifest.js=data/manifest.js",
    NULL,
};

/* Reads a zip of fixtures and compares one of its lists. */
static void expect_zip(const char *const *names, const char *zip_name, unsigned kinds, enum list_kind kind,
                       const char *accounts, const char *day)
{
    CLEANUP(buf_release) struct buf zip;
    CLEANUP(buf_release) struct buf out;
    CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
    struct err err = {.code = 0};
    buf_init(&zip, MIB);
    buf_init(&out, MIB);
    fixture_zip(&zip, names);
    if (read_bytes(zip_name, buf_text(&zip), kinds, &result, &err) < 0)
        fail_msg("%s", err.text);
    struct follow_list *list = list_of(&result, kind, LIST_FROM_ARCHIVE);
    assert_string_equal(accounts_text(list, &out), accounts);
    assert_string_equal(list->day, day);
    assert_string_equal(result.outcomes[0].warning, "");
}

static const char following_2025[] =
    "2244994001:ilse_new:Ilse & the Tides|2244994002:brunoDasLuas:Bruno 🌙 das Luas|1450000000000000003:tove_answers:|"
    "1450000000000000004:pavel_writes:Pavel|1450000000000000005::";

static void archive_of_2025(void **state)
{
    (void)state;
    expect_zip(all_2025, "maren.zip", 0, LIST_FOLLOWING, following_2025, "2025-01-22");
    expect_zip(all_2025, "maren.zip", 0, LIST_FOLLOWERS,
               "2244994002:brunoDasLuas:Bruno 🌙 das Luas|1450000000000000077::", "2025-01-22");
    expect_zip(all_2025, "maren.zip", BLOCKS | MUTES, LIST_BLOCKS, "1450000000000000090::", "2025-01-22");
    expect_zip(all_2025, "maren.zip", BLOCKS | MUTES, LIST_MUTES, "1450000000000000091::", "2025-01-22");
    expect_zip(all_2025, "maren.zip", LIST_BIT(LIST_ROSTER), LIST_ROSTER, following_2025, "2025-01-22");
}

static void only_wanted_lists_come(void **state)
{
    CLEANUP(buf_release) struct buf zip;
    (void)state;
    buf_init(&zip, MIB);
    fixture_zip(&zip, all_2025);
    static const unsigned kinds[] = {0, LIST_BIT(LIST_FOLLOWING), BLOCKS, BLOCKS | MUTES | LIST_BIT(LIST_FOLLOWERS)};
    static const size_t lists[] = {2, 1, 1, 3};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
        assert_int_equal(read_bytes("a.zip", buf_text(&zip), kinds[i], &result, NULL), 0);
        assert_int_equal(result.n_lists, lists[i]);
    }
}

static void owner_facts_and_counts(void **state)
{
    CLEANUP(buf_release) struct buf zip;
    CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
    (void)state;
    buf_init(&zip, MIB);
    fixture_zip(&zip, all_2025);
    assert_int_equal(read_bytes("a.zip", buf_text(&zip), 0, &result, NULL), 0);
    assert_int_equal(result.owner_id, 2244990000);
    assert_string_equal(result.owner_handle, "MarenOkafor");
    const struct follow_list *list = list_of(&result, LIST_FOLLOWING, LIST_FROM_ARCHIVE);
    assert_int_equal(list->owner_id, 2244990000);
    assert_text(list->owner_handle, "MarenOkafor");
    assert_text(list->file, "a.zip");
    assert_int_equal(list->resolved.total, 4);
    assert_int_equal(list->resolved.own, 4);
    assert_int_equal(list->resolved.by_mentions, 4);
    assert_int_equal(list->resolved.given + list->resolved.by_files + list->resolved.others, 0);
    /* Five people are named, one of them outside the list; the owner, and the one who is gone, are not facts. */
    assert_int_equal(result.facts.n, 5);
    assert_null(fact_set_get(&result.facts, 2244990000));
    const struct x_fact *fact = fact_set_get(&result.facts, 2244994001);
    assert_non_null(fact);
    assert_int_equal(fact->said_ms, INT64_C(1709460000000)); /* the newer of two posts */
    assert_true(fact->by_post && !fact->by_file);
    assert_non_null(fact_set_get(&result.facts, 1450000000000000088));
}

static void archive_of_2022(void **state)
{
    static const char *const names[] = {"2022/data/following.js=data/following.js",
                                        "2022/data/tweets.js=data/tweets.js", "2022/data/manifest.js=data/manifest.js",
                                        NULL};
    (void)state;
    expect_zip(names, "x.zip", 0, LIST_FOLLOWING, "310000001:AnselHolm:Ansel Holm|310000002::", "2022-11-12");
}

static void archive_of_2020(void **state)
{
    static const char *const names[] = {
        "2020/data/following.js=data/following.js", "2020/data/tweet.js=data/tweet.js",
        "2020/data/follower.js=data/follower.js",   "2020/data/account.js=data/account.js",
        "2020/data/block.js=data/block.js",         NULL};
    (void)state;
    expect_zip(names, "twitter-2020-04-20-0f3a.zip", 0, LIST_FOLLOWING,
               "18000001::|18000002:quill_dora:Dora \"Quill\" O'Hare <3|18000003::", "2020-04-20");
}

static void archive_of_2019(void **state)
{
    static const char *const names[] = {"2019/following.js=following.js", "2019/tweet.js=tweet.js", NULL};
    (void)state;
    expect_zip(names, "old.zip", 0, LIST_FOLLOWING, "99001:old_friend_7:Old Friend|99002::", "");
}

/* A wrapping folder, other capitals, backslashes: as people and Windows pack them again. */
static void names_count_by_their_end(void **state)
{
    static const char *const folder[] = {"2022/data/following.js=twitter-2022-11-12-ab/data/following.js",
                                         "2022/data/tweets.js=twitter-2022-11-12-ab/data/tweets.js",
                                         "2019/following.js=assets/following.js", /* not in data/: not looked at */
                                         NULL};
    static const char *const capitals[] = {"2022/data/following.js=TWITTER\\Data\\Following.JS",
                                           "2022/data/tweets.js=TWITTER\\Data\\TWEETS.js", NULL};
    static const char expected[] = "310000001:AnselHolm:Ansel Holm|310000002::";
    (void)state;
    expect_zip(folder, "x.zip", 0, LIST_FOLLOWING, expected, "");
    expect_zip(capitals, "x.zip", 0, LIST_FOLLOWING, expected, "");
}

/* Where the manifest lists the files, others of the kind are left alone; where it is broken, names count. */
static void the_manifest_comes_first(void **state)
{
    static const char *const stray[] = {
        "2022/data/following.js=data/following.js", "2020/data/following.js=data/following-part1.js",
        "2022/data/tweets.js=data/tweets.js", "2022/data/manifest.js=data/manifest.js", NULL};
    static const char *const without[] = {"2022/data/following.js=data/following.js",
                                          "2022/data/tweets.js=data/tweets.js", NULL};
    (void)state;
    expect_zip(stray, "x.zip", 0, LIST_FOLLOWING, "310000001:AnselHolm:Ansel Holm|310000002::", "2022-11-12");
    expect_zip(without, "x.zip", 0, LIST_FOLLOWING, "310000001:AnselHolm:Ansel Holm|310000002::", "");

    CLEANUP(buf_release) struct buf zip;
    CLEANUP(buf_release) struct buf following;
    CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
    buf_init(&zip, MIB);
    buf_init(&following, MIB);
    fixture_load(&following, "2022/data/following.js");
    const struct zip_file_text files[] = {
        {.name = TEXT("data/following.js"), .bytes = buf_text(&following)},
        {.name = TEXT("data/manifest.js"), .bytes = TEXT("window.__THAR_CONFIG = {")}};
    assert_true(zip_build(&zip, files, 2));
    assert_int_equal(read_bytes("x.zip", buf_text(&zip), 0, &result, NULL), 0);
    assert_int_equal(result.lists[0].n, 2);
    assert_string_equal(
        result.outcomes[0].warning,
        "whose archive it is, or of which day, could not be read: data/manifest.js, line 1, byte 24: the "
        "file ends where a name or } is due");
}

static void a_missing_part_is_no_list(void **state)
{
    CLEANUP(buf_release) struct buf zip;
    CLEANUP(buf_release) struct buf manifest;
    CLEANUP(buf_release) struct buf following;
    CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
    struct err err = {.code = 0};
    (void)state;
    buf_init(&zip, MIB);
    buf_init(&manifest, MIB);
    buf_init(&following, MIB);
    fixture_load(&following, "2022/data/following.js");
    assert_int_equal(buf_add(&manifest, TEXT("window.__THAR_CONFIG = {\"dataTypes\":{\"following\":{\"files\":["
                                             "{\"fileName\":\"data/following.js\"},"
                                             "{\"fileName\":\"data/following-part1.js\"}]}}}")),
                     0);
    const struct zip_file_text files[] = {{.name = TEXT("data/following.js"), .bytes = buf_text(&following)},
                                          {.name = TEXT("data/manifest.js"), .bytes = buf_text(&manifest)}};
    assert_true(zip_build(&zip, files, 2));
    assert_int_equal(read_bytes("x.zip", buf_text(&zip), 0, &result, &err), E_BAD_INPUT);
    assert_string_equal(err.text, "its manifest names data/following-part1.js, which the zip lacks; the list would be "
                                  "incomplete, give the archive as X sent it");
}

/* Files by themselves say what they are: the name may be anything. */
static void single_files(void **state)
{
    static const struct {
        const char *fixture;
        unsigned kinds;
        enum list_kind kind;
        size_t n;
    } cases[] = {
        {"2025/data/following.js", 0, LIST_FOLLOWING, 5}, {"2025/data/follower.js", 0, LIST_FOLLOWERS, 2},
        {"2020/data/following.js", 0, LIST_FOLLOWING, 3}, {"2019/following.js", 0, LIST_FOLLOWING, 2},
        {"2025/data/block.js", BLOCKS, LIST_BLOCKS, 1},   {"2025/data/mute.js", MUTES, LIST_MUTES, 1},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(buf_release) struct buf file;
        CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
        buf_init(&file, MIB);
        fixture_load(&file, cases[i].fixture);
        assert_int_equal(read_bytes("download (3).txt", buf_text(&file), cases[i].kinds, &result, NULL), 0);
        assert_int_equal(list_of(&result, cases[i].kind, LIST_FROM_ARCHIVE)->n, cases[i].n);
    }
}

static void items_without_wrapper_and_doubles(void **state)
{
    static const char file[] =
        "window.YTD.following.part0 = [\n{\"accountId\":\"11\"},\n{\"following\":{\"accountId\":12}},\n"
        "{\"following\":{\"userLink\":\"https://twitter.com/intent/user?user_id=13\"}},\n"
        "{\"following\":{\"accountId\":\"11\"}},\n{\"following\":{}},\n7,\n"
        "{\"following\":{\"accountId\":\"1.45E+18\"}}\n]";
    CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
    CLEANUP(buf_release) struct buf out;
    (void)state;
    buf_init(&out, KIB);
    assert_int_equal(read_bytes("following.js", text_of(file), 0, &result, NULL), 0);
    const struct follow_list *list = &result.lists[0];
    assert_string_equal(accounts_text(list, &out), "11::|12::|13::");
    assert_int_equal(list->duplicates, 1);
    assert_int_equal(list->skipped_total, 3);
    assert_int_equal(list->skipped[0].line, 6);
    assert_string_equal(list->skipped[0].why, "this item has no accountId");
    assert_int_equal(list->skipped[1].line, 7);
    assert_int_equal(list->skipped[2].line, 8);
    assert_non_null(strstr(list->skipped[2].why, "spreadsheet"));
    assert_text(list->skipped[2].file, "following.js");
}

static void many_rows_many_skipped(void **state)
{
    CLEANUP(buf_release) struct buf file;
    CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
    (void)state;
    buf_init(&file, MIB);
    assert_int_equal(buf_add(&file, TEXT("[{\"following\":{\"accountId\":\"5\"}}")), 0);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(buf_add(&file, TEXT(",\n{\"following\":{\"accountId\":\"x\"}}")), 0);
    assert_int_equal(buf_add(&file, TEXT("]")), 0);
    assert_int_equal(read_bytes("f.js", buf_text(&file), 0, &result, NULL), 0);
    assert_int_equal(result.lists[0].n_skipped, LIMIT_SKIPPED_ROWS);
    assert_int_equal(result.lists[0].skipped_total, 1000);
}

/* The archive that tests and demonstrations are made of. */
static void built_archives_are_read(void **state)
{
    struct archive_plan plan = {.seed = 7, .follows = 300, .followers = 50, .mentioned = 180, .blocks = 4, .mutes = 5};
    (void)state;
    for (int layout = 0; layout < 4; layout++) {
        CLEANUP(buf_release) struct buf zip;
        CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
        char handle[32];
        plan.compact = layout & 1;
        plan.part_rows = layout & 2 ? 70 : 0;
        plan.folder = layout & 2 ? "twitter-2025-01-22-ab" : NULL;
        plan.private = layout & 2;
        buf_init(&zip, 16 * MIB);
        assert_true(archive_build(&plan, &zip));
        assert_int_equal(read_bytes("made.zip", buf_text(&zip), 0, &result, NULL), 0);
        const struct follow_list *list = list_of(&result, LIST_FOLLOWING, LIST_FROM_ARCHIVE);
        assert_int_equal(list->n, 300);
        assert_int_equal(list->resolved.by_mentions, 180);
        assert_int_equal(list->resolved.total, 180);
        for (size_t i = 0; i < 300; i++) {
            assert_int_equal(list->accounts[i].id, archive_follow_id(&plan, i));
            archive_follow_handle(&plan, i, handle);
            assert_true(text_equal(list->accounts[i].handle, i < 180 ? text_of(handle) : TEXT_NONE));
        }
        assert_int_equal(list_of(&result, LIST_FOLLOWERS, LIST_FROM_ARCHIVE)->n, 50);
        assert_string_equal(result.day, "2025-01-22");
    }
}

struct stop {
    unsigned calls;
    unsigned at;
    uint64_t rows;
};

static bool count_progress(void *context, const struct archive_progress *progress)
{
    struct stop *stop = context;
    stop->calls++;
    stop->rows = progress->rows;
    return stop->calls != stop->at;
}

static void progress_is_told_and_may_stop(void **state)
{
    struct archive_plan plan = {.seed = 9, .follows = 100, .mentioned = 50, .posts = 4000};
    CLEANUP(buf_release) struct buf zip;
    struct stop stop = {.at = 0};
    struct archive_options options = {.progress = count_progress, .context = &stop};
    struct memory_source memory;
    (void)state;
    buf_init(&zip, 64 * MIB);
    assert_true(archive_build(&plan, &zip));
    memory_source_init(&memory, buf_text(&zip));
    struct archive_file file = {.name = TEXT("a.zip"), .source = &memory.source};
    CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
    assert_int_equal(archive_read(&file, 1, &options, &result, NULL), 0);
    archive_result_release(&result);
    assert_true(stop.rows > 1000);
    unsigned calls = stop.calls;
    assert_true(calls >= 8); /* the zip, its files, and a mebibyte each of posts */
    for (unsigned at = 1; at <= calls; at++) {
        struct err err = {.code = 0};
        stop = (struct stop){.at = at};
        assert_int_equal(archive_read(&file, 1, &options, &result, &err), E_CANCELLED);
        assert_string_equal(err.text, "stopped while reading");
        archive_result_release(&result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(archive_of_2025),
        cmocka_unit_test(only_wanted_lists_come),
        cmocka_unit_test(owner_facts_and_counts),
        cmocka_unit_test(archive_of_2022),
        cmocka_unit_test(archive_of_2020),
        cmocka_unit_test(archive_of_2019),
        cmocka_unit_test(names_count_by_their_end),
        cmocka_unit_test(the_manifest_comes_first),
        cmocka_unit_test(a_missing_part_is_no_list),
        cmocka_unit_test(single_files),
        cmocka_unit_test(items_without_wrapper_and_doubles),
        cmocka_unit_test(many_rows_many_skipped),
        cmocka_unit_test(built_archives_are_read),
        cmocka_unit_test(progress_is_told_and_may_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tests/unit/archive/test_files.c
 *
 * Several files as one import: parts in any order, names for an archive's ids from other files, files that fail among
 * files that do not; and lists and facts by themselves.
 */
#include "archive/archive.h"

#include "base/cleanup.h"
#include "lib/archive_builder.h"
#include "lib/archive_files.h"
#include "lib/check.h"

#include <string.h>

#define FILES_MAX 6

struct many {
    struct memory_source memory[FILES_MAX];
    struct archive_file files[FILES_MAX];
    size_t n;
};

static void add(struct many *many, const char *name, struct text bytes)
{
    assert_true(many->n < FILES_MAX);
    memory_source_init(&many->memory[many->n], bytes);
    many->files[many->n] = (struct archive_file){.name = text_of(name), .source = &many->memory[many->n].source};
    many->n++;
}

static int read_many(const struct many *many, unsigned kinds, struct archive_result *ret_result, struct err *err)
{
    struct archive_options options = {.kinds = kinds};
    return archive_read(many->files, many->n, &options, ret_result, err);
}

#define PART0                                                                                                          \
    "window.YTD.following.part0 = [ {\"following\":{\"accountId\":\"1\"}}, {\"following\":{\"accountId\":\"2\"}} ]"
#define PART1                                                                                                          \
    "window.YTD.following.part1 = [ {\"following\":{\"accountId\":\"3\"}}, {\"following\":{\"accountId\":\"2\"}} ]"
#define PART10 "window.YTD.following.part10 = [ {\"following\":{\"accountId\":\"4\"}} ]"

static void parts_in_any_order_are_one_list(void **state)
{
    static const char *const parts[] = {PART0, PART1, PART10};
    static const size_t orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    CLEANUP(buf_release) struct buf out;
    (void)state;
    buf_init(&out, KIB);
    for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
        struct many many = {.n = 0};
        CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
        for (size_t j = 0; j < 3; j++)
            add(&many, "some name.js", text_of(parts[orders[i][j]]));
        assert_int_equal(read_many(&many, 0, &result, NULL), 0);
        assert_int_equal(result.n_lists, 1);
        assert_string_equal(accounts_text(&result.lists[0], &out), "1::|2::|3::|4::");
        assert_int_equal(result.lists[0].duplicates, 1);
    }
}

static void the_same_part_twice_is_a_question(void **state)
{
    struct many many = {.n = 0};
    CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
    (void)state;
    add(&many, "following.js", TEXT(PART0));
    add(&many, "following (1).js", TEXT(PART0));
    assert_int_equal(read_many(&many, 0, &result, NULL), 0);
    assert_int_equal(result.lists[0].n, 2);
    assert_int_equal(result.outcomes[0].err.code, 0);
    assert_int_equal(result.outcomes[1].err.code, E_BAD_INPUT);
    assert_string_equal(result.outcomes[1].err.text,
                        "this is part 0 of the list again, which following.js holds; give only one of them");
}

/* The archive names 180 of 300, its owner's exporter file 40 more, and one of those 180 anew. */
static void an_exporters_file_names_an_archives_ids(void **state)
{
    struct archive_plan plan = {.seed = 3, .follows = 300, .mentioned = 180};
    CLEANUP(buf_release) struct buf zip;
    CLEANUP(buf_release) struct buf csv;
    CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
    struct many many = {.n = 0};
    (void)state;
    buf_init(&zip, 16 * MIB);
    buf_init(&csv, MIB);
    assert_true(archive_build(&plan, &zip));
    assert_int_equal(buf_add(&csv, TEXT("id,screen_name,name,description,profile_image_url,website\n")), 0);
    for (size_t i = 179; i < 220; i++)
        assert_int_equal(buf_printf(&csv, "%llu,exported_%zu,Exported,\"bio\\nof %zu\",x,https://e.example/\n",
                                    (unsigned long long)archive_follow_id(&plan, i), i, i),
                         0);
    add(&many, "exporter.csv", buf_text(&csv));
    add(&many, "archive.zip", buf_text(&zip));
    assert_int_equal(read_many(&many, LIST_BIT(LIST_FOLLOWING), &result, NULL), 0);
    assert_int_equal(result.n_lists, 2);
    const struct follow_list *list = list_of(&result, LIST_FOLLOWING, LIST_FROM_ARCHIVE);
    assert_int_equal(list->n, 300);
    assert_int_equal(list->resolved.by_mentions, 180);
    assert_int_equal(list->resolved.by_files, 40);
    assert_int_equal(list->resolved.total, 220);
    assert_text(list->accounts[179].handle, "exported_179"); /* the live export beats an old post */
    assert_text(list->accounts[200].bio, "bio\nof 200");
    assert_text(list->accounts[200].website, "https://e.example/");
    const struct follow_list *exported = list_of(&result, LIST_FOLLOWING, LIST_FROM_EXPORTER);
    assert_int_equal(exported->n, 41);
    assert_int_equal(exported->resolved.given, 41);
    assert_int_equal(result.facts.n, 220);
}

/* Posts, account and manifest beside following.js, as they lie in the unpacked folder. */
static void loose_files_of_one_archive(void **state)
{
    static const char *const names[] = {"2025/data/tweets.js", "2025/data/manifest.js", "2025/data/account.js",
                                        "2025/data/following.js"};
    struct buf texts[ARRAY_LEN(names)];
    struct many many = {.n = 0};
    CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        buf_init(&texts[i], MIB);
        fixture_load(&texts[i], names[i]);
        add(&many, names[i], buf_text(&texts[i]));
    }
    assert_int_equal(read_many(&many, 0, &result, NULL), 0);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        assert_int_equal(result.outcomes[i].err.code, 0);
        buf_release(&texts[i]);
    }
    assert_int_equal(result.n_lists, 1);
    assert_int_equal(result.lists[0].resolved.by_mentions, 3);
    assert_string_equal(result.lists[0].day, "2025-01-22");
    assert_int_equal(result.owner_id, 2244990000);
    assert_null(fact_set_get(&result.facts, 2244990000));
}

static void one_bad_file_leaves_the_others(void **state)
{
    struct many many = {.n = 0};
    CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
    CLEANUP(buf_release) struct buf out;
    (void)state;
    buf_init(&out, KIB);
    add(&many, "broken.js", TEXT("window.YTD.following.part1 = [ {\"following\":{\"accountId\":\"9\"}}, {"));
    add(&many, "direct-messages.js", TEXT("x"));
    add(&many, "following.js", TEXT(PART0));
    add(&many, "empty.csv", TEXT(""));
    add(&many, "list.csv", TEXT("username\nalice\n"));
    assert_int_equal(read_many(&many, 0, &result, NULL), 0);
    assert_int_equal(result.n_lists, 2);
    assert_string_equal(accounts_text(list_of(&result, LIST_FOLLOWING, LIST_FROM_ARCHIVE), &out), "1::|2::");
    static const int codes[] = {E_BAD_INPUT, E_FORBIDDEN, 0, E_BAD_INPUT, 0};
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        assert_int_equal(result.outcomes[i].err.code, codes[i]);
}

static void nothing_good_gives_the_first_error(void **state)
{
    struct many many = {.n = 0};
    CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
    struct err err = {.code = 0};
    (void)state;
    add(&many, "a.csv", TEXT(""));
    add(&many, "contact.js", TEXT("x"));
    assert_int_equal(read_many(&many, 0, &result, &err), E_BAD_INPUT);
    assert_string_equal(err.text, "the file is empty; choose it again");
    assert_int_equal(result.n_outcomes, 2); /* nothing else is left, and each file has its own sentence */
    assert_string_equal(result.outcomes[0].err.text, err.text);
    assert_non_null(strstr(result.outcomes[1].err.text, "this is named for messages"));
}

static void archives_of_two_people_stay_apart(void **state)
{
    struct archive_plan mine = {.seed = 1, .follows = 3, .owner_id = 100, .owner_handle = "me"};
    struct archive_plan theirs = {.seed = 2, .follows = 4, .owner_id = 200, .owner_handle = "them"};
    CLEANUP(buf_release) struct buf one;
    CLEANUP(buf_release) struct buf two;
    struct many many = {.n = 0};
    CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
    (void)state;
    buf_init(&one, MIB);
    buf_init(&two, MIB);
    assert_true(archive_build(&mine, &one) && archive_build(&theirs, &two));
    add(&many, "one.zip", buf_text(&one));
    add(&many, "two.zip", buf_text(&two));
    assert_int_equal(read_many(&many, 0, &result, NULL), 0);
    assert_int_equal(list_of(&result, LIST_FOLLOWING, LIST_FROM_ARCHIVE)->n, 3);
    assert_string_equal(result.outcomes[1].err.text, "one.zip is an archive too; give one archive at a time");

    struct many mixed = {.n = 0};
    CLEANUP(archive_result_release) struct archive_result other = {.n_lists = 0};
    add(&mixed, "one.zip", buf_text(&one));
    add(&mixed, "account.js",
        TEXT("window.YTD.account.part0 = [{\"account\":{\"accountId\":\"200\",\"username\":\"them\"}}]"));
    assert_int_equal(read_many(&mixed, 0, &other, NULL),
                     E_BAD_INPUT); /* account.js says whose it is, so the zip is not */
}

static void posts_alone_are_facts_where_facts_are_wanted(void **state)
{
    CLEANUP(buf_release) struct buf posts;
    CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
    (void)state;
    buf_init(&posts, MIB);
    fixture_load(&posts, "2025/data/tweets.js");
    assert_int_equal(read_bytes("tweets.js", buf_text(&posts), LIST_BIT(LIST_FACTS), &result, NULL), 0);
    assert_int_equal(result.n_lists, 1);
    assert_int_equal(result.lists[0].kind, LIST_FACTS);
    assert_int_equal(result.lists[0].n, 0);
    assert_text(result.lists[0].file, "tweets.js");
    assert_int_equal(result.facts.n, 4);
}

/* --- lists and facts ----------------------------------------------------------------------------------------------- */

static void put(struct follow_list *list, uint64_t id, const char *handle, const char *name)
{
    struct x_account account = {.id = id, .handle = text_of(handle), .name = text_of(name)};
    assert_int_equal(follow_list_add(list, &account, NULL), 0);
}

static void doubles_complete_each_other(void **state)
{
    CLEANUP(follow_list_release) struct follow_list list;
    CLEANUP(buf_release) struct buf out;
    (void)state;
    buf_init(&out, KIB);
    follow_list_init(&list, LIST_FOLLOWING, LIST_FROM_CSV);
    put(&list, 0, "Alice", "");
    put(&list, 12, "alice", "Alice A.");
    put(&list, 12, "", "ignored");
    put(&list, 13, "bob", "");
    put(&list, 14, "BOB", ""); /* another id: another account, whatever its handle */
    put(&list, 0, "ALICE", "");
    assert_string_equal(accounts_text(&list, &out), "12:Alice:Alice A.|13:bob:|14:BOB:");
    assert_int_equal(list.duplicates, 3);
}

static void merging_and_resolving_may_be_repeated(void **state)
{
    CLEANUP(follow_list_release) struct follow_list archive;
    CLEANUP(follow_list_release) struct follow_list csv;
    CLEANUP(fact_set_release) struct fact_set facts;
    (void)state;
    follow_list_init(&archive, LIST_FOLLOWING, LIST_FROM_ARCHIVE);
    follow_list_init(&csv, LIST_FOLLOWING, LIST_FROM_CSV);
    fact_set_init(&facts);
    put(&archive, 11, "", "");
    put(&archive, 12, "", "");
    put(&csv, 12, "bob", "Bob");
    put(&csv, 13, "carol", "");
    assert_int_equal(fact_set_add_post(&facts, 11, TEXT("alice"), TEXT("Alice"), 5, NULL), 0);
    assert_int_equal(fact_set_add_file(&facts, &csv.accounts[0], NULL), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(follow_list_resolve(&archive, &facts, NULL), 0);
        assert_int_equal(archive.resolved.by_mentions, 1);
        assert_int_equal(archive.resolved.by_files, 1);
        assert_int_equal(archive.resolved.given, 0);
        assert_int_equal(archive.resolved.total, 2);
    }
    assert_int_equal(follow_list_merge(&archive, &csv, NULL), 0);
    assert_int_equal(follow_list_resolve(&archive, &facts, NULL), 0);
    assert_int_equal(archive.n, 3);
    assert_int_equal(archive.duplicates, 0); /* two sources that agree are no double entry */
    assert_int_equal(archive.resolved.given, 1);
    assert_int_equal(archive.resolved.by_mentions, 1);
    assert_int_equal(archive.resolved.by_files, 1);
}

static void the_newest_post_names_best(void **state)
{
    CLEANUP(fact_set_release) struct fact_set facts;
    struct x_account row = {.id = 12, .handle = TEXT("live"), .bio = TEXT("now")};
    (void)state;
    fact_set_init(&facts);
    assert_int_equal(fact_set_add_post(&facts, 12, TEXT("second"), TEXT(""), 200, NULL), 0);
    assert_int_equal(fact_set_add_post(&facts, 12, TEXT("first"), TEXT("First Name"), 100, NULL), 0);
    const struct x_fact *fact = fact_set_get(&facts, 12);
    assert_text(fact->account.handle, "second");
    assert_text(fact->account.name, "First Name"); /* an older name is better than none */
    assert_int_equal(fact_set_add_post(&facts, 12, TEXT("third"), TEXT("Third"), 300, NULL), 0);
    fact = fact_set_get(&facts, 12);
    assert_text(fact->account.handle, "third");
    assert_text(fact->account.name, "Third");
    assert_int_equal(fact_set_add_file(&facts, &row, NULL), 0);
    assert_int_equal(fact_set_add_post(&facts, 12, TEXT("fourth"), TEXT(""), 400, NULL), 0);
    fact = fact_set_get(&facts, 12);
    assert_text(fact->account.handle, "live");
    assert_text(fact->account.bio, "now");
    assert_int_equal(fact->said_ms, 400);
    assert_int_equal(facts.n, 1);
    assert_null(fact_set_get(&facts, 13));
}

static void words_of_sources(void **state)
{
    (void)state;
    assert_string_equal(list_source_word(LIST_FROM_ARCHIVE), "archive");
    assert_string_equal(list_source_word(LIST_FROM_API), "api");
    assert_string_equal(list_source_word(LIST_FROM_EXPORTER), "exporter");
    assert_string_equal(list_source_word(LIST_FROM_CSV), "csv");
    assert_string_equal(list_source_word(LIST_FROM_PASTED), "pasted");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_in_any_order_are_one_list),
        cmocka_unit_test(the_same_part_twice_is_a_question),
        cmocka_unit_test(an_exporters_file_names_an_archives_ids),
        cmocka_unit_test(loose_files_of_one_archive),
        cmocka_unit_test(one_bad_file_leaves_the_others),
        cmocka_unit_test(nothing_good_gives_the_first_error),
        cmocka_unit_test(archives_of_two_people_stay_apart),
        cmocka_unit_test(posts_alone_are_facts_where_facts_are_wanted),
        cmocka_unit_test(doubles_complete_each_other),
        cmocka_unit_test(merging_and_resolving_may_be_repeated),
        cmocka_unit_test(the_newest_post_names_best),
        cmocka_unit_test(words_of_sources),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tests/unit/archive/test_lists.c
 *
 * Lists that are no archive: pages of X's API, twitter-web-exporter, CSV of any kind, handles and pasted text.
 */
#include "archive/archive.h"

#include "base/cleanup.h"
#include "lib/archive_files.h"
#include "lib/check.h"

#include <string.h>

static void expect(const char *name, struct text bytes, enum list_source source, const char *accounts)
{
    CLEANUP(buf_release) struct buf out;
    CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
    struct err err = {.code = 0};
    buf_init(&out, MIB);
    if (read_bytes(name, bytes, 0, &result, &err) < 0)
        fail_msg("%s: %s", name, err.text);
    struct follow_list *list = list_of(&result, LIST_FOLLOWING, source);
    assert_string_equal(accounts_text(list, &out), accounts);
    assert_int_equal(list->n, result.lists[0].n);
}

static void expect_text(const char *text, enum list_source source, const char *accounts)
{
    expect("list", text_of(text), source, accounts);
}

static void expect_fixture(const char *name, enum list_source source, const char *accounts)
{
    CLEANUP(buf_release) struct buf file;
    buf_init(&file, MIB);
    fixture_load(&file, name);
    expect("a file.txt", buf_text(&file), source, accounts);
}

static void api_pages(void **state)
{
    (void)state;
    expect_fixture("api_page.json", LIST_FROM_API, "2244994010:rowan_k:Rowan K.|2244994011:Sunniva_B:Sunniva");
    expect_fixture("api_pages.jsonl", LIST_FROM_API,
                   "2244994010:rowan_k:Rowan K.|2244994011:Sunniva_B:Sunniva|2244994012:third_page:Third");
    expect_text("{\"id\":\"12\",\"username\":\"one\",\"name\":\"One\"}\n{\"id\":\"13\",\"username\":\"two\",\"name\":"
                "\"Two\"}\n",
                LIST_FROM_API, "12:one:One|13:two:Two");
    expect_text("[{\"data\":[{\"id\":\"12\",\"username\":\"one\",\"name\":\"One\"}]}]", LIST_FROM_API, "12:one:One");
    expect_text(
        "{\"users\":[{\"id\":1.2e18,\"id_str\":\"1200000000000000017\",\"screen_name\":\"old_api\",\"name\":\"Old\"}],"
        "\"next_cursor\":0}",
        LIST_FROM_API, "1200000000000000017:old_api:Old");
    expect_text("{\"ids\":[12,\"13\",1450000000000000003],\"next_cursor\":0}", LIST_FROM_API,
                "12::|13::|1450000000000000003::");
}

static void api_details(void **state)
{
    CLEANUP(buf_release) struct buf file;
    CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
    (void)state;
    buf_init(&file, MIB);
    fixture_load(&file, "api_page.json");
    assert_int_equal(read_bytes("page.json", buf_text(&file), 0, &result, NULL), 0);
    const struct x_account *rowan = &result.lists[0].accounts[0];
    assert_text(rowan->bio, "Birds & bread https://bsky.app/profile/rowan.example");
    assert_text(rowan->website, "https://rowan.example/");
    assert_text(rowan->location, "Leith");
    assert_int_equal(rowan->is_protected, KNOWN_YES);
    assert_int_equal(rowan->is_verified, KNOWN_NO);
    const struct x_account *sunniva = &result.lists[0].accounts[1];
    assert_int_equal(sunniva->is_protected, KNOWN_NOT);
    assert_text(sunniva->website, "");
    assert_int_equal(result.lists[0].resolved.given, 2);
    assert_int_equal(result.facts.n, 2);
    assert_true(result.facts.facts[0].by_file);
}

static void exporter(void **state)
{
    static const char *const files[] = {"exporter.csv", "exporter.json"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        CLEANUP(buf_release) struct buf file;
        CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
        buf_init(&file, MIB);
        fixture_load(&file, files[i]);
        expect_fixture(files[i], LIST_FROM_EXPORTER,
                       "2244994003:tilde_otter:Tilde Otter|1450000000000000005:LenaFerro:Lena \"Iron\" Ferro");
        assert_int_equal(read_bytes("x", buf_text(&file), 0, &result, NULL), 0);
        const struct x_account *otter = &result.lists[0].accounts[0];
        assert_text(otter->website, "https://otter.example/");
        assert_text(otter->location, "Utrecht");
        assert_int_equal(otter->is_protected, KNOWN_NO);
        assert_int_equal(otter->is_verified, KNOWN_NO);
        const struct x_account *lena = &result.lists[0].accounts[1];
        assert_text(lena->website, ""); /* url is the profile itself */
        assert_int_equal(lena->is_protected, KNOWN_YES);
        assert_int_equal(lena->is_verified, KNOWN_YES);
        if (i == 0)
            assert_text(otter->bio, "Draws otters.\nAlso at otter.example");
    }
}

static void csv_columns_by_name(void **state)
{
    (void)state;
    expect_text("Username,Full Name\nalice,Alice\nbob,Bob\n", LIST_FROM_CSV, ":alice:Alice|:bob:Bob");
    expect_text("User_Name;Display-Name;ID\n@alice;Alice;12\n;Nobody;13\n", LIST_FROM_CSV, "12:alice:Alice|13::Nobody");
    expect_text("Name\tTwitter Handle\nAlice\thttps://x.com/alice\n", LIST_FROM_CSV, ":alice:Alice");
    expect_text("id,username\n12,alice\n12,Alice\n13,bob\n", LIST_FROM_CSV, "12:alice:|13:bob:");
    expect_text("x_handle,network,profile\nalice,bluesky,did:plc:x\n", LIST_FROM_CSV, ":alice:");
    expect_text("account\n@alice\nbob\n", LIST_FROM_CSV, ":alice:|:bob:");
    expect_text("id\n12\n13\n", LIST_FROM_CSV, "12::|13::");
    expect_text("name,url\nAlice,https://twitter.com/alice\nBob,https://twitter.com/bob\n", LIST_FROM_CSV,
                ":alice:Alice|:bob:Bob");
    expect_text("username,name\nalice,\"A \xFF\"\n", LIST_FROM_CSV, ":alice:A \xEF\xBF\xBD");
    expect_text("id,username\n1,alice\n2,bob\n3,carol\n", LIST_FROM_CSV, ":alice:|:bob:|:carol:"); /* rows, not ids */
    expect_text("handle,name\n'@alice,'=Alice\n", LIST_FROM_CSV, ":alice:=Alice");
    expect_text("username,name\n123456,Digits\n", LIST_FROM_CSV, ":123456:Digits"); /* a handle may be digits */
}

static void csv_columns_by_content(void **state)
{
    (void)state;
    expect_text("Alice,@alice\nBob,@bob\n", LIST_FROM_CSV, ":alice:|:bob:");
    expect_text("alice,Alice Miller\nbob,Bob Young\n", LIST_FROM_CSV, ":alice:|:bob:");
    expect_text("Alice Miller,https://x.com/alice,7\nBob Young,https://x.com/bob,8\n", LIST_FROM_CSV, ":alice:|:bob:");
    expect_text("Wer;Wo\nAlice Miller;https://x.com/alice\nBob Young;https://x.com/bob\n", LIST_FROM_CSV,
                ":alice:|:bob:");
    expect_text("2244994001,Alice Miller\n2244994002,Bob Young\n", LIST_FROM_CSV, "2244994001::|2244994002::");
    expect_text("2244994001,@alice\n2244994002,@bob\n", LIST_FROM_CSV, "2244994001:alice:|2244994002:bob:");
}

static void rounded_ids_are_refused(void **state)
{
    CLEANUP(buf_release) struct buf file;
    CLEANUP(buf_release) struct buf out;
    CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
    (void)state;
    buf_init(&file, MIB);
    buf_init(&out, MIB);
    fixture_load(&file, "excel.csv");
    assert_int_equal(read_bytes("excel.csv", buf_text(&file), 0, &result, NULL), 0);
    const struct follow_list *list = &result.lists[0];
    assert_string_equal(accounts_text(list, &out), ":keeps_handle:Kept|310000002:whole_id:Whole");
    assert_int_equal(list->damaged_ids, 1);
    assert_int_equal(list->skipped_total, 2);
    assert_int_equal(list->skipped[0].line, 3);
    assert_string_equal(list->skipped[0].why,
                        "\"1.45E+18\": a spreadsheet rounded this id, its last digits are lost; take "
                        "the file as the exporter wrote it");
    assert_int_equal(list->skipped[1].line, 4);
}

/* One in a thousand ids ends in three zeros by itself: that is no damage. */
static void ids_may_end_in_zeros(void **state)
{
    (void)state;
    expect_text("id,name\n145000000000000123,A\n700000000123456000,B\n145000000000000125,C\n", LIST_FROM_CSV,
                "145000000000000123::A|700000000123456000::B|145000000000000125::C");
    expect_text("window.YTD.following.part0 = [ {\"following\":{\"accountId\":\"700000000123456000\"}} ]",
                LIST_FROM_ARCHIVE, "700000000123456000::");
}

static void broken_rows_are_skipped_with_their_line(void **state)
{
    static const char csv[] =
        "username,name\nalice,Alice\n\"bob,Bob\ncarol,Carol\n,\nsome words,x\ndave@mail.example,Dave\n"
        "erin,Erin\n";
    CLEANUP(buf_release) struct buf out;
    CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
    (void)state;
    buf_init(&out, MIB);
    assert_int_equal(read_bytes("x.csv", text_of(csv), 0, &result, NULL), 0);
    const struct follow_list *list = &result.lists[0];
    assert_string_equal(accounts_text(list, &out), ":alice:Alice|:carol:Carol|:erin:Erin");
    assert_int_equal(list->n_skipped, 4);
    assert_int_equal(list->skipped[0].line, 3);
    assert_string_equal(list->skipped[0].why, "a quote is opened and never closed");
    assert_int_equal(list->skipped[1].line, 5);
    assert_string_equal(list->skipped[1].why, "this row has neither an id nor a handle");
    assert_string_equal(list->skipped[2].why, "\"some words\" is no handle on X and no link to a profile there");
    assert_string_equal(list->skipped[3].why,
                        "\"dave@mail.example\" is an address of another network or a mailbox, not a handle on X");
    assert_text(list->skipped[3].file, "x.csv");
}

/* People write lists with and without @; a stray heading does not make them prose. */
static void a_list_may_mix_its_forms(void **state)
{
    (void)state;
    expect_text("alice_ex\nbob_ex\n@carol_ex\nhttps://x.com/dave_ex\n\nerin_ex\n", LIST_FROM_PASTED,
                ":alice_ex:|:bob_ex:|:carol_ex:|:dave_ex:|:erin_ex:");
    expect_text("I liked\n@carol_ex and her maps,\nand what x.com/dave_ex wrote\n", LIST_FROM_PASTED,
                ":carol_ex:|:dave_ex:");
}

static void handles_and_pasted_text(void **state)
{
    (void)state;
    expect_fixture("handles.txt", LIST_FROM_PASTED, ":alice_example:|:Bob_Example:|:carol_ex:");
    expect_fixture("pasted.txt", LIST_FROM_PASTED, ":alice_example:|:bob_ex:|:carol_ex:");
    expect_text("alice\nbob\nAlice\n", LIST_FROM_PASTED, ":alice:|:bob:");
    expect_text("\xEF\xBB\xBF"
                "alice\r\nbob\r\n",
                LIST_FROM_PASTED, ":alice:|:bob:");
    expect_text("alice\rbob", LIST_FROM_PASTED, ":alice:|:bob:");
    expect_text("@alice, @bob, @carol", LIST_FROM_PASTED, ":alice:|:bob:|:carol:");
    expect_text("alice, bob, carol\n", LIST_FROM_PASTED, ":alice:|:bob:|:carol:");
    expect_text("(@alice) \"@bob\" see:x.com/nobody x.com/carol/ https://x.com/i/user/12.\n", LIST_FROM_PASTED,
                ":alice:|:bob:|:carol:|12::");
    expect_text("2244994001\n2244994002\n", LIST_FROM_PASTED, "2244994001::|2244994002::");
    expect_text("@alice\n@bob\n", LIST_FROM_PASTED, ":alice:|:bob:");
    expect_text("[Alice](https://x.com/alice) and more", LIST_FROM_PASTED, ":alice:");
}

static void other_networks_are_told(void **state)
{
    CLEANUP(buf_release) struct buf file;
    CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
    (void)state;
    buf_init(&file, MIB);
    fixture_load(&file, "pasted.txt");
    assert_int_equal(read_bytes("pasted.txt", buf_text(&file), 0, &result, NULL), 0);
    assert_int_equal(result.lists[0].skipped_total, 2);
    assert_int_equal(result.lists[0].skipped[0].line, 3);
    assert_string_equal(result.lists[0].skipped[0].why, "this is a handle of another network, not of X");
    assert_int_equal(result.lists[0].duplicates, 1);
}

/* What a list is taken for follows what is wanted. */
static void the_wanted_kind_names_the_list(void **state)
{
    static const enum list_kind kinds[] = {LIST_FOLLOWING, LIST_FOLLOWERS, LIST_ROSTER, LIST_BLOCKS, LIST_MUTES};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
        assert_int_equal(read_bytes("x", TEXT("@alice"), LIST_BIT(kinds[i]), &result, NULL), 0);
        assert_int_equal(result.n_lists, 1);
        assert_int_equal(result.lists[0].kind, kinds[i]);
    }
}

/* Promise 8: blocks and mutes enter nothing else. Not even the facts of their own file. */
static void blocks_and_mutes_tell_nothing(void **state)
{
    static const enum list_kind kinds[] = {LIST_FOLLOWING, LIST_BLOCKS, LIST_MUTES};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
        assert_int_equal(read_bytes("x.csv", TEXT("id,username\n12,alice\n"), LIST_BIT(kinds[i]), &result, NULL), 0);
        assert_int_equal(result.lists[0].n, 1);
        assert_int_equal(result.facts.n, kinds[i] == LIST_FOLLOWING);
    }
}

static void names_are_made_plain_and_cut(void **state)
{
    CLEANUP(buf_release) struct buf file;
    CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
    (void)state;
    buf_init(&file, MIB);
    assert_int_equal(buf_add(&file, TEXT("username,name,bio\nalice,R&amp;B ")), 0);
    for (int i = 0; i < 400; i++)
        assert_int_equal(buf_add(&file, TEXT("\xC3\xA9")), 0);
    assert_int_equal(buf_add(&file, TEXT(",")), 0);
    for (int i = 0; i < 9000; i++)
        assert_int_equal(buf_add(&file, TEXT("b")), 0);
    assert_int_equal(read_bytes("x.csv", buf_text(&file), 0, &result, NULL), 0);
    const struct x_account *alice = &result.lists[0].accounts[0];
    assert_true(text_starts(alice->name, TEXT("R&B \xC3\xA9")));
    assert_true(alice->name.len <= LIMIT_X_NAME);
    assert_int_equal(alice->bio.len, LIMIT_X_BIO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(api_pages),
        cmocka_unit_test(api_details),
        cmocka_unit_test(exporter),
        cmocka_unit_test(csv_columns_by_name),
        cmocka_unit_test(csv_columns_by_content),
        cmocka_unit_test(rounded_ids_are_refused),
        cmocka_unit_test(ids_may_end_in_zeros),
        cmocka_unit_test(broken_rows_are_skipped_with_their_line),
        cmocka_unit_test(a_list_may_mix_its_forms),
        cmocka_unit_test(handles_and_pasted_text),
        cmocka_unit_test(other_networks_are_told),
        cmocka_unit_test(the_wanted_kind_names_the_list),
        cmocka_unit_test(blocks_and_mutes_tell_nothing),
        cmocka_unit_test(names_are_made_plain_and_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

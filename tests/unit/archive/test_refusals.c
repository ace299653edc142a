/* tests/unit/archive/test_refusals.c
 *
 * Every file that cannot be taken, with the sentence that a person reads: what it is, where it broke, what to do.
 */
#include "archive/archive.h"

#include "base/cleanup.h"
#include "lib/archive_files.h"
#include "lib/check.h"

#include <string.h>

struct refusal {
    const char *name;
    struct text bytes;
    const char *sentence;
    unsigned kinds;
};

#define BYTES(literal)                                                                                                 \
    {                                                                                                                  \
        ("" literal), sizeof(literal) - 1                                                                              \
    }

static const struct refusal refusals[] = {
    /* --- no follow list at first sight --- */
    {"following.js", BYTES(""), "the file is empty; choose it again", 0},
    {"list.7z", BYTES("7z\xBC\xAF\x27\x1C...."),
     "this is a 7z archive, not a follow list; unpack it and give what is in it", 0},
    {"a.zip", BYTES("Rar!\x1A\x07\x01"), "this is a RAR archive, not a follow list; unpack it and give what is in it",
     0},
    {"a.gz", BYTES("\x1F\x8B\x08"), "this is a gzip file, not a follow list; unpack it and give what is in it", 0},
    {"a.csv", BYTES("%PDF-1.7"), "this is a PDF, not a follow list; give the list as CSV or as plain text", 0},
    {"a.xls", BYTES("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"),
     "this is an old Excel or Word file, not a follow list; save it as CSV (UTF-8) and give that", 0},
    {"a.txt",
     BYTES("\xFF\xFE"
           "a\0l\0"),
     "this is text in UTF-16, as Excel's \"Unicode text\" is, not a follow list; save it as CSV (UTF-8) and give that",
     0},
    {"a.png", BYTES("\x89PNG\r\n\x1A\n"), "this is a picture, not a follow list; give the list as CSV or as plain text",
     0},
    {"following.js", BYTES(" <!DOCTYPE html><html>"),
     "this is a web page (HTML), not data; give the zip that X sent, or following.js from its folder data", 0},
    {"a.bin", BYTES("abc\0def"), "this is neither text nor a zip, so it holds no follow list that Skein can read", 0},

    /* --- no zip, or a broken one --- */
    {"archive.zip", BYTES("just some text, not packed at all. And no names"),
     "this text names nobody on X: no @handle, no link to a profile, no handle on a line of its own", 0},
    {"archive.zip", BYTES("PK\x03\x04 and then the download stopped"),
     "the zip is cut short or damaged: its directory, which stands at the end, is missing; download or copy it again",
     0},
    {"archive.zip", BYTES("PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
     "the zip is empty; choose the archive that X sent", 0},

    /* --- private files --- */
    {"direct-messages.js", BYTES("window.YTD.direct_messages.part0 = [ ]"),
     "this is named for messages, contacts or devices; Skein does not open such files, give following.js or the whole "
     "archive",
     0},
    {"renamed.js", BYTES("window.YTD.direct_messages.part0 = [ {"),
     "this is named for messages, contacts or devices; Skein does not open such files, give following.js or the whole "
     "archive",
     0},
    {"renamed.json", BYTES("[{\"dmConversation\":{\"messages\":["),
     "this is named for messages, contacts or devices; Skein does not open such files, give following.js or the whole "
     "archive",
     0},
    {"x.js", BYTES("window.YTD.ip_audit.part0 = ["),
     "this is named for messages, contacts or devices; Skein does not open such files, give following.js or the whole "
     "archive",
     0},

    /* --- other files of an archive --- */
    {"like.js", BYTES("window.YTD.like.part0 = [ ]"),
     "this file of an X archive holds \"like\" and no follow list; give following.js or the whole archive", 0},
    {"tweets.js", BYTES("window.YTD.tweets.part0 = [ ]"),
     "this holds posts, which only tell names; give following.js or the whole archive with it", 0},
    {"account.js", BYTES("window.YTD.account.part0 = [ {\"account\":{\"username\":\"a\",\"accountId\":\"1\"}} ]"),
     "this tells whose archive it is and holds no follow list; give following.js with it", 0},
    {"2014_05.js", BYTES("Grailbird.data.tweets_2014_05 = \n[ ]"),
     "this is from an X archive of before 2019, which holds no follow lists; ask X for a new archive", 0},
    {"following.js", BYTES("window.YTD.following.part0 = [ ]"), "the list is empty: no account stands in it", 0},
    {"block.js", BYTES("window.YTD.block.part0 = [ {\"blocking\":{\"accountId\":\"1\"}} ]"),
     "this is the list of those you blocked (block.js), and the list of those an account follows (following.js) is "
     "wanted",
     0},
    {"following.js", BYTES("window.YTD.following.part0 = [ {\"following\":{\"accountId\":\"1\"}} ]"),
     "this is the list of those an account follows (following.js), and the list of those you muted (mute.js) is wanted",
     LIST_BIT(LIST_MUTES)},
    {"following.js",
     BYTES("window.YTD.following.part0 = [\n{\"following\":{\"accountId\":\"1\"}},\n"
           "{\"blocking\":{\"accountId\":\"2\"}} ]"),
     "line 3: an item of the list \"blocks\" stands in the list \"following\"; the file was mixed by hand, take it "
     "from the "
     "archive again",
     0},
    {"following.js", BYTES("window.YTD.following.part0 = [ {\n\"following\" : {\n\"accountId\" : \"1\""),
     "line 3, byte 66: the file ends where a comma or the end is due", 0},
    {"following.js", BYTES("window.YTD.following.part0 = {\"following\":{}}"),
     "line 1: the list of accounts is missing, expected [", 0},
    {"following.js", BYTES("window.open('x'); alert()"), "this is neither JSON nor a data file of an X archive", 0},

    /* --- other JSON --- */
    {"x.json", BYTES("{}"), "this JSON is empty: no account stands in it", 0},
    {"x.json", BYTES("{\"data\":[],\"meta\":{\"result_count\":0}}"), "this JSON is empty: no account stands in it", 0},
    {"x.json", BYTES("{\"title\":\"Unauthorized\",\"status\":401}"),
     "this is an error answer of an API (\"Unauthorized\"), without any account; fetch the page again", 0},
    {"x.json", BYTES("{\"errors\":[{\"message\":\"Rate limit\"}]}"),
     "this is an error answer of an API (\"errors\"), without any account; fetch the page again", 0},
    {"x.json", BYTES("{\"data\":[{\"id\":\"1\",\"text\":\"hello\"}]}"),
     "this is a page of posts from X's API; give a page of accounts, as /2/users/:id/following answers", 0},
    {"x.json", BYTES("{\"colour\":\"blue\"}"),
     "this JSON holds no accounts that Skein knows how to read; it begins with \"colour\"", 0},
    {"x.json", BYTES("[{\"username\":\"a b\"}]"),
     "none of its rows (1) can be used; line 1: \"a b\" is no handle on X and no link to a profile there", 0},
    {"actor.json", BYTES("{\"@context\":\"https://www.w3.org/ns/activitystreams\"}"),
     "this is an export of Mastodon; Skein reads follow lists of X", 0},

    /* --- CSV and text --- */
    {"x.csv", BYTES("Account address,Show boosts\nheron@fedi.example,true\n"),
     "this is an export of Mastodon; Skein reads follow lists of X", 0},
    {"x.csv", BYTES("Name,City\nAlice Miller,Berlin\nBob Young,Oslo\n"),
     "no column of this CSV holds X handles, links to profiles or ids; its first row is \"Name, City\". Name one "
     "column "
     "\"username\" or \"id\"",
     0},
    {"x.csv", BYTES("First,Last\nAlice,Miller\nBob,Young\n"),
     "no column of this CSV holds X handles, links to profiles or ids; its first row is \"First, Last\". Name one "
     "column "
     "\"username\" or \"id\"",
     0},
    {"x.csv", BYTES("id,name\n1.23E+18,Alice\n1.24E+18,Bob\n"),
     "none of its rows (2) can be used; line 2: \"1.23E+18\": a spreadsheet rounded this id, its last digits are lost; "
     "take "
     "the file as the exporter wrote it",
     0},
    {"x.csv", BYTES("username,name\n"), "the list is empty: no account stands in it", 0},
    {"x.txt", BYTES("two words\nthree more words\n"),
     "this text names nobody on X: no @handle, no link to a profile, no handle on a line of its own", 0},
    {"x.txt", BYTES("@alice@fedi.example\n"),
     "this text names nobody on X: no @handle, no link to a profile, no handle on a line of its own", 0},
};

static void every_refusal_says_its_sentence(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        const struct refusal *refusal = &refusals[i];
        CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
        struct err err = {.code = 0};
        int rc = read_bytes(refusal->name, refusal->bytes, refusal->kinds, &result, &err);
        if (rc == 0)
            fail_msg("%s was taken: %s", refusal->name, refusal->sentence);
        assert_int_equal(rc, err.code);
        assert_string_equal(err.text, refusal->sentence);
    }
}

struct zip_refusal {
    const char *const names[4]; /* of entries, each with the text "[]" */
    unsigned kinds;
    bool upload;
    const char *sentence;
};

static const struct zip_refusal zip_refusals[] = {
    {{"xl/workbook.xml"},
     0,
     false,
     "this is a spreadsheet (Excel or LibreOffice); save it as CSV (UTF-8) and give that"},
    {{"data/js/tweets/2014_05.js"},
     0,
     false,
     "this is an X archive from before 2019, which holds no follow lists; ask X for a new archive"},
    {{"holiday.jpg", "notes.txt"},
     0,
     false,
     "this zip is no X archive: it holds no data/following.js, but holiday.jpg and others"},
    {{"data/tweets.js", "data/like.js"},
     0,
     false,
     "the archive lacks the wanted list: it holds no data/following.js; ask X for the archive again, or give the file "
     "itself"},
    {{"data/follower.js"},
     LIST_BIT(LIST_FOLLOWING),
     false,
     "the archive lacks the wanted list: it holds no data/following.js, only data/follower.js; ask X for the archive "
     "again, "
     "or give the file itself"},
    {{"data/block.js"},
     0,
     false,
     "the archive lacks the wanted list: it holds no data/following.js, only who was blocked or muted; ask X for the "
     "archive again, or give the file itself"},
    {{"data/following.js"},
     LIST_BIT(LIST_BLOCKS),
     false,
     "the archive lacks the wanted list: it holds no data/block.js, only data/following.js; ask X for the archive "
     "again, "
     "or give the file itself"},
    {{"data/direct-messages.js", "data/following.js"},
     0,
     true,
     "the zip holds data/direct-messages.js, which should stay on your computer, so nothing of it was read; choose the "
     "archive on the page, which takes out only the files needed"},
    {{"connections/followers_and_following/following.json"},
     0,
     false,
     "this is an export of Instagram or Threads; Skein reads follow lists of X"},
    {{"actor.json", "outbox.json"}, 0, false, "this is an export of Mastodon; Skein reads follow lists of X"},
    {{"a/data/following.js", "b/data/following.js"},
     0,
     false,
     "the zip holds the same file twice, a/data/following.js and b/data/following.js; give one archive at a time"},
    {{"data/following.js"}, 0, false, "the list is empty: no account stands in it"},
};

static void every_zip_says_its_sentence(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(zip_refusals); i++) {
        const struct zip_refusal *refusal = &zip_refusals[i];
        CLEANUP(buf_release) struct buf zip;
        struct zip_file_text files[4];
        struct memory_source memory;
        struct archive_options options = {.kinds = refusal->kinds, .refuse_private = refusal->upload};
        CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
        struct err err = {.code = 0};
        size_t n = 0;
        for (; n < 4 && refusal->names[n]; n++)
            files[n] = (struct zip_file_text){.name = text_of(refusal->names[n]), .bytes = TEXT("[]")};
        buf_init(&zip, MIB);
        assert_true(zip_build(&zip, files, n));
        memory_source_init(&memory, buf_text(&zip));
        struct archive_file file = {.name = TEXT("x.zip"), .source = &memory.source};
        int rc = archive_read(&file, 1, &options, &result, &err);
        if (rc == 0)
            fail_msg("taken: %s", refusal->sentence);
        assert_string_equal(err.text, refusal->sentence);
    }
}

struct fixture_refusal {
    const char *fixture;
    const char *sentence;
};

static void fixtures_of_other_networks(void **state)
{
    static const struct fixture_refusal cases[] = {
        {"mastodon.csv", "this is an export of Mastodon; Skein reads follow lists of X"},
        {"instagram.json", "this is an export of Instagram or Threads; Skein reads follow lists of X"},
        {"grailbird/data/js/tweets/2014_05.js",
         "this is from an X archive of before 2019, which holds no follow lists; ask X for a new archive"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(buf_release) struct buf file;
        CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
        struct err err = {.code = 0};
        buf_init(&file, MIB);
        fixture_load(&file, cases[i].fixture);
        assert_int_equal(read_bytes("x", buf_text(&file), 0, &result, &err), E_BAD_INPUT);
        assert_string_equal(err.text, cases[i].sentence);
    }
}

static int64_t unread(void *context, void *buf, size_t n, struct err *err)
{
    (void)buf;
    (void)n;
    (void)err;
    *(bool *)context = true;
    return 0;
}

static int64_t unread_at(void *context, uint64_t offset, void *buf, size_t n, struct err *err)
{
    (void)offset;
    return unread(context, buf, n, err);
}

static void private_files_are_refused_unread(void **state)
{
    static const char *const names[] = {"direct-messages.js", "data/contact.js", "ip-audit.js",
                                        "device-token-part1.js"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        bool touched = false;
        struct byte_source source = {.read = unread, .read_at = unread_at, .context = &touched, .size = 100};
        struct archive_file file = {.name = text_of(names[i]), .source = &source};
        struct archive_options options = {.kinds = 0};
        CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
        assert_int_equal(archive_read(&file, 1, &options, &result, NULL), E_FORBIDDEN);
        assert_false(touched);
    }
}

static void huge_texts_are_refused_before_they_are_read(void **state)
{
    CLEANUP(buf_release) struct buf text;
    struct memory_source memory;
    struct archive_options options = {.kinds = 0};
    CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
    struct err err = {.code = 0};
    (void)state;
    buf_init(&text, MIB);
    assert_int_equal(buf_add(&text, TEXT("@alice and others\n")), 0);
    memory_source_init(&memory, buf_text(&text));
    memory.source.size = LIMIT_PASTED + 1;
    struct archive_file file = {.name = TEXT("x.txt"), .source = &memory.source};
    assert_int_equal(archive_read(&file, 1, &options, &result, &err), E_TOO_LARGE);
    assert_string_equal(err.text, "a text of more than 32 MiB without columns; give the list as CSV");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_refusal_says_its_sentence),
        cmocka_unit_test(every_zip_says_its_sentence),
        cmocka_unit_test(fixtures_of_other_networks),
        cmocka_unit_test(private_files_are_refused_unread),
        cmocka_unit_test(huge_texts_are_refused_before_they_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

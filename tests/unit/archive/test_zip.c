/* tests/unit/archive/test_zip.c
 *
 * Hostile and damaged zips, zip64, sizes, sources that fail.
 */
#include "archive/archive.h"

#include "base/cleanup.h"
#include "lib/archive_builder.h"
#include "lib/archive_files.h"
#include "lib/check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FOLLOWING "window.YTD.following.part0 = [ {\"following\":{\"accountId\":\"12\"}} ]"

static const struct zip_raw good_entry = {.name = {"data/following.js", 17},
                                          .bytes = {FOLLOWING, sizeof FOLLOWING - 1}};

static int read_raw(const struct zip_raw *entries, size_t n, enum zip_raw_end end, struct err *err)
{
    CLEANUP(buf_release) struct buf zip;
    CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
    buf_init(&zip, 64 * MIB);
    zip_build_raw(&zip, entries, n, end);
    int rc = read_bytes("x.zip", buf_text(&zip), LIST_BIT(LIST_FOLLOWING), &result, err);
    if (rc == 0) {
        assert_int_equal(result.n_lists, 1);
        assert_int_equal(result.lists[0].accounts[0].id, 12);
    }
    return rc;
}

static void expect_raw(const struct zip_raw *entries, size_t n, enum zip_raw_end end, int code, const char *sentence)
{
    struct err err = {.code = 0};
    int rc = read_raw(entries, n, end, &err);
    if (rc != code || (sentence && !strstr(err.text, sentence)))
        fail_msg("%d \"%s\" where %d \"%s\" is due", rc, err.text, code, sentence ? sentence : "");
}

static void whole_ones_are_read(void **state)
{
    static const struct zip_raw zip64 = {
        .name = {"data/following.js", 17}, .bytes = {FOLLOWING, sizeof FOLLOWING - 1}, .zip64 = true};
    (void)state;
    expect_raw(&good_entry, 1, ZIP_RAW_USUAL, 0, NULL);
    expect_raw(&good_entry, 1, ZIP_RAW_ZIP64, 0, NULL);
    expect_raw(&zip64, 1, ZIP_RAW_USUAL, 0, NULL);
    expect_raw(&zip64, 1, ZIP_RAW_ZIP64, 0, NULL);
    expect_raw(&good_entry, 1, ZIP_RAW_COMMENT, 0, NULL);
}

static void records_that_do_not_fit(void **state)
{
    static const struct zip_raw two[] = {
        {.name = {"data/following.js", 17}, .bytes = {FOLLOWING, sizeof FOLLOWING - 1}},
        {.name = {"x", 1}, .bytes = {"x", 1}}};
    (void)state;
    expect_raw(two, 2, ZIP_RAW_MULTIVOLUME, E_BAD_INPUT, "one volume of a zip in several");
    expect_raw(two, 2, ZIP_RAW_FEWER, E_BAD_INPUT, "does not hold as many files as it says");
    expect_raw(two, 2, ZIP_RAW_FAR, E_BAD_INPUT, "cut short or damaged");
}

/* A zip may end anywhere: each cut is told as one, none is taken. */
static void every_cut_is_told(void **state)
{
    CLEANUP(buf_release) struct buf zip;
    (void)state;
    buf_init(&zip, MIB);
    zip_build_raw(&zip, &good_entry, 1, ZIP_RAW_ZIP64);
    for (size_t len = 4; len < zip.len; len++) {
        CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
        struct err err = {.code = 0};
        assert_int_equal(read_bytes("x.zip", text_slice(buf_text(&zip), 0, len), 0, &result, &err), E_BAD_INPUT);
        assert_non_null(strstr(err.text, "download or copy it again"));
    }
}

/* Any single byte changed: taken unchanged or refused, never anything else. */
static void any_changed_byte_is_survived(void **state)
{
    CLEANUP(buf_release) struct buf zip;
    (void)state;
    buf_init(&zip, MIB);
    zip_build_raw(&zip, &good_entry, 1, ZIP_RAW_ZIP64);
    for (size_t i = 0; i < zip.len; i++) {
        for (int bit = 0; bit < 8; bit++) {
            CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
            zip.data[i] = (char)(zip.data[i] ^ (1 << bit));
            int rc = read_bytes("x.zip", buf_text(&zip), 0, &result, NULL);
            if (rc == 0)
                assert_int_equal(result.lists[0].accounts[0].id, 12);
            archive_result_release(&result);
            zip.data[i] = (char)(zip.data[i] ^ (1 << bit));
        }
    }
}

struct entry_case {
    struct zip_raw entry;
    int code;
    const char *sentence;
};

#define NAMED(literal) .name = {"" literal, sizeof(literal) - 1}
#define TEXT_OF(literal)                                                                                               \
    {                                                                                                                  \
        "" literal, sizeof(literal) - 1                                                                                \
    }

static void entries_that_are_refused(void **state)
{
    static const struct entry_case cases[] = {
        {{NAMED("data/following.js"), .bytes = TEXT_OF(FOLLOWING), .flags = 1}, E_BAD_INPUT, "locked with a password"},
        {{NAMED("data/following.js"), .bytes = TEXT_OF(FOLLOWING), .method = 14},
         E_BAD_INPUT,
         "packed in a way (method 14) that X does not use"},
        {{NAMED("data/following.js"), .bytes = TEXT_OF(FOLLOWING), .mode = S_IFLNK | 0777},
         E_BAD_INPUT,
         "is a link to another file"},
        {{NAMED("data/following.js"), .bytes = TEXT_OF(FOLLOWING), .crc = 1},
         E_BAD_INPUT,
         "the checksum of data/following.js is wrong"},
        {{NAMED("data/following.js"), .bytes = TEXT_OF(FOLLOWING "x"), .crc = 1},
         E_BAD_INPUT,
         "the checksum of data/following.js is wrong"}, /* which explains the broken JSON */
        {{NAMED("data/following.js"), .bytes = TEXT_OF(FOLLOWING), .local_name = TEXT_OF("data/followed_.js")},
         E_BAD_INPUT,
         "name a file differently"},
        {{NAMED("data/following.js"), .bytes = TEXT_OF(FOLLOWING), .local_name = TEXT_OF("short.js")},
         E_BAD_INPUT,
         "say different things"},
        {{NAMED("data/following.js"), .bytes = TEXT_OF(FOLLOWING), .packed = 1000000},
         E_BAD_INPUT,
         "reaches beyond its end"},
        {{NAMED("data/following.js"), .bytes = TEXT_OF(FOLLOWING), .zip64 = true, .packed = UINT64_MAX - 5},
         E_BAD_INPUT,
         "reaches beyond its end"},
        {{NAMED("data/following.js"), .bytes = TEXT_OF(FOLLOWING), .size = 5}, E_BAD_INPUT, "damaged"},
        {{NAMED("data/following.js"), .bytes = TEXT_OF(FOLLOWING "x")},
         E_BAD_INPUT,
         "data/following.js, line 1, byte 65: expected the end of the file, found x"},
        {{NAMED("data/following.js"), .bytes = TEXT_OF("window.YTD.direct_messages.part0 = [ ]")},
         E_BAD_INPUT,
         "data/following.js, its first line says that it holds \"direct_messages\", not following; was it renamed?"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        expect_raw(&cases[i].entry, 1, ZIP_RAW_USUAL, cases[i].code, cases[i].sentence);
}

static void names_that_are_never_wanted(void **state)
{
    static const struct zip_raw cases[] = {
        {NAMED("../data/following.js"), .bytes = TEXT_OF(FOLLOWING)},
        {NAMED("a/../data/following.js"), .bytes = TEXT_OF(FOLLOWING)},
        {NAMED("a\\..\\data\\following.js"), .bytes = TEXT_OF(FOLLOWING)},
        {NAMED("/data/following.js"), .bytes = TEXT_OF(FOLLOWING)},
        {NAMED("C:\\data\\following.js"), .bytes = TEXT_OF(FOLLOWING)},
        {NAMED("data/following.js\0.txt"), .bytes = TEXT_OF(FOLLOWING)},
        {NAMED("x\0/data/following.js"), .bytes = TEXT_OF(FOLLOWING)},
        {NAMED("\xFF/data/following.js"), .bytes = TEXT_OF(FOLLOWING)},
        {NAMED("data/following.js/"), .bytes = TEXT_OF(FOLLOWING)},
        {NAMED("data/following.js.txt"), .bytes = TEXT_OF(FOLLOWING)},
        {NAMED("data/following-part.js"), .bytes = TEXT_OF(FOLLOWING)},
        {NAMED("data/following-part999999.js"), .bytes = TEXT_OF(FOLLOWING)},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = {.code = 0};
        int rc = read_raw(&cases[i], 1, ZIP_RAW_USUAL, &err);
        if (rc == 0)
            fail_msg("%.*s was read", TEXT_ARG(cases[i].name));
    }
}

static void doubles_and_overlaps(void **state)
{
    static const struct zip_raw twice[] = {
        {NAMED("data/following.js"), .bytes = TEXT_OF(FOLLOWING)},
        {NAMED("DATA/following.js"), .bytes = TEXT_OF(FOLLOWING)},
    };
    static const struct zip_raw over[] = {
        {NAMED("data/following.js"), .bytes = TEXT_OF(FOLLOWING)},
        {NAMED("data/following.js"), .bytes = TEXT_OF(FOLLOWING), .same_as = 1},
    };
    (void)state;
    expect_raw(twice, 2, ZIP_RAW_USUAL, E_BAD_INPUT, "the same file twice");
    expect_raw(over, 2, ZIP_RAW_USUAL, E_BAD_INPUT, "the same file twice");
}

/* Fifield's trick: one entry's data holds the local header and data of the next. */
static void entries_inside_one_another(void **state)
{
    CLEANUP(buf_release) struct buf inner;
    CLEANUP(buf_release) struct buf zip;
    CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
    struct err err = {.code = 0};
    const struct zip_raw part1 = {NAMED("data/following-part1.js"), .bytes = TEXT_OF("[]")};
    (void)state;
    buf_init(&inner, MIB);
    buf_init(&zip, MIB);
    zip_build_raw(&inner, &part1, 1, ZIP_RAW_USUAL);
    size_t local = 30 + part1.name.len + part1.bytes.len;
    struct zip_raw entries[] = {
        {NAMED("data/following.js"), .bytes = text_slice(buf_text(&inner), 0, local)},
        {NAMED("data/following-part1.js"), .bytes = TEXT_OF("[]"), .same_as = 1},
    };
    zip_build_raw(&zip, entries, 2, ZIP_RAW_USUAL);
    /* The second entry's offset, in the directory's last record, goes to the header inside the first. */
    size_t second = zip.len - 22 - (46 + part1.name.len);
    zip.data[second + 42] = (char)(30 + entries[0].name.len);
    assert_int_equal(read_bytes("x.zip", buf_text(&zip), 0, &result, &err), E_FORBIDDEN);
    assert_string_equal(err.text,
                        "data/following.js and data/following-part1.js lie over one another in the zip, as in a zip "
                        "bomb; Skein does not open it");
}

/* --- sizes --------------------------------------------------------------------------------------------------------- */

static void a_bomb_is_left_after_a_few_mebibytes(void **state)
{
    CLEANUP(buf_release) struct buf blanks;
    CLEANUP(buf_release) struct buf zip;
    CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
    struct err err = {.code = 0};
    (void)state;
    buf_init(&blanks, 64 * MIB);
    buf_init(&zip, MIB);
    assert_int_equal(buf_add(&blanks, TEXT("window.YTD.following.part0 = [")), 0);
    for (size_t i = 0; i < 16 * MIB / 64; i++)
        assert_int_equal(buf_add(&blanks, TEXT("                                                                ")), 0);
    assert_int_equal(buf_add(&blanks, TEXT("]")), 0);
    const struct zip_file_text file = {.name = TEXT("data/following.js"), .bytes = buf_text(&blanks)};
    assert_true(zip_build(&zip, &file, 1));
    assert_int_equal(read_bytes("x.zip", buf_text(&zip), 0, &result, &err), E_FORBIDDEN);
    assert_string_equal(err.text,
                        "data/following.js unpacks to more than 250 times its size, as in a zip bomb; Skein does "
                        "not read it");
}

/* 257 MiB of noise in brackets, packed by nobody: over the limit of a list. The zip is a hole with a few records. */
struct sparse {
    struct byte_source source;
    struct text head;
    uint64_t blanks;
    struct text tail;
};

static int64_t sparse_read_at(void *context, uint64_t offset, void *buf, size_t n, struct err *err)
{
    const struct sparse *s = context;
    char *to = buf;
    (void)err;
    size_t i = 0;
    for (; i < n && offset + i < s->source.size; i++) {
        uint64_t at = offset + i;
        if (at < s->head.len)
            to[i] = s->head.data[at];
        else if (at < s->head.len + s->blanks)
            to[i] = ' ';
        else
            to[i] = s->tail.data[at - s->head.len - s->blanks];
    }
    return (int64_t)i;
}

static void a_list_over_the_limit_is_refused(void **state)
{
    CLEANUP(buf_release) struct buf zip;
    struct zip_raw entry = {NAMED("data/following.js"), .bytes = TEXT_OF("["), .crc = 7};
    CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
    struct archive_options options = {.kinds = 0};
    struct err err = {.code = 0};
    (void)state;
    buf_init(&zip, MIB);
    uint64_t blanks = LIMIT_ARCHIVE_LIST + MIB;
    entry.packed = entry.size = 1 + blanks;
    zip_build_raw(&zip, &entry, 1, ZIP_RAW_USUAL);
    size_t head = 30 + entry.name.len + 1;
    uint32_t begin = (uint32_t)(head + blanks); /* of the directory, behind the blanks */
    memcpy(zip.data + zip.len - 22 + 16, &begin, sizeof begin);
    struct sparse sparse = {.head = text_slice(buf_text(&zip), 0, head),
                            .blanks = blanks,
                            .tail = text_slice(buf_text(&zip), head, zip.len)};
    sparse.source = (struct byte_source){.read_at = sparse_read_at, .context = &sparse, .size = zip.len + blanks};
    struct archive_file file = {.name = TEXT("x.zip"), .source = &sparse.source};
    assert_int_equal(archive_read(&file, 1, &options, &result, &err), E_TOO_LARGE);
    assert_string_equal(err.text,
                        "data/following.js comes with its other parts to more than 256 MiB when unpacked, more than "
                        "Skein reads");
}

static void many_entries(void **state)
{
    CLEANUP(buf_release) struct buf zip;
    CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
    struct err err = {.code = 0};
    size_t n = LIMIT_ZIP_ENTRIES;
    CLEANUP_FREE struct zip_raw *entries = calloc(n + 1, sizeof *entries);
    (void)state;
    assert_non_null(entries);
    buf_init(&zip, 64 * MIB);
    entries[0] = good_entry;
    for (size_t i = 1; i <= n; i++)
        entries[i] = (struct zip_raw){NAMED("m/x.jpg"), .bytes = TEXT_OF("x"), .same_as = 1};
    zip_build_raw(&zip, entries, n, ZIP_RAW_ZIP64);
    assert_int_equal(read_bytes("x.zip", buf_text(&zip), 0, &result, NULL), 0);
    archive_result_release(&result);
    buf_clear(&zip);
    zip_build_raw(&zip, entries, n + 1, ZIP_RAW_ZIP64);
    assert_int_equal(read_bytes("x.zip", buf_text(&zip), 0, &result, &err), E_TOO_LARGE);
    assert_non_null(strstr(err.text, "the zip says it holds 300001 files"));
    archive_result_release(&result);
    buf_clear(&zip);
    zip_build_raw(&zip, entries, n + 1, ZIP_RAW_USUAL); /* the 16-bit count says less than there are */
    assert_int_equal(read_bytes("x.zip", buf_text(&zip), 0, &result, &err), E_TOO_LARGE);
    assert_string_equal(err.text, "the zip holds more than 300000 files; take following.js out of it and give that");
}

static void more_parts_than_wanted(void **state)
{
    CLEANUP(buf_release) struct buf zip;
    CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
    struct err err = {.code = 0};
    struct zip_raw entries[LIMIT_ZIP_WANTED + 1];
    static char names[LIMIT_ZIP_WANTED + 1][40];
    (void)state;
    buf_init(&zip, MIB);
    for (size_t i = 0; i <= LIMIT_ZIP_WANTED; i++) {
        int len = snprintf(names[i], sizeof names[i], "data/following-part%zu.js", i);
        entries[i] = (struct zip_raw){.name = {names[i], (size_t)len}, .bytes = TEXT_OF("[]")};
    }
    zip_build_raw(&zip, entries, LIMIT_ZIP_WANTED + 1, ZIP_RAW_USUAL);
    assert_int_equal(read_bytes("x.zip", buf_text(&zip), 0, &result, &err), E_TOO_LARGE);
    assert_string_equal(err.text, "the zip holds more than 1024 parts of lists and posts");
}

/* --- damage in posts ----------------------------------------------------------------------------------------------- */

static void damaged_posts_cost_names_not_lists(void **state)
{
    const struct zip_raw entries[] = {
        good_entry,
        {NAMED("data/tweets.js"),
         .bytes = TEXT_OF("window.YTD.tweets.part0 = [{\"tweet\":{\"entities\":{\"user_mentions\":[{\"id_str\":\"12\","
                          "\"screen_name\":\"wrong_byte\"}]}}}]"),
         .crc = 99},
    };
    CLEANUP(buf_release) struct buf zip;
    CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
    (void)state;
    buf_init(&zip, MIB);
    zip_build_raw(&zip, entries, 2, ZIP_RAW_USUAL);
    assert_int_equal(read_bytes("x.zip", buf_text(&zip), 0, &result, NULL), 0);
    assert_int_equal(result.lists[0].n, 1);
    assert_int_equal(result.lists[0].resolved.total, 0);
    assert_int_equal(result.facts.n, 0);
    assert_string_equal(result.outcomes[0].warning,
                        "some accounts are without a handle, because posts could not be read: the checksum of "
                        "data/tweets.js is wrong: the zip was damaged on its way; download or copy it again");
}

/* --- the source fails ---------------------------------------------------------------------------------------------- */

struct failing {
    struct byte_source source;
    struct text bytes;
    size_t reads;
    size_t fails_at;
};

static int64_t failing_read_at(void *context, uint64_t offset, void *buf, size_t n, struct err *err)
{
    struct failing *failing = context;
    if (++failing->reads == failing->fails_at)
        return err_set(err, E_IO, "the disk is gone");
    struct memory_source memory;
    memory_source_init(&memory, failing->bytes);
    if (n > 1000)
        n = 1000; /* short reads are fine */
    return memory.source.read_at(&memory, offset, buf, n, err);
}

static void any_failing_read_is_told(void **state)
{
    struct archive_plan plan = {.seed = 6, .follows = 40, .mentioned = 20};
    CLEANUP(buf_release) struct buf zip;
    (void)state;
    buf_init(&zip, MIB);
    assert_true(archive_build(&plan, &zip));
    size_t reads = 1;
    for (size_t at = 0; at <= reads; at++) {
        struct failing failing = {.bytes = buf_text(&zip), .fails_at = at};
        struct archive_options options = {.kinds = 0};
        CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
        struct err err = {.code = 0};
        failing.source = (struct byte_source){.read_at = failing_read_at, .context = &failing, .size = zip.len};
        struct archive_file file = {.name = TEXT("a.zip"), .source = &failing.source};
        int rc = archive_read(&file, 1, &options, &result, &err);
        if (at == 0) {
            assert_int_equal(rc, 0);
            reads = failing.reads;
        } else {
            assert_int_equal(rc, E_IO);
            assert_string_equal(err.text, "the disk is gone");
        }
    }
    assert_true(reads > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_ones_are_read),
        cmocka_unit_test(records_that_do_not_fit),
        cmocka_unit_test(every_cut_is_told),
        cmocka_unit_test(any_changed_byte_is_survived),
        cmocka_unit_test(entries_that_are_refused),
        cmocka_unit_test(names_that_are_never_wanted),
        cmocka_unit_test(doubles_and_overlaps),
        cmocka_unit_test(entries_inside_one_another),
        cmocka_unit_test(a_bomb_is_left_after_a_few_mebibytes),
        cmocka_unit_test(a_list_over_the_limit_is_refused),
        cmocka_unit_test(many_entries),
        cmocka_unit_test(more_parts_than_wanted),
        cmocka_unit_test(damaged_posts_cost_names_not_lists),
        cmocka_unit_test(any_failing_read_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

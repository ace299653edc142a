/* tests/unit/archive/test_private.c
 *
 * Files named for messages, contacts, e-mail, phone, addresses and devices are never read: which bytes were asked for,
 * what libzip can open, what comes out.
 */
#include "archive/archive.h"
#include "archive/x_entries.h"
#include "archive/zip_reader.h"

#include "base/cleanup.h"
#include "lib/archive_builder.h"
#include "lib/archive_files.h"
#include "lib/check.h"

#include <stdlib.h>
#include <string.h>

/* Remembers which bytes were asked for. */
struct watched {
    struct byte_source source;
    struct text bytes;
    unsigned char *read; /* a flag for each byte */
};

static int64_t watched_read_at(void *context, uint64_t offset, void *buf, size_t n, struct err *err)
{
    struct watched *watched = context;
    (void)err;
    if (offset >= watched->bytes.len)
        return 0;
    if (n > watched->bytes.len - offset)
        n = watched->bytes.len - (size_t)offset;
    memcpy(buf, watched->bytes.data + offset, n);
    memset(watched->read + offset, 1, n);
    return (int64_t)n;
}

/* Messages, contacts and the like lie stored in the zip, so their secret can be found in its bytes: no byte of any of it
 * may have been asked for. The picture behind them keeps the search for the end record away. */
static void no_byte_of_a_private_file_is_read(void **state)
{
    struct archive_plan plan = {.seed = 5, .follows = 300, .mentioned = 100, .media = 300000, .private = true};
    CLEANUP(buf_release) struct buf zip;
    CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
    struct archive_options options = {.kinds = LIST_BIT(LIST_FOLLOWING) | LIST_BIT(LIST_FOLLOWERS) |
                                               LIST_BIT(LIST_BLOCKS) | LIST_BIT(LIST_MUTES) | LIST_BIT(LIST_FACTS)};
    size_t secrets = 0;
    (void)state;
    buf_init(&zip, 16 * MIB);
    assert_true(archive_build(&plan, &zip));
    struct watched watched = {.bytes = buf_text(&zip), .read = calloc(zip.len, 1)};
    assert_non_null(watched.read);
    watched.source = (struct byte_source){.read_at = watched_read_at, .context = &watched, .size = zip.len};
    struct archive_file file = {.name = TEXT("a.zip"), .source = &watched.source};
    assert_int_equal(archive_read(&file, 1, &options, &result, NULL), 0);
    assert_int_equal(list_of(&result, LIST_FOLLOWING, LIST_FROM_ARCHIVE)->n, 300);
    for (size_t at = 0; (at = text_find(watched.bytes, TEXT(ARCHIVE_SECRET), at)) != TEXT_NOWHERE; at++) {
        secrets++;
        for (size_t i = 0; i < sizeof ARCHIVE_SECRET - 1; i++)
            assert_int_equal(watched.read[at + i], 0);
    }
    assert_int_equal(secrets, 8 * 400);
    free(watched.read);
}

static void no_secret_comes_out(void **state)
{
    struct archive_plan plan = {.seed = 5, .follows = 50, .mentioned = 50, .private = true};
    CLEANUP(buf_release) struct buf zip;
    CLEANUP(buf_release) struct buf out;
    CLEANUP(archive_result_release) struct archive_result result = {.n_lists = 0};
    (void)state;
    buf_init(&zip, 16 * MIB);
    buf_init(&out, MIB);
    assert_true(archive_build(&plan, &zip));
    assert_int_equal(read_bytes("a.zip", buf_text(&zip), 0, &result, NULL), 0);
    for (size_t i = 0; i < result.n_lists; i++)
        assert_null(strstr(accounts_text(&result.lists[i], &out), ARCHIVE_SECRET));
    assert_null(strstr(result.owner_handle, ARCHIVE_SECRET));
}

/* Only what is wanted can be opened: libzip is shown a directory of these alone. */
static void only_wanted_entries_exist_for_libzip(void **state)
{
    struct archive_plan plan = {.seed = 5, .follows = 10, .followers = 10, .private = true};
    struct archive_options options = {.kinds = LIST_BIT(LIST_FOLLOWING)};
    CLEANUP(buf_release) struct buf zip;
    CLEANUP(reading_release) struct reading reading;
    CLEANUP(x_entries_release) struct x_entries entries;
    CLEANUP(zip_reader_close) struct zip_reader reader = {.zip = NULL};
    struct memory_source memory;
    (void)state;
    buf_init(&zip, 16 * MIB);
    assert_true(archive_build(&plan, &zip));
    memory_source_init(&memory, buf_text(&zip));
    reading_init(&reading, &options, TEXT("a.zip"));
    assert_int_equal(x_entries_find(&entries, &reading, &memory.source, NULL), 0);
    assert_int_equal(zip_reader_open(&reader, &memory.source, &entries.directory, NULL), 0);
    assert_int_equal(entries.directory.n_entries, 15);
    assert_int_equal(zip_get_num_entries(reader.zip, 0), 4); /* manifest, account, following, tweets */
    assert_int_equal(reader.opened, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_byte_of_a_private_file_is_read),
        cmocka_unit_test(no_secret_comes_out),
        cmocka_unit_test(only_wanted_entries_exist_for_libzip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

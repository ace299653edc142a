/* tests/unit/archive/test_bundle.c
 *
 * A few files in one zip: whole or not there at all, and never read where they are damaged.
 */
#include "archive/bundle.h"

#include "base/cleanup.h"
#include "lib/check.h"
#include "lib/scratch.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static struct scratch scratch;
static struct err err;

static int make(void **state)
{
    (void)state;
    err = (struct err){0};
    scratch_make(&scratch);
    return 0;
}

static int end(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

static const char *path_of(const char *name)
{
    return scratch_name(&scratch, "", name);
}

static bool is_there(const char *name)
{
    return access(path_of(name), F_OK) == 0;
}

/* A part from memory, an empty one, and one from a file of 300,000 bytes that hardly shrink. */
static int write_bundle(const char *name)
{
    static char bytes[300000];
    uint64_t turn = 1;
    for (size_t i = 0; i < sizeof bytes; i++) {
        turn = turn * UINT64_C(6364136223846793005) + 1442695040888963407u;
        bytes[i] = (char)(turn >> 56);
    }
    scratch_write(path_of("large"), (struct text){bytes, sizeof bytes});
    const struct bundle_part parts[] = {{.name = "small", .content = TEXT("a few words")},
                                        {.name = "empty"},
                                        {.name = "large", .path = path_of("large")}};
    return bundle_write(path_of(name), parts, ARRAY_LEN(parts), &err);
}

static void parts_come_back_as_they_were(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf out;
    CLEANUP(buf_release) struct buf large;
    struct bundle *bundle = NULL;
    struct stat status;
    buf_init(&out, 1 << 20);
    buf_init(&large, 1 << 20);
    assert_int_equal(write_bundle("one.zip"), 0);
    assert_int_equal(stat(path_of("one.zip"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(bundle_open(path_of("one.zip"), &bundle, &err), 0);
    assert_int_equal(bundle_read(bundle, "small", &out, &err), 0);
    assert_text(buf_text(&out), "a few words");
    buf_clear(&out);
    assert_int_equal(bundle_read(bundle, "empty", &out, &err), 0);
    assert_int_equal(out.len, 0);
    assert_int_equal(bundle_extract(bundle, "large", path_of("copy"), &err), 0);
    scratch_read(path_of("copy"), &out);
    scratch_read(path_of("large"), &large);
    assert_true(text_equal(buf_text(&out), buf_text(&large)));
    assert_int_equal(bundle_extract(bundle, "small", path_of("copy"), &err), E_IO); /* it is there */
    assert_int_equal(bundle_read(bundle, "nothing", &out, &err), E_NOT_FOUND);
    buf_release(&out);
    buf_init(&out, 100);
    assert_int_equal(bundle_read(bundle, "large", &out, &err), E_TOO_LARGE);
    bundle_close(bundle);
}

static void nothing_is_written_over(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, 1 << 20);
    scratch_write(path_of("mine"), TEXT("mine"));
    assert_int_equal(write_bundle("mine"), E_BAD_INPUT);
    scratch_read(path_of("mine"), &out);
    assert_text(buf_text(&out), "mine");
    assert_false(is_there("mine.part"));
}

static void what_cannot_be_written_whole_is_not_there(void **state)
{
    (void)state;
    struct rlimit before;
    struct rlimit small;
    write_bundle("first.zip"); /* and the file that goes into it */
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = (struct rlimit){.rlim_cur = 100000, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    const struct bundle_part part = {.name = "large", .path = path_of("large")};
    int rc = bundle_write(path_of("one.zip"), &part, 1, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(rc, E_IO);
    assert_non_null(strstr(err.text, "cannot be written"));
    assert_false(is_there("one.zip"));
    assert_false(is_there("one.zip.part"));
    const struct bundle_part none = {.name = "gone", .path = path_of("gone")};
    assert_true(bundle_write(path_of("one.zip"), &none, 1, &err) < 0);
    assert_false(is_there("one.zip"));
}

static void damage_is_noticed(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf content;
    struct bundle *bundle = NULL;
    buf_init(&content, 1 << 20);
    assert_int_equal(write_bundle("one.zip"), 0);
    scratch_read(path_of("one.zip"), &content);
    content.data[content.len / 2] = (char)(content.data[content.len / 2] ^ 1); /* within the large part */
    scratch_write(path_of("bad.zip"), buf_text(&content));
    assert_int_equal(bundle_open(path_of("bad.zip"), &bundle, &err), 0);
    assert_int_equal(bundle_extract(bundle, "large", path_of("copy"), &err), E_BAD_INPUT);
    assert_non_null(strstr(err.text, "its large is damaged"));
    assert_false(is_there("copy"));
    bundle_close(bundle);
    scratch_write(path_of("bad.zip"), text_slice(buf_text(&content), 0, content.len - 40));
    assert_int_equal(bundle_open(path_of("bad.zip"), &bundle, &err), E_BAD_INPUT);
    assert_int_equal(bundle_open(path_of("none.zip"), &bundle, &err), E_NOT_FOUND);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, make, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(parts_come_back_as_they_were),
        IN_SCRATCH(nothing_is_written_over),
        IN_SCRATCH(what_cannot_be_written_whole_is_not_there),
        IN_SCRATCH(damage_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

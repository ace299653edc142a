/* tests/unit/archive/test_memory.c
 *
 * The n-th allocation fails, for every n: reading ends in E_NOMEM, or went well without what it asked for; nothing leaks
 * and nothing is half there. The linker puts the functions below in front of malloc, calloc and realloc.
 */
#include "archive/archive.h"

#include "base/cleanup.h"
#include "lib/archive_builder.h"
#include "lib/archive_files.h"
#include "lib/check.h"

#include <stdlib.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);

static size_t allocations; /* since fail_at was set */
static size_t fail_at;     /* 0: never */

static bool fails(void)
{
    return ++allocations == fail_at;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}

/* Reads `bytes` once for each allocation that it makes, and fails that one. */
static void fail_each(const char *name, struct text bytes)
{
    size_t refused = 0;
    for (size_t at = 1;; at++) {
        struct archive_result result = {.n_lists = 0};
        struct err err = {.code = 0};
        allocations = 0;
        fail_at = at;
        int rc = read_bytes(name, bytes, 0, &result, &err);
        bool reached = allocations >= at;
        fail_at = 0;
        if (rc == 0)
            assert_true(result.n_lists > 0);
        else
            assert_true(err.text[0] != '\0' || rc == E_NOMEM);
        refused += rc == E_NOMEM;
        archive_result_release(&result);
        if (!reached)
            break;
        assert_true(rc == 0 || rc == E_NOMEM);
    }
    assert_true(refused > 5);
}

static void archives(void **state)
{
    struct archive_plan plan = {.seed = 8, .follows = 200, .followers = 20, .mentioned = 120};
    CLEANUP(buf_release) struct buf zip;
    (void)state;
    buf_init(&zip, MIB);
    assert_true(archive_build(&plan, &zip));
    fail_each("a.zip", buf_text(&zip));
}

static void files(void **state)
{
    static const char *const names[] = {"exporter.csv",           "exporter.json", "api_pages.jsonl",
                                        "2020/data/following.js", "pasted.txt",    "excel.csv"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        CLEANUP(buf_release) struct buf file;
        buf_init(&file, MIB);
        fixture_load(&file, names[i]);
        fail_each(names[i], buf_text(&file));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(archives),
        cmocka_unit_test(files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

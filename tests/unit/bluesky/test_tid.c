/* tests/unit/bluesky/test_tid.c
 *
 * TIDs: their form, their order, and that none comes twice, whatever the clock does.
 */
#include "bluesky/tid.h"
#include "lib/check.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static int64_t now_ms;

static int64_t wall(void *context)
{
    (void)context;
    return now_ms;
}

static const struct clock turned = {.wall_ms = wall};

static void fill_with_ones(void *context, void *bytes, size_t len)
{
    (void)context;
    memset(bytes, 0, len);
    *(unsigned char *)bytes = 1;
}

static const struct random_source one = {.fill = fill_with_ones};

static void test_form(void **state)
{
    (void)state;
    struct tids tids;
    char tid[TID_LEN + 1];
    tids_init(&tids, &turned, &one);
    assert_true(tids.clock_id < 1024);
    tids.clock_id = 7;
    now_ms = 0;
    tid_next(&tids, tid);
    assert_string_equal(tid, "222222222232"
                             "b"); /* a microsecond, and clock 7 */
    assert_true(tid_is_valid(text_of(tid)));
    now_ms = INT64_C(1) << 42; /* the year 2109 */
    tid_next(&tids, tid);
    assert_true(tid_is_valid(text_of(tid)));
}

static void test_a_clock_that_stands_or_goes_back(void **state)
{
    (void)state;
    struct tids tids;
    char before[TID_LEN + 1] = "";
    char tid[TID_LEN + 1];
    tids_init(&tids, &turned, &random_system);
    now_ms = 1764000000000;
    for (int i = 0; i < 3000; i++) {
        if (i == 1000)
            now_ms -= HOUR_MS;
        if (i == 2000)
            now_ms += DAY_MS;
        tid_next(&tids, tid);
        assert_true(strcmp(before, tid) < 0);
        memcpy(before, tid, sizeof before);
    }
}

#define THREADS 4
#define EACH    5000

struct taker {
    struct tids *tids;
    char (*taken)[TID_LEN + 1];
};

static void *take(void *context)
{
    struct taker *taker = context;
    for (int i = 0; i < EACH; i++)
        tid_next(taker->tids, taker->taken[i]);
    return NULL;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void test_threads_get_no_tid_twice(void **state)
{
    (void)state;
    static char all[THREADS * EACH][TID_LEN + 1];
    struct taker takers[THREADS];
    pthread_t threads[THREADS];
    struct tids tids;
    tids_init(&tids, &clock_system, &random_system);
    for (int i = 0; i < THREADS; i++) {
        takers[i] = (struct taker){&tids, &all[i * EACH]};
        assert_int_equal(pthread_create(&threads[i], NULL, take, &takers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    qsort(all, THREADS * EACH, sizeof all[0], by_text);
    for (int i = 1; i < THREADS * EACH; i++)
        assert_true(strcmp(all[i - 1], all[i]) < 0);
}

static void test_what_is_no_tid(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "self", "3k2akpzbjnk2", "3k2akpzbjnk222", "zk2akpzbjnk22", "3k2akpzbjnk21"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(tid_is_valid(text_of(bad[i])));
    assert_true(tid_is_valid(TEXT("3k2akpzbjnk22")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_form),
        cmocka_unit_test(test_a_clock_that_stands_or_goes_back),
        cmocka_unit_test(test_threads_get_no_tid_twice),
        cmocka_unit_test(test_what_is_no_tid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

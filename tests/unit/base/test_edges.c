/* tests/unit/base/test_edges.c
 *
 * Clock, randomness, JSON and log lines.
 */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "lib/check.h"

#include <string.h>
#include <unistd.h>

static const struct {
    const char *in;
    int64_t ms;
} dates[] = {
    {"1970-01-01T00:00:00Z", 0},
    {"2024-11-14T09:30:00.5Z", INT64_C(1731576600500)},
    {"2024-11-14T10:30:00+01:00", INT64_C(1731576600000)},
    {"2024-11-14t04:00:00-05:30", INT64_C(1731576600000)},
    {"2024-11-14T09:30:00.123456789Z", INT64_C(1731576600123)},
    {"1969-12-31T23:59:59.999Z", -1},
};
static const char *const no_dates[] = {
    "",
    "2024",
    "2024-11-14",
    "2024-11-14T09:30:00",
    "2024-13-01T00:00:00Z",
    "2024-11-14T09:30:00Zx",
    "2024-11-14T25:30:00Z",
    "2024-11-14T09:30:00.Z",
    "2024-11-14T09:30:00+1:00",
    "-024-11-14T09:30:00Z",
};

static void test_dates(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(dates); i++) {
        int64_t ms;
        assert_true(clock_parse(text_of(dates[i].in), &ms));
        assert_true(ms == dates[i].ms);
        char printed[CLOCK_TEXT_MAX];
        int64_t again;
        clock_print(ms, printed);
        assert_true(clock_parse(text_of(printed), &again));
        assert_true(again == ms);
    }
    for (size_t i = 0; i < ARRAY_LEN(no_dates); i++) {
        int64_t ms = 77;
        assert_false(clock_parse(text_of(no_dates[i]), &ms));
        assert_true(ms == 77);
    }
}

static void test_days(void **state)
{
    (void)state;
    static const char *const no_days[] = {"",           "2024-02-31", "2024-11-1",  "2024-11-14T",
                                          "2024-13-01", "1970-01-01", "1969-12-31", "x024-11-14"};
    char printed[CLOCK_DAY_MAX];
    uint32_t day = 0;
    assert_true(clock_day_parse(TEXT("2024-11-14"), &day));
    assert_int_equal(day, 20041);
    assert_int_equal(clock_day(INT64_C(1731576600000)), 20041);
    assert_int_equal(clock_day(-1), 0);
    clock_day_print(20041, printed);
    assert_string_equal(printed, "2024-11-14");
    clock_day_print(0, printed);
    assert_string_equal(printed, "");
    for (size_t i = 0; i < ARRAY_LEN(no_days); i++)
        assert_false(clock_day_parse(text_of(no_days[i]), &day));
    assert_int_equal(day, 20041);
}

static void count_up(void *context, void *bytes, size_t len)
{
    unsigned char *next = context;
    memset(bytes, (*next)++, len);
}

static void test_random_below(void **state)
{
    (void)state;
    unsigned char next = 0;
    const struct random_source turned = {.fill = count_up, .context = &next};
    bool seen[10] = {false};
    for (int i = 0; i < 256; i++) {
        uint64_t draw = random_below(&turned, 10);
        assert_true(draw < 10);
        seen[draw] = true;
    }
    for (size_t i = 0; i < ARRAY_LEN(seen); i++)
        assert_true(seen[i]);
    assert_int_equal(random_below(&random_system, 1), 0);
}

static void test_json(void **state)
{
    (void)state;
    struct err err = {0};
    CLEANUP_JSON json_t *object = json_from_text(TEXT("{\"a\":\"x\",\"n\":7,\"t\":true}"), &err);
    assert_non_null(object);
    assert_text(json_text_at(object, "a"), "x");
    assert_text(json_text_at(object, "n"), "");
    assert_text(json_text_at(NULL, "a"), "");
    assert_int_equal(json_i64_at(object, "n", -1), 7);
    assert_int_equal(json_i64_at(object, "a", -1), -1);
    assert_true(json_true_at(object, "t"));
    assert_false(json_true_at(object, "a"));
    assert_null(json_from_text(TEXT("{\"a\":1,\"a\":2}"), &err));
    assert_int_equal(err.code, E_BAD_INPUT);
    assert_null(json_from_text(TEXT_NONE, &err));
}

static void test_json_write(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf out;
    CLEANUP_JSON json_t *broken = json_from_view(TEXT("a\xFF"));
    buf_init(&out, 16);
    assert_int_equal(json_write(broken, &out), 0);
    assert_string_equal(buf_string(&out), "\"a\xEF\xBF\xBD\"");
    CLEANUP_JSON json_t *large = json_string("0123456789abcdef");
    assert_int_equal(json_write(large, &out), E_TOO_LARGE);
}

/* Log lines go to a pipe in place of stderr. */
static void capture_log(enum log_format format, const char *said, char *ret_line, size_t size)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    int kept = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    log_configure(LOG_INFO, format);
    log_line(LOG_DEBUG, "test", "not wanted");
    log_line(LOG_INFO, "test", "%s", said);
    dup2(kept, STDERR_FILENO);
    close(kept);
    close(ends[1]);
    ssize_t n = read(ends[0], ret_line, size - 1);
    close(ends[0]);
    assert_true(n > 0);
    ret_line[n] = '\0';
}

static void test_log_is_one_line(void **state)
{
    (void)state;
    char line[8 * LOG_LINE_MAX];
    capture_log(LOG_AS_TEXT, "first\nsecond\x1b[31m", line, sizeof line);
    assert_non_null(strstr(line, " info  test: first second [31m\n"));
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);

    capture_log(LOG_AS_JSON, "say \"hi\"\n", line, sizeof line);
    CLEANUP_JSON json_t *event = json_from_text(text_of(line), NULL);
    assert_text(json_text_at(event, "event"), "say \"hi\" ");
    assert_text(json_text_at(event, "level"), "info");
}

static void test_log_words(void **state)
{
    (void)state;
    enum log_level level;
    enum log_format format;
    assert_true(log_level_of(TEXT("debug"), &level) && level == LOG_DEBUG);
    assert_false(log_level_of(TEXT("loud"), &level));
    assert_true(log_format_of(TEXT("json"), &format) && format == LOG_AS_JSON);
    assert_false(log_format_of(TEXT("xml"), &format));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dates),     cmocka_unit_test(test_days),       cmocka_unit_test(test_random_below),
        cmocka_unit_test(test_json),      cmocka_unit_test(test_json_write), cmocka_unit_test(test_log_is_one_line),
        cmocka_unit_test(test_log_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

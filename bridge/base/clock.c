/* bridge/base/clock.c
 *
 * Time and randomness from the system.
 */
#include "base/clock.h"

#include <sodium.h>
#include <stdio.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * SECOND_MS + now.tv_nsec / 1000000;
}

static int64_t system_wall(void *context)
{
    (void)context;
    return read_clock(CLOCK_REALTIME);
}

static int64_t system_monotonic(void *context)
{
    (void)context;
    return read_clock(CLOCK_MONOTONIC);
}

const struct clock clock_system = {.wall_ms = system_wall, .monotonic_ms = system_monotonic};

int64_t clock_wall(const struct clock *clock)
{
    return clock->wall_ms(clock->context);
}

int64_t clock_monotonic(const struct clock *clock)
{
    return clock->monotonic_ms(clock->context);
}

void clock_print(int64_t wall_ms, char ret_text[CLOCK_TEXT_MAX])
{
    int64_t ms = wall_ms % SECOND_MS;
    time_t seconds = (time_t)(wall_ms / SECOND_MS);
    struct tm tm;
    if (ms < 0) {
        ms += SECOND_MS;
        seconds--;
    }
    gmtime_r(&seconds, &tm);
    char date[24] = "";
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(ret_text, CLOCK_TEXT_MAX, "%s.%03dZ", date, (int)ms);
}

/* Reads exactly `digits` digits at *at and moves on. */
static bool take_number(struct text t, size_t *at, size_t digits, int *ret_value)
{
    uint64_t value;
    struct text part = text_slice(t, *at, *at + digits);
    if (part.len != digits || !text_to_u64(part, &value))
        return false;
    *at += digits;
    *ret_value = (int)value;
    return true;
}

static bool take_byte(struct text t, size_t *at, const char *allowed)
{
    if (*at >= t.len)
        return false;
    for (; *allowed; allowed++) {
        if (t.data[*at] == *allowed) {
            (*at)++;
            return true;
        }
    }
    return false;
}

static bool take_fraction(struct text t, size_t *at, int64_t *ret_ms)
{
    int64_t weight = 100;
    size_t start = *at;
    *ret_ms = 0;
    while (*at < t.len && byte_is_digit(t.data[*at])) {
        *ret_ms += (t.data[*at] - '0') * weight;
        weight /= 10;
        (*at)++;
    }
    return *at > start;
}

static bool take_offset(struct text t, size_t *at, int64_t *ret_ms)
{
    int hours = 0;
    int minutes = 0;
    *ret_ms = 0;
    if (take_byte(t, at, "Zz"))
        return true;
    bool behind = *at < t.len && t.data[*at] == '-';
    if (!take_byte(t, at, "+-") || !take_number(t, at, 2, &hours) || !take_byte(t, at, ":") ||
        !take_number(t, at, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *ret_ms = (hours * HOUR_MS + minutes * MINUTE_MS) * (behind ? -1 : 1);
    return true;
}

bool clock_parse(struct text t, int64_t *ret_wall_ms)
{
    struct tm tm = {0};
    size_t at = 0;
    int64_t ms = 0;
    int64_t offset;
    if (!take_number(t, &at, 4, &tm.tm_year) || !take_byte(t, &at, "-") || !take_number(t, &at, 2, &tm.tm_mon) ||
        !take_byte(t, &at, "-") || !take_number(t, &at, 2, &tm.tm_mday) || !take_byte(t, &at, "Tt ") ||
        !take_number(t, &at, 2, &tm.tm_hour) || !take_byte(t, &at, ":") || !take_number(t, &at, 2, &tm.tm_min) ||
        !take_byte(t, &at, ":") || !take_number(t, &at, 2, &tm.tm_sec))
        return false;
    if (take_byte(t, &at, ".") && !take_fraction(t, &at, &ms))
        return false;
    if (!take_offset(t, &at, &offset) || at != t.len)
        return false;
    if (tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 || tm.tm_mday > 31 || tm.tm_hour > 23 || tm.tm_min > 59 ||
        tm.tm_sec > 60)
        return false;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    *ret_wall_ms = (int64_t)timegm(&tm) * SECOND_MS + ms - offset;
    return true;
}

uint32_t clock_day(int64_t wall_ms)
{
    int64_t day = wall_ms / DAY_MS;
    return day > 0 && day <= UINT32_MAX ? (uint32_t)day : 0;
}

void clock_day_print(uint32_t day, char ret_text[CLOCK_DAY_MAX])
{
    char whole[CLOCK_TEXT_MAX] = "";
    if (day > 0)
        clock_print((int64_t)day * DAY_MS, whole);
    snprintf(ret_text, CLOCK_DAY_MAX, "%.10s", whole);
}

bool clock_day_parse(struct text t, uint32_t *ret_day)
{
    char whole[CLOCK_TEXT_MAX];
    char again[CLOCK_DAY_MAX];
    int64_t wall_ms;
    if (t.len != CLOCK_DAY_MAX - 1)
        return false;
    int len = snprintf(whole, sizeof whole, "%.*sT00:00:00Z", TEXT_ARG(t));
    if (!clock_parse((struct text){whole, (size_t)len}, &wall_ms))
        return false;
    uint32_t day = clock_day(wall_ms);
    clock_day_print(day, again);
    if (!text_equal(t, text_of(again))) /* "2024-02-31" */
        return false;
    *ret_day = day;
    return true;
}

static void system_fill(void *context, void *bytes, size_t len)
{
    (void)context;
    randombytes_buf(bytes, len);
}

const struct random_source random_system = {.fill = system_fill};

void random_bytes(const struct random_source *source, void *bytes, size_t len)
{
    source->fill(source->context, bytes, len);
}

uint64_t random_below(const struct random_source *source, uint64_t bound)
{
    uint64_t draw;
    uint64_t reject_below = (0 - bound) % bound; /* 2^64 mod bound: what is left is a multiple of bound */
    do
        random_bytes(source, &draw, sizeof draw);
    while (draw < reject_below);
    return draw % bound;
}

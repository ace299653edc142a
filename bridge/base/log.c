/* bridge/base/log.c
 *
 * Log lines.
 */
#include "base/log.h"

#include "base/clock.h"
#include "base/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static const char *const level_words[] = {
    [LOG_ERROR] = "error", [LOG_WARN] = "warn", [LOG_INFO] = "info", [LOG_DEBUG] = "debug"};
static const char *const format_words[] = {[LOG_AS_TEXT] = "text", [LOG_AS_JSON] = "json"};

static enum log_level most = LOG_WARN;
static enum log_format shape = LOG_AS_TEXT;

void log_configure(enum log_level level, enum log_format format)
{
    most = level;
    shape = format;
}

bool log_level_of(struct text word, enum log_level *ret_level)
{
    for (int i = LOG_ERROR; i <= LOG_DEBUG; i++) {
        if (text_equal(word, text_of(level_words[i]))) {
            *ret_level = (enum log_level)i;
            return true;
        }
    }
    return false;
}

bool log_format_of(struct text word, enum log_format *ret_format)
{
    for (int i = LOG_AS_TEXT; i <= LOG_AS_JSON; i++) {
        if (text_equal(word, text_of(format_words[i]))) {
            *ret_format = (enum log_format)i;
            return true;
        }
    }
    return false;
}

bool log_wants(enum log_level level)
{
    return level <= most;
}

/* By one call: two threads' lines never mix. */
static void write_whole(struct text line)
{
    ssize_t written = write(STDERR_FILENO, line.data, line.len);
    (void)written; /* nobody is left to be told */
}

static size_t shorter(int wanted, size_t size)
{
    return wanted < 0 ? 0 : (size_t)wanted < size ? (size_t)wanted : size - 1;
}

void log_line(enum log_level level, const char *room, const char *format, ...)
{
    char words[LOG_LINE_MAX];
    char line[LOG_LINE_MAX + 128]; /* the words, and what stands before them */
    char when[CLOCK_TEXT_MAX];
    if (!log_wants(level))
        return;
    va_list args;
    va_start(args, format);
    struct text said = {words, shorter(vsnprintf(words, sizeof words, format, args), sizeof words)};
    va_end(args);
    for (size_t i = 0; i < said.len; i++)
        if ((unsigned char)words[i] < ' ')
            words[i] = ' '; /* an event is one line, whatever a peer put into its answer */
    said = text_floor_utf8(said, said.len);
    clock_print(clock_wall(&clock_system), when);
    if (shape == LOG_AS_TEXT) {
        int len = snprintf(line, sizeof line, "%s %-5s %s: %.*s\n", when, level_words[level], room, TEXT_ARG(said));
        write_whole((struct text){line, shorter(len, sizeof line)});
        return;
    }
    json_t *event = json_pack("{ss ss ss ss%}", "time", when, "level", level_words[level], "room", room, "event",
                              said.data, said.len);
    CLEANUP(buf_release) struct buf whole;
    buf_init(&whole, sizeof line * 8); /* escapes make at most six bytes of one */
    if (event && json_write(event, &whole) == 0 && buf_add_byte(&whole, '\n') == 0)
        write_whole(buf_text(&whole));
    json_decref(event);
}

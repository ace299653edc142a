/* bridge/base/log.h
 *
 * What the operator reads: one line an event, on stderr, as text or JSON.
 *
 * Never in a line: secrets, tokens, messages, e-mails, whom somebody follows, network addresses of people. Hosts that
 * Skein asks are fine. Any thread may log; a line is written by one write(2).
 */
#ifndef SKEIN_BASE_LOG_H
#define SKEIN_BASE_LOG_H

#include "base/text.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };
enum log_format { LOG_AS_TEXT, LOG_AS_JSON };

/* Before any thread starts. Without it: LOG_WARN, LOG_AS_TEXT. */
void log_configure(enum log_level level, enum log_format format);

/* "error", "warn", "info", "debug"; "text", "json". False for another word. */
bool log_level_of(struct text word, enum log_level *ret_level);
bool log_format_of(struct text word, enum log_format *ret_format);

bool log_wants(enum log_level level);

/* room: who says it ("fetch"). A line of over LOG_LINE_MAX bytes is cut. */
#define LOG_LINE_MAX 2048
void log_line(enum log_level level, const char *room, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif

/* bridge/base/err.h
 *
 * Errors: negative codes from one table, and a record of the sentence that a person reads.
 *
 * Functions that can fail return 0 or one of these codes and, where the caller gives a `struct err`, leave in it a
 * sentence that says what went wrong, where, and what to do. Libraries return; the edge (a command, a route, a job)
 * logs or prints once. Codes lie below libuv's (which are -errno), so both can travel in one int.
 */
#ifndef SKEIN_BASE_ERR_H
#define SKEIN_BASE_ERR_H

#include "base/text.h"

#include <stdbool.h>

/* name, number, word (stable: shown in JSON errors and logs) */
#define ERR_TABLE(X)                                                                                                   \
    X(E_NOMEM, -10001, "no_memory")           /* an allocation failed                                  */              \
    X(E_TOO_LARGE, -10002, "too_large")       /* input or answer over a limit of base/limits.h         */              \
    X(E_BAD_INPUT, -10003, "bad_input")       /* what a person or file gave cannot be understood       */              \
    X(E_NOT_FOUND, -10004, "not_found")       /* asked, and it is not there                            */              \
    X(E_FORBIDDEN, -10005, "forbidden")       /* a rule of ours says no (address guard, roles)         */              \
    X(E_IO, -10006, "io")                     /* a file, socket or process failed underneath           */              \
    X(E_TIMEOUT, -10007, "timeout")           /* a deadline passed                                     */              \
    X(E_CANCELLED, -10008, "cancelled")       /* the asker left, or Skein is stopping                  */              \
    X(E_RATE_LIMITED, -10009, "rate_limited") /* a host said 429 until past our deadline              */               \
    X(E_UNAVAILABLE, -10010, "unavailable")   /* a host cannot be reached, or answers 5xx              */              \
    X(E_PROTOCOL, -10011, "protocol")         /* a host's answer is not what its documents promise     */              \
    X(E_BUSY, -10012, "busy")                 /* somebody else holds it; try again                     */              \
    X(E_USAGE, -10013, "usage")               /* a command was called in a way it does not know        */              \
    X(E_BUG, -10014, "bug")                   /* a rule of the code itself is broken                   */

enum err_code {
#define ERR_ENUM(name, number, word) name = (number),
    ERR_TABLE(ERR_ENUM)
#undef ERR_ENUM
};

/* Bytes of the longest sentence, with its end; longer ones are cut at a character. */
#define ERR_TEXT_MAX 512

struct err {
    int code;                /* 0: nothing went wrong yet */
    char text[ERR_TEXT_MAX]; /* one sentence, UTF-8, NUL-terminated */
};

/* Records `code` and the sentence, and returns `code`, so that `return err_set(err, E_IO, "...")` reads well.
 * `err` may be NULL. A second call replaces the first. */
int err_set(struct err *err, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* As err_set, and adds the system's words for `error_number` (an errno, or a negative libuv code). */
int err_set_system(struct err *err, int error_number, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Puts a context before a sentence that is already there: "alice.zip: " + "the file is cut short". */
void err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The stable word for a code ("timeout"); "unknown" for a number that is not in the table. */
const char *err_word(int code);

/* The code of such a word; E_BUG for one that is not in the table. */
int err_of_word(struct text word);

#endif

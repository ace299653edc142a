/* bridge/archive/json_reader.h
 *
 * A pull tokenizer for JSON of any size: constant memory, linear time, made for files from strangers.
 *
 *     while ((rc = json_reader_next(r, &token, err)) == 0 && token != TOKEN_END) ...
 *
 * Strict about structure (RFC 8259): commas, colons, number forms, escapes and literals are checked, in skipped values
 * too. Strings that are asked for come out as well-formed UTF-8 without NUL: broken bytes, lone surrogate escapes and
 * \u0000 become U+FFFD. Raw control characters inside strings are errors. A string, name or number longer than
 * token_max is an error where it is asked for, and costs nothing where it is skipped. Numbers stay text, since X's ids
 * do not fit in a double. Members may repeat; what that means is the caller's affair.
 *
 * Errors are E_BAD_INPUT with line and byte, E_TOO_LARGE (token_max, depth), E_NOMEM, and whatever the source returns.
 * After an error the reader stays at that error.
 */
#ifndef SKEIN_ARCHIVE_JSON_READER_H
#define SKEIN_ARCHIVE_JSON_READER_H

#include "archive/byte_source.h"
#include "base/buf.h"

enum json_token {
    TOKEN_END, /* the input is used up, after at least one value */
    TOKEN_OBJECT,
    TOKEN_OBJECT_END,
    TOKEN_ARRAY,
    TOKEN_ARRAY_END,
    TOKEN_NAME, /* of a member; its value is the next token */
    TOKEN_STRING,
    TOKEN_NUMBER,
    TOKEN_TRUE,
    TOKEN_FALSE,
    TOKEN_NULL,
};

struct json_reader_options {
    size_t token_max; /* bytes of a string, name or number; 0: LIMIT_JSON_TOKEN */
    uint64_t line;    /* where the source begins in the file, for sentences; 0: line 1 */
    uint64_t offset;  /* the same in bytes */
    bool many;        /* values may follow one another (JSON lines); else one */
    bool script;      /* a `;` may follow the value, as in a script */
};

struct json_reader {
    const struct byte_source *source; /* borrowed */
    struct json_reader_options options;
    char *window;    /* owned */
    size_t at, end;  /* the unread bytes of the window */
    uint64_t before; /* bytes of the file in front of the window */
    uint64_t line;   /* of window[at], from 1 */
    bool source_ended;
    int failed; /* the error at which it stays */

    struct text text; /* of the last name, string or number; in window, token or repaired */
    struct buf token; /* strings with escapes, and those that do not lie whole in the window */
    struct buf repaired;

    enum json_token last;
    unsigned depth;
    uint64_t objects; /* bit d: level d + 1 is an object */
    int expect;       /* what may come next */
    bool some;        /* a value has begun */
};

/* NULL options: the defaults. Returns 0 or E_NOMEM. The source is borrowed until release. */
int json_reader_init(struct json_reader *reader, const struct byte_source *source,
                     const struct json_reader_options *options);
void json_reader_release(struct json_reader *reader);

int json_reader_next(struct json_reader *reader, enum json_token *ret_token, struct err *err);

/* Skips without keeping anything: behind TOKEN_NAME its value, behind TOKEN_OBJECT or TOKEN_ARRAY everything up to and
 * with its end, behind other tokens nothing. */
int json_reader_skip(struct json_reader *reader, struct err *err);

/* The text of the last name, string or number; valid until the next call. */
struct text json_reader_text(const struct json_reader *reader);

uint64_t json_reader_line(const struct json_reader *reader);
uint64_t json_reader_offset(const struct json_reader *reader);

#endif

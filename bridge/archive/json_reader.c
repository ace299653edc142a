/* bridge/archive/json_reader.c
 *
 * The tokenizer: a window over the source, what may come next, and a bit for each open level.
 *
 * The file is text in a window of 64 KiB that slides forward. A string that lies whole in the window and has no escapes
 * is handed out as a view of it; others are gathered in a buffer. Skipping runs the same checks but gathers nothing.
 * Line ends can stand only between tokens (inside strings they are errors), so they are counted there alone.
 */
#include "archive/json_reader.h"

#include "archive/json_scan.h"
#include "base/limits.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW     (64 * KIB)
#define NUMBER_MAX 1024 /* digits of a number; a double's longest exact form has 1,075 */

enum expect {
    EXPECT_VALUE,        /* at the start, behind a comma in an array, behind a colon */
    EXPECT_FIRST,        /* behind [: a value or ] */
    EXPECT_MEMBER,       /* behind a comma in an object: a name */
    EXPECT_FIRST_MEMBER, /* behind {: a name or } */
    EXPECT_COLON,        /* behind a name */
    EXPECT_MORE,         /* behind a value inside something: a comma or the end */
    EXPECT_NOTHING,      /* behind the outermost value */
};

static const char *const expect_words[] = {
    [EXPECT_VALUE] = "a value",
    [EXPECT_FIRST] = "a value or ]",
    [EXPECT_MEMBER] = "a name in quotes",
    [EXPECT_FIRST_MEMBER] = "a name or }",
    [EXPECT_COLON] = "a colon",
    [EXPECT_MORE] = "a comma or the end",
    [EXPECT_NOTHING] = "the end of the file",
};

int json_reader_init(struct json_reader *reader, const struct byte_source *source,
                     const struct json_reader_options *options)
{
    *reader = (struct json_reader){.source = source, .expect = EXPECT_VALUE};
    if (options)
        reader->options = *options;
    if (reader->options.token_max == 0)
        reader->options.token_max = LIMIT_JSON_TOKEN;
    reader->line = reader->options.line ? reader->options.line : 1;
    reader->before = reader->options.offset;
    buf_init(&reader->token, reader->options.token_max);
    buf_init(&reader->repaired, 3 * reader->options.token_max); /* each broken byte becomes three */
    reader->window = malloc(WINDOW);
    return reader->window ? 0 : E_NOMEM;
}

void json_reader_release(struct json_reader *reader)
{
    free(reader->window);
    reader->window = NULL;
    buf_release(&reader->token);
    buf_release(&reader->repaired);
}

struct text json_reader_text(const struct json_reader *reader)
{
    return reader->text;
}

uint64_t json_reader_line(const struct json_reader *reader)
{
    return reader->line;
}

uint64_t json_reader_offset(const struct json_reader *reader)
{
    return reader->before + reader->at;
}

__attribute__((format(printf, 3, 4))) static int broken(struct json_reader *r, struct err *err, const char *format, ...)
{
    char what[160];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return err_set(err, E_BAD_INPUT, "line %llu, byte %llu: %s", (unsigned long long)r->line,
                   (unsigned long long)json_reader_offset(r), what);
}

static int too_long(struct json_reader *r, struct err *err)
{
    return err_set(err, E_TOO_LARGE, "line %llu, byte %llu: a text of more than %zu bytes", (unsigned long long)r->line,
                   (unsigned long long)json_reader_offset(r), r->options.token_max);
}

/* Makes more bytes unread, keeping those that are. Returns 1, 0 at the end of the source (or where the window is full
 * of unread bytes, which no caller lets happen), or an error code. */
static int fill(struct json_reader *r, struct err *err)
{
    if (r->source_ended)
        return 0;
    if (r->at > 0) {
        memmove(r->window, r->window + r->at, r->end - r->at);
        r->before += r->at;
        r->end -= r->at;
        r->at = 0;
    }
    int64_t got = r->source->read(r->source->context, r->window + r->end, WINDOW - r->end, err);
    if (got < 0)
        return (int)got;
    r->source_ended = got == 0;
    r->end += (size_t)got;
    return got > 0;
}

/* Has at least n bytes unread, unless the source ends before. */
static int need(struct json_reader *r, size_t n, struct err *err)
{
    int rc = 1;
    while (r->end - r->at < n && rc > 0)
        rc = fill(r, err);
    return rc < 0 ? rc : 0;
}

/* Moves to the next byte that is no white space, counting lines. Returns 1, 0 at the end, or an error code. */
static int skip_space(struct json_reader *r, struct err *err)
{
    for (;;) {
        const char *s = r->window;
        size_t at = r->at;
        while (at < r->end) {
            char c = s[at];
            if ((unsigned char)c > ' ')
                break;
            if (c == '\n')
                r->line++;
            else if (c != ' ' && c != '\t' && c != '\r')
                break;
            at++;
            while (r->end - at >= 8 && memcmp(s + at, "        ", 8) == 0)
                at += 8;
        }
        r->at = at;
        if (at < r->end)
            return 1;
        int rc = fill(r, err);
        if (rc <= 0)
            return rc;
    }
}

/* The four digits of \uXXXX, at window[at + 2]; -1 where they are none. */
static int32_t hex_unit(const struct json_reader *r, size_t at)
{
    int32_t unit = 0;
    if (r->end - at < 6)
        return -1;
    for (size_t i = at + 2; i < at + 6; i++) {
        int digit = json_hex_value(r->window[i]);
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

static int keep_piece(struct json_reader *r, struct text piece, struct err *err)
{
    int rc = buf_add(&r->token, piece);
    return rc == E_TOO_LARGE ? too_long(r, err) : rc;
}

/* \uXXXX, or two of them that make one character. */
static int read_unicode_escape(struct json_reader *r, bool keep, struct err *err)
{
    int32_t unit = hex_unit(r, r->at);
    if (unit < 0)
        return broken(r, err, "\\u without four hexadecimal digits");
    uint32_t code_point = (uint32_t)unit;
    size_t used = 6;
    if (unit >= 0xD800 && unit <= 0xDBFF && r->end - r->at >= 12 && r->window[r->at + 6] == '\\' &&
        r->window[r->at + 7] == 'u') {
        int32_t low = hex_unit(r, r->at + 6);
        if (low >= 0xDC00 && low <= 0xDFFF) {
            code_point = 0x10000 + (((uint32_t)unit - 0xD800) << 10) + ((uint32_t)low - 0xDC00);
            used = 12;
        }
    }
    r->at += used;
    if (!keep)
        return 0;
    int rc = utf8_add(&r->token, code_point); /* what stands alone, and NUL, as U+FFFD */
    return rc == E_TOO_LARGE ? too_long(r, err) : rc;
}

static int read_escape(struct json_reader *r, bool keep, struct err *err)
{
    static const char names[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";

    int rc = need(r, 12, err);
    if (rc < 0)
        return rc;
    if (r->end - r->at < 2)
        return broken(r, err, "the file ends inside a text");
    char name = r->window[r->at + 1];
    if (name == 'u')
        return read_unicode_escape(r, keep, err);
    const char *found = name ? strchr(names, name) : NULL;
    if (!found)
        return broken(r, err, "a backslash before something that needs none");
    r->at += 2;
    return keep ? keep_piece(r, (struct text){&meanings[found - names], 1}, err) : 0;
}

/* What broke the run of ordinary bytes, at window[at]: nothing more in the window, an escape, or an error. */
static int read_break(struct json_reader *r, bool keep, struct err *err)
{
    if (r->at == r->end) {
        int rc = fill(r, err);
        return rc == 0 ? broken(r, err, "the file ends inside a text") : rc < 0 ? rc : 0;
    }
    if (r->window[r->at] == '\\')
        return read_escape(r, keep, err);
    return broken(r, err, "a control character (0x%02x) inside a text", (unsigned)(unsigned char)r->window[r->at]);
}

static int repair(struct json_reader *r)
{
    buf_clear(&r->repaired);
    int rc = utf8_repair(&r->repaired, r->text);
    r->text = buf_text(&r->repaired);
    return rc;
}

/* A string from its opening quote on. Where it is kept, r->text is it. */
static int read_string(struct json_reader *r, bool keep, struct err *err)
{
    uint64_t high = 0;
    bool gathered = false;

    r->at++;
    buf_clear(&r->token);
    for (;;) {
        size_t stop = json_scan_string(r->window, r->at, r->end, &high);
        struct text piece = {r->window + r->at, stop - r->at};
        bool ends = stop < r->end && r->window[stop] == '"';
        if (keep && piece.len > r->options.token_max)
            return too_long(r, err);
        if (keep && (gathered || !ends)) {
            int rc = keep_piece(r, piece, err);
            if (rc < 0)
                return rc;
            gathered = true;
        }
        r->at = stop;
        if (ends) {
            r->at++;
            if (!keep)
                return 0;
            r->text = gathered ? buf_text(&r->token) : piece;
            return high && !utf8_valid(r->text) ? repair(r) : 0;
        }
        int rc = read_break(r, keep, err);
        if (rc < 0)
            return rc;
    }
}

static bool in_number(char c)
{
    return byte_is_digit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

static int read_number(struct json_reader *r, struct err *err)
{
    size_t len = 0;
    for (;;) {
        while (r->at + len < r->end && in_number(r->window[r->at + len]))
            len++;
        if (r->at + len < r->end || len > NUMBER_MAX)
            break;
        int rc = fill(r, err);
        if (rc < 0)
            return rc;
        if (rc == 0)
            break;
    }
    r->text = (struct text){r->window + r->at, len};
    if (len > NUMBER_MAX || len > r->options.token_max)
        return broken(r, err, "a number of more than %d digits", NUMBER_MAX);
    if (!json_number_valid(r->text))
        return broken(r, err, "a number that is none: %.*s", len > 32 ? 32 : (int)len, r->text.data);
    r->at += len;
    return 0;
}

static int read_literal(struct json_reader *r, struct text word, struct err *err)
{
    int rc = need(r, word.len, err);
    if (rc < 0)
        return rc;
    struct text here = {r->window + r->at, r->end - r->at};
    if (!text_starts(here, word))
        return broken(r, err, "a word that is neither true, false nor null");
    r->at += word.len;
    return 0;
}

static bool in_object(const struct json_reader *r)
{
    return r->depth > 0 && (r->objects >> (r->depth - 1) & 1) != 0;
}

/* Behind a whole value. */
static void after_value(struct json_reader *r)
{
    r->expect = r->depth > 0 ? EXPECT_MORE : r->options.many ? EXPECT_VALUE : EXPECT_NOTHING;
}

static int open_level(struct json_reader *r, bool object, struct err *err)
{
    if (r->depth == LIMIT_JSON_DEPTH)
        return err_set(err, E_TOO_LARGE, "line %llu, byte %llu: more than %d levels of { and [",
                       (unsigned long long)r->line, (unsigned long long)json_reader_offset(r), LIMIT_JSON_DEPTH);
    uint64_t bit = UINT64_C(1) << r->depth;
    r->objects = object ? r->objects | bit : r->objects & ~bit;
    r->depth++;
    r->expect = object ? EXPECT_FIRST_MEMBER : EXPECT_FIRST;
    r->at++;
    r->last = object ? TOKEN_OBJECT : TOKEN_ARRAY;
    return 0;
}

static void close_level(struct json_reader *r)
{
    r->last = in_object(r) ? TOKEN_OBJECT_END : TOKEN_ARRAY_END;
    r->depth--;
    r->at++;
    after_value(r);
}

static int unexpected(struct json_reader *r, struct err *err)
{
    char c = r->window[r->at];
    if (c > ' ' && c < 0x7F)
        return broken(r, err, "expected %s, found %c", expect_words[r->expect], c);
    return broken(r, err, "expected %s, found the byte 0x%02x", expect_words[r->expect], (unsigned)(unsigned char)c);
}

static int read_value(struct json_reader *r, bool keep, struct err *err)
{
    int rc;
    char c = r->window[r->at];
    switch (c) {
    case '{':
    case '[':
        return open_level(r, c == '{', err);
    case '"':
        r->last = TOKEN_STRING;
        rc = read_string(r, keep, err);
        break;
    case 't':
        r->last = TOKEN_TRUE;
        rc = read_literal(r, TEXT("true"), err);
        break;
    case 'f':
        r->last = TOKEN_FALSE;
        rc = read_literal(r, TEXT("false"), err);
        break;
    case 'n':
        r->last = TOKEN_NULL;
        rc = read_literal(r, TEXT("null"), err);
        break;
    default:
        if (c != '-' && !byte_is_digit(c))
            return unexpected(r, err);
        r->last = TOKEN_NUMBER;
        rc = read_number(r, err);
    }
    after_value(r);
    return rc;
}

static int read_name(struct json_reader *r, bool keep, struct err *err)
{
    if (r->window[r->at] != '"')
        return unexpected(r, err);
    r->last = TOKEN_NAME;
    r->expect = EXPECT_COLON; /* read with the next token: looking for it could move the window from under the name */
    return read_string(r, keep, err);
}

/* Takes a comma, colon or last semicolon that may stand here. */
static bool take_separator(struct json_reader *r)
{
    char c = r->window[r->at];
    if (c == ',' && r->expect == EXPECT_MORE)
        r->expect = in_object(r) ? EXPECT_MEMBER : EXPECT_VALUE;
    else if (c == ':' && r->expect == EXPECT_COLON)
        r->expect = EXPECT_VALUE;
    else if (c == ';' && r->expect == EXPECT_NOTHING && r->options.script)
        r->options.script = false;
    else
        return false;
    r->at++;
    return true;
}

static bool closes_level(const struct json_reader *r, char c)
{
    return (c == ']' && r->expect == EXPECT_FIRST) || (c == '}' && r->expect == EXPECT_FIRST_MEMBER) ||
           (r->expect == EXPECT_MORE && c == (in_object(r) ? '}' : ']'));
}

static int at_end(struct json_reader *r, struct err *err)
{
    if (r->depth > 0 || !r->some)
        return broken(r, err, "the file ends where %s is due", expect_words[r->expect]);
    r->last = TOKEN_END;
    return 0;
}

static int read_token(struct json_reader *r, bool keep, struct err *err)
{
    do {
        int rc = skip_space(r, err);
        if (rc < 0)
            return rc;
        if (rc == 0)
            return at_end(r, err);
    } while (take_separator(r));

    r->some = true;
    if (closes_level(r, r->window[r->at])) {
        close_level(r);
        return 0;
    }
    if (r->expect == EXPECT_MEMBER || r->expect == EXPECT_FIRST_MEMBER)
        return read_name(r, keep, err);
    if (r->expect == EXPECT_VALUE || r->expect == EXPECT_FIRST)
        return read_value(r, keep, err);
    return unexpected(r, err);
}

int json_reader_next(struct json_reader *r, enum json_token *ret_token, struct err *err)
{
    r->text = TEXT_NONE;
    if (r->failed == 0)
        r->failed = read_token(r, true, err);
    if (r->failed == 0)
        *ret_token = r->last;
    return r->failed;
}

int json_reader_skip(struct json_reader *r, struct err *err)
{
    unsigned depth = r->depth;
    r->text = TEXT_NONE;
    if (r->last == TOKEN_NAME && r->failed == 0)
        r->failed = read_token(r, false, err);
    else if (r->last == TOKEN_OBJECT || r->last == TOKEN_ARRAY)
        depth--;
    else
        return r->failed;
    while (r->failed == 0 && r->depth > depth)
        r->failed = read_token(r, false, err);
    return r->failed;
}

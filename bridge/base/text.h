/* bridge/base/text.h
 *
 * A view of bytes: pointer and length, never owned, not NUL-terminated.
 *
 * Text inside Skein is valid UTF-8 without NUL from the point where it came in (utf8_repair at the edges). Comparisons
 * here are bytewise, or fold ASCII letters only; what people mean by "the same name" is linkage's subject.
 */
#ifndef SKEIN_BASE_TEXT_H
#define SKEIN_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    const char *data; /* borrowed; may be NULL where len is 0 */
    size_t len;       /* bytes */
};

/* A view of a string literal. */
#define TEXT(literal) ((struct text){("" literal), sizeof(literal) - 1})
/* The same as an initialiser, for tables. */
#define TEXT_INIT(literal)                                                                                             \
    {                                                                                                                  \
        ("" literal), sizeof(literal) - 1                                                                              \
    }
#define TEXT_NONE ((struct text){NULL, 0})

/* For printf: printf("%.*s", TEXT_ARG(t)). */
#define TEXT_ARG(view) (int)(view).len, ((view).data ? (view).data : "")

struct text text_of(const char *string); /* NULL gives the empty view */

static inline bool text_empty(struct text t)
{
    return t.len == 0;
}

bool text_equal(struct text a, struct text b);
bool text_equal_fold(struct text a, struct text b); /* ASCII letters fold */
int text_compare(struct text a, struct text b);     /* as memcmp, the shorter first */
bool text_starts(struct text t, struct text start);
bool text_ends(struct text t, struct text end);
bool text_starts_fold(struct text t, struct text start);
bool text_ends_fold(struct text t, struct text end);

#define TEXT_NOWHERE SIZE_MAX
/* Offset of the first `needle` at or after `from`; TEXT_NOWHERE if there is none. */
size_t text_find(struct text t, struct text needle, size_t from);
size_t text_find_fold(struct text t, struct text needle, size_t from);
size_t text_find_byte(struct text t, char byte, size_t from);

/* Bytes [from, to) of t; both are clamped to its length. */
struct text text_slice(struct text t, size_t from, size_t to);

/* Without ASCII white space at both ends. */
struct text text_trim(struct text t);

/* Takes the part before `separator` off the front of `rest` (or all of it) into ret_part, and advances `rest`
 * behind the separator. False once `rest` is used up. An empty text has one empty part. */
bool text_cut(struct text *rest, char separator, struct text *ret_part);

/* The longest prefix of t of at most `max` bytes that does not end inside a UTF-8 character. */
struct text text_floor_utf8(struct text t, size_t max);

/* Whole decimal numbers only: no sign for u64, no white space, no overflow. */
bool text_to_u64(struct text t, uint64_t *ret_value);
bool text_to_i64(struct text t, int64_t *ret_value);

static inline bool byte_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool byte_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool byte_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline char byte_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

#endif

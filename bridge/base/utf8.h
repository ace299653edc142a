/* bridge/base/utf8.h
 *
 * Is it valid UTF-8, and made so where it is not: the gate that all text from outside passes.
 *
 * PostgreSQL refuses what SQLite takes, and JSON writers fail on broken bytes, so everything behind the gate may rely
 * on well-formed UTF-8 without NUL (The Unicode Standard 15, table 3-7; U+FFFD practice as in its section 3.9).
 */
#ifndef SKEIN_BASE_UTF8_H
#define SKEIN_BASE_UTF8_H

#include "base/buf.h"
#include "base/text.h"

/* Well-formed and without NUL: no overlong forms, no surrogates, nothing above U+10FFFF. */
bool utf8_valid(struct text t);

/* Bytes of the well-formed character at the start of t; 0 where it starts none (broken, cut, NUL or empty). */
size_t utf8_character(struct text t);

/* Appends t to out, each maximal broken part and each NUL as U+FFFD. Returns what buf_add returns. */
int utf8_repair(struct buf *out, struct text t);

/* Appends a code point; surrogates, NUL and numbers above U+10FFFF as U+FFFD. */
int utf8_add(struct buf *out, uint32_t code_point);

#endif

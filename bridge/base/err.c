/* bridge/base/err.c
 *
 * Error words and sentences.
 */
#include "base/err.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* vsnprintf cuts at a byte; a sentence cut inside a character would be invalid UTF-8. */
static void cut_at_character(char *text, size_t size, int wanted)
{
    if (wanted >= 0 && (size_t)wanted < size)
        return;
    struct text whole = text_of(text);
    text[text_floor_utf8(whole, whole.len).len] = '\0';
}

__attribute__((format(printf, 3, 0))) static void print_into(char *text, size_t size, const char *format, va_list args)
{
    cut_at_character(text, size, vsnprintf(text, size, format, args));
}

int err_set(struct err *err, int code, const char *format, ...)
{
    if (!err)
        return code;
    err->code = code;
    va_list args;
    va_start(args, format);
    print_into(err->text, sizeof err->text, format, args);
    va_end(args);
    return code;
}

int err_set_system(struct err *err, int error_number, const char *format, ...)
{
    if (!err)
        return E_IO;
    char what[ERR_TEXT_MAX];
    va_list args;
    va_start(args, format);
    print_into(what, sizeof what, format, args);
    va_end(args);
    char words[128];
    const char *system = strerror_r(error_number < 0 ? -error_number : error_number, words, sizeof words);
    return err_set(err, E_IO, "%.*s: %s", (int)(sizeof what - sizeof words), what, system);
}

void err_prefix(struct err *err, const char *format, ...)
{
    if (!err)
        return;
    char before[ERR_TEXT_MAX];
    char after[ERR_TEXT_MAX];
    va_list args;
    va_start(args, format);
    print_into(before, sizeof before, format, args);
    va_end(args);
    memcpy(after, err->text, sizeof after);
    err_set(err, err->code, "%s%s", before, after);
}

const char *err_word(int code)
{
    switch (code) {
#define ERR_CASE(name, number, word)                                                                                   \
    case name:                                                                                                         \
        return word;
        ERR_TABLE(ERR_CASE)
#undef ERR_CASE
    }
    return "unknown";
}

int err_of_word(struct text word)
{
#define ERR_LOOK(name, number, its_word)                                                                               \
    if (text_equal(word, text_of(its_word)))                                                                           \
        return name;
    ERR_TABLE(ERR_LOOK)
#undef ERR_LOOK
    return E_BUG;
}

/* bridge/archive/csv_writer.c
 *
 * Rows of CSV out.
 */
#include "archive/csv_writer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void csv_writer_init(struct csv_writer *writer, struct buf *out)
{
    *writer = (struct csv_writer){.out = out};
}

static void add(struct csv_writer *writer, struct text t)
{
    if (writer->failed == 0)
        writer->failed = buf_add(writer->out, t);
}

static void begin_field(struct csv_writer *writer)
{
    if (writer->begun)
        add(writer, TEXT(","));
    writer->begun = true;
}

static bool runs_as_formula(struct text field)
{
    return field.len > 0 && memchr("=+-@\t\r\n", field.data[0], 7) != NULL;
}

static bool needs_quotes(struct text field)
{
    for (size_t i = 0; i < field.len; i++)
        if (memchr("\",\r\n;\t", field.data[i], 6))
            return true;
    return field.len > 0 && (byte_is_space(field.data[0]) || byte_is_space(field.data[field.len - 1]));
}

void csv_writer_text(struct csv_writer *writer, struct text field)
{
    begin_field(writer);
    bool formula = runs_as_formula(field);
    bool quotes = needs_quotes(field);
    if (quotes)
        add(writer, TEXT("\""));
    if (formula)
        add(writer, TEXT("'"));
    for (size_t quote; (quote = text_find_byte(field, '"', 0)) != TEXT_NOWHERE;) {
        add(writer, text_slice(field, 0, quote + 1));
        add(writer, TEXT("\""));
        field = text_slice(field, quote + 1, field.len);
    }
    add(writer, field);
    if (quotes)
        add(writer, TEXT("\""));
}

void csv_writer_number(struct csv_writer *writer, const char *format, ...)
{
    char number[64];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(number, sizeof number, format, args);
    va_end(args);
    begin_field(writer);
    add(writer, text_slice(text_of(number), 0, len < 0 ? 0 : (size_t)len));
}

int csv_writer_end(struct csv_writer *writer)
{
    add(writer, TEXT("\r\n"));
    int failed = writer->failed;
    writer->begun = false;
    writer->failed = 0;
    return failed;
}

int csv_writer_row(struct csv_writer *writer, const struct text *fields, size_t n)
{
    for (size_t i = 0; i < n; i++)
        csv_writer_text(writer, fields[i]);
    return csv_writer_end(writer);
}

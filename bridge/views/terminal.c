/* bridge/views/terminal.c
 *
 * Cells for a terminal. Widths are utf8proc's (Unicode East Asian Width).
 */
#include "views/terminal.h"

#include <utf8proc.h>

#define ELLIPSIS TEXT("…")

/* The next character of t at *at, its columns in ret_width; false at the end. A dropped one has no bytes. */
static bool next_character(struct text t, size_t *at, struct text *ret_bytes, size_t *ret_width)
{
    utf8proc_int32_t c;
    if (*at >= t.len)
        return false;
    utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)t.data + *at, (utf8proc_ssize_t)(t.len - *at), &c);
    size_t bytes = n > 0 ? (size_t)n : 1;
    bool kept = n > 0;
    if (kept) {
        utf8proc_category_t category = utf8proc_category(c);
        kept = category != UTF8PROC_CATEGORY_CC && category != UTF8PROC_CATEGORY_CF &&
               category != UTF8PROC_CATEGORY_ZL && category != UTF8PROC_CATEGORY_ZP &&
               category != UTF8PROC_CATEGORY_CN && category != UTF8PROC_CATEGORY_CO;
    }
    *ret_bytes = kept ? text_slice(t, *at, *at + bytes) : TEXT_NONE;
    int width = kept ? utf8proc_charwidth(c) : 0;
    *ret_width = width > 0 ? (size_t)width : 0;
    *at += bytes;
    return true;
}

size_t terminal_width(struct text t)
{
    struct text bytes;
    size_t width;
    size_t all = 0;
    for (size_t at = 0; next_character(t, &at, &bytes, &width);)
        all += width;
    return all;
}

int terminal_cell(struct buf *out, struct text t, size_t width, bool last)
{
    struct text bytes;
    size_t columns;
    size_t used = 0;
    bool cut = terminal_width(t) > width;
    size_t room = cut ? width - 1 : width;
    for (size_t at = 0; next_character(t, &at, &bytes, &columns) && used + columns <= room; used += columns)
        buf_add(out, bytes);
    if (cut) {
        buf_add(out, ELLIPSIS);
        used++;
    }
    for (; !last && used < width; used++)
        buf_add_byte(out, ' ');
    return out->failed ? E_TOO_LARGE : 0;
}

int terminal_paragraph(struct buf *out, struct text t, size_t width, size_t indent)
{
    struct text rest = t;
    struct text word;
    size_t used = 0;
    while (text_cut(&rest, ' ', &word)) {
        size_t columns = terminal_width(word);
        if (used > 0 && used + 1 + columns > width) {
            buf_printf(out, "\n%*s", (int)indent, "");
            used = 0;
        }
        if (used > 0)
            buf_add_byte(out, ' ');
        used += (used > 0) + columns;
        terminal_cell(out, word, columns, true);
    }
    return out->failed ? E_TOO_LARGE : 0;
}

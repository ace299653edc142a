/* bridge/archive/pasted.c
 *
 * Handles in plain text.
 */
#include "archive/pasted.h"

#include "archive/x_text.h"
#include "base/cleanup.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

#define BARE_MAX 15 /* what X gives out today; longer words are words */

struct pasted {
    struct reading *reading;
    struct follow_list *list;
    uint64_t line;
    bool told; /* the text has @handles or links */
};

/* What may stand around a handle in prose. */
static bool splits_words(char c)
{
    return byte_is_space(c) || (c && strchr(",;()[]{}<>\"'|*`", c) != NULL);
}

/* The next word of a line; false at its end. */
static bool next_word(struct text *line, struct text *ret_word)
{
    size_t begin = 0;
    while (begin < line->len && splits_words(line->data[begin]))
        begin++;
    size_t end = begin;
    while (end < line->len && !splits_words(line->data[end]))
        end++;
    *ret_word = text_slice(*line, begin, end);
    *line = text_slice(*line, end, line->len);
    return ret_word->len > 0;
}

/* Without the full stop or question mark of the sentence around it. */
static struct text trim_end(struct text word)
{
    while (word.len > 0 && strchr(".:!?/", word.data[word.len - 1]))
        word.len--;
    return word;
}

static int take(struct pasted *pasted, const struct x_account *account, struct err *err)
{
    reading_row(pasted->reading);
    return follow_list_add(pasted->list, account, err);
}

static void skip(struct pasted *pasted, const char *why)
{
    follow_list_skip(pasted->list, pasted->reading->label, pasted->line, why);
}

/* A word that begins with @ or is a link. Marks pasted->told when it is either. */
static int read_word(struct pasted *pasted, struct text word, struct err *err)
{
    struct x_account account = {.id = 0};
    enum x_form form;

    word = trim_end(word);
    if (word.len > 1 && word.data[0] == '@') {
        size_t end = 1;
        while (end < word.len &&
               (byte_is_letter(word.data[end]) || byte_is_digit(word.data[end]) || word.data[end] == '_'))
            end++;
        char behind = end < word.len ? word.data[end] : ' ';
        if (behind == '@' || (behind == '.' && end + 1 < word.len && byte_is_letter(word.data[end + 1]))) {
            skip(pasted, "this is a handle of another network, not of X");
            return 0;
        }
        word = text_slice(word, 0, end);
    } else if (!x_link_is(word)) {
        return 0;
    }
    if (x_reference_of(word, &account.handle, &account.id, &form) == X_REFERENCE_NONE)
        return 0;
    pasted->told = true;
    return take(pasted, &account, err);
}

static int read_line_of_words(struct pasted *pasted, struct text line, struct err *err)
{
    struct text word;
    int rc = 0;
    while (rc == 0 && next_word(&line, &word))
        rc = read_word(pasted, word, err);
    return rc;
}

static bool is_separator(char c)
{
    return c == ',' || c == ';' || c == '\t' || c == '\r';
}

/* A line that is a handle or an id, or several with commas between. */
static int read_bare_line(struct pasted *pasted, struct text line, struct err *err)
{
    while (line.len > 0) {
        struct x_account account = {.id = 0};
        enum x_form form;
        size_t end = 0;
        while (end < line.len && !is_separator(line.data[end]))
            end++;
        struct text word = text_trim(text_slice(line, 0, end));
        line = text_slice(line, end + 1, line.len);
        if (text_empty(word))
            continue;
        enum x_reference found = x_reference_of(word, &account.handle, &account.id, &form);
        if (found == X_REFERENCE_NONE || (found == X_REFERENCE_HANDLE && account.handle.len > BARE_MAX)) {
            skip(pasted, x_id_is_rounded(word) ? "a spreadsheet rounded this id, its last digits are lost"
                                               : "this is no handle on X, and no link to a profile there");
            continue;
        }
        int rc = take(pasted, &account, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* Every word of the line could be a handle, an id or a link, and nothing else stands there. */
static bool is_bare_line(struct text line)
{
    for (size_t start = 0; start < line.len;) {
        struct text handle;
        uint64_t id;
        enum x_form form;
        size_t end = start;
        while (end < line.len && !is_separator(line.data[end]))
            end++;
        struct text word = text_trim(text_slice(line, start, end));
        start = end + 1;
        if (!text_empty(word) && x_reference_of(word, &handle, &id, &form) == X_REFERENCE_NONE)
            return false;
    }
    return true;
}

/* A list has a handle on a line, some with @ and some without; prose has lines of several words. One in ten may be a
 * heading. */
static bool is_list(struct text rest)
{
    struct text line;
    size_t bare = 0;
    size_t all = 0;
    while (text_cut(&rest, '\n', &line)) {
        if (text_empty(text_trim(line)))
            continue;
        all++;
        bare += is_bare_line(line);
    }
    return bare * 10 >= all * 9;
}

typedef int line_fn(struct pasted *pasted, struct text line, struct err *err);

static int read_lines(struct pasted *pasted, struct text rest, line_fn *read_line, struct err *err)
{
    struct text line;
    int rc = 0;
    pasted->line = 0;
    while (rc == 0 && text_cut(&rest, '\n', &line)) {
        pasted->line++;
        rc = read_line(pasted, line, err);
    }
    return rc;
}

/* The whole source, made well-formed. */
static int read_all(struct reading *reading, const struct byte_source *source, struct buf *out, struct err *err)
{
    if (source->size > LIMIT_PASTED)
        return err_set(err, E_TOO_LARGE, "a text of more than %zu MiB without columns; give the list as CSV",
                       (size_t)(LIMIT_PASTED / MIB));
    CLEANUP_FREE char *bytes = malloc((size_t)source->size + 1);
    if (!bytes)
        return E_NOMEM;
    int64_t got = byte_source_fill_at(source, 0, bytes, (size_t)source->size, err);
    if (got < 0)
        return (int)got;
    struct text text = {bytes, (size_t)got};
    if (text_starts(text, TEXT("\xEF\xBB\xBF")))
        text = text_slice(text, 3, text.len);
    int rc = utf8_repair(out, text);
    return rc < 0 ? rc : reading_bytes(reading, (uint64_t)got, err);
}

int pasted_read(struct reading *reading, const struct byte_source *source, struct err *err)
{
    struct pasted pasted = {.reading = reading};
    CLEANUP(buf_release) struct buf text;

    pasted.list = reading_list(reading, reading_untold(reading), LIST_FROM_PASTED);
    if (!pasted.list)
        return err_set(err, E_BUG, "one file gives more lists than there are kinds");
    buf_init(&text, 3 * LIMIT_PASTED);
    int rc = read_all(reading, source, &text, err);
    if (rc == 0 && is_list(buf_text(&text)))
        return read_lines(&pasted, buf_text(&text), read_bare_line, err);
    if (rc == 0)
        rc = read_lines(&pasted, buf_text(&text), read_line_of_words, err);
    if (rc == 0 && !pasted.told && pasted.list->skipped_total == 0)
        rc = read_lines(&pasted, buf_text(&text), read_bare_line, err);
    return rc;
}

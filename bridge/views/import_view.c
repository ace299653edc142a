/* bridge/views/import_view.c
 *
 * Views of an upload's report.
 */
#include "views/import_view.h"

#include "base/json.h"
#include "views/terminal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

/* The longest sentence has two names of files and a reason in it. */
#define SENTENCE_MAX (2 * (size_t)1024)

/* Skipped rows that are named one by one in words; the rest is counted. */
#define SKIPPED_SHOWN 5

/* --- JSON -------------------------------------------------------------------------------------------------------- */

static json_t *skipped_json(const struct import_line *line)
{
    json_t *list = json_array();
    for (size_t i = 0; i < line->n_skipped; i++)
        json_array_append_new(list, json_pack("{so sI so}", "file", json_from_view(line->skipped[i].file), "line",
                                              (json_int_t)line->skipped[i].line, "why",
                                              json_from_view(line->skipped[i].why)));
    return list;
}

static json_t *failure_json(const struct import_line *line)
{
    return json_pack("{so so sn so}", "import", json_or_null(id_text(&line->import)), "file",
                     json_from_view(line->file), "list", "error", json_from_view(line->error));
}

static json_t *counts_json(const struct import_line *line)
{
    return json_pack("{so so so so so sI sI sI sI s{sI sI sI} so sI sI}", "import",
                     json_or_null(id_text(&line->import)), "file", json_from_view(line->file), "list",
                     json_or_null(line->list), "source", json_or_null(line->source), "day", json_or_null(line->day),
                     "read", (json_int_t)line->read, "added", (json_int_t)line->added, "dropped",
                     (json_int_t)line->dropped, "unchanged", (json_int_t)line->unchanged, "resolved", "total",
                     (json_int_t)line->resolved.total, "own", (json_int_t)line->resolved.own, "others",
                     (json_int_t)line->resolved.others, "skipped", skipped_json(line), "skipped_total",
                     (json_int_t)line->skipped_total, "facts", (json_int_t)line->facts);
}

int import_view_json(const struct import_line *line, struct buf *out)
{
    CLEANUP_JSON json_t *json = text_empty(line->error) ? counts_json(line) : failure_json(line);
    if (!text_empty(line->note) && json_object_set_new(json, "note", json_from_view(line->note)) < 0)
        return E_NOMEM;
    int rc = json ? json_write(json, out) : E_NOMEM;
    return rc < 0 ? rc : buf_add_byte(out, '\n');
}

/* --- JSON, read again ---------------------------------------------------------------------------------------------- */

static uint64_t count_at(const json_t *json, const char *name)
{
    int64_t n = json_i64_at(json, name, 0);
    return n < 0 ? 0 : (uint64_t)n;
}

static bool read_skipped(const json_t *json, struct arena *arena, struct import_line *line)
{
    const json_t *list = json_object_get(json, "skipped");
    size_t n = json_array_size(list);
    struct import_skipped *skipped = ARENA_ARRAY(arena, struct import_skipped, n + 1);
    if (!skipped)
        return false;
    for (size_t i = 0; i < n; i++) {
        const json_t *row = json_array_get(list, i);
        skipped[i].line = count_at(row, "line");
        if (!arena_text(arena, json_text_at(row, "file"), &skipped[i].file) ||
            !arena_text(arena, json_text_at(row, "why"), &skipped[i].why))
            return false;
    }
    line->skipped = skipped;
    line->n_skipped = n;
    return true;
}

static bool read_texts(const json_t *json, struct arena *arena, struct import_line *line)
{
    struct {
        const char *name;
        struct text *to;
    } const texts[] = {{"file", &line->file},     {"error", &line->error}, {"list", &line->list},
                       {"source", &line->source}, {"day", &line->day},     {"note", &line->note}};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (!arena_text(arena, json_text_at(json, texts[i].name), texts[i].to))
            return false;
    return true;
}

int import_view_read(struct text text, struct arena *arena, struct import_line *ret_line, struct err *err)
{
    CLEANUP_JSON json_t *json = json_from_text(text, err);
    if (!json)
        return E_BAD_INPUT;
    const json_t *resolved = json_object_get(json, "resolved");
    struct import_line line = {
        .read = count_at(json, "read"),
        .added = count_at(json, "added"),
        .dropped = count_at(json, "dropped"),
        .unchanged = count_at(json, "unchanged"),
        .resolved = {count_at(resolved, "total"), count_at(resolved, "own"), count_at(resolved, "others")},
        .skipped_total = count_at(json, "skipped_total"),
        .facts = count_at(json, "facts"),
    };
    struct text id = json_text_at(json, "import");
    if (!json_is_string(json_object_get(json, "file")) || (!text_empty(id) && !id_parse(id, &line.import)))
        return err_set(err, E_BAD_INPUT, "this is no line of an import's report");
    if (!read_texts(json, arena, &line) || !read_skipped(json, arena, &line))
        return err_set(err, E_NOMEM, "no memory for an import's report");
    *ret_line = line;
    return 0;
}

/* --- words --------------------------------------------------------------------------------------------------------- */

static bool is_list(const struct import_line *line, enum list_kind kind)
{
    return text_equal(line->list, text_of(list_kind_word(kind)));
}

static const char *list_words(const struct import_line *line)
{
    static const struct {
        enum list_kind kind;
        const char *words;
    } all[] = {
        {LIST_FOLLOWING, "a following list"}, {LIST_FOLLOWERS, "a followers list"}, {LIST_ROSTER, "the group's list"},
        {LIST_BLOCKS, "a block list"},        {LIST_MUTES, "a mute list"},          {LIST_FACTS, "posts, and no list"},
    };
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if (is_list(line, all[i].kind))
            return all[i].words;
    return "a list";
}

/* A page that is being written. What could not be added is noticed at the end, by out->failed. */
struct page {
    struct buf *out;
    size_t columns;
    size_t indent;
};

__attribute__((format(printf, 2, 3))) static void say(struct page *page, const char *format, ...)
{
    char sentence[SENTENCE_MAX];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    size_t whole = len < 0 ? 0 : (size_t)len < sizeof sentence ? (size_t)len : sizeof sentence - 1;
    struct text words = text_floor_utf8((struct text){sentence, whole}, whole);
    buf_printf(page->out, "%*s", (int)page->indent, "");
    terminal_paragraph(page->out, words, page->columns - page->indent, page->indent + 2);
    buf_add_byte(page->out, '\n');
}

static void say_counts(struct page *page, const struct import_line *line)
{
    char there[48] = "";
    char gone[48] = "";
    if (line->unchanged > 0)
        snprintf(there, sizeof there, ", %" PRIu64 " there already", line->unchanged);
    if (line->dropped > 0)
        snprintf(gone, sizeof gone, ", %" PRIu64 " no longer in it", line->dropped);
    say(page, "%" PRIu64 " %s read: %" PRIu64 " new%s%s.", line->read, line->read == 1 ? "account" : "accounts",
        line->added, there, gone);
}

static void say_resolved(struct page *page, const struct import_line *line)
{
    uint64_t total = line->resolved.total;
    if (total >= line->read)
        say(page, "The handle of each is known.");
    else
        say(page, "%" PRIu64 " with a handle, %" PRIu64 " known by number only.", total, line->read - total);
    if (line->resolved.others > 0)
        say(page, "%" PRIu64 " of the handles come from what others brought.", line->resolved.others);
}

static void say_skipped(struct page *page, const struct import_line *line)
{
    size_t shown = line->n_skipped < SKIPPED_SHOWN ? line->n_skipped : SKIPPED_SHOWN;
    for (size_t i = 0; i < shown; i++)
        say(page, "%.*s, line %" PRIu64 " skipped: %.*s", TEXT_ARG(line->skipped[i].file), line->skipped[i].line,
            TEXT_ARG(line->skipped[i].why));
    if (line->skipped_total > shown)
        say(page, "%" PRIu64 " %slines skipped.", line->skipped_total - shown, shown > 0 ? "more " : "");
}

static void say_list(struct page *page, const struct import_line *line)
{
    bool dated = !text_empty(line->day);
    say(page, "%.*s: %s%s%.*s", TEXT_ARG(line->file), list_words(line), dated ? " of " : "", TEXT_ARG(line->day));
    page->indent = 2;
    if (!is_list(line, LIST_FACTS))
        say_counts(page, line);
    if (!text_empty(line->note))
        say(page, "%.*s", TEXT_ARG(line->note));
    if (is_list(line, LIST_BLOCKS) || is_list(line, LIST_MUTES))
        say(page, "Kept sealed, for this member alone, and wiped after seven days.");
    else if (line->read > 0)
        say_resolved(page, line);
    if (line->facts > 0)
        say(page, "%" PRIu64 " %s named in what was read.", line->facts,
            line->facts == 1 ? "account is" : "accounts are");
    say_skipped(page, line);
}

int import_view_words(const struct import_line *line, size_t columns, struct buf *out)
{
    struct page page = {.out = out, .columns = columns};
    if (text_empty(line->error))
        say_list(&page, line);
    else
        say(&page, "%.*s: %.*s", TEXT_ARG(line->file), TEXT_ARG(line->error));
    return out->failed ? E_NOMEM : 0;
}

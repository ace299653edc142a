/* bridge/archive/file_kind.c
 *
 * First sight.
 */
#include "archive/file_kind.h"

#include "base/cleanup.h"

#include <string.h>

#define HEAD 4096

struct signature {
    struct text bytes;
    size_t offset;
    const char *found; /* what it is; completes "this is " */
    const char *advice;
};

#define UNPACK "unpack it and give what is in it"

/* The formats' own documents; tar's stands in its first header. */
static const struct signature signatures[] = {
    {{"7z\xBC\xAF\x27\x1C", 6}, 0, "a 7z archive", UNPACK},
    {{"Rar!\x1A\x07", 6}, 0, "a RAR archive", UNPACK},
    {{"\x1F\x8B", 2}, 0, "a gzip file", UNPACK},
    {{"BZh", 3}, 0, "a bzip2 file", UNPACK},
    {{"\xFD"
      "7zXZ",
      5},
     0,
     "an xz file",
     UNPACK},
    {{"\x28\xB5\x2F\xFD", 4}, 0, "a Zstandard file", UNPACK},
    {{"ustar", 5}, 257, "a tar archive", UNPACK},
    {{"%PDF", 4}, 0, "a PDF", "give the list as CSV or as plain text"},
    {{"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8}, 0, "an old Excel or Word file", "save it as CSV (UTF-8) and give that"},
    {{"\x89PNG", 4}, 0, "a picture", "give the list as CSV or as plain text"},
    {{"\xFF\xD8\xFF", 3}, 0, "a picture", "give the list as CSV or as plain text"},
    {{"SQLite format 3", 15}, 0, "a database", "export the list as CSV"},
    {{"\xFF\xFE", 2}, 0, "text in UTF-16, as Excel's \"Unicode text\" is", "save it as CSV (UTF-8) and give that"},
    {{"\xFE\xFF", 2}, 0, "text in UTF-16, as Excel's \"Unicode text\" is", "save it as CSV (UTF-8) and give that"},
};

static int refuse_signature(struct text head, struct err *err)
{
    for (size_t i = 0; i < ARRAY_LEN(signatures); i++) {
        const struct signature *s = &signatures[i];
        if (text_starts(text_slice(head, s->offset, head.len), s->bytes))
            return err_set(err, E_BAD_INPUT, "this is %s, not a follow list; %s", s->found, s->advice);
    }
    return 0;
}

static bool is_html(struct text start)
{
    return text_starts_fold(start, TEXT("<!doctype")) || text_starts_fold(start, TEXT("<html")) ||
           text_starts_fold(start, TEXT("<head")) || text_starts_fold(start, TEXT("<?xml")) ||
           text_starts_fold(start, TEXT("<!--"));
}

static bool is_script(struct text start)
{
    return text_starts(start, TEXT("window.")) || text_starts(start, TEXT("Grailbird.")) ||
           text_starts(start, TEXT("YTD."));
}

/* { or [ and then something that JSON allows there: prose may begin with a bracket as well. */
static bool is_json(struct text start)
{
    if (!text_starts(start, TEXT("{")) && !text_starts(start, TEXT("[")))
        return false;
    const char *allowed = start.data[0] == '{' ? "\"}" : "{[]\"-0123456789tfn";
    struct text next = text_trim(text_slice(start, 1, start.len));
    return next.len == 0 || (next.data[0] && strchr(allowed, next.data[0]));
}

int file_kind_of(const struct byte_source *source, enum file_kind *ret_kind, struct err *err)
{
    char bytes[HEAD];
    int64_t got = byte_source_fill_at(source, 0, bytes, sizeof bytes, err);
    if (got < 0)
        return (int)got;
    if (got == 0)
        return err_set(err, E_BAD_INPUT, "the file is empty; choose it again");
    struct text head = {bytes, (size_t)got};
    if (text_starts(head, TEXT("PK\x03\x04")) || text_starts(head, TEXT("PK\x05\x06"))) {
        *ret_kind = FILE_ZIP;
        return 0;
    }
    int rc = refuse_signature(head, err);
    if (rc < 0)
        return rc;
    if (text_starts(head, TEXT("\xEF\xBB\xBF")))
        head = text_slice(head, 3, head.len);
    struct text start = text_trim(head);
    if (is_html(start))
        return err_set(err, E_BAD_INPUT,
                       "this is a web page (HTML), not data; give the zip that X sent, or following.js "
                       "from its folder data");
    if (text_find_byte(head, '\0', 0) != TEXT_NOWHERE)
        return err_set(err, E_BAD_INPUT,
                       "this is neither text nor a zip, so it holds no follow list that Skein can read");
    *ret_kind = is_json(start) || is_script(start) ? FILE_JSON : FILE_TEXT;
    return 0;
}

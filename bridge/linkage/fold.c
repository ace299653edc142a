/* bridge/linkage/fold.c
 *
 * Text of any script reduced to comparable tokens.
 */
#include "linkage/fold.h"

#include "base/cleanup.h"
#include "base/err.h"
#include "base/utf8.h"
#include "linkage/normalise.h"

#include <utf8proc.h>

/* Letters that Unicode does not decompose but people read, type and imitate as these; all in lower case, since case is
 * folded before. In order of code points, for the binary search. */
static const struct {
    uint32_t from;
    const char *to;
} letters[] = {
    {0x00E6, "ae"}, /* æ */ {0x00F0, "d"}, /* ð */ {0x00F8, "o"},  /* ø */ {0x00FE, "th"}, /* þ */
    {0x0111, "d"},  /* đ */ {0x0127, "h"}, /* ħ */ {0x0131, "i"},  /* ı */ {0x0138, "k"},  /* ĸ */
    {0x0142, "l"},  /* ł */ {0x014B, "n"}, /* ŋ */ {0x0153, "oe"}, /* œ */ {0x0167, "t"},  /* ŧ */
    {0x0180, "b"},  /* ƀ */ {0x0199, "k"}, /* ƙ */ {0x01A5, "p"},  /* ƥ */ {0x01B4, "y"},  /* ƴ */
    {0x01DD, "e"},  /* ǝ */ {0x0253, "b"}, /* ɓ */ {0x0254, "o"},  /* ɔ */ {0x0257, "d"},  /* ɗ */
    {0x0259, "e"},  /* ə */ {0x025B, "e"}, /* ɛ */ {0x0261, "g"},  /* ɡ */ {0x0262, "g"},  /* ɢ */
    {0x0268, "i"},  /* ɨ */ {0x026A, "i"}, /* ɪ */ {0x0274, "n"},  /* ɴ */ {0x0280, "r"},  /* ʀ */
    {0x0289, "u"},  /* ʉ */ {0x028F, "y"}, /* ʏ */ {0x0299, "b"},  /* ʙ */ {0x029C, "h"},  /* ʜ */
    {0x029F, "l"},  /* ʟ */ {0x1D00, "a"}, /* ᴀ */ {0x1D04, "c"},  /* ᴄ */ {0x1D05, "d"},  /* ᴅ */
    {0x1D07, "e"},  /* ᴇ */ {0x1D0A, "j"}, /* ᴊ */ {0x1D0B, "k"},  /* ᴋ */ {0x1D0D, "m"},  /* ᴍ */
    {0x1D0F, "o"},  /* ᴏ */ {0x1D18, "p"}, /* ᴘ */ {0x1D1B, "t"},  /* ᴛ */ {0x1D1C, "u"},  /* ᴜ */
    {0x1D20, "v"},  /* ᴠ */ {0x1D21, "w"}, /* ᴡ */ {0x1D22, "z"},  /* ᴢ */ {0xA730, "f"},  /* ꜰ */
    {0xA731, "s"},                                                                         /* ꜱ */
};

/* Letters in filled circles and squares, which are symbols to Unicode: each run is a to z. */
static const uint32_t letter_runs[] = {0x1F150, 0x1F170};

static const char *letter_of(uint32_t c, char ret_plain[2])
{
    for (size_t i = 0; i < ARRAY_LEN(letter_runs); i++) {
        if (c >= letter_runs[i] && c < letter_runs[i] + 26) {
            ret_plain[0] = (char)('a' + (c - letter_runs[i]));
            ret_plain[1] = '\0';
            return ret_plain;
        }
    }
    size_t low = 0;
    size_t high = ARRAY_LEN(letters);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (letters[middle].from == c)
            return letters[middle].to;
        if (letters[middle].from < c)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* Marks written above or below a letter that is the same letter without them. */
static bool mark_is_dropped(uint32_t c)
{
    return (c >= 0x0300 && c <= 0x036F) || (c >= 0x0483 && c <= 0x0487) || /* Latin, Greek; Cyrillic */
           (c >= 0x0591 && c <= 0x05C7) || (c >= 0x0610 && c <= 0x061A) || /* Hebrew points; Arabic */
           (c >= 0x064B && c <= 0x065F) || c == 0x0670 || (c >= 0x06D6 && c <= 0x06ED) ||
           (c >= 0x1AB0 && c <= 0x1AFF) || (c >= 0x1DC0 && c <= 0x1DFF) || (c >= 0x20D0 && c <= 0x20FF) ||
           (c >= 0xFE20 && c <= 0xFE2F);
}

static bool is_apostrophe(uint32_t c)
{
    return c == '\'' || c == '`' || c == 0x2018 || c == 0x2019 || c == 0x02B9 || (c >= 0x02BB && c <= 0x02BD) ||
           c == 0x2032;
}

enum part { PART_LETTER, PART_MARK, PART_NOTHING, PART_SEPARATOR };

static enum part part_of(uint32_t c)
{
    if (is_apostrophe(c))
        return PART_NOTHING;
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)c);
    if (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO)
        return PART_LETTER;
    if (category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC)
        return PART_MARK;
    if (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO)
        return PART_LETTER;
    return category == UTF8PROC_CATEGORY_CF ? PART_NOTHING : PART_SEPARATOR;
}

/* Tokens with one space between them, as they come. */
struct token_writer {
    struct buf *out; /* borrowed */
    bool gap;        /* a separator was seen since the last letter */
    bool in_token;   /* a mark may follow */
};

static int write_letter(struct token_writer *writer, struct text letter)
{
    if (writer->gap && writer->out->len > 0) {
        int rc = buf_add_byte(writer->out, ' ');
        if (rc < 0)
            return rc;
    }
    writer->gap = false;
    writer->in_token = true;
    return buf_add(writer->out, letter);
}

static int write_code_point(struct token_writer *writer, uint32_t c)
{
    char plain[2];
    const char *letter = letter_of(c, plain);
    if (letter)
        return write_letter(writer, text_of(letter));
    switch (part_of(c)) {
    case PART_LETTER: {
        int rc = write_letter(writer, TEXT_NONE);
        return rc < 0 ? rc : utf8_add(writer->out, c);
    }
    case PART_MARK:
        return writer->in_token ? utf8_add(writer->out, c) : 0;
    case PART_NOTHING:
        return 0;
    case PART_SEPARATOR:
        writer->gap = true;
        writer->in_token = false;
        return 0;
    }
    return 0;
}

static int fold_ascii(struct buf *out, struct text t)
{
    struct token_writer writer = {.out = out};
    for (size_t i = 0; i < t.len; i++) {
        char c = byte_lower(t.data[i]);
        int rc = 0;
        if (byte_is_letter(c) || byte_is_digit(c))
            rc = write_letter(&writer, (struct text){&c, 1});
        else if (c != '\'' && c != '`')
            writer.gap = true;
        if (rc < 0)
            return rc;
    }
    return 0;
}

#define DECOMPOSE (UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE | UTF8PROC_STABLE)

/* Drops marks in place, and the digit under a keycap (U+20E3), which is a picture of a key. Returns the new length. */
static utf8proc_ssize_t drop_marks(utf8proc_int32_t *points, utf8proc_ssize_t n)
{
    utf8proc_ssize_t kept = 0;
    for (utf8proc_ssize_t i = 0; i < n; i++) {
        uint32_t c = (uint32_t)points[i];
        if (c == 0x20E3 && kept > 0 && points[kept - 1] < 0x80)
            points[kept - 1] = ' ';
        if (!mark_is_dropped(c))
            points[kept++] = points[i];
    }
    return kept;
}

static int fold_unicode(struct buf *out, struct text t)
{
    utf8proc_ssize_t needed =
        utf8proc_decompose((const utf8proc_uint8_t *)t.data, (utf8proc_ssize_t)t.len, NULL, 0, DECOMPOSE);
    if (needed < 0)
        return E_NOMEM; /* the text is valid and the options are ours: nothing else can be wrong */
    if (needed == 0)
        return 0;
    CLEANUP_FREE utf8proc_int32_t *points = calloc((size_t)needed + 1, sizeof *points);
    if (!points)
        return E_NOMEM;
    utf8proc_ssize_t n =
        utf8proc_decompose((const utf8proc_uint8_t *)t.data, (utf8proc_ssize_t)t.len, points, needed, DECOMPOSE);
    if (n < 0 || n > needed)
        return E_NOMEM;
    n = utf8proc_normalize_utf32(points, drop_marks(points, n), UTF8PROC_COMPOSE | UTF8PROC_STABLE);
    struct token_writer writer = {.out = out};
    for (utf8proc_ssize_t i = 0; i < n; i++) {
        int rc = write_code_point(&writer, (uint32_t)points[i]);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static bool is_ascii(struct text t)
{
    for (size_t i = 0; i < t.len; i++)
        if ((unsigned char)t.data[i] >= 0x80)
            return false;
    return true;
}

/* Compatibility forms expand: U+FDFA becomes 18 letters of 2 bytes from 3. Folded text is cut at the same length as its
 * input, so that folding it again cannot cut more. */
static int fold_once(struct arena *arena, struct text t, struct text *ret_folded)
{
    CLEANUP(buf_release) struct buf valid;
    CLEANUP(buf_release) struct buf out;
    buf_init(&valid, FOLD_INPUT_MAX * 3 + 1);
    buf_init(&out, FOLD_INPUT_MAX * 40);
    int rc;
    if (is_ascii(t)) {
        rc = fold_ascii(&out, t);
    } else if (utf8_valid(t)) {
        rc = fold_unicode(&out, t);
    } else {
        rc = utf8_repair(&valid, t);
        if (rc == 0)
            rc = fold_unicode(&out, buf_text(&valid));
    }
    if (rc < 0)
        return E_NOMEM;
    struct text folded = text_floor_utf8(buf_text(&out), FOLD_INPUT_MAX);
    return arena_text(arena, text_trim(folded), ret_folded) ? 0 : E_NOMEM;
}

int fold(struct arena *arena, struct text t, struct text *ret_folded)
{
    struct text folded;
    int rc = fold_once(arena, text_floor_utf8(t, FOLD_INPUT_MAX), &folded);
    if (rc < 0)
        return rc;
    /* A few letters need a second round: their decomposition holds what only the table folds, or a mark that a
     * following letter now joins. Two rounds reach a fixed point for every code point (tests/unit/linkage). */
    if (!is_ascii(folded) && (rc = fold_once(arena, folded, &folded)) < 0)
        return rc;
    *ret_folded = folded;
    return 0;
}

int text_fold(struct arena *arena, struct text t, struct text *ret_folded)
{
    return fold(arena, t, ret_folded);
}

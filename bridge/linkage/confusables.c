/* bridge/linkage/confusables.c
 *
 * Letters that look alike made one, to notice imitation; never to find anybody.
 *
 * A selection from Unicode Technical Standard #39, confusables.txt (version 15): the letters of other scripts that
 * pass for a to z and 0 to 9 in common typefaces, as they are after case folding, and the look-alikes within ASCII.
 * The table is our own because no C library in Debian 12 carries that data beside ICU, which is forty times the size of
 * utf8proc.
 */
#include "base/cleanup.h"
#include "base/err.h"
#include "base/utf8.h"
#include "linkage/fold.h"

#include <string.h>
#include <utf8proc.h>

static const struct {
    uint32_t from;
    char to;
} lookalikes[] = {
    /* Latin beyond ASCII that folding leaves */
    {0x0251, 'a'},
    {0x0263, 'y'},
    {0x0269, 'l'},
    {0x026F, 'w'},
    {0x0282, 's'},
    {0x028B, 'u'},
    {0x0290, 'z'},
    {0x01BD, 's'},
    /* Greek */
    {0x03B1, 'a'},
    {0x03B3, 'y'},
    {0x03B7, 'n'},
    {0x03B9, 'l'},
    {0x03BA, 'k'},
    {0x03BD, 'v'},
    {0x03BF, 'o'},
    {0x03C1, 'p'},
    {0x03C3, 'o'},
    {0x03C4, 't'},
    {0x03C5, 'u'},
    {0x03C7, 'x'},
    {0x03C9, 'w'},
    {0x03F2, 'c'},
    /* Cyrillic */
    {0x0430, 'a'},
    {0x0432, 'b'},
    {0x0433, 'r'},
    {0x0435, 'e'},
    {0x0437, '3'},
    {0x043A, 'k'},
    {0x043C, 'm'},
    {0x043D, 'h'},
    {0x043E, 'o'},
    {0x043F, 'n'},
    {0x0440, 'p'},
    {0x0441, 'c'},
    {0x0442, 't'},
    {0x0443, 'y'},
    {0x0445, 'x'},
    {0x044C, 'b'},
    {0x0455, 's'},
    {0x0456, 'l'},
    {0x0458, 'j'},
    {0x04BB, 'h'},
    {0x04CF, 'l'},
    {0x0501, 'd'},
    {0x051B, 'q'},
    {0x051D, 'w'},
    /* Armenian, Hebrew, Cherokee (folded to small letters) */
    {0x0561, 'w'},
    {0x0563, 'q'},
    {0x0570, 'h'},
    {0x0578, 'n'},
    {0x057D, 'u'},
    {0x0581, 'g'},
    {0x0585, 'o'},
    {0x05D5, 'l'},
    {0x05DF, 'l'},
    {0x05E1, 'o'},
};

/* Also within ASCII: 0 and o; 1, i and l. */
static char lookalike_of(uint32_t c)
{
    if (c < 0x80)
        return c == '0' ? 'o' : c == '1' || c == 'i' ? 'l' : '\0';
    for (size_t i = 0; i < ARRAY_LEN(lookalikes); i++)
        if (lookalikes[i].from == c)
            return lookalikes[i].to;
    return '\0';
}

/* rn reads as m and vv as w. */
static void join_pairs(struct buf *skeleton)
{
    size_t kept = 0;
    for (size_t i = 0; i < skeleton->len; i++) {
        bool pair = i + 1 < skeleton->len;
        char c = skeleton->data[i];
        if (pair && c == 'r' && skeleton->data[i + 1] == 'n') {
            c = 'm';
            i++;
        } else if (pair && c == 'v' && skeleton->data[i + 1] == 'v') {
            c = 'w';
            i++;
        }
        skeleton->data[kept++] = c;
    }
    skeleton->len = kept;
}

int fold_skeleton(struct arena *arena, struct text folded, struct text *ret_skeleton)
{
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, FOLD_INPUT_MAX + 1);
    for (size_t at = 0; at < folded.len;) {
        utf8proc_int32_t c;
        utf8proc_ssize_t width =
            utf8proc_iterate((const utf8proc_uint8_t *)folded.data + at, (utf8proc_ssize_t)(folded.len - at), &c);
        if (width <= 0)
            break; /* folded text is valid: this is its end */
        char plain = lookalike_of((uint32_t)c);
        int rc = 0;
        if (plain != '\0')
            rc = buf_add_byte(&out, plain);
        else if (c != ' ')
            rc = buf_add(&out, text_slice(folded, at, at + (size_t)width));
        if (rc < 0)
            return E_NOMEM;
        at += (size_t)width;
    }
    join_pairs(&out);
    return arena_text(arena, buf_text(&out), ret_skeleton) ? 0 : E_NOMEM;
}

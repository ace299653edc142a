/* bridge/store/left_out_line.c
 *
 * Lines of left-out.log.
 */
#include "store/left_out_line.h"

#include "base/cleanup.h"

#include <sodium.h>

static const struct {
    struct text word;
    bool has_hash;
    bool has_member;
} words[] = {
    [LEFT_OUT_OPT_OUT] = {TEXT_INIT("opt-out"), .has_hash = true},
    [LEFT_OUT_OPT_IN] = {TEXT_INIT("opt-in"), .has_hash = true},
    [LEFT_OUT_SHIELD] = {TEXT_INIT("shield"), .has_hash = true, .has_member = true},
    [LEFT_OUT_UNSHIELD] = {TEXT_INIT("unshield"), .has_member = true},
};

int left_out_print(const struct left_out_line *line, struct buf *out)
{
    char time[CLOCK_TEXT_MAX];
    char hex[2 * KEYED_HASH_SIZE + 1];
    clock_print(line->ms, time);
    sodium_bin2hex(hex, sizeof hex, line->hash.bytes, sizeof line->hash.bytes);
    return buf_printf(out, "%s %.*s%s%s%s%s\n", time, TEXT_ARG(words[line->word].word),
                      words[line->word].has_hash ? " " : "", words[line->word].has_hash ? hex : "",
                      words[line->word].has_member ? " " : "", words[line->word].has_member ? line->member.chars : "");
}

static bool take_word(struct text *rest, enum left_out_word *ret_word)
{
    struct text word;
    if (!text_cut(rest, ' ', &word))
        return false;
    for (unsigned i = 0; i < ARRAY_LEN(words); i++) {
        if (text_equal(word, words[i].word)) {
            *ret_word = (enum left_out_word)i;
            return true;
        }
    }
    return false;
}

static bool take_hash(struct text *rest, struct keyed_hash *ret_hash)
{
    struct text hex;
    size_t len = 0;
    return text_cut(rest, ' ', &hex) && hex.len == 2 * sizeof ret_hash->bytes &&
           sodium_hex2bin(ret_hash->bytes, sizeof ret_hash->bytes, hex.data, hex.len, NULL, &len, NULL) == 0 &&
           len == sizeof ret_hash->bytes;
}

static bool take_member(struct text *rest, struct id *ret_member)
{
    struct text id;
    return text_cut(rest, ' ', &id) && id_parse(id, ret_member);
}

const char *left_out_parse(struct text text, struct left_out_line *ret_line)
{
    struct left_out_line line = {0};
    struct text time;
    if (!text_cut(&text, ' ', &time) || !clock_parse(time, &line.ms))
        return "has no time at its beginning";
    if (!take_word(&text, &line.word))
        return "says a word that this Skein does not know; a newer one may";
    if (words[line.word].has_hash && !take_hash(&text, &line.hash))
        return "has no hash of 64 hexadecimal digits";
    if (words[line.word].has_member && !take_member(&text, &line.member))
        return "has no id of a member";
    if (text.len != TEXT_NOWHERE)
        return "goes on where it should end";
    *ret_line = line;
    return NULL;
}

/* bridge/linkage/bio_words.c
 *
 * A bio cut into words, and what the words around one say of it.
 */
#include "linkage/bio_words.h"

#include "base/cleanup.h"
#include "base/err.h"
#include "linkage/fold.h"

/* Words of one bio that are looked at: 2,560 bytes of two-letter words. */
#define WORDS_MAX 900

/* --- words ------------------------------------------------------------------------------------------------------- */

bool word_among(struct text word, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n && !text_empty(word); i++)
        if (words[i][0] == byte_lower(word.data[0]) && text_equal_fold(word, text_of(words[i])))
            return true;
    return false;
}

static bool is_word_byte(char c)
{
    static const char marks[] = "._-@/~%?=&#+'";
    if (byte_is_letter(c) || byte_is_digit(c))
        return true;
    for (size_t i = 0; i + 1 < sizeof marks; i++)
        if (marks[i] == c)
            return true;
    return false;
}

/* A colon belongs to a word only behind what it makes a link or an id: "X:@h" is two words. */
static bool colon_belongs(struct text word)
{
    static const char *const schemes[] = {"http", "https", "at", "did", "did:plc", "did:web"};
    size_t start = word.len;
    while (start > 0 && word.data[start - 1] != '/')
        start--;
    return word_among(text_slice(word, start, word.len), schemes, ARRAY_LEN(schemes));
}

static size_t word_width(struct text t)
{
    size_t width = 0;
    while (width < t.len &&
           (is_word_byte(t.data[width]) || (t.data[width] == ':' && colon_belongs(text_slice(t, 0, width)))))
        width++;
    return width;
}

/* "\xF0\x9D\x95\x8F" is the mathematical X that stands for the network; it counts as a word of its own. */
#define DOUBLE_STRUCK_X "\xF0\x9D\x95\x8F"
#define BUTTERFLY       "\xF0\x9F\xA6\x8B"

static size_t symbol_width(struct text t)
{
    if (text_starts(t, TEXT(DOUBLE_STRUCK_X)) || text_starts(t, TEXT(BUTTERFLY)))
        return 4;
    return 0;
}

static bool is_break(struct text t)
{
    char c = t.data[0];
    return c == '\n' || c == '\r' || c == '|' || c == ';' || c == ',' || c == '!' ||
           text_starts(t, TEXT("\xE2\x80\xA2")) || text_starts(t, TEXT("\xC2\xB7"));
}

/* Punctuation that ends a sentence rather than a link. */
static struct text trim_word(struct text word)
{
    static const char ends[] = ".:?'#&=+%-/";
    bool more = true;
    while (word.len > 0 && more) {
        more = false;
        for (size_t i = 0; i + 1 < sizeof ends; i++)
            if (word.data[word.len - 1] == ends[i])
                more = true;
        if (more)
            word.len--;
    }
    while (word.len > 0 && (word.data[0] == '\'' || word.data[0] == '.' || word.data[0] == '-'))
        word = text_slice(word, 1, word.len);
    return word;
}

/* Takes the flags of `next` and sets them anew. */
static void add_word(struct bio_words *words, struct text raw, struct bio_word *next)
{
    next->text = trim_word(raw);
    if (words->n < WORDS_MAX && !text_empty(next->text)) {
        words->items[words->n++] = *next;
        next->first = false;
        next->opened = false;
    }
    if (text_ends(raw, TEXT(".")) || text_ends(raw, TEXT("?")))
        next->first = true;
}

static void split_words(struct bio_words *words, struct text bio)
{
    struct bio_word next = {.first = true};
    for (size_t at = 0; at < bio.len;) {
        struct text rest = text_slice(bio, at, bio.len);
        size_t width = symbol_width(rest);
        if (width == 0)
            width = word_width(rest);
        if (width > 0) {
            add_word(words, text_slice(rest, 0, width), &next);
        } else {
            width = 1;
            next.first = next.first || is_break(rest);
            next.opened = rest.data[0] == '(' || rest.data[0] == '[' || (next.opened && rest.data[0] == ' ');
        }
        at += width;
    }
}

/* The word `steps` before `at` in the same clause; empty where the clause begins before that. */
static struct text word_before(const struct bio_words *words, size_t at, size_t steps)
{
    while (steps > 0) {
        if (at == 0 || words->items[at].first)
            return TEXT_NONE;
        at--;
        steps--;
    }
    return words->items[at].text;
}

static struct text word_after(const struct bio_words *words, size_t at, size_t steps)
{
    for (size_t i = 1; i <= steps; i++)
        if (at + i >= words->n || words->items[at + i].first)
            return TEXT_NONE;
    return words->items[at + steps].text;
}

/* --- which network a word means ------------------------------------------------------------------------------------ */

static const struct {
    const char *word;
    enum place place;
} places[] = {
    {"x", PLACE_X},
    {DOUBLE_STRUCK_X, PLACE_X},
    {"twitter", PLACE_X},
    {"x/twitter", PLACE_X},
    {"twitter/x", PLACE_X},
    {"ex-twitter", PLACE_X},
    {"extwitter", PLACE_X},
    {"x.com", PLACE_X},
    {"twitter.com", PLACE_X},
    {"birdsite", PLACE_X},
    {"xitter", PLACE_X},
    {"twttr", PLACE_X},
    {"bluesky", PLACE_BLUESKY},
    {"bsky", PLACE_BLUESKY},
    {"blsky", PLACE_BLUESKY},
    {"bluesky/bsky", PLACE_BLUESKY},
    {"bsky.app", PLACE_BLUESKY},
    {"bsky.social", PLACE_BLUESKY},
    {BUTTERFLY, PLACE_BLUESKY},
    {"threads", PLACE_THREADS},
    {"threads.net", PLACE_THREADS},
    {"threads.com", PLACE_THREADS},
    {"instagram", PLACE_ELSEWHERE},
    {"insta", PLACE_ELSEWHERE},
    {"ig", PLACE_ELSEWHERE},
    {"mastodon", PLACE_ELSEWHERE},
    {"tiktok", PLACE_ELSEWHERE},
    {"telegram", PLACE_ELSEWHERE},
    {"youtube", PLACE_ELSEWHERE},
    {"github", PLACE_ELSEWHERE},
    {"twitch", PLACE_ELSEWHERE},
    {"discord", PLACE_ELSEWHERE},
    {"facebook", PLACE_ELSEWHERE},
    {"snapchat", PLACE_ELSEWHERE},
    {"tumblr", PLACE_ELSEWHERE},
};

enum place place_of(struct text word)
{
    for (size_t i = 0; i < ARRAY_LEN(places) && !text_empty(word); i++)
        if (places[i].word[0] == byte_lower(word.data[0]) && text_equal_fold(word, text_of(places[i].word)))
            return places[i].place;
    return PLACE_NONE;
}

/* "@h on X", "@h (X)", "@h at the former Twitter": the network named behind. Right behind it without a word or bracket
 * between, it belongs to what follows: "X: @a Threads: @b". */
static enum place place_behind(const struct bio_words *words, size_t at)
{
    static const char *const links[] = {"on", "at",  "over", "in", "the", "old", "former", "formerly",
                                        "en", "auf", "sur",  "su", "no",  "na",  "op"};
    for (size_t step = 1; step <= 4; step++) {
        struct text word = word_after(words, at, step);
        enum place place = place_of(word);
        if (place != PLACE_NONE)
            return step > 1 || words->items[at + 1].opened ? place : PLACE_NONE;
        if (!word_among(word, links, ARRAY_LEN(links)))
            return PLACE_NONE;
    }
    return PLACE_NONE;
}

/* "X: @h", "Twitter @h", "on X as @h": the network named in front, and nothing but small words between. */
static enum place place_in_front(const struct bio_words *words, size_t at, size_t furthest)
{
    static const char *const links[] = {"as", "is", "at", "me", "my", "handle", "account", "also", "was", "under"};
    for (size_t step = 1; step <= furthest; step++) {
        struct text word = word_before(words, at, step);
        enum place place = place_of(word);
        if (place != PLACE_NONE)
            return place;
        if (!word_among(word, links, ARRAY_LEN(links)))
            return PLACE_NONE;
    }
    return PLACE_NONE;
}

enum place bio_place_around(const struct bio_words *words, size_t at)
{
    enum place place = place_in_front(words, at, 1);
    if (place == PLACE_NONE)
        place = place_behind(words, at);
    if (place == PLACE_NONE)
        place = place_in_front(words, at, 4);
    return place;
}

/* "formerly @h", "ex @h", "was @h": which network is said by saying nothing, since it is the one people left. */
bool bio_said_former(const struct bio_words *words, size_t at)
{
    static const char *const former[] = {"formerly", "ex", "was", "previously", "fka", "earlier", "vormals"};
    struct text before = word_before(words, at, 1);
    if (word_among(before, former, ARRAY_LEN(former)))
        return true;
    return word_among(before, (const char *const[]){"as", "known"}, 2) &&
           word_among(word_before(words, at, before.len == 2 ? 3 : 2), former, ARRAY_LEN(former));
}

/* --- whether it is somebody else ----------------------------------------------------------------------------------- */

/* Words that make of what follows in their clause somebody else, of what follows at once, and those right before. */
bool bio_disclaims(const struct bio_words *words, size_t at)
{
    static const char *const in_clause[] = {"parody",     "unofficial", "fan",         "fans",    "stan",
                                            "mirror",     "mirrors",    "mirroring",   "bot",     "reposts",
                                            "repost",     "reposting",  "satire",      "tribute", "inspired",
                                            "affiliated", "fake",       "impersonator"};
    static const char *const near[] = {"not", "isn't", "isnt", "never", "nicht", "pas"};
    static const char *const just_before[] = {"of", "for", "with", "from", "via", "by",
                                              "to", "cc",  "and",  "love", "de",  "von"};
    if (words->about_another || word_among(word_before(words, at, 1), just_before, ARRAY_LEN(just_before)))
        return true;
    for (size_t step = 1; step <= 5; step++) {
        struct text word = word_before(words, at, step);
        if (word_among(word, in_clause, ARRAY_LEN(in_clause)) || (step <= 2 && word_among(word, near, ARRAY_LEN(near))))
            return true;
    }
    /* "Editor at @paper on X", but "find me at @h on X", and "maps at https://..." are one's own. */
    if (text_find(words->items[at].text, TEXT("://"), 0) != TEXT_NOWHERE)
        return false;
    static const char *const mine[] = {"me", "find",  "also",   "here", "reach", "us",   "i'm", "im",
                                       "am", "still", "active", "now",  "moved", "over", "back"};
    struct text further = word_before(words, at, 2);
    return text_equal_fold(word_before(words, at, 1), TEXT("at")) && !text_empty(further) &&
           !word_among(further, mine, ARRAY_LEN(mine)) && place_of(further) == PLACE_NONE;
}

/* A bio that says of itself that it is about somebody else. Fan accounts are not among them: they have an X account of
 * their own as often as anybody, and what they are fans of is disclaimed where it stands. */
static bool bio_is_about_another(struct text folded)
{
    static const char *const phrases[] = {"parody",           "unofficial",    "not affiliated", "mirror of",
                                          "mirror bot",       "mirrored from", "not the real",   "tribute account",
                                          "automated mirror", "impersonat",    "rss bot",        "crossposted from",
                                          "reposting from"};
    for (size_t i = 0; i < ARRAY_LEN(phrases); i++)
        if (text_find(folded, text_of(phrases[i]), 0) != TEXT_NOWHERE)
            return true;
    return false;
}

int bio_words_read(struct text bio, struct text folded, struct bio_words *ret_words)
{
    struct bio_words words = {.items = calloc(WORDS_MAX, sizeof words.items[0])};
    if (!words.items)
        return E_NOMEM;
    split_words(&words, bio);
    words.about_another = bio_is_about_another(folded);
    *ret_words = words;
    return 0;
}

void bio_words_release(struct bio_words *words)
{
    free(words->items);
    *words = (struct bio_words){0};
}

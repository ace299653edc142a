/* bridge/archive/x_entries.c
 *
 * The files of an X archive among the entries of a zip.
 */
#include "archive/x_entries.h"

#include "archive/private_names.h"
#include "base/cleanup.h"

#include <stdio.h>
#include <stdlib.h>

struct stem {
    const char *stem;
    enum x_tag tag;
    unsigned series; /* sets apart what is numbered apart: tweets.js and tweet.js */
};

static const struct stem stems[] = {
    {"manifest", X_TAG_MANIFEST, 0}, {"account", X_TAG_ACCOUNT, 0}, {"following", X_TAG_FOLLOWING, 0},
    {"follower", X_TAG_FOLLOWER, 0}, {"block", X_TAG_BLOCK, 0},     {"mute", X_TAG_MUTE, 0},
    {"tweets", X_TAG_POSTS, 0},      {"tweet", X_TAG_POSTS, 1},     {"community-tweet", X_TAG_POSTS, 2},
    {"note-tweet", X_TAG_POSTS, 3},
};
#define SERIES_PARTS 100000u /* more parts than LIMIT_ZIP_WANTED */

static const enum list_kind tag_lists[] = {
    [X_TAG_MANIFEST] = LIST_FACTS,     [X_TAG_ACCOUNT] = LIST_FACTS, [X_TAG_FOLLOWING] = LIST_FOLLOWING,
    [X_TAG_FOLLOWER] = LIST_FOLLOWERS, [X_TAG_BLOCK] = LIST_BLOCKS,  [X_TAG_MUTE] = LIST_MUTES,
    [X_TAG_POSTS] = LIST_FACTS,
};

/* What else a zip may turn out to be. */
enum holds {
    HOLDS_GRAILBIRD = 1 << 0,
    HOLDS_SPREADSHEET = 1 << 1,
    HOLDS_META = 1 << 2,
    HOLDS_MASTODON = 1 << 3,
    HOLDS_IN_DATA = 1 << 4, /* wanted files in a folder data/ */
    HOLDS_X = 1 << 5,       /* any data file of an X archive */
};

#define TAG_BIT(tag) (1u << (tag))
#define LIST_TAGS    (TAG_BIT(X_TAG_FOLLOWING) | TAG_BIT(X_TAG_FOLLOWER) | TAG_BIT(X_TAG_BLOCK) | TAG_BIT(X_TAG_MUTE))

enum list_kind x_tag_list(enum x_tag tag)
{
    return tag_lists[tag];
}

static void copy_name(char *to, size_t size, struct text name)
{
    name = text_floor_utf8(name, size - 1);
    snprintf(to, size, "%.*s", TEXT_ARG(name));
}

/* "following.js", "following-part1.js" -> its stem and part; NULL: none of ours. */
static const struct stem *stem_of(struct text base, unsigned *ret_part)
{
    uint64_t part = 0;
    if (!text_ends_fold(base, TEXT(".js")))
        return NULL;
    struct text name = text_slice(base, 0, base.len - 3);
    size_t digits = name.len;
    while (digits > 0 && byte_is_digit(name.data[digits - 1]))
        digits--;
    struct text before = text_slice(name, 0, digits);
    if (digits < name.len && text_ends_fold(before, TEXT("-part"))) {
        if (!text_to_u64(text_slice(name, digits, name.len), &part) || part >= SERIES_PARTS)
            return NULL;
        name = text_slice(before, 0, before.len - 5);
    }
    for (size_t i = 0; i < ARRAY_LEN(stems); i++) {
        if (text_equal_fold(name, text_of(stems[i].stem))) {
            *ret_part = stems[i].series * SERIES_PARTS + (unsigned)part;
            return &stems[i];
        }
    }
    return NULL;
}

struct text x_base_name(struct text path)
{
    size_t at = path.len;
    while (at > 0 && path.data[at - 1] != '/' && path.data[at - 1] != '\\')
        at--;
    return text_slice(path, at, path.len);
}

static bool in_data(struct text path)
{
    struct text folder = text_slice(path, 0, path.len - x_base_name(path).len);
    return text_equal_fold(folder, TEXT("data/")) || text_ends_fold(folder, TEXT("/data/"));
}

static unsigned foreign_holds(struct text name)
{
    if (text_find_fold(name, TEXT("data/js/tweets/"), 0) != TEXT_NOWHERE)
        return HOLDS_GRAILBIRD;
    if (text_equal_fold(name, TEXT("xl/workbook.xml")) || text_equal_fold(name, TEXT("content.xml")))
        return HOLDS_SPREADSHEET;
    if (text_find_fold(name, TEXT("followers_and_following/"), 0) != TEXT_NOWHERE ||
        text_find_fold(name, TEXT("threads/following"), 0) != TEXT_NOWHERE)
        return HOLDS_META;
    if (text_ends_fold(name, TEXT("following_accounts.csv")) || text_equal_fold(name, TEXT("outbox.json")))
        return HOLDS_MASTODON;
    return in_data(name) && text_ends_fold(name, TEXT(".js")) ? HOLDS_X : 0;
}

static bool tag_wanted(const struct reading *reading, enum x_tag tag)
{
    enum list_kind as;
    return tag_lists[tag] == LIST_FACTS || reading_wants(reading, tag_lists[tag], &as);
}

bool x_entry_of(const struct reading *reading, struct text name, enum x_tag *ret_tag, unsigned *ret_part)
{
    const struct stem *stem = stem_of(x_base_name(name), ret_part);
    if (!stem || !tag_wanted(reading, stem->tag))
        return false;
    *ret_tag = stem->tag;
    return true;
}

static bool want(void *context, struct zip_entry *entry)
{
    struct x_entries *entries = context;
    unsigned part = 0;
    if (entries->first_entry[0] == '\0')
        copy_name(entries->first_entry, sizeof entries->first_entry, entry->name);
    entries->holds |= foreign_holds(entry->name);
    if (private_name(entry->name)) {
        if (entries->private_entry[0] == '\0')
            copy_name(entries->private_entry, sizeof entries->private_entry, entry->name);
        return false;
    }
    const struct stem *stem = stem_of(x_base_name(entry->name), &part);
    if (!stem)
        return false;
    entries->seen |= TAG_BIT(stem->tag);
    if (!tag_wanted(entries->reading, stem->tag))
        return false;
    if (in_data(entry->name))
        entries->holds |= HOLDS_IN_DATA;
    entry->tag = stem->tag;
    entry->part = part;
    return true;
}

static int by_tag(const void *a, const void *b)
{
    const struct zip_entry *one = a;
    const struct zip_entry *two = b;
    if (one->tag != two->tag)
        return one->tag < two->tag ? -1 : 1;
    return (one->part > two->part) - (one->part < two->part);
}

/* Drops bare files where data/ exists, and puts the rest in the order of reading. */
static int arrange(struct x_entries *entries, struct err *err)
{
    struct zip_directory *directory = &entries->directory;
    size_t kept = 0;
    for (size_t i = 0; i < directory->n_wanted; i++)
        if ((entries->holds & HOLDS_IN_DATA) == 0 || in_data(directory->wanted[i].name))
            directory->wanted[kept++] = directory->wanted[i];
    directory->n_wanted = kept;
    if (kept > 0)
        qsort(directory->wanted, kept, sizeof *directory->wanted, by_tag);
    for (size_t i = 1; i < kept; i++) {
        const struct zip_entry *two = &directory->wanted[i];
        if (by_tag(two - 1, two) == 0)
            return err_set(err, E_BAD_INPUT,
                           "the zip holds the same file twice, %.*s and %.*s; give one archive at a time",
                           TEXT_ARG(two[-1].name), TEXT_ARG(two->name));
    }
    return 0;
}

static bool has_list(const struct x_entries *entries)
{
    for (size_t i = 0; i < entries->directory.n_wanted; i++)
        if ((TAG_BIT(entries->directory.wanted[i].tag) & LIST_TAGS) != 0)
            return true;
    return false;
}

static bool facts_wanted(const struct x_entries *entries)
{
    return (entries->reading->options->kinds & LIST_BIT(LIST_FACTS)) != 0 &&
           (entries->seen & TAG_BIT(X_TAG_POSTS)) != 0;
}

/* The file that the person most likely meant to give. */
static const char *wanted_stem(const struct reading *reading)
{
    for (size_t i = 0; i < ARRAY_LEN(stems); i++)
        if ((TAG_BIT(stems[i].tag) & LIST_TAGS) != 0 && tag_wanted(reading, stems[i].tag))
            return stems[i].stem;
    return "following";
}

/* The sentence for a zip in which no wanted list was found. */
static int no_list(const struct x_entries *entries, struct err *err)
{
    unsigned holds = entries->holds;
    if (holds & HOLDS_GRAILBIRD)
        return err_set(err, E_NOT_FOUND,
                       "this is an X archive from before 2019, which holds no follow lists; ask X for a "
                       "new archive");
    if (holds & HOLDS_SPREADSHEET)
        return err_set(err, E_BAD_INPUT,
                       "this is a spreadsheet (Excel or LibreOffice); save it as CSV (UTF-8) and give that");
    if (holds & HOLDS_META)
        return err_set(err, E_BAD_INPUT, "this is an export of Instagram or Threads; Skein reads follow lists of X");
    if (holds & HOLDS_MASTODON)
        return err_set(err, E_BAD_INPUT, "this is an export of Mastodon; Skein reads follow lists of X");
    if (entries->directory.n_entries == 0)
        return err_set(err, E_BAD_INPUT, "the zip is empty; choose the archive that X sent");
    unsigned lists = entries->seen & LIST_TAGS;
    if (lists == 0 && (entries->seen & TAG_BIT(X_TAG_POSTS)) == 0 && (holds & HOLDS_X) == 0)
        return err_set(err, E_BAD_INPUT, "this zip is no X archive: it holds no data/following.js, but %s%s",
                       entries->first_entry[0] ? entries->first_entry : "other files",
                       entries->directory.n_entries > 1 ? " and others" : "");
    return err_set(err, E_NOT_FOUND,
                   "the archive lacks the wanted list: it holds no data/%s.js%s; ask X for the archive again, or give "
                   "the file itself",
                   wanted_stem(entries->reading),
                   lists & TAG_BIT(X_TAG_FOLLOWING)  ? ", only data/following.js"
                   : lists & TAG_BIT(X_TAG_FOLLOWER) ? ", only data/follower.js"
                   : lists                           ? ", only who was blocked or muted"
                                                     : "");
}

int x_entries_find(struct x_entries *entries, const struct reading *reading, const struct byte_source *source,
                   struct err *err)
{
    *entries = (struct x_entries){.reading = reading};
    int rc = zip_directory_read(&entries->directory, source, want, entries, err);
    if (rc < 0)
        return rc;
    if (entries->private_entry[0] != '\0' && reading->options->refuse_private)
        return err_set(err, E_FORBIDDEN,
                       "the zip holds %s, which should stay on your computer, so nothing of it was read; choose the "
                       "archive on the page, which takes out only the files needed",
                       entries->private_entry);
    rc = arrange(entries, err);
    if (rc == 0 && !has_list(entries) && !facts_wanted(entries))
        rc = no_list(entries, err);
    return rc < 0 ? rc : zip_directory_check(&entries->directory, source, err);
}

void x_entries_release(struct x_entries *entries)
{
    zip_directory_release(&entries->directory);
}

/* bridge/archive/reading.h
 *
 * One file being read: what is wanted of it, what it gave so far, and how far it is. Internal to this room.
 *
 * Every reader fills a reading of its own; archive.c puts the readings of one import together only when they succeeded,
 * so a file that breaks in its middle leaves nothing behind.
 */
#ifndef SKEIN_ARCHIVE_READING_H
#define SKEIN_ARCHIVE_READING_H

#include "archive/archive.h"

/* Lists of one file: an archive can give following, followers, blocks and mutes. */
#define READING_LISTS_MAX 6

struct reading {
    const struct archive_options *options; /* borrowed */
    struct text name;                      /* borrowed; of the file */
    struct text label;                     /* borrowed; of the file or the entry at hand, for skipped rows */
    struct follow_list lists[READING_LISTS_MAX];
    size_t n_lists;
    struct fact_set facts;
    uint64_t owner_id;
    char owner_handle[LIMIT_X_HANDLE + 1];
    char day[11];
    bool companion; /* it gave nothing by itself, and says something of the others: account.js, manifest.js */
    char warning[ERR_TEXT_MAX];

    struct archive_progress progress;
    uint64_t reported; /* progress.bytes when the hook was last called */
};

void reading_init(struct reading *reading, const struct archive_options *options, struct text name);
void reading_release(struct reading *reading);

/* Is a file's list of this kind wanted, and as what? A following list serves as a roster where a roster is wanted. */
bool reading_wants(const struct reading *reading, enum list_kind kind, enum list_kind *ret_as);

/* What a list is taken for that does not say what it is: the first kind that is wanted. */
enum list_kind reading_untold(const struct reading *reading);

/* The list of that kind, made where it is new. NULL: more than READING_LISTS_MAX. */
struct follow_list *reading_list(struct reading *reading, enum list_kind kind, enum list_source source);

/* Progress for the hook, which is called at each file's or entry's beginning and each mebibyte. E_CANCELLED with a
 * sentence when it says stop. */
int reading_begin(struct reading *reading, struct text label, struct err *err);
int reading_bytes(struct reading *reading, uint64_t bytes, struct err *err);
void reading_row(struct reading *reading);

/* A source whose bytes count as progress of a reading. */
struct counted_source {
    struct byte_source source;
    const struct byte_source *from; /* borrowed */
    struct reading *reading;        /* borrowed */
};
void counted_source_init(struct counted_source *counted, const struct byte_source *from, struct reading *reading);

#endif

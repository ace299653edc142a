/* bridge/archive/x_entries.h
 *
 * Which entries of a zip are an X archive's files, and what the zip is where it is none. Internal.
 *
 * Names count by their end, data/<file>.js in any folder, capitals and slashes as they come; where no data/ is found,
 * files that lie bare are taken. Files named for messages and the like are told apart here and never become entries.
 */
#ifndef SKEIN_ARCHIVE_X_ENTRIES_H
#define SKEIN_ARCHIVE_X_ENTRIES_H

#include "archive/reading.h"
#include "archive/zip_directory.h"

/* What an entry is (zip_entry.tag), in the order in which they are read. */
enum x_tag { X_TAG_MANIFEST, X_TAG_ACCOUNT, X_TAG_FOLLOWING, X_TAG_FOLLOWER, X_TAG_BLOCK, X_TAG_MUTE, X_TAG_POSTS };

/* For sentences and labels. */
#define X_NAME_MAX 128

struct x_entries {
    const struct reading *reading;  /* borrowed */
    struct zip_directory directory; /* its wanted entries: by tag, then part */
    unsigned holds;                 /* what else the zip may be */
    unsigned seen;                  /* bit of each tag that is in the zip, wanted or not */
    char private_entry[X_NAME_MAX]; /* the first one; empty: none */
    char first_entry[X_NAME_MAX];
};

/* Finds and checks the entries that `reading` wants. Where no wanted list is among them: E_NOT_FOUND or E_BAD_INPUT and
 * a sentence that says what the zip is instead. */
int x_entries_find(struct x_entries *entries, const struct reading *reading, const struct byte_source *source,
                   struct err *err);
void x_entries_release(struct x_entries *entries);

/* "data/following-part1.js" -> X_TAG_FOLLOWING and a number that orders parts of one tag. False: none of ours, or not
 * wanted. */
bool x_entry_of(const struct reading *reading, struct text name, enum x_tag *ret_tag, unsigned *ret_part);

/* The list kind of the tags from X_TAG_FOLLOWING to X_TAG_MUTE. */
enum list_kind x_tag_list(enum x_tag tag);

/* The last part of a path. */
struct text x_base_name(struct text path);

#endif

/* bridge/archive/archive.h
 *
 * The way in: files of follow lists, as X, its API, exporters, spreadsheets and people make them, become lists of X
 * accounts.
 *
 * What a file is, is told from its content, never from its name alone:
 *
 *     zip          an archive of X, any year since 2019, in any folder: following.js, follower.js, block.js, mute.js in
 *                  any number of parts; names of the followed from posts; owner and day from manifest.js
 *     script       one of those files by itself
 *     JSON         pages of X's API (also as JSON lines), lists of twitter-web-exporter
 *     CSV          of any exporter: columns by name, or by what stands in them
 *     text         handles, one a line, or any text with @handles and links to profiles
 *
 * The files of one import are read together: parts of one list in any order become one list, and what one file says of
 * an id gives the accounts of another their handles.
 *
 * Files named for messages, contacts, e-mail, phone, addresses and devices are never opened. Nothing is written
 * anywhere. Every refusal is one sentence: what, where, what to do. No threads of its own; call it on a worker.
 */
#ifndef SKEIN_ARCHIVE_ARCHIVE_H
#define SKEIN_ARCHIVE_ARCHIVE_H

#include "archive/byte_source.h"
#include "archive/fact_set.h"
#include "archive/follow_list.h"
#include "base/limits.h"

struct archive_progress {
    struct text file; /* the file, or "alice.zip: data/tweets.js" */
    uint64_t bytes;   /* read of this file so far, unpacked */
    uint64_t rows;    /* accounts and posts seen so far */
};

struct archive_options {
    /* LIST_BIT() of each list that is wanted; 0: following and followers. The first of them is also what a list is
     * taken for that does not say what it is. LIST_FACTS: posts alone are worth having. */
    unsigned kinds;

    /* An upload: a zip with files named for messages, contacts and the like is refused unread, since they should not
     * have been sent. Otherwise such files are passed over. */
    bool refuse_private;

    /* Called about once a mebibyte and at each new file; false stops the reading (E_CANCELLED). May be NULL. */
    bool (*progress)(void *context, const struct archive_progress *progress);
    void *context; /* borrowed; for progress */
};

struct archive_file {
    struct text name;                 /* borrowed; as the person calls it */
    const struct byte_source *source; /* borrowed; random access */
};

/* What became of one file. */
struct archive_outcome {
    struct err err;             /* code 0: it gave something, or belongs to one that did */
    char warning[ERR_TEXT_MAX]; /* what of it could not be used although the rest was; empty: nothing */
};

struct archive_result {
    struct follow_list *lists; /* owned; one for each kind and source */
    size_t n_lists;
    struct fact_set facts;            /* owned; what the files say of third parties */
    struct archive_outcome *outcomes; /* owned; one for each file, in the order given */
    size_t n_outcomes;
    uint64_t owner_id; /* whose archive it is; 0: no file says */
    char owner_handle[LIMIT_X_HANDLE + 1];
    char day[11]; /* of the archive; empty: no file says */
};

/* Reads n (> 0) files as one import. Returns 0 where at least one gave a list (or, where LIST_FACTS is wanted, facts).
 * Else the first file's error, its sentence in err, and nothing but the outcomes in ret_result (without memory not even
 * those). Outcomes say which files gave nothing; ret_result is released in any case. */
int archive_read(const struct archive_file *files, size_t n, const struct archive_options *options,
                 struct archive_result *ret_result, struct err *err);

/* Safe on a zeroed record. */
void archive_result_release(struct archive_result *result);

#endif

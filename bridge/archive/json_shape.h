/* bridge/archive/json_shape.h
 *
 * What a JSON or script file holds, told from its wrapper and from the names of its first members. Internal.
 */
#ifndef SKEIN_ARCHIVE_JSON_SHAPE_H
#define SKEIN_ARCHIVE_JSON_SHAPE_H

#include "archive/byte_source.h"
#include "model/x_account.h"

enum json_shape_kind {
    SHAPE_FOLLOWS,   /* following.js and its like; list says which */
    SHAPE_POSTS,     /* tweets.js, note-tweet.js */
    SHAPE_API_USERS, /* a page of X's API */
    SHAPE_EXPORTER,  /* accounts of twitter-web-exporter */
    SHAPE_ACCOUNT,   /* account.js */
    SHAPE_MANIFEST,  /* manifest.js */
    SHAPE_PRIVATE,   /* messages, contacts, ...: read no further */
    SHAPE_X_OTHER,   /* another file of an X archive; word says which */
    SHAPE_GRAILBIRD, /* an archive of before 2019 */
    SHAPE_META,      /* Instagram or Threads */
    SHAPE_MASTODON,  /* an ActivityPub collection */
    SHAPE_API_POSTS, /* a page of posts */
    SHAPE_API_ERROR, /* an error answer; word is its title */
    SHAPE_EMPTY,     /* [ ] or { } without a wrapper */
    SHAPE_UNKNOWN,   /* word is the first name found */
};

struct json_shape {
    enum json_shape_kind kind;
    enum list_kind list; /* of SHAPE_FOLLOWS */
    bool list_told;      /* false: bare items with accountId, which do not say whose */
    unsigned part;       /* of "part3" */
    bool wrapped;        /* a script: one value; else JSON, perhaps lines of it */
    char word[64];       /* for sentences */
};

/* Looks at the file from its beginning. Reads as little as it can: the wrapper, else up to the first telling name.
 * Errors are json_reader's. */
int json_shape_of(const struct byte_source *source, struct json_shape *ret_shape, struct err *err);

#endif

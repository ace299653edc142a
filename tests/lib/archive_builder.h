/* tests/lib/archive_builder.h
 *
 * X archives of people who do not exist, from a few numbers and a seed: for unit tests, benches and make_archive.
 *
 * The follows are given people first, then made-up ones; the first `mentioned` of those not given as unmentioned are
 * named by posts. The same plan gives the same bytes.
 */
#ifndef SKEIN_TESTS_LIB_ARCHIVE_BUILDER_H
#define SKEIN_TESTS_LIB_ARCHIVE_BUILDER_H

#include "base/buf.h"

struct archive_person {
    uint64_t id;
    struct text handle; /* empty: in no post */
    struct text name;
};

struct archive_plan {
    uint64_t seed;
    uint64_t owner_id;        /* 0: one from the seed */
    const char *owner_handle; /* NULL: "nightjar_fan" */
    const char *day;          /* NULL: "2025-01-22" */
    const char *folder;       /* around data/; NULL: none */
    size_t follows;           /* people included */
    size_t followers;
    size_t blocks;
    size_t mutes;
    size_t mentioned;                    /* of the follows, from the first on */
    size_t posts;                        /* at least; as many as the mentions need are made */
    size_t part_rows;                    /* rows in a part of following.js; 0: all */
    size_t media;                        /* bytes of a picture behind the data files */
    bool compact;                        /* the layout of 2020: all on few lines, tweet.js */
    bool private;                        /* with messages, contacts and the like, which hold ARCHIVE_SECRET */
    const struct archive_person *people; /* borrowed; the first follows */
    size_t n_people;
};

/* Must come out of no reader. */
#define ARCHIVE_SECRET "nobody-may-read-this"

/* The archive as a zip at the end of out. False without memory. */
bool archive_build(const struct archive_plan *plan, struct buf *out);

/* The i-th follow of a plan: id, and the handle that its posts would give. Handles are at most 15 bytes. */
uint64_t archive_follow_id(const struct archive_plan *plan, size_t i);
void archive_follow_handle(const struct archive_plan *plan, size_t i, char ret_handle[32]);

#endif

/* bridge/base/limits.h
 *
 * Every limit, with its reason: data, not numbers scattered in code.
 *
 * A limit protects somebody: the machine from a hostile file, a host from us, a member's account from a spam label.
 * Sizes are bytes, times milliseconds, unless the name says otherwise.
 */
#ifndef SKEIN_BASE_LIMITS_H
#define SKEIN_BASE_LIMITS_H

#include <stdint.h>

#define KIB ((size_t)1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

/* --- X ----------------------------------------------------------------------------------------------------------- */
/* X handles: 1 to 15 of [A-Za-z0-9_] (help.x.com, "About X usernames"); older ones of up to 20 exist. */
#define LIMIT_X_HANDLE 20

/* --- operations ---------------------------------------------------------------------------------------------------- */
/* Memory of one operation. The largest is a match of 200,000 accounts at about 1 KiB each. */
#define LIMIT_OPERATION_ARENA (GIB)

/* Steps that one operation may take on the loop before others have their turn; each is well under a millisecond. */
#define LIMIT_STEPS_A_TURN 16

/* A stop, counted from the first signal: so long may work go on; and then even cancelled work is left behind. The whole
 * is promised in under 2 s, and service managers kill after as little as 5. */
#define LIMIT_STOP_GRACE 1000
#define LIMIT_STOP_END   1800

/* One group of the writer lane: many steps share one fsync, but nobody waits for more than this behind others. */
#define LIMIT_GROUP_STEPS 256
#define LIMIT_GROUP_MS    50
/* Times that a group is begun anew after the database asked for it; then its steps fail. */
#define LIMIT_GROUP_TRIES 3

/* --- follow lists -------------------------------------------------------------------------------------------------- */
/* Accounts in one list: X's own cap lets few people follow more than 5,000; institutions' follower lists reach tens
 * of thousands. */
#define LIMIT_LIST_ACCOUNTS ((size_t)2000000)
/* Memory of one list with its texts: two million accounts at half a KiB each. */
#define LIMIT_LIST_ARENA GIB
/* Facts (id, handle, name) that one upload may say of others, and their memory: a person who wrote 100,000 posts named
 * some 50,000 people. */
#define LIMIT_FACTS       ((size_t)1000000)
#define LIMIT_FACTS_ARENA (512 * MIB)
/* Skipped rows that are kept with their reasons; all are counted. Nobody reads more than a screen of them. */
#define LIMIT_SKIPPED_ROWS 100
/* Texts of one account, in bytes; longer ones are cut at a character. X allows 50 characters of name, 160 of bio (with
 * its links written out about three times that), 100 of website and 30 of place. */
#define LIMIT_X_NAME     256
#define LIMIT_X_BIO      (4 * KIB)
#define LIMIT_X_WEBSITE  KIB
#define LIMIT_X_LOCATION 256

/* --- files from strangers ------------------------------------------------------------------------------------------ */
/* One JSON string, name or number that somebody wants to see, and one CSV field: a hundred times the longest bio. What
 * nobody wants is skipped at any length. */
#define LIMIT_JSON_TOKEN MIB
#define LIMIT_CSV_FIELD  MIB
/* Levels of JSON: X's archives have 9. Kept in the bits of one word. */
#define LIMIT_JSON_DEPTH 64
/* Columns and bytes of one CSV row: exporters write 25 columns. */
#define LIMIT_CSV_FIELDS 4096
#define LIMIT_CSV_ROW    (2 * MIB)
/* A list that somebody pasted: the handles of LIMIT_LIST_ACCOUNTS would fill it. */
#define LIMIT_PASTED (32 * MIB)
/* A zip's directory: archives with every picture of ten years have 100,000 entries, of about 100 bytes each. */
#define LIMIT_ZIP_ENTRIES   ((uint64_t)300000)
#define LIMIT_ZIP_DIRECTORY (64 * MIB)
/* Entries that are opened: X cuts a list into parts of thousands of rows. */
#define LIMIT_ZIP_WANTED 1024
/* Bytes that the parts of one list, and those of all posts, may come to when unpacked: two million rows of 128 bytes,
 * and a million posts of 2 kB. */
#define LIMIT_ARCHIVE_LIST  (256 * MIB)
#define LIMIT_ARCHIVE_POSTS (2 * GIB)
#define LIMIT_ARCHIVE_SMALL MIB /* manifest.js and account.js */
/* Unpacked bytes for one packed, once more than LIMIT_ZIP_RATIO_FROM came out: deflate can reach 1,032, JSON of
 * one-word posts reached 30. */
#define LIMIT_ZIP_RATIO      250
#define LIMIT_ZIP_RATIO_FROM (4 * MIB)
/* People named in one post: X allows fifty. */
#define LIMIT_MENTIONS 64

/* --- asking networks ----------------------------------------------------------------------------------------------- */
/* An answer of 25 profiles measured 72 kB with a viewer; a search of 25 less. */
#define LIMIT_APPVIEW_ANSWER MIB
/* 25 actors, each a handle of at most 253 bytes, and the method's name. */
#define LIMIT_URL (16 * KIB)
/* One question with all its tries: long enough to sit out a minute's 429. */
#define LIMIT_QUESTION_MS 120000
/* Questions of one match under way: fetch's budget for the host sets the pace, this only keeps its queue short, so that
 * the deadline of a question is not spent in the queue. */
#define LIMIT_QUESTIONS_AT_ONCE 8
/* Words of one search: display names have at most 50 characters on X, 64 on Bluesky. */
#define LIMIT_SEARCH_WORDS 256

/* --- settings ------------------------------------------------------------------------------------------------------ */
/* All settings of a process together. */
#define LIMIT_SETTINGS MIB

#endif

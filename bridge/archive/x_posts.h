/* bridge/archive/x_posts.h
 *
 * tweets.js (tweet.js until 2022), community-tweet.js and note-tweet.js: who is named or answered, with which id and
 * handle. Nothing else of a post is looked at or kept.
 *
 *     [ { "tweet" : { "created_at" : "Sat Feb 18 12:33:11 +0000 2023",
 *                     "in_reply_to_user_id_str" : "12", "in_reply_to_screen_name" : "alice",
 *                     "entities" : { "user_mentions" : [ { "id_str", "id", "screen_name", "name" } ] } } }, ... ]
 *
 * Items without the "tweet" around them are read as well. Note tweets keep their mentions in core.mentions, older ones
 * in noteTweetResults.entitySet.userMentions; their members' names are taken in either style. Internal.
 */
#ifndef SKEIN_ARCHIVE_X_POSTS_H
#define SKEIN_ARCHIVE_X_POSTS_H

#include "archive/json_reader.h"
#include "archive/reading.h"

/* Reads the file's one array into reading->facts. Posts that name nobody usable are passed over. */
int x_posts_read(struct reading *reading, struct json_reader *json, struct err *err);

#endif

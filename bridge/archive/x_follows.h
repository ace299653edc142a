/* bridge/archive/x_follows.h
 *
 * following.js, follower.js, block.js and mute.js of an X archive: ids, nothing else.
 *
 *     [ { "following" : { "accountId" : "12", "userLink" : "https://twitter.com/intent/user?user_id=12" } }, ... ]
 *
 * The key says which list it is: following, follower, blocking, muting. Items without it are taken too. Internal.
 */
#ifndef SKEIN_ARCHIVE_X_FOLLOWS_H
#define SKEIN_ARCHIVE_X_FOLLOWS_H

#include "archive/json_reader.h"
#include "archive/reading.h"

/* The list that a key, or the type in "YTD.<type>.part0", stands for. */
bool x_follow_key(struct text key, enum list_kind *ret_kind);

/* Reads the file's one array into `list`. `kind` is what the file is: an item of another kind ends the reading with
 * E_BAD_INPUT, since lists must not be mixed. Broken items are skipped with their line. */
int x_follows_read(struct reading *reading, struct json_reader *json, enum list_kind kind, struct follow_list *list,
                   struct err *err);

#endif

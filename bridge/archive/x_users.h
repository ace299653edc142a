/* bridge/archive/x_users.h
 *
 * Accounts with id and handle in JSON: pages of X's API and lists of twitter-web-exporter.
 *
 *     {"data":[{"id":"12","username":"alice","name":"Alice","description":"..."}],"meta":{...}}    API v2, also as lines
 *     {"users":[{"id_str":"12","screen_name":"alice",...}]}, {"ids":[12,13]}                       API v1.1
 *     [{"id":"12","screen_name":"alice","name":"Alice","description":"...","website":"..."}]        exporter
 *
 * Links of bio and website are taken in their long form where the file has it. Internal.
 */
#ifndef SKEIN_ARCHIVE_X_USERS_H
#define SKEIN_ARCHIVE_X_USERS_H

#include "archive/json_reader.h"
#include "archive/reading.h"

/* Reads every value of the file into `list`. */
int x_users_read(struct reading *reading, struct json_reader *json, struct follow_list *list, struct err *err);

#endif

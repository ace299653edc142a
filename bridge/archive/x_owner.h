/* bridge/archive/x_owner.h
 *
 * manifest.js and account.js of an X archive: whose it is, of which day, which files it has. Internal.
 *
 * Of account.js only id and handle are looked at; its e-mail address is skipped unread.
 */
#ifndef SKEIN_ARCHIVE_X_OWNER_H
#define SKEIN_ARCHIVE_X_OWNER_H

#include "archive/json_reader.h"
#include "archive/reading.h"

/* Called for each "fileName" under dataTypes; the name is valid until it returns. */
typedef void x_manifest_file_fn(void *context, struct text name);

/* Reads the manifest's one object into reading->owner_id, owner_handle and day. `file` may be NULL. */
int x_manifest_read(struct reading *reading, struct json_reader *json, x_manifest_file_fn *file, void *context,
                    struct err *err);

/* Reads the file's one array into reading->owner_id and owner_handle. */
int x_account_read(struct reading *reading, struct json_reader *json, struct err *err);

/* The day in a name such as "twitter-2024-11-14-0f3a.zip", where no manifest gave one. */
void x_day_from_name(struct reading *reading);

#endif

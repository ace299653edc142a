/* bridge/api/moved_people.h
 *
 * From who moved to whom a plan may follow: the two rooms do not know each other, and meet here.
 */
#ifndef SKEIN_API_MOVED_PEOPLE_H
#define SKEIN_API_MOVED_PEOPLE_H

#include "communities/moved.h"
#include "refollow/batch_plan.h"

/* Everybody of a member's own list who is believed to be on the network; question->as names the member. E_NOT_FOUND: no
 * such community or member; E_USAGE: nobody is named, and a roster follows nobody. In the connection's transaction. */
int moved_people(struct db *db, const struct moved_question *question, struct arena *arena,
                 struct plan_source *ret_source, struct err *err);

#endif

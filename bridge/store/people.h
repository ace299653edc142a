/* bridge/store/people.h
 *
 * Rows of communities, members and who belongs where.
 *
 * Texts of rows that are read live in the arena given. All return 0 or an error with its sentence; E_NOT_FOUND where one
 * row is asked for and there is none. On a lane, in its transaction.
 */
#ifndef SKEIN_STORE_PEOPLE_H
#define SKEIN_STORE_PEOPLE_H

#include "base/arena.h"
#include "base/id.h"
#include "store/db.h"

#define COMMUNITY_OPEN   "open"
#define COMMUNITY_CLOSED "closed"

struct community_row {
    struct id id;
    struct text slug; /* 1 to 40 of a-z 0-9 and "-", begins with a letter or digit */
    struct text name;
    struct text state;
    int64_t created_ms;
};

bool community_slug_valid(struct text slug);

int community_put(struct db *db, const struct community_row *community,
                  struct err *err); /* E_BUSY: the slug is taken */
int community_by_slug(struct db *db, struct text slug, struct arena *arena, struct community_row *ret_community,
                      struct err *err);
int community_list(struct db *db, struct arena *arena, struct community_row **ret_communities, size_t *ret_n,
                   struct err *err); /* by slug */

/* Where a member's account here comes from. */
#define MEMBER_FROM_TERMINAL "terminal" /* a place for a list that the operator brought (--as) */
#define MEMBER_SIGNED_IN     "signed-in"

struct member_row {
    struct id id;
    struct text x_handle; /* as given, without @; empty: not known */
    uint32_t x_number;    /* own account on X; 0: not known */
    struct text origin;
    int64_t created_ms;
    int64_t seen_ms;
};

int member_put(struct db *db, const struct member_row *member, struct err *err); /* new, or instead of the row there */

/* The member of this community with this X handle (ASCII case does not matter). */
int member_by_handle(struct db *db, const struct id *community, struct text x_handle, struct arena *arena,
                     struct member_row *ret_member, struct err *err);

int membership_put(struct db *db, const struct id *community, const struct id *member, const char *role, int64_t now_ms,
                   struct err *err); /* does nothing where it exists */

#endif

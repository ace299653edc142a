/* bridge/graph/list_join.h
 *
 * Whom the numbers of one source of a list are taken for on that source's day.
 *
 * A number that was known by handle alone is taken for the id that held the handle on the day, unless another id held it
 * within the same year. For graph/list.c.
 */
#ifndef SKEIN_GRAPH_LIST_JOIN_H
#define SKEIN_GRAPH_LIST_JOIN_H

#include "base/clock.h"
#include "graph/id_set.h"
#include "store/lists.h"

struct list_meant {
    uint32_t number;
    uint32_t account; /* the number itself, or that of an id */
    bool twofold;     /* two ids held the handle within the list's year: which of the two? */
};

struct list_joined {
    struct id_set set;        /* owned; of one source */
    struct list_meant *meant; /* owned; beside set.numbers */
    struct text day;          /* of the list; else of when it came */
    char day_text[CLOCK_DAY_MAX];
};

/* In the connection's transaction; list_joined_release in any case. */
int list_join(struct list_joined *joined, struct db *db, const struct follow_set_row *row, struct err *err);
void list_joined_release(struct list_joined *joined);

#endif

/* bridge/graph/list_join.c
 *
 * Handles and the ids that held them on a list's day.
 */
#include "graph/list_join.h"

#include <stdlib.h>
#include <string.h>

void list_joined_release(struct list_joined *joined)
{
    id_set_release(&joined->set);
    free(joined->meant);
}

static bool holds_on(const struct same_as_row *row, struct text from, struct text to)
{
    return text_compare(row->from_day, to) <= 0 && (text_empty(row->to_day) || text_compare(row->to_day, from) >= 0);
}

static bool holds_in_year(const struct same_as_row *row, struct text day)
{
    char first[] = "0000-01-01";
    char last[] = "0000-12-31";
    memcpy(first, day.data, 4);
    memcpy(last, day.data, 4);
    return holds_on(row, text_of(first), text_of(last));
}

static struct list_meant *find_meant(struct list_joined *joined, uint32_t number)
{
    size_t low = 0;
    size_t high = joined->set.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (joined->set.numbers[middle] < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < joined->set.n && joined->set.numbers[low] == number ? &joined->meant[low] : NULL;
}

/* Rows come by number: those of one account follow each other. An id counts where it held the handle on the very day and
 * no other held it within the year. */
struct held {
    uint32_t in_year; /* the id's number; 0: none yet */
    bool on_day;
};

struct join_walk {
    struct list_joined *joined;
    struct list_meant *meant; /* of the rows under way */
    struct held held;
};

static void settle_held(struct join_walk *walk)
{
    if (walk->meant && walk->held.on_day && !walk->meant->twofold)
        walk->meant->account = walk->held.in_year;
}

static int see_same_as(void *context, const struct same_as_row *row)
{
    struct join_walk *walk = context;
    struct text day = walk->joined->day;
    struct list_meant *meant = find_meant(walk->joined, row->number);
    if (meant != walk->meant) {
        settle_held(walk);
        walk->meant = meant;
        walk->held = (struct held){.in_year = 0};
    }
    if (!meant || !holds_in_year(row, day))
        return 0;
    if (walk->held.in_year != 0 && walk->held.in_year != row->id_number)
        meant->twofold = true;
    walk->held.in_year = row->id_number;
    walk->held.on_day |= holds_on(row, day, day);
    return 0;
}

/* A list without a day of its own counts as of when it came. */
static void set_day(struct list_joined *joined, const struct follow_set_row *row)
{
    uint32_t day;
    joined->day = row->day;
    if (clock_day_parse(row->day, &day))
        return;
    clock_day_print(clock_day(row->changed_ms), joined->day_text);
    joined->day = text_of(joined->day_text);
}

int list_join(struct list_joined *joined, struct db *db, const struct follow_set_row *row, struct err *err)
{
    *joined = (struct list_joined){.meant = NULL};
    id_set_init(&joined->set);
    set_day(joined, row);
    int rc = id_set_decode(&joined->set, row->ids, row->n, err);
    if (rc < 0) {
        err_prefix(err, "the list %.*s (%.*s) cannot be read: ", TEXT_ARG(row->kind), TEXT_ARG(row->source));
        return rc;
    }
    joined->meant = calloc(joined->set.n + 1, sizeof *joined->meant);
    if (!joined->meant)
        return err_set(err, E_NOMEM, "there is no memory to load a list");
    for (size_t i = 0; i < joined->set.n; i++)
        joined->meant[i] = (struct list_meant){.number = joined->set.numbers[i], .account = joined->set.numbers[i]};
    if (joined->day.len < 10)
        return 0; /* before 1970: nothing is known of who held what */
    struct join_walk walk = {.joined = joined};
    rc = same_as_walk(db, see_same_as, &walk, err);
    settle_held(&walk);
    return rc;
}

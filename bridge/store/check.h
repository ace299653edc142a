/* bridge/store/check.h
 *
 * Is everything that is stored sound? Looked at part by part, so that damage of one is no reason to pass over the rest.
 *
 *     the database      its own check (SQLite's integrity_check; on PostgreSQL every row is read)
 *     the keys          they are those that the rows were hashed with; every sealed row opens
 *     left-out.log      every line is understood, and what the last word of each wish says is what the rows say
 *     the graph's       numbers, lists and facts: graph/check.h
 *
 * Reads only, beside a running server too: all parts but the first see one state of the database. What is damaged is
 * told as a sentence that names where and says what to do; an error is returned only where looking itself failed.
 */
#ifndef SKEIN_STORE_CHECK_H
#define SKEIN_STORE_CHECK_H

#include "store/store.h"

/* Whom it is told. */
struct check_report {
    void (*damage)(void *context, const char *sentence);
    /* One kind of thing was looked at: how many there are, and how many of them are damaged. */
    void (*looked)(void *context, const char *what, uint64_t n, uint64_t damaged);
    void *context; /* borrowed */
};

struct checking {
    struct store *store;               /* borrowed; a reader's or an owner's */
    struct db *db;                     /* borrowed */
    const struct check_report *report; /* borrowed */
    uint64_t n;                        /* of the part under way: things looked at */
    uint64_t damaged;                  /* ... and damages told of it */
};

/* Outside a transaction: the database's own check. */
int check_database(struct checking *checking, struct err *err);

/* In a transaction: keys, sealed rows and left-out.log. */
int check_wishes(struct checking *checking, struct err *err);

/* In a transaction: tables that name numbers of X accounts; `last`: the largest that was given. */
int check_numbers(struct checking *checking, uint32_t last, struct err *err);

/* --- for whoever looks at a part -------------------------------------------------------------------------------------- */

void check_damage(struct checking *checking, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Runs one part under a savepoint, and tells what was looked at. Where it ends in an error that is damage (a row, a page,
 * a file that cannot be understood), that is told and not returned. */
int check_part(struct checking *checking, const char *what,
               int (*run)(struct checking *checking, void *context, struct err *err), void *context, struct err *err);

#endif

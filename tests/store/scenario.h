/* tests/store/scenario.h
 *
 * Every function of the store's tables, called in one order with the same rows, and what came of it as text.
 *
 * Rows of the scenario can be told from all others: ids of ours begin with 01TEST, numbers of X accounts with 4,000
 * millions, names with "did:test:"; whatever else a walk shows is passed over, so that the scenario also runs in a
 * database that is full. Each part is run in a transaction of the caller's.
 */
#ifndef SKEIN_TESTS_STORE_SCENARIO_H
#define SKEIN_TESTS_STORE_SCENARIO_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/id.h"
#include "store/db.h"

#define SCENARIO_NOW INT64_C(1764149400000)
#define SCENARIO_X   4000000000u /* numbers from here on */

struct scenario {
    struct db *db;      /* borrowed */
    struct arena arena; /* of rows that are read */
    struct buf out;
    struct err err;
};

void scenario_start(struct scenario *scenario, struct db *db);
void scenario_end(struct scenario *scenario);

/* In this order. */
void scenario_put(struct scenario *scenario);
void scenario_read(struct scenario *scenario);
void scenario_remove(struct scenario *scenario);

/* --- inside: the parts of it ---------------------------------------------------------------------------------------- */

struct id scenario_id(unsigned number);
bool scenario_is_ours(struct text text);

/* A line with the function's name and what it returned. */
void tell(struct scenario *scenario, const char *what, int rc);
#define TELL(function, ...) tell(scenario, #function, function(scenario->db, __VA_ARGS__, &scenario->err))

void tell_text(struct scenario *scenario, struct text text);
void tell_bytes(struct scenario *scenario, struct text bytes); /* in hexadecimal digits */
void tell_i64(struct scenario *scenario, int64_t number);
void tell_end(struct scenario *scenario);

void put_people(struct scenario *scenario);
void read_people(struct scenario *scenario);
void put_lists(struct scenario *scenario);
void read_lists(struct scenario *scenario);
void remove_lists(struct scenario *scenario);
void put_x_accounts(struct scenario *scenario);
void read_x_accounts(struct scenario *scenario);
void remove_x_accounts(struct scenario *scenario);
void put_pairs(struct scenario *scenario);
void read_pairs(struct scenario *scenario);
void remove_pairs(struct scenario *scenario);
void put_wishes(struct scenario *scenario);
void read_wishes(struct scenario *scenario);
void remove_wishes(struct scenario *scenario);
void put_batches(struct scenario *scenario);
void read_batches(struct scenario *scenario);
void remove_batches(struct scenario *scenario);

#endif

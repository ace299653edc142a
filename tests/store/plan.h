/* tests/store/plan.h
 *
 * How a database goes about a statement, and what of it is bad at a hundred thousand rows.
 *
 *     SQLite      EXPLAIN QUERY PLAN: each line "SCAN ..." reads a whole table or index
 *     PostgreSQL  EXPLAIN (ANALYZE, BUFFERS) of the plan for any values (plan_cache_mode = force_generic_plan, which is what
 *                 a prepared statement gets in the long run): each "Seq Scan", and the pages that it took
 */
#ifndef SKEIN_TESTS_STORE_PLAN_H
#define SKEIN_TESTS_STORE_PLAN_H

#include "base/buf.h"
#include "store/recorder.h"

struct plan {
    struct buf text; /* as the database says it */
    bool scans;      /* reads a whole table */
    int64_t buffers; /* pages of 8 KiB that it took; 0 on SQLite */
};

/* Explains, and on PostgreSQL runs, one statement with its values; what it writes is taken back. plan_release it. */
void plan_make(struct plan *plan, struct db *db, const struct recorded *run);
void plan_release(struct plan *plan);

#endif

/* tests/store/recorder.h
 *
 * A driver in front of a connection's driver, which notes what is run: each statement with the values of its first run,
 * and a line for every run.
 *
 * So a test learns which statements the store's functions use, and how, without knowing what they are made of.
 */
#ifndef SKEIN_TESTS_STORE_RECORDER_H
#define SKEIN_TESTS_STORE_RECORDER_H

#include "base/arena.h"
#include "base/buf.h"
#include "store/driver.h"

#define RECORDED_MAX 256

struct recorded {
    const struct statement *statement; /* borrowed, static */
    struct db_value values[DB_PARAMETERS_MAX];
    size_t n;
};

struct recorder {
    struct db_driver driver;        /* stands in the connection; first, so that it leads back here */
    const struct db_driver *behind; /* the connection's own */
    struct arena arena;             /* of the values */
    struct recorded runs[RECORDED_MAX];
    size_t n;
    struct buf lines; /* "pair_put: 1 written", "pair_get: 2 rows" */
    size_t rows;      /* of the query under way */
};

void recorder_start(struct recorder *recorder, struct db *db);
void recorder_end(struct recorder *recorder, struct db *db); /* closes the connection, which may have kept texts */

/* Of a connection that has one. */
struct recorder *recorder_of(const struct db *db);

/* A statement of a test's making, which lives as long as the recorder: connections keep what they prepared. */
const struct statement *recorder_keep(struct recorder *recorder, const char *name, const char *sql);

/* NULL: it was never run. */
const struct recorded *recorder_find(const struct recorder *recorder, const struct statement *statement);

#endif

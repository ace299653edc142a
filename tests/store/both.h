/* tests/store/both.h
 *
 * The two databases side by side: new, empty, with today's schema, each behind a recorder.
 *
 * Whatever fails here fails the test, with its sentence.
 */
#ifndef SKEIN_TESTS_STORE_BOTH_H
#define SKEIN_TESTS_STORE_BOTH_H

#include "lib/postgres_cluster.h"
#include "lib/scratch.h"
#include "store/recorder.h"

#define KINDS 2

struct both {
    struct scratch scratch;
    struct postgres_cluster *cluster; /* owned */
    struct db *dbs[KINDS];            /* owned; by enum db_kind; writers */
    struct recorder recorders[KINDS];
};

void both_make(struct both *both);
void both_remove(struct both *both);

const char *kind_name(enum db_kind kind);

#endif

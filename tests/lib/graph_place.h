/* tests/lib/graph_place.h
 *
 * A place for tests of what is stored: a scratch folder with keys and an SQLite file that has the schema.
 *
 * Whatever fails here fails the test, with its sentence.
 */
#ifndef SKEIN_TESTS_LIB_GRAPH_PLACE_H
#define SKEIN_TESTS_LIB_GRAPH_PLACE_H

#include "crypto/keys.h"
#include "lib/scratch.h"
#include "store/lists.h"

struct graph_place {
    struct scratch scratch;
    struct keys *keys; /* owned */
    struct db *db;     /* owned; the writer's connection */
    unsigned ids;      /* given by graph_place_id */
};

void graph_place_make(struct graph_place *place);
void graph_place_remove(struct graph_place *place);

/* Another connection to it; db_close it. */
struct db *graph_place_connect(const struct graph_place *place, enum db_access access);

/* An id that no other call gave, later ones sorting behind earlier ones. */
struct id graph_place_id(struct graph_place *place);

/* Seals `facts` (a blob) as what an import says, and stores it. In a transaction of the caller's. */
void graph_place_facts(struct graph_place *place, const struct id *import, const struct id *owner, const char *day,
                       uint32_t n, struct text facts);

#endif

/* tests/store/both.c
 *
 * Making the two databases.
 */
#include "store/both.h"

#include "lib/check.h"
#include "store/schema.h"

const char *kind_name(enum db_kind kind)
{
    return kind == DB_SQLITE ? "SQLite" : "PostgreSQL";
}

static void make_one(struct both *both, enum db_kind kind, const char *address)
{
    struct err err = {0};
    if (!address || db_open(text_of(address), DB_WRITER, &both->dbs[kind], &err) != 0)
        fail_msg("%s: %s", kind_name(kind), err.text);
    recorder_start(&both->recorders[kind], both->dbs[kind]);
    if (schema_update(both->dbs[kind], schema_texts(kind), &clock_system, &err) != 0)
        fail_msg("%s: %s", kind_name(kind), err.text);
}

void both_make(struct both *both)
{
    static const struct postgres_options plain = {0};
    struct err err = {0};
    *both = (struct both){.cluster = postgres_cluster_start(&plain, &err)};
    if (!both->cluster)
        fail_msg("%s", err.text);
    scratch_make(&both->scratch);
    make_one(both, DB_SQLITE, scratch_name(&both->scratch, "sqlite:", "skein.db"));
    make_one(both, DB_POSTGRES, postgres_cluster_database(both->cluster, &err));
}

void both_remove(struct both *both)
{
    for (int kind = 0; kind < KINDS; kind++)
        if (both->dbs[kind])
            recorder_end(&both->recorders[kind], both->dbs[kind]);
    postgres_cluster_end(both->cluster);
    scratch_remove(&both->scratch);
}

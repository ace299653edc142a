/* tests/lib/graph_place.c
 *
 * Scratch folders with keys and a database.
 */
#include "lib/graph_place.h"

#include "base/cleanup.h"
#include "base/limits.h"
#include "lib/check.h"
#include "store/schema.h"

static const struct schema_text *texts(const struct db *db)
{
    return schema_texts(db_kind(db));
}

void graph_place_make(struct graph_place *place)
{
    struct err err = {0};
    *place = (struct graph_place){.ids = 0};
    scratch_make(&place->scratch);
    if (keys_open(place->scratch.path, &random_system, &place->keys, &err) < 0)
        fail_msg("%s", err.text);
    place->db = graph_place_connect(place, DB_WRITER);
    if (schema_update(place->db, texts(place->db), &clock_system, &err) < 0)
        fail_msg("%s", err.text);
}

void graph_place_remove(struct graph_place *place)
{
    db_close(place->db);
    keys_free(place->keys);
    scratch_remove(&place->scratch);
}

struct db *graph_place_connect(const struct graph_place *place, enum db_access access)
{
    struct db *db = NULL;
    struct err err = {0};
    if (db_open(text_of(scratch_name(&place->scratch, "sqlite:", "skein.db")), access, &db, &err) < 0)
        fail_msg("%s", err.text);
    return db;
}

struct id graph_place_id(struct graph_place *place)
{
    char text[ID_LEN + 1];
    struct id id;
    snprintf(text, sizeof text, "01GRAPH%019u", ++place->ids);
    assert_true(id_parse(text_of(text), &id));
    return id;
}

void graph_place_facts(struct graph_place *place, const struct id *import, const struct id *owner, const char *day,
                       uint32_t n, struct text facts)
{
    CLEANUP(buf_release) struct buf box;
    struct err err = {0};
    buf_init(&box, 64 * MIB);
    assert_int_equal(keys_seal(place->keys, &random_system, facts, id_text(import), &box), 0);
    struct fact_set_row row = {.import = *import,
                               .owner = *owner,
                               .day = text_of(day),
                               .n = n,
                               .seal_key = keys_seal_number(place->keys),
                               .facts = buf_text(&box)};
    if (fact_set_put(place->db, &row, &err) < 0)
        fail_msg("%s", err.text);
}

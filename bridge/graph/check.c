/* bridge/graph/check.c
 *
 * Looks at every number, list and fact that is stored.
 *
 * Nothing is loaded: what is damaged would not load. The numbers come first, since all the rest names them.
 */
#include "graph/check.h"

#include "base/cleanup.h"
#include "base/limits.h"
#include "base/u64_map.h"
#include "graph/fact_blob.h"
#include "graph/id_set.h"
#include "store/lists.h"

#include <endian.h>
#include <string.h>

struct graph_checking {
    struct checking *checking; /* borrowed */
    struct u64_map ids;        /* X id -> number */
    uint64_t last;             /* the largest number so far */
    uint64_t twice;            /* X ids with a second number */
    struct buf facts;          /* one upload's, unsealed */
};

static void graph_checking_release(struct graph_checking *self)
{
    u64_map_release(&self->ids);
    buf_release(&self->facts);
}

/* --- numbers ---------------------------------------------------------------------------------------------------------- */

static int take_ids(struct graph_checking *self, uint32_t first, uint32_t n, struct text ids)
{
    for (uint32_t i = 0; i < n; i++) {
        uint64_t id;
        uint32_t number;
        memcpy(&id, ids.data + i * sizeof id, sizeof id);
        id = le64toh(id);
        if (id == 0)
            continue;
        if (u64_map_get(&self->ids, id, &number))
            self->twice++;
        else if (u64_map_put(&self->ids, id, first + i) < 0)
            return E_NOMEM;
    }
    return 0;
}

static int see_chunk(void *context, uint32_t first, uint32_t n, struct text ids)
{
    struct graph_checking *self = context;
    uint64_t expected = self->last + 1;
    uint64_t end = (uint64_t)first + n;
    bool whole = n > 0 && first > 0 && end <= UINT32_MAX && ids.len == (uint64_t)n * sizeof(uint64_t);
    self->checking->n += n;
    if (first > expected)
        check_damage(self->checking, "X accounts: the numbers %llu to %u are missing; restore the last backup",
                     (unsigned long long)expected, (unsigned)first - 1);
    if (first < expected)
        check_damage(self->checking, "X accounts: numbers from %u on were given twice; restore the last backup",
                     (unsigned)first);
    if (!whole)
        check_damage(self->checking,
                     "X accounts: the numbers from %u on should be %u ids of 8 bytes, and are %zu bytes; restore the "
                     "last backup",
                     (unsigned)first, (unsigned)n, ids.len);
    if (end - 1 > self->last)
        self->last = end - 1;
    return whole ? take_ids(self, first, n, ids) : 0;
}

static int check_chunks(struct checking *checking, void *context, struct err *err)
{
    struct graph_checking *self = context;
    int rc = x_chunk_walk(checking->db, 0, see_chunk, self, err);
    if (rc == E_NOMEM && err->code == 0)
        err_set(err, rc, "no memory for the ids of X accounts");
    if (self->twice > 0)
        check_damage(checking, "X accounts: %llu ids have two numbers; restore the last backup",
                     (unsigned long long)self->twice);
    return rc;
}

/* --- lists ------------------------------------------------------------------------------------------------------------ */

static int see_set(void *context, const struct follow_set_row *row)
{
    struct graph_checking *self = context;
    CLEANUP(id_set_release) struct id_set set;
    struct err cause = {0};
    id_set_init(&set);
    self->checking->n++;
    int rc = id_set_decode(&set, row->ids, row->n, &cause);
    if (rc == E_NOMEM)
        return rc;
    if (rc == 0 && set.n > 0 && set.numbers[set.n - 1] > self->last)
        rc = err_set(&cause, E_BAD_INPUT, "it names the number %u, and the last is %llu",
                     (unsigned)set.numbers[set.n - 1], (unsigned long long)self->last);
    if (rc < 0)
        check_damage(self->checking, "the list %.*s of %s from %.*s: %s; import it again, or restore the last backup",
                     TEXT_ARG(row->kind), row->owner.chars, TEXT_ARG(row->source), cause.text);
    return 0;
}

static int check_sets(struct checking *checking, void *context, struct err *err)
{
    int rc = follow_set_walk(checking->db, see_set, context, err);
    return rc == E_NOMEM && err->code == 0 ? err_set(err, rc, "no memory for a list") : rc;
}

/* --- facts ------------------------------------------------------------------------------------------------------------ */

static int read_facts(struct graph_checking *self, uint32_t n, struct err *err)
{
    struct fact_reader reader;
    struct fact fact;
    uint32_t read = 0;
    int rc = fact_reader_init(&reader, buf_text(&self->facts), err);
    while (rc == 0 && (rc = fact_reader_next(&reader, &fact, err)) == 1) {
        read++;
        rc = 0;
        if (fact.number > self->last)
            rc = err_set(err, E_BAD_INPUT, "they name the number %u, and the last is %llu", (unsigned)fact.number,
                         (unsigned long long)self->last);
    }
    if (rc == 0 && read != n)
        rc = err_set(err, E_BAD_INPUT, "they should be of %u accounts, and are of %u", (unsigned)n, (unsigned)read);
    return rc;
}

static int see_facts(void *context, const struct fact_set_row *row)
{
    struct graph_checking *self = context;
    struct err cause = {0};
    buf_clear(&self->facts);
    self->checking->n++;
    int rc = keys_unseal(store_keys(self->checking->store), row->facts, id_text(&row->import), &self->facts, &cause);
    if (rc == E_NOMEM)
        return rc;
    if (rc == 0 && keys_box_number(row->facts) != row->seal_key)
        rc = err_set(&cause, E_BAD_INPUT, "the row names another seal key than the one that sealed it");
    if (rc == 0)
        rc = read_facts(self, row->n, &cause);
    if (rc < 0)
        check_damage(self->checking, "the facts of the import %s: %s; restore the last backup", row->import.chars,
                     cause.text);
    return 0;
}

static int check_facts(struct checking *checking, void *context, struct err *err)
{
    int rc = fact_set_walk(checking->db, see_facts, context, err);
    return rc == E_NOMEM && err->code == 0 ? err_set(err, rc, "no memory for the facts of an upload") : rc;
}

int graph_check(struct checking *checking, struct err *err)
{
    CLEANUP(graph_checking_release) struct graph_checking self = {.checking = checking};
    buf_init(&self.facts, LIMIT_FACTS_ARENA);
    u64_map_init(&self.ids);
    int failed = check_part(checking, "X accounts", check_chunks, &self, err);
    if (!failed)
        failed = check_part(checking, "lists", check_sets, &self, err);
    if (!failed)
        failed = check_part(checking, "uploads with facts", check_facts, &self, err);
    return failed ? failed : check_numbers(checking, self.last > UINT32_MAX ? UINT32_MAX : (uint32_t)self.last, err);
}

/* bridge/imports/place.c
 *
 * Where the upload goes, on a reader lane: the community, the member, and what the owner brought before. Later, who of
 * others told the handles that the owner's uploads do not tell.
 */
#include "imports/inside.h"

#include "base/limits.h"

void import_release_there(struct import_run *run)
{
    left_out_set_release(&run->left_out);
    arena_release(&run->there);
    arena_init(&run->there, LIMIT_OPERATION_ARENA);
    for (size_t i = 0; i < run->n_lists; i++) {
        struct import_list *list = &run->lists[i];
        *list = (struct import_list){.list = list->list, .kind = list->kind, .source = list->source};
    }
}

/* --- community and member ------------------------------------------------------------------------------------------- */

static int find_community(struct import_run *run, struct db *db, struct err *err)
{
    int rc = community_by_slug(db, run->options.community, &run->there, &run->community, err);
    run->community_there = rc == 0;
    if (rc != E_NOT_FOUND)
        return rc;
    run->community = (struct community_row){.id = run->new_community_id,
                                            .slug = run->options.community,
                                            .name = run->options.community,
                                            .state = TEXT(COMMUNITY_OPEN),
                                            .created_ms = clock_wall(store_clock(run->options.store))};
    return 0;
}

static int find_member(struct import_run *run, struct db *db, struct err *err)
{
    int64_t now = clock_wall(store_clock(run->options.store));
    int rc = E_NOT_FOUND;
    if (run->community_there)
        rc = member_by_handle(db, &run->community.id, run->as, &run->there, &run->member, err);
    run->member_there = rc == 0;
    if (rc != E_NOT_FOUND)
        return rc;
    run->member = (struct member_row){.id = run->new_member_id,
                                      .x_handle = run->as,
                                      .origin = TEXT(MEMBER_FROM_TERMINAL),
                                      .created_ms = now,
                                      .seen_ms = now};
    return 0;
}

static int check_open(const struct import_run *run, struct err *err)
{
    if (!text_equal(run->community.state, TEXT(COMMUNITY_CLOSED)))
        return 0;
    return err_set(err, E_FORBIDDEN, "the community \"%.*s\" is closed and takes no lists; reopen it first",
                   TEXT_ARG(run->community.slug));
}

static int find_place(struct import_run *run, struct db *db, struct err *err)
{
    int rc = find_community(run, db, err);
    if (rc == 0)
        rc = check_open(run, err);
    if (rc == 0 && !import_is_roster(run))
        rc = find_member(run, db, err);
    if (rc < 0)
        return rc;
    run->owner = import_is_roster(run) ? run->community.id : run->member.id;
    rc = import_count(db, &run->owner, &run->imports, err);
    if (rc == 0)
        rc = fact_set_list(db, &run->owner, &run->there, &run->earlier, &run->n_earlier, err);
    return rc < 0 ? rc : left_out_set_load(&run->left_out, db, store_keys(run->options.store), err);
}

int import_place(struct op *op)
{
    struct import_run *run = import_of(op);
    import_release_there(run);
    int rc = find_place(run, op->lane, &op->err);
    return rc < 0 ? rc : OP_NEXT;
}

/* --- what others told ----------------------------------------------------------------------------------------------- */

static int ask_one(struct db *db, uint32_t number, unsigned char *told, struct err *err)
{
    CLEANUP(arena_release) struct arena arena;
    struct x_public_row row;
    arena_init(&arena, MIB);
    int rc = x_public_get(db, number, &arena, &row, err);
    if (rc == 0 && !text_empty(row.handle))
        *told = HANDLE_BY_OTHERS;
    return rc == E_NOT_FOUND ? 0 : rc;
}

int import_ask_public(struct op *op)
{
    struct import_run *run = import_of(op);
    for (size_t i = 0; i < run->n_lists; i++) {
        struct import_list *list = &run->lists[i];
        for (size_t j = 0; j < list->n_unknown; j++) {
            int rc =
                list->told[j] == HANDLE_NOT_TOLD ? ask_one(op->lane, list->unknown[j], &list->told[j], &op->err) : 0;
            if (rc < 0)
                return rc;
        }
    }
    int rc = import_is_roster(run) ? import_ask_roster(run, op->lane, &op->err) : 0;
    return rc < 0 ? rc : OP_NEXT;
}

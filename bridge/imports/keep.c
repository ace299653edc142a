/* bridge/imports/keep.c
 *
 * Everything that an import writes, in one step of the writer: all of it, or nothing.
 *
 * The owner's lists are read here once more, so that a list is always made of what is there now. What was compared before
 * (facts, who tells the handles) counts only while no other import of this owner came between; else it is compared again.
 */
#include "imports/inside.h"

#include "base/limits.h"
#include "graph/id_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- is all as it was? ---------------------------------------------------------------------------------------------- */

/* 1: as it was when it was read; 0: somebody was quicker. */
static int community_as_read(const struct import_run *run, struct db *db, struct arena *arena, struct err *err)
{
    struct community_row now;
    int rc = community_by_slug(db, run->options.community, arena, &now, err);
    if (rc == E_NOT_FOUND)
        return !run->community_there;
    if (rc < 0)
        return rc;
    return run->community_there && text_equal(id_text(&now.id), id_text(&run->community.id)) &&
           text_equal(now.state, run->community.state);
}

static int member_as_read(const struct import_run *run, struct db *db, struct arena *arena, struct err *err)
{
    struct member_row now;
    int rc = member_by_handle(db, &run->community.id, run->as, arena, &now, err);
    if (rc == E_NOT_FOUND)
        return !run->member_there;
    if (rc < 0)
        return rc;
    return run->member_there && text_equal(id_text(&now.id), id_text(&run->member.id)) &&
           now.x_number == run->member.x_number;
}

static int as_read(const struct import_run *run, struct db *db, struct err *err)
{
    CLEANUP(arena_release) struct arena arena;
    int64_t imports = 0;
    arena_init(&arena, MIB);
    int rc = community_as_read(run, db, &arena, err);
    if (rc == 1 && !import_is_roster(run))
        rc = member_as_read(run, db, &arena, err);
    if (rc != 1)
        return rc;
    rc = import_count(db, &run->owner, &imports, err);
    return rc < 0 ? rc : imports == run->imports;
}

/* --- who ------------------------------------------------------------------------------------------------------------ */

static int keep_member(struct import_run *run, struct db *db, struct err *err)
{
    struct member_row member = run->member;
    if (run->owner_place != SIZE_MAX && member.x_number == 0)
        member.x_number = run->numbers[run->owner_place];
    if (run->member_there && member.x_number == run->member.x_number)
        return 0;
    int rc = member_put(db, &member, err);
    if (rc == 0 && !run->member_there)
        rc = membership_put(db, &run->community.id, &member.id, "member", member.created_ms, err);
    return rc;
}

static int keep_people(struct import_run *run, struct db *db, struct err *err)
{
    int rc = run->community_there ? 0 : community_put(db, &run->community, err);
    if (rc == 0)
        rc = numbers_give(run->options.numbers, db, run->accounts, run->n_accounts, run->numbers, err);
    return rc < 0 || import_is_roster(run) ? rc : keep_member(run, db, err);
}

/* --- one list ------------------------------------------------------------------------------------------------------- */

/* A list as the store has it, and as it becomes. */
struct keeping {
    struct arena arena; /* owned; rows of the store */
    const struct follow_set_row *row;
    struct id_set there;  /* of the same source */
    struct id_set others; /* of the other sources together */
    struct id_set given;
    struct id_set after; /* of this source */
};

static void keeping_release(struct keeping *keeping)
{
    arena_release(&keeping->arena);
    id_set_release(&keeping->there);
    id_set_release(&keeping->others);
    id_set_release(&keeping->given);
    id_set_release(&keeping->after);
}

static int no_memory_for(const struct import_list *list, struct err *err)
{
    return err_set(err, E_NOMEM, "there is no memory for a list of %zu accounts", list->list->n);
}

static int unite_into(struct id_set *set, const struct id_set *with)
{
    size_t fresh;
    return id_set_unite(set, with, &fresh);
}

static int load_source(struct keeping *keeping, const struct import_list *list, const struct follow_set_row *row,
                       struct err *err)
{
    CLEANUP(id_set_release) struct id_set set;
    bool own = text_equal(row->source, text_of(list_source_word(list->source)));
    id_set_init(&set);
    if (own) {
        keeping->row = row;
        return id_set_decode(&keeping->there, row->ids, row->n, err);
    }
    int rc = id_set_decode(&set, row->ids, row->n, err);
    if (rc == 0 && unite_into(&keeping->others, &set) < 0)
        return no_memory_for(list, err);
    return rc;
}

static int load_list(struct import_run *run, struct db *db, struct keeping *keeping, const struct import_list *list,
                     struct err *err)
{
    struct follow_set_row *rows;
    size_t n;
    int rc = follow_set_list(db, &run->owner, text_of(list_kind_word(list->kind)), &keeping->arena, &rows, &n, err);
    for (size_t i = 0; i < n && rc == 0; i++)
        rc = load_source(keeping, list, &rows[i], err);
    for (size_t i = 0; i < list->list->n && rc == 0; i++)
        if (list->places[i] != PLACE_NONE && id_set_add(&keeping->given, run->numbers[list->places[i]]) < 0)
            return no_memory_for(list, err);
    if (rc == 0 && id_set_sort(&keeping->given) < 0)
        return no_memory_for(list, err);
    return rc;
}

static bool is_whole(enum list_source source)
{
    return source == LIST_FROM_ARCHIVE || source == LIST_FROM_API;
}

static bool sets_equal(const struct id_set *a, const struct id_set *b)
{
    return a->n == b->n && id_set_common(a, b) == a->n;
}

/* What becomes of a whole list: 1: it replaces what is there; 0: it does not, and the note says why. */
static bool replaces(struct import_list *list, const struct keeping *keeping)
{
    struct text day = text_of(list->list->day);
    if (!keeping->row)
        return true;
    struct text there = keeping->row->day;
    if (!text_empty(day) && !text_empty(there) && text_compare(day, there) < 0) {
        list->older = true;
        snprintf(list->note, sizeof list->note,
                 "A newer list, of %.*s, is there and stays; this one changed nothing in it.", TEXT_ARG(there));
        return false;
    }
    if (!sets_equal(&keeping->given, &keeping->there))
        return true;
    snprintf(list->note, sizeof list->note, "The same list is there already; nothing changed.");
    return false;
}

/* The set of this source as it becomes; *ret_changed: it is another than there. */
static int make_after(struct keeping *keeping, struct import_list *list, bool *ret_changed)
{
    if (is_whole(list->source)) {
        *ret_changed = replaces(list, keeping);
        return unite_into(&keeping->after, *ret_changed ? &keeping->given : &keeping->there);
    }
    size_t fresh;
    int rc = unite_into(&keeping->after, &keeping->there);
    if (rc == 0)
        rc = id_set_unite(&keeping->after, &keeping->given, &fresh);
    *ret_changed = rc == 0 && (fresh > 0 || !keeping->row);
    return rc;
}

/* Against the list as it is used: all its sources together. Who is hidden counts as if they were in the set, so that
 * nobody learns by an upload who wished to be left out. */
static int count_list(struct import_list *list, const struct keeping *keeping)
{
    CLEANUP(id_set_release) struct id_set before;
    CLEANUP(id_set_release) struct id_set after;
    id_set_init(&before);
    id_set_init(&after);
    int rc = unite_into(&before, &keeping->there);
    if (rc == 0)
        rc = unite_into(&before, &keeping->others);
    if (rc == 0)
        rc = unite_into(&after, &keeping->after);
    if (rc == 0)
        rc = unite_into(&after, &keeping->others);
    if (rc < 0)
        return rc;
    size_t stay = id_set_common(&before, &after);
    list->added = after.n - stay + (keeping->row ? 0 : list->hidden);
    list->dropped = before.n - stay;
    list->unchanged = id_set_common(&keeping->given, &before) + (keeping->row ? list->hidden : 0);
    return 0;
}

/* A day newer than the row's, or the row's: united lists are of the newest day of them. */
static struct text newer_day(const struct keeping *keeping, const struct import_list *list)
{
    struct text day = text_of(list->list->day);
    if (is_whole(list->source) || !keeping->row || text_compare(day, keeping->row->day) > 0)
        return day;
    return keeping->row->day;
}

static int put_list(struct import_run *run, struct db *db, const struct import_list *list,
                    const struct keeping *keeping, struct err *err)
{
    CLEANUP(buf_release) struct buf ids;
    buf_init(&ids, LIMIT_LIST_ARENA);
    if (id_set_encode(&keeping->after, &ids) < 0)
        return no_memory_for(list, err);
    struct follow_set_row row = {.owner = run->owner,
                                 .kind = text_of(list_kind_word(list->kind)),
                                 .source = text_of(list_source_word(list->source)),
                                 .day = newer_day(keeping, list),
                                 .n = (uint32_t)keeping->after.n,
                                 .ids = buf_text(&ids),
                                 .import = run->id,
                                 .changed_ms = clock_wall(store_clock(run->options.store))};
    return follow_set_put(db, &row, err);
}

/* The roster says nothing any more of those who are gone from it. */
static int forget_dropped(struct import_run *run, struct db *db, const struct keeping *keeping, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; i < keeping->there.n && rc == 0; i++) {
        uint32_t number = keeping->there.numbers[i];
        if (!id_set_has(&keeping->after, number) && !id_set_has(&keeping->others, number))
            rc = op_cancelled(&run->op) ? E_CANCELLED : import_forget_public(run, db, number, err);
    }
    return rc;
}

static int keep_list(struct import_run *run, struct db *db, struct import_list *list, struct err *err)
{
    CLEANUP(keeping_release) struct keeping keeping = {.row = NULL};
    bool changed = false;
    arena_init(&keeping.arena, LIMIT_OPERATION_ARENA);
    int rc = load_list(run, db, &keeping, list, err);
    if (rc < 0)
        return rc;
    if (make_after(&keeping, list, &changed) < 0 || count_list(list, &keeping) < 0)
        return no_memory_for(list, err);
    rc = changed ? put_list(run, db, list, &keeping, err) : 0;
    return rc == 0 && list->kind == LIST_ROSTER && list->dropped > 0 ? forget_dropped(run, db, &keeping, err) : rc;
}

static int keep_lists(struct import_run *run, struct db *db, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; i < run->n_lists && rc == 0; i++) {
        struct import_list *list = &run->lists[i];
        list->added = list->dropped = list->unchanged = 0;
        list->older = false;
        list->note[0] = '\0';
        if (list_kind_sealed(list->kind))
            rc = import_keep_sealed(run, db, list, err);
        else if (list->kind != LIST_FACTS)
            rc = keep_list(run, db, list, err);
    }
    return rc;
}

/* --- facts ---------------------------------------------------------------------------------------------------------- */

static int write_facts(struct import_run *run, struct buf *blob, size_t *ret_n)
{
    size_t n = 0;
    CLEANUP_FREE struct fact *facts = calloc(run->n_facts + 1, sizeof *facts);
    if (!facts)
        return E_NOMEM;
    for (size_t i = 0; i < run->n_facts; i++) {
        const struct import_fact *fact = &run->facts[i];
        if (!fact->left_out)
            facts[n++] = (struct fact){.number = run->numbers[fact->place], .day = fact->day, .account = fact->account};
    }
    return fact_blob_write(facts, n, blob, ret_n);
}

static int keep_facts(struct import_run *run, struct db *db, struct err *err)
{
    CLEANUP(buf_release) struct buf blob;
    CLEANUP(buf_release) struct buf box;
    char day[CLOCK_DAY_MAX];
    size_t n = 0;
    const struct store *store = run->options.store;
    buf_init(&blob, LIMIT_OPERATION_ARENA);
    buf_init(&box, LIMIT_OPERATION_ARENA + SEAL_OVERHEAD);
    if (!run->facts_are_new)
        return 0;
    int rc = write_facts(run, &blob, &n);
    if (rc == 0)
        rc = keys_seal(store_keys(store), store_random(store), buf_text(&blob), id_text(&run->id), &box);
    if (rc < 0)
        return err_set(err, rc, "there is no memory for what the upload says of %zu accounts", run->n_facts);
    clock_day_print(run->upload_day, day);
    struct fact_set_row row = {.import = run->id,
                               .owner = run->owner,
                               .day = text_of(day),
                               .n = (uint32_t)n,
                               .seal_key = keys_seal_number(store_keys(store)),
                               .facts = buf_text(&box)};
    return fact_set_put(db, &row, err);
}

/* --- the step ------------------------------------------------------------------------------------------------------- */

static int keep_row(struct import_run *run, struct db *db, struct err *err)
{
    CLEANUP(buf_release) struct buf report;
    int64_t now = clock_wall(store_clock(run->options.store));
    buf_init(&report, LIMIT_CONTROL_EVENTS);
    int rc = import_report_make(run, err);
    if (rc < 0)
        return rc;
    if (import_report_print(&run->report, &report) < 0)
        return import_no_memory(err);
    struct import_row row = {.id = run->id,
                             .owner = run->owner,
                             .community = run->community.id,
                             .state = TEXT(IMPORT_DONE),
                             .created_ms = run->created_ms,
                             .done_ms = now,
                             .report = buf_text(&report)};
    return import_put(db, &row, err);
}

/* Last, because their lines of left-out.log stay where a later statement fails. */
static int keep_shields(struct import_run *run, struct db *db, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; i < run->n_lists && rc == 0; i++)
        if (run->lists[i].kind == LIST_BLOCKS)
            rc = import_keep_shields(run, db, &run->lists[i], err);
    return rc;
}

static int keep(struct import_run *run, struct db *db, struct err *err)
{
    int rc = keep_people(run, db, err);
    if (rc == 0)
        rc = keep_lists(run, db, err);
    if (rc == 0)
        rc = keep_facts(run, db, err);
    if (rc == 0)
        rc = import_keep_public(run, db, err);
    if (rc == 0)
        rc = keep_row(run, db, err);
    return rc < 0 ? rc : keep_shields(run, db, err);
}

int import_keep(struct op *op)
{
    struct import_run *run = import_of(op);
    int rc = as_read(run, op->lane, &op->err);
    if (rc == 0)
        return op_go_to(op, import_place);
    if (rc == 1)
        rc = keep(run, op->lane, &op->err);
    return rc < 0 ? rc : OP_DONE;
}

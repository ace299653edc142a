/* bridge/imports/public.c
 *
 * What a group's list tells everybody (promise 5): who is on the roster may be known to others by what its uploads say of
 * them, as long as they are on it.
 */
#include "imports/inside.h"

#include "base/limits.h"
#include "graph/id_set.h"

/* --- what is there -------------------------------------------------------------------------------------------------- */

static bool covers(struct text there, struct text fresh)
{
    return text_empty(fresh) || text_equal(there, fresh);
}

/* Does the row there say all of it already? */
static bool says_all(const struct x_public_row *row, const struct x_account *account)
{
    return covers(row->handle, account->handle) && covers(row->name, account->name) && covers(row->bio, account->bio) &&
           covers(row->website, account->website) && covers(row->location, account->location) &&
           (account->is_verified == KNOWN_NOT || row->verified == (int)account->is_verified) &&
           (account->is_protected == KNOWN_NOT || row->is_protected == (int)account->is_protected);
}

static int ask_fact(struct db *db, struct import_fact *fact, struct err *err)
{
    CLEANUP(arena_release) struct arena arena;
    struct x_public_row row;
    arena_init(&arena, MIB);
    int rc = x_public_get(db, fact->known, &arena, &row, err);
    if (rc == E_NOT_FOUND)
        return 0;
    if (rc == 0)
        fact->there = says_all(&row, &fact->account) ? PUBLIC_ALL_OF_IT : PUBLIC_OTHER;
    return rc;
}

int import_ask_roster(struct import_run *run, struct db *db, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; i < run->n_facts && rc == 0; i++)
        if (run->facts[i].known != 0 && !text_empty(run->facts[i].account.handle))
            rc = op_cancelled(&run->op) ? E_CANCELLED : ask_fact(db, &run->facts[i], err);
    return rc;
}

/* --- written -------------------------------------------------------------------------------------------------------- */

static int load_roster(struct import_run *run, struct db *db, struct id_set *roster, struct err *err)
{
    CLEANUP(arena_release) struct arena arena;
    struct follow_set_row *rows;
    size_t n;
    arena_init(&arena, LIMIT_OPERATION_ARENA);
    int rc = follow_set_list(db, &run->owner, text_of(list_kind_word(LIST_ROSTER)), &arena, &rows, &n, err);
    for (size_t i = 0; i < n && rc == 0; i++) {
        CLEANUP(id_set_release) struct id_set set;
        size_t fresh;
        id_set_init(&set);
        rc = id_set_decode(&set, rows[i].ids, rows[i].n, err);
        if (rc == 0 && id_set_unite(roster, &set, &fresh) < 0)
            return err_set(err, E_NOMEM, "there is no memory for the group's list");
    }
    return rc;
}

static int put_fact(struct import_run *run, struct db *db, const struct import_fact *fact, struct err *err)
{
    const struct x_account *account = &fact->account;
    struct x_public_row row = {.number = run->numbers[fact->place],
                               .handle = account->handle,
                               .name = account->name,
                               .bio = account->bio,
                               .website = account->website,
                               .location = account->location,
                               .verified = (int)account->is_verified,
                               .is_protected = (int)account->is_protected,
                               .since_ms = clock_wall(store_clock(run->options.store)),
                               .why = TEXT(X_PUBLIC_ROSTER),
                               .import = run->id};
    return x_public_put(db, &row, err);
}

static bool any_older(const struct import_run *run)
{
    for (size_t i = 0; i < run->n_lists; i++)
        if (run->lists[i].older)
            return true;
    return false;
}

/* Is it to be told? An old post, or a list older than the one there, tells a handle that nobody told, and never another
 * one. */
static bool is_to_tell(const struct import_fact *fact, bool older)
{
    if (fact->left_out || text_empty(fact->account.handle) || fact->there == PUBLIC_ALL_OF_IT)
        return false;
    return fact->there == PUBLIC_NOTHING || (!older && fact->day == 0);
}

/* A large roster takes PostgreSQL many seconds, a row each: whoever stops is not kept waiting. */
int import_keep_public(struct import_run *run, struct db *db, struct err *err)
{
    CLEANUP(id_set_release) struct id_set roster;
    id_set_init(&roster);
    bool older = any_older(run);
    int rc = import_is_roster(run) ? load_roster(run, db, &roster, err) : 0;
    for (size_t i = 0; i < run->n_facts && rc == 0 && roster.n > 0; i++) {
        const struct import_fact *fact = &run->facts[i];
        if (is_to_tell(fact, older) && id_set_has(&roster, run->numbers[fact->place]))
            rc = op_cancelled(&run->op) ? E_CANCELLED : put_fact(run, db, fact, err);
    }
    return rc;
}

/* --- who is on it no more ------------------------------------------------------------------------------------------- */

/* 1: an upload of this owner said so; 0: somebody else's did, or several. */
static int is_own_word(const struct import_run *run, struct db *db, const struct x_public_row *row, struct arena *arena,
                       struct err *err)
{
    struct import_row import;
    if (!text_equal(row->why, TEXT(X_PUBLIC_ROSTER)))
        return 0;
    int rc = import_get(db, &row->import, arena, &import, err);
    if (rc < 0)
        return rc == E_NOT_FOUND ? 0 : rc;
    return text_equal(id_text(&import.owner), id_text(&run->owner));
}

int import_forget_public(struct import_run *run, struct db *db, uint32_t number, struct err *err)
{
    CLEANUP(arena_release) struct arena arena;
    struct x_public_row row;
    arena_init(&arena, LIMIT_CONTROL_EVENTS + MIB); /* a report is in the import's row */
    int rc = x_public_get(db, number, &arena, &row, err);
    if (rc == 0)
        rc = is_own_word(run, db, &row, &arena, err);
    if (rc == 1)
        return x_public_delete(db, number, err);
    return rc == E_NOT_FOUND ? 0 : rc;
}

/* bridge/imports/compare.c
 *
 * What the upload says, beside what the owner's earlier uploads say, on a worker.
 *
 * A fact is said already where an earlier upload says it of the same day, or where the newest that is known of the account
 * is the same. If all are, none is stored again: so the same upload twice changes nothing.
 *
 * Who wished to be left out is in the list of those who follow them, as a number, and nowhere else: nothing of what an
 * upload says of them is kept. Known by a handle alone, they have no number either, because nothing but a fact could tell
 * later whose it is.
 */
#include "imports/inside.h"

#include "base/limits.h"
#include "graph/by_number.h"
#include "graph/id_set.h"

#include <stdlib.h>
#include <string.h>

/* --- whose archive it is -------------------------------------------------------------------------------------------- */

static int another_account(const struct import_run *run, struct err *err)
{
    const char *handle = run->result.owner_handle;
    char id[48] = "another account";
    if (handle[0] == '\0')
        snprintf(id, sizeof id, "the account %llu", (unsigned long long)run->result.owner_id);
    return err_set(err, E_FORBIDDEN,
                   "this is the archive of %s%s, and the list would be that of @%.*s: give it as the list of its own "
                   "account, or give the right archive",
                   handle[0] ? "@" : "", handle[0] ? handle : id, TEXT_ARG(run->as));
}

/* By the id where the member's is known, since handles change; else by the handle. */
static int check_owner(const struct import_run *run, struct err *err)
{
    const struct archive_result *result = &run->result;
    if (import_is_roster(run))
        return 0;
    uint64_t own = numbers_id(run->options.numbers, run->member.x_number);
    if (own != 0 && result->owner_id != 0)
        return own == result->owner_id ? 0 : another_account(run, err);
    if (result->owner_handle[0] == '\0' || text_equal_fold(text_of(result->owner_handle), run->as))
        return 0;
    return another_account(run, err);
}

/* --- everybody who is named ----------------------------------------------------------------------------------------- */

static bool says_something(const struct x_account *account)
{
    return !text_empty(account->handle) || !text_empty(account->name) || !text_empty(account->bio) ||
           !text_empty(account->website) || !text_empty(account->location) || account->is_protected != KNOWN_NOT ||
           account->is_verified != KNOWN_NOT;
}

static uint32_t add_account(struct import_run *run, const struct x_account *account)
{
    run->accounts[run->n_accounts] = *account;
    return (uint32_t)run->n_accounts++;
}

static void add_fact(struct import_run *run, const struct x_account *account, uint32_t day, uint32_t place,
                     bool left_out)
{
    run->facts[run->n_facts++] =
        (struct import_fact){.account = *account, .day = day, .place = place, .left_out = left_out};
}

/* Does the account's row in a list say what no fact of the files does? Each handle that stands alone once. */
static bool row_is_fact(const struct import_run *run, struct u64_map *handles, const struct x_account *account)
{
    uint64_t hash = x_handle_hash(account->handle);
    uint32_t seen;
    if (!says_something(account))
        return false;
    if (account->id != 0)
        return !fact_set_get(&run->result.facts, account->id) && !u64_map_get(handles, account->id, &seen);
    return !u64_map_get(handles, hash, &seen);
}

static int gather_list(struct import_run *run, struct import_list *list, struct u64_map seen[2])
{
    list->places = ARENA_ARRAY(&run->there, uint32_t, list->list->n);
    if (!list->places)
        return E_NOMEM;
    for (size_t i = 0; i < list->list->n; i++) {
        const struct x_account *account = &list->list->accounts[i];
        bool by_handle = account->id == 0;
        bool left_out = left_out_set_has_x(&run->left_out, account);
        list->places[i] = left_out && by_handle ? PLACE_NONE : add_account(run, account);
        list->hidden += list->places[i] == PLACE_NONE;
        if (!row_is_fact(run, &seen[by_handle], account))
            continue;
        add_fact(run, account, 0, list->places[i], left_out);
        int rc = u64_map_put(&seen[by_handle], by_handle ? x_handle_hash(account->handle) : account->id, 0);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* A fact that only a post tells is of the post's day. */
static void gather_facts(struct import_run *run)
{
    const struct fact_set *set = &run->result.facts;
    for (size_t i = 0; i < set->n; i++) {
        const struct x_fact *fact = &set->facts[i];
        bool left_out = left_out_set_has_x(&run->left_out, &fact->account);
        uint32_t day = fact->by_post && !fact->by_file ? clock_day(fact->said_ms) : 0;
        add_fact(run, &fact->account, day, left_out ? PLACE_NONE : add_account(run, &fact->account), left_out);
    }
}

static bool is_sealed_only(const struct import_run *run)
{
    for (size_t i = 0; i < run->n_lists; i++)
        if (!list_kind_sealed(run->lists[i].kind))
            return false;
    return true;
}

static size_t rows_of_lists(const struct import_run *run)
{
    size_t n = 0;
    for (size_t i = 0; i < run->n_lists; i++)
        n += list_kind_sealed(run->lists[i].kind) ? 0 : run->lists[i].list->n;
    return n;
}

static int gather_all(struct import_run *run, struct u64_map seen[2])
{
    size_t most = rows_of_lists(run) + run->result.facts.n + 1;
    run->n_accounts = run->n_facts = 0;
    run->owner_place = SIZE_MAX;
    run->accounts = ARENA_ARRAY(&run->there, struct x_account, most);
    run->facts = ARENA_ARRAY(&run->there, struct import_fact, most);
    run->numbers = ARENA_ARRAY(&run->there, uint32_t, most);
    if (!run->accounts || !run->facts || !run->numbers)
        return E_NOMEM;
    for (size_t i = 0; i < run->n_lists; i++) {
        int rc = list_kind_sealed(run->lists[i].kind) ? 0 : gather_list(run, &run->lists[i], seen);
        if (rc < 0)
            return rc;
    }
    if (!is_sealed_only(run)) /* what is told beside a list of blocks might tell who is on it */
        gather_facts(run);
    if (!import_is_roster(run) && run->result.owner_id != 0 &&
        text_equal_fold(text_of(run->result.owner_handle), run->as))
        run->owner_place = add_account(run, &(struct x_account){.id = run->result.owner_id});
    return 0;
}

int import_gather(struct import_run *run, struct err *err)
{
    struct u64_map seen[2]; /* by id, by handle: facts that rows of lists gave */
    u64_map_init(&seen[0]);
    u64_map_init(&seen[1]);
    int rc = gather_all(run, seen);
    u64_map_release(&seen[0]);
    u64_map_release(&seen[1]);
    return rc < 0 ? import_no_memory(err) : 0;
}

/* --- what has a number already -------------------------------------------------------------------------------------- */

static uint32_t number_of(const struct import_run *run, const struct x_account *account)
{
    uint32_t number = 0;
    bool found = account->id != 0 ? numbers_of_id(run->options.numbers, account->id, &number)
                                  : numbers_of_handle(run->options.numbers, account->handle, &number);
    return found ? number : 0;
}

/* Numbers of a list's accounts whose handle the upload does not tell: ascending, in `there`. */
static int find_unknown(struct import_run *run, struct import_list *list)
{
    CLEANUP(id_set_release) struct id_set unknown;
    int rc = 0;
    id_set_init(&unknown);
    for (size_t i = 0; i < list->list->n && rc == 0; i++) {
        const struct x_account *account = &list->list->accounts[i];
        uint32_t number = text_empty(account->handle) ? number_of(run, account) : 0;
        rc = number != 0 ? id_set_add(&unknown, number) : 0;
    }
    if (rc == 0)
        rc = id_set_sort(&unknown);
    if (rc < 0 || unknown.n == 0)
        return rc;
    list->unknown = ARENA_ARRAY(&run->there, uint32_t, unknown.n);
    list->told = ARENA_ARRAY(&run->there, unsigned char, unknown.n);
    if (!list->unknown || !list->told)
        return E_NOMEM;
    memcpy(list->unknown, unknown.numbers, unknown.n * sizeof *unknown.numbers);
    list->n_unknown = unknown.n;
    return 0;
}

/* --- beside earlier uploads ----------------------------------------------------------------------------------------- */

struct comparing {
    struct import_run *run; /* borrowed */
    uint32_t *numbers;      /* owned; of facts whose account has one, ascending */
    uint32_t *places;       /* owned; of those facts */
    size_t n;
    struct buf blob; /* owned; one upload's facts, unsealed */
};

static void comparing_release(struct comparing *comparing)
{
    free(comparing->numbers);
    free(comparing->places);
    buf_release(&comparing->blob);
}

static int comparing_init(struct comparing *comparing, struct import_run *run)
{
    size_t n = 0;
    CLEANUP_FREE struct by_number *order = calloc(run->n_facts + 1, 2 * sizeof *order);
    *comparing = (struct comparing){.run = run,
                                    .numbers = calloc(run->n_facts + 1, sizeof *comparing->numbers),
                                    .places = calloc(run->n_facts + 1, sizeof *comparing->places)};
    buf_init(&comparing->blob, LIMIT_OPERATION_ARENA);
    if (!order || !comparing->numbers || !comparing->places)
        return E_NOMEM;
    for (size_t i = 0; i < run->n_facts; i++) {
        uint32_t number = run->facts[i].left_out ? 0 : number_of(run, &run->facts[i].account);
        run->facts[i].known = number;
        if (number != 0)
            order[n++] = (struct by_number){.number = number, .what = (uint32_t)i};
    }
    by_number_sort(order, order + n, n);
    for (; comparing->n < n; comparing->n++) {
        comparing->numbers[comparing->n] = order[comparing->n].number;
        comparing->places[comparing->n] = order[comparing->n].what;
    }
    return 0;
}

/* Where a number stands among ascending ones. */
static bool find_number(const uint32_t *numbers, size_t n, uint32_t number, size_t *ret_at)
{
    size_t low = 0;
    size_t high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (numbers[middle] < number)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_at = low;
    return low < n && numbers[low] == number;
}

static bool same_words(const struct x_account *a, const struct x_account *b)
{
    return text_equal(a->handle, b->handle) && text_equal(a->name, b->name) && text_equal(a->bio, b->bio) &&
           text_equal(a->website, b->website) && text_equal(a->location, b->location) &&
           a->is_protected == b->is_protected && a->is_verified == b->is_verified;
}

static void tell_handle(struct import_list *list, uint32_t number)
{
    size_t at;
    if (find_number(list->unknown, list->n_unknown, number, &at))
        list->told[at] = HANDLE_BY_OWN;
}

static void compare_fact(struct comparing *comparing, const struct fact *earlier, uint32_t earlier_day)
{
    struct import_run *run = comparing->run;
    uint32_t day = earlier->day ? earlier->day : earlier_day;
    size_t at;
    for (size_t i = 0; i < run->n_lists && !text_empty(earlier->account.handle); i++)
        tell_handle(&run->lists[i], earlier->number);
    if (!find_number(comparing->numbers, comparing->n, earlier->number, &at))
        return;
    struct import_fact *fact = &run->facts[comparing->places[at]];
    bool same = same_words(&fact->account, &earlier->account);
    fact->said = fact->said || (same && day == (fact->day ? fact->day : run->upload_day));
    if (day >= fact->newest_day) {
        fact->newest_day = day;
        fact->newest_same = same;
    }
}

static int compare_set(struct comparing *comparing, const struct fact_set_row *set, struct err *err)
{
    struct fact_reader reader;
    struct fact fact;
    uint32_t day = 0;
    (void)clock_day_parse(set->day, &day);
    buf_clear(&comparing->blob);
    int rc = keys_unseal(store_keys(comparing->run->options.store), set->facts, id_text(&set->import), &comparing->blob,
                         err);
    if (rc == 0)
        rc = fact_reader_init(&reader, buf_text(&comparing->blob), err);
    while (rc == 0 && (rc = fact_reader_next(&reader, &fact, err)) == 1) {
        compare_fact(comparing, &fact, day);
        rc = 0;
        if (op_cancelled(&comparing->run->op))
            return E_CANCELLED;
    }
    if (rc < 0)
        err_prefix(err, "what the import %s says cannot be read: ", set->import.chars);
    return rc;
}

static bool any_is_new(const struct import_run *run)
{
    for (size_t i = 0; i < run->n_facts; i++) {
        const struct import_fact *fact = &run->facts[i];
        if (!fact->left_out && !fact->said && !fact->newest_same)
            return true;
    }
    return false;
}

static int compare(struct import_run *run, struct err *err)
{
    CLEANUP(comparing_release) struct comparing comparing;
    int rc = comparing_init(&comparing, run);
    for (size_t i = 0; i < run->n_lists && rc == 0; i++)
        rc = list_kind_sealed(run->lists[i].kind) ? 0 : find_unknown(run, &run->lists[i]);
    if (rc < 0)
        return import_no_memory(err);
    for (size_t i = 0; i < run->n_earlier && rc == 0; i++)
        rc = compare_set(&comparing, &run->earlier[i], err);
    run->facts_are_new = any_is_new(run);
    return rc;
}

int import_compare(struct op *op)
{
    struct import_run *run = import_of(op);
    run->upload_day = clock_day(clock_wall(store_clock(run->options.store)));
    (void)clock_day_parse(text_of(run->result.day), &run->upload_day);
    int rc = check_owner(run, &op->err);
    if (rc < 0)
        err_prefix(&op->err, "%.*s: ", TEXT_ARG(text_floor_utf8(run->lists[0].list->file, 120)));
    if (rc == 0)
        rc = import_gather(run, &op->err);
    if (rc == 0)
        rc = compare(run, &op->err);
    return rc < 0 ? rc : OP_NEXT;
}

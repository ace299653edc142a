/* bridge/graph/list.c
 *
 * Lists as they are used.
 *
 * A number in a set may stand for more than itself: one that was known by handle alone is joined to the id that held the
 * handle when the list was made. So what is asked of the owner's facts is a table of (number, place in the answer), and
 * what was said of the handle alone helps to describe the account that it turned out to be.
 *
 * Each field is taken from the newest day on which it was told: an upload that tells a handle and no name takes no name
 * away.
 */
#include "graph/list.h"

#include "base/cleanup.h"
#include "base/limits.h"
#include "graph/by_number.h"
#include "graph/fact_blob.h"
#include "graph/list_join.h"
#include "store/left_out_set.h"
#include "store/lists.h"

#include <stdlib.h>
#include <string.h>

static int no_memory(struct err *err)
{
    return err_set(err, E_NOMEM, "there is no memory to load a list");
}

/* --- describing ----------------------------------------------------------------------------------------------------- */

enum told_field {
    TOLD_HANDLE,
    TOLD_NAME,
    TOLD_BIO,
    TOLD_WEBSITE,
    TOLD_LOCATION,
    TOLD_PROTECTED,
    TOLD_VERIFIED,
    TOLD_N
};

struct told_days {
    uint32_t days[TOLD_N]; /* on which the newest word was said; 0: not known */
};

struct describing {
    const struct keys *keys;  /* borrowed */
    struct left_out_set left; /* owned */
    struct by_number *asked;  /* owned; ascending: whose facts describe which place */
    size_t n_asked;
    struct x_account *accounts; /* borrowed; n of them */
    unsigned char *told;        /* borrowed; beside accounts */
    struct told_days *days;     /* owned; beside accounts */
    bool *hidden;               /* owned; beside accounts: wished to be left out */
    size_t n;
    struct arena *arena; /* borrowed */
    struct buf blob;     /* owned; facts of one upload, unsealed */
};

static void describing_release(struct describing *describing)
{
    left_out_set_release(&describing->left);
    free(describing->asked);
    free(describing->days);
    free(describing->hidden);
    buf_release(&describing->blob);
}

/* Takes the table of what is asked, which is freed in any case by describing_release. */
static int describing_init(struct describing *describing, struct db *db, const struct keys *keys, size_t n,
                           struct err *err)
{
    describing->keys = keys;
    describing->n = n;
    describing->days = calloc(n + 1, sizeof *describing->days);
    describing->hidden = calloc(n + 1, sizeof *describing->hidden);
    buf_init(&describing->blob, LIMIT_OPERATION_ARENA);
    if (!describing->days || !describing->hidden)
        return no_memory(err);
    return left_out_set_load(&describing->left, db, keys, err);
}

static int take_text(struct describing *describing, struct text *there, struct text fresh, uint32_t *there_day,
                     uint32_t day)
{
    if (text_empty(fresh) || day < *there_day)
        return 0;
    *there_day = day;
    if (text_equal(*there, fresh))
        return 0;
    return arena_text(describing->arena, fresh, there) ? 0 : E_NOMEM;
}

static void take_known(enum known *there, enum known fresh, uint32_t *there_day, uint32_t day)
{
    if (fresh == KNOWN_NOT || day < *there_day)
        return;
    *there_day = day;
    *there = fresh;
}

static int take_fact(struct describing *describing, size_t place, const struct x_account *said, uint32_t day)
{
    struct x_account *there = &describing->accounts[place];
    uint32_t *days = describing->days[place].days;
    if (left_out_set_has_x(&describing->left, &(struct x_account){.handle = said->handle}))
        describing->hidden[place] = true;
    if (!text_empty(said->handle))
        describing->told[place] = GRAPH_TOLD_OWN;
    take_known(&there->is_protected, said->is_protected, &days[TOLD_PROTECTED], day);
    take_known(&there->is_verified, said->is_verified, &days[TOLD_VERIFIED], day);
    if (take_text(describing, &there->handle, said->handle, &days[TOLD_HANDLE], day) < 0 ||
        take_text(describing, &there->name, said->name, &days[TOLD_NAME], day) < 0 ||
        take_text(describing, &there->bio, said->bio, &days[TOLD_BIO], day) < 0 ||
        take_text(describing, &there->website, said->website, &days[TOLD_WEBSITE], day) < 0 ||
        take_text(describing, &there->location, said->location, &days[TOLD_LOCATION], day) < 0)
        return E_NOMEM;
    return 0;
}

/* Both ascend: one walk finds all. */
static int take_facts(struct describing *describing, struct fact_reader *reader, uint32_t set_day, struct err *err)
{
    struct fact fact;
    size_t at = 0;
    int rc;
    while ((rc = fact_reader_next(reader, &fact, err)) == 1) {
        while (at < describing->n_asked && describing->asked[at].number < fact.number)
            at++;
        for (size_t i = at; i < describing->n_asked && describing->asked[i].number == fact.number; i++)
            if (take_fact(describing, describing->asked[i].what, &fact.account, fact.day ? fact.day : set_day) < 0)
                return no_memory(err);
    }
    return rc;
}

static int take_set(struct describing *describing, const struct fact_set_row *set, struct err *err)
{
    struct fact_reader reader;
    uint32_t day = 0;
    (void)clock_day_parse(set->day, &day);
    buf_clear(&describing->blob);
    int rc = keys_unseal(describing->keys, set->facts, id_text(&set->import), &describing->blob, err);
    if (rc == 0)
        rc = fact_reader_init(&reader, buf_text(&describing->blob), err);
    if (rc == 0)
        rc = take_facts(describing, &reader, day, err);
    if (rc < 0)
        err_prefix(err, "what the import %s says cannot be read: ", set->import.chars);
    return rc;
}

/* The rows die with this function; texts that were taken live in the arena. */
static int describe_own(struct describing *describing, struct db *db, const struct id *owner, struct err *err)
{
    CLEANUP(arena_release) struct arena rows;
    struct fact_set_row *sets;
    size_t n;
    arena_init(&rows, LIMIT_LIST_ARENA);
    int rc = fact_set_list(db, owner, &rows, &sets, &n, err); /* the oldest first: of one day the later upload counts */
    for (size_t i = 0; i < n && rc == 0; i++)
        rc = take_set(describing, &sets[i], err);
    return rc;
}

static void fill_text(struct text *there, struct text from)
{
    if (text_empty(*there))
        *there = from;
}

static void fill_known(enum known *there, int from)
{
    if (*there == KNOWN_NOT)
        *there = (enum known)from;
}

static void fill_public(struct describing *describing, size_t place, const struct x_public_row *row)
{
    struct x_account *there = &describing->accounts[place];
    if (left_out_set_has_x(&describing->left, &(struct x_account){.handle = row->handle}))
        describing->hidden[place] = true;
    if (text_empty(there->handle) && !text_empty(row->handle))
        describing->told[place] = GRAPH_TOLD_OTHERS;
    fill_text(&there->handle, row->handle);
    fill_text(&there->name, row->name);
    fill_text(&there->bio, row->bio);
    fill_text(&there->website, row->website);
    fill_text(&there->location, row->location);
    fill_known(&there->is_protected, row->is_protected);
    fill_known(&there->is_verified, row->verified);
}

/* What may serve everybody fills what the owner's uploads leave open. Where somebody wished to be left out, it is looked
 * at in any case: they may be known by a handle that the owner does not know. */
static int describe_public(struct describing *describing, struct db *db, struct err *err)
{
    for (size_t i = 0; i < describing->n_asked; i++) {
        size_t place = describing->asked[i].what;
        const struct x_account *there = &describing->accounts[place];
        struct x_public_row row;
        if (!text_empty(there->handle) && !text_empty(there->name) && describing->left.n == 0)
            continue;
        int rc = x_public_get(db, describing->asked[i].number, describing->arena, &row, err);
        if (rc == 0)
            fill_public(describing, place, &row);
        else if (rc != E_NOT_FOUND)
            return rc;
    }
    return 0;
}

/* `asked` is there; `accounts` have their ids. */
static int describe(struct describing *describing, struct db *db, const struct id *owner, struct err *err)
{
    int rc = describe_own(describing, db, owner, err);
    if (rc == 0)
        rc = describe_public(describing, db, err);
    for (size_t i = 0; i < describing->n && rc == 0; i++)
        if (left_out_set_has_x(&describing->left, &describing->accounts[i]))
            describing->hidden[i] = true;
    return rc;
}

static int give_ids(const struct numbers *numbers, const uint32_t *wanted, size_t n, struct x_account *accounts)
{
    CLEANUP_FREE uint64_t *ids = calloc(n + 1, sizeof *ids);
    if (!ids)
        return E_NOMEM;
    numbers_ids(numbers, wanted, n, ids);
    for (size_t i = 0; i < n; i++)
        accounts[i] = (struct x_account){.id = ids[i]};
    return 0;
}

int graph_list_describe(struct db *db, const struct numbers *numbers, const struct keys *keys, const struct id *owner,
                        const uint32_t *wanted, size_t n, struct arena *arena, struct x_account *ret_accounts,
                        unsigned char *ret_told, struct err *err)
{
    CLEANUP(describing_release)
    struct describing describing = {.accounts = ret_accounts, .told = ret_told, .n_asked = n, .arena = arena};
    describing.asked = calloc(n + 1, sizeof *describing.asked);
    if (!describing.asked || give_ids(numbers, wanted, n, ret_accounts) < 0)
        return no_memory(err);
    memset(ret_told, GRAPH_TOLD_NOT, n);
    for (size_t i = 0; i < n; i++)
        describing.asked[i] = (struct by_number){.number = wanted[i], .what = (uint32_t)i};
    int rc = describing_init(&describing, db, keys, n, err);
    if (rc == 0)
        rc = describe(&describing, db, owner, err);
    for (size_t i = 0; i < n && rc == 0; i++)
        if (describing.hidden[i]) {
            ret_accounts[i] = (struct x_account){.id = 0};
            ret_told[i] = GRAPH_TOLD_NOT;
        }
    return rc;
}

/* --- the union ------------------------------------------------------------------------------------------------------ */

struct uniting {
    struct id_set accounts;  /* owned */
    struct by_number *meant; /* owned; account as number, the number in a list as what */
    size_t n;
    size_t room;
};

static void uniting_release(struct uniting *uniting)
{
    id_set_release(&uniting->accounts);
    free(uniting->meant);
}

static int add_meant(struct uniting *uniting, const struct list_meant *meant)
{
    if (uniting->n == uniting->room) {
        size_t room = uniting->room ? 2 * uniting->room : 1024;
        struct by_number *grown = realloc(uniting->meant, room * sizeof *grown);
        if (!grown)
            return E_NOMEM;
        uniting->meant = grown;
        uniting->room = room;
    }
    uniting->meant[uniting->n++] = (struct by_number){.number = meant->account, .what = meant->number};
    return id_set_add(&uniting->accounts, meant->account);
}

static int unite_set(struct uniting *uniting, struct db *db, const struct follow_set_row *row, struct err *err)
{
    CLEANUP(list_joined_release) struct list_joined joining;
    int rc = list_join(&joining, db, row, err);
    for (size_t i = 0; i < joining.set.n && rc == 0; i++)
        if (add_meant(uniting, &joining.meant[i]) < 0)
            rc = no_memory(err);
    return rc;
}

static int unite_sets(struct uniting *uniting, struct db *db, const struct id *owner, struct text kind, struct err *err)
{
    CLEANUP(arena_release) struct arena rows;
    struct follow_set_row *sets;
    size_t n = 0;
    arena_init(&rows, LIMIT_LIST_ARENA);
    int rc = follow_set_list(db, owner, kind, &rows, &sets, &n, err);
    for (size_t i = 0; i < n && rc == 0; i++)
        rc = unite_set(uniting, db, &sets[i], err);
    if (rc == 0 && id_set_sort(&uniting->accounts) < 0)
        rc = no_memory(err);
    return rc;
}

/* Which numbers' facts describe which place: the account's own, and those of the handles that it was listed under. */
static int ask_for(struct describing *describing, const struct uniting *uniting)
{
    const struct id_set *set = &uniting->accounts;
    size_t most = set->n + uniting->n;
    size_t n = 0;
    CLEANUP_FREE struct by_number *spare = calloc(most + 1, sizeof *spare);
    struct by_number *asked = calloc(most + 1, sizeof *asked);
    struct by_number *meant = uniting->meant;
    describing->asked = asked;
    if (!spare || !asked)
        return E_NOMEM;
    if (uniting->n > 0)
        by_number_sort(meant, spare, uniting->n);
    for (size_t i = 0, at = 0; i < set->n; i++) {
        uint32_t before = set->numbers[i];
        asked[n++] = (struct by_number){.number = before, .what = (uint32_t)i};
        for (; at < uniting->n && meant[at].number == set->numbers[i]; at++)
            if (meant[at].what != set->numbers[i] && meant[at].what != before) {
                before = meant[at].what;
                asked[n++] = (struct by_number){.number = before, .what = (uint32_t)i};
            }
    }
    if (n > 0)
        by_number_sort(asked, spare, n);
    describing->n_asked = n;
    return 0;
}

/* --- the list ------------------------------------------------------------------------------------------------------- */

static int make_room(struct graph_list *list, const struct id_set *set, struct arena *arena)
{
    *list = (struct graph_list){.accounts = ARENA_ARRAY(arena, struct x_account, set->n + 1),
                                .numbers = ARENA_ARRAY(arena, uint32_t, set->n + 1),
                                .told = ARENA_ARRAY(arena, unsigned char, set->n + 1),
                                .n = set->n};
    if (!list->accounts || !list->numbers || !list->told)
        return E_NOMEM;
    if (set->n > 0)
        memcpy(list->numbers, set->numbers, set->n * sizeof *set->numbers);
    return 0;
}

static void drop_hidden(struct graph_list *list, const bool *hidden)
{
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (hidden[i])
            continue;
        list->accounts[n] = list->accounts[i];
        list->numbers[n] = list->numbers[i];
        list->told[n++] = list->told[i];
    }
    list->n = n;
}

int graph_list_load(struct db *db, const struct numbers *numbers, const struct keys *keys, const struct id *owner,
                    struct text kind, struct arena *arena, struct graph_list *ret_list, struct err *err)
{
    CLEANUP(uniting_release) struct uniting uniting = {.n = 0};
    CLEANUP(describing_release) struct describing describing = {.arena = arena};
    struct graph_list list;
    id_set_init(&uniting.accounts);
    int rc = unite_sets(&uniting, db, owner, kind, err);
    if (rc < 0)
        return rc;
    if (make_room(&list, &uniting.accounts, arena) < 0 || give_ids(numbers, list.numbers, list.n, list.accounts) < 0 ||
        ask_for(&describing, &uniting) < 0)
        return no_memory(err);
    describing.accounts = list.accounts;
    describing.told = list.told;
    rc = describing_init(&describing, db, keys, list.n, err);
    if (rc == 0)
        rc = describe(&describing, db, owner, err);
    if (rc < 0)
        return rc;
    drop_hidden(&list, describing.hidden);
    *ret_list = list;
    return 0;
}

static size_t place_of(const struct graph_list *list, uint32_t number)
{
    size_t low = 0;
    size_t high = list->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list->numbers[middle] < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < list->n && list->numbers[low] == number ? low : SIZE_MAX;
}

bool graph_list_brings_up(const struct graph_list *own, size_t place, const struct graph_list *roster, size_t *ret_at)
{
    struct text handle = own->accounts[place].handle;
    *ret_at = place_of(roster, own->numbers[place]);
    if (*ret_at == SIZE_MAX)
        return true;
    return !text_empty(handle) && !text_equal_fold(handle, roster->accounts[*ret_at].handle);
}

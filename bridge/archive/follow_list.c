/* bridge/archive/follow_list.c
 *
 * Lists of X accounts without doubles.
 */
#include "archive/follow_list.h"

#include "base/cleanup.h"
#include "base/limits.h"

_Static_assert(LIMIT_LIST_ACCOUNTS < UINT32_MAX, "places are 32 bits");

static const char *const source_words[] = {
    [LIST_FROM_ARCHIVE] = "archive", [LIST_FROM_API] = "api",       [LIST_FROM_EXPORTER] = "exporter",
    [LIST_FROM_CSV] = "csv",         [LIST_FROM_PASTED] = "pasted",
};

const char *list_source_word(enum list_source source)
{
    return source_words[source];
}

bool list_source_of(struct text word, enum list_source *ret_source)
{
    for (size_t i = 0; i < ARRAY_LEN(source_words); i++) {
        if (text_equal(word, text_of(source_words[i]))) {
            *ret_source = (enum list_source)i;
            return true;
        }
    }
    return false;
}

void follow_list_init(struct follow_list *list, enum list_kind kind, enum list_source source)
{
    *list = (struct follow_list){.kind = kind, .source = source};
    arena_init(&list->arena, LIMIT_LIST_ARENA);
    u64_map_init(&list->by_id);
    u64_map_init(&list->by_handle);
}

void follow_list_release(struct follow_list *list)
{
    arena_release(&list->arena);
    u64_map_release(&list->by_id);
    u64_map_release(&list->by_handle);
    follow_list_init(list, list->kind, list->source);
}

/* The list or its arena is full; where half of the arena is free, it was the system's memory that ended. */
static int full(const struct follow_list *list, struct err *err)
{
    if (list->n < LIMIT_LIST_ACCOUNTS && list->arena.used < list->arena.max / 2)
        return E_NOMEM;
    return err_set(err, E_TOO_LARGE,
                   "more than %zu accounts, or more text about them than one list may hold; cut the list into several "
                   "imports",
                   LIMIT_LIST_ACCOUNTS);
}

/* Takes over a text that is not known yet. */
static int learn_text(struct follow_list *list, struct text *field, struct text from, size_t max, struct err *err)
{
    if (!text_empty(*field) || text_empty(from))
        return 0;
    return arena_text(&list->arena, text_floor_utf8(from, max), field) ? 0 : full(list, err);
}

static int learn_key(struct follow_list *list, size_t place, const struct x_account *from, enum told told,
                     struct err *err)
{
    struct x_account *account = &list->accounts[place];
    if (account->id == 0 && from->id != 0) {
        account->id = from->id;
        int rc = u64_map_put(&list->by_id, account->id, (uint32_t)place);
        if (rc < 0)
            return rc;
    }
    if (!text_empty(account->handle) || text_empty(from->handle))
        return 0;
    list->told[place] = (unsigned char)told;
    int rc = learn_text(list, &account->handle, from->handle, LIMIT_X_HANDLE, err);
    return rc < 0 ? rc : u64_map_put(&list->by_handle, x_handle_hash(account->handle), (uint32_t)place);
}

/* Takes over what is not known yet of account [place], and finds it by it from then on. */
static int learn(struct follow_list *list, size_t place, const struct x_account *from, enum told told, struct err *err)
{
    struct x_account *account = &list->accounts[place];
    int rc = learn_key(list, place, from, told, err);
    if (rc == 0)
        rc = learn_text(list, &account->name, from->name, LIMIT_X_NAME, err);
    if (rc == 0)
        rc = learn_text(list, &account->bio, from->bio, LIMIT_X_BIO, err);
    if (rc == 0)
        rc = learn_text(list, &account->website, from->website, LIMIT_X_WEBSITE, err);
    if (rc == 0)
        rc = learn_text(list, &account->location, from->location, LIMIT_X_LOCATION, err);
    if (account->is_protected == KNOWN_NOT)
        account->is_protected = from->is_protected;
    if (account->is_verified == KNOWN_NOT)
        account->is_verified = from->is_verified;
    return rc;
}

/* Is the account in the list already? Two ids that differ are two accounts, whatever their handles. */
static bool find_double(const struct follow_list *list, const struct x_account *account, uint32_t *ret_place)
{
    if (account->id != 0 && u64_map_get(&list->by_id, account->id, ret_place))
        return true;
    if (text_empty(account->handle) || !u64_map_get(&list->by_handle, x_handle_hash(account->handle), ret_place))
        return false;
    const struct x_account *known = &list->accounts[*ret_place];
    return text_equal_fold(known->handle, account->handle) && (account->id == 0 || known->id == 0);
}

static int make_place(struct follow_list *list, struct err *err)
{
    if (list->n == LIMIT_LIST_ACCOUNTS)
        return full(list, err);
    struct x_account *accounts = arena_grow(&list->arena, list->accounts, list->n, sizeof *accounts);
    unsigned char *told = arena_grow(&list->arena, list->told, list->n, sizeof *told);
    if (!accounts || !told)
        return full(list, err);
    list->accounts = accounts;
    list->told = told;
    accounts[list->n] = (struct x_account){.id = 0};
    told[list->n] = TOLD_NOT;
    list->n++;
    return 0;
}

/* Adds an account or completes its double; *ret_double says which. */
static int add(struct follow_list *list, const struct x_account *account, enum told told, bool *ret_double,
               struct err *err)
{
    uint32_t place;
    *ret_double = find_double(list, account, &place);
    if (*ret_double)
        return learn(list, place, account, told, err);
    int rc = make_place(list, err);
    return rc < 0 ? rc : learn(list, list->n - 1, account, told, err);
}

int follow_list_add(struct follow_list *list, const struct x_account *account, struct err *err)
{
    bool is_double;
    int rc = add(list, account, TOLD_BY_LIST, &is_double, err);
    list->duplicates += is_double;
    return rc;
}

void follow_list_skip(struct follow_list *list, struct text file, uint64_t line, const char *why)
{
    struct skipped_row row = {.line = line};
    list->skipped_total++;
    if (list->n_skipped == LIMIT_SKIPPED_ROWS)
        return;
    struct skipped_row *rows = arena_grow(&list->arena, list->skipped, list->n_skipped, sizeof *rows);
    if (!rows)
        return;
    list->skipped = rows;
    row.why = arena_printf(&list->arena, "%s", why);
    if (row.why && arena_text(&list->arena, file, &row.file))
        rows[list->n_skipped++] = row;
}

int follow_list_merge(struct follow_list *list, const struct follow_list *from, struct err *err)
{
    for (size_t i = 0; i < from->n; i++) {
        bool is_double;
        int rc = add(list, &from->accounts[i], (enum told)from->told[i], &is_double, err);
        if (rc < 0)
            return rc;
        list->duplicates += is_double && list->source == from->source;
    }
    for (size_t i = 0; i < from->n_skipped; i++)
        follow_list_skip(list, from->skipped[i].file, from->skipped[i].line, from->skipped[i].why);
    list->skipped_total += from->skipped_total - from->n_skipped;
    list->duplicates += from->duplicates;
    list->damaged_ids += from->damaged_ids;
    return 0;
}

static void count_resolved(struct follow_list *list)
{
    struct resolved resolved = {.others = list->resolved.others};
    for (size_t i = 0; i < list->n; i++) {
        resolved.given += list->told[i] == TOLD_BY_LIST;
        resolved.by_mentions += list->told[i] == TOLD_BY_POST;
        resolved.by_files += list->told[i] == TOLD_BY_FILE;
    }
    resolved.own = resolved.given + resolved.by_mentions + resolved.by_files;
    resolved.total = resolved.own + resolved.others;
    list->resolved = resolved;
}

int follow_list_resolve(struct follow_list *list, const struct fact_set *facts, struct err *err)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct x_account *account = &list->accounts[i];
        if (account->id == 0 || !text_empty(account->handle))
            continue;
        const struct x_fact *fact = fact_set_get(facts, account->id);
        if (!fact)
            continue;
        int rc = learn(list, i, &fact->account, fact->by_post ? TOLD_BY_POST : TOLD_BY_FILE, err);
        if (rc < 0)
            return rc;
    }
    count_resolved(list);
    return 0;
}

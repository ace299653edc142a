/* bridge/graph/pairs_by_handle.c
 *
 * From numbers of handles to numbers of ids.
 */
#include "graph/pairs_by_handle.h"

#include "base/cleanup.h"
#include "base/u64_map.h"

#include <stdlib.h>

struct both {
    struct pair_row pair;
    struct profile profile;
};

/* number of a handle -> number of the account that has it and an id */
static int find_accounts(const struct numbers *numbers, const struct x_account *accounts,
                         const uint32_t *account_numbers, size_t n, struct u64_map *found)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < n; i++) {
        uint32_t by_handle;
        if (accounts[i].id != 0 && !text_empty(accounts[i].handle) &&
            numbers_of_handle(numbers, accounts[i].handle, &by_handle) && by_handle != account_numbers[i])
            rc = u64_map_put(found, by_handle, account_numbers[i]);
    }
    return rc;
}

static size_t move_rows(const struct u64_map *found, struct pair_row *pairs, size_t n)
{
    size_t moved = 0;
    for (size_t i = 0; i < n; i++)
        moved += u64_map_get(found, pairs[i].x, &pairs[i].x);
    return moved;
}

static int compare_numbers(double a, double b)
{
    return (a > b) - (a < b);
}

/* By x, the best first. */
static int compare(const void *a, const void *b)
{
    const struct pair_row *one = &((const struct both *)a)->pair;
    const struct pair_row *other = &((const struct both *)b)->pair;
    int order = compare_numbers(one->x, other->x);
    if (order == 0)
        order = (int)other->best - (int)one->best;
    if (order == 0)
        order = compare_numbers(other->p, one->p);
    return order ? order : text_compare(one->profile, other->profile);
}

static bool is_double(const struct both *all, size_t n, size_t place)
{
    const struct pair_row *row = &all[place].pair;
    for (size_t i = 0; i < n; i++) {
        const struct pair_row *other = &all[i].pair;
        if (i == place || other->x != row->x || !text_equal(other->profile, row->profile))
            continue;
        bool one_is_decided = text_empty(row->decided) != text_empty(other->decided);
        if (one_is_decided ? text_empty(row->decided) : i < place)
            return true;
    }
    return false;
}

/* One account has a handful of rows: doubles are looked for among them alone. */
static size_t write_back(const struct both *all, size_t n, struct pair_row *pairs, struct profile *profiles)
{
    size_t kept = 0;
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && all[to].pair.x == all[from].pair.x;)
            to++;
        for (size_t i = from; i < to; i++) {
            if (is_double(&all[from], to - from, i - from))
                continue;
            pairs[kept] = all[i].pair;
            profiles[kept++] = all[i].profile;
        }
    }
    return kept;
}

int pairs_by_handle(const struct numbers *numbers, const struct x_account *accounts, const uint32_t *account_numbers,
                    size_t n_accounts, struct pair_row *pairs, struct profile *profiles, size_t *n_pairs)
{
    CLEANUP(u64_map_release) struct u64_map found;
    u64_map_init(&found);
    if (*n_pairs == 0)
        return 0;
    int rc = find_accounts(numbers, accounts, account_numbers, n_accounts, &found);
    if (rc < 0 || found.count == 0 || move_rows(&found, pairs, *n_pairs) == 0)
        return rc;
    CLEANUP_FREE struct both *all = calloc(*n_pairs, sizeof *all);
    if (!all)
        return E_NOMEM;
    for (size_t i = 0; i < *n_pairs; i++)
        all[i] = (struct both){pairs[i], profiles[i]};
    qsort(all, *n_pairs, sizeof *all, compare);
    *n_pairs = write_back(all, *n_pairs, pairs, profiles);
    return 0;
}

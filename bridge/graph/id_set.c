/* bridge/graph/id_set.c
 *
 * Sets of numbers, and their blobs.
 */
#include "graph/id_set.h"

#include "base/cleanup.h"
#include "graph/by_number.h"
#include "graph/varint.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 64

void id_set_init(struct id_set *set)
{
    *set = (struct id_set){.numbers = NULL};
}

void id_set_release(struct id_set *set)
{
    free(set->numbers);
    id_set_init(set);
}

static int make_room(struct id_set *set, size_t n)
{
    if (n <= set->room)
        return 0;
    if (n > SIZE_MAX / 2 / sizeof *set->numbers)
        return E_NOMEM;
    size_t room = set->room ? set->room : FIRST_ROOM;
    while (room < n)
        room *= 2;
    uint32_t *numbers = realloc(set->numbers, room * sizeof *numbers);
    if (!numbers)
        return E_NOMEM;
    set->numbers = numbers;
    set->room = room;
    return 0;
}

int id_set_add(struct id_set *set, uint32_t number)
{
    int rc = make_room(set, set->n + 1);
    if (rc < 0)
        return rc;
    set->numbers[set->n++] = number;
    return 0;
}

static bool is_ascending(const struct id_set *set)
{
    for (size_t i = 1; i < set->n; i++)
        if (set->numbers[i] <= set->numbers[i - 1])
            return false;
    return true;
}

static void drop_doubles(struct id_set *set, const struct by_number *sorted)
{
    size_t n = 0;
    for (size_t i = 0; i < set->n; i++)
        if (i == 0 || sorted[i].number != sorted[i - 1].number)
            set->numbers[n++] = sorted[i].number;
    set->n = n;
}

int id_set_sort(struct id_set *set)
{
    if (is_ascending(set))
        return 0;
    CLEANUP_FREE struct by_number *entries = calloc(set->n, 2 * sizeof *entries);
    if (!entries)
        return E_NOMEM;
    for (size_t i = 0; i < set->n; i++)
        entries[i].number = set->numbers[i];
    by_number_sort(entries, entries + set->n, set->n);
    drop_doubles(set, entries);
    return 0;
}

bool id_set_has(const struct id_set *set, uint32_t number)
{
    size_t low = 0;
    size_t high = set->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (set->numbers[middle] < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < set->n && set->numbers[low] == number;
}

size_t id_set_common(const struct id_set *a, const struct id_set *b)
{
    size_t common = 0;
    for (size_t i = 0, j = 0; i < a->n && j < b->n;) {
        uint32_t of_a = a->numbers[i];
        uint32_t of_b = b->numbers[j];
        common += of_a == of_b;
        i += of_a <= of_b;
        j += of_b <= of_a;
    }
    return common;
}

int id_set_unite(struct id_set *set, const struct id_set *with, size_t *ret_new)
{
    size_t fresh = with->n - id_set_common(set, with);
    int rc = fresh > 0 ? make_room(set, set->n + fresh) : 0;
    if (rc < 0)
        return rc;
    /* From the back, so that nothing is written over before it was read. */
    for (size_t i = set->n, j = with->n, to = set->n + fresh; to > i;) {
        uint32_t number = with->numbers[j - 1];
        if (i > 0 && set->numbers[i - 1] >= number) {
            j -= set->numbers[i - 1] == number;
            number = set->numbers[--i];
        } else {
            j--;
        }
        set->numbers[--to] = number;
    }
    set->n += fresh;
    *ret_new = fresh;
    return 0;
}

int id_set_encode(const struct id_set *set, struct buf *out)
{
    size_t size = 0;
    uint32_t before = 0;
    char *at;
    for (size_t i = 0; i < set->n; i++) {
        size += varint_size(set->numbers[i] - before);
        before = set->numbers[i];
    }
    int rc = buf_extend(out, size, &at);
    if (rc < 0)
        return rc;
    before = 0;
    for (size_t i = 0; i < set->n; i++) {
        at = varint_put(at, set->numbers[i] - before);
        before = set->numbers[i];
    }
    return 0;
}

int id_set_decode(struct id_set *set, struct text blob, size_t n, struct err *err)
{
    uint32_t number = 0;
    if (n > blob.len) /* before memory is taken for what cannot be there */
        return err_set(err, E_BAD_INPUT, "a set of %zu accounts has %zu bytes: it is damaged", n, blob.len);
    int rc = make_room(set, n);
    if (rc < 0)
        return err_set(err, rc, "there is no memory for a set of %zu accounts", n);
    for (size_t i = 0; i < n; i++) {
        uint32_t step;
        if (!varint_take(&blob, &step) || step == 0 || step > UINT32_MAX - number)
            return err_set(err, E_BAD_INPUT, "a set of %zu accounts is damaged at its number %zu", n, i + 1);
        number += step;
        set->numbers[i] = number;
    }
    if (blob.len > 0)
        return err_set(err, E_BAD_INPUT, "a set of %zu accounts has %zu bytes too many: it is damaged", n, blob.len);
    set->n = n;
    return 0;
}

/* tests/fuzz/fuzz_graph_id_set.c
 *
 * Blobs of sets, of any bytes: refused, or a set that comes back as the very same bytes. A set has one form only.
 */
#include "graph/id_set.h"

#include "base/cleanup.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_set(const struct id_set *set, struct text blob)
{
    CLEANUP(buf_release) struct buf again;
    buf_init(&again, blob.len);
    for (size_t i = 0; i < set->n; i++)
        if (set->numbers[i] <= (i > 0 ? set->numbers[i - 1] : 0) || !id_set_has(set, set->numbers[i]))
            abort();
    if (id_set_common(set, set) != set->n || id_set_encode(set, &again) < 0 || !text_equal(buf_text(&again), blob))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text blob = {(const char *)data, size};
    size_t ends = 0;
    for (size_t i = 0; i < size; i++)
        ends += data[i] < 0x80;
    for (size_t n = ends > 0 ? ends - 1 : 0; n <= ends + 1; n++) {
        CLEANUP(id_set_release) struct id_set set;
        id_set_init(&set);
        int rc = id_set_decode(&set, blob, n, NULL);
        if (rc == 0 && n != ends)
            abort();
        if (rc == 0)
            check_set(&set, blob);
        else if (set.n != 0)
            abort();
    }
    return 0;
}

/* tests/fuzz/fuzz_graph_fact_blob.c
 *
 * Blobs of facts, of any bytes: it ends, numbers go up, texts lie within; and what was read says the same after it was
 * written again.
 */
#include "graph/fact_blob.h"

#include "base/cleanup.h"
#include "base/limits.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same_account(const struct x_account *a, const struct x_account *b)
{
    return a->id == 0 && b->id == 0 && text_equal(a->handle, b->handle) && text_equal(a->name, b->name) &&
           text_equal(a->bio, b->bio) && text_equal(a->website, b->website) && text_equal(a->location, b->location) &&
           a->is_protected == b->is_protected && a->is_verified == b->is_verified;
}

static void check_again(const struct fact *facts, size_t n)
{
    CLEANUP(buf_release) struct buf blob;
    struct fact_reader reader;
    struct fact fact;
    size_t written;
    buf_init(&blob, 64 * MIB);
    if (fact_blob_write(facts, n, &blob, &written) < 0 || written != n)
        abort();
    if (fact_reader_init(&reader, buf_text(&blob), NULL) < 0)
        abort();
    for (size_t i = 0; i < n; i++)
        if (fact_reader_next(&reader, &fact, NULL) != 1 || fact.number != facts[i].number || fact.day != facts[i].day ||
            !same_account(&fact.account, &facts[i].account))
            abort();
    if (fact_reader_next(&reader, &fact, NULL) != 0)
        abort();
}

static void check_text(struct text t, struct text blob)
{
    if (t.len > 0 && (t.data < blob.data || t.len > blob.len || t.data > blob.data + blob.len - t.len))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text blob = {(const char *)data, size};
    struct fact_reader reader;
    struct fact fact;
    uint32_t before = 0;
    size_t n = 0;
    if (fact_reader_init(&reader, blob, NULL) < 0)
        return 0;
    CLEANUP_FREE struct fact *facts = calloc(size, sizeof *facts); /* an entry has two bytes at least */
    if (!facts)
        abort();
    while (fact_reader_next(&reader, &fact, NULL) == 1) {
        if (fact.number <= before || n == size)
            abort();
        check_text(fact.account.handle, blob);
        check_text(fact.account.location, blob);
        before = fact.number;
        facts[n++] = fact;
    }
    check_again(facts, n);
    return 0;
}

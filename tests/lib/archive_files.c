/* tests/lib/archive_files.c
 *
 * Files for tests of archives.
 */
#include "lib/archive_files.h"

#include "lib/check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FIXTURES  "fixtures/archive/"
#define FILES_MAX 32

void fixture_load(struct buf *out, const char *path)
{
    char whole[256];
    char piece[4096];
    size_t got;
    snprintf(whole, sizeof whole, FIXTURES "%s", path);
    FILE *file = fopen(whole, "rb");
    if (!file)
        fail_msg("no fixture %s", whole);
    while ((got = fread(piece, 1, sizeof piece, file)) > 0)
        assert_int_equal(buf_add(out, (struct text){piece, got}), 0);
    fclose(file);
}

void fixture_zip(struct buf *out, const char *const *names)
{
    struct zip_file_text files[FILES_MAX] = {0};
    struct buf texts[FILES_MAX];
    char path[256];
    size_t n = 0;
    for (; names[n]; n++) {
        const char *equals = strchr(names[n], '=');
        assert_true(n < FILES_MAX);
        snprintf(path, sizeof path, "%.*s", equals ? (int)(equals - names[n]) : 255, names[n]);
        buf_init(&texts[n], MIB);
        fixture_load(&texts[n], path);
        files[n] =
            (struct zip_file_text){.name = text_of(equals ? equals + 1 : names[n]), .bytes = buf_text(&texts[n])};
    }
    assert_true(zip_build(out, files, n));
    for (size_t i = 0; i < n; i++)
        buf_release(&texts[i]);
}

int read_bytes(const char *name, struct text bytes, unsigned kinds, struct archive_result *ret_result, struct err *err)
{
    struct memory_source memory;
    struct archive_options options = {.kinds = kinds};
    memory_source_init(&memory, bytes);
    struct archive_file file = {.name = text_of(name), .source = &memory.source};
    return archive_read(&file, 1, &options, ret_result, err);
}

struct follow_list *list_of(struct archive_result *result, enum list_kind kind, enum list_source source)
{
    for (size_t i = 0; i < result->n_lists; i++)
        if (result->lists[i].kind == kind && result->lists[i].source == source)
            return &result->lists[i];
    fail_msg("no list %s from %s", list_kind_word(kind), list_source_word(source));
    return NULL;
}

const char *accounts_text(const struct follow_list *list, struct buf *out)
{
    buf_clear(out);
    for (size_t i = 0; i < list->n; i++) {
        const struct x_account *account = &list->accounts[i];
        if (i > 0)
            assert_int_equal(buf_add_byte(out, '|'), 0);
        if (account->id != 0)
            assert_int_equal(buf_printf(out, "%" PRIu64, account->id), 0);
        assert_int_equal(buf_printf(out, ":%.*s:%.*s", TEXT_ARG(account->handle), TEXT_ARG(account->name)), 0);
    }
    return buf_string(out);
}

/* tests/fuzz/fuzz_archive_file.c
 *
 * archive_read on anything, zips above all: it ends in a sentence or in lists in which everything is well-formed. The
 * choice says which lists are wanted, and whether the file is cut in two that are read as one import.
 */
#include "archive/archive.h"
#include "archive/x_text.h"

#include "base/cleanup.h"
#include "base/utf8.h"
#include "fuzz/choice.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool right)
{
    if (!right)
        abort();
}

static void check_account(const struct x_account *account)
{
    check(account->id != 0 || !text_empty(account->handle));
    check(text_empty(account->handle) || x_handle_valid(account->handle));
    check(utf8_valid(account->name) && utf8_valid(account->bio));
    check(utf8_valid(account->website) && utf8_valid(account->location));
}

static void check_result(const struct archive_result *result)
{
    for (size_t i = 0; i < result->n_lists; i++) {
        const struct follow_list *list = &result->lists[i];
        check(list->n > 0 || list->kind == LIST_FACTS);
        check(list->resolved.total <= list->n && list->n_skipped <= list->skipped_total);
        for (size_t j = 0; j < list->n; j++)
            check_account(&list->accounts[j]);
        for (size_t j = 0; j < list->n_skipped; j++)
            check(utf8_valid(text_of(list->skipped[j].why)));
    }
    for (size_t i = 0; i < result->facts.n; i++) {
        check(result->facts.facts[i].account.id != 0 && !text_empty(result->facts.facts[i].account.handle));
        check_account(&result->facts.facts[i].account);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct memory_source memory[2];
    struct archive_file files[2];
    struct archive_result result;
    struct err err = {.code = 0};
    uint8_t choice = fuzz_choice(data, size);
    struct archive_options options = {.kinds = choice & 0x3Fu, .refuse_private = (choice & 0x40) != 0};
    size_t n = (choice & 0x80) != 0 ? 2 : 1;
    struct text bytes = {(const char *)data, size};
    memory_source_init(&memory[0], text_slice(bytes, 0, bytes.len / n));
    memory_source_init(&memory[1], text_slice(bytes, bytes.len / n, bytes.len));
    for (size_t i = 0; i < n; i++)
        files[i] = (struct archive_file){.name = TEXT("upload.bin"), .source = &memory[i].source};
    int rc = archive_read(files, n, &options, &result, &err);
    if (rc < 0) {
        check(err.code == rc && err.text[0] != '\0' && utf8_valid(text_of(err.text)));
    } else {
        check_result(&result);
    }
    archive_result_release(&result);
    return 0;
}

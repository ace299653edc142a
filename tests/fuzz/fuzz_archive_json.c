/* tests/fuzz/fuzz_archive_json.c
 *
 * json_reader on anything: two walks, one that reads and one that skips at random, agree on whether the input is whole;
 * every text is well-formed. The choice cuts the source into pieces and says where to
 * skip.
 */
#include "archive/json_reader.h"

#include "base/cleanup.h"
#include "base/utf8.h"
#include "fuzz/choice.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct pieces {
    struct byte_source source;
    struct text rest;
    size_t piece;
};

static int64_t pieces_read(void *context, void *buf, size_t n, struct err *err)
{
    struct pieces *pieces = context;
    (void)err;
    if (n > pieces->piece)
        n = pieces->piece;
    if (n > pieces->rest.len)
        n = pieces->rest.len;
    if (n > 0)
        memcpy(buf, pieces->rest.data, n);
    pieces->rest = text_slice(pieces->rest, n, pieces->rest.len);
    return (int64_t)n;
}

/* 0 where the input is whole JSON, else the error. */
static int walk(struct text input, size_t piece, unsigned skips)
{
    struct pieces pieces = {.source = {.read = pieces_read, .context = &pieces}, .rest = input, .piece = piece};
    struct json_reader_options options = {.token_max = 4096, .many = (skips & 1) != 0, .script = (skips & 2) != 0};
    CLEANUP(json_reader_release) struct json_reader reader;
    struct err err = {.code = 0};
    enum json_token token = TOKEN_NULL;
    unsigned turn = 0;
    if (json_reader_init(&reader, &pieces.source, &options) < 0)
        abort();
    while (token != TOKEN_END) {
        int rc = json_reader_next(&reader, &token, &err);
        if (rc == 0 && !utf8_valid(json_reader_text(&reader)))
            abort();
        if (rc == 0 && (skips >> (2 + turn++ % 6) & 1) != 0)
            rc = json_reader_skip(&reader, &err);
        if (rc < 0) {
            if (err.code != rc || !utf8_valid(text_of(err.text)) || err.text[0] == '\0')
                abort();
            return rc;
        }
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t choice = fuzz_choice(data, size);
    struct text input = {(const char *)data, size};
    int read = walk(input, SIZE_MAX, choice & 3u);
    int cut = walk(input, 1 + (choice >> 4), choice & 3u);
    int skipped = walk(input, 1 + (choice >> 4), choice);
    /* Skipping passes over texts that are too long to read, and over nothing else. */
    if (read != cut || (read == 0 && skipped != 0) || (read == E_BAD_INPUT && skipped == 0))
        abort();
    return 0;
}

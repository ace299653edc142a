/* tests/fuzz/fuzz_archive_csv.c
 *
 * csv_reader on anything: it ends, lines go up, fields are well-formed, and what it read comes back the same after
 * csv_writer wrote it.
 */
#include "archive/csv_reader.h"
#include "archive/csv_writer.h"

#include "base/cleanup.h"
#include "base/limits.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_again(const struct csv_row *row)
{
    CLEANUP(buf_release) struct buf out;
    CLEANUP(csv_reader_release) struct csv_reader again = {.ended = true};
    struct csv_writer writer;
    struct memory_source memory;
    struct csv_row back;

    buf_init(&out, 64 * MIB);
    csv_writer_init(&writer, &out);
    csv_writer_text(&writer, TEXT("x")); /* so that no row is empty */
    for (size_t i = 0; i < row->n; i++)
        csv_writer_text(&writer, row->fields[i]);
    if (csv_writer_end(&writer) < 0)
        abort();
    memory_source_init(&memory, buf_text(&out));
    if (csv_reader_init(&again, &memory.source, NULL) < 0)
        abort();
    again.delimiter = ',';
    if (csv_reader_next(&again, &back, NULL) != 1 || back.n != row->n + 1)
        abort();
    for (size_t i = 0; i < row->n; i++) {
        struct text field = row->fields[i];
        bool guarded = field.len > 0 && memchr("=+-@\t\r\n", field.data[0], 7) != NULL;
        if (!text_equal(text_slice(back.fields[i + 1], guarded, back.fields[i + 1].len), field))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct memory_source memory;
    CLEANUP(csv_reader_release) struct csv_reader reader = {.ended = true};
    struct csv_row row;
    uint64_t line = 0;
    int rc;

    memory_source_init(&memory, (struct text){(const char *)data, size});
    if (csv_reader_init(&reader, &memory.source, NULL) < 0)
        abort();
    while ((rc = csv_reader_next(&reader, &row, NULL)) > 0) {
        if (row.line <= line || row.line > size + 1 || (row.broken && row.n != 0))
            abort();
        line = row.line;
        for (size_t i = 0; i < row.n; i++)
            if (!utf8_valid(row.fields[i]))
                abort();
        if (!row.broken && row.n < LIMIT_CSV_FIELDS)
            check_again(&row);
    }
    if (rc < 0)
        abort();
    return 0;
}

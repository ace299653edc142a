/* tests/unit/archive/test_csv.c
 *
 * CSV in: rows, broken rows, delimiters, limits. CSV out: quotes and formulas. Both together: what was written is read.
 */
#include "archive/csv_reader.h"
#include "archive/csv_writer.h"

#include "base/cleanup.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "lib/check.h"
#include "lib/seeded.h"

#include <inttypes.h>
#include <string.h>

/* "1:a|b\n3!why\n": rows with their lines, fields between bars, broken rows with the reason. */
static void rows_of(struct buf *out, struct text csv)
{
    struct memory_source memory;
    CLEANUP(csv_reader_release) struct csv_reader reader;
    struct csv_row row;
    int rc;
    memory_source_init(&memory, csv);
    buf_clear(out);
    assert_int_equal(csv_reader_init(&reader, &memory.source, NULL), 0);
    while ((rc = csv_reader_next(&reader, &row, NULL)) > 0) {
        assert_int_equal(
            buf_printf(out, "%" PRIu64 "%s%s", row.line, row.broken ? "!" : ":", row.broken ? row.broken : ""), 0);
        for (size_t i = 0; i < row.n; i++)
            assert_int_equal(buf_printf(out, "%s%.*s", i > 0 ? "|" : "", TEXT_ARG(row.fields[i])), 0);
        assert_int_equal(buf_add_byte(out, '\n'), 0);
    }
    assert_int_equal(rc, 0);
}

static void expect(const char *csv, const char *rows)
{
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, MIB);
    rows_of(&out, text_of(csv));
    assert_string_equal(buf_string(&out), rows);
}

static void rows_quotes_and_line_ends(void **state)
{
    (void)state;
    expect("", "");
    expect("a,b\nc,d\n", "1:a|b\n2:c|d\n");
    expect("a,b\r\nc,d\r\n", "1:a|b\n2:c|d\n");
    expect("a,b\rc,d\r", "1:a|b\n2:c|d\n");
    expect("a,b\nc,d", "1:a|b\n2:c|d\n");
    expect("a,\n,\n", "1:a|\n2:|\n");
    expect("\"a,1\",\"b \"\"x\"\"\"\r\n\"two\r\nlines\",d\r\ne,f\r\n", "1:a,1|b \"x\"\n2:two\r\nlines|d\n4:e|f\n");
    expect("\"\",\"\"\n", "1:|\n");
    expect("5\" tall,b\n", "1:5\" tall|b\n");
    expect("a,b\n\n\r\n\nc,d\n", "1:a|b\n5:c|d\n");
    expect("\xEF\xBB\xBF"
           "a,b\n",
           "1:a|b\n");
    expect("\xEF\xBB\xBF\"a\",b\n", "1:a|b\n");
    expect("a\xEF\xBB,\xBF\n", "1:a\xEF\xBF\xBD|\xEF\xBF\xBD\n"); /* one character, cut by the delimiter */
    expect("a,\xFF\xC3,\xF0\x9F\xAA\xBF\n", "1:a|\xEF\xBF\xBD\xEF\xBF\xBD|🪿\n");
}

static void broken_rows_cost_themselves(void **state)
{
    (void)state;
    expect("a,b\n\"x,y\nc,d\ne,f\n", "1:a|b\n2!a quote is opened and never closed\n3:c|d\n4:e|f\n");
    expect("\"a\"x,b\nc,d\n", "1!there is text behind a closing quote\n2:c|d\n");
    expect("\"a,\"b\"\n\"c\",d\n", "1!there is text behind a closing quote\n2:c|d\n");
    expect("a,\"", "1!a quote is opened and never closed\n");
    expect("\"\n\"x\n\"y\n", "1!there is text behind a closing quote\n2!there is text behind a closing quote\n"
                             "3!a quote is opened and never closed\n");
}

static void delimiters_are_told_from_the_first_lines(void **state)
{
    (void)state;
    expect("a;b,c\nd;e\nf;g\n", "1:a|b,c\n2:d|e\n3:f|g\n");
    expect("a\tb, c\nd\te, f\n", "1:a|b, c\n2:d|e, f\n"); /* as many commas: tabs are rarer in prose */
    expect("\"x;y;z\",b\nc,d\n", "1:x;y;z|b\n2:c|d\n");
    expect("sep=;\r\na;b,1\r\n", "2:a|b,1\n");
    expect("sep=\t\na\tb\n", "2:a|b\n");
    expect("alone\nwords\n", "1:alone\n2:words\n");
}

/* Bytes: `head`, then n times `unit`, then `tail`. */
static void make_long(struct buf *out, const char *head, const char *unit, size_t n, const char *tail)
{
    buf_clear(out);
    assert_int_equal(buf_add(out, text_of(head)), 0);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(buf_add(out, text_of(unit)), 0);
    assert_int_equal(buf_add(out, text_of(tail)), 0);
}

static void limits_break_rows(void **state)
{
    CLEANUP(buf_release) struct buf csv;
    CLEANUP(buf_release) struct buf out;
    (void)state;
    buf_init(&csv, 64 * MIB);
    buf_init(&out, 16 * MIB);
    make_long(&csv, "a,b\n", "x", LIMIT_CSV_FIELD + 1, ",c\nd,e\n");
    rows_of(&out, buf_text(&csv));
    assert_string_equal(buf_string(&out), "1:a|b\n2!a field of more than 1 MiB\n3:d|e\n");
    make_long(&csv, "a,b\n\"", "x", 20 * MIB, "\nd,e\n"); /* never closed, and longer than a row may be */
    rows_of(&out, buf_text(&csv));
    assert_string_equal(buf_string(&out), "1:a|b\n2!a row of more than 2 MiB\n3:d|e\n");
    make_long(&csv, "a,b\n\"", "x\n", 2 * MIB, "d,e\n"); /* the same over many lines: they are rows again */
    rows_of(&out, text_slice(buf_text(&csv), 0, 2 * MIB + 200 * KIB));
    assert_true(text_starts(buf_text(&out), TEXT("1:a|b\n2!a row of more than 2 MiB\n3:x\n4:x\n")));
    make_long(&csv, "a,b\n", ",", LIMIT_CSV_FIELDS, "\nd,e\n");
    rows_of(&out, buf_text(&csv));
    assert_string_equal(buf_string(&out), "1:a|b\n2!more than 4096 fields\n3:d|e\n");
    make_long(&csv, "a,b\n", ",", LIMIT_CSV_FIELDS - 1, "\nd,e\n");
    rows_of(&out, buf_text(&csv));
    assert_non_null(strstr(buf_string(&out), "3:d|e\n"));
    assert_null(strstr(buf_string(&out), "!"));
}

/* A stray quote in every line, and quotes that swallow much: time stays in proportion. */
static void stray_quotes_cost_little(void **state)
{
    static const char *const units[] = {"\"\n", "\"a\n", ",\"x\"\"\n", "\"\"\"\n", "x,\"y\n\"\"\n"};
    CLEANUP(buf_release) struct buf csv;
    (void)state;
    buf_init(&csv, 64 * MIB);
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        struct memory_source memory;
        CLEANUP(csv_reader_release) struct csv_reader reader;
        struct csv_row row;
        uint64_t rows = 0;
        make_long(&csv, "", units[i], 200000, "");
        memory_source_init(&memory, buf_text(&csv));
        assert_int_equal(csv_reader_init(&reader, &memory.source, NULL), 0);
        while (csv_reader_next(&reader, &row, NULL) > 0)
            rows++;
        assert_true(rows > 50000);
    }
}

static void lines_are_right_across_pieces(void **state)
{
    struct seeded seeded = seeded_start("csv lines");
    CLEANUP(buf_release) struct buf csv;
    struct memory_source memory;
    CLEANUP(csv_reader_release) struct csv_reader reader;
    struct csv_row row;
    uint64_t line = 1;
    (void)state;
    buf_init(&csv, 16 * MIB);
    while (csv.len < 700 * KIB) { /* each row says on which line it begins */
        size_t inner = seeded_below(&seeded, 4);
        assert_int_equal(buf_printf(&csv, "%" PRIu64 ",\"x", line), 0);
        for (size_t i = 0; i < inner; i++)
            assert_int_equal(buf_add(&csv, seeded_below(&seeded, 2) ? TEXT("\r\nmore") : TEXT("\nmore \"\"quoted\"\"")),
                             0);
        assert_int_equal(buf_add(&csv, seeded_below(&seeded, 2) ? TEXT("\"\r\n") : TEXT("\"\n")), 0);
        line += inner + 1;
    }
    memory_source_init(&memory, buf_text(&csv));
    assert_int_equal(csv_reader_init(&reader, &memory.source, NULL), 0);
    while (csv_reader_next(&reader, &row, NULL) > 0) {
        uint64_t said;
        assert_null(row.broken);
        assert_int_equal(row.n, 2);
        assert_true(text_to_u64(row.fields[0], &said));
        assert_int_equal(said, row.line);
    }
}

static int64_t failing_read(void *context, void *buf, size_t n, struct err *err)
{
    (void)context;
    (void)buf;
    (void)n;
    return err_set(err, E_IO, "the disk is gone");
}

static void errors_of_the_source_come_through(void **state)
{
    struct byte_source source = {.read = failing_read};
    CLEANUP(csv_reader_release) struct csv_reader reader;
    struct err err = {.code = 0};
    (void)state;
    assert_int_equal(csv_reader_init(&reader, &source, &err), E_IO);
    assert_string_equal(err.text, "the disk is gone");
}

/* --- out ----------------------------------------------------------------------------------------------------------- */

static void formulas_lose_their_sting(void **state)
{
    CLEANUP(buf_release) struct buf out;
    struct csv_writer writer;
    const struct text fields[] = {TEXT("=1+1"), TEXT("+x"),         TEXT("-x"),     TEXT("@alice"),
                                  TEXT("\tx"),  TEXT("\rx"),        TEXT("plain"),  TEXT(""),
                                  TEXT("a,b"),  TEXT("say \"hi\""), TEXT("=\"x\""), TEXT(" y")};
    (void)state;
    buf_init(&out, MIB);
    csv_writer_init(&writer, &out);
    assert_int_equal(csv_writer_row(&writer, fields, ARRAY_LEN(fields)), 0);
    assert_string_equal(buf_string(&out), "'=1+1,'+x,'-x,'@alice,\"'\tx\",\"'\rx\",plain,,\"a,b\",\"say \"\"hi\"\"\","
                                          "\"'=\"\"x\"\"\",\" y\"\r\n");
}

static void numbers_keep_their_minus(void **state)
{
    CLEANUP(buf_release) struct buf out;
    struct csv_writer writer;
    (void)state;
    buf_init(&out, MIB);
    csv_writer_init(&writer, &out);
    csv_writer_number(&writer, "%.2f", -1.5);
    csv_writer_number(&writer, "%d", 7);
    csv_writer_text(&writer, TEXT("-1.5"));
    assert_int_equal(csv_writer_end(&writer), 0);
    assert_string_equal(buf_string(&out), "-1.50,7,'-1.5\r\n");
}

static void a_full_buffer_is_reported_once_a_row(void **state)
{
    CLEANUP(buf_release) struct buf out;
    struct csv_writer writer;
    (void)state;
    buf_init(&out, 8);
    csv_writer_init(&writer, &out);
    csv_writer_text(&writer, TEXT("123456789"));
    csv_writer_text(&writer, TEXT("x"));
    assert_int_equal(csv_writer_end(&writer), E_TOO_LARGE);
}

static void what_is_written_is_read(void **state)
{
    struct seeded seeded = seeded_start("csv there and back");
    CLEANUP(buf_release) struct buf csv;
    CLEANUP(buf_release) struct buf raw;
    CLEANUP(buf_release) struct buf field;
    (void)state;
    buf_init(&csv, MIB);
    buf_init(&raw, MIB);
    buf_init(&field, MIB);
    for (int round = 0; round < 300; round++) {
        struct csv_writer writer;
        struct memory_source memory;
        CLEANUP(csv_reader_release) struct csv_reader reader;
        struct csv_row row;
        buf_clear(&csv);
        buf_clear(&raw);
        buf_clear(&field);
        seeded_text(&seeded, &raw, 40);
        assert_int_equal(utf8_repair(&field, buf_text(&raw)), 0);
        csv_writer_init(&writer, &csv);
        csv_writer_text(&writer, TEXT("head"));
        csv_writer_text(&writer, buf_text(&field));
        csv_writer_text(&writer, TEXT("tail"));
        assert_int_equal(csv_writer_end(&writer), 0);
        memory_source_init(&memory, buf_text(&csv));
        assert_int_equal(csv_reader_init(&reader, &memory.source, NULL), 0);
        reader.delimiter = ',';
        assert_int_equal(csv_reader_next(&reader, &row, NULL), 1);
        assert_null(row.broken);
        assert_int_equal(row.n, 3);
        bool guarded = field.len > 0 && strchr("=+-@\t\r\n", field.data[0]);
        struct text back = text_slice(row.fields[1], guarded, row.fields[1].len);
        assert_true(text_equal(back, buf_text(&field)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_quotes_and_line_ends),
        cmocka_unit_test(broken_rows_cost_themselves),
        cmocka_unit_test(delimiters_are_told_from_the_first_lines),
        cmocka_unit_test(limits_break_rows),
        cmocka_unit_test(stray_quotes_cost_little),
        cmocka_unit_test(lines_are_right_across_pieces),
        cmocka_unit_test(errors_of_the_source_come_through),
        cmocka_unit_test(formulas_lose_their_sting),
        cmocka_unit_test(numbers_keep_their_minus),
        cmocka_unit_test(a_full_buffer_is_reported_once_a_row),
        cmocka_unit_test(what_is_written_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

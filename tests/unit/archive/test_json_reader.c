/* tests/unit/archive/test_json_reader.c
 *
 * The tokenizer: tokens, text, errors, limits; the same for every way of cutting the input; values skipped unread.
 */
#include "archive/json_reader.h"

#include "base/cleanup.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "lib/check.h"
#include "lib/seeded.h"

#include <string.h>

/* Gives its bytes in pieces of `piece`. */
struct slow_source {
    struct byte_source source;
    struct text rest;
    size_t piece;
};

static int64_t slow_read(void *context, void *buf, size_t n, struct err *err)
{
    struct slow_source *slow = context;
    (void)err;
    if (n > slow->piece)
        n = slow->piece;
    if (n > slow->rest.len)
        n = slow->rest.len;
    if (n > 0)
        memcpy(buf, slow->rest.data, n);
    slow->rest = text_slice(slow->rest, n, slow->rest.len);
    return (int64_t)n;
}

static void slow_init(struct slow_source *slow, struct text bytes, size_t piece)
{
    *slow = (struct slow_source){.source = {.read = slow_read, .context = slow}, .rest = bytes, .piece = piece};
}

/* All tokens in one line: { } [ ] as they are, N:name, S:text, 12, t, f, n, and $ at the end; or the error. */
static void print_tokens(struct buf *out, struct json_reader *reader)
{
    enum json_token token;
    struct err err = {.code = 0};
    int rc;
    while ((rc = json_reader_next(reader, &token, &err)) == 0) {
        struct text t = json_reader_text(reader);
        static const char *const signs[] = {
            [TOKEN_END] = "$",       [TOKEN_OBJECT] = "{", [TOKEN_OBJECT_END] = "}", [TOKEN_ARRAY] = "[",
            [TOKEN_ARRAY_END] = "]", [TOKEN_NAME] = "N:",  [TOKEN_STRING] = "S:",    [TOKEN_NUMBER] = "#",
            [TOKEN_TRUE] = "t",      [TOKEN_FALSE] = "f",  [TOKEN_NULL] = "n",
        };
        assert_int_equal(buf_printf(out, "%s%.*s ", signs[token], TEXT_ARG(t)), 0);
        if (token == TOKEN_END)
            return;
    }
    assert_int_equal(rc, err.code);
    assert_int_equal(buf_printf(out, "! %s", err.text), 0);
}

static void tokens_of(struct buf *out, struct text json, size_t piece, const struct json_reader_options *options)
{
    struct slow_source slow;
    CLEANUP(json_reader_release) struct json_reader reader;
    slow_init(&slow, json, piece);
    buf_clear(out);
    assert_int_equal(json_reader_init(&reader, &slow.source, options), 0);
    print_tokens(out, &reader);
}

/* The same whatever the pieces. */
static void expect(const char *json, const char *tokens)
{
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, MIB);
    for (size_t piece = 1; piece < 20; piece++) {
        tokens_of(&out, text_of(json), piece, NULL);
        assert_string_equal(buf_string(&out), tokens);
    }
}

static void tokens_of_every_kind(void **state)
{
    (void)state;
    expect("{}", "{ } $ ");
    expect("[ ]", "[ ] $ ");
    expect(" {\"a\" : [1, -2.50e+3, true,false , null, \"x\"], \"b\":{\"c\":{}}}\r\n",
           "{ N:a [ #1 #-2.50e+3 t f n S:x ] N:b { N:c { } } } $ ");
    expect("\"alone\"", "S:alone $ ");
    expect("1234567890123456789012", "#1234567890123456789012 $ ");
    expect("[\"\",\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", "[ S: S:\"\\/\b\f\n\r\t ] $ ");
    expect("{\"a\":1,\"a\":2}", "{ N:a #1 N:a #2 } $ ");
}

static void text_becomes_well_formed(void **state)
{
    (void)state;
    expect("[\"caf\\u00e9 \\ud83e\\udebf\"]", "[ S:café 🪿 ] $ ");
    expect("[\"\\ud83e\", \"\\udebf\", \"\\ud83ex\\ud83e\\ud83e\\udebf\", \"\\u0000\"]",
           "[ S:\xEF\xBF\xBD S:\xEF\xBF\xBD S:\xEF\xBF\xBDx\xEF\xBF\xBD🪿 S:\xEF\xBF\xBD ] $ ");
    expect("[\"a\xC0\x80z\",\"\xED\xA0\x80\",\"\xFF\",\"ok \xF0\x9F\xAA\xBF\",\"cut \xF0\x9F\xAA\"]",
           "[ S:a\xEF\xBF\xBD\xEF\xBF\xBDz S:\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD S:\xEF\xBF\xBD S:ok 🪿 S:cut "
           "\xEF\xBF\xBD ] $ ");
    expect("{\"\\u006eame\":\"\xE9\\n\"}", "{ N:name S:\xEF\xBF\xBD\n } $ ");
}

static void errors_say_where(void **state)
{
    (void)state;
    expect("", "! line 1, byte 0: the file ends where a value is due");
    expect("\n\n  ", "! line 3, byte 4: the file ends where a value is due");
    expect("[1,\n 2\n 3]", "[ #1 #2 ! line 3, byte 8: expected a comma or the end, found 3");
    expect("[1,]", "[ #1 ! line 1, byte 3: expected a value, found ]");
    expect("{\"a\":1,}", "{ N:a #1 ! line 1, byte 7: expected a name in quotes, found }");
    expect("{a:1}", "{ ! line 1, byte 1: expected a name or }, found a");
    expect("{\"a\" 1}", "{ N:a ! line 1, byte 5: expected a colon, found 1");
    expect("[}", "[ ! line 1, byte 1: expected a value or ], found }");
    expect("[1}", "[ #1 ! line 1, byte 2: expected a comma or the end, found }");
    expect("{\"a\":1]", "{ N:a #1 ! line 1, byte 6: expected a comma or the end, found ]");
    expect("[] []", "[ ] ! line 1, byte 3: expected the end of the file, found [");
    expect("[\"abc", "[ ! line 1, byte 5: the file ends inside a text");
    expect("[\"abc\\", "[ ! line 1, byte 5: the file ends inside a text");
    expect("[\"a\nb\"]", "[ ! line 1, byte 3: a control character (0x0a) inside a text");
    expect("[\"\\x\"]", "[ ! line 1, byte 2: a backslash before something that needs none");
    expect("[\"\\u12g4\"]", "[ ! line 1, byte 2: \\u without four hexadecimal digits");
    expect("[tru]", "[ ! line 1, byte 1: a word that is neither true, false nor null");
    expect("[-]", "[ ! line 1, byte 1: a number that is none: -");
    expect("[01]", "[ ! line 1, byte 1: a number that is none: 01");
    expect("[1.]", "[ ! line 1, byte 1: a number that is none: 1.");
    expect("[1e]", "[ ! line 1, byte 1: a number that is none: 1e");
    expect("[+1]", "[ ! line 1, byte 1: expected a value or ], found +");
    expect("[\xFF]", "[ ! line 1, byte 1: expected a value or ], found the byte 0xff");
    expect("[1", "[ #1 ! line 1, byte 2: the file ends where a comma or the end is due");
    expect("{\"a\"", "{ N:a ! line 1, byte 4: the file ends where a colon is due");
}

static void raw_nul_is_refused(void **state)
{
    static const char inside[] = "[\"a\0b\"]";
    static const char between[] = "[1,\0 2]";
    CLEANUP(buf_release) struct buf out;
    (void)state;
    buf_init(&out, MIB);
    tokens_of(&out, (struct text){inside, sizeof inside - 1}, 100, NULL);
    assert_string_equal(buf_string(&out), "[ ! line 1, byte 3: a control character (0x00) inside a text");
    tokens_of(&out, (struct text){between, sizeof between - 1}, 100, NULL);
    assert_string_equal(buf_string(&out), "[ #1 ! line 1, byte 3: expected a value, found the byte 0x00");
}

static void after_an_error_it_stays_there(void **state)
{
    struct memory_source memory;
    CLEANUP(json_reader_release) struct json_reader reader;
    enum json_token token;
    (void)state;
    memory_source_init(&memory, TEXT("[1 2]"));
    assert_int_equal(json_reader_init(&reader, &memory.source, NULL), 0);
    assert_int_equal(json_reader_next(&reader, &token, NULL), 0);
    assert_int_equal(json_reader_next(&reader, &token, NULL), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(json_reader_next(&reader, &token, NULL), E_BAD_INPUT);
    assert_int_equal(json_reader_skip(&reader, NULL), E_BAD_INPUT);
}

static void options_place_lines_and_scripts(void **state)
{
    CLEANUP(buf_release) struct buf out;
    (void)state;
    buf_init(&out, MIB);
    tokens_of(&out, TEXT("[];\n"), 3, &(struct json_reader_options){.script = true});
    assert_string_equal(buf_string(&out), "[ ] $ ");
    tokens_of(&out, TEXT("[];;"), 3, &(struct json_reader_options){.script = true});
    assert_string_equal(buf_string(&out), "[ ] ! line 1, byte 3: expected the end of the file, found ;");
    tokens_of(&out, TEXT("[x"), 3, &(struct json_reader_options){.line = 7, .offset = 40});
    assert_string_equal(buf_string(&out), "[ ! line 7, byte 41: expected a value or ], found x");
    tokens_of(&out, TEXT("{}\n{}\n[]"), 3, &(struct json_reader_options){.many = true});
    assert_string_equal(buf_string(&out), "{ } { } [ ] $ ");
    tokens_of(&out, TEXT("{}\n}"), 3, &(struct json_reader_options){.many = true});
    assert_string_equal(buf_string(&out), "{ } ! line 2, byte 3: expected a value, found }");
}

static void limits_hold_where_values_are_read(void **state)
{
    CLEANUP(buf_release) struct buf out;
    CLEANUP(buf_release) struct buf json;
    struct json_reader_options small = {.token_max = 8};
    (void)state;
    buf_init(&out, MIB);
    buf_init(&json, MIB);
    tokens_of(&out, TEXT("[\"12345678\"]"), 3, &small);
    assert_string_equal(buf_string(&out), "[ S:12345678 ] $ ");
    for (size_t piece = 1; piece < 30; piece++) {
        tokens_of(&out, TEXT("[\"123456789\"]"), piece, &small);
        assert_non_null(strstr(buf_string(&out), "a text of more than 8 bytes"));
        tokens_of(&out, TEXT("[\"1234567\\u00e9\"]"), piece, &small);
        assert_non_null(strstr(buf_string(&out), "a text of more than 8 bytes"));
    }
    for (int i = 0; i < LIMIT_JSON_DEPTH; i++)
        assert_int_equal(buf_add(&json, TEXT("[")), 0);
    tokens_of(&out, buf_text(&json), 7, NULL);
    assert_non_null(strstr(buf_string(&out), "byte 64: the file ends"));
    assert_int_equal(buf_add(&json, TEXT("{")), 0);
    tokens_of(&out, buf_text(&json), 7, NULL);
    assert_non_null(strstr(buf_string(&out), "more than 64 levels"));
    buf_clear(&json);
    for (int i = 0; i < 1100; i++)
        assert_int_equal(buf_add(&json, TEXT("9")), 0);
    tokens_of(&out, buf_text(&json), 7, NULL);
    assert_non_null(strstr(buf_string(&out), "a number of more than 1024 digits"));
}

static void skip_takes_what_is_due(void **state)
{
    struct memory_source memory;
    CLEANUP(json_reader_release) struct json_reader r;
    enum json_token token;
    (void)state;
    memory_source_init(&memory,
                       TEXT("{\"a\":{\"b\":[1,\"]}\",{}]},\"c\":\"\\\"x\\\"\",\"d\":7,\"e\":[[],[1]],\"f\":true}"));
    assert_int_equal(json_reader_init(&r, &memory.source, NULL), 0);
    assert_int_equal(json_reader_next(&r, &token, NULL), 0);
    for (const char *name = "acd"; *name; name++) {
        assert_int_equal(json_reader_next(&r, &token, NULL), 0);
        assert_int_equal(token, TOKEN_NAME);
        assert_int_equal(json_reader_text(&r).data[0], *name);
        assert_int_equal(json_reader_skip(&r, NULL), 0);
    }
    assert_int_equal(json_reader_next(&r, &token, NULL), 0);
    assert_int_equal(json_reader_next(&r, &token, NULL), 0);
    assert_int_equal(token, TOKEN_ARRAY); /* of e: skip from inside goes to its end */
    assert_int_equal(json_reader_skip(&r, NULL), 0);
    assert_int_equal(json_reader_next(&r, &token, NULL), 0);
    assert_text(json_reader_text(&r), "f");
    assert_int_equal(json_reader_next(&r, &token, NULL), 0);
    assert_int_equal(json_reader_skip(&r, NULL), 0); /* behind a value: nothing */
    assert_int_equal(json_reader_next(&r, &token, NULL), 0);
    assert_int_equal(token, TOKEN_OBJECT_END);
    assert_int_equal(json_reader_next(&r, &token, NULL), 0);
    assert_int_equal(token, TOKEN_END);
}

static void skipped_values_are_checked(void **state)
{
    static const char *const broken[] = {"{\"a\":[1,]}", "{\"a\":{\"b\" 1}}", "{\"a\":\"\\q\"}", "{\"a\":[tru]}",
                                         "{\"a\":[1",    "{\"a\":\"\\u00\"}", "{\"a\":0x}",      "{\"a\":}"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
        struct memory_source memory;
        CLEANUP(json_reader_release) struct json_reader r;
        enum json_token token;
        memory_source_init(&memory, text_of(broken[i]));
        assert_int_equal(json_reader_init(&r, &memory.source, NULL), 0);
        assert_int_equal(json_reader_next(&r, &token, NULL), 0);
        assert_int_equal(json_reader_next(&r, &token, NULL), 0);
        int rc = json_reader_skip(&r, NULL);
        if (rc == 0)
            rc = json_reader_next(&r, &token, NULL);
        assert_int_equal(rc, E_BAD_INPUT);
    }
}

/* {"a":"xxx...","b":1}, made while it is read. */
struct long_source {
    struct byte_source source;
    uint64_t at;
    uint64_t len; /* of the string */
};

static int64_t long_read(void *context, void *buf, size_t n, struct err *err)
{
    static const struct text head = {"{\"a\":\"", 6};
    static const struct text tail = {"\",\"b\":1}", 8};
    struct long_source *s = context;
    (void)err;
    if (s->at < head.len) {
        memcpy(buf, head.data, head.len);
        s->at = head.len;
        return (int64_t)head.len;
    }
    uint64_t left = head.len + s->len > s->at ? head.len + s->len - s->at : 0;
    if (left == 0) {
        size_t from = (size_t)(s->at - head.len - s->len);
        memcpy(buf, tail.data + from, tail.len - from);
        s->at += tail.len - from;
        return (int64_t)(tail.len - from);
    }
    if (n > left)
        n = (size_t)left;
    memset(buf, 'x', n);
    s->at += n;
    return (int64_t)n;
}

static void a_string_of_400_mb_is_skipped_in_constant_memory(void **state)
{
    struct long_source source = {.source = {.read = long_read, .context = &source}, .len = UINT64_C(400) << 20};
    CLEANUP(json_reader_release) struct json_reader r;
    enum json_token token;
    (void)state;
    assert_int_equal(json_reader_init(&r, &source.source, NULL), 0);
    assert_int_equal(json_reader_next(&r, &token, NULL), 0);
    assert_int_equal(json_reader_next(&r, &token, NULL), 0);
    assert_int_equal(json_reader_skip(&r, NULL), 0);
    assert_int_equal(json_reader_next(&r, &token, NULL), 0);
    assert_text(json_reader_text(&r), "b");
    assert_true(r.token.size <= 64); /* nothing was gathered */
    source.at = 0;
    json_reader_release(&r);
    assert_int_equal(json_reader_init(&r, &source.source, NULL), 0);
    assert_int_equal(json_reader_next(&r, &token, NULL), 0);
    assert_int_equal(json_reader_next(&r, &token, NULL), 0);
    assert_int_equal(json_reader_next(&r, &token, NULL), E_TOO_LARGE);
    assert_true(r.token.size <= 2 * LIMIT_JSON_TOKEN);
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
    CLEANUP(json_reader_release) struct json_reader r;
    struct err err = {.code = 0};
    enum json_token token;
    (void)state;
    assert_int_equal(json_reader_init(&r, &source, NULL), 0);
    assert_int_equal(json_reader_next(&r, &token, &err), E_IO);
    assert_string_equal(err.text, "the disk is gone");
}

/* --- properties ---------------------------------------------------------------------------------------------------- */

static void put(struct buf *out, struct text t)
{
    assert_int_equal(buf_add(out, t), 0);
}

static void make_value(struct seeded *seeded, struct buf *out, unsigned depth);

static void make_string(struct seeded *seeded, struct buf *out)
{
    static const char *const escapes[] = {"\\n", "\\\"", "\\\\", "\\u00e9", "\\ud83d\\ude00", "\\ud83d", "\\/"};
    CLEANUP(buf_release) struct buf raw;
    buf_init(&raw, MIB);
    put(out, TEXT("\""));
    seeded_text(seeded, &raw, seeded_below(seeded, 300));
    for (size_t i = 0; i < raw.len; i++) {
        char c = raw.data[i];
        if (c == '"' || c == '\\' || (unsigned char)c < 0x20)
            put(out, text_of(escapes[seeded_below(seeded, ARRAY_LEN(escapes))]));
        else
            put(out, (struct text){&raw.data[i], 1});
    }
    put(out, TEXT("\""));
}

static void make_container(struct seeded *seeded, struct buf *out, unsigned depth, bool object)
{
    size_t n = seeded_below(seeded, 5);
    put(out, object ? TEXT("{") : TEXT("["));
    for (size_t i = 0; i < n; i++) {
        put(out, i > 0 ? TEXT(" ,\n        ") : TEXT(" "));
        if (object) {
            make_string(seeded, out);
            put(out, TEXT(" : "));
        }
        make_value(seeded, out, depth + 1);
    }
    put(out, object ? TEXT("}") : TEXT("]"));
}

static void make_value(struct seeded *seeded, struct buf *out, unsigned depth)
{
    size_t kind = seeded_below(seeded, depth > 5 ? 4 : 6);
    if (kind == 0)
        put(out, TEXT("null"));
    else if (kind == 1)
        assert_int_equal(buf_printf(out, "-%zu.5e-3", seeded_below(seeded, 100000)), 0);
    else if (kind < 4)
        make_string(seeded, out);
    else
        make_container(seeded, out, depth, kind == 4);
}

static void any_cut_gives_the_same_tokens(void **state)
{
    struct seeded seeded = seeded_start("json cuts");
    CLEANUP(buf_release) struct buf json;
    CLEANUP(buf_release) struct buf whole;
    CLEANUP(buf_release) struct buf cut;
    (void)state;
    buf_init(&json, 16 * MIB);
    buf_init(&whole, 64 * MIB);
    buf_init(&cut, 64 * MIB);
    for (int round = 0; round < 60; round++) {
        buf_clear(&json);
        make_container(&seeded, &json, 0, true);
        tokens_of(&whole, buf_text(&json), SIZE_MAX, NULL);
        assert_non_null(strchr(buf_string(&whole), '$'));
        assert_true(utf8_valid(buf_text(&whole)));
        tokens_of(&cut, buf_text(&json), 1 + seeded_below(&seeded, 97), NULL);
        assert_string_equal(buf_string(&whole), buf_string(&cut));
    }
}

/* Long strings and names lie across the ends of the window. */
static void texts_across_windows(void **state)
{
    CLEANUP(buf_release) struct buf json;
    (void)state;
    buf_init(&json, MIB);
    for (size_t before = 65520; before < 65550; before++) {
        struct memory_source memory;
        CLEANUP(json_reader_release) struct json_reader r;
        enum json_token token;
        buf_clear(&json);
        put(&json, TEXT("{"));
        for (size_t i = 0; i < before; i++)
            put(&json, TEXT(" "));
        put(&json, TEXT("\"n\xC3\xA4me\"  :  \"v\xC3\xA4lue\\n\" , \"x\": 123456 , \"y\":true}"));
        memory_source_init(&memory, buf_text(&json));
        assert_int_equal(json_reader_init(&r, &memory.source, NULL), 0);
        assert_int_equal(json_reader_next(&r, &token, NULL), 0);
        assert_int_equal(json_reader_next(&r, &token, NULL), 0);
        assert_text(json_reader_text(&r), "n\xC3\xA4me");
        assert_int_equal(json_reader_next(&r, &token, NULL), 0);
        assert_text(json_reader_text(&r), "v\xC3\xA4lue\n");
        assert_int_equal(json_reader_next(&r, &token, NULL), 0);
        assert_int_equal(json_reader_next(&r, &token, NULL), 0);
        assert_text(json_reader_text(&r), "123456");
        assert_int_equal(json_reader_next(&r, &token, NULL), 0);
        assert_int_equal(json_reader_next(&r, &token, NULL), 0);
        assert_int_equal(token, TOKEN_TRUE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_of_every_kind),
        cmocka_unit_test(text_becomes_well_formed),
        cmocka_unit_test(errors_say_where),
        cmocka_unit_test(raw_nul_is_refused),
        cmocka_unit_test(after_an_error_it_stays_there),
        cmocka_unit_test(options_place_lines_and_scripts),
        cmocka_unit_test(limits_hold_where_values_are_read),
        cmocka_unit_test(skip_takes_what_is_due),
        cmocka_unit_test(skipped_values_are_checked),
        cmocka_unit_test(a_string_of_400_mb_is_skipped_in_constant_memory),
        cmocka_unit_test(errors_of_the_source_come_through),
        cmocka_unit_test(any_cut_gives_the_same_tokens),
        cmocka_unit_test(texts_across_windows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* bridge/store/parameters.c
 *
 * Are the parameters of a statement exactly $1 ... $n?
 *
 * To SQLite `$2` is a name whose number goes by its first appearance, and `$1::bigint` is a parameter named so: what
 * binds by position, or is written for PostgreSQL alone, works on one database and is wrong on the other. So a
 * statement is read once, when it is prepared, by the rules that both share.
 */
#include "store/driver.h"

/* Offset behind what opens at `at` and ends with `end`: '...', "...", a comment. An open end reaches to the end. */
static size_t behind(struct text sql, size_t at, struct text end)
{
    size_t found = text_find(sql, end, at);
    return found == TEXT_NOWHERE ? sql.len : found + end.len;
}

/* Behind a quoted string or a comment that begins at `at`; `at` itself where none does. A doubled quote inside a string
 * reads as two strings side by side, which comes to the same. */
static size_t skip_quoted(struct text sql, size_t at)
{
    struct text rest = text_slice(sql, at, sql.len);
    if (text_starts(rest, TEXT("'")))
        return behind(sql, at + 1, TEXT("'"));
    if (text_starts(rest, TEXT("\"")))
        return behind(sql, at + 1, TEXT("\""));
    if (text_starts(rest, TEXT("--")))
        return behind(sql, at + 2, TEXT("\n"));
    if (text_starts(rest, TEXT("/*")))
        return behind(sql, at + 2, TEXT("*/"));
    return at;
}

/* Reads `$12` at `at`: its number, and moves on. */
static int take_parameter(struct text sql, size_t *at, uint64_t *ret_number, struct err *err)
{
    size_t end = *at + 1;
    while (end < sql.len && (byte_is_digit(sql.data[end]) || byte_is_letter(sql.data[end]) || sql.data[end] == '_'))
        end++;
    struct text digits = text_slice(sql, *at + 1, end);
    if (!text_to_u64(digits, ret_number) || text_starts(digits, TEXT("0")) || *ret_number > DB_PARAMETERS_MAX)
        return err_set(err, E_BUG, "\"$%.*s\" is no parameter: they are $1 to $%d", TEXT_ARG(digits),
                       DB_PARAMETERS_MAX);
    *at = end;
    return 0;
}

int statement_parameters(struct text sql, size_t *ret_n, struct err *err)
{
    uint64_t seen = 0; /* bit n - 1: $n */
    for (size_t at = 0; at < sql.len;) {
        size_t next = skip_quoted(sql, at);
        if (next > at) {
            at = next;
            continue;
        }
        char byte = sql.data[at];
        if (byte == '?' || byte == ':' || byte == '@')
            return err_set(err, E_BUG, "\"%c\" in SQL: parameters are $1 to $n, casts are written CAST(... AS ...)",
                           byte);
        if (byte == '$') {
            uint64_t number;
            int failed = take_parameter(sql, &at, &number, err);
            if (failed)
                return failed;
            seen |= UINT64_C(1) << (number - 1);
        } else {
            at++;
        }
    }
    size_t n = 0;
    while (seen >> n & 1)
        n++;
    if (seen >> n != 0)
        return err_set(err, E_BUG, "the parameters of a statement are $1 to $n without a gap; $%zu is missing", n + 1);
    *ret_n = n;
    return 0;
}

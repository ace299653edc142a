/* bridge/app/match_output.c
 *
 * Printing what matching found.
 */
#include "app/match_output.h"

#include "app/progress.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "views/match_view.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int match_format_read(const struct invocation *invocation, enum match_format *ret_format, struct err *err)
{
    static const char *const words[] = {[MATCH_AS_TABLE] = "table", [MATCH_AS_CSV] = "csv", [MATCH_AS_JSON] = "json"};
    const char *given = invocation_option(invocation, "format");
    *ret_format = MATCH_AS_TABLE;
    for (size_t i = 0; given && i < ARRAY_LEN(words); i++) {
        if (strcmp(given, words[i]) == 0) {
            *ret_format = (enum match_format)i;
            return 0;
        }
    }
    return given ? err_set(err, E_USAGE, "--format is table, csv or json, not '%s'", given) : 0;
}

int output_flush(struct buf *out, struct err *err)
{
    if (fwrite(out->data, 1, out->len, stdout) != out->len || fflush(stdout) != 0)
        return err_set_system(err, errno, "the results cannot be written");
    buf_clear(out);
    return 0;
}

static int print_lines(enum match_format format, const char *network, const struct match *matches, size_t n,
                       struct buf *out, struct err *err)
{
    int rc = format == MATCH_AS_CSV ? match_view_csv_header(out) : 0;
    for (size_t i = 0; rc == 0 && i < n; i++) {
        rc = format == MATCH_AS_CSV ? match_view_csv(&matches[i], network, out)
                                    : match_view_json(&matches[i], network, out);
        if (rc == 0 && out->len > LIMIT_OUTPUT / 2)
            rc = output_flush(out, err);
    }
    return rc;
}

int match_output(enum match_format format, const char *network, const char *title, bool all,
                 const struct match *matches, size_t n, struct err *err)
{
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, LIMIT_OUTPUT);
    int rc = format == MATCH_AS_TABLE ? match_view_table(matches, n, title, progress_columns(), all, &out)
                                      : print_lines(format, network, matches, n, &out, err);
    if (rc < 0)
        return err->code < 0 ? rc : err_set(err, rc, "no memory to print %zu results", n);
    return output_flush(&out, err);
}

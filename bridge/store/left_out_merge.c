/* bridge/store/left_out_merge.c
 *
 * Two left-out.logs become one: that of the folder and that of the backup, of which neither may lose a line.
 *
 * As a rule one of them is the beginning of the other. Where both went on by themselves (somebody restored before), the
 * times of their lines say what came first, so that the last word stays the last.
 */
#include "store/backup.h"
#include "store/left_out.h"
#include "store/left_out_line.h"

struct merging {
    struct text rest;
    struct text line; /* the next one, without its end */
    int64_t ms;
    bool more;
};

static int next(struct merging *self, struct err *err)
{
    struct left_out_line line;
    self->more = !text_empty(self->rest) && text_cut(&self->rest, '\n', &self->line);
    if (!self->more)
        return 0;
    const char *why = left_out_parse(self->line, &line);
    if (why)
        return err_set(err, E_BAD_INPUT, "a line of " LEFT_OUT_FILE " %s: \"%.*s\"", why, TEXT_ARG(self->line));
    self->ms = line.ms;
    return 0;
}

static int take(struct merging *self, struct buf *out, struct err *err)
{
    int failed = buf_add(out, self->line);
    if (!failed)
        failed = buf_add_byte(out, '\n');
    return failed ? err_set(err, failed, "no memory for the lines of " LEFT_OUT_FILE) : next(self, err);
}

int left_out_merge(struct text a, struct text b, struct buf *out, struct err *err)
{
    struct merging one = {.rest = a};
    struct merging other = {.rest = b};
    int failed = next(&one, err);
    if (!failed)
        failed = next(&other, err);
    while (!failed && (one.more || other.more)) {
        bool equal = one.more && other.more && text_equal(one.line, other.line);
        bool first = one.more && (!other.more || one.ms <= other.ms);
        if (equal)
            failed = next(&other, err);
        if (!failed)
            failed = take(equal || first ? &one : &other, out, err);
    }
    return failed;
}

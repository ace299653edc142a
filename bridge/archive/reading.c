/* bridge/archive/reading.c
 *
 * The record of one file being read.
 */
#include "archive/reading.h"

#define REPORT_EVERY MIB
#define KINDS_USUAL  (LIST_BIT(LIST_FOLLOWING) | LIST_BIT(LIST_FOLLOWERS))

void reading_init(struct reading *reading, const struct archive_options *options, struct text name)
{
    *reading = (struct reading){.options = options, .name = name, .label = name};
    reading->progress.file = name;
    fact_set_init(&reading->facts);
}

void reading_release(struct reading *reading)
{
    for (size_t i = 0; i < reading->n_lists; i++)
        follow_list_release(&reading->lists[i]);
    reading->n_lists = 0;
    fact_set_release(&reading->facts);
}

static unsigned wanted_kinds(const struct reading *reading)
{
    unsigned kinds = reading->options->kinds;
    return (kinds & ~LIST_BIT(LIST_FACTS)) == 0 ? kinds | KINDS_USUAL : kinds;
}

bool reading_wants(const struct reading *reading, enum list_kind kind, enum list_kind *ret_as)
{
    unsigned kinds = wanted_kinds(reading);
    bool as_roster = kind == LIST_FOLLOWING && (kinds & LIST_BIT(kind)) == 0 && (kinds & LIST_BIT(LIST_ROSTER)) != 0;
    *ret_as = as_roster ? LIST_ROSTER : kind;
    return as_roster || (kinds & LIST_BIT(kind)) != 0;
}

enum list_kind reading_untold(const struct reading *reading)
{
    return (enum list_kind)__builtin_ctz(wanted_kinds(reading));
}

struct follow_list *reading_list(struct reading *reading, enum list_kind kind, enum list_source source)
{
    for (size_t i = 0; i < reading->n_lists; i++)
        if (reading->lists[i].kind == kind && reading->lists[i].source == source)
            return &reading->lists[i];
    if (reading->n_lists == READING_LISTS_MAX)
        return NULL;
    struct follow_list *list = &reading->lists[reading->n_lists++];
    follow_list_init(list, kind, source);
    return list;
}

static int report(struct reading *reading, struct err *err)
{
    const struct archive_options *options = reading->options;
    reading->reported = reading->progress.bytes;
    if (options->progress && !options->progress(options->context, &reading->progress))
        return err_set(err, E_CANCELLED, "stopped while reading");
    return 0;
}

void reading_row(struct reading *reading)
{
    reading->progress.rows++;
}

int reading_bytes(struct reading *reading, uint64_t bytes, struct err *err)
{
    reading->progress.bytes += bytes;
    return reading->progress.bytes - reading->reported >= REPORT_EVERY ? report(reading, err) : 0;
}

int reading_begin(struct reading *reading, struct text label, struct err *err)
{
    reading->label = label;
    reading->progress.file = label;
    return report(reading, err);
}

static int64_t counted_read(void *context, void *buf, size_t n, struct err *err)
{
    struct counted_source *counted = context;
    int64_t got = counted->from->read(counted->from->context, buf, n, err);
    if (got <= 0)
        return got;
    int rc = reading_bytes(counted->reading, (uint64_t)got, err);
    return rc < 0 ? rc : got;
}

void counted_source_init(struct counted_source *counted, const struct byte_source *from, struct reading *reading)
{
    *counted = (struct counted_source){
        .source = {.read = counted_read, .context = counted},
        .from = from,
        .reading = reading,
    };
}

/* bridge/app/pair_file.c
 *
 * Reading pairs row by row.
 */
#include "app/pair_file.h"

#include "archive/csv_reader.h"
#include "base/cleanup.h"

enum column { COLUMN_X_HANDLE, COLUMN_X_ID, COLUMN_NETWORK, COLUMN_PROFILE, COLUMNS };

static const char *const column_names[COLUMNS] = {"x_handle", "x_id", "network", "profile"};

struct reading {
    json_t *pairs;
    size_t places[COLUMNS]; /* SIZE_MAX: the file has no such column */
    size_t n;
    void (*bad)(void *context, uint64_t line, const char *why);
    void *context;
};

static int find_columns(struct reading *reading, const struct csv_row *row, struct err *err)
{
    for (size_t c = 0; c < COLUMNS; c++) {
        reading->places[c] = SIZE_MAX;
        for (size_t i = row->n; i-- > 0;)
            if (text_equal_fold(text_trim(row->fields[i]), text_of(column_names[c])))
                reading->places[c] = i;
    }
    bool has_x = reading->places[COLUMN_X_HANDLE] != SIZE_MAX || reading->places[COLUMN_X_ID] != SIZE_MAX;
    if (!row->broken && has_x && reading->places[COLUMN_NETWORK] != SIZE_MAX &&
        reading->places[COLUMN_PROFILE] != SIZE_MAX)
        return 0;
    return err_set(err, E_BAD_INPUT,
                   "the first line must name the columns x_handle,network,profile (x_id instead of x_handle, or beside "
                   "it, is fine)");
}

static struct text field(const struct reading *reading, const struct csv_row *row, enum column column)
{
    size_t place = reading->places[column];
    return place < row->n ? text_trim(row->fields[place]) : TEXT_NONE;
}

/* Networks' names are small letters; people write "Bluesky". */
static json_t *network_json(struct text network)
{
    char name[32];
    network = text_slice(network, 0, sizeof name);
    for (size_t i = 0; i < network.len; i++)
        name[i] = byte_lower(network.data[i]);
    return json_from_view((struct text){name, network.len});
}

static int take_row(struct reading *reading, const struct csv_row *row, struct err *err)
{
    struct text handle = field(reading, row, COLUMN_X_HANDLE);
    struct text id = field(reading, row, COLUMN_X_ID);
    struct text network = field(reading, row, COLUMN_NETWORK);
    struct text profile = field(reading, row, COLUMN_PROFILE);
    const char *why = row->broken;
    if (!why && text_empty(handle) && text_empty(id))
        why = "a pair needs an X handle or an X id";
    if (!why && (text_empty(network) || text_empty(profile)))
        why = "a pair needs a network and a profile";
    if (why) {
        reading->bad(reading->context, row->line, why);
        return 0;
    }
    json_t *pair =
        json_pack("{sI so so so so}", "line", (json_int_t)row->line, "x_handle", json_or_null(handle), "x_id",
                  json_or_null(id), "network", network_json(network), "profile", json_from_view(profile));
    if (!pair || json_array_append_new(reading->pairs, pair) < 0)
        return err_set(err, E_NOMEM, "no memory for so many pairs");
    reading->n++;
    return 0;
}

static int read_rows(struct reading *reading, struct csv_reader *reader, struct err *err)
{
    struct csv_row row;
    int more = csv_reader_next(reader, &row, err);
    if (more == 0)
        return err_set(err, E_BAD_INPUT, "the file is empty; its first line must be x_handle,network,profile");
    int rc = more < 0 ? more : find_columns(reading, &row, err);
    while (rc == 0 && (more = csv_reader_next(reader, &row, err)) > 0)
        rc = take_row(reading, &row, err);
    rc = more < 0 ? more : rc;
    return rc == 0 && reading->n == 0 ? err_set(err, E_BAD_INPUT, "no row of it is a pair") : rc;
}

int pair_file_read(const char *path, json_t *pairs, void (*bad)(void *context, uint64_t line, const char *why),
                   void *context, struct err *err)
{
    CLEANUP(file_source_release) struct file_source file = {.fd = -1};
    struct reading reading = {.pairs = pairs, .bad = bad, .context = context};
    struct csv_reader reader;
    int rc = file_source_open(&file, path, err);
    if (rc == 0)
        rc = csv_reader_init(&reader, &file.bytes.source, err);
    if (rc == 0) {
        rc = read_rows(&reading, &reader, err);
        csv_reader_release(&reader);
    }
    if (rc < 0)
        err_prefix(err, "%s: ", path);
    return rc;
}

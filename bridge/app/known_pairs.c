/* bridge/app/known_pairs.c
 *
 * Reading known pairs.
 */
#include "app/known_pairs.h"

#include "archive/csv_reader.h"
#include "base/cleanup.h"
#include "base/limits.h"

#include <inttypes.h>

/* The last may be missing. */
enum column { COLUMN_X_HANDLE, COLUMN_NETWORK, COLUMN_PROFILE, COLUMN_X_ID, COLUMNS };

static const char *const column_names[COLUMNS] = {"x_handle", "network", "profile", "x_id"};

static int find_columns(const struct csv_row *row, size_t ret_places[COLUMNS], struct err *err)
{
    for (size_t c = 0; c < COLUMNS; c++) {
        size_t place = 0;
        while (place < row->n && !text_equal_fold(text_trim(row->fields[place]), text_of(column_names[c])))
            place++;
        if (place == row->n && c == COLUMN_X_ID)
            place = SIZE_MAX;
        else if (place == row->n)
            return err_set(err, E_BAD_INPUT,
                           "the first line must name the columns x_handle,network,profile; '%s' is "
                           "missing",
                           column_names[c]);
        ret_places[c] = place;
    }
    return 0;
}

static struct text without_at(struct text handle)
{
    return text_starts(handle, TEXT("@")) ? text_slice(handle, 1, handle.len) : handle;
}

static int add_pair(struct known_pairs *known, struct text x_handle, struct text profile)
{
    struct known_pair *pairs = arena_grow(&known->arena, known->pairs, known->n, sizeof *pairs);
    if (!pairs)
        return E_NOMEM;
    known->pairs = pairs;
    struct known_pair *pair = &pairs[known->n];
    *pair = (struct known_pair){.state = PAIR_PROVEN};
    if (!arena_text(&known->arena, x_handle, &pair->x_handle) || !arena_text(&known->arena, profile, &pair->profile_id))
        return E_NOMEM;
    known->n++;
    return 0;
}

static int read_row(struct known_pairs *known, const struct csv_row *row, const size_t places[COLUMNS],
                    struct text network, struct err *err)
{
    struct text fields[COLUMNS];
    if (row->broken)
        return err_set(err, E_BAD_INPUT, "line %" PRIu64 ": %s", row->line, row->broken);
    for (size_t c = 0; c < COLUMNS; c++)
        fields[c] = places[c] < row->n ? text_trim(row->fields[places[c]]) : TEXT_NONE;
    if (!text_equal_fold(fields[COLUMN_NETWORK], network))
        return 0;
    struct text handle = without_at(fields[COLUMN_X_HANDLE]);
    if (text_empty(handle) && !text_empty(fields[COLUMN_X_ID]))
        return 0; /* `pairs export` knows the id alone; lists are joined by handle here */
    if (text_empty(handle) || text_empty(fields[COLUMN_PROFILE]))
        return err_set(err, E_BAD_INPUT, "line %" PRIu64 ": a pair needs an X handle and a profile", row->line);
    if (text_equal(network, TEXT("bluesky")) && !text_starts(fields[COLUMN_PROFILE], TEXT("did:")))
        return err_set(err, E_BAD_INPUT,
                       "line %" PRIu64 ": the profile must be a DID (did:plc:...), not '%.*s': handles change owners",
                       row->line, TEXT_ARG(fields[COLUMN_PROFILE]));
    if (add_pair(known, handle, fields[COLUMN_PROFILE]) < 0)
        return err_set(err, E_NOMEM, "no memory for so many pairs");
    return 0;
}

static int read_rows(struct known_pairs *known, struct csv_reader *reader, struct text network, struct err *err)
{
    struct csv_row row;
    size_t places[COLUMNS];
    int more = csv_reader_next(reader, &row, err);
    if (more == 0)
        return err_set(err, E_BAD_INPUT, "the file is empty; its first line must be x_handle,network,profile");
    int rc = more < 0 ? more : find_columns(&row, places, err);
    while (rc == 0 && (more = csv_reader_next(reader, &row, err)) > 0)
        rc = read_row(known, &row, places, network, err);
    return more < 0 ? more : rc;
}

static int read_file(struct known_pairs *known, const struct byte_source *source, struct text network, struct err *err)
{
    struct csv_reader reader;
    int rc = csv_reader_init(&reader, source, err);
    if (rc == 0)
        rc = read_rows(known, &reader, network, err);
    csv_reader_release(&reader);
    return rc;
}

int known_pairs_read(struct known_pairs *known, const char *path, struct text network, struct err *err)
{
    CLEANUP(file_source_release) struct file_source file = {.fd = -1};
    *known = (struct known_pairs){0};
    arena_init(&known->arena, LIMIT_OPERATION_ARENA);
    int rc = file_source_open(&file, path, err);
    if (rc == 0)
        rc = read_file(known, &file.bytes.source, network, err);
    if (rc < 0)
        err_prefix(err, "%s: ", path);
    return rc;
}

void known_pairs_release(struct known_pairs *known)
{
    arena_release(&known->arena);
}

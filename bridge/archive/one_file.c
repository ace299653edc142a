/* bridge/archive/one_file.c
 *
 * From a file's kind to its reader, or to the sentence why there is none.
 */
#include "archive/one_file.h"

#include "archive/csv_list.h"
#include "archive/pasted.h"
#include "archive/private_names.h"
#include "archive/x_archive.h"
#include "archive/x_file.h"
#include "archive/x_owner.h"
#include "archive/x_users.h"
#include "base/cleanup.h"

#define PART_STEP 1000000u /* more parts than js_global_split lets through */

static int refuse_private(struct err *err)
{
    return err_set(err, E_FORBIDDEN,
                   "this is named for messages, contacts or devices; Skein does not open such files, "
                   "give following.js or the whole archive");
}

int one_file_look(const struct archive_file *file, struct one_file *ret_found, struct err *err)
{
    struct cursor_source cursor;
    *ret_found = (struct one_file){.kind = FILE_TEXT};
    if (private_name(file->name))
        return refuse_private(err);
    if (!file->source->read_at)
        return err_set(err, E_BUG, "the file can only be read once; save it first");
    int rc = file_kind_of(file->source, &ret_found->kind, err);
    if (rc < 0 || ret_found->kind != FILE_JSON)
        return rc;
    cursor_source_init(&cursor, file->source);
    return json_shape_of(&cursor.source, &ret_found->shape, err);
}

unsigned one_file_order(const struct one_file *found)
{
    const struct json_shape *shape = &found->shape;
    if (found->kind == FILE_ZIP)
        return PART_STEP;
    if (found->kind == FILE_TEXT)
        return 9 * PART_STEP;
    if (shape->kind == SHAPE_ACCOUNT || shape->kind == SHAPE_MANIFEST)
        return 0;
    if (shape->kind == SHAPE_FOLLOWS)
        return (2 + (unsigned)shape->list) * PART_STEP + shape->part;
    return 8 * PART_STEP + shape->part;
}

/* What a list of X is called, and the file that holds it. */
static const char *const kind_phrases[] = {
    [LIST_FOLLOWING] = "of those an account follows (following.js)",
    [LIST_FOLLOWERS] = "of an account's followers (follower.js)",
    [LIST_ROSTER] = "of a group",
    [LIST_BLOCKS] = "of those you blocked (block.js)",
    [LIST_MUTES] = "of those you muted (mute.js)",
    [LIST_FACTS] = "of facts",
};

static int unwanted_list(const struct reading *reading, enum list_kind kind, struct err *err)
{
    return err_set(err, E_BAD_INPUT, "this is the list %s, and the list %s is wanted", kind_phrases[kind],
                   kind_phrases[reading_untold(reading)]);
}

static int read_follows(struct x_file *file, const struct json_shape *shape, struct err *err)
{
    enum list_kind as = reading_untold(file->reading);
    if (shape->list_told && !reading_wants(file->reading, shape->list, &as))
        return unwanted_list(file->reading, shape->list, err);
    return x_file_read_list(file, shape->list_told ? shape->list : LIST_FOLLOWING, as, err);
}

static int read_users(struct x_file *file, enum list_source source, struct err *err)
{
    struct reading *reading = file->reading;
    struct follow_list *list = reading_list(reading, reading_untold(reading), source);
    if (!list)
        return err_set(err, E_BUG, "one file gives more lists than there are kinds");
    return x_users_read(reading, &file->json, list, err);
}

static int unusable(const struct json_shape *shape, struct err *err)
{
    switch (shape->kind) {
    case SHAPE_PRIVATE:
        return refuse_private(err);
    case SHAPE_X_OTHER:
        return err_set(err, E_BAD_INPUT,
                       "this file of an X archive holds \"%s\" and no follow list; give following.js or "
                       "the whole archive",
                       shape->word);
    case SHAPE_GRAILBIRD:
        return err_set(err, E_BAD_INPUT,
                       "this is from an X archive of before 2019, which holds no follow lists; ask X for "
                       "a new archive");
    case SHAPE_META:
        return err_set(err, E_BAD_INPUT, "this is an export of Instagram or Threads; Skein reads follow lists of X");
    case SHAPE_MASTODON:
        return err_set(err, E_BAD_INPUT, "this is an export of Mastodon; Skein reads follow lists of X");
    case SHAPE_API_POSTS:
        return err_set(err, E_BAD_INPUT,
                       "this is a page of posts from X's API; give a page of accounts, as "
                       "/2/users/:id/following answers");
    case SHAPE_API_ERROR:
        return err_set(err, E_BAD_INPUT,
                       "this is an error answer of an API (\"%s\"), without any account; fetch the page "
                       "again",
                       shape->word);
    case SHAPE_EMPTY:
        return err_set(err, E_NOT_FOUND, "this JSON is empty: no account stands in it");
    case SHAPE_UNKNOWN:
        return err_set(err, E_BAD_INPUT,
                       "this JSON holds no accounts that Skein knows how to read; it begins with \"%s\"", shape->word);
    case SHAPE_FOLLOWS:
    case SHAPE_POSTS:
    case SHAPE_API_USERS:
    case SHAPE_EXPORTER:
    case SHAPE_ACCOUNT:
    case SHAPE_MANIFEST:
        break;
    }
    return err_set(err, E_BUG, "a file that can be read was refused");
}

static int read_by_shape(struct x_file *file, const struct json_shape *shape, struct err *err)
{
    struct reading *reading = file->reading;
    switch (shape->kind) {
    case SHAPE_FOLLOWS:
        return read_follows(file, shape, err);
    case SHAPE_POSTS:
        reading->companion = true;
        return x_file_read_posts(file, err);
    case SHAPE_API_USERS:
        return read_users(file, LIST_FROM_API, err);
    case SHAPE_EXPORTER:
        return read_users(file, LIST_FROM_EXPORTER, err);
    case SHAPE_ACCOUNT:
        reading->companion = true;
        return x_account_read(reading, &file->json, err);
    case SHAPE_MANIFEST:
        reading->companion = true;
        return x_manifest_read(reading, &file->json, NULL, NULL, err);
    case SHAPE_PRIVATE:
    case SHAPE_X_OTHER:
    case SHAPE_GRAILBIRD:
    case SHAPE_META:
    case SHAPE_MASTODON:
    case SHAPE_API_POSTS:
    case SHAPE_API_ERROR:
    case SHAPE_EMPTY:
    case SHAPE_UNKNOWN:
        break;
    }
    return unusable(shape, err);
}

static int read_json(struct reading *reading, const struct archive_file *file, const struct json_shape *shape,
                     struct err *err)
{
    struct cursor_source cursor;
    CLEANUP(x_file_close) struct x_file opened = {.reading = NULL};
    cursor_source_init(&cursor, file->source);
    int rc = x_file_open(&opened, reading, &cursor.source, true, err);
    return rc < 0 ? rc : read_by_shape(&opened, shape, err);
}

/* Is anything in the lists? */
static bool has_accounts(const struct reading *reading)
{
    for (size_t i = 0; i < reading->n_lists; i++)
        if (reading->lists[i].n > 0)
            return true;
    return false;
}

static int read_text(struct reading *reading, const struct archive_file *file, struct err *err)
{
    struct csv_columns columns;
    int rc = csv_columns_find(&columns, file->source, err);
    if (rc < 0)
        return rc;
    if (columns.mastodon)
        return err_set(err, E_BAD_INPUT, "this is an export of Mastodon; Skein reads follow lists of X");
    if (columns.usable)
        return csv_list_read(reading, file->source, &columns, err);
    if (columns.table)
        return err_set(err, E_BAD_INPUT,
                       "no column of this CSV holds X handles, links to profiles or ids; its first row is "
                       "\"%s\". Name one column \"username\" or \"id\"",
                       columns.names);
    rc = pasted_read(reading, file->source, err);
    if (rc == 0 && !has_accounts(reading))
        return err_set(err, E_BAD_INPUT,
                       "this text names nobody on X: no @handle, no link to a profile, no handle on a line "
                       "of its own");
    return rc;
}

/* The sentence for lists without accounts: what was wrong with the first row, or that there is none. */
static int check_given(const struct reading *reading, struct err *err)
{
    uint64_t skipped = 0;
    const struct skipped_row *first = NULL;
    bool facts = reading->facts.n > 0 && (reading->options->kinds & LIST_BIT(LIST_FACTS)) != 0;
    if (has_accounts(reading) || reading->companion || facts)
        return 0;
    for (size_t i = 0; i < reading->n_lists; i++) {
        const struct follow_list *list = &reading->lists[i];
        skipped += list->skipped_total;
        if (!first && list->n_skipped > 0)
            first = &list->skipped[0];
    }
    if (!first)
        return err_set(err, E_NOT_FOUND, "the list is empty: no account stands in it");
    return err_set(err, E_BAD_INPUT, "none of its rows (%llu) can be used; line %llu: %s", (unsigned long long)skipped,
                   (unsigned long long)first->line, first->why);
}

int one_file_read(struct reading *reading, const struct archive_file *file, const struct one_file *found,
                  struct err *err)
{
    int rc = reading_begin(reading, file->name, err);
    if (rc < 0)
        return rc;
    switch (found->kind) {
    case FILE_ZIP:
        rc = x_archive_read(reading, file->source, err);
        break;
    case FILE_JSON:
        rc = read_json(reading, file, &found->shape, err);
        break;
    case FILE_TEXT:
        rc = read_text(reading, file, err);
        break;
    }
    return rc < 0 ? rc : check_given(reading, err);
}

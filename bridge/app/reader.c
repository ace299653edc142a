/* bridge/app/reader.c
 *
 * Opening the store for commands that read.
 */
#include "app/reader.h"

#include "store/people.h"

#include <string.h>

struct store_options reader_options(const struct invocation *invocation)
{
    const struct config *config = &invocation->config;
    return (struct store_options){.folder = config_text(config, SETTING_DATA).data,
                                  .database = config_text(config, SETTING_DATABASE),
                                  .role = STORE_READER};
}

int reader_open(struct reader *reader, const struct invocation *invocation, struct err *err)
{
    struct store_options options = reader_options(invocation);
    *reader = (struct reader){0};
    int rc = store_open(&options, &reader->store, err);
    if (rc == E_NOT_FOUND)
        return err_set(err, rc,
                       "nothing has been stored yet in %s: `skein import` stores a list, and the setting 'data' "
                       "says where",
                       options.folder);
    return rc ? rc : store_connect(reader->store, DB_READER, &reader->db, err);
}

int reader_load(struct reader *reader, struct err *err)
{
    reader->numbers = numbers_new();
    if (!reader->numbers)
        return err_set(err, E_NOMEM, "there is no memory for the numbers of X accounts");
    int rc = db_begin(reader->db, err);
    return rc ? rc : numbers_load(reader->numbers, reader->db, store_keys(reader->store), err);
}

void reader_release(struct reader *reader)
{
    numbers_free(reader->numbers);
    if (reader->db)
        db_rollback(reader->db);
    db_close(reader->db);
    store_close(reader->store);
}

int reader_read_format(const struct invocation *invocation, enum reader_format *ret_format, struct err *err)
{
    const char *given = invocation_option(invocation, "format");
    *ret_format = given && strcmp(given, "json") == 0 ? READER_JSON : READER_TEXT;
    if (!given || *ret_format == READER_JSON || strcmp(given, "text") == 0)
        return 0;
    return err_set(err, E_USAGE, "--format is text or json, not '%s'", given);
}

int reader_read_community(const struct invocation *invocation, struct text *ret_slug, struct err *err)
{
    *ret_slug = text_of(invocation_option(invocation, "community"));
    if (text_empty(*ret_slug))
        return err_set(err, E_USAGE, "--community is missing: which one?");
    if (!community_slug_valid(*ret_slug))
        return err_set(err, E_USAGE, "--community is 1 to 40 small letters, digits and '-', not '%.*s'",
                       TEXT_ARG(*ret_slug));
    return 0;
}

int reader_read_network(const struct invocation *invocation, const char **ret_name, const char **ret_title,
                        struct err *err)
{
    const char *given = invocation_option(invocation, "network");
    if (given && strcmp(given, "bluesky") != 0)
        return err_set(err, E_USAGE, "there is no network '%s' in this version; there is: bluesky", given);
    *ret_name = "bluesky";
    if (ret_title)
        *ret_title = "Bluesky";
    return 0;
}

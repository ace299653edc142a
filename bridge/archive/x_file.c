/* bridge/archive/x_file.c
 *
 * A data file of an X archive.
 */
#include "archive/x_file.h"

#include "archive/x_follows.h"
#include "archive/x_posts.h"
#include "base/cleanup.h"

int x_file_open(struct x_file *file, struct reading *reading, const struct byte_source *source, bool many,
                struct err *err)
{
    *file = (struct x_file){.reading = reading};
    counted_source_init(&file->counted, source, reading);
    int rc = js_wrapper_open(&file->wrapper, &file->counted.source, err);
    if (rc < 0)
        return rc;
    struct json_reader_options options = js_wrapper_options(&file->wrapper);
    options.many = many && text_empty(file->wrapper.global);
    return json_reader_init(&file->json, &file->wrapper.source, &options);
}

void x_file_close(struct x_file *file)
{
    json_reader_release(&file->json);
}

static int holds_other(struct text type, const char *wanted, struct err *err)
{
    return err_set(err, E_BAD_INPUT, "its first line says that it holds \"%.*s\", not %s; was it renamed?",
                   TEXT_ARG(text_floor_utf8(type, 60)), wanted);
}

int x_file_read_list(struct x_file *file, enum list_kind kind, enum list_kind as, struct err *err)
{
    struct text type;
    unsigned part;
    enum list_kind told;
    if (js_global_split(file->wrapper.global, &type, &part) && (!x_follow_key(type, &told) || told != kind))
        return holds_other(type, list_kind_word(kind), err);
    struct follow_list *list = reading_list(file->reading, as, LIST_FROM_ARCHIVE);
    if (!list)
        return err_set(err, E_BUG, "one file gives more lists than there are kinds");
    return x_follows_read(file->reading, &file->json, kind, list, err);
}

int x_file_read_posts(struct x_file *file, struct err *err)
{
    static const char *const types[] = {"tweets", "tweet", "community_tweet", "note_tweet"};
    struct text type;
    unsigned part;
    bool known = !js_global_split(file->wrapper.global, &type, &part);
    for (size_t i = 0; i < ARRAY_LEN(types) && !known; i++)
        known = text_equal(type, text_of(types[i]));
    return known ? x_posts_read(file->reading, &file->json, err) : holds_other(type, "posts", err);
}

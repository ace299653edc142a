/* bridge/archive/x_posts.c
 *
 * Who is named in posts.
 *
 * A post's date may stand behind the people it names, so these wait in one record until the post's end.
 */
#include "archive/x_posts.h"

#include "archive/json_walk.h"
#include "archive/x_text.h"
#include "base/cleanup.h"

#include <string.h>

#define ID_TEXT_MAX    64
#define ESCAPED_FACTOR 6 /* &quot; for one byte */
#define DATE_TEXT_MAX  64

struct mention {
    uint64_t id; /* 0: unusable */
    size_t name_len;
    size_t handle_len;
    char handle[LIMIT_X_HANDLE];
    char name[LIMIT_X_NAME];
};

struct post {
    struct mention reply; /* name_len is 0 */
    struct mention mentions[LIMIT_MENTIONS];
    size_t n;

    struct buf id; /* scratch for one value */
    struct buf handle;
    struct buf written; /* a name as the file has it, and plain */
    struct buf name;
    struct buf date;
};

static void post_init(struct post *post)
{
    post->n = 0;
    buf_init(&post->id, ID_TEXT_MAX);
    buf_init(&post->handle, LIMIT_X_HANDLE + 1); /* one more, so that a longer one is seen to be none */
    buf_init(&post->written, LIMIT_X_NAME * ESCAPED_FACTOR);
    buf_init(&post->name, LIMIT_X_NAME * ESCAPED_FACTOR);
    buf_init(&post->date, DATE_TEXT_MAX);
}

static void post_release(struct post *post)
{
    buf_release(&post->id);
    buf_release(&post->handle);
    buf_release(&post->written);
    buf_release(&post->name);
    buf_release(&post->date);
}

enum field {
    FIELD_NONE,
    FIELD_INSIDE, /* an object whose members are read as if they stood here */
    FIELD_DATE,
    FIELD_MENTIONS,
    FIELD_REPLY_ID,
    FIELD_REPLY_HANDLE,
    FIELD_ID,
    FIELD_ID_TEXT, /* wins over FIELD_ID */
    FIELD_HANDLE,
    FIELD_NAME,
};

struct field_name {
    struct text name;
    enum field field;
};

static const struct field_name post_fields[] = {
    {TEXT_INIT("tweet"), FIELD_INSIDE},
    {TEXT_INIT("noteTweet"), FIELD_INSIDE},
    {TEXT_INIT("entities"), FIELD_INSIDE},
    {TEXT_INIT("core"), FIELD_INSIDE},
    {TEXT_INIT("noteTweetResults"), FIELD_INSIDE},
    {TEXT_INIT("entitySet"), FIELD_INSIDE},
    {TEXT_INIT("created_at"), FIELD_DATE},
    {TEXT_INIT("createdAt"), FIELD_DATE},
    {TEXT_INIT("user_mentions"), FIELD_MENTIONS},
    {TEXT_INIT("userMentions"), FIELD_MENTIONS},
    {TEXT_INIT("mentions"), FIELD_MENTIONS},
    {TEXT_INIT("in_reply_to_user_id_str"), FIELD_REPLY_ID},
    {TEXT_INIT("in_reply_to_screen_name"), FIELD_REPLY_HANDLE},
};

static const struct field_name mention_fields[] = {
    {TEXT_INIT("id_str"), FIELD_ID_TEXT},    {TEXT_INIT("id"), FIELD_ID},     {TEXT_INIT("userId"), FIELD_ID},
    {TEXT_INIT("user_id"), FIELD_ID},        {TEXT_INIT("name"), FIELD_NAME}, {TEXT_INIT("screen_name"), FIELD_HANDLE},
    {TEXT_INIT("screenName"), FIELD_HANDLE},
};

static enum field field_of(const struct field_name *names, size_t n, struct text name)
{
    for (size_t i = 0; i < n; i++)
        if (text_equal(name, names[i].name))
            return names[i].field;
    return FIELD_NONE;
}

static int read_id(struct json_reader *json, struct post *post, uint64_t *ret_id, struct err *err)
{
    const char *why;
    int rc = json_read_text(json, &post->id, err);
    if (rc == 0 && !x_id_of(buf_text(&post->id), ret_id, &why))
        *ret_id = 0; /* "-1": an account that is gone */
    return rc;
}

static int read_handle(struct json_reader *json, struct post *post, struct mention *mention, struct err *err)
{
    int rc = json_read_text(json, &post->handle, err);
    struct text handle = buf_text(&post->handle);
    mention->handle_len = x_handle_valid(handle) ? handle.len : 0;
    if (mention->handle_len > 0)
        memcpy(mention->handle, handle.data, handle.len);
    return rc;
}

static int read_name(struct json_reader *json, struct post *post, struct mention *mention, struct err *err)
{
    int rc = json_read_text(json, &post->written, err);
    buf_clear(&post->name);
    if (rc == 0)
        rc = x_unescape(&post->name, buf_text(&post->written));
    struct text name = text_floor_utf8(buf_text(&post->name), sizeof mention->name);
    mention->name_len = name.len;
    if (name.len > 0)
        memcpy(mention->name, name.data, name.len);
    return rc;
}

static int read_mention(struct json_reader *json, struct post *post, struct mention *mention, struct err *err)
{
    struct text name;
    uint64_t id_text = 0;
    int rc;
    mention->id = 0;
    mention->handle_len = 0;
    mention->name_len = 0;
    while ((rc = json_member(json, &name, err)) > 0) {
        switch (field_of(mention_fields, ARRAY_LEN(mention_fields), name)) {
        case FIELD_ID:
            rc = read_id(json, post, &mention->id, err);
            break;
        case FIELD_ID_TEXT:
            rc = read_id(json, post, &id_text, err);
            break;
        case FIELD_HANDLE:
            rc = read_handle(json, post, mention, err);
            break;
        case FIELD_NAME:
            rc = read_name(json, post, mention, err);
            break;
        case FIELD_NONE:
        case FIELD_INSIDE:
        case FIELD_DATE:
        case FIELD_MENTIONS:
        case FIELD_REPLY_ID:
        case FIELD_REPLY_HANDLE:
            rc = json_reader_skip(json, err);
        }
        if (rc < 0)
            return rc;
    }
    if (id_text != 0)
        mention->id = id_text;
    return rc;
}

static int read_mentions(struct json_reader *json, struct post *post, struct err *err)
{
    enum json_token token;
    int rc = json_reader_next(json, &token, err);
    if (rc < 0 || token != TOKEN_ARRAY)
        return rc < 0 ? rc : json_reader_skip(json, err);
    while ((rc = json_element(json, &token, err)) > 0) {
        if (token != TOKEN_OBJECT || post->n == LIMIT_MENTIONS) {
            rc = json_reader_skip(json, err);
        } else {
            struct mention *mention = &post->mentions[post->n];
            rc = read_mention(json, post, mention, err);
            if (mention->id != 0 && mention->handle_len > 0)
                post->n++;
        }
        if (rc < 0)
            return rc;
    }
    return rc;
}

/* The members of a post or of an object in it; the reader's depth limit bounds the recursion. */
static int read_members(struct json_reader *json, struct post *post, struct err *err)
{
    struct text name;
    enum json_token token;
    int rc;
    while ((rc = json_member(json, &name, err)) > 0) {
        switch (field_of(post_fields, ARRAY_LEN(post_fields), name)) {
        case FIELD_INSIDE:
            rc = json_reader_next(json, &token, err);
            if (rc == 0)
                rc = token == TOKEN_OBJECT ? read_members(json, post, err) : json_reader_skip(json, err);
            break;
        case FIELD_DATE:
            rc = json_read_text(json, &post->date, err);
            break;
        case FIELD_MENTIONS:
            rc = read_mentions(json, post, err);
            break;
        case FIELD_REPLY_ID:
            rc = read_id(json, post, &post->reply.id, err);
            break;
        case FIELD_REPLY_HANDLE:
            rc = read_handle(json, post, &post->reply, err);
            break;
        case FIELD_NONE:
        case FIELD_ID:
        case FIELD_ID_TEXT:
        case FIELD_HANDLE:
        case FIELD_NAME:
            rc = json_reader_skip(json, err);
        }
        if (rc < 0)
            return rc;
    }
    return rc;
}

static int add_mention(struct reading *reading, const struct mention *mention, int64_t said_ms, struct err *err)
{
    if (mention->id == 0 || mention->handle_len == 0 || mention->id == reading->owner_id)
        return 0;
    return fact_set_add_post(&reading->facts, mention->id, (struct text){mention->handle, mention->handle_len},
                             (struct text){mention->name, mention->name_len}, said_ms, err);
}

/* Whom the post names, as facts of its day. Most posts name nobody: their date is not looked at. */
static int take_post(struct reading *reading, const struct post *post, struct err *err)
{
    int64_t said_ms;
    int rc = 0;
    if (post->n == 0 && (post->reply.id == 0 || post->reply.handle_len == 0))
        return 0;
    if (!x_date_of(buf_text(&post->date), &said_ms))
        said_ms = 0;
    for (size_t i = 0; i < post->n && rc == 0; i++)
        rc = add_mention(reading, &post->mentions[i], said_ms, err);
    return rc < 0 ? rc : add_mention(reading, &post->reply, said_ms, err);
}

static int read_post(struct reading *reading, struct json_reader *json, struct post *post, struct err *err)
{
    post->n = 0;
    post->reply.id = 0;
    post->reply.handle_len = 0;
    post->reply.name_len = 0;
    buf_clear(&post->date);
    int rc = read_members(json, post, err);
    reading_row(reading);
    return rc < 0 ? rc : take_post(reading, post, err);
}

int x_posts_read(struct reading *reading, struct json_reader *json, struct err *err)
{
    CLEANUP(post_release) struct post post;
    enum json_token token;

    post_init(&post);
    int rc = json_reader_next(json, &token, err);
    if (rc == 0 && token != TOKEN_ARRAY)
        rc = err_set(err, E_BAD_INPUT, "line %llu: the list of posts is missing, expected [",
                     (unsigned long long)json_reader_line(json));
    while (rc == 0 && (rc = json_element(json, &token, err)) > 0)
        rc = token == TOKEN_OBJECT ? read_post(reading, json, &post, err) : json_reader_skip(json, err);
    return rc < 0 ? rc : json_reader_next(json, &token, err); /* to the end, where an entry's checksum is looked at */
}

/* bridge/archive/json_shape.c
 *
 * What is in this JSON?
 */
#include "archive/json_shape.h"

#include "archive/js_wrapper.h"
#include "archive/json_walk.h"
#include "archive/private_names.h"
#include "archive/x_follows.h"
#include "base/cleanup.h"

#include <stdio.h>

struct telling_name {
    const char *name;
    enum json_shape_kind kind;
    bool wraps; /* only where its value is an object: exporters have "following":true, others "account":"alice" */
};

/* What a member's name tells wherever it stands. */
static const struct telling_name telling_names[] = {
    {"tweet", SHAPE_POSTS, true},
    {"noteTweet", SHAPE_POSTS, true},
    {"full_text", SHAPE_POSTS, false},
    {"accountId", SHAPE_FOLLOWS, false},
    {"account", SHAPE_ACCOUNT, true},
    {"screen_name", SHAPE_EXPORTER, false},
    {"username", SHAPE_API_USERS, false},
    {"ids", SHAPE_API_USERS, false},
    {"dmConversation", SHAPE_PRIVATE, true},
    {"contact", SHAPE_PRIVATE, true},
    {"emailAddressChange", SHAPE_PRIVATE, true},
    {"phoneNumber", SHAPE_PRIVATE, true},
    {"device", SHAPE_PRIVATE, true},
    {"ipAudit", SHAPE_PRIVATE, true},
    {"archiveInfo", SHAPE_MANIFEST, true},
    {"dataTypes", SHAPE_MANIFEST, true},
    {"string_list_data", SHAPE_META, false},
    {"media_list_data", SHAPE_META, false},
    {"relationships_following", SHAPE_META, false},
    {"relationships_followers", SHAPE_META, false},
    {"text_post_app_text_posts", SHAPE_META, false},
    {"orderedItems", SHAPE_MASTODON, false},
    {"@context", SHAPE_MASTODON, false},
};

/* Types in "YTD.<type>.part0" beside the lists of x_follow_key. */
static const struct telling_name types[] = {
    {"tweets", SHAPE_POSTS, false},     {"tweet", SHAPE_POSTS, false},     {"community_tweet", SHAPE_POSTS, false},
    {"note_tweet", SHAPE_POSTS, false}, {"account", SHAPE_ACCOUNT, false}, {"manifest", SHAPE_MANIFEST, false},
};

/* How deep the first item can lie: {"data":[{...}]}. */
#define LEVELS_MAX 4

struct look {
    struct json_reader *json;
    struct json_shape *shape;
    bool told;
    bool in_page; /* inside data or users: what X's API puts around accounts */
};

static void set_word(struct json_shape *shape, struct text word)
{
    word = text_floor_utf8(word, sizeof shape->word - 1);
    snprintf(shape->word, sizeof shape->word, "%.*s", TEXT_ARG(word));
}

static const struct telling_name *find_name(const struct telling_name *names, size_t n, struct text name)
{
    for (size_t i = 0; i < n; i++)
        if (text_equal(name, text_of(names[i].name)))
            return &names[i];
    return NULL;
}

/* "direct_messages" as the file is called: "direct-messages.js". */
static bool type_is_private(struct text type)
{
    char name[64];
    int len = snprintf(name, sizeof name, "%.*s.js", (int)(type.len < 56 ? type.len : 56), type.data);
    for (int i = 0; i < len; i++)
        if (name[i] == '_')
            name[i] = '-';
    return private_name((struct text){name, (size_t)len});
}

/* True where the wrapper alone says everything. */
static bool shape_of_global(struct text global, struct json_shape *shape)
{
    struct text type;
    if (text_starts(global, TEXT("Grailbird."))) {
        shape->kind = SHAPE_GRAILBIRD;
        return true;
    }
    if (text_equal(global, TEXT("__THAR_CONFIG"))) {
        shape->kind = SHAPE_MANIFEST;
        return true;
    }
    if (!js_global_split(global, &type, &shape->part))
        return false;
    const struct telling_name *told = find_name(types, ARRAY_LEN(types), type);
    set_word(shape, type);
    if (x_follow_key(type, &shape->list)) {
        shape->kind = SHAPE_FOLLOWS;
        shape->list_told = true;
    } else if (told) {
        shape->kind = told->kind;
    } else {
        shape->kind = type_is_private(type) ? SHAPE_PRIVATE : SHAPE_X_OTHER;
    }
    return true;
}

static int look_at(struct look *look, enum json_token token, unsigned level, struct err *err);

/* The value of a member that may hold the first item, or be it: an object, an array, or neither. */
static int look_inside(struct look *look, unsigned level, struct err *err)
{
    enum json_token token;
    int rc = json_reader_next(look->json, &token, err);
    if (rc < 0)
        return rc;
    return level < LEVELS_MAX ? look_at(look, token, level, err) : json_reader_skip(look->json, err);
}

/* "title":"Unauthorized" of an error answer. */
static int look_at_title(struct look *look, struct err *err)
{
    CLEANUP(buf_release) struct buf title;
    buf_init(&title, sizeof look->shape->word - 1);
    int rc = json_read_text(look->json, &title, err);
    if (rc == 0 && look->shape->kind == SHAPE_UNKNOWN && title.len > 0) {
        look->shape->kind = SHAPE_API_ERROR; /* unless something better follows */
        set_word(look->shape, buf_text(&title));
    }
    return rc;
}

/* A name that tells, unless it should wrap something and does not. */
static int tell(struct look *look, const struct telling_name *told, const enum list_kind *list, struct err *err)
{
    if (told->wraps) {
        enum json_token token;
        int rc = json_reader_next(look->json, &token, err);
        if (rc < 0 || token != TOKEN_OBJECT)
            return rc < 0 ? rc : json_reader_skip(look->json, err);
    }
    look->told = true;
    look->shape->kind = told->kind == SHAPE_EXPORTER && look->in_page ? SHAPE_API_USERS : told->kind;
    if (list) {
        look->shape->list = *list;
        look->shape->list_told = true;
    }
    return 0;
}

static int look_at_member(struct look *look, struct text name, unsigned level, struct err *err)
{
    static const struct telling_name follow = {"following", SHAPE_FOLLOWS, true};
    struct json_shape *shape = look->shape;
    enum list_kind list;

    if (shape->word[0] == '\0')
        set_word(shape, name);
    if (x_follow_key(name, &list))
        return tell(look, &follow, &list, err);
    const struct telling_name *told = find_name(telling_names, ARRAY_LEN(telling_names), name);
    if (told)
        return tell(look, told, NULL, err);
    if (text_equal(name, TEXT("data")) || text_equal(name, TEXT("users"))) {
        look->in_page = true;
        return look_inside(look, level + 1, err);
    }
    if (text_equal(name, TEXT("title")) && level == 0)
        return look_at_title(look, err);
    if (text_equal(name, TEXT("errors")) && level == 0 && shape->kind == SHAPE_UNKNOWN) {
        shape->kind = SHAPE_API_ERROR;
        set_word(shape, name);
    }
    if (text_equal(name, TEXT("text")) && level > 0)
        shape->kind = SHAPE_API_POSTS; /* unless the item turns out to be an account */
    return json_reader_skip(look->json, err);
}

/* The first element tells; where it does not, the others are passed over, so that a broken file shows as broken. */
static int look_at_array(struct look *look, unsigned level, struct err *err)
{
    enum json_token token;
    int rc = json_element(look->json, &token, err);
    if (rc <= 0)
        return rc;
    rc = level < LEVELS_MAX ? look_at(look, token, level + 1, err) : json_reader_skip(look->json, err);
    while (rc == 0 && !look->told && (rc = json_element(look->json, &token, err)) > 0)
        rc = json_reader_skip(look->json, err);
    return rc;
}

static int look_at_object(struct look *look, unsigned level, struct err *err)
{
    struct text name;
    int rc = 0;
    while (rc == 0 && !look->told && (rc = json_member(look->json, &name, err)) > 0)
        rc = look_at_member(look, name, level, err);
    return rc;
}

static int look_at(struct look *look, enum json_token token, unsigned level, struct err *err)
{
    if (token == TOKEN_ARRAY)
        return look_at_array(look, level, err);
    if (token == TOKEN_OBJECT)
        return look_at_object(look, level, err);
    if (token == TOKEN_STRING && look->shape->word[0] == '\0')
        set_word(look->shape, json_reader_text(look->json));
    return 0;
}

int json_shape_of(const struct byte_source *source, struct json_shape *ret_shape, struct err *err)
{
    struct js_wrapper wrapper;
    struct json_reader_options options;
    CLEANUP(json_reader_release) struct json_reader json = {.window = NULL};
    struct look look = {.json = &json, .shape = ret_shape};
    enum json_token token;

    *ret_shape = (struct json_shape){.kind = SHAPE_UNKNOWN};
    int rc = js_wrapper_open(&wrapper, source, err);
    if (rc < 0)
        return rc;
    ret_shape->wrapped = !text_empty(wrapper.global);
    if (shape_of_global(wrapper.global, ret_shape))
        return 0;
    options = js_wrapper_options(&wrapper);
    rc = json_reader_init(&json, &wrapper.source, &options);
    if (rc == 0)
        rc = json_reader_next(&json, &token, err);
    if (rc == 0)
        rc = look_at(&look, token, 0, err);
    bool nothing = ret_shape->word[0] == '\0' || text_equal(text_of(ret_shape->word), TEXT("data"));
    if (rc == 0 && ret_shape->kind == SHAPE_UNKNOWN && nothing)
        ret_shape->kind = SHAPE_EMPTY; /* also a page without accounts: {"data":[]} */
    return rc;
}

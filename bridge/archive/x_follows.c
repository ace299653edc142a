/* bridge/archive/x_follows.c
 *
 * Ids of the followed, the followers, the blocked and the muted.
 */
#include "archive/x_follows.h"

#include "archive/json_walk.h"
#include "archive/x_text.h"
#include "base/cleanup.h"

#define ID_TEXT_MAX   64
#define LINK_TEXT_MAX 256

struct follow_key {
    struct text key;
    enum list_kind kind;
};

static const struct follow_key keys[] = {
    {TEXT_INIT("following"), LIST_FOLLOWING}, {TEXT_INIT("follower"), LIST_FOLLOWERS},
    {TEXT_INIT("blocking"), LIST_BLOCKS},     {TEXT_INIT("block"), LIST_BLOCKS},
    {TEXT_INIT("muting"), LIST_MUTES},        {TEXT_INIT("mute"), LIST_MUTES},
};

bool x_follow_key(struct text key, enum list_kind *ret_kind)
{
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        if (text_equal(key, keys[i].key)) {
            *ret_kind = keys[i].kind;
            return true;
        }
    }
    return false;
}

/* One item of the array. */
struct item {
    struct buf id;
    struct buf link;
    bool known_kind;
    enum list_kind kind;
};

/* The members of an item, or of the object in it. */
static int read_item(struct json_reader *json, struct item *item, bool outer, struct err *err)
{
    struct text name;
    int rc;
    while ((rc = json_member(json, &name, err)) > 0) {
        enum list_kind kind;
        if (text_equal(name, TEXT("accountId"))) {
            rc = json_read_text(json, &item->id, err);
        } else if (text_equal(name, TEXT("userLink"))) {
            rc = json_read_text(json, &item->link, err);
        } else if (outer && x_follow_key(name, &kind)) {
            enum json_token token;
            item->known_kind = true;
            item->kind = kind;
            rc = json_reader_next(json, &token, err);
            if (rc == 0)
                rc = token == TOKEN_OBJECT ? read_item(json, item, false, err) : json_reader_skip(json, err);
        } else {
            rc = json_reader_skip(json, err);
        }
        if (rc < 0)
            return rc;
    }
    return rc;
}

static int take_item(struct reading *reading, const struct item *item, uint64_t line, struct follow_list *list,
                     struct err *err)
{
    struct x_account account = {.id = 0};
    struct text handle;
    enum x_form form;
    const char *why = "this item has no accountId";

    reading_row(reading);
    bool known = x_id_of(buf_text(&item->id), &account.id, &why);
    if (!known && item->id.len == 0)
        known = x_reference_of(buf_text(&item->link), &handle, &account.id, &form) == X_REFERENCE_ID;
    if (!known && item->id.len == 0)
        why = "this item has no accountId";
    if (known)
        return follow_list_add(list, &account, err);
    follow_list_skip(list, reading->label, line, why);
    return 0;
}

static int check_kind(const struct item *item, enum list_kind kind, uint64_t line, struct err *err)
{
    if (!item->known_kind || item->kind == kind)
        return 0;
    return err_set(err, E_BAD_INPUT,
                   "line %llu: an item of the list \"%s\" stands in the list \"%s\"; the file was mixed by hand, take "
                   "it from the archive again",
                   (unsigned long long)line, list_kind_word(item->kind), list_kind_word(kind));
}

static void item_init(struct item *item)
{
    *item = (struct item){.known_kind = false};
    buf_init(&item->id, ID_TEXT_MAX);
    buf_init(&item->link, LINK_TEXT_MAX);
}

static void item_release(struct item *item)
{
    buf_release(&item->id);
    buf_release(&item->link);
}

int x_follows_read(struct reading *reading, struct json_reader *json, enum list_kind kind, struct follow_list *list,
                   struct err *err)
{
    CLEANUP(item_release) struct item item;
    enum json_token token;

    item_init(&item);
    int rc = json_reader_next(json, &token, err);
    if (rc == 0 && token != TOKEN_ARRAY)
        rc = err_set(err, E_BAD_INPUT, "line %llu: the list of accounts is missing, expected [",
                     (unsigned long long)json_reader_line(json));
    while (rc == 0 && (rc = json_element(json, &token, err)) > 0) {
        uint64_t line = json_reader_line(json);
        buf_clear(&item.id);
        buf_clear(&item.link);
        item.known_kind = false;
        rc = token == TOKEN_OBJECT ? read_item(json, &item, true, err) : json_reader_skip(json, err);
        if (rc == 0)
            rc = check_kind(&item, kind, line, err);
        if (rc == 0)
            rc = take_item(reading, &item, line, list, err);
    }
    return rc < 0 ? rc : json_reader_next(json, &token, err); /* to the end, where an entry's checksum is looked at */
}

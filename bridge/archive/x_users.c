/* bridge/archive/x_users.c
 *
 * Accounts out of API pages and exporters' JSON.
 */
#include "archive/x_users.h"

#include "archive/json_walk.h"
#include "archive/row.h"
#include "archive/x_text.h"
#include "base/cleanup.h"

#define LINKS_MAX  16 /* of one bio */
#define LINK_MAX   KIB
#define SHORT_LINK "https://t.co/"

enum field {
    FIELD_NONE,
    FIELD_ID, /* the first of the names below that a row has wins: id_str before id */
    FIELD_ID_TEXT,
    FIELD_HANDLE,
    FIELD_NAME,
    FIELD_BIO,
    FIELD_LOCATION,
    FIELD_WEBSITE,
    FIELD_URL,
    FIELD_VERIFIED,
    FIELD_PROTECTED,
    FIELD_ENTITIES,
    FIELD_PAGE, /* data, users: the accounts are inside */
    FIELD_IDS,
};

struct field_name {
    struct text name;
    enum field field;
};

static const struct field_name fields[] = {
    {TEXT_INIT("id"), FIELD_ID},
    {TEXT_INIT("user_id"), FIELD_ID},
    {TEXT_INIT("id_str"), FIELD_ID_TEXT},
    {TEXT_INIT("rest_id"), FIELD_ID_TEXT},
    {TEXT_INIT("username"), FIELD_HANDLE},
    {TEXT_INIT("screen_name"), FIELD_HANDLE},
    {TEXT_INIT("name"), FIELD_NAME},
    {TEXT_INIT("description"), FIELD_BIO},
    {TEXT_INIT("bio"), FIELD_BIO},
    {TEXT_INIT("location"), FIELD_LOCATION},
    {TEXT_INIT("website"), FIELD_WEBSITE},
    {TEXT_INIT("url"), FIELD_URL},
    {TEXT_INIT("verified"), FIELD_VERIFIED},
    {TEXT_INIT("is_blue_verified"), FIELD_VERIFIED},
    {TEXT_INIT("protected"), FIELD_PROTECTED},
    {TEXT_INIT("entities"), FIELD_ENTITIES},
    {TEXT_INIT("data"), FIELD_PAGE},
    {TEXT_INIT("users"), FIELD_PAGE},
    {TEXT_INIT("ids"), FIELD_IDS},
};

struct link {
    struct buf written; /* https://t.co/... */
    struct buf meant;
};

struct users {
    struct reading *reading;
    struct follow_list *list;
    struct json_reader *json;
    struct row row;
    struct buf id_text;
    struct buf url;
    struct link links[LINKS_MAX]; /* of the bio */
    size_t n_links;
    struct buf word;
};

static void users_init(struct users *users)
{
    row_init(&users->row);
    buf_init(&users->id_text, 64);
    buf_init(&users->url, LIMIT_X_WEBSITE);
    buf_init(&users->word, LIMIT_CSV_FIELD);
    for (size_t i = 0; i < LINKS_MAX; i++) {
        buf_init(&users->links[i].written, LINK_MAX);
        buf_init(&users->links[i].meant, LINK_MAX);
    }
}

static void users_release(struct users *users)
{
    row_release(&users->row);
    buf_release(&users->id_text);
    buf_release(&users->url);
    buf_release(&users->word);
    for (size_t i = 0; i < LINKS_MAX; i++) {
        buf_release(&users->links[i].written);
        buf_release(&users->links[i].meant);
    }
}

static enum field field_of(struct text name)
{
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        if (text_equal(name, fields[i].name))
            return fields[i].field;
    return FIELD_NONE;
}

static int read_truth(struct users *users, enum known *truth, struct err *err)
{
    enum json_token token;
    int rc = json_reader_next(users->json, &token, err);
    if (rc < 0)
        return rc;
    if (token == TOKEN_TRUE || token == TOKEN_FALSE)
        *truth = row_or(*truth, token == TOKEN_TRUE ? KNOWN_YES : KNOWN_NO);
    else if (token == TOKEN_STRING)
        *truth = row_or(*truth, row_truth(json_reader_text(users->json)));
    return json_reader_skip(users->json, err);
}

static int read_escaped(struct users *users, struct buf *field, struct err *err)
{
    int rc = json_read_text(users->json, &users->word, err);
    return rc < 0 ? rc : row_set_escaped(&users->row, field, buf_text(&users->word));
}

/* {"url":"https://t.co/x","expanded_url":"https://alice.example/"} */
static int read_link(struct users *users, struct buf *written, struct buf *meant, struct err *err)
{
    struct text name;
    int rc;
    buf_clear(written);
    buf_clear(meant);
    while ((rc = json_member(users->json, &name, err)) > 0) {
        if (text_equal(name, TEXT("url")))
            rc = json_read_text(users->json, written, err);
        else if (text_equal(name, TEXT("expanded_url")))
            rc = json_read_text(users->json, meant, err);
        else
            rc = json_reader_skip(users->json, err);
        if (rc < 0)
            return rc;
    }
    return rc;
}

/* "urls":[...] of the bio, or of the website, whose first counts. */
static int read_links(struct users *users, bool of_bio, struct err *err)
{
    enum json_token token;
    int rc = json_reader_next(users->json, &token, err);
    if (rc < 0 || token != TOKEN_ARRAY)
        return rc < 0 ? rc : json_reader_skip(users->json, err);
    while ((rc = json_element(users->json, &token, err)) > 0) {
        bool room = of_bio ? users->n_links < LINKS_MAX : users->row.website.len == 0;
        if (token != TOKEN_OBJECT || !room) {
            rc = json_reader_skip(users->json, err);
        } else if (of_bio) {
            struct link *link = &users->links[users->n_links++];
            rc = read_link(users, &link->written, &link->meant, err);
        } else {
            rc = read_link(users, &users->word, &users->row.website, err);
        }
        if (rc < 0)
            return rc;
    }
    return rc;
}

/* "entities":{"url":{"urls":[...]},"description":{"urls":[...]}}; level 0 is entities, 1 what is in it. */
static int read_entities(struct users *users, unsigned level, bool of_bio, struct err *err)
{
    enum json_token token;
    struct text name;
    int rc = json_reader_next(users->json, &token, err);
    if (rc < 0 || token != TOKEN_OBJECT)
        return rc < 0 ? rc : json_reader_skip(users->json, err);
    while ((rc = json_member(users->json, &name, err)) > 0) {
        bool bio = text_equal(name, TEXT("description"));
        if (level == 0 && (bio || text_equal(name, TEXT("url"))))
            rc = read_entities(users, 1, bio, err);
        else if (level == 1 && text_equal(name, TEXT("urls")))
            rc = read_links(users, of_bio, err);
        else
            rc = json_reader_skip(users->json, err);
        if (rc < 0)
            return rc;
    }
    return rc;
}

/* The bio with its short links replaced. */
static int lengthen_bio(struct users *users)
{
    int rc = 0;
    for (size_t i = 0; i < users->n_links && rc == 0; i++) {
        struct text written = buf_text(&users->links[i].written);
        struct text meant = buf_text(&users->links[i].meant);
        struct text bio = buf_text(&users->row.bio);
        size_t at = text_find(bio, written, 0);
        if (text_empty(written) || text_empty(meant) || at == TEXT_NOWHERE)
            continue;
        buf_clear(&users->word);
        rc = buf_add(&users->word, text_slice(bio, 0, at));
        if (rc == 0)
            rc = buf_add(&users->word, meant);
        if (rc == 0)
            rc = buf_add(&users->word, text_slice(bio, at + written.len, bio.len));
        if (rc == 0)
            rc = buf_set_cut(&users->row.bio, buf_text(&users->word));
    }
    return rc;
}

/* An exporter's url is the profile itself, the API's may be a short link: neither is a website. */
static int choose_website(struct users *users)
{
    struct text url = buf_text(&users->url);
    if (users->row.website.len > 0 || text_empty(url) || x_link_is(url) || text_starts(url, TEXT(SHORT_LINK)))
        return 0;
    return buf_set_cut(&users->row.website, url);
}

static int finish_user(struct users *users, uint64_t line, struct err *err)
{
    int rc = users->id_text.len > 0 ? buf_set_cut(&users->row.id, buf_text(&users->id_text)) : 0;
    if (rc == 0)
        rc = lengthen_bio(users);
    if (rc == 0)
        rc = choose_website(users);
    return rc < 0 ? rc : row_take(users->reading, &users->row, line, users->list, err);
}

static void begin_user(struct users *users)
{
    row_clear(&users->row);
    buf_clear(&users->id_text);
    buf_clear(&users->url);
    users->n_links = 0;
}

static int read_element(struct users *users, enum json_token token, bool in_page, struct err *err);

/* An array of accounts or ids, or one account. */
static int read_page(struct users *users, struct err *err)
{
    enum json_token token;
    int rc = json_reader_next(users->json, &token, err);
    return rc < 0 ? rc : read_element(users, token, true, err);
}

static int read_field(struct users *users, enum field field, struct err *err)
{
    struct row *row = &users->row;
    switch (field) {
    case FIELD_ID:
        return json_read_text(users->json, &row->id, err);
    case FIELD_ID_TEXT:
        return json_read_text(users->json, &users->id_text, err);
    case FIELD_HANDLE:
        return json_read_text(users->json, &row->reference, err);
    case FIELD_NAME:
        return read_escaped(users, &row->name, err);
    case FIELD_BIO:
        return read_escaped(users, &row->bio, err);
    case FIELD_LOCATION:
        return read_escaped(users, &row->location, err);
    case FIELD_WEBSITE:
        return json_read_text(users->json, &row->website, err);
    case FIELD_URL:
        return json_read_text(users->json, &users->url, err);
    case FIELD_VERIFIED:
        return read_truth(users, &row->is_verified, err);
    case FIELD_PROTECTED:
        return read_truth(users, &row->is_protected, err);
    case FIELD_ENTITIES:
        return read_entities(users, 0, false, err);
    case FIELD_NONE:
    case FIELD_PAGE:
    case FIELD_IDS:
        break;
    }
    return json_reader_skip(users->json, err);
}

/* An account, or a page around accounts. */
static int read_object(struct users *users, bool in_page, struct err *err)
{
    struct text name;
    uint64_t line = json_reader_line(users->json);
    bool page = false;
    int rc;
    begin_user(users);
    while ((rc = json_member(users->json, &name, err)) > 0) {
        enum field field = field_of(name);
        if (!in_page && (field == FIELD_PAGE || field == FIELD_IDS)) {
            page = true;
            rc = read_page(users, err);
        } else {
            rc = read_field(users, field, err);
        }
        if (rc < 0)
            return rc;
    }
    return rc < 0 || page ? rc : finish_user(users, line, err);
}

static int read_array(struct users *users, bool in_page, struct err *err)
{
    enum json_token token;
    int rc;
    while ((rc = json_element(users->json, &token, err)) > 0) {
        rc = read_element(users, token, in_page, err);
        if (rc < 0)
            return rc;
    }
    return rc;
}

static int read_element(struct users *users, enum json_token token, bool in_page, struct err *err)
{
    if (token == TOKEN_OBJECT)
        return read_object(users, in_page, err);
    if (token == TOKEN_ARRAY)
        return read_array(users, in_page, err);
    if (token != TOKEN_STRING && token != TOKEN_NUMBER)
        return json_reader_skip(users->json, err);
    begin_user(users);
    struct buf *field = token == TOKEN_NUMBER || in_page ? &users->row.id : &users->row.reference;
    int rc = buf_set_cut(field, json_reader_text(users->json));
    return rc < 0 ? rc : row_take(users->reading, &users->row, json_reader_line(users->json), users->list, err);
}

int x_users_read(struct reading *reading, struct json_reader *json, struct follow_list *list, struct err *err)
{
    CLEANUP(users_release) struct users users = {.reading = reading, .list = list, .json = json};
    enum json_token token;
    int rc;

    users_init(&users);
    while ((rc = json_reader_next(json, &token, err)) == 0 && token != TOKEN_END) {
        rc = read_element(&users, token, false, err);
        if (rc < 0)
            return rc;
    }
    return rc;
}

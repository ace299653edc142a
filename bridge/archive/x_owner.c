/* bridge/archive/x_owner.c
 *
 * Whose archive, of which day, with which files.
 */
#include "archive/x_owner.h"

#include "archive/json_walk.h"
#include "archive/x_text.h"
#include "base/cleanup.h"

#include <stdio.h>

#define VALUE_MAX 256

struct owner {
    struct reading *reading;
    struct json_reader *json;
    x_manifest_file_fn *file;
    void *context;
    struct buf value;
};

/* What to do with a member of the object at hand. */
enum action { ACTION_ID, ACTION_HANDLE, ACTION_DAY, ACTION_FILE, ACTION_INTO };

struct rule {
    const char *name; /* NULL: any name */
    enum action action;
    const struct rule *inside; /* of ACTION_INTO: the rules for what is in it, objects in arrays too */
};

static const struct rule user_info[] = {{"accountId", ACTION_ID, NULL}, {"userName", ACTION_HANDLE, NULL}, {0}};
static const struct rule archive_info[] = {{"generationDate", ACTION_DAY, NULL}, {0}};
static const struct rule files[] = {{"fileName", ACTION_FILE, NULL}, {0}};
static const struct rule data_type[] = {{"files", ACTION_INTO, files}, {0}};
static const struct rule data_types[] = {{NULL, ACTION_INTO, data_type}};
static const struct rule manifest[] = {
    {"userInfo", ACTION_INTO, user_info},
    {"archiveInfo", ACTION_INTO, archive_info},
    {"dataTypes", ACTION_INTO, data_types},
    {0},
};
static const struct rule account_inside[] = {{"accountId", ACTION_ID, NULL}, {"username", ACTION_HANDLE, NULL}, {0}};
static const struct rule account[] = {
    {"account", ACTION_INTO, account_inside},
    {"accountId", ACTION_ID, NULL},
    {"username", ACTION_HANDLE, NULL},
    {0},
};

static const struct rule *rule_of(const struct rule *rules, struct text name)
{
    if (rules->action == ACTION_INTO && !rules->name)
        return rules;
    for (; rules->name; rules++)
        if (text_equal(name, text_of(rules->name)))
            return rules;
    return NULL;
}

static void take_value(struct owner *owner, enum action action)
{
    struct reading *reading = owner->reading;
    struct text value = buf_text(&owner->value);
    const char *why;
    switch (action) {
    case ACTION_ID:
        if (!x_id_of(value, &reading->owner_id, &why))
            reading->owner_id = 0;
        break;
    case ACTION_HANDLE:
        if (x_handle_valid(value))
            snprintf(reading->owner_handle, sizeof reading->owner_handle, "%.*s", TEXT_ARG(value));
        break;
    case ACTION_DAY:
        if (!x_day_of(value, reading->day))
            reading->day[0] = '\0';
        break;
    case ACTION_FILE:
        if (owner->file)
            owner->file(owner->context, value);
        break;
    case ACTION_INTO:
        break;
    }
}

/* An object by its rules, or an array of such; anything else is skipped. */
static int walk(struct owner *owner, enum json_token token, const struct rule *rules, struct err *err)
{
    struct text name;
    int rc = 0;
    if (token == TOKEN_ARRAY) {
        while (rc == 0 && (rc = json_element(owner->json, &token, err)) > 0)
            rc = walk(owner, token, rules, err);
        return rc;
    }
    if (token != TOKEN_OBJECT)
        return 0;
    while (rc == 0 && (rc = json_member(owner->json, &name, err)) > 0) {
        const struct rule *rule = rule_of(rules, name);
        if (!rule) {
            rc = json_reader_skip(owner->json, err);
        } else if (rule->action == ACTION_INTO) {
            rc = json_reader_next(owner->json, &token, err);
            if (rc == 0)
                rc = walk(owner, token, rule->inside, err);
        } else {
            rc = json_read_text(owner->json, &owner->value, err);
            if (rc == 0)
                take_value(owner, rule->action);
        }
    }
    return rc;
}

static int read_by(struct owner *owner, const struct rule *rules, struct err *err)
{
    enum json_token token;
    buf_init(&owner->value, VALUE_MAX);
    int rc = json_reader_next(owner->json, &token, err);
    if (rc == 0)
        rc = walk(owner, token, rules, err);
    if (rc == 0)
        rc = json_reader_next(owner->json, &token, err); /* to the end, where an entry's checksum is looked at */
    buf_release(&owner->value);
    return rc;
}

int x_manifest_read(struct reading *reading, struct json_reader *json, x_manifest_file_fn *file, void *context,
                    struct err *err)
{
    struct owner owner = {.reading = reading, .json = json, .file = file, .context = context};
    return read_by(&owner, manifest, err);
}

int x_account_read(struct reading *reading, struct json_reader *json, struct err *err)
{
    struct owner owner = {.reading = reading, .json = json};
    return read_by(&owner, account, err);
}

void x_day_from_name(struct reading *reading)
{
    for (size_t at = 0; at + 10 <= reading->name.len && reading->day[0] == '\0'; at++) {
        struct text day = text_slice(reading->name, at, at + 10);
        if (at == 0 || !byte_is_digit(reading->name.data[at - 1]))
            (void)x_day_of(day, reading->day);
    }
}

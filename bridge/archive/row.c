/* bridge/archive/row.c
 *
 * A row becomes an account.
 */
#include "archive/row.h"

#include "archive/json_walk.h"
#include "archive/x_text.h"
#include "base/cleanup.h"

#include <stdio.h>

#define REFERENCE_MAX 512
#define ID_MAX        64

void row_init(struct row *row)
{
    *row = (struct row){.is_protected = KNOWN_NOT};
    buf_init(&row->id, ID_MAX);
    buf_init(&row->reference, REFERENCE_MAX);
    buf_init(&row->name, LIMIT_X_NAME);
    buf_init(&row->bio, LIMIT_X_BIO);
    buf_init(&row->website, LIMIT_X_WEBSITE);
    buf_init(&row->location, LIMIT_X_LOCATION);
    buf_init(&row->scratch, LIMIT_CSV_FIELD);
}

void row_release(struct row *row)
{
    buf_release(&row->id);
    buf_release(&row->reference);
    buf_release(&row->name);
    buf_release(&row->bio);
    buf_release(&row->website);
    buf_release(&row->location);
    buf_release(&row->scratch);
}

void row_clear(struct row *row)
{
    buf_clear(&row->id);
    buf_clear(&row->reference);
    buf_clear(&row->name);
    buf_clear(&row->bio);
    buf_clear(&row->website);
    buf_clear(&row->location);
    row->is_protected = KNOWN_NOT;
    row->is_verified = KNOWN_NOT;
}

int row_set_escaped(struct row *row, struct buf *field, struct text t)
{
    buf_clear(&row->scratch);
    int rc = x_unescape(&row->scratch, text_floor_utf8(t, LIMIT_CSV_FIELD));
    return rc < 0 ? rc : buf_set_cut(field, buf_text(&row->scratch));
}

enum known row_truth(struct text t)
{
    static const char *const yes[] = {"true", "1", "yes"};
    static const char *const no[] = {"false", "0", "no"};
    for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
        if (text_equal_fold(t, text_of(yes[i])))
            return KNOWN_YES;
        if (text_equal_fold(t, text_of(no[i])))
            return KNOWN_NO;
    }
    return KNOWN_NOT;
}

enum known row_or(enum known a, enum known b)
{
    if (a == KNOWN_YES || b == KNOWN_YES)
        return KNOWN_YES;
    return a == KNOWN_NO || b == KNOWN_NO ? KNOWN_NO : KNOWN_NOT;
}

/* Why a row without id and handle says nothing of anybody. */
static void say_why(const struct row *row, const char *id_why, char *why, size_t size)
{
    struct text reference = text_trim(buf_text(&row->reference));
    struct text id = text_trim(buf_text(&row->id));
    if (id_why && !text_empty(id))
        snprintf(why, size, "\"%.*s\": %s", TEXT_ARG(text_floor_utf8(id, 40)), id_why);
    else if (!text_empty(reference) && text_find_byte(text_slice(reference, 1, reference.len), '@', 0) != TEXT_NOWHERE)
        snprintf(why, size, "\"%.*s\" is an address of another network or a mailbox, not a handle on X",
                 TEXT_ARG(text_floor_utf8(reference, 60)));
    else if (!text_empty(reference))
        snprintf(why, size, "\"%.*s\" is no handle on X and no link to a profile there",
                 TEXT_ARG(text_floor_utf8(reference, 60)));
    else
        snprintf(why, size, "this row has neither an id nor a handle");
}

int row_take(struct reading *reading, const struct row *row, uint64_t line, struct follow_list *list, struct err *err)
{
    struct x_account account = {
        .name = buf_text(&row->name),
        .bio = buf_text(&row->bio),
        .website = buf_text(&row->website),
        .location = buf_text(&row->location),
        .is_protected = row->is_protected,
        .is_verified = row->is_verified,
    };
    const char *id_why = NULL;
    uint64_t link_id = 0;
    enum x_form form;
    char why[ERR_TEXT_MAX];

    reading_row(reading);
    struct text id = text_trim(buf_text(&row->id));
    bool damaged = x_id_is_rounded(id) || (row->zeros_are_damage && x_id_ends_in_zeros(id));
    if (damaged)
        id_why = x_id_rounded_why;
    else if (!text_empty(id))
        x_id_of(id, &account.id, &id_why);
    struct text reference = text_trim(buf_text(&row->reference));
    enum x_reference found = x_reference_of(reference, &account.handle, &link_id, &form);
    if (found == X_REFERENCE_ID && form == X_FORM_BARE && x_handle_valid(reference))
        account.handle = reference; /* a column of handles may hold one of digits alone */
    else if (found == X_REFERENCE_ID && account.id == 0)
        account.id = link_id;
    if (account.id == 0 && text_empty(account.handle)) {
        say_why(row, id_why, why, sizeof why);
        follow_list_skip(list, reading->label, line, why);
        return 0;
    }
    list->damaged_ids += damaged;
    return follow_list_add(list, &account, err);
}

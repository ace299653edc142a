/* bridge/base/json_fields.h
 *
 * A JSON object read into a record by a table: which members there may be, what they are, and where they go.
 *
 *     struct hide { struct text handle; };
 *     static const struct json_field hide_fields[] = {JSON_FIELD(struct hide, handle, JSON_FIELD_TEXT, true)};
 *
 * A member that stands in no row is refused: whoever misspells one should hear of it. A null is a member that is missing.
 */
#ifndef SKEIN_BASE_JSON_FIELDS_H
#define SKEIN_BASE_JSON_FIELDS_H

#include "base/arena.h"
#include "base/json.h"

struct json_texts {
    struct text *items; /* in the arena */
    size_t n;
};

enum json_field_type {
    JSON_FIELD_TEXT,  /* struct text, in the arena; its bytes have a NUL behind them, and none in them */
    JSON_FIELD_TEXTS, /* struct json_texts: a list of the same */
    JSON_FIELD_COUNT, /* uint64_t: a whole number from 0 to 2^53 */
    JSON_FIELD_ARRAY, /* const json_t *: a list, borrowed from the value */
};

struct json_field {
    const char *name;
    enum json_field_type type;
    bool required;
    size_t offset; /* of its place in the record */
};

#define JSON_FIELD(record, member, type, required)                                                                     \
    {                                                                                                                  \
#member, type, required, offsetof(record, member)                                                              \
    }

/* Fills the record, which keeps what it holds where a member is missing. E_BAD_INPUT with a sentence that names the
 * member; E_NOMEM. */
int json_read_fields(const json_t *value, const struct json_field *fields, size_t n, struct arena *arena, void *record,
                     struct err *err);

#endif

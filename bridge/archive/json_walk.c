/* bridge/archive/json_walk.c
 *
 * Steps over JSON.
 */
#include "archive/json_walk.h"

int json_member(struct json_reader *reader, struct text *ret_name, struct err *err)
{
    enum json_token token;
    int rc = json_reader_next(reader, &token, err);
    if (rc < 0)
        return rc;
    *ret_name = json_reader_text(reader);
    return token == TOKEN_NAME;
}

int json_element(struct json_reader *reader, enum json_token *ret_token, struct err *err)
{
    int rc = json_reader_next(reader, ret_token, err);
    if (rc < 0)
        return rc;
    return *ret_token != TOKEN_ARRAY_END;
}

int buf_set_cut(struct buf *out, struct text t)
{
    buf_clear(out);
    return buf_add(out, text_floor_utf8(t, out->max));
}

int json_read_text(struct json_reader *reader, struct buf *out, struct err *err)
{
    enum json_token token;
    buf_clear(out);
    int rc = json_reader_next(reader, &token, err);
    if (rc < 0)
        return rc;
    if (token == TOKEN_STRING || token == TOKEN_NUMBER)
        return buf_set_cut(out, json_reader_text(reader));
    return json_reader_skip(reader, err);
}

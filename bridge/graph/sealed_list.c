/* bridge/graph/sealed_list.c
 *
 * Blocks and mutes to bytes and back.
 */
#include "graph/sealed_list.h"

#include "graph/varint.h"

#include <endian.h>
#include <string.h>

#define BLOB_VERSION 1

#define IS_WHOLE   1u
#define HAS_ID     2u
#define HAS_HANDLE 4u
#define ALL_BITS   7u

static int add_number(uint32_t number, struct buf *out)
{
    char bytes[VARINT_MAX];
    return buf_add(out, (struct text){bytes, (size_t)(varint_put(bytes, number) - bytes)});
}

int sealed_list_begin(uint32_t day, struct buf *out)
{
    int rc = buf_add_byte(out, BLOB_VERSION);
    return rc < 0 ? rc : add_number(day, out);
}

int sealed_list_add(const struct sealed_entry *entry, struct buf *out)
{
    uint64_t id = htole64(entry->id);
    unsigned bits =
        (entry->whole ? IS_WHOLE : 0) | (entry->id != 0 ? HAS_ID : 0) | (text_empty(entry->handle) ? 0 : HAS_HANDLE);
    if (entry->handle.len > UINT32_MAX)
        return E_TOO_LARGE;
    int rc = buf_add_byte(out, (char)bits);
    if (rc == 0 && bits & HAS_ID)
        rc = buf_add(out, (struct text){(const char *)&id, sizeof id});
    if (rc == 0 && bits & HAS_HANDLE)
        rc = add_number((uint32_t)entry->handle.len, out);
    return rc < 0 ? rc : buf_add(out, entry->handle);
}

int sealed_reader_init(struct sealed_reader *reader, struct text blob, struct err *err)
{
    *reader = (struct sealed_reader){.rest = text_slice(blob, 1, blob.len)};
    if (text_empty(blob) || blob.data[0] != BLOB_VERSION || !varint_take(&reader->rest, &reader->day))
        return err_set(err, E_BAD_INPUT, "a sealed list is in a form that this version of Skein does not know");
    return 0;
}

static bool take_id(struct text *rest, uint64_t *ret_id)
{
    uint64_t id;
    if (rest->len < sizeof id)
        return false;
    memcpy(&id, rest->data, sizeof id);
    *ret_id = le64toh(id);
    *rest = text_slice(*rest, sizeof id, rest->len);
    return *ret_id != 0;
}

static bool take_handle(struct text *rest, struct text *ret_handle)
{
    uint32_t len;
    if (!varint_take(rest, &len) || len == 0 || len > rest->len)
        return false;
    *ret_handle = text_slice(*rest, 0, len);
    *rest = text_slice(*rest, len, rest->len);
    return true;
}

int sealed_reader_next(struct sealed_reader *reader, struct sealed_entry *ret_entry, struct err *err)
{
    if (text_empty(reader->rest))
        return 0;
    unsigned bits = (unsigned char)reader->rest.data[0];
    struct sealed_entry entry = {.whole = (bits & IS_WHOLE) != 0};
    struct text rest = text_slice(reader->rest, 1, reader->rest.len);
    if (bits > ALL_BITS || (bits & (HAS_ID | HAS_HANDLE)) == 0 || (bits & HAS_ID && !take_id(&rest, &entry.id)) ||
        (bits & HAS_HANDLE && !take_handle(&rest, &entry.handle)))
        return err_set(err, E_BAD_INPUT, "a sealed list is damaged");
    reader->rest = rest;
    *ret_entry = entry;
    return 1;
}

/* tests/lib/zip_builder.c
 *
 * Zips in memory.
 */
#include "lib/zip_builder.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <zip.h>

#define MADE_AT 1737547318 /* one date for all, so that the same files give the same zip */

static bool add_file(zip_t *zip, const struct zip_file_text *file, char *name, size_t size)
{
    snprintf(name, size, "%.*s", TEXT_ARG(file->name));
    zip_source_t *source = zip_source_buffer(zip, file->bytes.data, file->bytes.len, 0);
    if (!source)
        return false;
    zip_int64_t place = zip_file_add(zip, name, source, ZIP_FL_ENC_UTF_8);
    if (place < 0) {
        zip_source_free(source);
        return false;
    }
    zip_uint64_t entry = (zip_uint64_t)place;
    if (zip_file_set_mtime(zip, entry, MADE_AT, 0) < 0)
        return false;
    return zip_set_file_compression(zip, entry, file->stored ? ZIP_CM_STORE : ZIP_CM_DEFLATE, 0) == 0;
}

static bool copy_out(zip_source_t *written, struct buf *out)
{
    static char piece[65536];
    zip_int64_t got;
    if (zip_source_open(written) < 0)
        return false;
    while ((got = zip_source_read(written, piece, sizeof piece)) > 0)
        if (buf_add(out, (struct text){piece, (size_t)got}) < 0)
            got = -1;
    zip_source_close(written);
    return got == 0;
}

bool zip_build(struct buf *out, const struct zip_file_text *files, size_t n)
{
    char name[1024];
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *written = zip_source_buffer_create(NULL, 0, 0, &error);
    zip_t *zip = written ? zip_open_from_source(written, ZIP_TRUNCATE, &error) : NULL;
    if (!zip)
        return false;
    zip_source_keep(written);
    bool good = true;
    for (size_t i = 0; i < n && good; i++)
        good = add_file(zip, &files[i], name, sizeof name);
    if (!good)
        zip_discard(zip);
    else
        good = zip_close(zip) == 0 && copy_out(written, out);
    zip_source_free(written);
    return good;
}

uint32_t zip_crc(struct text bytes)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < bytes.len; i++) {
        crc ^= (unsigned char)bytes.data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (UINT32_C(0xEDB88320) & (0 - (crc & 1)));
    }
    return ~crc;
}

static void put(struct buf *out, uint64_t value, size_t width)
{
    uint64_t little = htole64(value);
    if (buf_add(out, (struct text){(const char *)&little, width}) < 0)
        abort();
}

static void put_text(struct buf *out, struct text t)
{
    if (buf_add(out, t) < 0)
        abort();
}

static void put_local(struct buf *out, const struct zip_raw *raw)
{
    struct text name = text_empty(raw->local_name) ? raw->name : raw->local_name;
    put(out, 0x04034b50, 4);
    put(out, 20, 2);
    put(out, raw->flags, 2);
    put(out, raw->method, 2);
    put(out, 0, 4);
    put(out, raw->crc ? raw->crc : zip_crc(raw->bytes), 4);
    put(out, raw->bytes.len, 4);
    put(out, raw->bytes.len, 4);
    put(out, name.len, 2);
    put(out, 0, 2);
    put_text(out, name);
    put_text(out, raw->bytes);
}

static void put_central(struct buf *out, const struct zip_raw *raw, uint64_t offset)
{
    uint64_t size = raw->size ? raw->size : raw->bytes.len;
    uint64_t packed = raw->packed ? raw->packed : raw->bytes.len;
    put(out, 0x02014b50, 4);
    put(out, 20 | (raw->mode ? 3u << 8 : 0), 2);
    put(out, 20, 2);
    put(out, raw->flags, 2);
    put(out, raw->method, 2);
    put(out, 0, 4);
    put(out, raw->crc ? raw->crc : zip_crc(raw->bytes), 4);
    put(out, raw->zip64 ? UINT32_MAX : packed, 4);
    put(out, raw->zip64 ? UINT32_MAX : size, 4);
    put(out, raw->name.len, 2);
    put(out, raw->zip64 ? 28 : 0, 2);
    put(out, 0, 2);
    put(out, 0, 2);
    put(out, 0, 2);
    put(out, (uint64_t)raw->mode << 16, 4);
    put(out, raw->zip64 ? UINT32_MAX : offset, 4);
    put_text(out, raw->name);
    if (raw->zip64) {
        put(out, 1, 2);
        put(out, 24, 2);
        put(out, size, 8);
        put(out, packed, 8);
        put(out, offset, 8);
    }
}

static void put_end64(struct buf *out, size_t n, uint64_t begin)
{
    uint64_t at = out->len;
    put(out, 0x06064b50, 4);
    put(out, 44, 8);
    put(out, 45, 2);
    put(out, 45, 2);
    put(out, 0, 8);
    put(out, n, 8);
    put(out, n, 8);
    put(out, at - begin, 8);
    put(out, begin, 8);
    put(out, 0x07064b50, 4);
    put(out, 0, 4);
    put(out, at, 8);
    put(out, 1, 4);
}

static void put_end(struct buf *out, size_t n, uint64_t begin, enum zip_raw_end end)
{
    uint64_t size = out->len - begin;
    size_t counted = end == ZIP_RAW_FEWER ? n - 1 : n;
    if (end == ZIP_RAW_ZIP64)
        put_end64(out, n, begin);
    put(out, 0x06054b50, 4);
    put(out, end == ZIP_RAW_MULTIVOLUME ? 1 : 0, 2);
    put(out, 0, 2);
    put(out, end == ZIP_RAW_ZIP64 ? 0xFFFF : counted, 2);
    put(out, end == ZIP_RAW_ZIP64 ? 0xFFFF : counted, 2);
    put(out, end == ZIP_RAW_ZIP64 ? UINT32_MAX : size, 4);
    put(out, end == ZIP_RAW_ZIP64 ? UINT32_MAX : end == ZIP_RAW_FAR ? out->len + 1000 : begin, 4);
    put(out, end == ZIP_RAW_COMMENT ? 22 + 4 : 0, 2);
    if (end == ZIP_RAW_COMMENT) {
        put(out, 0x06054b50, 4);
        put(out, 0, 8);
        put(out, 0, 8);
        put(out, 0, 2);
        put_text(out, TEXT("tail"));
    }
}

void zip_build_raw(struct buf *out, const struct zip_raw *entries, size_t n, enum zip_raw_end end)
{
    uint64_t *offsets = calloc(n + 1, sizeof *offsets);
    if (!offsets)
        abort();
    for (size_t i = 0; i < n; i++) {
        offsets[i] = entries[i].same_as ? offsets[entries[i].same_as - 1] : out->len;
        if (!entries[i].same_as)
            put_local(out, &entries[i]);
    }
    uint64_t begin = out->len;
    for (size_t i = 0; i < n; i++)
        put_central(out, &entries[i], offsets[i]);
    put_end(out, n, begin, end);
    free(offsets);
}

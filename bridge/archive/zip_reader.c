/* bridge/archive/zip_reader.c
 *
 * libzip behind a directory of our own.
 */
#include "archive/zip_reader.h"

#include "base/limits.h"

#include <endian.h>
#include <stdio.h>
#include <string.h>

/* libzip looks for end records in the last 65,535 + 22 + 20 bytes. */
#define GAP      ((uint64_t)68 * 1024)
#define TAIL_MAX (LIMIT_ZIP_WANTED * 128 + 256)
#define VERSION  45 /* zip64 */
#define FULL16   0xFFFFu
#define FULL32   0xFFFFFFFFu

/* Our directory while it is written. */
struct tail {
    struct buf *out;
    int failed; /* the first error: memory, since TAIL_MAX holds all */
};

static void put_text(struct tail *tail, struct text t)
{
    if (tail->failed == 0)
        tail->failed = buf_add(tail->out, t);
}

static void put(struct tail *tail, uint64_t value, size_t width)
{
    uint64_t little = htole64(value);
    put_text(tail, (struct text){(const char *)&little, width});
}

/* APPNOTE 4.3.12, with all numbers in the 64-bit field; the name is the entry's place. */
static void put_entry(struct tail *tail, const struct zip_entry *entry, size_t place)
{
    char name[24];
    int name_len = snprintf(name, sizeof name, "%zu", place);
    put(tail, 0x02014b50, 4);
    put(tail, VERSION, 2);
    put(tail, VERSION, 2);
    put(tail, 0, 2); /* flags: neither locked nor UTF-8 */
    put(tail, entry->method, 2);
    put(tail, 0, 4); /* time and date */
    put(tail, entry->crc, 4);
    put(tail, FULL32, 4);
    put(tail, FULL32, 4);
    put(tail, (uint64_t)name_len, 2);
    put(tail, 4 + 24, 2);
    put(tail, 0, 2); /* comment */
    put(tail, 0, 2); /* disk */
    put(tail, 0, 2);
    put(tail, 0, 4);
    put(tail, FULL32, 4);
    put_text(tail, (struct text){name, (size_t)name_len});
    put(tail, 1, 2); /* zip64 */
    put(tail, 24, 2);
    put(tail, entry->size, 8);
    put(tail, entry->packed, 8);
    put(tail, entry->offset, 8);
}

/* APPNOTE 4.3.14 to 4.3.16. */
static void put_ends(struct tail *tail, uint64_t begin, size_t entries)
{
    uint64_t size = tail->out->len;
    put(tail, 0x06064b50, 4);
    put(tail, 44, 8); /* of the rest of this record */
    put(tail, VERSION, 2);
    put(tail, VERSION, 2);
    put(tail, 0, 4);
    put(tail, 0, 4);
    put(tail, entries, 8);
    put(tail, entries, 8);
    put(tail, size, 8);
    put(tail, begin, 8);

    put(tail, 0x07064b50, 4);
    put(tail, 0, 4);
    put(tail, begin + size, 8);
    put(tail, 1, 4);

    put(tail, 0x06054b50, 4);
    put(tail, 0, 4);
    put(tail, FULL16, 2);
    put(tail, FULL16, 2);
    put(tail, FULL32, 4);
    put(tail, FULL32, 4);
    put(tail, 0, 2);
}

static uint64_t shown_size(const struct zip_reader *reader)
{
    return reader->tail_at + reader->tail.len;
}

/* Bytes of what libzip sees. */
static int64_t shown_read(struct zip_reader *reader, char *buf, uint64_t n)
{
    uint64_t at = reader->position;
    uint64_t data_end = reader->directory->begin;
    uint64_t part_end = at < data_end ? data_end : at < reader->tail_at ? reader->tail_at : shown_size(reader);
    if (n > part_end - at)
        n = part_end - at;
    if (n == 0)
        return 0;
    int64_t got = (int64_t)n;
    if (at < data_end) {
        got = reader->source->read_at(reader->source->context, at, buf, (size_t)n, &reader->source_err);
        if (got < 0) {
            zip_error_set(&reader->error, ZIP_ER_READ, 0);
            return -1;
        }
    } else if (at < reader->tail_at) {
        memset(buf, 0, (size_t)n);
    } else {
        memcpy(buf, reader->tail.data + (at - reader->tail_at), (size_t)n);
    }
    reader->position += (uint64_t)got;
    return got;
}

static int64_t shown_seek(struct zip_reader *reader, void *data, uint64_t len)
{
    int64_t to = zip_source_seek_compute_offset(reader->position, shown_size(reader), data, len, &reader->error);
    if (to < 0)
        return -1;
    reader->position = (uint64_t)to;
    return 0;
}

static int64_t shown_stat(struct zip_reader *reader, void *data, uint64_t len)
{
    zip_stat_t *st = ZIP_SOURCE_GET_ARGS(zip_stat_t, data, len, &reader->error);
    if (!st)
        return -1;
    zip_stat_init(st);
    st->valid = ZIP_STAT_SIZE;
    st->size = shown_size(reader);
    return sizeof *st;
}

static zip_int64_t shown(void *context, void *data, zip_uint64_t len, zip_source_cmd_t command)
{
    struct zip_reader *reader = context;
    /* libzip adds commands from time to time: what is not known is refused. */
    if (command == ZIP_SOURCE_OPEN) {
        reader->position = 0;
        return 0;
    }
    if (command == ZIP_SOURCE_READ)
        return shown_read(reader, data, len);
    if (command == ZIP_SOURCE_SEEK)
        return shown_seek(reader, data, len);
    if (command == ZIP_SOURCE_TELL)
        return (zip_int64_t)reader->position;
    if (command == ZIP_SOURCE_STAT)
        return shown_stat(reader, data, len);
    if (command == ZIP_SOURCE_ERROR)
        return zip_error_to_data(&reader->error, data, len);
    if (command == ZIP_SOURCE_CLOSE || command == ZIP_SOURCE_FREE)
        return 0;
    if (command == ZIP_SOURCE_SUPPORTS)
        return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL,
                                              ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR, ZIP_SOURCE_CLOSE, ZIP_SOURCE_FREE,
                                              ZIP_SOURCE_SUPPORTS, -1);
    zip_error_set(&reader->error, ZIP_ER_OPNOTSUPP, 0);
    return -1;
}

int zip_reader_open(struct zip_reader *reader, const struct byte_source *source, const struct zip_directory *directory,
                    struct err *err)
{
    *reader = (struct zip_reader){.source = source, .directory = directory, .tail_at = directory->begin + GAP};
    zip_error_init(&reader->error);
    buf_init(&reader->tail, TAIL_MAX);
    struct tail tail = {.out = &reader->tail};
    for (size_t i = 0; i < directory->n_wanted; i++)
        put_entry(&tail, &directory->wanted[i], i);
    put_ends(&tail, reader->tail_at, directory->n_wanted);
    if (tail.failed < 0)
        return tail.failed;

    zip_source_t *shown_source = zip_source_function_create(shown, reader, &reader->error);
    if (!shown_source)
        return E_NOMEM;
    reader->zip = zip_open_from_source(shown_source, ZIP_RDONLY, &reader->error);
    if (reader->zip)
        return 0;
    zip_source_free(shown_source);
    if (reader->source_err.code != 0)
        return err_set(err, reader->source_err.code, "%s", reader->source_err.text);
    return err_set(err, E_BAD_INPUT, "the zip cannot be opened: %s", zip_error_strerror(&reader->error));
}

void zip_reader_close(struct zip_reader *reader)
{
    if (reader->zip)
        zip_discard(reader->zip);
    buf_release(&reader->tail);
    zip_error_fini(&reader->error);
    reader->zip = NULL;
}

static int read_failed(struct zip_entry_source *source, struct err *err)
{
    const struct zip_reader *reader = source->reader;
    struct text name = source->entry->name;
    if (reader->source_err.code != 0)
        return err_set(err, reader->source_err.code, "%s", reader->source_err.text);
    int code = zip_error_code_zip(zip_file_get_error(source->file));
    if (code == ZIP_ER_CRC)
        return err_set(err, E_BAD_INPUT,
                       "the checksum of %.*s is wrong: the zip was damaged on its way; download or copy it again",
                       TEXT_ARG(name));
    if (code == ZIP_ER_MEMORY)
        return E_NOMEM;
    return err_set(err, E_BAD_INPUT,
                   "%.*s cannot be unpacked after %llu bytes: the zip is damaged; download or copy it "
                   "again",
                   TEXT_ARG(name), (unsigned long long)source->given);
}

static int check_given(const struct zip_entry_source *source, struct err *err)
{
    struct text name = source->entry->name;
    if (source->given > source->max)
        return err_set(err, E_TOO_LARGE,
                       "%.*s comes to more than %llu MiB when unpacked, more than Skein reads of such a file",
                       TEXT_ARG(name), (unsigned long long)(source->max / MIB));
    if (source->given > LIMIT_ZIP_RATIO_FROM && source->given / LIMIT_ZIP_RATIO > source->entry->packed)
        return err_set(err, E_FORBIDDEN,
                       "%.*s unpacks to more than %d times its size, as in a zip bomb; Skein does not read it",
                       TEXT_ARG(name), LIMIT_ZIP_RATIO);
    return 0;
}

static int64_t entry_read(void *context, void *buf, size_t n, struct err *err)
{
    struct zip_entry_source *source = context;
    int64_t got = zip_fread(source->file, buf, n);
    int rc = got < 0 ? read_failed(source, err) : 0;
    source->given += got > 0 ? (uint64_t)got : 0;
    if (rc == 0)
        rc = check_given(source, err);
    source->failed = rc < 0;
    return rc < 0 ? rc : got;
}

int zip_entry_open(struct zip_entry_source *source, struct zip_reader *reader, const struct zip_entry *entry,
                   uint64_t max, struct err *err)
{
    *source = (struct zip_entry_source){
        .source = {.read = entry_read, .context = source},
        .reader = reader,
        .entry = entry,
        .max = max,
    };
    source->file = zip_fopen_index(reader->zip, (zip_uint64_t)(entry - reader->directory->wanted), 0);
    if (!source->file && reader->source_err.code != 0)
        return err_set(err, reader->source_err.code, "%s", reader->source_err.text);
    if (!source->file)
        return err_set(err, E_BAD_INPUT, "%.*s cannot be opened in the zip: %s", TEXT_ARG(entry->name),
                       zip_error_strerror(zip_get_error(reader->zip)));
    reader->opened++;
    return 0;
}

void zip_entry_close(struct zip_entry_source *source)
{
    if (source->file)
        zip_fclose(source->file);
    source->file = NULL;
}

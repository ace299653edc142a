/* bridge/archive/zip_directory.c
 *
 * Zip directories, read with distrust.
 *
 * Every number is bounded by the file's size before it is used, so no sum below can overflow.
 */
#include "archive/zip_directory.h"

#include "base/limits.h"
#include "base/utf8.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define END_SIG        0x06054b50u
#define END_LEN        22
#define END_COMMENT    65535
#define END64_SIG      0x06064b50u
#define END64_LEN      56
#define LOCATOR_SIG    0x07064b50u
#define LOCATOR_LEN    20
#define CENTRAL_SIG    0x02014b50u
#define CENTRAL_LEN    46
#define LOCAL_SIG      0x04034b50u
#define LOCAL_LEN      30
#define EXTRA_ZIP64    1
#define FLAG_ENCRYPTED 1
#define MADE_BY_UNIX   3
#define METHOD_STORED  0
#define METHOD_DEFLATE 8
#define ENTRY_MAX      (CENTRAL_LEN + (size_t)3 * UINT16_MAX) /* an entry of the directory */
#define WINDOW         (512 * KIB)
#define WANTED_NAME    1024 /* bytes; X's are some 100 with their folder */
#define NAMES_ARENA    (4 * MIB)

static uint16_t get16(const unsigned char *at)
{
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return le16toh(value);
}

static uint32_t get32(const unsigned char *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return le32toh(value);
}

static uint64_t get64(const unsigned char *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return le64toh(value);
}

static int cut_short(struct err *err)
{
    return err_set(err, E_BAD_INPUT,
                   "the zip is cut short or damaged: its directory, which stands at the end, is missing; download or "
                   "copy it again");
}

static int damaged(struct err *err, const char *what)
{
    return err_set(err, E_BAD_INPUT, "the zip is damaged: %s; download or copy it again", what);
}

/* Exactly n bytes from offset, or the sentence that the file is damaged. */
static int read_exactly(const struct byte_source *source, uint64_t offset, void *buf, size_t n, struct err *err)
{
    if (offset > source->size || n > source->size - offset)
        return damaged(err, "a record lies outside the file");
    int64_t got = byte_source_fill_at(source, offset, buf, n, err);
    if (got < 0)
        return (int)got;
    return (size_t)got == n ? 0 : damaged(err, "the file ended while it was read");
}

struct end_record {
    uint64_t entries;
    uint64_t size;
    uint64_t begin;
    uint64_t limit; /* the directory ends here or before */
};

/* The 64-bit end record, which the locator in front of the end record at `end_at` points to. */
static int read_end64(const struct byte_source *source, uint64_t end_at, const unsigned char *locator,
                      struct end_record *end, struct err *err)
{
    unsigned char record[END64_LEN];
    uint64_t at = get64(locator + 8);
    if (get32(locator + 4) != 0 || get32(locator + 16) > 1)
        return err_set(err, E_BAD_INPUT, "this is one volume of a zip in several; join them into one file first");
    if (at > end_at - LOCATOR_LEN || end_at - LOCATOR_LEN - at < END64_LEN)
        return damaged(err, "its 64-bit end record lies in the wrong place");
    int rc = read_exactly(source, at, record, sizeof record, err);
    if (rc < 0)
        return rc;
    if (get32(record) != END64_SIG || get64(record + 24) != get64(record + 32))
        return damaged(err, "its 64-bit end record is none");
    *end = (struct end_record){
        .entries = get64(record + 32), .size = get64(record + 40), .begin = get64(record + 48), .limit = at};
    return 0;
}

/* Finds the end record in the file's last bytes: the last signature whose comment ends with the file. */
static bool find_end(const unsigned char *tail, size_t len, size_t *ret_at)
{
    for (size_t at = len - END_LEN + 1; at-- > 0;) {
        if (get32(tail + at) == END_SIG && at + END_LEN + get16(tail + at + 20) == len) {
            *ret_at = at;
            return true;
        }
    }
    return false;
}

static int read_end(const struct byte_source *source, struct end_record *end, struct err *err)
{
    unsigned char tail[END_LEN + END_COMMENT];
    unsigned char locator[LOCATOR_LEN];
    size_t len = source->size < sizeof tail ? (size_t)source->size : sizeof tail;
    size_t at;

    if (len < END_LEN)
        return cut_short(err);
    int rc = read_exactly(source, source->size - len, tail, len, err);
    if (rc < 0)
        return rc;
    if (!find_end(tail, len, &at))
        return cut_short(err);
    uint64_t end_at = source->size - len + at;
    if (end_at >= LOCATOR_LEN) {
        rc = read_exactly(source, end_at - LOCATOR_LEN, locator, sizeof locator, err);
        if (rc < 0)
            return rc;
        if (get32(locator) == LOCATOR_SIG)
            return read_end64(source, end_at, locator, end, err);
    }
    if (get16(tail + at + 4) != 0 || get16(tail + at + 8) != get16(tail + at + 10))
        return err_set(err, E_BAD_INPUT, "this is one volume of a zip in several; join them into one file first");
    *end = (struct end_record){.entries = get16(tail + at + 10),
                               .size = get32(tail + at + 12),
                               .begin = get32(tail + at + 16),
                               .limit = end_at};
    return 0;
}

static int check_end(const struct end_record *end, struct err *err)
{
    if (end->entries > LIMIT_ZIP_ENTRIES || end->size > LIMIT_ZIP_DIRECTORY)
        return err_set(err, E_TOO_LARGE,
                       "the zip says it holds %llu files in a directory of %llu bytes, and Skein opens zips of at most "
                       "%llu files; take following.js out of it and give that",
                       (unsigned long long)end->entries, (unsigned long long)end->size,
                       (unsigned long long)LIMIT_ZIP_ENTRIES);
    if (end->begin > end->limit || end->size > end->limit - end->begin)
        return cut_short(err);
    return 0;
}

/* The 64-bit numbers of an entry, which stand in this order where the short field is full. */
static bool read_zip64(const unsigned char *extra, size_t len, struct zip_entry *entry)
{
    bool size = entry->size == UINT32_MAX;
    bool packed = entry->packed == UINT32_MAX;
    bool offset = entry->offset == UINT32_MAX;
    while (len >= 4) {
        size_t field = get16(extra + 2);
        if (field > len - 4)
            return false;
        if (get16(extra) == EXTRA_ZIP64) {
            const unsigned char *at = extra + 4;
            if (field < 8 * ((size_t)size + packed + offset))
                return false;
            if (size) {
                entry->size = get64(at);
                at += 8;
            }
            if (packed) {
                entry->packed = get64(at);
                at += 8;
            }
            if (offset)
                entry->offset = get64(at);
            return true;
        }
        extra += 4 + field;
        len -= 4 + field;
    }
    return !size && !packed && !offset;
}

/* Could a name be wanted: relative, no `..`, no NUL, well-formed. Turns \ into / in place. */
static bool name_usable(char *name, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (name[i] == '\\')
            name[i] = '/';
    struct text rest = {name, len};
    struct text folder;
    if (len == 0 || len > WANTED_NAME || name[0] == '/' || name[len - 1] == '/' || (len > 1 && name[1] == ':') ||
        !utf8_valid(rest))
        return false;
    while (text_cut(&rest, '/', &folder))
        if (text_equal(folder, TEXT("..")))
            return false;
    return true;
}

static int keep(struct zip_directory *directory, const struct zip_entry *entry, struct err *err)
{
    if (directory->n_wanted == LIMIT_ZIP_WANTED)
        return err_set(err, E_TOO_LARGE, "the zip holds more than %d parts of lists and posts", LIMIT_ZIP_WANTED);
    struct zip_entry *wanted =
        arena_grow(&directory->arena, directory->wanted, directory->n_wanted, sizeof *directory->wanted);
    if (!wanted)
        return E_NOMEM;
    directory->wanted = wanted;
    wanted[directory->n_wanted] = *entry;
    if (!arena_text(&directory->arena, entry->name, &wanted[directory->n_wanted].name))
        return E_NOMEM;
    directory->n_wanted++;
    return 0;
}

/* One entry of the directory at `at`, of which `len` bytes are there; *ret_used is its length. */
static int read_entry(struct zip_directory *directory, unsigned char *at, size_t len, zip_want_fn *want, void *context,
                      size_t *ret_used, struct err *err)
{
    if (len < CENTRAL_LEN || get32(at) != CENTRAL_SIG)
        return damaged(err, "its directory is broken");
    size_t name_len = get16(at + 28);
    size_t extra_len = get16(at + 30);
    *ret_used = CENTRAL_LEN + name_len + extra_len + get16(at + 32);
    if (*ret_used > len)
        return damaged(err, "its directory is broken");

    char *name = (char *)at + CENTRAL_LEN;
    struct zip_entry entry = {
        .name = {name, name_len},
        .flags = get16(at + 8),
        .method = get16(at + 10),
        .crc = get32(at + 16),
        .packed = get32(at + 20),
        .size = get32(at + 24),
        .offset = get32(at + 42),
        .link = at[5] == MADE_BY_UNIX && S_ISLNK(get32(at + 38) >> 16),
    };
    if (!name_usable(name, name_len) || !want(context, &entry))
        return 0;
    if (!read_zip64(at + CENTRAL_LEN + name_len, extra_len, &entry))
        return damaged(err, "its directory is broken");
    return keep(directory, &entry, err);
}

/* Walks the directory in a window. */
static int read_entries(struct zip_directory *directory, const struct byte_source *source, const struct end_record *end,
                        unsigned char *window, zip_want_fn *want, void *context, struct err *err)
{
    uint64_t at = end->begin;
    uint64_t left = end->size;
    size_t have = 0;
    size_t used = 0;
    while (left > 0) {
        if (have - used < ENTRY_MAX && have - used < left) {
            size_t wanted = left < WINDOW ? (size_t)left : WINDOW;
            int rc = read_exactly(source, at, window, wanted, err);
            if (rc < 0)
                return rc;
            have = wanted;
            used = 0;
        }
        size_t len = 0;
        int rc = read_entry(directory, window + used, have - used, want, context, &len, err);
        if (rc < 0)
            return rc;
        used += len;
        at += len;
        left -= len;
        if (++directory->n_entries > LIMIT_ZIP_ENTRIES)
            return err_set(err, E_TOO_LARGE,
                           "the zip holds more than %llu files; take following.js out of it and give that",
                           (unsigned long long)LIMIT_ZIP_ENTRIES);
    }
    /* Old writers count modulo 65,536. */
    if ((directory->n_entries & 0xFFFF) != (end->entries & 0xFFFF))
        return damaged(err, "its directory does not hold as many files as it says");
    return 0;
}

int zip_directory_read(struct zip_directory *directory, const struct byte_source *source, zip_want_fn *want,
                       void *context, struct err *err)
{
    struct end_record end;
    *directory = (struct zip_directory){.wanted = NULL};
    arena_init(&directory->arena, NAMES_ARENA);
    int rc = read_end(source, &end, err);
    if (rc == 0)
        rc = check_end(&end, err);
    if (rc < 0)
        return rc;
    directory->begin = end.begin;
    unsigned char *window = malloc(WINDOW);
    if (!window)
        return E_NOMEM;
    rc = read_entries(directory, source, &end, window, want, context, err);
    free(window);
    return rc;
}

void zip_directory_release(struct zip_directory *directory)
{
    arena_release(&directory->arena);
    *directory = (struct zip_directory){.wanted = NULL};
}

static int check_kind(const struct zip_entry *entry, struct err *err)
{
    if (entry->flags & FLAG_ENCRYPTED)
        return err_set(err, E_BAD_INPUT, "%.*s is locked with a password; unpack the zip and give the file",
                       TEXT_ARG(entry->name));
    if (entry->method != METHOD_STORED && entry->method != METHOD_DEFLATE)
        return err_set(err, E_BAD_INPUT,
                       "%.*s is packed in a way (method %u) that X does not use; unpack the zip and "
                       "give the file",
                       TEXT_ARG(entry->name), (unsigned)entry->method);
    if (entry->link)
        return err_set(err, E_BAD_INPUT, "%.*s is a link to another file, not a file", TEXT_ARG(entry->name));
    return 0;
}

/* The local header says the same name, way and locking; only its lengths, which may differ, are used. */
static int check_local(const struct zip_directory *directory, struct zip_entry *entry, const struct byte_source *source,
                       struct err *err)
{
    unsigned char header[LOCAL_LEN];
    char name[WANTED_NAME];
    int rc = read_exactly(source, entry->offset, header, sizeof header, err);
    if (rc < 0)
        return rc;
    size_t name_len = get16(header + 26);
    if (get32(header) != LOCAL_SIG || name_len != entry->name.len || get16(header + 8) != entry->method ||
        (get16(header + 6) & FLAG_ENCRYPTED) != 0)
        return damaged(err, "directory and contents say different things");
    rc = read_exactly(source, entry->offset + LOCAL_LEN, name, name_len, err);
    if (rc < 0)
        return rc;
    if (!name_usable(name, name_len) || !text_equal((struct text){name, name_len}, entry->name))
        return damaged(err, "directory and contents name a file differently");
    uint64_t data = entry->offset + LOCAL_LEN + name_len + get16(header + 28);
    if (data > directory->begin || entry->packed > directory->begin - data)
        return damaged(err, "a file in it reaches beyond its end");
    entry->end = data + entry->packed;
    return 0;
}

static int by_offset(const void *a, const void *b)
{
    const struct zip_entry *one = *(const struct zip_entry *const *)a;
    const struct zip_entry *two = *(const struct zip_entry *const *)b;
    return (one->offset > two->offset) - (one->offset < two->offset);
}

/* Entries that share bytes are how small zips unpack to terabytes (Fifield 2019). */
static int check_overlaps(struct zip_directory *directory, struct err *err)
{
    size_t n = directory->n_wanted;
    struct zip_entry **sorted = ARENA_ARRAY(&directory->arena, struct zip_entry *, n);
    if (!sorted)
        return E_NOMEM;
    for (size_t i = 0; i < n; i++)
        sorted[i] = &directory->wanted[i];
    qsort(sorted, n, sizeof *sorted, by_offset);
    for (size_t i = 1; i < n; i++)
        if (sorted[i]->offset < sorted[i - 1]->end)
            return err_set(err, E_FORBIDDEN,
                           "%.*s and %.*s lie over one another in the zip, as in a zip bomb; Skein does "
                           "not open it",
                           TEXT_ARG(sorted[i - 1]->name), TEXT_ARG(sorted[i]->name));
    return 0;
}

static int check_doubles(const struct zip_directory *directory, struct err *err)
{
    for (size_t i = 1; i < directory->n_wanted; i++)
        for (size_t j = 0; j < i; j++)
            if (text_equal_fold(directory->wanted[i].name, directory->wanted[j].name))
                return err_set(err, E_BAD_INPUT, "the zip holds %.*s twice; give the file itself",
                               TEXT_ARG(directory->wanted[i].name));
    return 0;
}

int zip_directory_check(struct zip_directory *directory, const struct byte_source *source, struct err *err)
{
    int rc = check_doubles(directory, err);
    for (size_t i = 0; i < directory->n_wanted && rc == 0; i++) {
        rc = check_kind(&directory->wanted[i], err);
        if (rc == 0)
            rc = check_local(directory, &directory->wanted[i], source, err);
    }
    return rc < 0 ? rc : check_overlaps(directory, err);
}

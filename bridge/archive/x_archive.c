/* bridge/archive/x_archive.c
 *
 * An X archive, from its manifest to its posts.
 */
#include "archive/x_archive.h"

#include "archive/x_entries.h"
#include "archive/x_file.h"
#include "archive/x_owner.h"
#include "archive/zip_reader.h"
#include "base/cleanup.h"

#include <stdio.h>

struct archive {
    struct reading *reading;
    struct x_entries entries;
    struct zip_reader zip;

    bool listed[LIMIT_ZIP_WANTED]; /* by the manifest, beside the wanted entries */
    unsigned listed_tags;          /* tags of which the manifest lists any */
    char missing[X_NAME_MAX];      /* the first that it lists and the zip lacks, of a tag that the zip has */
    enum x_tag missing_tag;

    uint64_t left[X_TAG_POSTS + 1]; /* bytes that the parts of each tag may still come to */
};

static const uint64_t tag_max[] = {
    [X_TAG_MANIFEST] = LIMIT_ARCHIVE_SMALL, [X_TAG_ACCOUNT] = LIMIT_ARCHIVE_SMALL,
    [X_TAG_FOLLOWING] = LIMIT_ARCHIVE_LIST, [X_TAG_FOLLOWER] = LIMIT_ARCHIVE_LIST,
    [X_TAG_BLOCK] = LIMIT_ARCHIVE_LIST,     [X_TAG_MUTE] = LIMIT_ARCHIVE_LIST,
    [X_TAG_POSTS] = LIMIT_ARCHIVE_POSTS,
};

static void archive_release(struct archive *archive)
{
    zip_reader_close(&archive->zip);
    x_entries_release(&archive->entries);
}

/* Remembers what the manifest lists. */
static void note_listed(void *context, struct text name)
{
    struct archive *archive = context;
    const struct zip_directory *directory = &archive->entries.directory;
    enum x_tag tag;
    unsigned part;
    if (!x_entry_of(archive->reading, name, &tag, &part))
        return;
    archive->listed_tags |= 1u << tag;
    for (size_t i = 0; i < directory->n_wanted; i++) {
        if (directory->wanted[i].tag == tag && directory->wanted[i].part == part) {
            archive->listed[i] = true;
            return;
        }
    }
    if (archive->missing[0] == '\0' && (archive->entries.seen >> tag & 1) != 0) {
        name = text_floor_utf8(name, sizeof archive->missing - 1);
        snprintf(archive->missing, sizeof archive->missing, "%.*s", TEXT_ARG(name));
        archive->missing_tag = tag;
    }
}

static int read_by_tag(struct archive *archive, struct x_file *file, enum x_tag tag, struct err *err)
{
    enum list_kind as;
    switch (tag) {
    case X_TAG_MANIFEST:
        return x_manifest_read(archive->reading, &file->json, note_listed, archive, err);
    case X_TAG_ACCOUNT:
        return x_account_read(archive->reading, &file->json, err);
    case X_TAG_FOLLOWING:
    case X_TAG_FOLLOWER:
    case X_TAG_BLOCK:
    case X_TAG_MUTE:
        (void)reading_wants(archive->reading, x_tag_list(tag), &as);
        return x_file_read_list(file, x_tag_list(tag), as, err);
    case X_TAG_POSTS:
        return x_file_read_posts(file, err);
    }
    return err_set(err, E_BUG, "an entry of no kind");
}

/* Reads what is left of an entry: a wrong checksum explains more than the broken JSON that it caused. */
static void prefer_checksum(struct zip_entry_source *entry, struct err *err)
{
    char scrap[16 * 1024];
    struct err damage = {.code = 0};
    int64_t got;
    do
        got = entry->source.read(entry->source.context, scrap, sizeof scrap, &damage);
    while (got > 0);
    if (got < 0 && damage.code == E_BAD_INPUT)
        *err = damage;
}

/* Must the whole file be given up for an error in what only adds to it? */
static bool ends_reading(int rc)
{
    return rc == E_NOMEM || rc == E_CANCELLED || rc == E_IO || rc == E_FORBIDDEN || rc == E_BUG;
}

/* Opens and reads one entry. A sentence of its JSON gets the entry's name in front; those of the zip name it. */
static int read_entry(struct archive *archive, const struct zip_entry *entry, struct err *err)
{
    struct reading *reading = archive->reading;
    enum x_tag tag = (enum x_tag)entry->tag;
    CLEANUP(zip_entry_close) struct zip_entry_source source = {.file = NULL};
    CLEANUP(x_file_close) struct x_file file = {.reading = NULL};
    char label[2 * X_NAME_MAX];

    int len = snprintf(label, sizeof label, "%.*s: %.*s", TEXT_ARG(text_floor_utf8(reading->name, X_NAME_MAX - 4)),
                       TEXT_ARG(text_floor_utf8(entry->name, X_NAME_MAX - 4)));
    int rc = reading_begin(reading, (struct text){label, (size_t)len}, err);
    if (rc == 0)
        rc = zip_entry_open(&source, &archive->zip, entry, archive->left[tag], err);
    if (rc == 0) {
        rc = x_file_open(&file, reading, &source.source, false, err);
        if (rc == 0)
            rc = read_by_tag(archive, &file, tag, err);
        if (rc < 0 && !source.failed && !ends_reading(rc))
            err_prefix(err, "%.*s, ", TEXT_ARG(entry->name));
        if (rc == E_BAD_INPUT && !source.failed)
            prefer_checksum(&source, err);
        if (rc == E_TOO_LARGE && source.failed)
            err_set(err, rc,
                    "%.*s comes with its other parts to more than %llu MiB when unpacked, more than Skein reads",
                    TEXT_ARG(entry->name), (unsigned long long)(tag_max[tag] / MIB));
        archive->left[tag] -= source.given < archive->left[tag] ? source.given : archive->left[tag];
    }
    reading->label = reading->name;
    reading->progress.file = reading->name;
    return rc;
}

static void warn(struct reading *reading, const char *what, const struct err *err)
{
    if (reading->warning[0] == '\0')
        snprintf(reading->warning, sizeof reading->warning, "%s: %.400s", what, err->text);
}

/* Manifest and account. A broken manifest costs the day; files are then told by their names. */
static int read_owner(struct archive *archive, struct err *err)
{
    const struct zip_directory *directory = &archive->entries.directory;
    struct reading *reading = archive->reading;
    for (size_t i = 0; i < directory->n_wanted; i++) {
        const struct zip_entry *entry = &directory->wanted[i];
        bool known = reading->owner_id != 0 && reading->owner_handle[0] != '\0';
        if (entry->tag > X_TAG_ACCOUNT || (entry->tag == X_TAG_ACCOUNT && known))
            continue;
        int rc = read_entry(archive, entry, err);
        if (rc < 0 && ends_reading(rc))
            return rc;
        if (rc < 0) {
            archive->listed_tags = entry->tag == X_TAG_MANIFEST ? 0 : archive->listed_tags;
            warn(reading, "whose archive it is, or of which day, could not be read", err);
        }
    }
    return 0;
}

/* Is this entry to be read: where the manifest lists files of its tag, only those. */
static bool is_due(const struct archive *archive, size_t i)
{
    return archive->listed[i] || (archive->listed_tags >> archive->entries.directory.wanted[i].tag & 1) == 0;
}

static int check_missing(struct archive *archive, struct err *err)
{
    if (archive->missing[0] == '\0' || archive->listed_tags == 0)
        return 0;
    err_set(err, E_BAD_INPUT,
            "its manifest names %s, which the zip lacks; the list would be incomplete, give the archive as X sent it",
            archive->missing);
    if (archive->missing_tag != X_TAG_POSTS)
        return E_BAD_INPUT;
    warn(archive->reading, "some accounts may be without a handle", err);
    return 0;
}

static int read_lists(struct archive *archive, struct err *err)
{
    const struct zip_directory *directory = &archive->entries.directory;
    int rc = check_missing(archive, err);
    for (size_t i = 0; i < directory->n_wanted && rc == 0; i++) {
        const struct zip_entry *entry = &directory->wanted[i];
        if (entry->tag >= X_TAG_FOLLOWING && entry->tag < X_TAG_POSTS && is_due(archive, i))
            rc = read_entry(archive, entry, err);
    }
    return rc;
}

/* Names for ids. What was read stays where the limit is reached, and goes where the zip is damaged: a wrong byte in a
 * handle would be another person. */
static int read_posts(struct archive *archive, struct err *err)
{
    const struct zip_directory *directory = &archive->entries.directory;
    struct reading *reading = archive->reading;
    for (size_t i = 0; i < directory->n_wanted; i++) {
        if (directory->wanted[i].tag != X_TAG_POSTS || !is_due(archive, i))
            continue;
        int rc = read_entry(archive, &directory->wanted[i], err);
        if (rc == 0)
            continue;
        if (ends_reading(rc))
            return rc;
        warn(reading, "some accounts are without a handle, because posts could not be read", err);
        if (rc != E_TOO_LARGE)
            fact_set_release(&reading->facts);
        return 0;
    }
    return 0;
}

int x_archive_read(struct reading *reading, const struct byte_source *source, struct err *err)
{
    CLEANUP(archive_release) struct archive archive = {.reading = reading};
    for (size_t tag = 0; tag < ARRAY_LEN(tag_max); tag++)
        archive.left[tag] = tag_max[tag];
    int rc = x_entries_find(&archive.entries, reading, source, err);
    if (rc == 0)
        rc = zip_reader_open(&archive.zip, source, &archive.entries.directory, err);
    if (rc == 0)
        rc = read_owner(&archive, err);
    if (rc == 0)
        rc = read_lists(&archive, err);
    if (rc == 0)
        rc = read_posts(&archive, err);
    x_day_from_name(reading);
    return rc;
}

/* bridge/archive/zip_directory.h
 *
 * A zip's end record and directory, read by ourselves before any library sees the file.
 *
 * Libraries read every entry of a directory into memory: a million of them cost libzip 324 MB, and names that collide
 * under its hash minutes. So the directory is walked here, in a window, and only the entries that the caller wants are
 * kept (at most LIMIT_ZIP_WANTED); zip_reader shows libzip a directory of these alone. PKWARE's APPNOTE 6.3.10, 4.3 and
 * 4.5.3 (zip64).
 *
 * Refused: more than LIMIT_ZIP_ENTRIES or LIMIT_ZIP_DIRECTORY, archives in several volumes, records that do not fit
 * each other or the file; of wanted entries: encryption, methods other than stored and deflate, symbolic links, the
 * same name twice, entries that overlap one another or the directory, local headers that say something else. Names with
 * NUL, `..` or a root are never wanted. Internal.
 */
#ifndef SKEIN_ARCHIVE_ZIP_DIRECTORY_H
#define SKEIN_ARCHIVE_ZIP_DIRECTORY_H

#include "archive/byte_source.h"
#include "base/arena.h"

struct zip_entry {
    struct text name; /* in the directory's arena; / between folders */
    uint64_t size;    /* unpacked, as the directory claims */
    uint64_t packed;
    uint64_t offset; /* of the local header */
    uint64_t end;    /* behind its data; set by zip_directory_check */
    uint32_t crc;
    uint16_t flags;
    uint16_t method;
    bool link;    /* a symbolic link */
    unsigned tag; /* the caller's */
    unsigned part;
};

struct zip_directory {
    struct arena arena;       /* owned */
    struct zip_entry *wanted; /* in arena, in the order of the directory */
    size_t n_wanted;
    uint64_t n_entries; /* all */
    uint64_t begin;     /* of the directory in the file: everything in front is data */
};

/* Asked for each entry whose name could be wanted, in order. True keeps it; the caller may set tag and part. The name
 * is valid until it returns. */
typedef bool zip_want_fn(void *context, struct zip_entry *entry);

/* Reads end record and directory of a random access source. */
int zip_directory_read(struct zip_directory *directory, const struct byte_source *source, zip_want_fn *want,
                       void *context, struct err *err);
void zip_directory_release(struct zip_directory *directory);

/* Looks at the local headers of the wanted entries, after the caller dropped those that it does not want after all. */
int zip_directory_check(struct zip_directory *directory, const struct byte_source *source, struct err *err);

#endif

/* bridge/archive/zip_reader.h
 *
 * The wanted entries of a zip, unpacked by libzip.
 *
 * libzip is not shown the file's own directory. It sees the file's data, then zeros, then a directory made here that
 * holds the wanted entries alone:
 *
 *     0            directory->begin        + GAP
 *     |  the file  |  zeros                |  our directory  |  end records  |
 *
 * The zeros are as long as the stretch in which it looks for end records, so it finds ours and no other. What it holds
 * in memory is bounded by LIMIT_ZIP_WANTED, and an entry that is not wanted cannot be opened. Internal.
 */
#ifndef SKEIN_ARCHIVE_ZIP_READER_H
#define SKEIN_ARCHIVE_ZIP_READER_H

#include "archive/zip_directory.h"
#include "base/buf.h"

#include <zip.h>

struct zip_reader {
    const struct byte_source *source;      /* borrowed */
    const struct zip_directory *directory; /* borrowed; checked */
    struct buf tail;                       /* our directory and end records */
    uint64_t tail_at;
    uint64_t position;     /* libzip's in what it sees */
    zip_error_t error;     /* of the source, for libzip */
    struct err source_err; /* of the source, for us */
    zip_t *zip;            /* owned */
    size_t opened;         /* entries opened so far */
};

int zip_reader_open(struct zip_reader *reader, const struct byte_source *source, const struct zip_directory *directory,
                    struct err *err);
void zip_reader_close(struct zip_reader *reader);

/* One entry as a source. Reading it fails with a sentence when more than `max` bytes come out (E_TOO_LARGE),
 * when more than LIMIT_ZIP_RATIO come out for one packed (E_FORBIDDEN), when its checksum or size is wrong or it cannot be
 * unpacked (E_BAD_INPUT). The zip is read to the entry's end before a checksum is known. */
struct zip_entry_source {
    struct byte_source source;
    struct zip_reader *reader;     /* borrowed */
    const struct zip_entry *entry; /* borrowed */
    zip_file_t *file;              /* owned */
    uint64_t max;
    uint64_t given; /* bytes so far */
    bool failed;    /* reading it has failed; the sentence names the entry */
};
int zip_entry_open(struct zip_entry_source *source, struct zip_reader *reader, const struct zip_entry *entry,
                   uint64_t max, struct err *err);
void zip_entry_close(struct zip_entry_source *source);

#endif

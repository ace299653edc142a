/* tests/lib/zip_builder.h
 *
 * Zips in memory: well-formed ones by libzip, and records byte by byte for those that no tool would write.
 */
#ifndef SKEIN_TESTS_LIB_ZIP_BUILDER_H
#define SKEIN_TESTS_LIB_ZIP_BUILDER_H

#include "base/buf.h"

#define ZIP_BUILT_MAX ((size_t)2 << 30)

struct zip_file_text {
    struct text name;
    struct text bytes;
    bool stored; /* else deflated */
};

/* Writes the files, in their order, as a zip to the end of out. False where libzip cannot. */
bool zip_build(struct buf *out, const struct zip_file_text *files, size_t n);

/* One entry of a zip written record by record; what is not said is right for stored bytes. */
struct zip_raw {
    struct text name;
    struct text local_name; /* empty: name */
    struct text bytes;
    uint16_t flags;
    uint16_t method;
    uint32_t crc;    /* 0: that of bytes */
    uint64_t size;   /* in the directory; 0: bytes.len */
    uint64_t packed; /* the same */
    uint32_t mode;   /* Unix; 0: none */
    bool zip64;      /* the directory's numbers stand in the 64-bit field */
    size_t same_as;  /* 1 + place of the entry whose data this one uses; 0: its own */
};

enum zip_raw_end {
    ZIP_RAW_USUAL,
    ZIP_RAW_ZIP64,       /* 64-bit end records */
    ZIP_RAW_MULTIVOLUME, /* volume 1 */
    ZIP_RAW_FEWER,       /* the end record counts one entry less */
    ZIP_RAW_FAR,         /* it says that the directory begins behind the file */
    ZIP_RAW_COMMENT,     /* a comment that holds another end record */
};

void zip_build_raw(struct buf *out, const struct zip_raw *entries, size_t n, enum zip_raw_end end);

uint32_t zip_crc(struct text bytes);

#endif

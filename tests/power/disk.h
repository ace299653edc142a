/* tests/power/disk.h
 *
 * A folder as the disk may hold it after a power cut: what was synced, and of the rest what chance left.
 *
 *     base folder ─ disk_begin ─> disk_play (the record) ─> disk_cut (what is lost) ─> disk_write
 *
 * Of each file it keeps the bytes that are on disk for sure and the writes since its last sync; of the names the same,
 * folder by folder. A sync of a file says nothing of its name: only a sync of its folder does (POSIX promises no more).
 * What a disk may do with writes that were not synced: anything, sector by sector, in any order. Names are kept up to
 * some point in the order in which they were given, as the journals of file systems do.
 */
#ifndef SKEIN_TESTS_POWER_DISK_H
#define SKEIN_TESTS_POWER_DISK_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "base/u64_map.h"
#include "lib/seeded.h"
#include "power/lose.h"

enum disk_loss {
    DISK_LOSES_NOTHING, /* the process was killed, the machine went on */
    DISK_LOSES_ALL,     /* that was not synced */
    DISK_LOSES_HALF,    /* sector by sector */
    DISK_LOSES_LAST,    /* write of each file, and last name of each folder */
};

#define DISK_FILE_MAX ((size_t)512 << 20)

struct disk_change;

struct disk_file {
    struct buf bytes; /* on disk for sure */
    uint32_t mode;
    uint32_t place; /* in disk.files */
    bool folder;
    struct disk_change *since; /* not synced; in order */
    size_t n_since;
};

struct disk {
    struct arena arena;
    struct map live;  /* path -> struct disk_file *, as the processes saw it */
    struct map names; /* the same, as it is on disk for sure */
    struct u64_map by_inode;
    struct disk_file **files;
    size_t n_files;
    struct disk_change *names_since; /* not synced; in order */
    size_t n_names_since;
    struct text lying; /* end of the names whose syncs are not done, though they say so; empty: none */
};

/* The folder as it was before the run, all of it on disk. */
int disk_begin(struct disk *disk, const char *base, struct err *err);
void disk_release(struct disk *disk);

/* The record's first `until` bytes. E_BAD_INPUT where it holds what cannot be followed. `record` is borrowed until
 * disk_release. */
int disk_play(struct disk *disk, struct text record, uint64_t until, struct err *err);

int disk_cut(struct disk *disk, enum disk_loss loss, struct seeded *seeded, struct err *err);

/* For disk_begin; NULL without memory. */
struct disk_file *disk_file_new(struct disk *disk, uint32_t mode, bool folder);

/* Into a new folder. */
int disk_write(struct disk *disk, const char *folder, struct err *err);

/* --- the record, for whoever reads it ------------------------------------------------------------------------------- */

struct lose_entry {
    struct lose_record head;
    struct text path;
    struct text other;
    uint64_t at; /* bytes of the record before it */
};

/* Takes the next entry off the front of `rest`. False at the end, or where the rest is no whole entry. */
bool lose_next(struct text record, uint64_t *at, struct lose_entry *ret_entry);

#endif

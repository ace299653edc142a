/* tests/power/lose.h
 *
 * What the preloaded library writes down and who turns it: the record of everything that changed a folder, in order.
 *
 *     LOSE_FOLDER   the folder; what lies outside is not looked at
 *     LOSE_LOG      the record, append-only; outlives the process, however it ends
 *     LOSE_STATE    a struct lose_state in a file, which everybody maps: the driver sets it before and during a run
 *
 * All three or none; without them the library does nothing. Several processes may share them: one lock orders what they
 * do. A record is its head, then path_len bytes of a path in the folder, then other_len bytes: data, or a second path.
 */
#ifndef SKEIN_TESTS_POWER_LOSE_H
#define SKEIN_TESTS_POWER_LOSE_H

#include <stdint.h>

enum lose_kind {
    LOSE_OPEN = 1,    /* a file for writing; made: 1 where it was not there before */
    LOSE_WRITE,       /* the other bytes, at offset */
    LOSE_SIZE,        /* the file is now `offset` bytes long */
    LOSE_SYNC,        /* what stands in the record before `upto` is on disk, of this file */
    LOSE_SYNC_FOLDER, /* the same of the names in the folder `path` */
    LOSE_RENAME,      /* path to other */
    LOSE_LINK,        /* path also as other */
    LOSE_UNLINK,
    LOSE_FOLDER_MADE,
    LOSE_FOLDER_GONE,
    LOSE_UNKNOWN, /* path says what was done that this library does not follow: the record is of no use */
};

struct lose_record {
    uint32_t kind; /* enum lose_kind */
    uint32_t mode; /* permission bits, with LOSE_OPEN and LOSE_FOLDER_MADE */
    uint64_t file; /* inode number, of files */
    uint64_t offset;
    uint64_t upto; /* bytes of the record, with LOSE_SYNC and LOSE_SYNC_FOLDER */
    uint32_t made;
    uint32_t path_len;
    uint32_t other_len;
    uint32_t process; /* who did it, for people who read the record */
};

/* Counted are events: every call that changes or syncs something, and the return of every sync. And those calls that
 * need room on the disk. Numbers begin at 1; 0 stands for never. */
struct lose_state {
    uint64_t events;
    uint64_t cut_at; /* before this event is done, the power goes: every process of the run ends at its next event */
    uint64_t writes;
    uint64_t full_from;  /* this one and those after it find no room */
    uint64_t full_until; /* until this one finds some again */
    uint64_t real_syncs; /* 1: syncs are done, too, for strace to see; 0: the disk is played, and they only take time */
};

#endif

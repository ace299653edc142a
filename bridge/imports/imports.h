/* bridge/imports/imports.h
 *
 * One upload, from bytes to list, facts and numbers: an operation.
 *
 *     read ON_CPU ─> place ON_READ (community, member) ─> compare ON_CPU ─> ask_public ON_READ ─> keep ON_WRITE
 *                       ▲                                                                            │
 *                       └── another import of this owner came between ───────────────────────────────┤
 *          numbers given, sets united or replaced, facts sealed, x_public from a roster, the row done ┘
 *
 * Whose list it is: with `as` that member's own list (made with origin terminal where nobody of the community has the
 * handle), without it the group's roster. An archive of another account than the member's is refused; one that names no
 * owner is taken. archive and api are whole lists: a newer one by its own day replaces, an older one changes nothing;
 * exporter, csv and pasted add. `added`, `dropped` and `unchanged` are said of the list as it is used, all its sources
 * together. Posts alone tell names to the list that is there (a line of "facts"). The same upload twice changes nothing.
 *
 * Blocks and mutes are sealed in the member's row and, blocks, in keyed hashes, wiped after seven days, and enter nothing
 * else. Of those who wished to be left out nothing is kept but a number in the list; counts do not tell who they are.
 *
 * When `done` is called without an error, everything is on disk and visible to every later read.
 */
#ifndef SKEIN_IMPORTS_IMPORTS_H
#define SKEIN_IMPORTS_IMPORTS_H

#include "archive/archive.h"
#include "graph/numbers.h"
#include "loop/loop.h"
#include "model/import.h"

struct import_run;

struct import_options {
    struct store *store;      /* borrowed */
    struct numbers *numbers;  /* borrowed */
    struct text community;    /* slug; the community is made where it is new */
    struct text as;           /* the member's X handle; empty: the group's list */
    unsigned kinds;           /* LIST_BIT of the lists wanted; 0: following and followers (a roster's: following) */
    struct text source;       /* list_source_word that the lists are taken for; empty: as the content says */
    const struct text *paths; /* borrowed until done: absolute paths of regular files, all of them one import */
    size_t n_paths;

    void (*progress)(void *context, const struct archive_progress *progress); /* on the loop; may be NULL */
    void (*done)(void *context, struct import_run *run);                      /* once, on the loop */
    void *context;                                                            /* borrowed */
};

/* NULL and a sentence where it cannot begin (a bad slug or handle, a group's blocks, no memory); done is not called
 * then. */
struct import_run *import_run_start(struct loop *loop, const struct import_options *options, struct err *err);

/* In done and after: 0, or the error that ended it; then nothing was stored. */
int import_run_error(const struct import_run *run, struct err *err);

/* The report, also after an error: lines with `error` name each file. Valid until import_run_free. */
const struct import_report *import_run_report(const struct import_run *run);

void import_run_cancel(struct import_run *run);
void import_run_free(struct import_run *run);

#endif

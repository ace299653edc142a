/* bridge/imports/inside.h
 *
 * What the files of this room share: the record of an import, and its steps.
 *
 *     read.c      the files, and which lists they become
 *     place.c     where the upload goes: community, member, what the owner brought before
 *     compare.c   what it says beside what the owner's earlier uploads say
 *     keep.c      everything that is written, in one step of the writer
 *     public.c    what a roster tells everybody
 *     seal.c      blocks and mutes, which go nowhere else
 *     report.c    a line for each list and for each file that gave nothing
 *     watch.c     progress, from the worker to the loop
 *
 * `there` is memory of one try to place the upload: what was read from the store and what was made of it. Where another
 * import came between, it is read again. What the writer's step makes is written over when it runs again.
 */
#ifndef SKEIN_IMPORTS_INSIDE_H
#define SKEIN_IMPORTS_INSIDE_H

#include "base/cleanup.h"
#include "graph/fact_blob.h"
#include "imports/imports.h"
#include "loop/op.h"
#include "store/left_out_set.h"
#include "store/lists.h"
#include "store/people.h"

struct watch;

/* No account of run->accounts: known by a handle alone, and its owner wished to be left out. */
#define PLACE_NONE UINT32_MAX

/* Who tells the handle of an account that the upload gives as a number. */
enum handle_told { HANDLE_NOT_TOLD, HANDLE_BY_OWN, HANDLE_BY_OTHERS };

/* One list of the upload, as it is kept. */
struct import_list {
    struct follow_list *list; /* borrowed from the result */
    enum list_kind kind;
    enum list_source source;

    /* In `there`. */
    uint32_t *places;    /* beside its accounts: places in run->accounts, or PLACE_NONE */
    size_t hidden;       /* of them PLACE_NONE */
    uint32_t *unknown;   /* numbers of its accounts without a handle, ascending */
    unsigned char *told; /* beside unknown: enum handle_told */
    size_t n_unknown;

    /* Of the writer's step. */
    uint64_t added;
    uint64_t dropped;
    uint64_t unchanged;
    bool older; /* than what is there, which stays */
    char note[256];
};

/* What x_public has of an account, beside what a roster's upload says of it. */
enum public_there { PUBLIC_NOTHING, PUBLIC_ALL_OF_IT, PUBLIC_OTHER };

/* What the upload says of one account. */
struct import_fact {
    struct x_account account;
    uint32_t day;   /* as of struct fact */
    uint32_t place; /* in run->accounts */
    bool left_out;  /* is not kept */
    bool said;      /* an earlier upload of this owner says the same */
    uint32_t known; /* the account's number, where it had one before; 0 */
    enum public_there there;

    /* The newest of what earlier uploads say of the account. */
    uint32_t newest_day;
    bool newest_same;
};

struct import_file {
    struct text label; /* as reports call it */
    const char *path;
    struct err err; /* it cannot be opened */
};

struct import_run {
    struct op op;
    struct import_options options;
    struct text as; /* without @; empty: the group's list */
    struct watch *watch;
    struct id id;
    int64_t created_ms;

    /* Of read.c, in op.arena. */
    struct import_file *files;
    struct archive_file *sources; /* those that could be opened */
    struct import_file **opened;  /* beside sources */
    size_t n_opened;
    struct archive_result result; /* owned */
    struct import_list *lists;
    size_t n_lists;

    /* Of place.c and compare.c, in `there`. */
    struct arena there;
    struct left_out_set left_out; /* owned */
    struct id new_community_id;
    struct id new_member_id;
    struct community_row community;
    struct member_row member;
    bool community_there;
    bool member_there;
    struct id owner; /* the member, or the community */
    int64_t imports; /* that the owner has */
    struct fact_set_row *earlier;
    size_t n_earlier;
    struct x_account *accounts; /* everybody who gets a number */
    size_t n_accounts;
    size_t owner_place; /* of the archive's own account; SIZE_MAX: not known */
    struct import_fact *facts;
    size_t n_facts;
    uint32_t upload_day;
    bool facts_are_new;

    /* Of the writer's step. */
    uint32_t *numbers; /* in `there`, beside accounts */
    struct import_report report;
};

static inline struct import_run *import_of(struct op *op)
{
    return CONTAINER_OF(op, struct import_run, op);
}

static inline bool import_is_roster(const struct import_run *run)
{
    return text_empty(run->as);
}

/* The steps, in their order. */
int import_read(struct op *op);
int import_place(struct op *op);
int import_compare(struct op *op);
int import_ask_public(struct op *op);
int import_keep(struct op *op);

void import_release_there(struct import_run *run);

/* compare.c: everybody who gets a number, and what the upload says of whom. */
int import_gather(struct import_run *run, struct err *err);

/* public.c. On a reader lane: what is there, so that the writer need not ask. On the writer lane: what the upload says of
 * those who are on the roster now; and of one who no longer is. */
int import_ask_roster(struct import_run *run, struct db *db, struct err *err);
int import_keep_public(struct import_run *run, struct db *db, struct err *err);
int import_forget_public(struct import_run *run, struct db *db, uint32_t number, struct err *err);

/* seal.c, on the writer lane: the box first, and the shields when all else is written. */
int import_keep_sealed(struct import_run *run, struct db *db, struct import_list *list, struct err *err);
int import_keep_shields(struct import_run *run, struct db *db, const struct import_list *list, struct err *err);

/* report.c: after success, from the writer's step, and as the store keeps it; after an error. Both replace what is
 * there. */
int import_report_make(struct import_run *run, struct err *err);
int import_report_print(const struct import_report *report, struct buf *out);
void import_report_failure(struct import_run *run);

/* watch.c. On the loop; NULL without memory. */
struct watch *watch_new(struct loop *loop, struct import_run *run);
void watch_tell(struct watch *watch, const struct archive_progress *progress); /* any thread */
void watch_close(struct watch *watch);                                         /* frees; NULL is fine */

int import_no_memory(struct err *err);

#endif

/* bridge/archive/follow_list.h
 *
 * What a file gave: one list of X accounts, with what was dropped, skipped and resolved.
 *
 * Accounts stand in the order of the file. The same id twice, or the same handle twice (capitals aside) where not both
 * ids are known and differ, is one account: the first place counts, and what the double knows more is taken over.
 *
 * A list owns its arena; views in it live until follow_list_release. Not thread-safe; free to move between threads.
 */
#ifndef SKEIN_ARCHIVE_FOLLOW_LIST_H
#define SKEIN_ARCHIVE_FOLLOW_LIST_H

#include "archive/fact_set.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/u64_map.h"
#include "model/x_account.h"

#define LIST_BIT(kind) (1u << (kind))

/* What made the file. ARCHIVE and API are whole lists; the others add to what is there. */
enum list_source { LIST_FROM_ARCHIVE, LIST_FROM_API, LIST_FROM_EXPORTER, LIST_FROM_CSV, LIST_FROM_PASTED };

/* "archive", "api", "exporter", "csv", "pasted". */
const char *list_source_word(enum list_source source);
bool list_source_of(struct text word, enum list_source *ret_source);

struct skipped_row {
    struct text file; /* as the file was called, with the entry's name in a zip */
    uint64_t line;    /* from 1 */
    const char *why;  /* one clause; what stood in the row is in double quotes, as in all sentences of this room */
};

/* Accounts of the list whose handle is known, and who told it. */
struct resolved {
    size_t total;       /* own + others */
    size_t own;         /* told by the files of this import: given + by_mentions + by_files */
    size_t others;      /* told by what others brought; 0 until imports fills it in */
    size_t given;       /* the list itself has the handle */
    size_t by_mentions; /* a post of the archive names or answers them */
    size_t by_files;    /* another file of the same import has id and handle */
};

/* Who told the handle of an account. */
enum told { TOLD_NOT, TOLD_BY_LIST, TOLD_BY_POST, TOLD_BY_FILE };

struct follow_list {
    struct arena arena; /* owned */
    enum list_kind kind;
    enum list_source source;
    struct text file;  /* the first that gave to it */
    char day[11];      /* "2024-11-14": of the archive; empty: not known */
    uint64_t owner_id; /* whose list it is, where the archive says so; 0: not known */
    struct text owner_handle;

    struct x_account *accounts; /* in arena */
    unsigned char *told;        /* in arena; enum told, beside accounts */
    size_t n;

    size_t duplicates;           /* doubles that were dropped */
    size_t damaged_ids;          /* rounded by a spreadsheet, in rows that were taken by their handle */
    struct skipped_row *skipped; /* in arena; the first LIMIT_SKIPPED_ROWS */
    size_t n_skipped;
    uint64_t skipped_total;
    struct resolved resolved;

    struct u64_map by_id;     /* id -> place */
    struct u64_map by_handle; /* keyed hash of the handle, capitals folded -> place */
};

void follow_list_init(struct follow_list *list, enum list_kind kind, enum list_source source);
void follow_list_release(struct follow_list *list);

/* Takes a copy of the account, which has an id, a handle, or both; texts are cut to their limits. Returns 0, E_NOMEM, or
 * E_TOO_LARGE (LIMIT_LIST_ACCOUNTS or the arena) with a sentence. */
int follow_list_add(struct follow_list *list, const struct x_account *account, struct err *err);

/* Counts a row that was not taken, and keeps it with a copy of why while there is room. Never fails. */
void follow_list_skip(struct follow_list *list, struct text file, uint64_t line, const char *why);

/* Adds everything of `from` behind what is there: parts of one list, or lists of several sources as one. What both
 * hold counts as double only where they come from one source. As follow_list_add; resolve again afterwards. */
int follow_list_merge(struct follow_list *list, const struct follow_list *from, struct err *err);

/* Gives handle, name and the rest to accounts known by id alone, and counts list->resolved anew. May be repeated. */
int follow_list_resolve(struct follow_list *list, const struct fact_set *facts, struct err *err);

#endif

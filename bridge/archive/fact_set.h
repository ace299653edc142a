/* bridge/archive/fact_set.h
 *
 * What the files of one import say of third parties: this id has that handle and name.
 *
 * Said by a file, on a day, never by X itself. Two kinds of saying are kept apart: a post that names or answers
 * somebody (dated, may be years old, the newest wins), and a row of a file that holds id and handle (an export made
 * from the live site). Where both exist the file's handle is taken, and the post still counts as the one that told.
 */
#ifndef SKEIN_ARCHIVE_FACT_SET_H
#define SKEIN_ARCHIVE_FACT_SET_H

#include "base/arena.h"
#include "base/err.h"
#include "base/u64_map.h"
#include "model/x_account.h"

struct x_fact {
    struct x_account account; /* id and handle are known */
    int64_t said_ms;          /* wall time of the newest post that says it; 0: none, or without a date */
    bool by_post;
    bool by_file;
};

struct fact_set {
    struct arena arena;   /* owned */
    struct x_fact *facts; /* in arena, in the order of first saying */
    size_t n;
    struct u64_map by_id; /* id -> place */
};

void fact_set_init(struct fact_set *set);
void fact_set_release(struct fact_set *set);

/* A post of said_ms (0: no date) names id as handle; name may be empty. What is newer than what is known replaces it.
 * Returns 0, E_NOMEM, or E_TOO_LARGE (LIMIT_FACTS) with a sentence. */
int fact_set_add_post(struct fact_set *set, uint64_t id, struct text handle, struct text name, int64_t said_ms,
                      struct err *err);

/* A row of a file; accounts without id or handle say nothing. The first row of an id counts. */
int fact_set_add_file(struct fact_set *set, const struct x_account *account, struct err *err);

/* Everything that `from` says. */
int fact_set_merge(struct fact_set *set, const struct fact_set *from, struct err *err);

/* NULL where nothing is known. */
const struct x_fact *fact_set_get(const struct fact_set *set, uint64_t id);

#endif

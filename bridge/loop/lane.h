/* bridge/loop/lane.h
 *
 * Lanes: threads of their own for the steps that read and write the store, which know no SQL.
 *
 * One writer thread and some reader threads, each with a connection that the caller's functions open. The writer takes
 * every ON_WRITE step that waits (at most LIMIT_GROUP_STEPS, for at most LIMIT_GROUP_MS) into one transaction:
 *
 *     begin ─> savepoint, step, release ─> savepoint, step, release ─> ... ─> commit ─> after_commit ─> answers
 *                  └─ the step failed: rollback_to; its operation gets its error, its neighbours know nothing of it
 *
 * A commit that fails is told to every operation of the group. Where a step or a function says OP_AGAIN, the group is
 * rolled back and run again from its first step, at most LIMIT_GROUP_TRIES times in all; so a step may run more than
 * once, and what it wrote into its operation before is written over.
 *
 * A reader runs one step between begin and commit.
 */
#ifndef SKEIN_LOOP_LANE_H
#define SKEIN_LOOP_LANE_H

#include "base/err.h"

#include <stdint.h>

struct loop;
struct lanes;

enum lane_kind { LANE_WRITER, LANE_READER };

/* Each runs on the lane's thread; `lane` is what open gave, and what steps find in op->lane. They return 0, an error
 * code with its sentence, or (commit, savepoint, release) OP_AGAIN. */
struct lane_functions {
    int (*open)(void *context, enum lane_kind kind, void **ret_lane, struct err *err);
    void (*close)(void *context, void *lane);
    int (*begin)(void *lane, struct err *err);
    int (*commit)(void *lane, struct err *err);
    void (*rollback)(void *lane);                  /* of whatever is open; also after a failed commit */
    int (*savepoint)(void *lane, struct err *err); /* the writer's only, as are all that follow */
    int (*release)(void *lane, struct err *err);
    int (*rollback_to)(void *lane, struct err *err); /* the savepoint is gone afterwards */
    void (*after_commit)(void *context, void *lane); /* may be NULL; before the answers go out */
};

/* Starts the threads and waits until each has its connection. `functions` and `context` are borrowed. NULL and a
 * sentence where one cannot be opened. On the loop thread; loop_set_lanes makes operations use them. */
struct lanes *lanes_new(struct loop *loop, const struct lane_functions *functions, void *context, unsigned readers,
                        struct err *err);

/* Waits for the threads to close their connections and frees. No step is under way: in a loop_on_quiet hook, or where
 * no operation was started. One more turn of the loop frees the last handle. */
void lanes_close(struct lanes *lanes);

struct lane_counts {
    uint64_t groups;  /* transactions of the writer that were committed */
    uint64_t writes;  /* steps in them */
    uint64_t again;   /* times that a group was run again */
    uint64_t reads;   /* steps of the readers */
    uint64_t waiting; /* steps that no lane has begun */
};
void lanes_counts(struct lanes *lanes, struct lane_counts *ret_counts);

#endif

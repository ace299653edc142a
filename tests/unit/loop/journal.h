/* tests/unit/loop/journal.h
 *
 * A store that is only a journal: what lanes asked of it, in order, and errors on demand.
 *
 * The writer's lane writes the journal on its own thread; tests read it when the loop has ended or while the writer
 * waits at a gate. A reader's lane only counts.
 */
#ifndef SKEIN_TESTS_JOURNAL_H
#define SKEIN_TESTS_JOURNAL_H

#include "base/buf.h"
#include "loop/lane.h"
#include "loop/loop.h"
#include "loop/op.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

struct journal {
    struct buf lines;      /* owned; the writer's words, each with a blank behind it */
    int begin_fails;       /* times, each with E_IO */
    int commit_fails;      /* times, each with E_IO */
    int commit_again;      /* times OP_AGAIN */
    int savepoint_fails;   /* times, each with E_IO */
    int open_fails;        /* E_NOT_FOUND from the reader's open */
    atomic_int read_begun; /* by all readers */
    atomic_int read_ended;
    atomic_int open_lanes;
};

struct journal_lane {
    struct journal *journal; /* borrowed */
    enum lane_kind kind;
    uv_thread_t thread;
};

static inline void journal_write(struct journal *journal, const char *word)
{
    int failed = buf_printf(&journal->lines, "%s ", word);
    if (failed)
        abort();
}

static int journal_open(void *context, enum lane_kind kind, void **ret_lane, struct err *err)
{
    struct journal *journal = context;
    if (kind == LANE_READER && journal->open_fails)
        return err_set(err, E_NOT_FOUND, "no journal here");
    struct journal_lane *lane = calloc(1, sizeof *lane);
    *lane = (struct journal_lane){.journal = journal, .kind = kind, .thread = uv_thread_self()};
    atomic_fetch_add(&journal->open_lanes, 1);
    *ret_lane = lane;
    return 0;
}

static void journal_close(void *context, void *lane)
{
    struct journal *journal = context;
    atomic_fetch_sub(&journal->open_lanes, 1);
    free(lane);
}

static bool journal_due(int *times)
{
    return *times > 0 && (*times)-- > 0;
}

static int journal_begin(void *context, struct err *err)
{
    struct journal_lane *lane = context;
    struct journal *journal = lane->journal;
    if (lane->kind == LANE_READER) {
        atomic_fetch_add(&journal->read_begun, 1);
        return 0;
    }
    if (journal_due(&journal->begin_fails))
        return err_set(err, E_IO, "the journal is closed");
    journal_write(journal, "begin");
    return 0;
}

static int journal_commit(void *context, struct err *err)
{
    struct journal_lane *lane = context;
    struct journal *journal = lane->journal;
    if (lane->kind == LANE_READER) {
        atomic_fetch_add(&journal->read_ended, 1);
        return 0;
    }
    if (journal_due(&journal->commit_again))
        return OP_AGAIN;
    if (journal_due(&journal->commit_fails))
        return err_set(err, E_IO, "the disk is full");
    journal_write(journal, "commit");
    return 0;
}

static void journal_rollback(void *context)
{
    struct journal_lane *lane = context;
    if (lane->kind == LANE_READER)
        atomic_fetch_add(&lane->journal->read_ended, 1);
    else
        journal_write(lane->journal, "rollback");
}

static int journal_savepoint(void *context, struct err *err)
{
    struct journal_lane *lane = context;
    if (journal_due(&lane->journal->savepoint_fails))
        return err_set(err, E_IO, "no more savepoints");
    journal_write(lane->journal, "(");
    return 0;
}

static int journal_release(void *context, struct err *err)
{
    struct journal_lane *lane = context;
    (void)err;
    journal_write(lane->journal, ")");
    return 0;
}

static int journal_rollback_to(void *context, struct err *err)
{
    struct journal_lane *lane = context;
    (void)err;
    journal_write(lane->journal, "undo)");
    return 0;
}

static void journal_after_commit(void *context, void *lane)
{
    (void)lane;
    journal_write(context, "published");
}

static const struct lane_functions journal_functions = {
    .open = journal_open,
    .close = journal_close,
    .begin = journal_begin,
    .commit = journal_commit,
    .rollback = journal_rollback,
    .savepoint = journal_savepoint,
    .release = journal_release,
    .rollback_to = journal_rollback_to,
    .after_commit = journal_after_commit,
};

/* A loop with lanes over a journal. */
struct bench {
    struct loop *loop;
    struct lanes *lanes;
    struct journal journal;
};

static inline void bench_open(struct bench *bench, unsigned readers)
{
    struct err err = {0};
    *bench = (struct bench){0};
    buf_init(&bench->journal.lines, (size_t)1 << 20);
    bench->loop = loop_new(NULL, &err);
    assert_non_null(bench->loop);
    bench->lanes = lanes_new(bench->loop, &journal_functions, &bench->journal, readers, &err);
    assert_non_null(bench->lanes);
    loop_set_lanes(bench->loop, bench->lanes);
}

static inline void bench_close(struct bench *bench)
{
    lanes_close(bench->lanes);
    assert_int_equal(loop_run(bench->loop), 0);
    assert_int_equal(loop_work_count(bench->loop), 0);
    loop_free(bench->loop);
    assert_int_equal(atomic_load(&bench->journal.open_lanes), 0);
    buf_release(&bench->journal.lines);
}

#endif

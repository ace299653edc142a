/* tests/unit/imports/world.h
 *
 * A store with lanes and numbers in a scratch folder, and uploads into it, one after the other or at once.
 */
#ifndef SKEIN_TESTS_UNIT_IMPORTS_WORLD_H
#define SKEIN_TESTS_UNIT_IMPORTS_WORLD_H

#include "base/cleanup.h"
#include "base/limits.h"
#include "graph/id_set.h"
#include "imports/imports.h"
#include "lib/archive_builder.h"
#include "lib/check.h"
#include "lib/postgres_cluster.h"
#include "lib/scratch.h"
#include "lib/zip_builder.h"
#include "loop/lane.h"
#include "store/lists.h"
#include "store/people.h"

#include <stdlib.h>
#include <string.h>

#define UPLOADS_MAX 4
#define FILES_MAX   4

struct world {
    struct scratch scratch;
    const char *database; /* "": SQLite in the scratch folder */
    const struct lane_functions *functions;
    struct store *store;
    struct numbers *numbers;
    struct loop *loop;
    struct lanes *lanes;
    struct db *reader;  /* for what tests look at */
    struct arena arena; /* likewise */
    struct import_run *runs[UPLOADS_MAX];
    size_t n_runs;
    size_t n_done;
    size_t n_progress;
};

struct upload {
    const char *community; /* NULL: "flock" */
    const char *as;        /* NULL: the group's */
    unsigned kinds;
    const char *source;
    const char *files[FILES_MAX]; /* names in the scratch folder; the first NULL ends */
};

/* --- opening -------------------------------------------------------------------------------------------------------- */

static inline void world_start(struct world *world)
{
    struct err err = {0};
    struct store_options options = {
        .folder = scratch_name(&world->scratch, "", "data"), .database = text_of(world->database), .role = STORE_OWNER};
    if (store_open(&options, &world->store, &err) != 0)
        fail_msg("%s", err.text);
    world->numbers = numbers_new();
    const struct store_listener listener = numbers_listener(world->numbers);
    store_listen(world->store, &listener);
    if (store_connect(world->store, DB_READER, &world->reader, &err) != 0)
        fail_msg("%s", err.text);
    if (numbers_load(world->numbers, world->reader, store_keys(world->store), &err) != 0)
        fail_msg("%s", err.text);
    world->loop = loop_new(NULL, &err);
    world->lanes = lanes_new(world->loop, world->functions, world->store, 2, &err);
    if (!world->lanes)
        fail_msg("%s", err.text);
    loop_set_lanes(world->loop, world->lanes);
    arena_init(&world->arena, GIB);
}

static inline void world_forget_runs(struct world *world)
{
    for (size_t i = 0; i < world->n_runs; i++)
        import_run_free(world->runs[i]);
    world->n_runs = world->n_done = 0;
}

static inline void world_stop(struct world *world)
{
    world_forget_runs(world);
    arena_release(&world->arena);
    lanes_close(world->lanes);
    assert_int_equal(loop_run(world->loop), 0);
    loop_free(world->loop);
    db_close(world->reader);
    store_close(world->store);
    numbers_free(world->numbers);
}

static inline void world_open(struct world *world, const char *database)
{
    *world = (struct world){.database = database, .functions = &store_lane_functions};
    scratch_make(&world->scratch);
    world_start(world);
}

static inline void world_close(struct world *world)
{
    world_stop(world);
    scratch_remove(&world->scratch);
}

/* As another process would: numbers are loaded again. */
static inline void world_restart(struct world *world)
{
    world_stop(world);
    world_start(world);
}

/* --- files ---------------------------------------------------------------------------------------------------------- */

static inline void write_file(const struct world *world, const char *name, const char *content)
{
    scratch_write(scratch_name(&world->scratch, "", name), text_of(content));
}

static inline void write_archive(const struct world *world, const char *name, const struct archive_plan *plan)
{
    CLEANUP(buf_release) struct buf zip;
    buf_init(&zip, 64 * MIB);
    assert_true(archive_build(plan, &zip));
    scratch_write(scratch_name(&world->scratch, "", name), buf_text(&zip));
}

/* "User ID,Username" of a plan's follows [from, to). */
static inline void write_csv(const struct world *world, const char *name, const struct archive_plan *plan, size_t from,
                             size_t to)
{
    CLEANUP(buf_release) struct buf csv;
    char handle[32];
    buf_init(&csv, MIB);
    buf_printf(&csv, "id,screen_name\n");
    for (size_t i = from; i < to; i++) {
        archive_follow_handle(plan, i, handle);
        buf_printf(&csv, "\"%llu\",%s\n", (unsigned long long)archive_follow_id(plan, i), handle);
    }
    scratch_write(scratch_name(&world->scratch, "", name), buf_text(&csv));
}

/* --- uploads -------------------------------------------------------------------------------------------------------- */

static inline void on_upload_done(void *context, struct import_run *run)
{
    struct world *world = context;
    (void)run;
    world->n_done++;
}

static inline void on_upload_progress(void *context, const struct archive_progress *progress)
{
    struct world *world = context;
    assert_true(progress->file.len > 0);
    world->n_progress++;
}

static inline struct import_run *start_upload(struct world *world, const struct upload *upload, struct err *err)
{
    static char paths[UPLOADS_MAX][FILES_MAX][256];
    static struct text texts[UPLOADS_MAX][FILES_MAX];
    size_t at = world->n_runs;
    size_t n = 0;
    for (; n < FILES_MAX && upload->files[n]; n++) {
        snprintf(paths[at][n], sizeof paths[at][n], "%s", scratch_name(&world->scratch, "", upload->files[n]));
        texts[at][n] = text_of(paths[at][n]);
    }
    struct import_options options = {.store = world->store,
                                     .numbers = world->numbers,
                                     .community = text_of(upload->community ? upload->community : "flock"),
                                     .as = text_of(upload->as),
                                     .kinds = upload->kinds,
                                     .source = text_of(upload->source),
                                     .paths = texts[at],
                                     .n_paths = n,
                                     .progress = on_upload_progress,
                                     .done = on_upload_done,
                                     .context = world};
    struct import_run *run = import_run_start(world->loop, &options, err);
    if (run)
        world->runs[world->n_runs++] = run;
    return run;
}

/* Runs one upload to its end; its report is valid until the next. */
static inline int upload(struct world *world, const struct upload *what, struct err *err)
{
    world_forget_runs(world);
    if (!start_upload(world, what, err))
        return err->code;
    assert_int_equal(loop_run(world->loop), 0);
    assert_int_equal(world->n_done, 1);
    return import_run_error(world->runs[0], err);
}

static inline void upload_well(struct world *world, const struct upload *what)
{
    struct err err = {0};
    if (upload(world, what, &err) != 0)
        fail_msg("%s", err.text);
}

/* --- what came of it ------------------------------------------------------------------------------------------------ */

static inline const struct import_line *line_at(const struct world *world, size_t i)
{
    const struct import_report *report = import_run_report(world->runs[0]);
    assert_true(i < report->n);
    return &report->lines[i];
}

static inline const struct import_line *line_of(const struct world *world, const char *list)
{
    const struct import_report *report = import_run_report(world->runs[0]);
    for (size_t i = 0; i < report->n; i++)
        if (text_equal(report->lines[i].list, text_of(list)))
            return &report->lines[i];
    fail_msg("no line of a list %s", list);
    return NULL;
}

#define assert_counts(line, of_read, of_added, of_dropped, of_unchanged)                                               \
    do {                                                                                                               \
        const struct import_line *counted_ = (line);                                                                   \
        assert_int_equal(counted_->read, (of_read));                                                                   \
        assert_int_equal(counted_->added, (of_added));                                                                 \
        assert_int_equal(counted_->dropped, (of_dropped));                                                             \
        assert_int_equal(counted_->unchanged, (of_unchanged));                                                         \
    } while (0)

#define assert_resolved(line, of_total, of_own, of_others)                                                             \
    do {                                                                                                               \
        const struct import_line *counted_ = (line);                                                                   \
        assert_int_equal(counted_->resolved.total, (of_total));                                                        \
        assert_int_equal(counted_->resolved.own, (of_own));                                                            \
        assert_int_equal(counted_->resolved.others, (of_others));                                                      \
    } while (0)

/* The community, or its member: the owner of lists. */
static inline struct id owner_of(struct world *world, const char *community, const char *as)
{
    struct community_row row;
    struct member_row member;
    struct err err = {0};
    if (community_by_slug(world->reader, text_of(community), &world->arena, &row, &err) != 0)
        fail_msg("%s", err.text);
    if (!as)
        return row.id;
    if (member_by_handle(world->reader, &row.id, text_of(as), &world->arena, &member, &err) != 0)
        fail_msg("%s", err.text);
    return member.id;
}

/* Rows of a list, by source. */
static inline size_t sets_of(struct world *world, const struct id *owner, const char *kind,
                             struct follow_set_row **ret_rows)
{
    size_t n;
    struct err err = {0};
    if (follow_set_list(world->reader, owner, text_of(kind), &world->arena, ret_rows, &n, &err) != 0)
        fail_msg("%s", err.text);
    return n;
}

static inline void decode_set(const struct follow_set_row *row, struct id_set *ret_set)
{
    struct err err = {0};
    id_set_init(ret_set);
    if (id_set_decode(ret_set, row->ids, row->n, &err) != 0)
        fail_msg("%s", err.text);
}

STATEMENT(test_rows_of_all,
          "SELECT (SELECT COUNT(*) FROM community) + (SELECT COUNT(*) FROM member) + (SELECT COUNT(*) FROM membership) "
          "+ (SELECT COUNT(*) FROM import) + (SELECT COUNT(*) FROM follow_set) + (SELECT COUNT(*) FROM x_chunk) "
          "+ (SELECT COUNT(*) FROM fact_set) + (SELECT COUNT(*) FROM x_public) + (SELECT COUNT(*) FROM sealed) "
          "+ (SELECT COUNT(*) FROM shield)",
          .scans = "a test");

/* Rows of everything that an import may write. */
static inline int64_t rows_of_all(struct world *world)
{
    struct db_rows *rows;
    struct err err = {0};
    if (db_query(world->reader, &test_rows_of_all, NULL, 0, &rows, &err) != 0 || db_next(rows, &err) != 1)
        fail_msg("%s", err.text);
    int64_t n = db_get_i64(rows, 0);
    db_done(rows);
    return n;
}

#endif

/* tests/unit/matching/list_world.h
 *
 * A store with lanes, lists in it, and runs of match_list over them against a network in memory.
 */
#ifndef SKEIN_TESTS_MATCHING_LIST_WORLD_H
#define SKEIN_TESTS_MATCHING_LIST_WORLD_H

#include "base/limits.h"
#include "graph/fact_blob.h"
#include "graph/id_set.h"
#include "lib/scratch.h"
#include "loop/op.h"
#include "matching/match_list.h"
#include "run.h"
#include "store/left_out_set.h"
#include "store/lists.h"
#include "store/pairs.h"
#include "store/people.h"
#include "store/wishes.h"

/* 2026-11-26, and later as the test says. */
static int64_t now_ms;

static inline int64_t wall(void *context)
{
    (void)context;
    return now_ms;
}

static inline int64_t monotonic(void *context)
{
    (void)context;
    return clock_monotonic(&clock_system);
}

static const struct clock test_clock = {.wall_ms = wall, .monotonic_ms = monotonic};

struct world {
    struct scratch scratch;
    struct store *store;
    struct numbers *numbers;
    struct loop *loop;
    struct lanes *lanes;
    struct fake_network fake;
    struct db *reader;
    struct arena arena;
    struct match_list *list;
    bool done;
    bool cancels; /* at the first progress after something was kept */
    unsigned ids;
    struct match_list_counts counts; /* of the last run */
};

static inline int open_world(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    struct err err = {0};
    now_ms = INT64_C(1795686000000);
    scratch_make(&world->scratch);
    struct store_options options = {
        .folder = scratch_name(&world->scratch, "", "data"), .role = STORE_OWNER, .clock = &test_clock};
    if (store_open(&options, &world->store, &err) != 0)
        fail_msg("%s", err.text);
    world->numbers = numbers_new();
    const struct store_listener listener = numbers_listener(world->numbers);
    store_listen(world->store, &listener);
    assert_int_equal(store_connect(world->store, DB_READER, &world->reader, &err), 0);
    world->loop = loop_new(NULL, &err);
    world->lanes = lanes_new(world->loop, &store_lane_functions, world->store, 2, &err);
    assert_non_null(world->lanes);
    loop_set_lanes(world->loop, world->lanes);
    fake_network_init(&world->fake, world->loop);
    world->fake.profiles = people;
    world->fake.n_profiles = ARRAY_LEN(people);
    arena_init(&world->arena, 256 * MIB);
    *state = world;
    return 0;
}

static inline int close_world(void **state)
{
    struct world *world = *state;
    assert_int_equal(world->fake.under_way, 0);
    arena_release(&world->arena);
    lanes_close(world->lanes);
    assert_int_equal(loop_run(world->loop), 0);
    loop_free(world->loop);
    db_close(world->reader);
    store_close(world->store);
    numbers_free(world->numbers);
    scratch_remove(&world->scratch);
    free(world);
    return 0;
}

/* --- what the store holds --------------------------------------------------------------------------------------------- */

struct writing {
    struct op op;
    struct world *world;
    int (*write)(struct world *world, struct db *db, const void *what, struct err *err);
    const void *what;
    int code;
};

static inline int write_step(struct op *op)
{
    struct writing *writing = CONTAINER_OF(op, struct writing, op);
    int rc = writing->write(writing->world, op->lane, writing->what, &op->err);
    return rc < 0 ? rc : OP_NEXT;
}

static inline void write_done(struct op *op)
{
    struct writing *writing = CONTAINER_OF(op, struct writing, op);
    writing->code = op->err.code;
    if (op->err.code != 0)
        fail_msg("%s", op->err.text);
    op_release(op);
}

static inline void write_what(struct world *world,
                              int (*write)(struct world *, struct db *, const void *, struct err *), const void *what)
{
    static const struct op_step steps[] = {STEP(write_step, ON_WRITE), STEP_END};
    struct writing writing = {
        .op = {.steps = steps, .finish = write_done}, .world = world, .write = write, .what = what, .code = 1};
    op_start(&writing.op, world->loop);
    assert_int_equal(loop_run(world->loop), 0);
    assert_int_equal(writing.code, 0);
}

static inline struct id next_id(struct world *world)
{
    char text[ID_LEN + 1];
    struct id id;
    snprintf(text, sizeof text, "01MATCH%019u", ++world->ids);
    assert_true(id_parse(text_of(text), &id));
    return id;
}

struct upload {
    const char *community;
    const char *as; /* NULL: the roster */
    const struct x_account *accounts;
    size_t n;
};

static inline int find_owner(struct world *world, struct db *db, const struct upload *upload, struct id *ret_owner,
                             struct err *err)
{
    struct community_row group = {.id = next_id(world),
                                  .slug = text_of(upload->community),
                                  .name = text_of(upload->community),
                                  .state = TEXT(COMMUNITY_OPEN)};
    int rc = community_by_slug(db, group.slug, &world->arena, &group, err);
    if (rc == E_NOT_FOUND)
        rc = community_put(db, &group, err);
    *ret_owner = group.id;
    if (rc < 0 || !upload->as)
        return rc;
    struct member_row member = {
        .id = next_id(world), .x_handle = text_of(upload->as), .origin = TEXT(MEMBER_FROM_TERMINAL)};
    rc = member_put(db, &member, err);
    *ret_owner = member.id;
    return rc < 0 ? rc : membership_put(db, &group.id, &member.id, "member", now_ms, err);
}

static inline int put_facts(struct world *world, struct db *db, const struct id *owner, const struct upload *upload,
                            const uint32_t *numbers, struct err *err)
{
    CLEANUP(buf_release) struct buf blob;
    CLEANUP(buf_release) struct buf box;
    struct fact facts[16];
    struct id import = next_id(world);
    buf_init(&blob, MIB);
    buf_init(&box, MIB);
    for (size_t i = 0; i < upload->n; i++)
        facts[i] = (struct fact){.number = numbers[i], .account = upload->accounts[i]};
    assert_int_equal(fact_blob_write(facts, upload->n, &blob, NULL), 0);
    assert_int_equal(keys_seal(store_keys(world->store), &random_system, buf_text(&blob), id_text(&import), &box), 0);
    struct fact_set_row row = {.import = import,
                               .owner = *owner,
                               .day = TEXT("2024-11-14"),
                               .n = (uint32_t)upload->n,
                               .seal_key = keys_seal_number(store_keys(world->store)),
                               .facts = buf_text(&box)};
    return fact_set_put(db, &row, err);
}

static inline int put_upload(struct world *world, struct db *db, const void *what, struct err *err)
{
    CLEANUP(id_set_release) struct id_set set;
    CLEANUP(buf_release) struct buf ids;
    const struct upload *upload = what;
    uint32_t numbers[16];
    struct id owner;
    id_set_init(&set);
    buf_init(&ids, MIB);
    int rc = find_owner(world, db, upload, &owner, err);
    if (rc == 0)
        rc = numbers_give(world->numbers, db, upload->accounts, upload->n, numbers, err);
    for (size_t i = 0; i < upload->n && rc == 0; i++)
        rc = id_set_add(&set, numbers[i]);
    if (rc == 0)
        rc = id_set_sort(&set);
    if (rc == 0)
        rc = id_set_encode(&set, &ids);
    struct follow_set_row row = {.owner = owner,
                                 .kind = upload->as ? TEXT("following") : TEXT("roster"),
                                 .source = TEXT("csv"),
                                 .day = TEXT("2024-11-14"),
                                 .n = (uint32_t)set.n,
                                 .ids = buf_text(&ids),
                                 .import = owner,
                                 .changed_ms = now_ms};
    if (rc == 0)
        rc = follow_set_put(db, &row, err);
    return rc < 0 ? rc : put_facts(world, db, &owner, upload, numbers, err);
}

static inline void bring(struct world *world, const char *community, const char *as, const struct x_account *accounts,
                         size_t n)
{
    struct upload upload = {community, as, accounts, n};
    write_what(world, put_upload, &upload);
}

/* The scope of a community, or of its member. */
static inline struct text scope_of(struct world *world, const char *community, const char *as)
{
    struct community_row group;
    struct member_row member;
    struct text scope;
    struct err err = {0};
    assert_int_equal(community_by_slug(world->reader, text_of(community), &world->arena, &group, &err), 0);
    if (as)
        assert_int_equal(member_by_handle(world->reader, &group.id, text_of(as), &world->arena, &member, &err), 0);
    assert_true(arena_text(&world->arena, id_text(as ? &member.id : &group.id), &scope));
    return scope;
}

static inline uint32_t number_of(struct world *world, const char *handle)
{
    uint32_t number = 0;
    assert_true(numbers_of_handle(world->numbers, text_of(handle), &number));
    return number;
}

struct decision {
    struct text scope;
    uint32_t x;
    const char *profile;
    enum pair_state state;
};

static inline int put_decision(struct world *world, struct db *db, const void *what, struct err *err)
{
    const struct decision *decision = what;
    (void)world;
    struct pair_row row = {.scope = decision->scope,
                           .x = decision->x,
                           .network = TEXT("fake"),
                           .profile = text_of(decision->profile),
                           .state = decision->state,
                           .p = decision->state == PAIR_REJECTED ? 0 : 1,
                           .best = decision->state != PAIR_REJECTED,
                           .decided = TEXT(DECIDED_BY_FILE),
                           .since_ms = now_ms,
                           .seen_ms = now_ms};
    return pair_put(db, &row, err);
}

static inline void decide_pair(struct world *world, struct text scope, uint32_t x, const char *profile,
                               enum pair_state state)
{
    struct decision decision = {scope, x, profile, state};
    write_what(world, put_decision, &decision);
}

static inline int put_wish(struct world *world, struct db *db, const void *what, struct err *err)
{
    (void)world;
    return opt_out_put(db, what, now_ms, err);
}

/* Every pair of a scope, as bytes. */
static const char *pairs_of(struct world *world, struct text scope)
{
    CLEANUP(buf_release) struct buf out;
    struct pair_row *pairs;
    struct profile *profiles;
    size_t n;
    struct err err = {0};
    buf_init(&out, MIB);
    assert_int_equal(pair_list(world->reader, scope, TEXT("fake"), &world->arena, &pairs, &profiles, &n, &err), 0);
    for (size_t i = 0; i < n; i++)
        buf_printf(&out, "%u %.*s=%.*s %s %.17g %d %.*s %lld %.*s %lld %lld\n", pairs[i].x, TEXT_ARG(pairs[i].profile),
                   TEXT_ARG(profiles[i].handle), pair_state_word(pairs[i].state), pairs[i].p, pairs[i].best,
                   TEXT_ARG(pairs[i].evidence), (long long)pairs[i].weights, TEXT_ARG(pairs[i].decided),
                   (long long)pairs[i].since_ms, (long long)pairs[i].seen_ms);
    return arena_printf(&world->arena, "%s", n > 0 ? buf_string(&out) : "");
}

STATEMENT(test_lookups, "SELECT x, result, why, next_ms, misses FROM lookup ORDER BY x, asked_as", .scans = "a test");
STATEMENT(test_profiles, "SELECT id FROM profile ORDER BY id", .scans = "a test");

/* All look-ups: "1 found +30 d (0)"; of minutes where it is less than a day. */
static const char *lookups(struct world *world)
{
    CLEANUP(buf_release) struct buf out;
    struct db_rows *rows;
    struct err err = {0};
    buf_init(&out, MIB);
    assert_int_equal(db_query(world->reader, &test_lookups, NULL, 0, &rows, &err), 0);
    while (db_next(rows, &err) == 1) {
        int64_t minutes = (db_get_i64(rows, 3) - now_ms) / MINUTE_MS;
        buf_printf(&out, "%d %.*s +%d %s (%d)\n", (int)db_get_i64(rows, 0), TEXT_ARG(db_get_text(rows, 1)),
                   (int)(minutes >= 1440 ? minutes / 1440 : minutes), minutes >= 1440 ? "d" : "m",
                   (int)db_get_i64(rows, 4));
    }
    db_done(rows);
    return arena_printf(&world->arena, "%s", buf_string(&out) ? buf_string(&out) : "");
}

static const char *profiles_kept(struct world *world)
{
    CLEANUP(buf_release) struct buf out;
    struct db_rows *rows;
    struct err err = {0};
    buf_init(&out, MIB);
    assert_int_equal(db_query(world->reader, &test_profiles, NULL, 0, &rows, &err), 0);
    while (db_next(rows, &err) == 1)
        buf_printf(&out, "%.*s ", TEXT_ARG(db_get_text(rows, 0)));
    db_done(rows);
    return arena_printf(&world->arena, "%s", buf_string(&out) ? buf_string(&out) : "");
}

/* --- running ---------------------------------------------------------------------------------------------------------- */

static inline void list_done(void *context, struct match_list *list)
{
    struct world *world = context;
    assert_ptr_equal(list, world->list);
    assert_false(world->done);
    world->done = true;
}

static inline void list_progress(void *context, const char *doing, size_t answered, size_t all)
{
    struct world *world = context;
    assert_non_null(doing);
    assert_true(answered <= all);
    if (world->cancels && lookups(world)[0])
        match_list_cancel(world->list);
}

static inline int run_list(struct world *world, const char *community, const char *as, uint64_t budget, struct err *err)
{
    struct match_list_options options = {.store = world->store,
                                         .numbers = world->numbers,
                                         .network = &world->fake.network,
                                         .community = text_of(community),
                                         .as = text_of(as),
                                         .budget = budget,
                                         .progress = list_progress,
                                         .done = list_done,
                                         .context = world};
    world->done = false;
    world->list = match_list_start(world->loop, &options, err);
    assert_non_null(world->list);
    assert_int_equal(loop_run(world->loop), 0);
    assert_true(world->done);
    int rc = match_list_error(world->list, err);
    world->counts = match_list_counts(world->list);
    match_list_free(world->list);
    return rc;
}

static inline void run_well(struct world *world, const char *community, const char *as)
{
    struct err err = {0};
    if (run_list(world, community, as, 0, &err) != 0)
        fail_msg("%s", err.text);
}

#define assert_run(world, of_accounts, of_fresh, of_asked)                                                             \
    do {                                                                                                               \
        assert_int_equal((world)->counts.accounts, (of_accounts));                                                     \
        assert_int_equal((world)->counts.fresh, (of_fresh));                                                           \
        assert_int_equal((world)->counts.asked, (of_asked));                                                           \
    } while (0)

static inline void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no \"%s\" in:\n%s", part, text);
}

#endif

/* tests/unit/graph/test_numbers.c
 *
 * Numbers of X accounts: given once, taken back with their transaction, there again after a start.
 */
#include "graph/numbers.h"

#include "base/cleanup.h"
#include "graph/fact_blob.h"
#include "lib/check.h"
#include "lib/graph_place.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct world {
    struct graph_place place;
    struct numbers *numbers;
    struct store_listener lane; /* told as the writer lane tells it */
    struct err err;
};

CLEANUP_POINTER(struct numbers, numbers_free)

static int make_world(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    graph_place_make(&world->place);
    world->numbers = numbers_new();
    assert_non_null(world->numbers);
    world->lane = numbers_listener(world->numbers);
    *state = world;
    return 0;
}

static int remove_world(void **state)
{
    struct world *world = *state;
    numbers_free(world->numbers);
    graph_place_remove(&world->place);
    free(world);
    return 0;
}

/* --- the lane's words ------------------------------------------------------------------------------------------------ */

static void begin(struct world *world)
{
    assert_int_equal(db_begin(world->place.db, &world->err), 0);
}

static void savepoint(struct world *world)
{
    assert_int_equal(db_savepoint(world->place.db, &world->err), 0);
    world->lane.savepoint(world->lane.context);
}

static void release(struct world *world)
{
    assert_int_equal(db_release(world->place.db, &world->err), 0);
}

static void rollback_to(struct world *world)
{
    assert_int_equal(db_rollback_to(world->place.db, &world->err), 0);
    world->lane.rollback_to(world->lane.context);
}

static void rollback(struct world *world)
{
    db_rollback(world->place.db);
    world->lane.rollback(world->lane.context);
}

static void commit(struct world *world)
{
    assert_int_equal(db_commit(world->place.db, &world->err), 0);
    world->lane.committed(world->lane.context);
}

static void give(struct world *world, const struct x_account *accounts, size_t n, uint32_t *ret_numbers)
{
    if (numbers_give(world->numbers, world->place.db, accounts, n, ret_numbers, &world->err) < 0)
        fail_msg("%s", world->err.text);
}

static uint32_t give_id(struct world *world, uint64_t id)
{
    uint32_t number = 0;
    give(world, &(struct x_account){.id = id}, 1, &number);
    return number;
}

static uint32_t give_handle(struct world *world, const char *handle)
{
    uint32_t number = 0;
    give(world, &(struct x_account){.handle = text_of(handle)}, 1, &number);
    return number;
}

/* 0: none. */
static uint32_t of_id(const struct numbers *numbers, uint64_t id)
{
    uint32_t number = 0;
    return numbers_of_id(numbers, id, &number) ? number : 0;
}

static uint32_t of_handle(const struct numbers *numbers, const char *handle)
{
    uint32_t number = 0;
    return numbers_of_handle(numbers, text_of(handle), &number) ? number : 0;
}

static struct numbers *loaded(struct world *world)
{
    struct numbers *numbers = numbers_new();
    struct err err = {0};
    assert_non_null(numbers);
    if (numbers_load(numbers, world->place.db, world->place.keys, &err) < 0)
        fail_msg("%s", err.text);
    return numbers;
}

/* Stores what an upload says of accounts that are known by handle alone. */
static struct id say(struct world *world, const struct fact *facts, size_t n)
{
    CLEANUP(buf_release) struct buf blob;
    struct id import = graph_place_id(&world->place);
    buf_init(&blob, 1 << 20);
    assert_int_equal(fact_blob_write(facts, n, &blob, NULL), 0);
    graph_place_facts(&world->place, &import, &import, "2024-11-14", (uint32_t)n, buf_text(&blob));
    return import;
}

/* --- tests ----------------------------------------------------------------------------------------------------------- */

static void in_order_of_first_appearance(void **state)
{
    struct world *world = *state;
    const struct x_account accounts[] = {
        {.id = 77},
        {.id = 12, .handle = TEXT_INIT("jane")},
        {.handle = TEXT_INIT("Jane")},
        {.id = 77, .handle = TEXT_INIT("other")},
        {.handle = TEXT_INIT("jANE")},
        {.id = UINT64_MAX},
    };
    static const uint32_t wanted[] = {1, 2, 3, 1, 3, 4};
    uint32_t numbers[ARRAY_LEN(accounts)];
    begin(world);
    savepoint(world);
    give(world, accounts, ARRAY_LEN(accounts), numbers);
    assert_memory_equal(numbers, wanted, sizeof wanted);
    release(world);
    commit(world);
    assert_int_equal(numbers_count(world->numbers), 4);
    assert_int_equal(of_id(world->numbers, 77), 1);
    assert_int_equal(of_id(world->numbers, 12), 2);
    assert_int_equal(of_id(world->numbers, 13), 0);
    assert_int_equal(of_handle(world->numbers, "JANE"), 3);
    assert_int_equal(of_handle(world->numbers, "other"), 0); /* its id was known */
    assert_int_equal(of_handle(world->numbers, "a_handle_that_is_far_too_long"), 0);
    assert_true(numbers_id(world->numbers, 4) == UINT64_MAX);
    static const uint32_t asked[] = {0, 1, 2, 3, 4, 5, UINT32_MAX};
    static const uint64_t ids[] = {0, 77, 12, 0, UINT64_MAX, 0, 0};
    uint64_t got[ARRAY_LEN(asked)];
    numbers_ids(world->numbers, asked, ARRAY_LEN(asked), got);
    assert_memory_equal(got, ids, sizeof ids);
}

static void the_same_upload_twice(void **state)
{
    struct world *world = *state;
    enum { N = 5000 };
    CLEANUP_FREE struct x_account *accounts = calloc(N, sizeof *accounts);
    CLEANUP_FREE uint32_t *first = calloc(N, sizeof *first);
    CLEANUP_FREE uint32_t *second = calloc(N, sizeof *second);
    for (size_t i = 0; i < N; i++)
        accounts[i].id = 1000 + i * i;
    for (unsigned round = 0; round < 3; round++) {
        begin(world);
        savepoint(world);
        give(world, accounts, N, round == 0 ? first : second);
        commit(world);
        if (round > 0)
            assert_memory_equal(first, second, N * sizeof *first);
        assert_int_equal(numbers_count(world->numbers), N);
    }
    CLEANUP(numbers_free_at) struct numbers *again = loaded(world);
    assert_int_equal(numbers_count(again), N);
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(of_id(again, accounts[i].id), first[i]);
        assert_true(numbers_id(again, first[i]) == accounts[i].id);
    }
}

/* Three imports of one group; the second is rolled back, and so are its numbers alone. */
static void one_of_a_group_is_rolled_back(void **state)
{
    struct world *world = *state;
    begin(world);
    savepoint(world);
    assert_int_equal(give_id(world, 100), 1);
    assert_int_equal(give_handle(world, "anna"), 2);
    release(world);
    savepoint(world);
    assert_int_equal(give_id(world, 100), 1); /* pending ones are found by later steps */
    assert_int_equal(give_id(world, 200), 3);
    assert_int_equal(give_handle(world, "bert"), 4);
    rollback_to(world);
    savepoint(world);
    assert_int_equal(give_handle(world, "ANNA"), 2);
    assert_int_equal(give_id(world, 300), 3);        /* takes the place of 200 */
    assert_int_equal(give_handle(world, "carl"), 4); /* and this the place of bert */
    assert_int_equal(give_id(world, 200), 5);        /* known once more, elsewhere */
    assert_int_equal(give_handle(world, "bert"), 6);
    release(world);
    assert_int_equal(numbers_count(world->numbers), 0);
    assert_int_equal(of_id(world->numbers, 100), 0); /* others see nothing before COMMIT */
    commit(world);
    assert_int_equal(numbers_count(world->numbers), 6);
    assert_int_equal(of_handle(world->numbers, "anna"), 2);
    assert_int_equal(of_handle(world->numbers, "bert"), 6);
    assert_int_equal(of_handle(world->numbers, "carl"), 4);
    assert_int_equal(of_id(world->numbers, 200), 5);
    CLEANUP(numbers_free_at) struct numbers *again = loaded(world);
    assert_int_equal(numbers_count(again), 6);
    assert_int_equal(of_id(again, 100), 1);
    assert_int_equal(of_id(again, 200), 5);
    assert_int_equal(of_id(again, 300), 3);
}

static void a_group_that_is_run_again(void **state)
{
    struct world *world = *state;
    for (unsigned round = 0; round < 3; round++) {
        begin(world);
        savepoint(world);
        assert_int_equal(give_id(world, 100), 1);
        assert_int_equal(give_handle(world, "anna"), 2);
        if (round == 2)
            commit(world);
        else
            rollback(world);
        assert_int_equal(numbers_count(world->numbers), round == 2 ? 2 : 0);
    }
    begin(world);
    savepoint(world);
    assert_int_equal(give_id(world, 200), 3);
    rollback(world);
    assert_int_equal(of_id(world->numbers, 200), 0);
    assert_int_equal(of_id(world->numbers, 100), 1);
}

static void an_account_without_a_key_is_a_bug(void **state)
{
    struct world *world = *state;
    const struct x_account accounts[] = {{.id = 5}, {.name = TEXT_INIT("Somebody")}};
    uint32_t numbers[2];
    begin(world);
    savepoint(world);
    assert_int_equal(numbers_give(world->numbers, world->place.db, accounts, 2, numbers, &world->err), E_BUG);
    assert_int_equal(give_id(world, 6), 1);
    commit(world);
}

static void numbers_of_another_process(void **state)
{
    struct world *world = *state;
    const struct x_account account = {.id = 5};
    uint32_t number = 9;
    begin(world);
    assert_int_equal(x_chunk_put(world->place.db, 1, 1, TEXT("12345678"), &world->err), 0);
    commit(world);
    begin(world);
    savepoint(world);
    assert_int_equal(numbers_give(world->numbers, world->place.db, &account, 1, &number, &world->err), E_BUSY);
    rollback_to(world);
    commit(world);
    assert_int_equal(numbers_count(world->numbers), 0);
    assert_int_equal(of_id(world->numbers, 5), 0);
}

static void handles_come_back_from_facts(void **state)
{
    struct world *world = *state;
    begin(world);
    savepoint(world);
    assert_int_equal(give_handle(world, "anna"), 1);
    assert_int_equal(give_id(world, 20), 2);
    assert_int_equal(give_handle(world, "bert"), 3);
    const struct fact facts[] = {
        {.number = 1, .account = {.handle = TEXT_INIT("Anna")}},
        {.number = 2, .account = {.handle = TEXT_INIT("twenty")}},
        {.number = 3, .account = {.name = TEXT_INIT("a name alone")}},
        {.number = 99, .account = {.handle = TEXT_INIT("nobody")}},
    };
    say(world, facts, ARRAY_LEN(facts));
    say(world, &(struct fact){.number = 3, .account = {.handle = TEXT("bert")}}, 1);
    commit(world);
    CLEANUP(numbers_free_at) struct numbers *again = loaded(world);
    assert_int_equal(numbers_count(again), 3);
    assert_int_equal(of_handle(again, "anna"), 1);
    assert_int_equal(of_handle(again, "bert"), 3);
    assert_int_equal(of_handle(again, "twenty"), 0);
    assert_int_equal(of_handle(again, "nobody"), 0);
}

static void facts_that_do_not_open_are_no_start(void **state)
{
    struct world *world = *state;
    CLEANUP(numbers_free_at) struct numbers *again = numbers_new();
    begin(world);
    assert_int_equal(give_handle(world, "anna"), 1);
    struct id import = say(world, &(struct fact){.number = 1, .account = {.handle = TEXT("anna")}}, 1);
    commit(world);
    keys_free(world->place.keys);
    assert_int_equal(unlink(scratch_name(&world->place.scratch, "", KEYS_FILE)), 0);
    assert_int_equal(keys_open(world->place.scratch.path, &random_system, &world->place.keys, &world->err), 0);
    assert_int_equal(numbers_load(again, world->place.db, world->place.keys, &world->err), E_BAD_INPUT);
    assert_non_null(strstr(world->err.text, import.chars));
    assert_null(strstr(world->err.text, "anna"));
}

static const struct {
    const char *why;
    uint32_t first;
    uint32_t n;
    size_t bytes;
} damaged[] = {
    {"a gap", 2, 1, 8},
    {"too few bytes", 1, 2, 8},
    {"half an id", 1, 1, 12},
    {"nobody", 1, 0, 0},
};

static void damaged_chunks_are_no_start(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < ARRAY_LEN(damaged); i++) {
        CLEANUP(numbers_free_at) struct numbers *again = numbers_new();
        begin(world);
        assert_int_equal(x_chunk_put(world->place.db, damaged[i].first, damaged[i].n,
                                     (struct text){"0123456789abcdef", damaged[i].bytes}, &world->err),
                         0);
        if (numbers_load(again, world->place.db, world->place.keys, &world->err) != E_BAD_INPUT)
            fail_msg("%s was taken", damaged[i].why);
        rollback(world);
    }
}

/* A child that is killed: what was committed is there at the next start, what was not is not, though memory was never
 * told of the one and told of the other. */
static void what_a_kill_leaves(void **state)
{
    struct world *world = *state;
    int status = 0;
    db_close(world->place.db); /* SQLite's connections do not go through a fork */
    world->place.db = NULL;
    pid_t child = fork();
    if (child == 0) {
        world->place.db = graph_place_connect(&world->place, DB_WRITER);
        begin(world);
        give_id(world, 100);
        if (db_commit(world->place.db, &world->err) < 0)
            _exit(1);
        begin(world);
        give_id(world, 200);
        raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    world->place.db = graph_place_connect(&world->place, DB_WRITER);
    CLEANUP(numbers_free_at) struct numbers *again = loaded(world);
    assert_int_equal(numbers_count(again), 1);
    assert_int_equal(of_id(again, 100), 1);
    assert_int_equal(of_id(again, 200), 0);
}

#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, make_world, remove_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(in_order_of_first_appearance),      IN_A_WORLD(the_same_upload_twice),
        IN_A_WORLD(one_of_a_group_is_rolled_back),     IN_A_WORLD(a_group_that_is_run_again),
        IN_A_WORLD(an_account_without_a_key_is_a_bug), IN_A_WORLD(numbers_of_another_process),
        IN_A_WORLD(handles_come_back_from_facts),      IN_A_WORLD(facts_that_do_not_open_are_no_start),
        IN_A_WORLD(damaged_chunks_are_no_start),       IN_A_WORLD(what_a_kill_leaves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

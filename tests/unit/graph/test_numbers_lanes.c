/* tests/unit/graph/test_numbers_lanes.c
 *
 * Numbers while everybody asks: one thread gives, rolls back and commits, as the writer lane does, and others ask all the
 * time. Nobody sees a number that was not committed, and none that was is ever missing.
 */
#include "graph/numbers.h"

#include "base/cleanup.h"
#include "lib/check.h"
#include "lib/graph_place.h"
#include "lib/seeded.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define ASKERS      3
#define GROUPS      250
#define STEPS_MAX   6
#define ACCOUNTS    200 /* of one step */
#define NEVER_FIRST (UINT64_C(1) << 40)

/* Account k, from 1: every third is known by handle alone. Numbers are given in this order. */
static struct x_account account_of(uint64_t k, char handle[16])
{
    if (k % 3 != 0)
        return (struct x_account){.id = k * 7919};
    snprintf(handle, 16, "User_%u", (unsigned)k);
    return (struct x_account){.handle = text_of(handle)};
}

static bool number_of(const struct numbers *numbers, const struct x_account *account, uint32_t *ret_number)
{
    return account->id != 0 ? numbers_of_id(numbers, account->id, ret_number)
                            : numbers_of_handle(numbers, account->handle, ret_number);
}

struct world {
    struct graph_place place;
    struct numbers *numbers;
    atomic_uint committed; /* accounts 1 to this one have numbers, and everybody may know */
    atomic_bool over;
    atomic_uint wrong; /* what askers saw that they must not see: a line of this file */
    atomic_uint asked;
};

static void wrong(struct world *world, unsigned line)
{
    atomic_store(&world->wrong, line);
}

static void ask_known(struct world *world, struct seeded *seeded)
{
    char handle[16];
    uint32_t number;
    unsigned known = atomic_load(&world->committed);
    if (known == 0)
        return;
    uint32_t k = 1 + (uint32_t)seeded_below(seeded, known);
    struct x_account account = account_of(k, handle);
    if (!number_of(world->numbers, &account, &number) || number != k)
        wrong(world, __LINE__);
    if (numbers_count(world->numbers) < known)
        wrong(world, __LINE__);
    uint32_t some[4] = {k, 1, known, known / 2 + 1};
    uint64_t ids[4];
    numbers_ids(world->numbers, some, ARRAY_LEN(some), ids);
    for (size_t i = 0; i < ARRAY_LEN(some); i++)
        if (ids[i] != account_of(some[i], handle).id)
            wrong(world, __LINE__);
}

/* Whatever has a number, in the middle of publishing too, has its own; what is always rolled back never has one. */
static void ask_new(struct world *world, struct seeded *seeded)
{
    char handle[16];
    uint32_t number;
    unsigned known = atomic_load(&world->committed);
    uint32_t k = known + 1 + (uint32_t)seeded_below(seeded, 400);
    struct x_account account = account_of(k, handle);
    if (number_of(world->numbers, &account, &number) && number != k)
        wrong(world, __LINE__);
    if (numbers_of_id(world->numbers, NEVER_FIRST + seeded_below(seeded, ACCOUNTS), &number))
        wrong(world, __LINE__);
    uint32_t count = numbers_count(world->numbers);
    if (count > 0 && numbers_id(world->numbers, count) != account_of(count, handle).id)
        wrong(world, __LINE__);
}

static void *ask_on(void *context)
{
    struct world *world = context;
    struct seeded seeded = {.state = (uint64_t)(uintptr_t)&seeded};
    while (!atomic_load(&world->over)) {
        ask_known(world, &seeded);
        ask_new(world, &seeded);
        atomic_fetch_add(&world->asked, 1);
    }
    return NULL;
}

/* One step: gives `n` accounts from `from` on, or as many that will be rolled back. */
static void step(struct world *world, uint64_t from, size_t n)
{
    struct x_account accounts[ACCOUNTS] = {{0}};
    char handles[ACCOUNTS][16];
    uint32_t numbers[ACCOUNTS];
    struct err err = {0};
    for (size_t i = 0; i < n; i++)
        accounts[i] = from >= NEVER_FIRST ? (struct x_account){.id = from + i} : account_of(from + i, handles[i]);
    if (numbers_give(world->numbers, world->place.db, accounts, n, numbers, &err) < 0)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < n && from < NEVER_FIRST; i++)
        assert_int_equal(numbers[i], from + i);
}

static void one_group(struct world *world, struct seeded *seeded)
{
    const struct store_listener lane = numbers_listener(world->numbers);
    bool whole = seeded_below(seeded, 8) == 0; /* is rolled back */
    unsigned next = atomic_load(&world->committed) + 1;
    struct err err = {0};
    assert_int_equal(db_begin(world->place.db, &err), 0);
    for (size_t steps = 1 + seeded_below(seeded, STEPS_MAX); steps > 0; steps--) {
        bool alone = seeded_below(seeded, 4) == 0; /* this step is */
        size_t n = 1 + seeded_below(seeded, ACCOUNTS);
        assert_int_equal(db_savepoint(world->place.db, &err), 0);
        lane.savepoint(lane.context);
        step(world, alone || whole ? NEVER_FIRST : next, n);
        if (alone) {
            assert_int_equal(db_rollback_to(world->place.db, &err), 0);
            lane.rollback_to(lane.context);
            continue;
        }
        assert_int_equal(db_release(world->place.db, &err), 0);
        next += whole ? 0 : (unsigned)n;
    }
    if (whole) {
        db_rollback(world->place.db);
        lane.rollback(lane.context);
        return;
    }
    assert_int_equal(db_commit(world->place.db, &err), 0);
    lane.committed(lane.context);
    atomic_store(&world->committed, next - 1);
}

static void nobody_sees_too_much_or_too_little(void **state)
{
    struct seeded seeded = seeded_start("numbers given, rolled back and asked for at once");
    struct world world = {.numbers = numbers_new()};
    pthread_t askers[ASKERS];
    (void)state;
    graph_place_make(&world.place);
    for (size_t i = 0; i < ASKERS; i++)
        assert_int_equal(pthread_create(&askers[i], NULL, ask_on, &world), 0);
    for (size_t i = 0; i < GROUPS && atomic_load(&world.wrong) == 0; i++)
        one_group(&world, &seeded);
    atomic_store(&world.over, true);
    for (size_t i = 0; i < ASKERS; i++)
        assert_int_equal(pthread_join(askers[i], NULL), 0);
    if (atomic_load(&world.wrong) != 0)
        fail_msg("line %u", atomic_load(&world.wrong));
    assert_true(atomic_load(&world.asked) > 0);
    assert_int_equal(numbers_count(world.numbers), atomic_load(&world.committed));
    numbers_free(world.numbers);
    graph_place_remove(&world.place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_sees_too_much_or_too_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

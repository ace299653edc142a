/* tests/unit/fetch/test_hosts.c
 *
 * More hosts than are remembered.
 */
#include "unit/fetch/world.h"

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world_open(world, &(struct fetch_options){.allow_loopback = true, .detour = TEXT("server")});
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    world_close(*state);
    free(*state);
    return 0;
}

static void test_many_hosts_come_and_go(void **state)
{
    struct world *world = *state;
    enum { ROUNDS = 60, AT_ONCE = 100 }; /* together more than LIMIT_HOSTS */
    static struct answer answers[AT_ONCE];
    assert_true(ROUNDS * AT_ONCE > LIMIT_HOSTS);
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < AT_ONCE; i++) {
            char url[64];
            snprintf(url, sizeof url, "https://host-%zu-%zu.test/", round, i);
            world_send(world, (struct fetch_request){.url = text_of(url)}, &answers[i]);
        }
        for (size_t i = 0; i < AT_ONCE; i++) {
            assert_true(world_until(world, &answers[i].done, PATIENCE_MS));
            assert_int_equal(answers[i].code, E_NOT_FOUND);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_many_hosts_come_and_go, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

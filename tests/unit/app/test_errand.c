/* tests/unit/app/test_errand.c
 *
 * Commands that change the store: alone, beside others, and beside an owner that is about to end.
 *
 * Each command is a process, as it is outside; this one has no threads while it makes them.
 */
#include "api/control.h"
#include "app/errand.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "lib/check.h"
#include "lib/scratch.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define AT_ONCE 6
#define HELD_MS 400

static struct scratch scratch;

static int set_up(void **state)
{
    (void)state;
    scratch_make(&scratch);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

static size_t n_lines; /* events of the last one */

static void on_event(void *context, struct text name, struct text data)
{
    (void)context;
    (void)data;
    n_lines += text_equal(name, TEXT("line"));
}

/* What one command does: 0, or the error's code with its sentence. */
static int run_errand(const char *target, const char *body, json_t **ret_answer, struct err *err)
{
    static const struct command command = {.verb = "test"};
    struct invocation invocation = {.command = &command};
    CLEANUP_JSON json_t *json = json_from_text(text_of(body), err);
    if (config_load(&invocation.config, NULL, err) < 0 ||
        config_set(&invocation.config, TEXT("data"), text_of(scratch_name(&scratch, "", "data")), FROM_OPTION, err) < 0)
        return err->code;
    struct errand errand = {.target = target, .body = json, .event = on_event};
    n_lines = 0;
    int rc = errand_run(&invocation, &errand, ret_answer, err);
    config_release(&invocation.config);
    return rc;
}

/* Starts one that hides somebody, in a process of its own. */
static pid_t start_hide(int who)
{
    pid_t child = fork();
    if (child != 0)
        return child;
    char body[64];
    struct err err = {0};
    json_t *answer = NULL;
    snprintf(body, sizeof body, "{\"handle\":\"nobody_%d\"}", who);
    int rc = run_errand("/control/hide", body, &answer, &err);
    if (rc < 0)
        fprintf(stderr, "%s\n", err.text);
    json_decref(answer);
    _exit(rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

static void expect_success(pid_t child)
{
    int status;
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), EXIT_SUCCESS);
}

static size_t wishes(void)
{
    CLEANUP(buf_release) struct buf log;
    size_t n = 0;
    buf_init(&log, 1 << 20);
    scratch_read(scratch_name(&scratch, "", "data/left-out.log"), &log);
    for (size_t i = 0; i < log.len; i++)
        n += log.data[i] == '\n';
    return n;
}

static bool socket_is_there(void)
{
    return access(scratch_name(&scratch, "", "data/" CONTROL_SOCKET), F_OK) == 0;
}

static void test_alone_it_owns_the_store_and_leaves_nothing_open(void **state)
{
    (void)state;
    struct err err = {0};
    struct store *store = NULL;
    expect_success(start_hide(1));
    assert_int_equal(wishes(), 1);
    assert_false(socket_is_there());
    struct store_options options = {.folder = scratch_name(&scratch, "", "data"), .role = STORE_OWNER};
    if (store_open(&options, &store, &err) != 0)
        fail_msg("%s", err.text);
    store_close(store);
}

/* One of them owns the store, for its own work and that of those who find its socket. */
static void test_many_at_once(void **state)
{
    (void)state;
    pid_t children[AT_ONCE];
    for (int i = 0; i < AT_ONCE; i++)
        children[i] = start_hide(i);
    for (int i = 0; i < AT_ONCE; i++)
        expect_success(children[i]);
    assert_int_equal(wishes(), AT_ONCE);
    assert_false(socket_is_there());
}

/* Somebody has the lock and no socket: a server that starts, or one that is about to end. */
static void test_an_owner_without_a_socket_is_waited_for(void **state)
{
    (void)state;
    int held[2];
    char byte;
    assert_int_equal(pipe(held), 0);
    pid_t holder = fork();
    if (holder == 0) {
        struct err err = {0};
        struct store *store = NULL;
        struct store_options options = {.folder = scratch_name(&scratch, "", "data"), .role = STORE_OWNER};
        if (store_open(&options, &store, &err) != 0 || write(held[1], "!", 1) != 1)
            _exit(EXIT_FAILURE);
        usleep(HELD_MS * 1000);
        store_close(store);
        _exit(EXIT_SUCCESS);
    }
    assert_int_equal(read(held[0], &byte, 1), 1);
    int64_t began = clock_monotonic(&clock_system);
    expect_success(start_hide(1));
    assert_true(clock_monotonic(&clock_system) - began >= HELD_MS / 2);
    expect_success(holder);
    assert_int_equal(wishes(), 1);
    close(held[0]);
    close(held[1]);
}

/* These come last, since from here on this process has used curl. */
static void test_what_the_owner_refuses_is_told_in_its_words(void **state)
{
    (void)state;
    struct err err = {0};
    json_t *answer = NULL;
    assert_int_equal(
        run_errand("/control/pairs", "{\"community\":\"nobody\",\"state\":\"confirmed\",\"pairs\":[]}", &answer, &err),
        E_NOT_FOUND);
    assert_null(answer);
    assert_non_null(strstr(err.text, "there is no community 'nobody' here"));
    assert_int_equal(run_errand("/control/hide", "{\"who\":\"a\"}", &answer, &err), E_BAD_INPUT);
    assert_non_null(strstr(err.text, "'who'"));
    assert_int_equal(
        run_errand("/control/import", "{\"community\":\"flock\",\"files\":[\"/nowhere/at/all.csv\"]}", &answer, &err),
        E_NOT_FOUND);
    assert_null(answer);
}

static void test_an_import_tells_its_lines_and_its_end(void **state)
{
    (void)state;
    char body[256];
    scratch_write(scratch_name(&scratch, "", "list.csv"), TEXT("id,screen_name\n34,Alice_1\n56,bo\n"));
    snprintf(body, sizeof body, "{\"community\":\"flock\",\"files\":[\"%s\"]}", scratch_name(&scratch, "", "list.csv"));
    for (int again = 0; again < 2; again++) {
        struct err err = {0};
        CLEANUP_JSON json_t *answer = NULL;
        if (run_errand("/control/import", body, &answer, &err) < 0)
            fail_msg("%s", err.text);
        assert_int_equal(n_lines, 1);
        assert_int_equal(json_true_at(answer, "new_community"), !again);
    }
    assert_false(socket_is_there());
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_alone_it_owns_the_store_and_leaves_nothing_open),
        TEST(test_many_at_once),
        TEST(test_an_owner_without_a_socket_is_waited_for),
        TEST(test_what_the_owner_refuses_is_told_in_its_words),
        TEST(test_an_import_tells_its_lines_and_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tests/unit/store/test_postgres_cluster.c
 *
 * The server that tests of the store use: it ends with its test however that ends, and stops and starts when told.
 */
#include "lib/check.h"
#include "lib/postgres_cluster.h"

#include <libpq-fe.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const struct postgres_options own = {.own = true};

static bool answers(const char *url)
{
    return PQping(url) == PQPING_OK;
}

static bool soon_gone(const char *path)
{
    for (int i = 0; i < 500; i++) {
        if (access(path, F_OK) != 0)
            return true;
        nanosleep(&(struct timespec){.tv_nsec = 20 * 1000 * 1000}, NULL);
    }
    return false;
}

static const char *ask(const char *url, const char *sql, char *ret_answer, size_t size)
{
    PGconn *connection = PQconnectdb(url);
    PGresult *result = PQexec(connection, sql);
    snprintf(ret_answer, size, "%s", PQntuples(result) == 1 ? PQgetvalue(result, 0, 0) : PQerrorMessage(connection));
    PQclear(result);
    PQfinish(connection);
    return ret_answer;
}

/* One cluster for the tests that do not kill theirs. */
static int start(void **state)
{
    struct err err = {0};
    *state = postgres_cluster_start(&own, &err);
    if (!*state)
        print_error("%s\n", err.text);
    return *state ? 0 : -1;
}

static int end(void **state)
{
    postgres_cluster_end(*state);
    return 0;
}

static void test_databases_are_apart(void **state)
{
    struct err err = {0};
    char answer[128];
    const char *one = postgres_cluster_database(*state, &err);
    const char *two = postgres_cluster_database(*state, &err);
    assert_non_null(one);
    assert_non_null(two);
    assert_string_equal(ask(one, "CREATE TABLE t (a INT); SELECT count(*) FROM t", answer, sizeof answer), "0");
    assert_non_null(strstr(ask(two, "SELECT count(*) FROM t", answer, sizeof answer), "does not exist"));
    assert_string_equal(ask(two, "SHOW listen_addresses", answer, sizeof answer), "");
}

static void test_stops_and_starts(void **state)
{
    struct err err = {0};
    char answer[128];
    const char *url = postgres_cluster_database(*state, &err);
    assert_non_null(url);
    assert_string_equal(ask(url, "CREATE TABLE t (a INT); SELECT count(*) FROM t", answer, sizeof answer), "0");
    assert_int_equal(postgres_cluster_down(*state, &err), 0);
    assert_false(answers(url));
    assert_int_equal(postgres_cluster_up(*state, &err), 0);
    assert_string_equal(ask(url, "SELECT count(*) FROM t", answer, sizeof answer), "0");
}

static void test_lends_the_shared_one(void **state)
{
    static const struct postgres_options plain = {0};
    const char *count = "SELECT count(*) FROM pg_database WHERE datname LIKE 'skein_test%'";
    struct err err = {0};
    char before[32];
    char answer[128];
    const char *real = postgres_cluster_url(*state);
    char *shared = getenv("TEST_POSTGRES_URL") ? strdup(getenv("TEST_POSTGRES_URL")) : NULL;
    setenv("TEST_POSTGRES_URL", real, 1);
    ask(real, count, before, sizeof before);

    struct postgres_cluster *lent = postgres_cluster_start(&plain, &err);
    assert_non_null(lent);
    const char *url = postgres_cluster_database(lent, &err);
    assert_non_null(url);
    assert_true(answers(url));
    assert_int_equal(postgres_cluster_down(lent, &err), E_BUG);
    assert_null(postgres_cluster_socket(lent));
    assert_string_not_equal(ask(real, count, answer, sizeof answer), before);
    postgres_cluster_end(lent);
    assert_string_equal(ask(real, count, answer, sizeof answer), before);

    unsetenv("TEST_POSTGRES_URL");
    if (shared)
        setenv("TEST_POSTGRES_URL", shared, 1);
    free(shared);
}

/* What `kill -9` leaves of a test: nothing. */
static void test_ends_with_a_killed_test(void **state)
{
    int ends[2];
    char path[128] = "";
    (void)state;
    assert_int_equal(pipe(ends), 0);
    pid_t test = fork();
    if (test == 0) {
        struct postgres_cluster *cluster = postgres_cluster_start(&own, NULL);
        const char *socket_path = cluster ? postgres_cluster_socket(cluster) : "";
        if (write(ends[1], socket_path, strlen(socket_path)) > 0)
            pause();
        _exit(1);
    }
    close(ends[1]);
    assert_true(read(ends[0], path, sizeof path - 1) > 0);
    assert_int_equal(access(path, F_OK), 0);
    kill(test, SIGKILL);
    waitpid(test, NULL, 0);
    *strrchr(path, '/') = '\0';
    assert_true(soon_gone(path));
    close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_databases_are_apart),
        cmocka_unit_test(test_stops_and_starts),
        cmocka_unit_test(test_lends_the_shared_one),
        cmocka_unit_test(test_ends_with_a_killed_test),
    };
    return cmocka_run_group_tests(tests, start, end);
}

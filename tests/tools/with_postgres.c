/* tests/tools/with_postgres.c
 *
 * with_postgres COMMAND [ARGUMENT]...: runs a command beside a throw-away PostgreSQL, whose address it finds in
 * TEST_POSTGRES_URL. Where that is set already, just runs the command.
 */
#include "base/cleanup.h"
#include "lib/postgres_cluster.h"

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

extern char **environ;

static int run(char *const *command)
{
    pid_t pid;
    int status;
    if (posix_spawnp(&pid, command[0], NULL, NULL, command, environ) != 0 || waitpid(pid, &status, 0) != pid) {
        fprintf(stderr, "with_postgres: %s cannot be started\n", command[0]);
        return 127;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
    static const struct postgres_options plain = {0};
    struct err err = {0};
    if (argc < 2) {
        fprintf(stderr, "usage: with_postgres COMMAND [ARGUMENT]...\n");
        return 2;
    }
    struct postgres_cluster *cluster = postgres_cluster_start(&plain, &err);
    if (!cluster) {
        fprintf(stderr, "with_postgres: %s\n", err.text);
        return 1;
    }
    setenv("TEST_POSTGRES_URL", postgres_cluster_url(cluster), 1);
    int status = run(argv + 1);
    postgres_cluster_end(cluster);
    return status;
}

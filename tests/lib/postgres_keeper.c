/* tests/lib/postgres_keeper.c
 *
 * Makes a cluster, runs its server, and takes both away.
 */
#include "lib/postgres_keeper.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A server that has not come up by then never will. */
#define START_SECONDS 60

struct keeper {
    int control;
    bool durable;
    char programs[256]; /* the folder of initdb and postgres */
    char folder[64];
    char data[80];
    char log[80];
    pid_t server; /* 0: none runs */
};

/* --- answers ------------------------------------------------------------------------------------------------------- */

static void keeper_answer(const struct keeper *keeper, char sign, const char *text)
{
    char packet[KEEPER_ANSWER_MAX];
    int len = snprintf(packet, sizeof packet, "%c%s", sign, text);
    size_t size = len < 0 ? 0 : (size_t)len < sizeof packet ? (size_t)len : sizeof packet - 1;
    (void)!send(keeper->control, packet, size, MSG_NOSIGNAL);
}

/* Words, and the end of the log where there is one. */
static void keeper_complain(const struct keeper *keeper, const char *words)
{
    char text[KEEPER_ANSWER_MAX - 1];
    char log[2048] = "";
    FILE *file = fopen(keeper->log, "r");
    if (file) {
        if (fseek(file, -(long)(sizeof log - 1), SEEK_END) != 0)
            rewind(file);
        log[fread(log, 1, sizeof log - 1, file)] = '\0';
        fclose(file);
    }
    snprintf(text, sizeof text, "%s%s%s", words, log[0] ? ":\n" : "", log);
    keeper_answer(keeper, '-', text);
}

/* --- becoming one who may run a server ----------------------------------------------------------------------------- */

static bool become_postgres(const struct keeper *keeper)
{
    if (geteuid() != 0)
        return true;
    const struct passwd *user = getpwnam("postgres");
    if (!user) {
        keeper_answer(keeper, '-', "there is no user \"postgres\": apt-get install postgresql");
        return false;
    }
    if (setgroups(0, NULL) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0) {
        keeper_answer(keeper, '-', "the user \"postgres\" cannot be taken");
        return false;
    }
    return true;
}

/* Debian keeps each version's programs in a folder of its own, outside PATH; the last is the newest. */
static bool find_programs(struct keeper *keeper)
{
    glob_t found = {0};
    bool there = glob("/usr/lib/postgresql/[0-9]*/bin/initdb", 0, NULL, &found) == 0;
    if (there)
        snprintf(keeper->programs, sizeof keeper->programs, "%.*s",
                 (int)(strlen(found.gl_pathv[found.gl_pathc - 1]) - strlen("/initdb")),
                 found.gl_pathv[found.gl_pathc - 1]);
    else
        keeper_answer(keeper, '-', "PostgreSQL is not installed: apt-get install postgresql");
    globfree(&found);
    return there;
}

/* In /tmp: the user postgres must reach it, and the path of a socket has room for 107 bytes only. */
static bool make_folder(struct keeper *keeper)
{
    snprintf(keeper->folder, sizeof keeper->folder, "/tmp/skein-postgres-XXXXXX");
    if (!mkdtemp(keeper->folder)) {
        keeper->folder[0] = '\0';
        keeper_answer(keeper, '-', "no folder can be made in /tmp");
        return false;
    }
    snprintf(keeper->data, sizeof keeper->data, "%s/data", keeper->folder);
    snprintf(keeper->log, sizeof keeper->log, "%s/log", keeper->folder);
    return true;
}

static int remove_one(const char *path, const struct stat *state, int kind, struct FTW *where)
{
    (void)state, (void)kind, (void)where;
    return remove(path);
}

/* --- programs ------------------------------------------------------------------------------------------------------ */

/* Starts a program of PostgreSQL with its output in the log; arguments[0] is left for its path, by which it finds its
 * neighbours. It gets `last_signal` should the keeper be killed. */
static pid_t program_start(const struct keeper *keeper, const char *name, const char **arguments, int last_signal)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", keeper->programs, name);
    arguments[0] = path;
    pid_t keeper_pid = getpid();
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    int log = open(keeper->log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    prctl(PR_SET_PDEATHSIG, last_signal);
    if (getppid() != keeper_pid || log < 0 || dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0)
        _exit(127);
    char locale[] = "LC_ALL=C.UTF-8";
    char search[] = "PATH=/usr/bin:/bin";
    char *const environment[] = {locale, search, NULL};
    execve(path, (char *const *)arguments, environment);
    _exit(127);
}

static bool cluster_make(const struct keeper *keeper)
{
    const char *arguments[] = {NULL, "-D",   keeper->data,       "-U",        "skein",           "-A", "trust",
                               "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--wal-segsize=4", NULL};
    int status = -1;
    pid_t pid = program_start(keeper, "initdb", arguments, SIGKILL);
    if (pid > 0 && waitpid(pid, &status, 0) == pid && status == 0)
        return true;
    keeper_complain(keeper, "initdb failed");
    return false;
}

static bool server_ended(struct keeper *keeper)
{
    if (waitpid(keeper->server, NULL, WNOHANG) != keeper->server)
        return false;
    keeper->server = 0;
    return true;
}

static bool server_await(struct keeper *keeper)
{
    char address[128];
    snprintf(address, sizeof address, "host=%s user=skein dbname=postgres connect_timeout=5", keeper->folder);
    for (int i = 0; i < START_SECONDS * 50; i++) {
        if (PQping(address) == PQPING_OK)
            return true;
        if (server_ended(keeper))
            break;
        nanosleep(&(struct timespec){.tv_nsec = 20 * 1000 * 1000}, NULL);
    }
    keeper_complain(keeper, "PostgreSQL did not start");
    return false;
}

/* Statistics change only when a test asks for them (autovacuum), so that plans do not depend on the time of day. */
static bool server_start(struct keeper *keeper)
{
    char sockets[96];
    snprintf(sockets, sizeof sockets, "unix_socket_directories=%s", keeper->folder);
    const char *sync = keeper->durable ? "fsync=on" : "fsync=off";
    const char *pages = keeper->durable ? "full_page_writes=on" : "full_page_writes=off";
    const char *arguments[] = {NULL,
                               "-D",
                               keeper->data,
                               "-c",
                               "listen_addresses=",
                               "-c",
                               sockets,
                               "-c",
                               sync,
                               "-c",
                               pages,
                               "-c",
                               "autovacuum=off",
                               "-c",
                               "max_connections=100",
                               "-c",
                               "max_wal_size=256MB",
                               NULL};
    keeper->server = program_start(keeper, "postgres", arguments, SIGQUIT);
    return keeper->server > 0 && server_await(keeper);
}

/* SIGINT: ends connections and shuts down in order. SIGQUIT: at once. */
static void server_stop(struct keeper *keeper, int signal_number)
{
    if (keeper->server <= 0)
        return;
    kill(keeper->server, signal_number);
    while (waitpid(keeper->server, NULL, 0) < 0 && errno == EINTR)
        ;
    keeper->server = 0;
}

/* --- the life of a keeper ------------------------------------------------------------------------------------------ */

static void keeper_obey(struct keeper *keeper)
{
    char order;
    while (recv(keeper->control, &order, 1, 0) == 1) {
        if (order == KEEPER_DOWN)
            server_stop(keeper, SIGINT);
        else if (!server_start(keeper))
            continue;
        keeper_answer(keeper, '+', keeper->folder);
    }
}

/* A session of its own: Ctrl-C at the terminal is for the test, whose end ends this one too. */
static void keeper_detach(struct keeper *keeper, int control)
{
    setsid();
    signal(SIGTERM, SIG_DFL);
    keeper->control = dup2(control, 3);
    close_range(4, ~0U, 0);
    int nothing = open("/dev/null", O_RDONLY);
    if (nothing >= 0)
        dup2(nothing, STDIN_FILENO);
    fcntl(3, F_SETFD, FD_CLOEXEC);
}

void postgres_keeper_run(int control, bool durable)
{
    struct keeper keeper = {.durable = durable};
    keeper_detach(&keeper, control);
    bool ready = become_postgres(&keeper) && find_programs(&keeper) && make_folder(&keeper) && cluster_make(&keeper) &&
                 server_start(&keeper);
    if (ready) {
        keeper_answer(&keeper, '+', keeper.folder);
        keeper_obey(&keeper);
    }
    server_stop(&keeper, SIGQUIT);
    if (keeper.folder[0])
        nftw(keeper.folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    _exit(ready ? 0 : 1);
}

/* bridge/app/cmd_serve.c
 *
 * skein serve: listens until it is told to stop.
 */
#include "api/api.h"
#include "app/command.h"
#include "app/outward.h"
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

struct serving {
    struct loop *loop;
    struct outward outward;
    struct api *api;
};

/* As many connections as the system lets us have: its soft limit of 1,024 is for programs that use select(2). */
static void raise_open_files(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == limit.rlim_max)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit); /* where it is refused, connections over the old limit wait */
}

static int start(struct serving *serving, const struct config *config, struct err *err)
{
    serving->loop = loop_new(NULL, err);
    if (!serving->loop)
        return err->code;
    int rc = loop_catch_signals(serving->loop, err);
    if (rc == 0)
        rc = outward_open(&serving->outward, serving->loop, config, err);
    if (rc < 0)
        return rc;
    serving->api = api_new(
        serving->loop,
        &(struct api_options){.listen = config_text(config, SETTING_LISTEN), .fetch = serving->outward.fetch}, err);
    return err->code;
}

/* The address with the port that was taken: a listen of port 0 takes any. */
static void say_where(const struct serving *serving, const struct config *config)
{
    struct text listen = config_text(config, SETTING_LISTEN);
    size_t colon = listen.len;
    while (colon > 0 && listen.data[colon - 1] != ':')
        colon--;
    fprintf(stderr, "Skein %s answers on http://%.*s:%u - Ctrl-C ends it.\n", SKEIN_VERSION, (int)(colon - 1),
            listen.data, (unsigned)api_port(serving->api));
}

int command_serve(struct invocation *invocation)
{
    struct serving serving = {0};
    struct err err = {0};
    raise_open_files();
    int rc = start(&serving, &invocation->config, &err);
    if (rc == 0)
        say_where(&serving, &invocation->config);
    else if (serving.loop)
        loop_stop(serving.loop);
    if (serving.loop && loop_run(serving.loop) < 0)
        _exit(EXIT_FAILURE); /* something hangs that still points into what we would free */
    if (serving.api)
        api_free(serving.api);
    if (serving.loop) {
        outward_release(&serving.outward);
        loop_free(serving.loop);
    }
    return rc < 0 ? invocation_fail(invocation, &err) : EXIT_SUCCESS;
}

/* bridge/app/cmd_serve.c
 *
 * skein serve: owns the store and listens until it is told to stop.
 */
#include "api/api.h"
#include "app/command.h"
#include "app/owner.h"
#include "app/reader.h"
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

struct serving {
    struct loop *loop;
    struct outward outward;
    struct api *api;
    struct owner owner;
    int rc; /* of the start */
    struct err err;
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

/* Who asks meanwhile is told that the store is being loaded. */
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
    return serving->api ? 0 : err->code;
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

static void lanes_are_closed(void *context)
{
    api_ready(((struct serving *)context)->api, NULL, NULL);
}

static void on_ready(void *context, int rc, const struct err *err)
{
    struct serving *serving = context;
    serving->rc = rc;
    serving->err = *err;
    /* Newest first: nothing asks the lanes for figures once they are closed. */
    if (rc == 0 && loop_on_quiet(serving->loop, lanes_are_closed, serving) < 0)
        serving->rc = err_set(&serving->err, E_NOMEM, "no memory to start");
    if (serving->rc == 0)
        api_ready(serving->api, serving->owner.lanes, serving->owner.numbers);
    else
        loop_stop(serving->loop);
}

static void serve(struct serving *serving, const struct config *config, struct store *store)
{
    serving->rc = start(serving, config, &serving->err);
    if (serving->rc == 0) {
        say_where(serving, config);
        serving->owner.ready = on_ready;
        serving->owner.context = serving;
        owner_start(&serving->owner, serving->loop, &serving->outward, store);
    } else {
        store_close(store);
        if (serving->loop)
            loop_stop(serving->loop);
    }
    if (serving->loop && loop_run(serving->loop) < 0)
        _exit(EXIT_FAILURE); /* something hangs that still points into what we would free */
    owner_release(&serving->owner);
    if (serving->api)
        api_free(serving->api);
    if (serving->loop) {
        outward_release(&serving->outward);
        loop_free(serving->loop);
    }
}

int command_serve(struct invocation *invocation)
{
    struct serving serving = {0};
    struct store_options options = reader_options(invocation);
    struct store *store;
    raise_open_files();
    options.role = STORE_OWNER;
    serving.rc = store_open(&options, &store, &serving.err);
    if (serving.rc == 0)
        serve(&serving, &invocation->config, store);
    if (serving.rc == E_CANCELLED) /* stopped while it was loading */
        return EXIT_SUCCESS;
    return serving.rc < 0 ? invocation_fail(invocation, &serving.err) : EXIT_SUCCESS;
}

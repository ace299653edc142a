/* bridge/app/errand.c
 *
 * One request to the owner of the store, whoever that is.
 */
#include "app/errand.h"

#include "api/control.h"
#include "app/owner.h"
#include "app/reader.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "fetch/local.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RETRY_MS 50

/* One request, on whatever thread: what is sent, and what came back. */
struct asking {
    const struct errand *errand;
    struct local *local; /* owned */
    char socket[4096];
    struct buf body;   /* owned */
    struct buf answer; /* owned: of the stream its end, else the body */
    unsigned status;
    int rc;
    struct err err;
};

/* --- asking ---------------------------------------------------------------------------------------------------------- */

static int asking_init(struct asking *asking, const struct errand *errand, const char *folder, struct err *err)
{
    *asking = (struct asking){.errand = errand};
    buf_init(&asking->body, LIMIT_CONTROL_BODY);
    buf_init(&asking->answer, LIMIT_LOCAL_EVENT);
    int n = snprintf(asking->socket, sizeof asking->socket, "%s/" CONTROL_SOCKET, folder);
    if (n < 0 || (size_t)n >= sizeof asking->socket)
        return err_set(err, E_BAD_INPUT, "the path of the data folder is too long");
    int rc = json_write(errand->body, &asking->body);
    if (rc < 0)
        return err_set(err, rc, "this is more than can be brought to the owner of the store at once");
    asking->local = local_new(err);
    return asking->local ? 0 : err->code;
}

static void asking_release(struct asking *asking)
{
    local_free(asking->local);
    buf_release(&asking->body);
    buf_release(&asking->answer);
}

static void on_event(void *context, struct text name, struct text data)
{
    struct asking *asking = context;
    if (!text_equal(name, TEXT("end"))) {
        if (asking->errand->event)
            asking->errand->event(asking->errand->context, name, data);
        return;
    }
    buf_clear(&asking->answer);
    buf_add(&asking->answer, data); /* one that is cut short is no JSON, and said to be none */
}

static void ask(struct asking *asking)
{
    struct local_request request = {.socket = asking->socket,
                                    .target = asking->errand->target,
                                    .body = buf_text(&asking->body),
                                    .event = on_event,
                                    .context = asking};
    buf_clear(&asking->answer);
    asking->err = (struct err){0};
    asking->rc = local_post(asking->local, &request, &asking->status, &asking->answer, &asking->err);
}

/* Nothing was begun: nobody listened, or whoever did is about to end. */
static bool not_taken(const struct asking *asking)
{
    return asking->rc == E_UNAVAILABLE || (asking->rc == 0 && asking->status == 503);
}

static int read_answer(const struct asking *asking, json_t **ret_answer, struct err *err)
{
    if (asking->rc == E_CANCELLED)
        return err_set(err, E_CANCELLED, "stopped before it was done");
    if (asking->rc < 0) {
        *err = asking->err;
        return asking->rc;
    }
    json_t *answer = json_from_text(buf_text(&asking->answer), err);
    if (!answer)
        return err_set(err, E_IO,
                       "the process that owns the store ended before it had answered; the same again is safe");
    const json_t *error = json_object_get(answer, "error");
    if (!error) {
        *ret_answer = answer;
        return 0;
    }
    int rc = err_set(err, err_of_word(json_text_at(error, "code")), "%.*s", TEXT_ARG(json_text_at(error, "message")));
    json_decref(answer);
    return rc;
}

/* --- as the owner ---------------------------------------------------------------------------------------------------- */

struct own_errand {
    struct asking *asking;
    struct loop *loop; /* owned */
    struct outward outward;
    struct owner owner;
    uv_thread_t thread;
    uv_async_t asked; /* the thread has its answer */
    bool started;     /* the thread */
    int rc;           /* of the start */
    struct err err;
};

static void stop(void *context)
{
    struct own_errand *own = context;
    loop_stop(own->loop);
}

static void ask_on_thread(void *context)
{
    struct own_errand *own = context;
    ask(own->asking);
    uv_async_send(&own->asked);
}

/* Others may have come to our socket meanwhile: their work is done first. */
static void on_asked(uv_async_t *async)
{
    struct own_errand *own = CONTAINER_OF(async, struct own_errand, asked);
    uv_close((uv_handle_t *)&own->asked, NULL);
    control_leave(own->owner.control, stop, own);
}

static void on_stop(void *context)
{
    struct own_errand *own = context;
    if (own->started)
        local_cancel(own->asking->local);
}

static void on_ready(void *context, int rc, const struct err *err)
{
    struct own_errand *own = context;
    own->rc = rc;
    own->err = *err;
    if (rc == 0 && uv_async_init(loop_uv(own->loop), &own->asked, on_asked) < 0)
        own->rc = err_set(&own->err, E_NOMEM, "no memory to start");
    else if (rc == 0 && uv_thread_create(&own->thread, ask_on_thread, own) < 0) {
        own->rc = err_set(&own->err, E_NOMEM, "no thread can be started");
        uv_close((uv_handle_t *)&own->asked, NULL);
    } else
        own->started = rc == 0;
    if (own->rc < 0)
        loop_stop(own->loop);
}

static int start_own(struct own_errand *own, const struct config *config, struct store *store)
{
    int rc = loop_catch_signals(own->loop, &own->err);
    if (rc == 0)
        rc = outward_open(&own->outward, own->loop, config, &own->err);
    if (rc == 0 && loop_on_stop(own->loop, on_stop, own) < 0)
        rc = err_set(&own->err, E_NOMEM, "no memory to start");
    if (rc < 0) {
        store_close(store);
        loop_stop(own->loop);
        return rc;
    }
    own->owner.ready = on_ready;
    own->owner.context = own;
    owner_start(&own->owner, own->loop, &own->outward, store);
    return 0;
}

static int run_as_owner(struct asking *asking, const struct config *config, struct store *store, struct err *err)
{
    struct own_errand own = {.asking = asking, .loop = loop_new(NULL, err)};
    if (!own.loop) {
        store_close(store);
        return err->code;
    }
    own.rc = start_own(&own, config, store);
    if (loop_run(own.loop) < 0)
        _exit(EXIT_FAILURE); /* something hangs that still points into what we would free */
    if (own.started)
        uv_thread_join(&own.thread);
    owner_release(&own.owner);
    outward_release(&own.outward);
    loop_free(own.loop);
    if (own.rc < 0)
        *err = own.err;
    return own.rc;
}

/* --- whoever it is --------------------------------------------------------------------------------------------------- */

static int find_owner(struct asking *asking, const struct invocation *invocation, struct err *err)
{
    struct store_options options = reader_options(invocation);
    options.role = STORE_OWNER;
    int64_t until_ms = clock_monotonic(&clock_system) + LIMIT_OWNER_WAIT_MS;
    for (;;) {
        struct store *store;
        int rc = store_open(&options, &store, err);
        if (rc == 0)
            return run_as_owner(asking, &invocation->config, store, err);
        if (rc != E_BUSY)
            return rc;
        ask(asking);
        if (!not_taken(asking))
            return 0;
        if (clock_monotonic(&clock_system) >= until_ms)
            return rc; /* store_open's sentence says who owns it */
        usleep(RETRY_MS * 1000);
    }
}

int errand_run(const struct invocation *invocation, const struct errand *errand, json_t **ret_answer, struct err *err)
{
    struct asking asking;
    struct store_options options = reader_options(invocation);
    int rc = asking_init(&asking, errand, options.folder, err);
    if (rc == 0)
        rc = find_owner(&asking, invocation, err);
    if (rc == 0)
        rc = read_answer(&asking, ret_answer, err);
    asking_release(&asking);
    return rc;
}

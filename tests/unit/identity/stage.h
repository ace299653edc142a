/* tests/unit/identity/stage.h
 *
 * An identity on a scripted DNS and scripted web servers, under a clock that the test turns.
 */
#ifndef SKEIN_TESTS_UNIT_IDENTITY_STAGE_H
#define SKEIN_TESTS_UNIT_IDENTITY_STAGE_H

#include "identity/identity.h"
#include "unit/fetch/world.h"

#define ALICE   "did:plc:alicealicealicealicealic"
#define BOB     "did:plc:bobbobbobbobbobbobbobbob"
#define PUBLIC  "198.41.0.4"
#define PDS_URL "https://pds.example.com"

struct stage {
    struct world world;
    struct identity *identity;
    int64_t ahead_ms; /* of the real clocks */
    struct clock clock;
};

struct told {
    int times;
    bool done;
    int code;
    char reason[ERR_TEXT_MAX];
    char did[128];
    char handle[300];
    char pds[300];
};

static inline int64_t wall_ahead(void *context)
{
    return clock_wall(&clock_system) + ((struct stage *)context)->ahead_ms;
}

static inline int64_t monotonic_ahead(void *context)
{
    return clock_monotonic(&clock_system) + ((struct stage *)context)->ahead_ms;
}

/* The world's loop with a clock that the test turns, for what is kept and how long. */
static inline void open_stage(struct stage *stage, const char *resolver)
{
    struct err err = {0};
    struct world *world = &stage->world;
    char plc[64];
    *stage = (struct stage){.clock = {wall_ahead, monotonic_ahead, stage}};
    world_open_on(world, &(struct fetch_options){.allow_loopback = true, .detour = TEXT("server")}, &stage->clock);
    snprintf(plc, sizeof plc, "http://127.0.0.1:%u", script_server_port(world->server));
    stage->identity = identity_new(world->loop, world->fetch,
                                   &(struct identity_options){.plc = text_of(plc),
                                                              .handle_resolver = text_of(resolver ? plc : "dns"),
                                                              .allow_loopback = true},
                                   &err);
    assert_non_null(stage->identity);
}

static inline int set_up(void **state)
{
    struct stage *stage = calloc(1, sizeof *stage);
    assert_non_null(stage);
    open_stage(stage, NULL);
    *state = stage;
    return 0;
}

static inline int tear_down(void **state)
{
    struct stage *stage = *state;
    if (stage->identity)
        identity_free(stage->identity);
    world_close(&stage->world);
    free(stage);
    return 0;
}

static inline void keep(void *context, const struct identity_answer *answer)
{
    struct told *told = context;
    told->times++;
    told->done = true;
    told->code = answer->code;
    snprintf(told->reason, sizeof told->reason, "%s", answer->reason ? answer->reason : "");
    snprintf(told->did, sizeof told->did, "%.*s", TEXT_ARG(answer->did));
    snprintf(told->handle, sizeof told->handle, "%.*s", TEXT_ARG(answer->handle));
    snprintf(told->pds, sizeof told->pds, "%.*s", TEXT_ARG(answer->pds));
}

typedef struct identity_call *ask_fn(struct identity *identity, struct text what, identity_done_fn *done,
                                     void *context);

static inline struct told ask(struct stage *stage, ask_fn *fn, const char *what)
{
    struct told told = {0};
    assert_non_null(fn(stage->identity, text_of(what), keep, &told));
    assert_int_equal(told.times, 0); /* never from inside */
    assert_true(world_until(&stage->world, &told.done, PATIENCE_MS));
    world_sleep(&stage->world, 1);
    assert_int_equal(told.times, 1);
    if (told.code < 0)
        assert_true(strlen(told.reason) > 0);
    return told;
}

static inline void add_txt(struct stage *stage, const char *handle, const char *record)
{
    char name[300];
    snprintf(name, sizeof name, "_atproto.%s", handle);
    script_dns_add(stage->world.dns, name, SCRIPT_TXT, record);
}

/* A web server under that name that answers so to /.well-known/atproto-did. */
static inline void add_web(struct stage *stage, const char *handle, struct script_answer answer)
{
    char pattern[400];
    script_dns_add(stage->world.dns, handle, SCRIPT_A, PUBLIC);
    snprintf(pattern, sizeof pattern, "GET %s/.well-known/atproto-did", handle);
    script_server_on(stage->world.server, pattern, answer);
}

static inline void add_document(struct stage *stage, const char *did, const char *handle)
{
    char json[1024];
    char pattern[128];
    snprintf(pattern, sizeof pattern, "GET /%s", did);
    snprintf(json, sizeof json,
             "{\"id\":\"%s\",\"alsoKnownAs\":[\"at://%s\"],\"service\":[{\"id\":\"#atproto_pds\","
             "\"type\":\"AtprotoPersonalDataServer\",\"serviceEndpoint\":\"" PDS_URL "\"}]}",
             did, handle);
    script_server_on(stage->world.server, pattern, (struct script_answer){.body = json});
}

#endif

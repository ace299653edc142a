/* tests/unit/bluesky/account_stage.h
 *
 * Bluesky on a scripted server that is directory, resolver and PDS in one, and an account signed in there.
 */
#ifndef SKEIN_TESTS_UNIT_BLUESKY_ACCOUNT_STAGE_H
#define SKEIN_TESTS_UNIT_BLUESKY_ACCOUNT_STAGE_H

#include "bluesky/bluesky.h"
#include "identity/identity.h"
#include "unit/fetch/world.h"

#define ALICE "did:plc:alicealicealicealicealic"
#define BOB   "did:plc:bobbobbobbobbobbobbobbob"

#define XRPC    "/xrpc/com.atproto."
#define CREATE  "POST " XRPC "server.createSession"
#define REFRESH "POST " XRPC "server.refreshSession"
#define HEAD    "GET " XRPC "sync.getLatestCommit"
#define RECORDS "GET " XRPC "repo.listRecords"
#define WRITE   "POST " XRPC "repo.applyWrites"

#define SESSION(n)                                                                                                     \
    "{\"did\":\"" ALICE "\",\"accessJwt\":\"access-" n "\",\"refreshJwt\":\"refresh-" n "\",\"active\":true}"
#define ERROR(name) "{\"error\":\"" name "\",\"message\":\"words of the server\"}"

struct stage {
    struct world world;
    struct identity *identity;
    struct bluesky *bluesky;
    struct own_account *account; /* NULL: nobody is signed in */
    struct arena arena;
    char pds[64];
};

struct signed_in {
    int times;
    bool done;
    enum account_refusal refusal;
    char why[ERR_TEXT_MAX];
    int64_t until_ms;
    struct own_account *account;
};

struct seen {
    bool done;
    struct account_view view;
    char why[ERR_TEXT_MAX];
};

struct told {
    int times;
    bool done;
    struct account_answer answer;
    char why[ERR_TEXT_MAX];
};

static inline void add_document(struct stage *stage, const char *did, const char *handle, const char *pds)
{
    char json[1024];
    char pattern[128];
    snprintf(pattern, sizeof pattern, "GET /%s", did);
    snprintf(json, sizeof json,
             "{\"id\":\"%s\",\"alsoKnownAs\":[\"at://%s\"],\"service\":[{\"id\":\"#atproto_pds\","
             "\"type\":\"AtprotoPersonalDataServer\",\"serviceEndpoint\":\"%s\"}]}",
             did, handle, pds);
    script_server_on(stage->world.server, pattern, (struct script_answer){.body = json});
}

static inline void keep_signed_in(void *context, const struct account_signed_in *answer)
{
    struct signed_in *told = context;
    told->times++;
    told->done = true;
    told->refusal = answer->refusal;
    told->until_ms = answer->until_ms;
    told->account = answer->account;
    snprintf(told->why, sizeof told->why, "%s", answer->why ? answer->why : "");
}

static inline struct signed_in sign_in(struct stage *stage, const char *who, const char *password, const char *code)
{
    struct signed_in told = {0};
    struct account_credentials credentials = {text_of(who), text_of(password), text_of(code)};
    assert_non_null(account_sign_in(bluesky_network(stage->bluesky), &credentials, keep_signed_in, &told));
    assert_int_equal(told.times, 0); /* never from inside */
    assert_true(world_until(&stage->world, &told.done, PATIENCE_MS));
    assert_int_equal(told.times, 1);
    assert_int_equal(told.account != NULL, told.refusal == SIGN_IN_DONE);
    assert_int_equal(told.why[0] != '\0', told.refusal != SIGN_IN_DONE);
    assert_null(strstr(told.why, password));
    return told;
}

static inline void open_stage(struct stage *stage)
{
    struct err err = {0};
    struct world *world = &stage->world;
    *stage = (struct stage){0};
    world_open(world, NULL);
    arena_init(&stage->arena, 64 * MIB);
    snprintf(stage->pds, sizeof stage->pds, "http://127.0.0.1:%u", script_server_port(world->server));
    stage->identity =
        identity_new(world->loop, world->fetch,
                     &(struct identity_options){
                         .plc = text_of(stage->pds), .handle_resolver = text_of(stage->pds), .allow_loopback = true},
                     &err);
    assert_non_null(stage->identity);
    stage->bluesky =
        bluesky_new(world->fetch, stage->identity, &(struct bluesky_options){.appview = text_of(stage->pds)}, &err);
    assert_non_null(stage->bluesky);
    script_server_on(world->server, "GET /xrpc/com.atproto.identity.resolveHandle?handle=alice.test",
                     (struct script_answer){.body = "{\"did\":\"" ALICE "\"}"});
}

/* Nobody is signed in. */
static inline int set_up_outside(void **state)
{
    struct stage *stage = calloc(1, sizeof *stage);
    assert_non_null(stage);
    open_stage(stage);
    add_document(stage, ALICE, "alice.test", stage->pds);
    *state = stage;
    return 0;
}

/* Alice is. */
static inline int set_up(void **state)
{
    set_up_outside(state);
    struct stage *stage = *state;
    script_server_on(stage->world.server, CREATE, (struct script_answer){.body = SESSION("1")});
    stage->account = sign_in(stage, "alice.test", "pw-alice", NULL).account;
    return 0;
}

static inline int tear_down(void **state)
{
    struct stage *stage = *state;
    if (stage->account)
        account_free(stage->account);
    bluesky_free(stage->bluesky);
    identity_free(stage->identity);
    arena_release(&stage->arena);
    world_close(&stage->world);
    free(stage);
    return 0;
}

static inline void keep_view(void *context, const struct account_view *view)
{
    struct seen *seen = context;
    seen->done = true;
    seen->view = *view;
    snprintf(seen->why, sizeof seen->why, "%s", view->why ? view->why : "");
}

static inline struct seen look(struct stage *stage)
{
    struct seen seen = {0};
    struct own_account *account = stage->account;
    assert_int_equal(account->ops->look(account->self, &stage->arena, keep_view, &seen), 0);
    assert_false(seen.done);
    assert_true(world_until(&stage->world, &seen.done, PATIENCE_MS));
    assert_int_equal(seen.why[0] != '\0', seen.view.trouble != ACCOUNT_FINE);
    return seen;
}

static inline void keep_answer(void *context, const struct account_answer *answer)
{
    struct told *told = context;
    told->times++;
    told->done = true;
    told->answer = *answer;
    snprintf(told->why, sizeof told->why, "%s", answer->why ? answer->why : "");
}

static inline struct told write_follows(struct stage *stage, enum account_doing doing,
                                        const struct account_follow *follows, size_t n)
{
    struct told told = {0};
    struct own_account *account = stage->account;
    assert_int_equal(account->ops->write(account->self, doing, TEXT("head-1"), follows, n, keep_answer, &told), 0);
    assert_int_equal(told.times, 0);
    assert_true(world_until(&stage->world, &told.done, PATIENCE_MS));
    world_sleep(&stage->world, 1);
    assert_int_equal(told.times, 1);
    assert_int_equal(told.why[0] != '\0', told.answer.outcome != FOLLOWS_WRITTEN);
    assert_null(strstr(told.why, "access-"));
    return told;
}

/* The i-th request that fits, from 0. */
static inline const struct script_request *request_of(struct stage *stage, const char *path, size_t which)
{
    const struct script_request *request;
    for (size_t i = 0; (request = script_server_request(stage->world.server, i)); i++)
        if (strstr(request->target, path) && which-- == 0)
            return request;
    fail_msg("%s was not asked so often", path);
    return NULL;
}

#endif

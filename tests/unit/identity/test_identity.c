/* tests/unit/identity/test_identity.c
 *
 * Handles and DIDs, asked of a scripted DNS and scripted web servers: found, not there, could not look, both ways.
 */
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

static int64_t wall_ahead(void *context)
{
    return clock_wall(&clock_system) + ((struct stage *)context)->ahead_ms;
}

static int64_t monotonic_ahead(void *context)
{
    return clock_monotonic(&clock_system) + ((struct stage *)context)->ahead_ms;
}

/* The world's loop with a clock that the test turns, for what is kept and how long. */
static void open_stage(struct stage *stage, const char *resolver)
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

static int set_up(void **state)
{
    struct stage *stage = calloc(1, sizeof *stage);
    assert_non_null(stage);
    open_stage(stage, NULL);
    *state = stage;
    return 0;
}

static int tear_down(void **state)
{
    struct stage *stage = *state;
    if (stage->identity)
        identity_free(stage->identity);
    world_close(&stage->world);
    free(stage);
    return 0;
}

static void keep(void *context, const struct identity_answer *answer)
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

static struct told ask(struct stage *stage, ask_fn *fn, const char *what)
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

static void add_txt(struct stage *stage, const char *handle, const char *record)
{
    char name[300];
    snprintf(name, sizeof name, "_atproto.%s", handle);
    script_dns_add(stage->world.dns, name, SCRIPT_TXT, record);
}

/* A web server under that name that answers so to /.well-known/atproto-did. */
static void add_web(struct stage *stage, const char *handle, struct script_answer answer)
{
    char pattern[400];
    script_dns_add(stage->world.dns, handle, SCRIPT_A, PUBLIC);
    snprintf(pattern, sizeof pattern, "GET %s/.well-known/atproto-did", handle);
    script_server_on(stage->world.server, pattern, answer);
}

static void add_document(struct stage *stage, const char *did, const char *handle)
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

/* --- handles --------------------------------------------------------------------------------------------------------*/

static void test_a_handle_in_the_dns(void **state)
{
    struct stage *stage = *state;
    add_txt(stage, "alice.test", "v=spf1 -all");
    add_txt(stage, "alice.test", "did=" ALICE);
    add_txt(stage, "alice.test", "did=" ALICE); /* twice the same is no conflict */
    struct told told = ask(stage, identity_resolve_handle, "Alice.TEST");
    assert_int_equal(told.code, 0);
    assert_string_equal(told.did, ALICE);
}

static void test_a_handle_on_the_web(void **state)
{
    struct stage *stage = *state;
    add_web(stage, "alice.test",
            (struct script_answer){.headers = "Content-Type: text/plain", .body = "  " ALICE "\r\n"});
    struct told told = ask(stage, identity_resolve_handle, "alice.test");
    assert_int_equal(told.code, 0);
    assert_string_equal(told.did, ALICE);
}

static void test_a_handle_on_the_web_that_moved(void **state)
{
    struct stage *stage = *state;
    add_web(stage, "www.alice.test", (struct script_answer){.body = ALICE});
    add_web(
        stage, "alice.test",
        (struct script_answer){.status = 301, .headers = "Location: https://www.alice.test/.well-known/atproto-did"});
    assert_string_equal(ask(stage, identity_resolve_handle, "alice.test").did, ALICE);
}

static void test_dns_wins(void **state)
{
    struct stage *stage = *state;
    add_web(stage, "alice.test", (struct script_answer){.body = BOB});
    add_txt(stage, "alice.test", "did=" ALICE);
    assert_string_equal(ask(stage, identity_resolve_handle, "alice.test").did, ALICE);
}

static void test_two_accounts_in_the_dns(void **state)
{
    struct stage *stage = *state;
    add_txt(stage, "alice.test", "did=" ALICE);
    add_txt(stage, "alice.test", "did=" BOB);
    add_web(stage, "alice.test", (struct script_answer){.body = ALICE});
    assert_true(ask(stage, identity_resolve_handle, "alice.test").code < 0); /* the web does not decide it */
}

static void test_a_handle_that_is_not_there(void **state)
{
    struct stage *stage = *state;
    assert_int_equal(ask(stage, identity_resolve_handle, "nobody.test").code, E_NOT_FOUND);
    add_web(stage, "shop.test", (struct script_answer){.status = 404, .body = "no such page"});
    assert_int_equal(ask(stage, identity_resolve_handle, "shop.test").code, E_NOT_FOUND);
    add_web(stage, "page.test", (struct script_answer){.body = "<html>welcome</html>"});
    assert_int_equal(ask(stage, identity_resolve_handle, "page.test").code, E_NOT_FOUND);
    add_txt(stage, "other.test", "did=did:key:zQ3sh");
    assert_int_equal(ask(stage, identity_resolve_handle, "other.test").code, E_NOT_FOUND);
}

static void test_what_is_no_handle_is_not_asked_for(void **state)
{
    struct stage *stage = *state;
    static const char *const bad[] = {"alice", "", "a_b.test", "printer.local", "a.b@c.d", "10.0.0.1"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_true(ask(stage, identity_resolve_handle, bad[i]).code < 0);
    assert_true(ask(stage, identity_resolve_did, "did:key:z").code < 0);
    assert_true(ask(stage, identity_resolve_did, "did:plc:../../secret").code < 0);
    assert_int_equal(script_dns_hits(stage->world.dns, NULL, 0), 0);
    assert_int_equal(script_server_hits(stage->world.server, NULL), 0);
}

/* Promise 3: an outage is never shown as "not here". */
static void test_could_not_look_is_not_not_there(void **state)
{
    struct stage *stage = *state;
    static const struct script_answer outages[] = {{.status = 500},
                                                   {.status = 503},
                                                   {.how = SCRIPT_CLOSE},
                                                   {.status = 429, .headers = "Retry-After: 300"},
                                                   {.status = 403, .body = "are you human?"},
                                                   {.status = 401}};
    for (size_t i = 0; i < ARRAY_LEN(outages); i++) {
        char handle[32];
        snprintf(handle, sizeof handle, "web-%zu.test", i);
        add_web(stage, handle, outages[i]);
        struct told told = ask(stage, identity_resolve_handle, handle);
        assert_true(told.code < 0 && told.code != E_NOT_FOUND);
    }
    add_web(stage, "dns.test", (struct script_answer){.status = 404});
    script_dns_fail(stage->world.dns, "_atproto.dns.test", SCRIPT_DNS_SERVFAIL, SCRIPT_DNS_EVER);
    struct told told = ask(stage, identity_resolve_handle, "dns.test");
    assert_true(told.code < 0 && told.code != E_NOT_FOUND);
}

static void test_a_handle_that_leads_inside(void **state)
{
    struct stage *stage = *state;
    script_dns_add(stage->world.dns, "inside.test", SCRIPT_A, "169.254.169.254");
    assert_true(ask(stage, identity_resolve_handle, "inside.test").code < 0);
    assert_int_equal(script_server_hits(stage->world.server, NULL), 0);
}

static void test_a_resolver(void **state)
{
    struct stage *stage = *state;
    identity_free(stage->identity);
    world_close(&stage->world);
    open_stage(stage, "resolver");
    struct script_server *server = stage->world.server;
    script_server_on(server, "GET /xrpc/com.atproto.identity.resolveHandle?handle=alice.test",
                     (struct script_answer){.body = "{\"did\":\"" ALICE "\"}"});
    script_server_on(server, "GET /xrpc/com.atproto.identity.resolveHandle?handle=nobody.test",
                     (struct script_answer){.status = 400, .body = "{\"error\":\"HandleNotFound\"}"});
    script_server_on(server, "GET /xrpc/com.atproto.identity.resolveHandle?handle=foreign.org",
                     (struct script_answer){.status = 400, .body = "{\"error\":\"InvalidRequest\"}"});
    script_server_on(server, "GET /xrpc/com.atproto.identity.resolveHandle?handle=down.test",
                     (struct script_answer){.status = 502, .body = "{\"error\":\"UpstreamFailure\"}"});
    assert_string_equal(ask(stage, identity_resolve_handle, "alice.test").did, ALICE);
    assert_int_equal(ask(stage, identity_resolve_handle, "nobody.test").code, E_NOT_FOUND);
    assert_int_equal(ask(stage, identity_resolve_handle, "foreign.org").code, E_NOT_FOUND);
    assert_int_equal(ask(stage, identity_resolve_handle, "down.test").code, E_UNAVAILABLE);
    assert_int_equal(script_dns_hits(stage->world.dns, NULL, 0), 0);
}

/* --- DIDs -----------------------------------------------------------------------------------------------------------*/

static void test_a_did_in_the_directory(void **state)
{
    struct stage *stage = *state;
    add_document(stage, ALICE, "alice.test");
    struct told told = ask(stage, identity_resolve_did, ALICE);
    assert_int_equal(told.code, 0);
    assert_string_equal(told.did, ALICE);
    assert_string_equal(told.handle, "alice.test");
    assert_string_equal(told.pds, PDS_URL);
}

static void test_a_did_that_is_gone(void **state)
{
    struct stage *stage = *state;
    script_server_on(stage->world.server, "GET /" ALICE, (struct script_answer){.status = 404, .body = "{}"});
    script_server_on(stage->world.server, "GET /" BOB, (struct script_answer){.status = 410});
    assert_int_equal(ask(stage, identity_resolve_did, ALICE).code, E_NOT_FOUND);
    assert_int_equal(ask(stage, identity_resolve_did, BOB).code, E_NOT_FOUND);
}

static void test_a_directory_that_is_down_or_lies(void **state)
{
    struct stage *stage = *state;
    static const struct {
        const char *did;
        struct script_answer answer;
        int code;
    } cases[] = {
        {"did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", {.status = 500}, E_UNAVAILABLE},
        {"did:plc:bbbbbbbbbbbbbbbbbbbbbbbb", {.body = "{\"id\":\"" ALICE "\"}"}, E_PROTOCOL},
        {"did:plc:cccccccccccccccccccccccc", {.body = "<html>"}, E_PROTOCOL},
        {"did:plc:dddddddddddddddddddddddd", {.status = 302, .headers = "Location: /" ALICE}, E_PROTOCOL},
        {"did:plc:eeeeeeeeeeeeeeeeeeeeeeee", {.body = "x", .body_repeat = 10 * MIB}, E_TOO_LARGE},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char pattern[64];
        snprintf(pattern, sizeof pattern, "GET /%s", cases[i].did);
        script_server_on(stage->world.server, pattern, cases[i].answer);
        assert_int_equal(ask(stage, identity_resolve_did, cases[i].did).code, cases[i].code);
    }
}

static void test_a_did_of_a_web_site(void **state)
{
    struct stage *stage = *state;
    char local[64];
    char json[128];
    script_dns_add(stage->world.dns, "site.test", SCRIPT_A, PUBLIC);
    script_server_on(
        stage->world.server, "GET site.test/.well-known/did.json",
        (struct script_answer){.body = "{\"id\":\"did:web:site.test\",\"alsoKnownAs\":[\"at://site.test\"]}"});
    struct told told = ask(stage, identity_resolve_did, "did:web:site.test");
    assert_int_equal(told.code, 0);
    assert_string_equal(told.handle, "site.test");
    assert_string_equal(told.pds, "");
    snprintf(local, sizeof local, "did:web:localhost%%3a%u", script_server_port(stage->world.server));
    snprintf(json, sizeof json, "{\"id\":\"%s\"}", local);
    script_server_on(stage->world.server, "GET localhost/.well-known/did.json", (struct script_answer){.body = json});
    assert_int_equal(ask(stage, identity_resolve_did, local).code, 0);
}

/* --- both ways ------------------------------------------------------------------------------------------------------*/

static void test_verified(void **state)
{
    struct stage *stage = *state;
    add_txt(stage, "alice.test", "did=" ALICE);
    add_document(stage, ALICE, "ALICE.test");
    struct told told = ask(stage, identity_verify, "Alice.Test");
    assert_int_equal(told.code, 0);
    assert_string_equal(told.did, ALICE);
    assert_string_equal(told.handle, "alice.test");
    assert_string_equal(told.pds, PDS_URL);
}

/* Anybody can point their domain at Alice's account; her document does not name it. */
static void test_one_way_is_not_verified(void **state)
{
    struct stage *stage = *state;
    add_txt(stage, "mallory.test", "did=" ALICE);
    add_document(stage, ALICE, "alice.test");
    struct told told = ask(stage, identity_verify, "mallory.test");
    assert_int_equal(told.code, E_NOT_FOUND);
}

static void test_verifying_when_one_side_cannot_be_asked(void **state)
{
    struct stage *stage = *state;
    add_txt(stage, "alice.test", "did=" ALICE);
    script_server_on(stage->world.server, "GET /" ALICE, (struct script_answer){.status = 500});
    assert_int_equal(ask(stage, identity_verify, "alice.test").code, E_UNAVAILABLE);
    assert_int_equal(ask(stage, identity_verify, "nobody.test").code, E_NOT_FOUND);
}

/* --- what is kept ---------------------------------------------------------------------------------------------------*/

static size_t questions(const struct stage *stage)
{
    return script_dns_hits(stage->world.dns, "_atproto.alice.test", 0);
}

static void test_a_good_answer_is_kept_for_a_day(void **state)
{
    struct stage *stage = *state;
    add_txt(stage, "alice.test", "did=" ALICE);
    for (int i = 0; i < 3; i++)
        assert_string_equal(ask(stage, identity_resolve_handle, i == 1 ? "ALICE.test" : "alice.test").did, ALICE);
    assert_int_equal(questions(stage), 1);
    stage->ahead_ms += IDENTITY_KEEP_MS - MINUTE_MS;
    assert_int_equal(ask(stage, identity_resolve_handle, "alice.test").code, 0);
    assert_int_equal(questions(stage), 1);
    stage->ahead_ms += MINUTE_MS;
    assert_int_equal(ask(stage, identity_resolve_handle, "alice.test").code, 0);
    assert_int_equal(questions(stage), 2);
}

static void test_not_there_is_kept_for_five_minutes(void **state)
{
    struct stage *stage = *state;
    assert_int_equal(ask(stage, identity_resolve_handle, "alice.test").code, E_NOT_FOUND);
    add_txt(stage, "alice.test", "did=" ALICE);
    stage->ahead_ms += IDENTITY_KEEP_NONE_MS - MINUTE_MS;
    assert_int_equal(ask(stage, identity_resolve_handle, "alice.test").code, E_NOT_FOUND);
    assert_int_equal(questions(stage), 1);
    stage->ahead_ms += MINUTE_MS;
    assert_int_equal(ask(stage, identity_resolve_handle, "alice.test").code, 0);
}

/* DNS, which could not be asked, might have said otherwise. */
static void test_half_an_answer_is_not_kept_for_a_day(void **state)
{
    struct stage *stage = *state;
    add_web(stage, "alice.test", (struct script_answer){.body = ALICE});
    script_dns_fail(stage->world.dns, "_atproto.alice.test", SCRIPT_DNS_SERVFAIL, 2); /* c-ares asks twice */
    assert_string_equal(ask(stage, identity_resolve_handle, "alice.test").did, ALICE);
    add_txt(stage, "alice.test", "did=" BOB);
    stage->ahead_ms += 6 * MINUTE_MS;
    assert_string_equal(ask(stage, identity_resolve_handle, "alice.test").did, BOB);
}

static void test_could_not_look_is_forgotten_within_a_minute(void **state)
{
    struct stage *stage = *state;
    add_web(stage, "alice.test", (struct script_answer){.status = 404});
    script_dns_fail(stage->world.dns, "_atproto.alice.test", SCRIPT_DNS_SERVFAIL, 2); /* c-ares asks twice */
    struct told told = ask(stage, identity_resolve_handle, "alice.test");
    assert_true(told.code < 0 && told.code != E_NOT_FOUND);
    add_txt(stage, "alice.test", "did=" ALICE);
    stage->ahead_ms += MINUTE_MS;
    assert_int_equal(ask(stage, identity_resolve_handle, "alice.test").code, 0);
}

static void test_the_same_question_is_asked_once(void **state)
{
    struct stage *stage = *state;
    struct told told[20] = {0};
    add_txt(stage, "alice.test", "did=" ALICE);
    add_document(stage, ALICE, "alice.test");
    for (size_t i = 0; i < ARRAY_LEN(told); i++)
        assert_non_null(identity_verify(stage->identity, TEXT("alice.test"), keep, &told[i]));
    for (size_t i = 0; i < ARRAY_LEN(told); i++) {
        assert_true(world_until(&stage->world, &told[i].done, PATIENCE_MS));
        assert_int_equal(told[i].code, 0);
    }
    assert_int_equal(questions(stage), 1);
    assert_int_equal(script_server_hits(stage->world.server, "GET /" ALICE), 1);
}

/* --- cancelling -----------------------------------------------------------------------------------------------------*/

static void test_cancel_at_every_moment(void **state)
{
    struct stage *stage = *state;
    for (int turns = 0; turns < 30; turns++) {
        char handle[32];
        struct told told = {0};
        struct told other = {0};
        snprintf(handle, sizeof handle, "cancel-%d.test", turns); /* known to nobody yet */
        add_web(stage, handle, (struct script_answer){.body = ALICE});
        struct identity_call *call = identity_verify(stage->identity, text_of(handle), keep, &told);
        struct identity_call *second = identity_resolve_handle(stage->identity, text_of(handle), keep, &other);
        for (int i = 0; i < turns && !told.done; i++)
            uv_run(stage->world.uv, UV_RUN_ONCE);
        int times = told.times;
        if (!told.done)
            identity_cancel(call);
        if (turns % 2 == 0 && !other.done)
            identity_cancel(second);
        else
            assert_true(world_until(&stage->world, &other.done, PATIENCE_MS)); /* is not cancelled with it */
        world_sleep(&stage->world, 1);
        assert_int_equal(told.times, times);
    }
}

static void ask_again(void *context, const struct identity_answer *answer)
{
    struct stage **at = context;
    struct stage *stage = *at;
    static struct told second;
    (void)answer;
    assert_non_null(identity_resolve_handle(stage->identity, TEXT("alice.test"), keep, &second));
    assert_true(second.times == 0);
    *at = NULL;
}

static void test_a_callback_may_ask_again(void **state)
{
    struct stage *stage = *state;
    struct stage *at = stage;
    struct told told = {0};
    add_txt(stage, "alice.test", "did=" ALICE);
    assert_non_null(identity_resolve_handle(stage->identity, TEXT("alice.test"), ask_again, &at));
    assert_non_null(identity_resolve_handle(stage->identity, TEXT("alice.test"), keep, &told));
    assert_true(world_until(&stage->world, &told.done, PATIENCE_MS));
    world_sleep(&stage->world, 5);
    assert_null(at);
    assert_int_equal(questions(stage), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(test_a_handle_in_the_dns),
        TEST(test_a_handle_on_the_web),
        TEST(test_a_handle_on_the_web_that_moved),
        TEST(test_dns_wins),
        TEST(test_two_accounts_in_the_dns),
        TEST(test_a_handle_that_is_not_there),
        TEST(test_what_is_no_handle_is_not_asked_for),
        TEST(test_could_not_look_is_not_not_there),
        TEST(test_a_handle_that_leads_inside),
        TEST(test_a_resolver),
        TEST(test_a_did_in_the_directory),
        TEST(test_a_did_that_is_gone),
        TEST(test_a_directory_that_is_down_or_lies),
        TEST(test_a_did_of_a_web_site),
        TEST(test_verified),
        TEST(test_one_way_is_not_verified),
        TEST(test_verifying_when_one_side_cannot_be_asked),
        TEST(test_a_good_answer_is_kept_for_a_day),
        TEST(test_not_there_is_kept_for_five_minutes),
        TEST(test_half_an_answer_is_not_kept_for_a_day),
        TEST(test_could_not_look_is_forgotten_within_a_minute),
        TEST(test_the_same_question_is_asked_once),
        TEST(test_cancel_at_every_moment),
        TEST(test_a_callback_may_ask_again),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tests/unit/identity/test_identity.c
 *
 * Handles and DIDs, asked of a scripted DNS and scripted web servers: found, not there, could not look, both ways.
 */
#include "unit/identity/stage.h"

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
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
